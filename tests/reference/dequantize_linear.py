"""The floats that whole numbers of few bits stand for."""

import numpy as np

from . import _common as c
from . import _quantize as q

DEFAULTS = dict(axis=1, block_size=0)
ULPS = 1.01  # a difference of two numbers of 32 bits is rounded before it is multiplied


def run(params, x, scale, zero=None):
    moved = c.wide(x) - (0 if zero is None else c.wide(q.spread(zero, params, x)))
    return moved * c.wide(q.spread(scale, params, x))


def draw(rng, dtype, kind="normal", layout=None, span=9):
    shape = q.draw_shape(rng, span)
    params, own = q.draw_scales(rng, shape)
    if params["block_size"] and shape[params["axis"]] % params["block_size"]:
        params["block_size"], own[params["axis"]] = 1, shape[params["axis"]]  # the gradient takes whole blocks
    type = c.choose(rng, ("uint8", "int8", "uint16", "int16", "int32"))
    zero = c.data(rng, own, type) if c.flip_coin(rng) else None
    scale = np.asarray(rng.choice([0.01, 0.25, 0.5, 1e-4, 3], own), dtype)
    return c.only_set(params, DEFAULTS), [c.data(rng, shape, type, kind), scale, zero]


REJECTS = [*q.rejects("dequantize_linear"), ({}, [(2, 3), (3,)], "DTypeError", ["dequantize_linear", "'x'", "float32", "int8"])]
