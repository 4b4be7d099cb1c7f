"""y[c, i*r + a] = x[c*prod(r) + a, i]: channels become pixels (column-row-depth order, a flat over the axes)."""

import numpy as np

from . import _common as c

DEFAULTS = dict(scale=c.REQUIRED, order="crd", layout="NCX")
ULPS = 0


def run(params, x):
    x = c.to_ncx(c.wide(x), params["layout"])
    rank = x.ndim - 2
    scale = c.per_axis(params["scale"], rank)
    cell = int(np.prod(scale))
    y = np.zeros((x.shape[0], x.shape[1] // cell) + tuple(m * s for m, s in zip(x.shape[2:], scale)), x.dtype)
    for flat, offset in enumerate(np.ndindex(*scale)):
        channels = slice(flat, None, cell) if params["order"] == "crd" else slice(flat * y.shape[1], (flat + 1) * y.shape[1])
        y[(slice(None), slice(None)) + tuple(slice(a, None, s) for a, s in zip(offset, scale))] = x[:, channels]
    return c.from_ncx(y, params["layout"])


def draw_scale(rng, layout, span):
    layout_, n, channels, sizes = c.draw_image(rng, span, layout, c.WITH_CHANNELS)
    scale = c.draw_axes(rng, len(sizes), 1, 3)
    return layout_, n, channels, sizes, scale, c.per_axis(scale, len(sizes))


def draw(rng, dtype, kind="normal", layout=None, span=9):
    layout_, n, channels, sizes, scale, each = draw_scale(rng, layout, span)
    x = c.data(rng, c.shape_of(layout_, n, channels * int(np.prod(each)), sizes), dtype, kind)
    return c.only_set(dict(scale=scale, order=c.choose(rng, ("crd", "dcr")), layout=layout_), DEFAULTS), [x]


LARGE = [({"scale": 2}, [(1, 8, 3, 37)]), ({"scale": 2, "layout": "NXC"}, [(1, 3, 2, 148)]), ({"scale": 2, "layout": "NXC"}, [(2, 2, 3, 128)])]
REJECTS = [
    ({}, [(1, 4, 3, 3)], "ParameterError", ["pixel_shuffle", "scale"]),
    ({"scale": 0}, [(1, 4, 3, 3)], "ParameterError", ["pixel_shuffle", "scale", "0"]),
    ({"scale": 2}, [(1, 6, 3, 3)], "ShapeError", ["pixel_shuffle", "6", "4"]),
    ({"scale": [2, 2, 2]}, [(1, 8, 3, 3)], "ParameterError", ["pixel_shuffle", "scale", "3"]),
]
