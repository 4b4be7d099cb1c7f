"""x where x > 0, else alpha * (exp(x) - 1)."""

import numpy as np

from . import _common as c
from . import _elementwise as e

DEFAULTS = dict(alpha=1)
ULPS = 2.5


def run(params, x):
    x = c.wide(x)
    return np.where(x > 0, x, params["alpha"] * np.expm1(np.minimum(x, 0)))


def draw(rng, dtype, kind="normal", layout=None, span=9):
    alpha = c.choose(rng, (1, 0.5, 2))
    return c.only_set(dict(alpha=alpha), DEFAULTS), [e.draw(rng, dtype, kind, span)]


REJECTS = [({"alpha": "steep"}, [(3,)], "ParameterError", ["elu", "alpha", "steep"])]
