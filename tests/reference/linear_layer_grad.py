"""gx = gy W."""

from . import _common as c
from . import linear_layer

DEFAULTS = {}


def run(params, gy, weight):
    return c.wide(gy) @ c.wide(weight)


def bound(params, gy, weight):
    return run(params, abs(c.wide(gy)), abs(c.wide(weight))), weight.shape[0]


def draw(rng, dtype, kind="normal", layout=None, span=9):
    leading, n_in, n_out = linear_layer.draw_operands(rng, dtype, kind, span)
    return {}, [c.data(rng, leading + [n_out], dtype, kind), c.weights(rng, [n_out, n_in], dtype, kind)]


LONG = [({}, [(3, 3000), (3000, 5)])]
REJECTS = [({}, [(2, 4), (3, 5)], "ShapeError", ["linear_layer_grad", "4", "3"])]
