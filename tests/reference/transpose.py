"""The axes in another order."""

import numpy as np

from . import _common as c
from ._shapes import draw_shape

DEFAULTS = dict(axis=None)
ULPS = 0


def run(params, x):
    axis = params["axis"]
    return np.transpose(c.wide(x), [axis] if isinstance(axis, int) else axis)


def draw(rng, dtype, kind="normal", layout=None, span=9):
    shape = draw_shape(rng, span)
    axis = [int(a) - len(shape) * c.flip_coin(rng, 0.3) for a in rng.permutation(len(shape))]
    params = dict(axis=None if c.flip_coin(rng, 0.2) or not axis else axis[0] if len(axis) == 1 else axis)
    return c.only_set(params, DEFAULTS), [c.data(rng, shape, dtype, kind)]


LARGE = [({"axis": [0, 2, 3, 1]}, [(2, 7, 33, 40)]), ({"axis": [1, 0]}, [(130, 300)]), ({"axis": [2, 0, 1]}, [(3, 5, 4100)])]
REJECTS = [
    ({"axis": [0, 0]}, [(3, 4)], "ParameterError", ["transpose", "axis", "0", "twice"]),
    ({"axis": [0]}, [(3, 4)], "ParameterError", ["transpose", "axis", "1", "2"]),
    ({"axis": [0, 2]}, [(3, 4)], "ParameterError", ["transpose", "axis", "2"]),
]
