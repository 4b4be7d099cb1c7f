"""Two axes: those before `axis` as one, the others as one."""

import math

import numpy as np

from . import _common as c
from ._shapes import draw_shape

DEFAULTS = dict(axis=1)
ULPS = 0


def run(params, x):
    axis = params["axis"] + x.ndim if params["axis"] < 0 else params["axis"]
    return np.reshape(c.wide(x), (math.prod(x.shape[:axis]), math.prod(x.shape[axis:])))


def draw(rng, dtype, kind="normal", layout=None, span=9):
    shape = draw_shape(rng, span, 1)
    return c.only_set(dict(axis=int(rng.integers(-len(shape), len(shape) + 1))), DEFAULTS), [c.data(rng, shape, dtype, kind)]


REJECTS = [({"axis": 3}, [(3, 2)], "ParameterError", ["flatten", "axis", "3"])]
