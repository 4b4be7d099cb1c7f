"""Matrices times vectors."""

import numpy as np

from . import _common as c
from . import _matrix as m

DEFAULTS = dict(transpose=False)


def run(params, a, x):
    a = np.swapaxes(c.wide(a), -1, -2) if params["transpose"] else c.wide(a)
    with np.errstate(invalid="ignore"):
        return (a @ c.wide(x)[..., None])[..., 0]


def bound(params, a, x):
    return run(params, abs(c.wide(a)), abs(c.wide(x))), max(x.shape[-1], 1)


def draw(rng, dtype, kind="normal", layout=None, span=9):
    params = dict(transpose=c.flip_coin(rng))
    rows, terms = m.draw_sizes(rng, span, 2)
    stacks = m.draw_stacks(rng, span)
    a = stacks[0] + ([terms, rows] if params["transpose"] else [rows, terms])
    return c.only_set(params, DEFAULTS), [c.data(rng, a, dtype, kind), c.weights(rng, stacks[1] + [terms], dtype, kind)]


LONG = [({}, [(3, 3000), (3000,)])]
LARGE = [({"transpose": True}, [(300, 500), (300,)]), ({}, [(4, 300, 500), (4, 500)])]
REJECTS = [({}, [(2, 3), (4,)], "ShapeError", ["matvec", "(2, 3)", "(4,)"]), ({}, [(3,), (3,)], "ShapeError", ["matvec", "(3,)"])]
