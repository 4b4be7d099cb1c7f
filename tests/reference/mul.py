"""The product of two inputs, broadcast to one another."""
from . import _broadcast
from . import _common as c

DEFAULTS = {}
ULPS = 1


def run(params, a, b):
    return c.wide(a) * c.wide(b)


def draw(rng, dtype, kind="normal", layout=None, span=9):
    a, b = _broadcast.draw_shapes(rng, 2, span)
    return {}, [c.data(rng, a, dtype, kind), c.weights(rng, b, dtype, kind)]


REJECTS = [({}, [(2, 3), (2, 4)], "ShapeError", ["mul", "3", "4"])]
