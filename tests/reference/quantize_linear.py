"""Floats as whole numbers of few bits: divided by a scale, rounded half to even, moved by a zero."""

import numpy as np

from . import _common as c
from . import _quantize as q

DEFAULTS = dict(axis=1, to="uint8")
DIFFERENTIABLE = False


def run(params, x, scale, zero=None):
    """The quotient is rounded to x's type: a reference in more digits would round other numbers up."""
    type = np.dtype(params["to"]) if zero is None else zero.dtype
    with np.errstate(invalid="ignore", over="ignore"):
        y = np.rint(np.asarray(x) / q.spread(scale, params, x)).astype(np.float64)
    y = np.where(np.isnan(y), 0, y) + (0 if zero is None else q.spread(zero, params, x).astype(np.float64))
    return np.clip(y, np.iinfo(type).min, np.iinfo(type).max).astype(type)


def draw(rng, dtype, kind="normal", layout=None, span=9):
    shape = q.draw_shape(rng, span)
    axis, own = q.draw_axis(rng, shape)
    type = c.choose(rng, ("uint8", "int8", "uint16", "int16"))
    zero = c.data(rng, own, type) if c.flip_coin(rng) else None
    scale = np.asarray(rng.choice([0.01, 0.25, 0.5, 1e-4, 3], own), dtype)
    params = dict(axis=axis, to=type if zero is None or c.flip_coin(rng) else "uint8")
    return c.only_set(params, DEFAULTS), [c.data(rng, shape, dtype, kind), scale, zero]


LARGE = [({"axis": 0}, [(3, 9000), (3,)]), ({"axis": -1}, [(2, 9000), (9000,)])]
REJECTS = [
    ({}, [(2, 3), (2,)], "ShapeError", ["quantize_linear", "scale", "(2,)", "(3)"]),
    ({"axis": 4}, [(2, 3), (2,)], "ParameterError", ["quantize_linear", "axis", "4"]),
    ({}, [(2, 3), (3,), ()], "ShapeError", ["quantize_linear", "zero", "()", "(3,)"]),
    ({}, [(2, 3), (3,), (3,)], "DTypeError", ["quantize_linear", "zero", "float32", "uint8"]),
]
