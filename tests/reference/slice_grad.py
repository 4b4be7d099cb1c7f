"""gy put back at start, start + step, ... of axes of `length`, zeros elsewhere."""

import numpy as np

from . import _common as c
from .slice import each

DEFAULTS = dict(axis=0, start=0, step=1, length=c.REQUIRED)
ULPS = 0


def run(params, gy):
    axes = each(params["axis"], 1)
    shape, index = list(gy.shape), [np.arange(n) for n in gy.shape]
    for axis, start, step, length in zip(axes, *(each(params[key], len(axes)) for key in ("start", "step", "length"))):
        index[axis] = start + step * np.arange(gy.shape[axis])
        shape[axis] = length
    gx = np.zeros(shape, c.wide(gy).dtype)
    gx[np.ix_(*index)] = gy
    return gx


def draw(rng, dtype, kind="normal", layout=None, span=9):
    shape = [int(n) for n in rng.integers(1, (8 if span <= 9 else span) + 1, rng.integers(1, 4))]
    axes = [int(a) for a in rng.permutation(len(shape))[: int(rng.integers(1, len(shape) + 1))]]
    start, step, length = [], [], []
    for axis in axes:
        by, before, after = int(c.choose(rng, (1, 1, 2, 3, -1, -2))), int(rng.integers(0, 4)), int(rng.integers(0, 3))
        span_ = abs(by) * (shape[axis] - 1)
        start.append(before if by > 0 else before + span_)
        step.append(by)
        length.append(before + span_ + 1 + after)
    params = dict(axis=axes, start=start, step=step, length=length)
    if len(axes) == 1:
        params = {key: value[0] for key, value in params.items()}
    return c.only_set(params, DEFAULTS), [c.data(rng, shape, dtype, kind)]


REJECTS = [
    ({"axis": 0, "start": 2, "length": 4}, [(3, 2)], "UpregError", ["slice_grad", "3", "4"]),
    ({"axis": 0, "step": 0, "length": 4}, [(3, 2)], "ParameterError", ["slice_grad", "step", "0"]),
]
