"""The tangent."""

import numpy as np

from . import _common as c
from . import _elementwise as e

DEFAULTS = {}
ULPS = 2.5


def run(params, x):
    return np.tan(c.wide(x))


def draw(rng, dtype, kind="normal", layout=None, span=9):
    return {}, [e.draw(rng, dtype, kind, span, scales=(0.1, 0.3))]


REJECTS = []
