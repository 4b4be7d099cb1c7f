"""gy - exp(y) * sum of gy along the axis"""

import numpy as np

from . import _common as c
from . import log_softmax

DEFAULTS = dict(axis=-1)


def run(params, y, gy):
    y, gy = c.wide(y), c.wide(gy)
    return gy - np.exp(y) * gy.sum(params["axis"], keepdims=True)


def bound(params, y, gy):
    y, gy = c.wide(y), abs(c.wide(gy))
    return gy + np.exp(y) * gy.sum(params["axis"], keepdims=True), y.shape[params["axis"]]


def draw(rng, dtype, kind="normal", layout=None, span=9):
    params, (x,) = log_softmax.draw(rng, dtype, kind, layout, span)
    y = log_softmax.run({**DEFAULTS, **params}, x).astype(dtype)
    return params, [y, c.data(rng, x.shape, dtype, kind)]


REJECTS = [({}, [(3,), (4,)], "ShapeError", ["log_softmax_grad", "3", "4"])]
