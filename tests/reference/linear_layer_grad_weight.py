"""gw = gy^T x, summed over everything but the last axis."""

from . import _common as c
from . import linear_layer

DEFAULTS = {}


def run(params, x, gy):
    x, gy = c.wide(x), c.wide(gy)
    return gy.reshape(-1, gy.shape[-1]).T @ x.reshape(-1, x.shape[-1])


def bound(params, x, gy):
    return run(params, abs(c.wide(x)), abs(c.wide(gy))), x.size // x.shape[-1]


def draw(rng, dtype, kind="normal", layout=None, span=9):
    leading, n_in, n_out = linear_layer.draw_operands(rng, dtype, kind, span)
    return {}, [c.data(rng, leading + [n_in], dtype, kind), c.data(rng, leading + [n_out], dtype, "normal" if kind == "spike" else kind)]


LONG = [({}, [(3000, 3), (3000, 5)])]
REJECTS = [({}, [(2, 4), (3, 5)], "ShapeError", ["linear_layer_grad_weight", "2", "3"])]
