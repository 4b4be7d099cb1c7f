"""The inputs one after the other along an axis."""

import numpy as np

from . import _common as c

DEFAULTS = dict(axis=1)
ULPS = 0


def run(params, *xs):
    return np.concatenate([c.wide(x) for x in xs], params["axis"])


def draw(rng, dtype, kind="normal", layout=None, span=9):
    ndim = int(rng.integers(1, 5))
    axis = int(rng.integers(-ndim, ndim))
    shape = [int(n) for n in rng.integers(1, (6 if span > 1 else 1) + 1, ndim)]
    xs = []
    for _ in range(int(rng.integers(1, 5))):
        shape[axis] = int(rng.integers(1, 6))
        xs.append(c.data(rng, shape, dtype, kind))
    return c.only_set(dict(axis=axis), DEFAULTS), xs


REJECTS = [
    ({}, [(1, 2, 3), (1, 2, 4)], "ShapeError", ["concat", "4", "3"]),
    ({}, [(1, 2, 3), (1, 2)], "ShapeError", ["concat"]),
    ({"axis": 3}, [(1, 2, 3), (1, 2, 3)], "UpregError", ["concat", "axis", "3"]),
    ({"axis": -4}, [(1, 2, 3), (1, 2, 3)], "UpregError", ["concat", "axis", "-4"]),
]
