"""x where the condition is not 0, else the other."""

import numpy as np

from . import _common as c
from ._shapes import draw_shape

DEFAULTS = {}
ULPS = 0
DIFFERENTIABLE = False


def run(params, condition, x, otherwise):
    return c.wide(x if np.any(condition) else otherwise)


def draw(rng, dtype, kind="normal", layout=None, span=9):
    shape = draw_shape(rng, span)
    condition = np.full(c.choose(rng, ((), (1,))), int(c.flip_coin(rng)), dtype)
    return {}, [condition, c.data(rng, shape, dtype, kind), c.data(rng, shape, dtype, kind)]


REJECTS = [
    ({}, [(2,), (3,), (3,)], "ShapeError", ["if_else", "condition", "2"]),
    ({}, [(), (3,), (4,)], "ShapeError", ["if_else", "3", "4"]),
]
