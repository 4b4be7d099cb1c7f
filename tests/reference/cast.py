"""The numbers in another element type."""

import numpy as np

from . import _common as c
from ._shapes import draw_shape

DEFAULTS = dict(to="float32")
ULPS = 0


def differentiable(params):
    return params["to"] == "float64"


def run(params, x):
    x = np.asarray(x)
    if params["to"] == "bool":
        return (x != 0).astype(np.uint8)
    to = np.dtype(params["to"])
    if x.dtype.kind == "f" and to.kind in "iu":
        low, high = np.iinfo(to).min, np.iinfo(to).max
        return np.where(x >= high, high, np.where(x <= low, low, np.trunc(x).clip(-(2.0**62), 2.0**62).astype(np.int64))).astype(to)
    with np.errstate(over="ignore"):
        return x.astype(to)


def draw(rng, dtype, kind="normal", layout=None, span=9):
    to = c.choose(rng, ("float32", "float64", "float16", "uint8", "int8", "uint16", "int16", "int32", "int64", "bool"))
    x = c.data(rng, draw_shape(rng, span), dtype, kind)
    if x.dtype.kind == "f":
        x = np.asarray(x * np.asarray(c.choose(rng, (1, 100, 3000)), dtype), dtype)
    return c.only_set(dict(to=to), DEFAULTS), [x]


REJECTS = [({"to": "complex64"}, [(2,)], "ParameterError", ["cast", "to", "complex64"])]
