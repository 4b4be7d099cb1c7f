"""1 where x is not a number, else 0."""

import numpy as np

from . import _common as c
from . import _elementwise as e

DEFAULTS = {}


def run(params, x):
    return np.isnan(x).astype(np.int64)


def draw(rng, dtype, kind="normal", layout=None, span=9):
    x = np.atleast_1d(e.draw(rng, dtype, kind, span)).copy()
    x.ravel()[:: int(rng.integers(2, 5))] = c.choose(rng, (np.nan, np.inf, -np.inf))
    return {}, [x]


REJECTS = []
