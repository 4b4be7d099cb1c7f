"""a | b, bit by bit."""

from . import _common as c
from . import _elementwise as e

DEFAULTS = {}


def run(params, a, b):
    return c.wide(a) | c.wide(b)


def draw(rng, dtype, kind="normal", layout=None, span=9):
    return {}, e.draw_pair(rng, e.whole(dtype), kind, span)


REJECTS = [({}, [(2, 3), (2, 3)], "DTypeError", ["bitwise_or", "float32", "int64"])]
