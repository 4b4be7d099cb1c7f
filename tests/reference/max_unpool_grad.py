"""gx of max_unpool: the gradient at the place that an element went to, where that element had a say."""

import numpy as np

from . import _common as c
from . import max_unpool

DEFAULTS = max_unpool.DEFAULTS
ULPS = 4


def run(params, x, indices, gy):
    """Elements that were overwritten get nothing; in a mean each gets its share; the first of equal maxima gets all."""
    x, indices, gy = (c.to_ncx(v, params["layout"]) for v in (c.wide(x), indices, c.wide(gy)))
    gx = np.zeros(x.shape)
    for key, sources in max_unpool.meetings(params, indices, gy.shape).items():
        chosen = {"last": sources[-1:], "first": sources[:1], "max": [max(sources, key=lambda at: x[at])]}.get(params["overlap"], sources)
        for at in chosen:
            gx[at] = gy[key] / (len(sources) if params["overlap"] == "mean" else 1)
    return c.from_ncx(gx, params["layout"])


def draw(rng, dtype, kind="normal", layout=None, span=9):
    params, layout_, shape_in, shape_out = max_unpool.draw_params(rng, dtype, layout, span)
    if kind == "integers" and params["overlap"] == "mean":
        params["overlap"] = "sum"
    indices = max_unpool.draw_indices(rng, {**DEFAULTS, **params}, shape_in, shape_out)
    x = c.data(rng, c.shape_of(layout_, shape_in[0], shape_in[1], shape_in[2:]), dtype, kind)
    gy = c.data(rng, c.shape_of(layout_, shape_out[0], shape_out[1], shape_out[2:]), dtype, kind)
    return c.only_set(params, DEFAULTS), [x, np.ascontiguousarray(c.from_ncx(indices, layout_)), gy]


REJECTS = []
