"""The quotient of two inputs, broadcast to one another. Whole numbers are cut towards 0; division by 0 gives 0."""

import numpy as np

from . import _common as c
from . import _elementwise as e

DEFAULTS = {}
ULPS = 0.5
EXACT = False


def run(params, a, b):
    a, b = np.broadcast_arrays(a, b)
    if a.dtype.kind == "f":
        return c.wide(a) / c.wide(b)
    q = [(abs(x) // abs(y)) * (1 if (x < 0) == (y < 0) else -1) if y else 0 for x, y in zip(a.ravel().tolist(), b.ravel().tolist())]
    return e.same_type(np.array(q, np.int64).reshape(a.shape), a)


def draw(rng, dtype, kind="normal", layout=None, span=9):
    a, b = e.draw_pair(rng, dtype, kind, span)
    if b.dtype.kind == "f":
        b = np.asarray(np.where(abs(b) < 0.01, 1, b), dtype)
    return {}, [a, b]


REJECTS = e.rejects("div")
