"""The adjoint of grid_sample."""

import numpy as np

from . import _common as c
from . import _warp as w
from . import grid_sample

DEFAULTS = {**grid_sample.DEFAULTS, "input_size": c.REQUIRED}
EXACT = False


def run(params, gy, grid):
    gy = c.to_ncx(c.wide(gy), params["layout"])
    grid = c.wide(grid) if "N" in params["layout"] else c.wide(grid)[None]
    sizes = tuple(c.per_axis(params["input_size"], gy.ndim - 2))
    gx = np.zeros(gy.shape[:2] + sizes)
    for n, at, position, outside in grid_sample.positions(params, sizes, grid):
        for where, weight in w.places(position, params["mode"], outside):
            if where is not None:
                gx[(n, slice(None), *where)] += weight * gy[(n, slice(None), *at)]
    return c.from_ncx(gx, params["layout"])


def bound(params, gy, grid):
    made = run(params, abs(c.wide(gy)), grid)
    return np.full(made.shape, 4 * np.max(abs(c.wide(gy)), initial=0)) + 2 * abs(made), 64


def draw(rng, dtype, kind="normal", layout=None, span=9):
    params, (x, grid) = grid_sample.draw(rng, dtype, kind, layout, min(span, 12))
    full = {**grid_sample.DEFAULTS, **params}
    x = c.to_ncx(x, full["layout"])
    made = grid.shape[1:-1] if "N" in full["layout"] else grid.shape[:-1]
    gy = c.data(rng, c.shape_of(full["layout"], *x.shape[:2], made), dtype, kind)
    return {**params, "input_size": list(x.shape[2:])}, [gy, grid]


REJECTS = [({"input_size": 4}, [(1, 2, 7, 6), (1, 7, 5, 2)], "ShapeError", ["grid_sample_grad", "6", "5"])]
