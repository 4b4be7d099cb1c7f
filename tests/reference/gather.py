"""Rows of x looked up by index along one axis."""

import numpy as np

from . import _common as c
from ._shapes import draw_shape

DEFAULTS = dict(axis=0)
ULPS = 0


def run(params, x, indices):
    return np.take(c.wide(x), indices, params["axis"])


def draw(rng, dtype, kind="normal", layout=None, span=9):
    shape = draw_shape(rng, span, 1, 4)
    axis = int(rng.integers(-len(shape), len(shape)))
    indices = rng.integers(-shape[axis], shape[axis], draw_shape(rng, min(span, 9), 0, 2))
    return c.only_set(dict(axis=axis), DEFAULTS), [c.data(rng, shape, dtype, kind), np.asarray(indices, np.int64)]


REJECTS = [
    ({"axis": 2}, [(3, 2), (1,)], "ParameterError", ["gather", "axis", "2"]),
    ({}, [(1,) * 6, (1,) * 4], "ShapeError", ["gather", "9"]),
]
