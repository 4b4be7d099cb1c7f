"""The nearest whole number, of two the even one."""

import numpy as np

from . import _common as c
from . import _elementwise as e

DEFAULTS = {}
ULPS = 0


def run(params, x):
    return np.rint(c.wide(x))


def draw(rng, dtype, kind="normal", layout=None, span=9):
    x = e.draw(rng, dtype, kind, span, scales=(1, 10, 30))
    return {}, [np.asarray(np.floor(x * 2) / 2 if kind == "integers" else x, dtype)]


REJECTS = []
