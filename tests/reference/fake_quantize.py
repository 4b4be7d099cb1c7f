"""Floats rounded to the steps of a scale that a type of whole numbers has."""

from . import _common as c
from . import _quantize as q

DEFAULTS = dict(axis=1, block_size=0, to="uint8")
DIFFERENTIABLE = False
LOSES_NAN = True


def run(params, x, scale, zero=None):
    return q.steps(params, x, scale, zero)[0] * c.wide(q.spread(scale, params, x))


def draw(rng, dtype, kind="normal", layout=None, span=9):
    return q.draw_floats(rng, dtype, kind, span, DEFAULTS)


LARGE = [({"axis": 0}, [(3, 9000), (3,)]), ({"axis": -1}, [(2, 9000), (9000,)]), ({"axis": -1, "block_size": 5000}, [(2, 9000), (2, 2)])]
REJECTS = [*q.rejects("fake_quantize"), ({}, [(2, 3), (3,), (3,)], "DTypeError", ["fake_quantize", "zero", "float32", "uint8"])]
