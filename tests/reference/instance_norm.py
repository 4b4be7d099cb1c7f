"""Every channel of every image brought to mean 0 and variance 1, then weight and bias per channel."""

from . import _common as c
from . import _norm

DEFAULTS = dict(eps=1e-5, layout="NCX")
EXACT = False


def run(params, x, weight=None, bias=None):
    x = c.to_ncx(c.wide(x), params["layout"])
    mean, var = _norm.statistics(x, per_image=True)
    y = (x - mean) / (var + params["eps"]) ** 0.5
    y = y if weight is None else y * _norm.channel(weight, x)
    return c.from_ncx(y if bias is None else y + _norm.channel(bias, x), params["layout"])


def bound(params, x, weight=None, bias=None):
    x = c.to_ncx(c.wide(x), params["layout"])
    mean, var = _norm.statistics(x, per_image=True)
    total = (abs(x) + abs(mean)) / (var + params["eps"]) ** 0.5
    total = total if weight is None else total * abs(_norm.channel(weight, x))
    return c.from_ncx(total if bias is None else total + abs(_norm.channel(bias, x)), params["layout"]), _norm.count(x, True)


def draw(rng, dtype, kind="normal", layout=None, span=9):
    layout_, n, channels, sizes = c.draw_image(rng, span, layout, c.WITH_CHANNELS)
    x = c.data(rng, c.shape_of(layout_, n, channels, sizes), dtype, kind)
    weight, bias = (c.weights(rng, [channels], dtype) if c.flip_coin(rng, 0.7) else None for _ in range(2))
    return c.only_set(dict(eps=c.choose(rng, (1e-5, 1e-3, 0.1)), layout=layout_), DEFAULTS), [x, weight, bias]


LONG = [({}, [(2, 2, 40, 50)])]
REJECTS = [
    ({"eps": -1}, [(2, 3, 4)], "ParameterError", ["instance_norm", "eps", "-1"]),
    ({}, [(2, 3, 4), (4,)], "ShapeError", ["instance_norm", "weight", "4", "3"]),
    ({}, [(2, 3, 4), (3,), (1,)], "ShapeError", ["instance_norm", "bias", "1", "3"]),
]
