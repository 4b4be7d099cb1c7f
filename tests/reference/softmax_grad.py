"""y * (gy - sum of y*gy along the axis)"""

from . import _common as c
from . import softmax

DEFAULTS = dict(axis=-1)


def run(params, y, gy):
    y, gy = c.wide(y), c.wide(gy)
    return y * (gy - (y * gy).sum(params["axis"], keepdims=True))


def bound(params, y, gy):
    y, gy = abs(c.wide(y)), abs(c.wide(gy))
    return y * (gy + (y * gy).sum(params["axis"], keepdims=True)), y.shape[params["axis"]]


def draw(rng, dtype, kind="normal", layout=None, span=9):
    params, (x,) = softmax.draw(rng, dtype, kind, layout, span)
    y = softmax.run({**DEFAULTS, **params}, x).astype(dtype)
    return params, [y, c.data(rng, x.shape, dtype, kind)]


REJECTS = [({}, [(3,), (4,)], "ShapeError", ["softmax_grad", "3", "4"])]
