"""The inverse of the sine."""

import numpy as np

from . import _common as c
from . import _elementwise as e

DEFAULTS = {}
ULPS = 3


def run(params, x):
    return np.arcsin(c.wide(x))


def draw(rng, dtype, kind="normal", layout=None, span=9):
    x = e.draw(rng, dtype, kind, span)
    return {}, [np.asarray(x / (1 + abs(x)) * 0.97, dtype)]


REJECTS = []
