"""The inverse of the hyperbolic cosine."""

import numpy as np

from . import _common as c
from . import _elementwise as e

DEFAULTS = {}
ULPS = 4


def run(params, x):
    return np.arccosh(c.wide(x))


def draw(rng, dtype, kind="normal", layout=None, span=9):
    return {}, [np.asarray(1.01 + abs(e.draw(rng, dtype, kind, span)), dtype)]


REJECTS = []
