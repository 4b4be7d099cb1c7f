"""The gradient of grid_sample for the positions: sum over channels of gy times the slope."""

import itertools

import numpy as np

from . import _common as c
from . import _warp as w
from . import grid_sample

DEFAULTS = grid_sample.DEFAULTS


def slopes(position, mode):
    """[(pixel, derivative of its weight)] along one axis."""
    first = int(np.floor(position))
    if mode == "nearest":
        return [(int(np.rint(position)), 0.0)]
    if mode == "linear":
        return [(first, -1.0), (first + 1, 1.0)]

    def slope(t):
        sign, t = np.sign(t), abs(t)
        return sign * (3 * (w.A + 2) * t**2 - 2 * (w.A + 3) * t if t <= 1 else 3 * w.A * t**2 - 10 * w.A * t + 8 * w.A)

    return [(i, slope(position - i)) for i in range(first - 1, first + 3)]


def moved(p, m, padding, align):
    """How the position that is read moves with the one that is given."""
    if padding == "zeros":
        return 1.0
    sign, q = 1.0, p
    if padding == "reflection":
        low, span = (0, m - 1) if align else (-0.5, m)
        if span == 0:
            return 0.0
        turn = (p - low) % (2 * span)
        sign, q = (1.0, low + turn) if turn < span else (-1.0, low + 2 * span - turn)
    return sign if 0 < q < m - 1 else 0.0


def run(params, x, grid, gy):
    mode, padding, align = params["mode"], params["padding_mode"], params["align_corners"]
    x, gy = (c.to_ncx(c.wide(a), params["layout"]) for a in (x, gy))
    grids = c.wide(grid) if "N" in params["layout"] else c.wide(grid)[None]
    sizes = x.shape[2:]
    tap_mode = {"zeros": "zeros", "border": "replicate", "reflection": "reflect" if align else "symmetric"}[padding if mode == "cubic" else "zeros"]
    g = np.zeros(grids.shape)
    for n, *at in np.ndindex(grids.shape[:-1]):
        given = [grid_sample.position_of(float(v), m, align) for v, m in zip(grids[(n, *at)][::-1], sizes)]
        factors = [1.0 if mode == "cubic" else moved(p, m, padding, align) for p, m in zip(given, sizes)]
        position = given if mode == "cubic" else [grid_sample.into_range(p, m, padding, align) for p, m in zip(given, sizes)]
        for axis, m in enumerate(sizes):
            parts = [slopes(p, mode) if a == axis else w.taps(p, mode) for a, p in enumerate(position)]
            total = 0.0
            for combination in itertools.product(*parts):
                where = [c.source(i, sizes[a], tap_mode) for a, (i, _) in enumerate(combination)]
                if None not in where:
                    total += np.prod([v for _, v in combination]) * np.sum(x[(n, slice(None), *where)] * gy[(n, slice(None), *at)])
            g[(n, *at)][len(sizes) - 1 - axis] = total * factors[axis] * (m - 1 if align else m) / 2
    return g if "N" in params["layout"] else g[0]


def bound(params, x, grid, gy):
    x, gy = c.to_ncx(c.wide(x), params["layout"]), c.to_ncx(c.wide(gy), params["layout"])
    size = np.max(abs(x), initial=0) * np.max(abs(gy), initial=0) * x.shape[1] * max(x.shape[2:])
    return np.full(grid.shape, 8.0 * size), 1


def draw(rng, dtype, kind="normal", layout=None, span=9):
    params, (x, grid) = grid_sample.draw(rng, dtype, kind, layout, span)
    if kind == "spike":  # between the places where slopes jump
        grid = (grid + 0.03).astype(dtype)
    full = {**grid_sample.DEFAULTS, **params}
    ncx = c.to_ncx(x, full["layout"])
    made = grid.shape[1:-1] if "N" in full["layout"] else grid.shape[:-1]
    return params, [x, grid, c.data(rng, c.shape_of(full["layout"], *ncx.shape[:2], made), dtype, kind)]


REJECTS = [({}, [(1, 2, 4, 4), (1, 3, 3, 2), (1, 2, 3, 4)], "ShapeError", ["grid_sample_grad_grid", "gy", "3"])]
