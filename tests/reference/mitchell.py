"""The cubics of Mitchell and Netravali."""

from . import _resample as r

DEFAULTS = {"b": 1 / 3, "c": 1 / 3, **r.DEFAULTS}
U8_ERROR = 0.625
EXACT = False  # the weights are not fractions of few bits


def run(params, x):
    return r.forward(params, x, r.mitchell)


def bound(params, x):
    return r.forward_bound(params, x, r.mitchell)


def draw(rng, dtype, kind="normal", layout=None, span=9):
    return r.draw_forward(
        rng, dtype, kind, layout, span, {"b": round(float(rng.uniform(-1, 1.5)), 3), "c": round(float(rng.uniform(-1, 1.5)), 3)}, DEFAULTS
    )


LARGE = r.LARGE
REJECTS = r.rejects("mitchell")
