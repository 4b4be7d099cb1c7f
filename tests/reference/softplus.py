"""log(1 + exp(x))"""

import numpy as np

from . import _common as c
from . import _elementwise as e

DEFAULTS = {}
ULPS = 3


def run(params, x):
    x = c.wide(x)
    return np.maximum(x, 0) + np.log1p(np.exp(-abs(x)))


def draw(rng, dtype, kind="normal", layout=None, span=9):
    return {}, [e.draw(rng, dtype, kind, span)]


REJECTS = []
