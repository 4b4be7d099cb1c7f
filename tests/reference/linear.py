"""Linear interpolation: two taps per axis, triangle weights."""
from . import _resample as r

DEFAULTS = r.DEFAULTS
U8_ERROR = 0.625  # fixed-point coefficients and one rounding


def run(params, x):
    return r.forward(params, x, r.triangle, 1)


def bound(params, x):
    return r.forward_bound(params, x, r.triangle, 1)


def draw(rng, dtype, kind="normal", layout=None, span=9):
    return r.draw_forward(rng, dtype, kind, layout, span)


LARGE = r.LARGE
REJECTS = r.rejects("linear")
