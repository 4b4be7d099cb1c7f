"""B-splines; with prefilter those that go through the pixels."""

from . import _resample as r

DEFAULTS = {"order": 3, "prefilter": True, **r.DEFAULTS}
U8_ERROR = 0.625
EXACT = False  # the weights are not fractions of few bits


def run(params, x):
    return r.forward(params, x, r.bspline)


def bound(params, x):
    return r.forward_bound(params, x, r.bspline)


def draw(rng, dtype, kind="normal", layout=None, span=9):
    return r.draw_forward(rng, dtype, kind, layout, span, {"order": int(rng.integers(6)), "prefilter": bool(rng.integers(2))}, DEFAULTS)


LARGE = r.LARGE
REJECTS = r.rejects("bspline") + [({"scale": 2, "order": 6}, [(1, 2, 5, 5)], "ParameterError", ["bspline", "order", "6"])]
