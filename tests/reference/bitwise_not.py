"""-1 - x, wrapped."""

from . import _common as c
from . import _elementwise as e

DEFAULTS = {}


def run(params, x):
    return e.same_type(-1 - c.wide(x), x)


def draw(rng, dtype, kind="normal", layout=None, span=9):
    return {}, [e.draw(rng, e.whole(dtype), kind, span)]


REJECTS = [({}, [(2, 3)], "DTypeError", ["bitwise_not", "float32", "int64"])]
