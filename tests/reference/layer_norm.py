"""The last axes brought to mean 0 and variance 1, then weight and bias per place."""

from . import _block_norm as n

DEFAULTS = dict(axis=-1, eps=1e-5)
EXACT = False


def run(params, x, weight=None, bias=None):
    return n.layer(n.forward, params, x, weight, bias, True)


def bound(params, x, weight=None, bias=None):
    return n.layer(n.forward_bound, params, x, weight, bias, True), n.count(params, x)


def draw(rng, dtype, kind="normal", layout=None, span=9):
    params, x, weights = n.draw_layer(rng, dtype, kind, span, DEFAULTS)
    return params, [x, *weights]


LONG = [({}, [(3, 3000)]), ({"axis": 0}, [(20, 30, 50)])]
LARGE = [({}, [(2, 9000), (9000,), (9000,)]), ({"axis": 1}, [(3, 7, 9), (7, 9)])]
REJECTS = [
    ({"axis": 2}, [(2, 3)], "ParameterError", ["layer_norm", "axis", "2"]),
    ({}, [(2, 3), (2,)], "ShapeError", ["layer_norm", "weight", "(2,)", "(3,)"]),
    ({"eps": -1}, [(2, 3)], "ParameterError", ["layer_norm", "eps", "-1"]),
]
