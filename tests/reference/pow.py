"""a to the power of b, broadcast to one another. Whole numbers wrap, and fractions are cut towards 0."""

import numpy as np

from . import _common as c
from . import _elementwise as e

DEFAULTS = {}
ULPS = 1.5


def run(params, a, b):
    a, b = np.broadcast_arrays(a, b)
    if a.dtype.kind == "f":
        return c.wide(a) ** c.wide(b)
    powers = [x**y if y >= 0 else x if x == -1 and y % 2 else int(x in (1, -1)) for x, y in zip(a.ravel().tolist(), b.ravel().tolist())]
    powers = np.array([(p + 2**63) % 2**64 - 2**63 for p in powers], np.int64)
    return e.same_type(powers.reshape(a.shape), a)


def draw(rng, dtype, kind="normal", layout=None, span=9):
    a, b = e.draw_pair(rng, dtype, kind, span)
    if a.dtype.kind == "f":
        a = np.asarray(np.maximum(abs(a), 1e-2), dtype)
        b = np.asarray(b * c.choose(rng, (1, 2, 5)) if kind != "integers" else np.full(b.shape, 2), dtype)
    return {}, [a, b]


REJECTS = e.rejects("pow")
