"""The adjoint of lanczos."""
from . import _resample as r

DEFAULTS = {"a": 3, **r.DEFAULTS, "input_size": "required"}
EXACT = False


def run(params, gy):
    return r.backward(params, gy, r.lanczos(params["a"]), params["a"])


def bound(params, gy):
    return r.backward_bound(params, gy, r.lanczos(params["a"]), params["a"])


def draw(rng, dtype, kind="normal", layout=None, span=9):
    return r.draw_backward(rng, dtype, kind, layout, span, {"a": int(rng.integers(1, 6))})


LARGE = r.LARGE_GRAD
REJECTS = [({"scale": 2, "input_size": 4}, [(1, 2, 9, 8)], "ShapeError", ["lanczos_grad", "9", "8"])]
