"""The inverse of the tangent."""

import numpy as np

from . import _common as c
from . import _elementwise as e

DEFAULTS = {}
ULPS = 2.5


def run(params, x):
    return np.arctan(c.wide(x))


def draw(rng, dtype, kind="normal", layout=None, span=9):
    return {}, [e.draw(rng, dtype, kind, span)]


REJECTS = []
