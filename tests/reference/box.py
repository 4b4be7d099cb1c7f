"""Box: 1 over the length of a pixel."""

from . import _resample as r

DEFAULTS = {**r.DEFAULTS}
U8_ERROR = 0.625


def run(params, x):
    return r.forward(params, x, r.box)


def bound(params, x):
    return r.forward_bound(params, x, r.box)


def draw(rng, dtype, kind="normal", layout=None, span=9):
    return r.draw_forward(rng, dtype, kind, layout, span, None, DEFAULTS)


LARGE = r.LARGE
REJECTS = r.rejects("box")
