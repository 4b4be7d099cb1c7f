"""gamma times elu."""

import numpy as np

from . import _common as c
from . import _elementwise as e

DEFAULTS = dict(alpha=1.67326319217681884765625, gamma=1.05070102214813232421875)
ULPS = 3.5


def run(params, x):
    x = c.wide(x)
    return params["gamma"] * np.where(x > 0, x, params["alpha"] * np.expm1(np.minimum(x, 0)))


def draw(rng, dtype, kind="normal", layout=None, span=9):
    alpha, gamma = c.choose(rng, ((1.67326319217681884765625, 1.05070102214813232421875), (1.5, 0.75)))
    return c.only_set(dict(alpha=alpha, gamma=gamma), DEFAULTS), [e.draw(rng, dtype, kind, span)]


REJECTS = [({"gamma": "steep"}, [(3,)], "ParameterError", ["selu", "gamma", "steep"])]
