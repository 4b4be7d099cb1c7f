"""Keys' cubic convolution."""

from . import _resample as r

DEFAULTS = {"a": -0.75, **r.DEFAULTS}
U8_ERROR = 0.625


def run(params, x):
    return r.forward(params, x, r.keys)


def bound(params, x):
    return r.forward_bound(params, x, r.keys)


def draw(rng, dtype, kind="normal", layout=None, span=9):
    return r.draw_forward(rng, dtype, kind, layout, span, {"a": -0.75 if kind == "integers" else round(float(rng.uniform(-1.5, 0.5)), 3)}, DEFAULTS)


LARGE = r.LARGE
REJECTS = r.rejects("cubic")
