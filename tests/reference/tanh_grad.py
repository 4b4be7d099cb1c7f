"""gy * (1 - y^2)"""

import numpy as np

from . import _common as c
from . import tanh

DEFAULTS = {}


def run(params, y, gy):
    y = c.wide(y)
    return c.wide(gy) * (1 - y * y)


def bound(params, y, gy):
    """1 - y^2 loses what y^2 was rounded by."""
    return abs(c.wide(gy)) * (1 + c.wide(y) ** 2), 2


def draw(rng, dtype, kind="normal", layout=None, span=9):
    _, (x,) = tanh.draw(rng, dtype, kind, layout, span)
    return {}, [np.asarray(tanh.run({}, x), dtype), c.data(rng, x.shape, dtype, kind)]


REJECTS = [({}, [(3,), (4,)], "ShapeError", ["tanh_grad", "3", "4"])]
