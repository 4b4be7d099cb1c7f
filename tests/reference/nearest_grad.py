"""The adjoint of nearest: gx[j] = sum of gy[o] over the outputs that read j."""

import math

import numpy as np

from . import _common as c
from . import _resample as r
from . import nearest

DEFAULTS = {**nearest.DEFAULTS, "input_size": "required"}


def run(params, gy):
    gy = c.to_ncx(c.wide(gy), params["layout"])
    sizes = c.per_axis(params["input_size"], gy.ndim - 2)
    for axis, index in enumerate(nearest.indices(params, sizes), start=2):
        gx = np.zeros((sizes[axis - 2],) + np.moveaxis(gy, axis, 0).shape[1:])
        for o, j in enumerate(index):
            if j >= 0:
                gx[j] += np.moveaxis(gy, axis, 0)[o]
        gy = np.moveaxis(gx, 0, axis)
    return c.from_ncx(gy, params["layout"])


def bound(params, gy):
    sizes = c.per_axis(params["input_size"], c.to_ncx(gy, params["layout"]).ndim - 2)
    count = math.prod(max(index.count(j) for j in index) for index in nearest.indices(params, sizes))
    return run(params, abs(c.wide(gy))), count


def draw(rng, dtype, kind="normal", layout=None, span=9):
    params, layout_, n, channels, sizes = nearest.draw_params(rng, layout, span)
    outs = r.output_sizes({**nearest.DEFAULTS, **params}, sizes)
    gy = c.data(rng, c.shape_of(layout_, n, channels, outs), dtype, kind)
    return {**c.only_set(params, nearest.DEFAULTS), "input_size": sizes}, [gy]


REJECTS = [({"scale": 2, "input_size": 4}, [(1, 2, 9, 8)], "ShapeError", ["nearest_grad", "9", "8"])]
