"""A Gaussian, cut off at three standard deviations."""

from . import _resample as r

DEFAULTS = {"sigma": 0.5, **r.DEFAULTS}
U8_ERROR = 0.625
EXACT = False  # the weights are not fractions of few bits


def run(params, x):
    return r.forward(params, x, r.gaussian)


def bound(params, x):
    return r.forward_bound(params, x, r.gaussian)


def draw(rng, dtype, kind="normal", layout=None, span=9):
    return r.draw_forward(rng, dtype, kind, layout, span, {"sigma": round(float(rng.uniform(0.34, 2)), 3)}, DEFAULTS)


LARGE = r.LARGE
REJECTS = r.rejects("gaussian") + [({"scale": 2, "sigma": 0}, [(1, 2, 5, 5)], "ParameterError", ["gaussian", "sigma", "0"])]
