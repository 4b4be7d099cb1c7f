"""The logarithm of the sum of exponentials along any axes."""

import numpy as np

from . import _common as c
from . import _reduce as r

DEFAULTS = r.DEFAULTS
draw = r.draw


def run(params, x):
    x = c.wide(x)
    if not r.count_of(params, x):
        return np.full(r.sum_of(params, x).shape, -np.inf)
    axes = r.axes_of(params, x)
    with np.errstate(divide="ignore", invalid="ignore"):
        most = np.max(x, axis=axes, keepdims=True)
        most = np.where(np.isfinite(most), most, 0)
        y = most + np.log(np.sum(np.exp(x - most), axis=axes, keepdims=True))
    return y if params["keepdims"] else np.squeeze(y, axes)


def bound(params, x):
    """The differences to the largest number, rounded, enter through the exponential; few of the terms are far from it."""
    return 2 + abs(run(params, x)) + 2 * np.ptp(c.wide(x)) if x.size else 1, max(r.count_of(params, x), 1)


LONG = r.LONG
LARGE = r.FILLED
REJECTS = r.rejects("reduce_log_sum_exp")
