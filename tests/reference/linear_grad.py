"""The adjoint of linear."""
from . import _resample as r

DEFAULTS = {**r.DEFAULTS, "input_size": "required"}


def run(params, gy):
    return r.backward(params, gy, r.triangle, 1)


def bound(params, gy):
    return r.backward_bound(params, gy, r.triangle, 1)


def draw(rng, dtype, kind="normal", layout=None, span=9):
    return r.draw_backward(rng, dtype, kind, layout, span)


LARGE = r.LARGE_GRAD
REJECTS = [({"scale": 2, "input_size": 4}, [(1, 2, 9, 8)], "ShapeError", ["linear_grad", "9", "8"])]
