"""The sharpened Magic Kernel."""

from . import _resample as r

DEFAULTS = {"version": 2021, **r.DEFAULTS}
U8_ERROR = 0.625
EXACT = False  # the weights are not fractions of few bits


def run(params, x):
    return r.forward(params, x, r.magic_kernel_sharp)


def bound(params, x):
    return r.forward_bound(params, x, r.magic_kernel_sharp)


def draw(rng, dtype, kind="normal", layout=None, span=9):
    return r.draw_forward(rng, dtype, kind, layout, span, {"version": int(rng.choice([2013, 2021]))}, DEFAULTS)


LARGE = r.LARGE
REJECTS = r.rejects("magic_kernel_sharp") + [
    ({"scale": 2, "version": 2020}, [(1, 2, 5, 5)], "ParameterError", ["magic_kernel_sharp", "version", "2020"])
]
