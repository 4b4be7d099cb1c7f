"""max(0, min(1, alpha * x + beta))"""

import numpy as np

from . import _common as c
from . import _elementwise as e

DEFAULTS = dict(alpha=0.2, beta=0.5)


def run(params, x):
    return np.minimum(np.maximum(params["alpha"] * c.wide(x) + params["beta"], 0), 1)


def bound(params, x):
    """The sum may be small where its terms are not."""
    return np.abs(params["alpha"] * c.wide(x)) + abs(params["beta"]), 2


def draw(rng, dtype, kind="normal", layout=None, span=9):
    alpha, beta = c.choose(rng, ((0.2, 0.5), (1 / 6, 0.5), (0.5, 0.25)))
    return c.only_set(dict(alpha=alpha, beta=beta), DEFAULTS), [e.draw(rng, dtype, kind, span)]


REJECTS = [({"alpha": "steep"}, [(3,)], "ParameterError", ["hard_sigmoid", "alpha", "steep"])]
