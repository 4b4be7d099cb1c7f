"""The Euclidean norm along any axes."""

import numpy as np

from . import _reduce as r

DEFAULTS = r.DEFAULTS
draw = r.draw


def run(params, x):
    return r.reduce(lambda a, axes, keep: np.sqrt(np.sum(a * a, axis=axes, keepdims=keep)), params, x)


def bound(params, x):
    return run(params, x), max(r.count_of(params, x), 1)


LONG = r.LONG
LARGE = r.LARGE
REJECTS = r.rejects("reduce_l2")
