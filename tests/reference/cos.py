"""The cosine."""

import numpy as np

from . import _common as c
from . import _elementwise as e

DEFAULTS = {}
ULPS = 1.5


def run(params, x):
    return np.cos(c.wide(x))


def draw(rng, dtype, kind="normal", layout=None, span=9):
    return {}, [e.draw(rng, dtype, kind, span, scales=(1, 10, 1000))]


REJECTS = []
