"""The adjoint of warp_affine."""

import numpy as np

from . import _common as c
from . import _warp as w
from . import warp_affine

DEFAULTS = {**warp_affine.DEFAULTS, "input_size": c.REQUIRED}
EXACT = False


def run(params, gy, matrix):
    gy = c.to_ncx(c.wide(gy), params["layout"])
    sizes = tuple(c.per_axis(params["input_size"], gy.ndim - 2))
    gx = np.zeros(gy.shape[:2] + sizes)
    for n, at, position, outside in warp_affine.positions(params, sizes, gy.shape[2:], gy.shape[0], c.wide(matrix)):
        for where, weight in w.places(position, params["mode"], outside):
            if where is not None:
                gx[(n, slice(None), *where)] += weight * gy[(n, slice(None), *at)]
    return c.from_ncx(gx, params["layout"])


def bound(params, gy, matrix):
    """Where several outputs meet their errors do."""
    gy = abs(c.wide(gy))
    meet = abs(run(params, np.ones(gy.shape), matrix)).max(initial=0)
    return np.full(run(params, gy, matrix).shape, (8 + 4 * meet) * np.max(gy, initial=0)), 64


def draw(rng, dtype, kind="normal", layout=None, span=9):
    params, (x, matrix) = warp_affine.draw(rng, dtype, kind, layout, min(span, 12))
    full = {**warp_affine.DEFAULTS, **params}
    x = c.to_ncx(x, full["layout"])
    made = warp_affine.made_of(full, x.shape[2:])
    gy = c.data(rng, c.shape_of(full["layout"], *x.shape[:2], made), dtype, kind)
    return {**params, "input_size": list(x.shape[2:])}, [gy, matrix]


REJECTS = [({"input_size": 4, "size": 3}, [(1, 2, 3, 5), (2, 3)], "ShapeError", ["warp_affine_grad", "5", "3"])]
