"""gy where x > 0, else slope * gy.  With slope 0 the gradient of relu."""

import numpy as np

from . import _common as c
from . import relu

DEFAULTS = dict(slope=0.01)


def run(params, x, gy):
    return np.where(c.wide(x) > 0, c.wide(gy), params["slope"] * c.wide(gy))


def draw(rng, dtype, kind="normal", layout=None, span=9):
    shape = relu.draw_shape(rng, span)
    slope = c.choose(rng, (0.01, 0, 0.2, -0.5)) if kind != "integers" else 0.5
    return c.only_set(dict(slope=slope), DEFAULTS), [c.data(rng, shape, dtype, kind), c.data(rng, shape, dtype, kind)]


REJECTS = [({}, [(3,), (4,)], "ShapeError", ["leaky_relu_grad", "3", "4"])]
