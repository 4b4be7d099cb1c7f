"""gy * y * (1 - y)"""

import numpy as np

from . import _common as c
from . import sigmoid

DEFAULTS = {}


def run(params, y, gy):
    y = c.wide(y)
    return c.wide(gy) * y * (1 - y)


def draw(rng, dtype, kind="normal", layout=None, span=9):
    _, (x,) = sigmoid.draw(rng, dtype, kind, layout, span)
    return {}, [np.asarray(sigmoid.run({}, x), dtype), c.data(rng, x.shape, dtype, kind)]


REJECTS = [({}, [(3,), (4,)], "ShapeError", ["sigmoid_grad", "3", "4"])]
