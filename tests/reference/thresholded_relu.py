"""x where x > alpha, else 0; NaN stays."""

import numpy as np

from . import _common as c
from . import _elementwise as e

DEFAULTS = dict(alpha=1)
ULPS = 0


def run(params, x):
    x = c.wide(x)
    return np.where(x <= params["alpha"], 0, x)


def draw(rng, dtype, kind="normal", layout=None, span=9):
    alpha = c.choose(rng, (1, 0, -0.5))
    return c.only_set(dict(alpha=alpha), DEFAULTS), [e.draw(rng, dtype, kind, span, scales=(1, 10))]


REJECTS = [({"alpha": "steep"}, [(3,)], "ParameterError", ["thresholded_relu", "alpha", "steep"])]
