"""Cubic convolution (Keys): four taps per axis, free parameter a."""
from . import _resample as r

DEFAULTS = {"a": -0.75, **r.DEFAULTS}
U8_ERROR = 0.625


def run(params, x):
    return r.forward(params, x, r.keys(params["a"]), 2)


def bound(params, x):
    return r.forward_bound(params, x, r.keys(params["a"]), 2)


def draw(rng, dtype, kind="normal", layout=None, span=9):
    a = float(rng.choice([-0.75, -0.5])) if kind == "integers" else round(float(rng.uniform(-1, 0)), 3)
    return r.draw_forward(rng, dtype, kind, layout, span, {"a": a})


LARGE = r.LARGE
REJECTS = r.rejects("cubic")
