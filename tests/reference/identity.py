"""x as it is."""

from . import _common as c
from ._shapes import draw_shape

DEFAULTS = {}
ULPS = 0


def run(params, x):
    return c.wide(x)


def draw(rng, dtype, kind="normal", layout=None, span=9):
    return {}, [c.data(rng, draw_shape(rng, span), dtype, kind)]


REJECTS = []
