"""gx = sum over the windows that hold x of gy sign(x) (|x| / y)^(p - 1)."""

import numpy as np

from . import _common as c
from . import lp_pool as forward

DEFAULTS = forward.DEFAULTS


def parts(params, x, y, gy, size=lambda v: v):
    x, y, gy = (c.to_ncx(c.wide(v), params["layout"]) for v in (x, y, gy))
    gx, p = np.zeros(x.shape), params["p"]
    for o, elements, share in forward.windows(params, x.shape[2:]):
        there = np.where(y[o] == 0, 1, y[o])[..., None]
        part = (abs(x[elements]) / abs(there)) ** (p - 1)
        if params["sign_rule"] == "abs":
            share = 1
        if params["sign_rule"] == "abs" or p % 2 == 0:
            part = part * np.sign(x[elements])
        gx[elements] += size(gy[o][..., None] * share * part * (y[o] != 0)[..., None])
    return c.from_ncx(gx, params["layout"])


def run(params, x, y, gy):
    return parts(params, x, y, gy)


def bound(params, x, y, gy):
    return parts(params, x, y, gy, abs), 64


def draw(rng, dtype, kind="normal", layout=None, span=9):
    params, (x,) = forward.draw(rng, dtype, kind, layout, span)
    y = np.asarray(forward.run({**DEFAULTS, **params}, x)).astype(dtype)
    return params, [x, y, c.weights(rng, y.shape, dtype, kind)]


REJECTS = [({"kernel": 2}, [(1, 2, 4, 4), (1, 2, 2, 3), (1, 2, 2, 2)], "ShapeError", ["lp_pool_grad", "y", "2, 3"])]
