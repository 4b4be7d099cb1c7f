"""The gradient of a reduction with respect to its input, by its formula."""

import numpy as np

from . import _common as c
from . import _reduce as r

DEFAULTS = dict(axis=None, keepdims=True, of="sum", p=2)
KINDS = ("sum", "mean", "max", "min", "prod", "l1", "l2", "lp", "sum_square", "log_sum", "log_sum_exp", "is_best", "is_zero")
NEEDED = dict(max=3, min=3, prod=3, l2=2, lp=2, log_sum=2, log_sum_exp=2, is_zero=0)


def run(params, x, gy=None, y=None, count=None):
    x, axes = c.wide(x), r.axes_of(params, x)
    g, y, m = (v if v is None else np.reshape(c.wide(v), [1 if i in axes else n for i, n in enumerate(x.shape)]) for v in (gy, y, count))
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        return np.broadcast_to(formula(params, x, g, y, m), x.shape)


def formula(params, x, g, y, m):
    p = params["p"]
    match params["of"]:
        case "sum":
            return g
        case "mean":
            return g / r.count_of(params, x)
        case "max" | "min":
            return np.where(x == y, g / m, 0)
        case "prod":
            return np.where(x == 0, np.where(m == 1, g * y, 0), np.where(m == 0, g * y / x, 0))
        case "l1":
            return g * np.sign(x)
        case "l2":
            return np.where(y == 0, 0, g * x / y)
        case "lp":
            return np.where(y == 0, 0, g * np.where(x < 0, -1, 1) * (abs(x) / y) ** (p - 1))
        case "sum_square":
            return 2 * g * x
        case "log_sum":
            return g / y
        case "log_sum_exp":
            return g * np.exp(x - y)
        case "is_best":
            return x == g
        case "is_zero":
            return x == 0


def bound(params, *inputs):
    """Relative, but for what is rounded before it enters a power or an exponential."""
    size = abs(run(params, *inputs))
    if params["of"] == "log_sum_exp":
        shape = [1 if i in r.axes_of(params, inputs[0]) else n for i, n in enumerate(inputs[0].shape)]
        size = size * (1 + abs(c.wide(inputs[0])) + abs(np.reshape(c.wide(inputs[2]), shape)))
    return size * (params["p"] if params["of"] == "lp" else 1), 1


def draw(rng, dtype, kind="normal", layout=None, span=9):
    shape = r.draw_shape(rng, span)
    params = r.draw_params(rng, len(shape))
    params["of"] = c.choose(rng, KINDS)
    if params["of"] == "lp" and c.flip_coin(rng):
        params["p"] = int(rng.integers(1, 6))
    x = c.data(rng, shape, dtype, kind)
    small = r.sum_of({**r.DEFAULTS, **{key: params[key] for key in ("axis", "keepdims") if key in params}}, x).shape
    more = [c.weights(rng, small, dtype, kind), np.asarray(rng.uniform(1, 3, small), dtype), np.asarray(rng.integers(0, 3, small), dtype)]
    if params["of"] in ("max", "min"):
        more[2] += np.asarray(1, dtype)
    inputs = [x, *more[: NEEDED.get(params["of"], 1)]]
    return c.only_set(params, DEFAULTS), inputs + [None] * (4 - len(inputs))


REJECTS = [
    ({"of": "l2"}, [(2, 3), (1, 1)], "ShapeError", ["reduce_grad", "'y'", "missing"]),
    ({}, [(2, 3), (1, 1), (1, 1)], "ShapeError", ["reduce_grad", "'y'", "given"]),
    ({"axis": 0}, [(2, 3), (1, 2)], "ShapeError", ["reduce_grad", "gy", "(1, 3)"]),
    ({"axis": 5}, [(2, 3), (1, 2)], "ParameterError", ["reduce_grad", "axis", "5"]),
]
