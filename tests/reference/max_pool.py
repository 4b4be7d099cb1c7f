"""The largest element of every window, the first in row-major order where several are equal; NaN is larger than everything."""

import itertools

import numpy as np

from . import _common as c
from . import _pool as p

DEFAULTS = dict(
    kernel=c.REQUIRED,
    stride=None,
    padding=0,
    dilation=1,
    ceil_mode=False,
    return_indices=False,
    indices="spatial_flat",
    storage_order="row",
    include_batch=False,
    layout="NCX",
)
ULPS = 0


def run(params, x):
    x = c.to_ncx(c.wide(x), params["layout"])
    sizes = x.shape[2:]
    found = p.frames(params, sizes)
    y = np.zeros(x.shape[:2] + tuple(f[0] for f in found), x.dtype)
    indices = np.zeros(y.shape, np.int64)
    for o in np.ndindex(*y.shape[2:]):
        window = list(itertools.product(*[p.inside(f, i, m) for f, i, m in zip(found, o, sizes)]))
        values = np.stack([x[(Ellipsis,) + place] for place in window])
        best = np.argmax(values, 0)  # the first of equals; NaN counts as the largest
        for n, ch in np.ndindex(*x.shape[:2]):
            y[(n, ch) + o] = values[(best[n, ch], n, ch)]
            indices[(n, ch) + o] = p.encode(params, n, ch, window[best[n, ch]], x.shape)
    y, indices = c.from_ncx(y, params["layout"]), c.from_ncx(indices, params["layout"])
    return (y, indices) if params["return_indices"] else y


def draw(rng, dtype, kind="normal", layout=None, span=9):
    while True:
        layout_, n, channels, sizes = c.draw_image(rng, span, layout)
        params = dict(layout=layout_, return_indices=c.flip_coin(rng, 0.7), **p.draw_window(rng, len(sizes), span, named=True), **p.draw_indices(rng))
        if p.valid({**DEFAULTS, **params}, sizes):
            break
    return c.only_set(params, DEFAULTS), [c.data(rng, c.shape_of(layout_, n, channels, sizes), dtype, kind)]


# Whole windows along rows, along channels and with planes side by side; borders, gaps in windows, rows of more than one strip.
LARGE = [
    ({"kernel": 2, "return_indices": True}, [(1, 3, 40, 75)]),
    ({"kernel": 3, "stride": 2, "padding": 1, "return_indices": True, "indices": "global_flat"}, [(2, 19, 7, 7)]),
    ({"kernel": 3, "stride": 1, "padding": 1, "return_indices": True, "indices": "nhwc_flat"}, [(2, 9, 5, 6)]),
    ({"kernel": 3, "stride": 2, "padding": 1, "return_indices": True, "layout": "NXC"}, [(2, 9, 8, 70)]),
    ({"kernel": [2, 3], "stride": [1, 3], "dilation": [3, 2], "padding": [1, 2], "layout": "NXC"}, [(1, 13, 20, 37)]),
    ({"kernel": 5, "stride": 1, "dilation": 2, "padding": 4}, [(1, 2, 23, 50)]),
    ({"kernel": 2, "ceil_mode": True}, [(3, 30, 5, 7)]),
    ({"kernel": 3, "stride": 2, "padding": 1, "return_indices": True}, [(1, 2, 40000)]),
    ({"kernel": 2, "padding": 1, "stride": 1, "return_indices": True}, [(2, 17, 3, 4, 5)]),
]
REJECTS = p.rejects("max_pool") + [
    ({"kernel": 2, "padding": 2}, [(1, 2, 5, 5)], "ParameterError", ["max_pool", "padding", "2"]),
    ({"kernel": 2, "dilation": 0}, [(1, 2, 5, 5)], "ParameterError", ["max_pool", "dilation", "0"]),
    ({"kernel": 2, "indices": "rows"}, [(1, 2, 5, 5)], "ParameterError", ["max_pool", "indices", "rows", "spatial_flat"]),
    ({"kernel": 7}, [(1, 2, 5, 5)], "ShapeError", ["max_pool", "7", "5"]),
]
