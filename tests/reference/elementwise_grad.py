"""gy times the derivative of an elementwise function at x."""

import math

import numpy as np

from . import _common as c
from . import _elementwise as e

DEFAULTS = dict(of=c.REQUIRED, a=None, b=None)

ANGLE = 2 * math.sqrt(2 / math.pi)


def sigmoid(x):
    return 0.5 * (1 + np.tanh(x / 2))


def less(x):
    """The probability that a normal variable is less than x."""
    return np.vectorize(math.erfc, otypes=[float])(-x / math.sqrt(2)) / 2


def tanh_softplus(x):
    return np.tanh(np.log1p(np.exp(x)))


def gated(v, turn):
    """The derivative of x sigmoid(v), where turn is x times that of v."""
    return sigmoid(v) * (1 + turn * sigmoid(-v))


# function: (parameters, derivative)
DERIVATIVES = {
    "abs": ((), lambda x, a, b: np.sign(x)),
    "sqrt": ((), lambda x, a, b: 0.5 / np.sqrt(x)),
    "reciprocal": ((), lambda x, a, b: -1 / (x * x)),
    "clip": ((-0.5, 0.75), lambda x, a, b: np.where((x < a) | (x > b), 0, 1)),
    "hard_sigmoid": ((0.2, 0.5), lambda x, a, b: np.where((a * x + b > 0) & (a * x + b < 1), a, 0)),
    "hard_swish": ((), lambda x, a, b: np.where(x <= -3, 0, np.where(x >= 3, 1, x / 3 + 0.5))),
    "erf": ((), lambda x, a, b: 2 / math.sqrt(math.pi) * np.exp(-x * x)),
    "sin": ((), lambda x, a, b: np.cos(x)),
    "cos": ((), lambda x, a, b: -np.sin(x)),
    "tan": ((), lambda x, a, b: 1 / np.cos(x) ** 2),
    "asin": ((), lambda x, a, b: 1 / np.sqrt(1 - x * x)),
    "acos": ((), lambda x, a, b: -1 / np.sqrt(1 - x * x)),
    "atan": ((), lambda x, a, b: 1 / (1 + x * x)),
    "sinh": ((), lambda x, a, b: np.cosh(x)),
    "cosh": ((), lambda x, a, b: np.sinh(x)),
    "asinh": ((), lambda x, a, b: 1 / np.sqrt(1 + x * x)),
    "acosh": ((), lambda x, a, b: 1 / np.sqrt(x * x - 1)),
    "atanh": ((), lambda x, a, b: 1 / (1 - x * x)),
    "softplus": ((), lambda x, a, b: sigmoid(x)),
    "softsign": ((), lambda x, a, b: 1 / (1 + abs(x)) ** 2),
    "elu": ((0.75,), lambda x, a, b: np.where(x > 0, 1, a * np.exp(x))),
    "selu": ((1.5, 1.125), lambda x, a, b: b * np.where(x > 0, 1, a * np.exp(x))),
    "celu": ((0.75,), lambda x, a, b: np.where(x > 0, 1, np.exp(x / a))),
    "gelu": ((), lambda x, a, b: less(x) + x * np.exp(-x * x / 2) / math.sqrt(2 * math.pi)),
    "gelu_tanh": ((), lambda x, a, b: gated(ANGLE * (x + 0.044715 * x**3), ANGLE * (x + 3 * 0.044715 * x**3))),
    "swish": ((1.5,), lambda x, a, b: gated(a * x, a * x)),
    "mish": ((), lambda x, a, b: tanh_softplus(x) + x * (1 - tanh_softplus(x) ** 2) * sigmoid(x)),
    "thresholded_relu": ((0.5,), lambda x, a, b: np.where(x > a, 1, 0)),
    "shrink": ((0.5, 0.25), lambda x, a, b: np.where(abs(x) > a, 1, 0)),
}
# Where the functions have derivatives that are not too large.
POSITIVE, INSIDE, ABOVE_ONE = ("sqrt", "reciprocal"), ("asin", "acos", "atanh"), ("acosh",)
# Magnitudes of what is added, where that may cancel, and what the exponential magnifies.
TERMS = {
    "hard_swish": lambda x, a, b: abs(x) / 3 + 0.5,
    "erf": lambda x, a, b: np.exp(-x * x) * (1 + x * x),
    "celu": lambda x, a, b: 1 + abs(x / a),
    "gelu": lambda x, a, b: 1 + x * x,
    "gelu_tanh": lambda x, a, b: 1 + abs(x) ** 3,
    "swish": lambda x, a, b: 1 + abs(a * x),
    "mish": lambda x, a, b: 1 + abs(x),
    "softplus": lambda x, a, b: 1,  # the reference's tanh cancels
    "atanh": lambda x, a, b: 2 / (1 - x * x) ** 2,
    "asin": lambda x, a, b: 2 / (1 - x * x),
    "acos": lambda x, a, b: 2 / (1 - x * x),
    "acosh": lambda x, a, b: x * x / (x * x - 1),
}


def run(params, x, gy):
    x, gy = c.wide(x), c.wide(gy)
    with np.errstate(all="ignore"):
        return gy * DERIVATIVES[params["of"]][1](x, params["a"], params["b"])


def bound(params, x, gy):
    of = params["of"]
    terms = TERMS[of](c.wide(x), params["a"], params["b"]) if of in TERMS else 0
    return np.maximum(abs(run(params, x, gy)), abs(c.wide(gy)) * terms), 1


def draw(rng, dtype, kind="normal", layout=None, span=9):
    of = c.choose(rng, sorted(DERIVATIVES))
    x = e.draw(rng, dtype, kind, span, scales=(1, 3), low=0.01 if of in POSITIVE + ABOVE_ONE else None)
    if of in INSIDE:
        x = np.asarray(x / (1 + abs(x)), dtype)
    if of in ABOVE_ONE:
        x = np.asarray(1 + x, dtype)
    params = dict(zip(("a", "b"), DERIVATIVES[of][0]))
    return dict(of=of, **params), [x, c.data(rng, x.shape, dtype, kind)]


REJECTS = [
    ({"of": "abs"}, [(3,), (4,)], "ShapeError", ["elementwise_grad", "3", "4"]),
    ({"of": "floor"}, [(3,), (3,)], "ParameterError", ["elementwise_grad", "of", "floor", "sqrt"]),
]
