"""scale * x + offset"""

import numpy as np

from . import _common as c
from . import _elementwise as e

DEFAULTS = dict(scale=1, offset=0)


def run(params, x):
    return params["scale"] * c.wide(x) + params["offset"]


def bound(params, x):
    return np.abs(params["scale"] * c.wide(x)) + abs(params["offset"]), 1


def draw(rng, dtype, kind="normal", layout=None, span=9):
    scale, offset = c.choose(rng, ((2, 0), (0.5, 1), (-1, 0.25), (1, 0)))
    return c.only_set(dict(scale=scale, offset=offset), DEFAULTS), [e.draw(rng, dtype, kind, span, scales=(1, 10, 30))]


REJECTS = [({"scale": "large"}, [(3,)], "ParameterError", ["rescale", "scale", "large"])]
