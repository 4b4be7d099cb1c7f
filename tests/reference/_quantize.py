"""A scale and a zero for the whole array, for each place along one axis, or for blocks of places."""

import numpy as np

from . import _common as c


def spread(v, params, x):
    """scale or zero, to broadcast over x"""
    v = np.asarray(v)
    if params["block_size"]:
        return np.take(v, np.arange(x.shape[params["axis"]]) // params["block_size"], params["axis"])
    if v.size == 1:
        return v.reshape(())
    shape = [1] * x.ndim
    shape[params["axis"]] = v.size
    return v.reshape(shape)


def draw_shape(rng, span):
    if span > 9:
        return [3, span, span]
    return [int(n) for n in rng.integers(1, (7 if span > 1 else 1) + 1, rng.integers(2, 5))]


def draw_scales(rng, shape):
    """(axis and block_size, shape of scale)"""
    axis = int(rng.integers(-len(shape), len(shape)))
    form = int(rng.integers(5))
    if form < 3:
        return dict(axis=axis, block_size=0), ([], [1], [shape[axis]])[form]
    block = int(rng.integers(1, shape[axis] + 2))
    own = list(shape)
    own[axis] = -(-own[axis] // block)
    return dict(axis=axis, block_size=block), own


def rejects(name):
    return [
        ({}, [(2, 3), (2,)], "ShapeError", [name, "scale", "(2,)", "(3)"]),
        ({"axis": 4}, [(2, 3), (2,)], "ParameterError", [name, "axis", "4"]),
        ({}, [(2, 3), (3,), ()], "ShapeError", [name, "zero", "()", "(3,)"]),
        ({"block_size": 2}, [(2, 3), (3,)], "ShapeError", [name, "scale", "(3,)", "(2, 2)"]),
        ({"block_size": -1}, [(2, 3), (3,)], "ParameterError", [name, "block_size", "-1"]),
    ]


def draw_floats(rng, dtype, kind, span, defaults):
    shape = draw_shape(rng, span)
    params, own = draw_scales(rng, shape)
    type = c.choose(rng, ("uint8", "int8", "uint16", "int16"))
    zero = c.data(rng, own, type) if c.flip_coin(rng) else None
    scale = np.asarray(rng.choice([0.01, 0.25, 0.5, 1e-4, 3], own), dtype)
    params["to"] = type if zero is None or c.flip_coin(rng) else "uint8"
    return c.only_set(params, defaults), [c.data(rng, shape, dtype, kind), scale, zero]


def steps(params, x, scale, zero):
    """(how many steps x is away from the zero, the zero, the type): the quotient is rounded to the type that is computed in: more digits would round
    other numbers up."""
    x, scale = (np.asarray(v, np.float64 if v.dtype == np.float64 else np.float32) for v in (x, scale))
    type = np.dtype(params["to"]) if zero is None else zero.dtype
    with np.errstate(invalid="ignore", over="ignore"):
        q = np.rint(np.asarray(x) / spread(scale, params, x)).astype(np.float64)
    moved = 0 if zero is None else spread(zero, params, x).astype(np.float64)
    return np.clip(np.where(np.isnan(q), 0, q) + moved, np.iinfo(type).min, np.iinfo(type).max) - moved, moved, type
