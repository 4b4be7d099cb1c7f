"""The largest number of every channel of every image."""

import numpy as np

from . import _common as c
from . import _global_pool as g

DEFAULTS = dict(layout="NCX")
ULPS = 0


def run(params, x):
    x, axes = c.wide(x), g.axes_of(params, x)
    return np.max(x, axis=axes, keepdims=True)


def draw(rng, dtype, kind="normal", layout=None, span=9):
    params, x = g.draw(rng, dtype, kind, layout, span)
    return c.only_set(params, DEFAULTS), [x]


LARGE = g.LARGE
REJECTS = g.rejects("global_max_pool")
