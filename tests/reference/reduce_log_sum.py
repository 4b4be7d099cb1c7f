"""The logarithm of the sum along any axes."""

import numpy as np

from . import _reduce as r

DEFAULTS = r.DEFAULTS
draw = r.draw_positive


def run(params, x):
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.log(r.sum_of(params, x))


def bound(params, x):
    """A relative error of the sum is an error of its logarithm."""
    return 1 + abs(run(params, x)), max(r.count_of(params, x), 1)


REJECTS = r.rejects("reduce_log_sum")
