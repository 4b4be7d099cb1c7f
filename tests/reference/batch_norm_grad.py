"""gx of batch_norm with batch statistics."""

from . import _common as c
from . import _norm

DEFAULTS = dict(eps=1e-5, layout="NCX")
EXACT = False


def operands(params, x, weight, gy):
    x, gy = (c.to_ncx(c.wide(v), params["layout"]) for v in (x, gy))
    return x, gy, 1.0 if weight is None else _norm.channel(weight, x), params["eps"]


def run(params, x, weight, gy):
    return c.from_ncx(_norm.gradient(*operands(params, x, weight, gy), per_image=False), params["layout"])


def bound(params, x, weight, gy):
    total, count = _norm.gradient_bound(*operands(params, x, weight, gy), per_image=False)
    return c.from_ncx(total, params["layout"]), count


def draw(rng, dtype, kind="normal", layout=None, span=9):
    layout_, n, channels, sizes = c.draw_image(rng, span, layout, c.WITH_CHANNELS)
    shape = c.shape_of(layout_, n, channels, sizes)
    weight = c.weights(rng, [channels], dtype) if c.flip_coin(rng, 0.7) else None
    return c.only_set(dict(eps=c.choose(rng, (1e-5, 1e-3, 0.1)), layout=layout_), DEFAULTS), [
        c.data(rng, shape, dtype, kind),
        weight,
        c.data(rng, shape, dtype, "normal"),
    ]


REJECTS = []
