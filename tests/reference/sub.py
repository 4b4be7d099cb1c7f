"""The difference of two inputs, broadcast to one another."""

from . import _common as c
from . import _elementwise as e

DEFAULTS = {}
ULPS = 0.5


def run(params, a, b):
    return e.same_type(c.wide(a) - c.wide(b), a)


def draw(rng, dtype, kind="normal", layout=None, span=9):
    return {}, e.draw_pair(rng, dtype, kind, span)


REJECTS = e.rejects("sub")
