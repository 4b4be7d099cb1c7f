"""y = x W^T + b over the last axis."""

from . import _common as c

DEFAULTS = dict(channels=None)


def run(params, x, weight, bias=None):
    y = c.wide(x) @ c.wide(weight).T
    return y if bias is None else y + c.wide(bias)


def bound(params, x, weight, bias=None):
    total = run(params, abs(c.wide(x)), abs(c.wide(weight)), None if bias is None else abs(c.wide(bias)))
    return total, weight.shape[1] + (bias is not None)


def draw_operands(rng, dtype, kind, span):
    leading = [int(n) for n in rng.integers(1, (5 if span > 1 else 1) + 1, rng.integers(0, 4))]
    n_in, n_out = (int(n) for n in rng.integers(1, max(span, 2), 2))
    return leading, n_in, n_out


def draw(rng, dtype, kind="normal", layout=None, span=9):
    leading, n_in, n_out = draw_operands(rng, dtype, kind, span)
    bias = c.weights(rng, [n_out], dtype, kind) if c.flip_coin(rng) else None
    return {}, [c.data(rng, leading + [n_in], dtype, kind), c.weights(rng, [n_out, n_in], dtype, kind), bias]


LONG = [({}, [(3, 3000), (5, 3000), (5,)])]
REJECTS = [
    ({}, [(2, 4), (3, 5)], "ShapeError", ["linear_layer", "weight", "5", "4"]),
    ({}, [(2, 4), (3, 4, 1)], "ShapeError", ["linear_layer", "weight"]),
    ({}, [(2, 4), (3, 4), (4,)], "ShapeError", ["linear_layer", "bias", "4", "3"]),
    ({"channels": 7}, [(2, 4), (3, 4)], "UpregError", ["linear_layer", "channels", "7"]),
]
