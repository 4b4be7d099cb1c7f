"""x where x > 0, else slope * x."""

import numpy as np

from . import _common as c
from . import relu

DEFAULTS = dict(slope=0.01)


def run(params, x):
    x = c.wide(x)
    return np.where(x > 0, x, params["slope"] * x)


def draw(rng, dtype, kind="normal", layout=None, span=9):
    slope = c.choose(rng, (0.01, 0, 0.2, -0.5, 1.5)) if kind != "integers" else 0.5
    return c.only_set(dict(slope=slope), DEFAULTS), [c.data(rng, relu.draw_shape(rng, span), dtype, kind)]


REJECTS = [({"slope": "steep"}, [(3,)], "ParameterError", ["leaky_relu", "slope", "steep"])]
