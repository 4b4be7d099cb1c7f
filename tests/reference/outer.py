"""Every product of a number of one vector and a number of the other."""

from . import _common as c
from . import _matrix as m

DEFAULTS = {}
ULPS = 1


def run(params, u, v):
    return c.wide(u)[..., :, None] * c.wide(v)[..., None, :]


def draw(rng, dtype, kind="normal", layout=None, span=9):
    rows, columns = m.draw_sizes(rng, span, 2)
    stacks = m.draw_stacks(rng, span)
    return {}, [c.data(rng, stacks[0] + [rows], dtype, kind), c.weights(rng, stacks[1] + [columns], dtype, kind)]


LARGE = [({}, [(300,), (500,)])]
REJECTS = [({}, [(), (4,)], "ShapeError", ["outer", "()"]), ({}, [(2, 3), (3, 4)], "ShapeError", ["outer", "broadcast"])]
