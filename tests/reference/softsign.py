"""x / (1 + |x|)"""

from . import _common as c
from . import _elementwise as e

DEFAULTS = {}
ULPS = 2


def run(params, x):
    x = c.wide(x)
    return x / (1 + abs(x))


def draw(rng, dtype, kind="normal", layout=None, span=9):
    return {}, [e.draw(rng, dtype, kind, span)]


REJECTS = []
