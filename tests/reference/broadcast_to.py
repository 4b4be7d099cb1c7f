"""x repeated along every axis along which it is 1 or has none."""

import numpy as np

from . import _common as c
from . import sum_to

DEFAULTS = dict(shape=c.REQUIRED)
ULPS = 0


def run(params, x):
    return np.broadcast_to(c.wide(x), params["shape"])


def draw(rng, dtype, kind="normal", layout=None, span=9):
    small, full = sum_to.draw_pair(rng, span)
    return dict(shape=full), [c.data(rng, small, dtype, kind)]


REJECTS = [
    ({"shape": [4, 3]}, [(2,)], "ShapeError", ["broadcast_to", "length 2 along axis 0", "asks for 3"]),
    ({"shape": [4, 3]}, [(2, 3)], "ShapeError", ["broadcast_to", "length 2 along axis 0", "asks for 4"]),
    ({"shape": [3]}, [(2, 3)], "ShapeError", ["broadcast_to", "does not broadcast", "(2, 3)", "(3,)"]),
]
