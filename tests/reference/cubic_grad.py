"""The adjoint of cubic."""
from . import _resample as r

DEFAULTS = {"a": -0.75, **r.DEFAULTS, "input_size": "required"}


def run(params, gy):
    return r.backward(params, gy, r.keys(params["a"]), 2)


def bound(params, gy):
    return r.backward_bound(params, gy, r.keys(params["a"]), 2)


def draw(rng, dtype, kind="normal", layout=None, span=9):
    a = float(rng.choice([-0.75, -0.5])) if kind == "integers" else round(float(rng.uniform(-1, 0)), 3)
    return r.draw_backward(rng, dtype, kind, layout, span, {"a": a})


LARGE = r.LARGE_GRAD
REJECTS = [({"scale": 2, "input_size": 4}, [(1, 2, 9, 8)], "ShapeError", ["cubic_grad", "9", "8"])]
