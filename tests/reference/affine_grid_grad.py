"""The adjoint of affine_grid."""

import numpy as np

from . import _common as c
from . import affine_grid

DEFAULTS = affine_grid.DEFAULTS
EXACT = False


def run(params, ggrid):
    ggrid = c.wide(ggrid)
    base = affine_grid.homogeneous(params, ggrid.ndim - 2)
    gtheta = np.zeros((ggrid.shape[0], base.shape[-1] - 1, base.shape[-1]))
    for n, k, j in np.ndindex(gtheta.shape):
        gtheta[n, k, j] = np.sum(ggrid[n, ..., k] * base[..., j])
    return gtheta


def bound(params, ggrid):
    total = abs(c.wide(ggrid)).reshape(ggrid.shape[0], -1, ggrid.shape[-1]).sum(1)
    return np.repeat(total[..., None], ggrid.ndim - 1, -1), int(np.prod(ggrid.shape[1:-1]))


def draw(rng, dtype, kind="normal", layout=None, span=9):
    params, (theta,) = affine_grid.draw(rng, dtype, kind, layout, span)
    rank = theta.shape[1]
    return params, [c.data(rng, (theta.shape[0], *c.per_axis(params["size"], rank), rank), dtype, kind)]


LONG = [({"size": [50, 60]}, [(1, 50, 60, 2)])]
REJECTS = [({"size": 4}, [(1, 4, 5, 2)], "ShapeError", ["affine_grid_grad", "ggrid", "5"])]
