"""The product of matrices, and of stacks of them."""

import numpy as np

from . import _common as c
from . import _matrix as m

DEFAULTS = dict(transpose_a=False, transpose_b=False)


def turned(x, transpose):
    return np.swapaxes(x, -1, -2) if transpose and x.ndim > 1 else x


def run(params, a, b):
    with np.errstate(invalid="ignore"):
        return np.asarray(turned(c.wide(a), params["transpose_a"]) @ turned(c.wide(b), params["transpose_b"]))


def bound(params, a, b):
    return run(params, abs(c.wide(a)), abs(c.wide(b))), max(turned(a, params["transpose_a"]).shape[-1], 1)


def draw(rng, dtype, kind="normal", layout=None, span=9):
    params = dict(transpose_a=c.flip_coin(rng), transpose_b=c.flip_coin(rng))
    rows, terms, columns = m.draw_sizes(rng, span, 3)
    stacks = m.draw_stacks(rng, span)
    a, b = [rows, terms], [terms, columns]
    if params["transpose_a"]:
        a.reverse()
    if params["transpose_b"]:
        b.reverse()
    a, b = ([terms] if c.flip_coin(rng, 0.2) else stacks[0] + a), ([terms] if c.flip_coin(rng, 0.2) else stacks[1] + b)
    return c.only_set(params, DEFAULTS), [c.data(rng, a, dtype, kind), c.weights(rng, b, dtype, kind)]


LONG = [({}, [(3, 3000), (3000, 5)]), ({}, [(2, 20000), (20000, 3)]), ({"transpose_a": True}, [(20000, 2), (20000,)])]
LARGE = [
    ({}, [(300, 70), (70, 410)]),
    ({"transpose_a": True, "transpose_b": True}, [(300, 150), (210, 300)]),
    ({}, [(3, 300), (300, 410)]),
    ({"transpose_b": True}, [(2, 3, 130, 40), (3, 50, 40)]),
    ({}, [(5, 40, 30), (30, 20)]),
    ({}, [(9000,), (9000, 3)]),
    ({}, [(2, 3, 0), (0, 5)]),
    ({}, [(0, 3), (3, 5)]),
    ({}, [(2, 3), (3, 0)]),
]
REJECTS = [
    ({}, [(2, 3), (4, 5)], "ShapeError", ["matmul", "(2, 3)", "(4, 5)", "3", "4"]),
    ({}, [(), (4, 5)], "ShapeError", ["matmul", "()"]),
    ({}, [(2, 3, 4), (3, 4, 5)], "ShapeError", ["matmul", "broadcast", "2"]),
]
