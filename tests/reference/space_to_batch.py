"""y[flat(a) * N + n, c, i] = x[n, c, i * block + a - begin], 0 outside: pixels of a block become images of the batch."""

import numpy as np

from . import _common as c

LAYOUTS = ("NCX", "NXC")
DEFAULTS = dict(block=c.REQUIRED, padding=0, layout="NCX")
ULPS = 0


def run(params, x):
    x = c.to_ncx(c.wide(x), params["layout"])
    rank = x.ndim - 2
    block, pads = c.per_axis(params["block"], rank), c.pairs(params["padding"], rank)
    x = np.pad(x, [(0, 0), (0, 0), *pads])
    y = np.concatenate([x[(slice(None), slice(None), *(slice(at, None, b) for at, b in zip(a, block)))] for a in np.ndindex(*block)])
    return c.from_ncx(y, params["layout"])


def draw_block(rng, layout, span):
    layout_, n, channels, sizes = c.draw_image(rng, span, layout, LAYOUTS)
    rank = len(sizes)
    block = c.draw_axes(rng, rank, 1, 3)
    return layout_, n, channels, sizes, block, c.per_axis(block, rank)


def draw(rng, dtype, kind="normal", layout=None, span=9):
    layout_, n, channels, sizes, block, each = draw_block(rng, layout, span)
    pads = [[int(begin), int(begin2 + -(m + begin + begin2) % b)] for m, b, (begin, begin2) in zip(sizes, each, rng.integers(0, 3, (len(sizes), 2)))]
    if c.flip_coin(rng, 0.3):
        pads, sizes = 0, [m * b for m, b in zip(sizes, each)]
    return c.only_set(dict(block=block, padding=pads, layout=layout_), DEFAULTS), [c.data(rng, c.shape_of(layout_, n, channels, sizes), dtype, kind)]


REJECTS = [
    ({}, [(1, 4, 3, 3)], "ParameterError", ["space_to_batch", "block"]),
    ({"block": 0}, [(1, 4, 3, 3)], "ParameterError", ["space_to_batch", "block", "0"]),
    ({"block": 2, "padding": -1}, [(1, 4, 4, 4)], "ParameterError", ["space_to_batch", "padding", "-1"]),
    ({"block": 2}, [(1, 6, 4, 3)], "ShapeError", ["space_to_batch", "3", "2"]),
    ({"block": 2, "layout": "CX"}, [(1, 4, 4)], "ParameterError", ["space_to_batch", "layout", "CX", "NCX"]),
]
