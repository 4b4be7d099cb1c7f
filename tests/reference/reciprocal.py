"""1 / x"""

from . import _common as c
from . import _elementwise as e

DEFAULTS = {}
ULPS = 0.5


def run(params, x):
    return 1 / c.wide(x)


def draw(rng, dtype, kind="normal", layout=None, span=9):
    return {}, [e.draw(rng, dtype, kind, span, low=0.01)]


REJECTS = []
