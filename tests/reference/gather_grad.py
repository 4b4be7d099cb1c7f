"""Rows of gy added where gather looked them up."""

import numpy as np

from . import _common as c
from . import gather

DEFAULTS = dict(axis=0, length=c.REQUIRED)


def run(params, gy, indices):
    axis = params["axis"]
    gy = c.wide(gy).reshape(gy.shape[:axis] + (-1,) + gy.shape[axis + indices.ndim :])
    gx = np.zeros(gy.shape[:axis] + (params["length"],) + gy.shape[axis + 1 :])
    np.add.at(np.moveaxis(gx, axis, 0), indices.ravel(), np.moveaxis(gy, axis, 0))
    return gx


def bound(params, gy, indices):
    return run(params, abs(c.wide(gy)), indices), max(indices.size, 1)


def draw(rng, dtype, kind="normal", layout=None, span=9):
    params, (x, indices) = gather.draw(rng, dtype, kind, layout, span)
    axis = params.get("axis", 0) % x.ndim
    gy = c.data(rng, x.shape[:axis] + indices.shape + x.shape[axis + 1 :], dtype, kind)
    return c.only_set(dict(axis=axis, length=x.shape[axis]), DEFAULTS), [gy, indices]


REJECTS = [({"length": 3}, [(3, 2), (2,)], "ShapeError", ["gather_grad", "3", "2"])]
