"""The adjoint of resample_poly."""

from . import _common as c
from . import resample_poly

DEFAULTS = {**resample_poly.DEFAULTS, "input_size": c.REQUIRED}
EXACT = False


def spread(params, gy, change=lambda h: h):
    for axis, (up, down, taps) in enumerate(resample_poly.filters(params, gy.ndim - 2), start=2):
        m = c.per_axis(params["input_size"], gy.ndim - 2)[axis - 2]
        gy = resample_poly.along(gy, axis, len(taps) // 2, m, down, up, change(taps))
    return gy


def run(params, gy):
    return c.from_ncx(spread(params, c.to_ncx(c.wide(gy), params["layout"])), params["layout"])


def bound(params, gy):
    return c.from_ncx(spread(params, abs(c.to_ncx(c.wide(gy), params["layout"])), abs), params["layout"]), 64


def draw(rng, dtype, kind="normal", layout=None, span=9):
    params, (x,) = resample_poly.draw(rng, dtype, kind, layout, span)
    full = {**resample_poly.DEFAULTS, **params}
    x = c.to_ncx(x, full["layout"])
    made = resample_poly.resampled(full, 0.0 * x).shape
    return {**params, "input_size": list(x.shape[2:])}, [c.data(rng, c.shape_of(full["layout"], *made[:2], made[2:]), dtype, kind)]


REJECTS = [({"up": 2, "input_size": 4}, [(1, 2, 7)], "ShapeError", ["resample_poly_grad", "7", "8"])]
