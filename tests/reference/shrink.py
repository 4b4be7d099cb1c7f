"""0 where |x| <= lambd, else x moved towards 0 by bias; NaN stays."""

import numpy as np

from . import _common as c
from . import _elementwise as e

DEFAULTS = dict(lambd=0.5, bias=0)
ULPS = 0.5


def run(params, x):
    x, lambd, bias = c.wide(x), params["lambd"], params["bias"]
    return np.where(x < -lambd, x + bias, np.where(x > lambd, x - bias, np.where(np.isnan(x), x, 0)))


def draw(rng, dtype, kind="normal", layout=None, span=9):
    lambd, bias = c.choose(rng, ((0.5, 0), (0.5, 0.5), (1, 0.25), (0, 0)))
    return c.only_set(dict(lambd=lambd, bias=bias), DEFAULTS), [e.draw(rng, dtype, kind, span, scales=(1, 10))]


REJECTS = [({"lambd": "steep"}, [(3,)], "ParameterError", ["shrink", "lambd", "steep"])]
