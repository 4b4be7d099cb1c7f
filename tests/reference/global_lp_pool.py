"""The p-norm of every channel of every image."""

import numpy as np

from . import _common as c
from . import _global_pool as g

DEFAULTS = dict(p=2, layout="NCX")


def run(params, x):
    x, axes = c.wide(x), g.axes_of(params, x)
    return np.sum(abs(x) ** params["p"], axis=axes, keepdims=True) ** (1 / params["p"])


def bound(params, x):
    return run(params, x) * params["p"], g.count_of(params, x) * params["p"]


def draw(rng, dtype, kind="normal", layout=None, span=9):
    params, x = g.draw(rng, dtype, kind, layout, span)
    return c.only_set(dict(params, p=int(rng.integers(1, 6))), DEFAULTS), [x]


LARGE = g.LARGE
REJECTS = g.rejects("global_lp_pool")
