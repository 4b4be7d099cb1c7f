"""gy put back at `start` of an axis of `length`, zeros elsewhere."""
import numpy as np

from . import _common as c

DEFAULTS = dict(axis=0, start=0, length=c.REQUIRED)
ULPS = 0


def run(params, gy):
    shape = list(gy.shape)
    shape[params["axis"]] = params["length"]
    gx = np.zeros(shape, c.wide(gy).dtype)
    index = [slice(None)] * gy.ndim
    index[params["axis"]] = slice(params["start"], params["start"] + gy.shape[params["axis"]])
    gx[tuple(index)] = gy
    return gx


def draw(rng, dtype, kind="normal", layout=None, span=9):
    shape = [int(n) for n in rng.integers(1, (8 if span <= 9 else span) + 1, rng.integers(1, 4))]
    axis, start = int(rng.integers(len(shape))), int(rng.integers(0, 4))
    length = start + shape[axis] + int(rng.integers(0, 3))
    return c.only_set(dict(axis=axis, start=start, length=length), DEFAULTS), [c.data(rng, shape, dtype, kind)]


REJECTS = [({"axis": 0, "start": 2, "length": 4}, [(3, 2)], "UpregError", ["slice_grad", "3", "4"])]
