"""The logarithm of softmax along one axis."""

import numpy as np

from . import _common as c
from . import softmax

DEFAULTS = dict(axis=-1)


def run(params, x):
    x = c.wide(x)
    with np.errstate(invalid="ignore"):  # infinities give NaN
        x = x - x.max(params["axis"], keepdims=True)
        return x - np.log(np.exp(x).sum(params["axis"], keepdims=True))


def bound(params, x):
    """The two differences, and the sum inside the logarithm."""
    distance = abs(c.wide(x) - c.wide(x).max(params["axis"], keepdims=True))
    return 1 + distance + np.log(x.shape[params["axis"]]), x.shape[params["axis"]]


draw = softmax.draw
LONG = softmax.LONG
REJECTS = [({"axis": 2}, [(2, 3)], "UpregError", ["log_softmax", "axis", "2"]), ({"axis": -3}, [(2, 3)], "UpregError", ["log_softmax", "axis", "-3"])]
