"""x * sigmoid(alpha * x)"""

import numpy as np

from . import _common as c
from . import _elementwise as e

DEFAULTS = dict(alpha=1)


def run(params, x):
    x = c.wide(x)
    with np.errstate(over="ignore"):
        return x / (1 + np.exp(-params["alpha"] * x))


def bound(params, x):
    """The rounding of alpha * x enters through the exponential."""
    x = c.wide(x)
    return abs(run(params, x)) * (1 + abs(params["alpha"] * x)), 1


def draw(rng, dtype, kind="normal", layout=None, span=9):
    alpha = c.choose(rng, (1, 1.702, 0.5))
    return c.only_set(dict(alpha=alpha), DEFAULTS), [e.draw(rng, dtype, kind, span)]


REJECTS = [({"alpha": "steep"}, [(3,)], "ParameterError", ["swish", "alpha", "steep"])]
