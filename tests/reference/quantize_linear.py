"""Floats as whole numbers of few bits: divided by a scale, rounded half to even, moved by a zero."""

from . import _quantize as q

DEFAULTS = dict(axis=1, block_size=0, to="uint8")
DIFFERENTIABLE = False


def run(params, x, scale, zero=None):
    steps, moved, type = q.steps(params, x, scale, zero)
    return (steps + moved).astype(type)


def draw(rng, dtype, kind="normal", layout=None, span=9):
    return q.draw_floats(rng, dtype, kind, span, DEFAULTS)


LARGE = [({"axis": 0}, [(3, 9000), (3,)]), ({"axis": -1}, [(2, 9000), (9000,)]), ({"axis": -1, "block_size": 5000}, [(2, 9000), (2, 2)])]
REJECTS = [*q.rejects("quantize_linear"), ({}, [(2, 3), (3,), (3,)], "DTypeError", ["quantize_linear", "zero", "float32", "uint8"])]
