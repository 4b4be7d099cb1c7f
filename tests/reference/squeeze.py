"""Axes of length 1 are left out."""

import numpy as np

from . import _common as c
from ._shapes import draw_shape

DEFAULTS = dict(axis=None)
ULPS = 0


def run(params, x):
    axis = params["axis"]
    return np.squeeze(c.wide(x), tuple(axis) if isinstance(axis, list) else axis)


def draw(rng, dtype, kind="normal", layout=None, span=9):
    shape = draw_shape(rng, span)
    ones = [int(i) for i in range(len(shape)) if c.flip_coin(rng, 0.4)]
    for i in ones:
        shape[i] = 1
    if not ones or c.flip_coin(rng, 0.3):
        return {}, [c.data(rng, shape, dtype, kind)]
    axis = [i - len(shape) * c.flip_coin(rng, 0.3) for i in ones]
    return dict(axis=axis[0] if len(axis) == 1 else axis), [c.data(rng, shape, dtype, kind)]


REJECTS = [
    ({"axis": 1}, [(1, 2)], "ShapeError", ["squeeze", "1", "2"]),
    ({"axis": 2}, [(1, 2)], "ParameterError", ["squeeze", "axis", "2"]),
]
