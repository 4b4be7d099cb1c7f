"""The smallest of the inputs, broadcast to one another; NaN where one is NaN."""

import functools

import numpy as np

from . import _broadcast
from . import _common as c
from . import _elementwise as e

DEFAULTS = {}
ULPS = 0


def run(params, *xs):
    return functools.reduce(np.minimum, [c.wide(x) for x in xs])


def draw(rng, dtype, kind="normal", layout=None, span=9):
    return {}, [c.data(rng, shape, dtype, kind) for shape in _broadcast.draw_shapes(rng, int(rng.integers(1, 5)), span)]


REJECTS = e.rejects("minimum")
