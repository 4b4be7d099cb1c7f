"""x repeated to the shape that its own and `shape` broadcast to."""

import numpy as np

from . import _broadcast
from . import _common as c

DEFAULTS = dict(shape=c.REQUIRED)
ULPS = 0


def run(params, x):
    shape = params["shape"] if isinstance(params["shape"], list) else [params["shape"]]
    return np.broadcast_to(c.wide(x), np.broadcast_shapes(x.shape, tuple(shape)))


def draw(rng, dtype, kind="normal", layout=None, span=9):
    x, other = _broadcast.draw_shapes(rng, 2, span)
    return dict(shape=list(other)), [c.data(rng, x, dtype, kind)]


REJECTS = [({"shape": [2, 3]}, [(2, 4)], "ShapeError", ["expand", "shape", "3", "4"])]
