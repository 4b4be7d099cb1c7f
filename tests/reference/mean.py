"""The mean of the inputs, broadcast to one another."""

from . import _common as c
from . import _elementwise as e
from . import add

DEFAULTS = {}
EXACT = False
draw = add.draw


def run(params, *xs):
    return add.run(params, *xs) / len(xs)


def bound(params, *xs):
    return run(params, *[abs(c.wide(x)) for x in xs]), len(xs)


REJECTS = e.rejects("mean")
