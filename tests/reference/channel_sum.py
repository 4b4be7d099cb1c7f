"""The sum of every channel over the batch and the image: the gradient of a bias."""

from . import _common as c

DEFAULTS = dict(layout="NCX")


def run(params, x):
    x = c.to_ncx(c.wide(x), params["layout"])
    return x.sum(tuple(axis for axis in range(x.ndim) if axis != 1))


def bound(params, x):
    total = run(params, abs(c.wide(x)))
    return total, x.size // total.size


def draw(rng, dtype, kind="normal", layout=None, span=9):
    layout_, n, channels, sizes = c.draw_image(rng, span, layout, c.WITH_CHANNELS)
    return c.only_set(dict(layout=layout_), DEFAULTS), [c.data(rng, c.shape_of(layout_, n, channels, sizes), dtype, kind)]


LONG = [({}, [(3, 2, 40, 50)]), ({"layout": "NXC"}, [(3, 1000, 2)])]
REJECTS = [({}, [(2,)], "ShapeError", ["channel_sum", "x"])]
