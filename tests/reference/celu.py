"""x where x > 0, else alpha * (exp(x / alpha) - 1)."""

import numpy as np

from . import _common as c
from . import _elementwise as e

DEFAULTS = dict(alpha=1)
ULPS = 3.5


def run(params, x):
    x, alpha = c.wide(x), params["alpha"]
    return np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0) / alpha))


def draw(rng, dtype, kind="normal", layout=None, span=9):
    alpha = c.choose(rng, (1, 0.5, 2))
    return c.only_set(dict(alpha=alpha), DEFAULTS), [e.draw(rng, dtype, kind, span)]


REJECTS = [({"alpha": 0}, [(3,)], "ParameterError", ["celu", "alpha", "0"])]
