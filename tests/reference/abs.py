"""|x|"""

from . import _common as c
from . import _elementwise as e

DEFAULTS = {}
ULPS = 0


def run(params, x):
    return e.same_type(abs(c.wide(x)), x)


def draw(rng, dtype, kind="normal", layout=None, span=9):
    return {}, [e.draw(rng, dtype, kind, span, scales=(1, 10, 30))]


REJECTS = []
