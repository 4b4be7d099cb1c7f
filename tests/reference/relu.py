"""max(x, 0); NaN stays."""

import numpy as np

from . import _common as c

DEFAULTS = {}
ULPS = 0


def run(params, x):
    return np.maximum(c.wide(x), 0)


def draw_shape(rng, span):
    if span > 9:
        return [3, span, span * 10]
    return [int(n) for n in rng.integers(1, (7 if span > 1 else 1) + 1, rng.integers(0, 6))]


def draw(rng, dtype, kind="normal", layout=None, span=9):
    return {}, [c.data(rng, draw_shape(rng, span), dtype, kind)]


REJECTS = []
