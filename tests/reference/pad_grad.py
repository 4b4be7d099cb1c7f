"""The adjoint of pad: every element of gy goes back to the element that stood there."""

import numpy as np

from . import _common as c
from . import pad

DEFAULTS = {**pad.DEFAULTS, "input_size": c.REQUIRED}


def run(params, gy):
    gy = c.to_ncx(c.wide(gy), params["layout"])
    sizes = c.per_axis(params["input_size"], gy.ndim - 2)
    pads = c.pairs(params["amount"], len(sizes))
    for axis, (m, (b, e)) in enumerate(zip(sizes, pads), start=2):
        begin, kept = max(-b, 0), m - max(-b, 0) - max(-e, 0)
        gx = np.zeros((m,) + np.moveaxis(gy, axis, 0).shape[1:])
        for o, row in enumerate(np.moveaxis(gy, axis, 0)):
            j = c.source(o - max(b, 0), kept, params["padding_mode"])
            if j is not None:
                gx[begin + j] += row
        gy = np.moveaxis(gx, 0, axis)
    return c.from_ncx(gy, params["layout"])


def bound(params, gy):
    return run(params, abs(c.wide(gy))), 25 ** (c.to_ncx(gy, params["layout"]).ndim - 2)


def draw(rng, dtype, kind="normal", layout=None, span=9):
    params, layout_, n, channels, sizes = pad.draw_params(rng, dtype, layout, span)
    outs = [m + b + e for m, (b, e) in zip(sizes, c.pairs(params["amount"], len(sizes)))]
    gy = c.data(rng, c.shape_of(layout_, n, channels, outs), dtype, kind)
    return {**c.only_set(params, pad.DEFAULTS), "input_size": sizes}, [gy]


REJECTS = [({"amount": 1, "input_size": 4}, [(1, 2, 7, 6)], "ShapeError", ["pad_grad", "7", "6"])]
