"""gx = sum over the windows that hold x of gy w (1 + x - y), with w = exp(x) / sum of exp over the window."""

import numpy as np

from . import _common as c
from . import soft_pool as forward

DEFAULTS = forward.DEFAULTS


def run(params, x, y, gy, size=lambda v: v):
    x, y, gy = (c.to_ncx(c.wide(v), params["layout"]) for v in (x, y, gy))
    gx = np.zeros(x.shape)
    for o, elements, _ in forward.windows(params, x.shape[2:]):
        w = forward.weights(x[elements])
        gx[elements] += size(gy[o][..., None]) * w * (1 + size(x[elements]) + size(-y[o][..., None]))
    return c.from_ncx(gx, params["layout"])


def bound(params, x, y, gy):
    return run(params, x, y, gy, abs), 64


def draw(rng, dtype, kind="normal", layout=None, span=9):
    params, (x,) = forward.draw(rng, dtype, kind, layout, span)
    y = np.asarray(forward.run({**DEFAULTS, **params}, x)).astype(dtype)
    return params, [x, y, c.weights(rng, y.shape, dtype, kind)]


REJECTS = [({"kernel": 2}, [(1, 2, 4, 4), (1, 2, 2, 3), (1, 2, 2, 2)], "ShapeError", ["soft_pool_grad", "y", "2, 3"])]
