"""The smallest whole number that is not less."""

import numpy as np

from . import _common as c
from . import _elementwise as e

DEFAULTS = {}
ULPS = 0


def run(params, x):
    return np.ceil(c.wide(x))


def draw(rng, dtype, kind="normal", layout=None, span=9):
    return {}, [e.draw(rng, dtype, kind, span, scales=(1, 10, 30))]


REJECTS = []
