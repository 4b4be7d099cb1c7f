"""y[i] = x[i // repeats] along every axis named: each element a number of times."""

import numpy as np

from . import _common as c
from ._shapes import draw_shape

DEFAULTS = dict(repeats=c.REQUIRED, axis=None)
ULPS = 0


def run(params, x):
    y = c.wide(x)
    axes = range(y.ndim) if params["axis"] is None else c.per_axis(params["axis"], 1)
    for axis, times in zip(axes, c.per_axis(params["repeats"], len(axes))):
        y = np.repeat(y, times, axis)
    return y


def draw(rng, dtype, kind="normal", layout=None, span=9):
    shape = draw_shape(rng, span, 1, 4)
    axes = [int(a) for a in rng.permutation(len(shape))[: rng.integers(1, len(shape) + 1)]]
    axes = [a - len(shape) if c.flip_coin(rng) else a for a in axes]
    params = dict(repeats=int(rng.integers(1, 4)), axis=None if c.flip_coin(rng, 0.3) else axes[0] if len(axes) == 1 else axes)
    if isinstance(params["axis"], list) and c.flip_coin(rng):
        params["repeats"] = [int(n) for n in rng.integers(1, 4, len(axes))]
    return c.only_set(params, DEFAULTS), [c.data(rng, shape, dtype, kind)]


LARGE = [({"repeats": [2, 3], "axis": [2, 3]}, [(1, 2, 40, 75)]), ({"repeats": 4, "axis": -1}, [(3, 2000)])]
REJECTS = [
    ({}, [(3, 2)], "ParameterError", ["repeat", "repeats"]),
    ({"repeats": [2, 2, 2]}, [(3, 2)], "ParameterError", ["repeat", "repeats", "3", "2"]),
    ({"repeats": -1}, [(3, 2)], "ParameterError", ["repeat", "repeats", "-1"]),
    ({"repeats": 2, "axis": 2}, [(3, 2)], "ParameterError", ["repeat", "axis", "2"]),
    ({"repeats": 2, "axis": [0, -2]}, [(3, 2)], "ParameterError", ["repeat", "axis", "twice"]),
]
