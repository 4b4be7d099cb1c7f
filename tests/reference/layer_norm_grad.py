"""gx of layer_norm."""

from . import _block_norm as n
from . import _common as c

DEFAULTS = dict(axis=-1, eps=1e-5)
EXACT = False


def run(params, x, weight, gy):
    return n.layer(n.gradient, params, x, weight, gy, True)


def bound(params, x, weight, gy):
    return n.layer(n.gradient_bound, params, x, weight, gy, True), n.count(params, x)


def draw(rng, dtype, kind="normal", layout=None, span=9):
    params, x, weights = n.draw_layer(rng, dtype, kind, span, DEFAULTS)
    return params, [x, weights[0], c.data(rng, x.shape, dtype)]


REJECTS = [({}, [(2, 3, 4), None, (2, 3, 5)], "ShapeError", ["layer_norm_grad", "gy", "5"])]
