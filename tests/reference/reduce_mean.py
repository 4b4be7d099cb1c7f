"""The mean along any axes; of integers, their sum divided towards zero."""

import numpy as np

from . import _reduce as r

DEFAULTS = r.DEFAULTS
EXACT = False
draw = r.draw


def run(params, x):
    total, count = r.sum_of(params, x), r.count_of(params, x)
    if x.dtype.kind == "f":
        with np.errstate(invalid="ignore"):
            return total / np.float64(count)
    return (np.sign(total) * (abs(total) // max(count, 1))).astype(x.dtype)


def bound(params, x):
    total, count = r.sum_bound(params, x)
    return total / count, count


LONG = r.LONG
LARGE = r.LARGE[:-3] + r.LARGE[-2:-1]
REJECTS = r.rejects("reduce_mean")
