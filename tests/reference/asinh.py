"""The inverse of the hyperbolic sine."""

import numpy as np

from . import _common as c
from . import _elementwise as e

DEFAULTS = {}
ULPS = 3


def run(params, x):
    return np.arcsinh(c.wide(x))


def draw(rng, dtype, kind="normal", layout=None, span=9):
    return {}, [e.draw(rng, dtype, kind, span)]


REJECTS = []
