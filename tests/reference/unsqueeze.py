"""Axes of length 1 are put in."""

import numpy as np

from . import _common as c
from ._shapes import draw_shape

DEFAULTS = dict(axis=c.REQUIRED)
ULPS = 0


def run(params, x):
    axis = params["axis"]
    return np.expand_dims(c.wide(x), tuple(axis) if isinstance(axis, list) else axis)


def draw(rng, dtype, kind="normal", layout=None, span=9):
    shape = draw_shape(rng, span)
    new = int(rng.integers(1, 4))
    axis = [int(a) - (len(shape) + new) * c.flip_coin(rng, 0.3) for a in rng.permutation(len(shape) + new)[:new]]
    return dict(axis=axis[0] if new == 1 else axis), [c.data(rng, shape, dtype, kind)]


REJECTS = [
    ({"axis": 3}, [(1, 2)], "ParameterError", ["unsqueeze", "axis", "3"]),
    ({"axis": [0, 0]}, [(1, 2)], "ParameterError", ["unsqueeze", "axis", "twice"]),
    ({"axis": [0, 1]}, [(1,) * 7], "ShapeError", ["unsqueeze", "7", "8"]),
]
