"""The mean of every channel of every image."""

import numpy as np

from . import _common as c
from . import _global_pool as g

DEFAULTS = dict(layout="NCX")
EXACT = False


def run(params, x):
    x, axes = c.wide(x), g.axes_of(params, x)
    return np.mean(x, axis=axes, keepdims=True)


def bound(params, x):
    return run(params, abs(c.wide(x))), g.count_of(params, x)


def draw(rng, dtype, kind="normal", layout=None, span=9):
    params, x = g.draw(rng, dtype, kind, layout, span)
    return c.only_set(params, DEFAULTS), [x]


LARGE = g.LARGE
REJECTS = g.rejects("global_avg_pool")
