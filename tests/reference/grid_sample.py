"""y at i is x at the position that grid[i] names."""

import numpy as np

from . import _common as c
from . import _warp as w

DEFAULTS = dict(mode="linear", padding_mode="zeros", align_corners=False, layout="NCX")
EXACT = False  # positions are no small integers


def position_of(g, m, align_corners):
    return (g + 1) / 2 * (m - 1) if align_corners else ((g + 1) * m - 1) / 2


def into_range(p, m, padding_mode, align_corners):
    if padding_mode == "zeros":
        return p
    if padding_mode == "reflection":
        low, span = (0, m - 1) if align_corners else (-0.5, m)
        turn = (p - low) % (2 * span) if span else 0
        p = low + min(turn, 2 * span - turn)
    return min(max(p, 0), m - 1)


def positions(params, sizes, grid):
    """(n, place in y, position in x, where taps outside read) of every output of a grid (N, n..., r)."""
    mode, padding, align = params["mode"], params["padding_mode"], params["align_corners"]
    taps = {"zeros": "zeros", "border": "replicate", "reflection": "reflect" if align else "symmetric"}[padding if mode == "cubic" else "zeros"]
    for n, *at in np.ndindex(grid.shape[:-1]):
        position = [position_of(float(g), m, align) for g, m in zip(grid[(n, *at)][::-1], sizes)]
        if mode != "cubic":
            position = [into_range(p, m, padding, align) for p, m in zip(position, sizes)]
        yield n, tuple(at), position, lambda axis, i: c.source(i, sizes[axis], taps)


def sampled(params, x, grid):
    """x (N, C, m...), grid (N, n..., r)"""
    y = np.zeros(x.shape[:2] + grid.shape[1:-1])
    for n, at, position, outside in positions(params, x.shape[2:], grid):
        y[(n, slice(None), *at)], _ = w.read(x[n], position, params["mode"], outside)
    return y


def run(params, x, grid):
    grid = c.wide(grid) if "N" in params["layout"] else c.wide(grid)[None]
    return c.from_ncx(sampled(params, c.to_ncx(c.wide(x), params["layout"]), grid), params["layout"])


def bound(params, x, grid):
    """A position errs by a few units in float64, and weights by one: of cubic the sum of their magnitudes is below 1.6 per axis."""
    x = abs(c.wide(x))
    return np.full(run(params, x, grid).shape, 2.0 * np.max(x, initial=0)), 64


def draw_grid(rng, layout, n, sizes, rank, dtype, kind):
    """Positions within and outside; with the kind spike, those of pixels and of halves between them."""
    grid = rng.uniform(-1.6, 1.6, ((n,) if "N" in layout else ()) + tuple(sizes) + (rank,))
    if kind == "spike":
        grid = np.round(grid * 4) / 4
    return grid.astype(dtype)


def draw(rng, dtype, kind="normal", layout=None, span=9):
    layout_, n, channels, sizes = c.draw_image(rng, span, layout)
    rank = len(sizes)
    params = dict(
        mode=c.choose(rng, w.MODES), padding_mode=c.choose(rng, ("zeros", "border", "reflection")), align_corners=c.flip_coin(rng), layout=layout_
    )
    made = c.draw_sizes(rng, rank, min(span, 9) if span > 9 else span)
    x = c.data(rng, c.shape_of(layout_, n, channels, sizes), dtype, kind)
    return c.only_set(params, DEFAULTS), [x, draw_grid(rng, layout_, n, made, rank, dtype, kind)]


LARGE = [({"mode": "cubic"}, [(1, 2, 5, 6), (1, 60, 50, 2)]), ({"layout": "NXC"}, [(2, 33, 37), (2, 500, 1)])]
REJECTS = [
    ({"mode": "lanczos"}, [(1, 2, 5, 5), (1, 3, 3, 2)], "ParameterError", ["grid_sample", "mode", "lanczos", "cubic"]),
    ({"padding_mode": "reflect"}, [(1, 2, 5, 5), (1, 3, 3, 2)], "ParameterError", ["grid_sample", "padding_mode", "reflect", "reflection"]),
    ({}, [(1, 2, 5, 5), (1, 3, 3, 3)], "ShapeError", ["grid_sample", "grid", "3", "2"]),
    ({}, [(2, 2, 5, 5), (1, 3, 3, 2)], "ShapeError", ["grid_sample", "grid", "images"]),
    ({}, [(1, 2, 5, 0), (1, 3, 3, 2)], "ShapeError", ["grid_sample", "0"]),
]
