"""a where the condition is not 0, else b, broadcast to one another; what is absent is 0."""

import numpy as np

from . import _broadcast
from . import _common as c

DEFAULTS = {}
ULPS = 0


def run(params, condition, a, b=None):
    a, b = (np.zeros(()) if x is None else x if np.asarray(x).dtype.kind == "V" else c.wide(x) for x in (a, b))
    return np.where(np.asarray(condition) != 0, a, b)


def draw(rng, dtype, kind="normal", layout=None, span=9):
    condition, a, b = _broadcast.draw_shapes(rng, 3, span)
    a, b = c.data(rng, a, dtype, kind), c.data(rng, b, dtype, kind)
    absent = int(rng.integers(6))
    return {}, [(c.data(rng, condition, np.uint8) % 3).astype(np.uint8), None if absent == 0 else a, None if absent == 1 else b]


REJECTS = []
