"""The whole of x, a number of times along each axis."""

import numpy as np

from . import _common as c
from ._shapes import draw_shape

DEFAULTS = dict(repeats=c.REQUIRED)
ULPS = 0


def run(params, x):
    return np.tile(c.wide(x), params["repeats"])


def draw(rng, dtype, kind="normal", layout=None, span=9):
    shape = draw_shape(rng, span, 1, 4)
    repeats = [int(n) for n in rng.integers(1, 4, len(shape))]
    return dict(repeats=repeats[0] if len(shape) == 1 else repeats), [c.data(rng, shape, dtype, kind)]


REJECTS = [
    ({"repeats": [2, 2, 2]}, [(3, 2)], "ParameterError", ["tile", "repeats", "3", "2"]),
    ({"repeats": -1}, [(3, 2)], "ParameterError", ["tile", "repeats", "-1"]),
]
