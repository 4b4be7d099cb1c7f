"""The inverse of pixel_shuffle: y[c*prod(r) + a, i] = x[c, i*r + a]."""

import numpy as np

from . import _common as c
from . import pixel_shuffle

DEFAULTS = pixel_shuffle.DEFAULTS
ULPS = 0


def run(params, x):
    x = c.to_ncx(c.wide(x), params["layout"])
    scale = c.per_axis(params["scale"], x.ndim - 2)
    cell = int(np.prod(scale))
    y = np.zeros((x.shape[0], x.shape[1] * cell) + tuple(m // s for m, s in zip(x.shape[2:], scale)), x.dtype)
    for flat, offset in enumerate(np.ndindex(*scale)):
        channels = slice(flat, None, cell) if params["order"] == "crd" else slice(flat * x.shape[1], (flat + 1) * x.shape[1])
        y[:, channels] = x[(slice(None), slice(None)) + tuple(slice(a, None, s) for a, s in zip(offset, scale))]
    return c.from_ncx(y, params["layout"])


def draw(rng, dtype, kind="normal", layout=None, span=9):
    layout_, n, channels, sizes, scale, each = pixel_shuffle.draw_scale(rng, layout, span)
    x = c.data(rng, c.shape_of(layout_, n, channels, [m * s for m, s in zip(sizes, each)]), dtype, kind)
    return c.only_set(dict(scale=scale, order=c.choose(rng, ("crd", "dcr")), layout=layout_), DEFAULTS), [x]


REJECTS = [
    ({}, [(1, 1, 4, 4)], "ParameterError", ["pixel_unshuffle", "scale"]),
    ({"scale": 2}, [(1, 1, 4, 5)], "ShapeError", ["pixel_unshuffle", "5", "2"]),
]
