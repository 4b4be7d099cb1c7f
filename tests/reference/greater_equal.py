"""1 where a >= b, else 0, broadcast to one another."""

import numpy as np

from . import _elementwise as e

DEFAULTS = {}


def run(params, a, b):
    return np.asarray(np.asarray(a) >= np.asarray(b), np.int64)


def draw(rng, dtype, kind="normal", layout=None, span=9):
    a, b = e.draw_pair(rng, dtype, "integers" if rng.random() < 0.5 else kind, span)
    return {}, [a, b]


REJECTS = e.rejects("greater_equal")
