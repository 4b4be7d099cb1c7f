"""The lengths of x's axes."""

import numpy as np

from . import _common as c
from ._shapes import draw_shape

DEFAULTS = dict(start=0, stop=None)
ULPS = 0
DIFFERENTIABLE = False


def run(params, x):
    return np.array(x.shape[params["start"] : params["stop"]], np.int64)


def draw(rng, dtype, kind="normal", layout=None, span=9):
    params = dict(start=int(rng.integers(-4, 4)), stop=None if c.flip_coin(rng) else int(rng.integers(-4, 7)))
    return c.only_set(params, DEFAULTS), [c.data(rng, draw_shape(rng, span), dtype, kind)]


REJECTS = []
