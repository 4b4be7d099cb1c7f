"""x times the probability that a normal variable is less than x."""

import math

import numpy as np

from . import _common as c
from . import _elementwise as e

DEFAULTS = dict(approximate="none")


def run(params, x):
    x = c.wide(x)
    if params["approximate"] == "tanh":
        return x / (1 + np.exp(-angle(x)))
    return x * np.vectorize(math.erfc, otypes=[float])(-x / math.sqrt(2)) / 2


def angle(x):
    """(1 + tanh(v)) / 2 = 1 / (1 + exp(-2 v))"""
    return 2 * math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)


def bound(params, x):
    """The rounding of the angle enters through the exponential; libm's argument -x / sqrt(2) is rounded too."""
    x = c.wide(x)
    return abs(run(params, x)) * (1 + (abs(angle(x)) if params["approximate"] == "tanh" else x * x / 2)), 1


def draw(rng, dtype, kind="normal", layout=None, span=9):
    how = c.choose(rng, ("none", "tanh"))
    return c.only_set(dict(approximate=how), DEFAULTS), [e.draw(rng, dtype, kind, span, scales=(1, 1, 3, 1e-3))]


REJECTS = [({"approximate": "sine"}, [(3,)], "ParameterError", ["gelu", "approximate", "sine", "tanh"])]
