"""The sum of magnitudes along any axes."""

import numpy as np

from . import _reduce as r

DEFAULTS = r.DEFAULTS
bound = r.sum_bound
draw = r.draw


def run(params, x):
    return r.reduce(lambda a, axes, keep: np.sum(abs(a), axis=axes, keepdims=keep), params, x)


LONG = r.LONG
LARGE = r.LARGE
REJECTS = r.rejects("reduce_l1")
