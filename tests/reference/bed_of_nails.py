"""y[i*scale + corner] = x[i], zeros elsewhere."""

import numpy as np

from . import _common as c

DEFAULTS = dict(scale=c.REQUIRED, corner=0, layout="NCX")
ULPS = 0
CORNERS = {"top_left": (0, 0), "top_right": (0, -1), "bottom_left": (-1, 0), "bottom_right": (-1, -1)}


def places(params, rank):
    """(scale, corner) of every axis, -1 meaning the last place of the cell."""
    scale = c.per_axis(params["scale"], rank)
    corner = params["corner"]
    corner = CORNERS[corner] if isinstance(corner, str) else c.per_axis(corner, rank)
    return [slice(s - 1 if at == -1 else at, None, s) for s, at in zip(scale, corner)]


def run(params, x):
    x = c.to_ncx(c.wide(x), params["layout"])
    rank = x.ndim - 2
    y = np.zeros(x.shape[:2] + tuple(m * s for m, s in zip(x.shape[2:], c.per_axis(params["scale"], rank))), x.dtype)
    y[(slice(None), slice(None)) + tuple(places(params, rank))] = x
    return c.from_ncx(y, params["layout"])


def draw_params(rng, layout, span):
    layout_, n, channels, sizes = c.draw_image(rng, span, layout)
    rank = len(sizes)
    scale = c.draw_axes(rng, rank, 1, 4)
    smallest = min(c.per_axis(scale, rank))
    corner = c.draw_axes(rng, rank, -1, smallest - 1)
    if rank == 2 and c.flip_coin(rng, 0.3):
        corner = c.choose(rng, list(CORNERS))
    return dict(scale=scale, corner=corner, layout=layout_), layout_, n, channels, sizes


def draw(rng, dtype, kind="normal", layout=None, span=9):
    params, layout_, n, channels, sizes = draw_params(rng, layout, span)
    return c.only_set(params, DEFAULTS), [c.data(rng, c.shape_of(layout_, n, channels, sizes), dtype, kind)]


LARGE = [({"scale": [2, 5], "corner": [1, 3], "layout": "NXC"}, [(1, 3, 40, 5)]), ({"scale": 4, "corner": 2, "layout": "XC"}, [(40, 9)])]
REJECTS = [
    ({}, [(1, 2, 3, 3)], "ParameterError", ["bed_of_nails", "scale"]),
    ({"scale": 0}, [(1, 2, 3, 3)], "ParameterError", ["bed_of_nails", "scale", "0"]),
    ({"scale": 2, "corner": 2}, [(1, 2, 3, 3)], "ParameterError", ["bed_of_nails", "corner", "2"]),
    ({"scale": 2, "corner": -2}, [(1, 2, 3, 3)], "ParameterError", ["bed_of_nails", "corner", "-2"]),
    ({"scale": 2, "corner": "top_left"}, [(1, 2, 3)], "ParameterError", ["bed_of_nails", "corner", "top_left"]),
    ({"scale": 2, "corner": "middle"}, [(1, 2, 3, 3)], "ParameterError", ["bed_of_nails", "corner", "middle", "top_left"]),
    ({"scale": 2.5}, [(1, 2, 3, 3)], "ParameterError", ["bed_of_nails", "scale", "2.5"]),
]
