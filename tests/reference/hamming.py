"""A sinc of one lobe in Hamming's window."""

from . import _resample as r

DEFAULTS = {**r.DEFAULTS}
U8_ERROR = 0.625
EXACT = False  # the weights are not fractions of few bits


def run(params, x):
    return r.forward(params, x, r.hamming)


def bound(params, x):
    return r.forward_bound(params, x, r.hamming)


def draw(rng, dtype, kind="normal", layout=None, span=9):
    return r.draw_forward(rng, dtype, kind, layout, span, None, DEFAULTS)


LARGE = r.LARGE
REJECTS = r.rejects("hamming")
