"""Lanczos: a windowed sinc of 2a taps per axis, its weights divided by their sum."""

from . import _resample as r

DEFAULTS = {"a": 3, **r.DEFAULTS}
U8_ERROR = 0.625
EXACT = False  # the weights are not fractions of few bits


def run(params, x):
    return r.forward(params, x, r.lanczos)


def bound(params, x):
    return r.forward_bound(params, x, r.lanczos)


def draw(rng, dtype, kind="normal", layout=None, span=9):
    return r.draw_forward(rng, dtype, kind, layout, span, {"a": int(rng.integers(1, 6))}, DEFAULTS)


LARGE = r.LARGE
REJECTS = r.rejects("lanczos") + [({"scale": 2, "a": 0}, [(1, 2, 5, 5)], "ParameterError", ["lanczos", "a", "0"])]
