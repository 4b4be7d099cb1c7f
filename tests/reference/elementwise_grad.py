"""gy times the derivative of an elementwise function at x."""
import numpy as np

from . import _common as c
from . import _elementwise as e

DEFAULTS = dict(of=c.REQUIRED, a=None, b=None)

# function: (parameters, derivative)
DERIVATIVES = {
    "abs": ((), lambda x, a, b: np.sign(x)),
    "sqrt": ((), lambda x, a, b: 0.5 / np.sqrt(x)),
    "reciprocal": ((), lambda x, a, b: -1 / (x * x)),
    "clip": ((-0.5, 0.75), lambda x, a, b: np.where((x < a) | (x > b), 0, 1)),
    "hard_sigmoid": ((0.2, 0.5), lambda x, a, b: np.where((a * x + b > 0) & (a * x + b < 1), a, 0)),
    "hard_swish": ((), lambda x, a, b: np.where(x <= -3, 0, np.where(x >= 3, 1, x / 3 + 0.5))),
}
NOT_NEGATIVE = ("sqrt", "reciprocal")
TERMS = {"hard_swish": lambda x, a, b: abs(x) / 3 + 0.5}  # magnitudes of what is added, where that may cancel


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
    x = e.draw(rng, dtype, kind, span, low=0.01 if of in NOT_NEGATIVE else None)
    params = dict(zip(("a", "b"), DERIVATIVES[of][0]))
    return dict(of=of, **params), [x, c.data(rng, x.shape, dtype, kind)]


REJECTS = [
    ({"of": "abs"}, [(3,), (4,)], "ShapeError", ["elementwise_grad", "3", "4"]),
    ({"of": "floor"}, [(3,), (3,)], "ParameterError", ["elementwise_grad", "of", "floor", "sqrt"]),
]
