"""The adjoint of avg_pool."""

import numpy as np

from . import _common as c
from . import _pool as p
from . import avg_pool

DEFAULTS = {**avg_pool.DEFAULTS, "input_size": c.REQUIRED}


def run(params, gy):
    gy = c.to_ncx(c.wide(gy), params["layout"])
    sizes = c.per_axis(params["input_size"], gy.ndim - 2)
    gx = np.zeros(gy.shape[:2] + tuple(sizes))
    for o, places, divisor in avg_pool.windows(params, sizes):
        for place in places:
            gx[(Ellipsis,) + place] += gy[(Ellipsis,) + o] / divisor
    return c.from_ncx(gx, params["layout"])


def bound(params, gy):
    return run(params, abs(c.wide(gy))), np.prod(c.per_axis(params["kernel"], c.to_ncx(gy, params["layout"]).ndim - 2))


def draw(rng, dtype, kind="normal", layout=None, span=9):
    params, layout_, n, channels, sizes = avg_pool.draw_params(rng, kind, layout, span)
    outs = [f[0] for f in p.frames({**avg_pool.DEFAULTS, **params}, sizes)]
    gy = c.data(rng, c.shape_of(layout_, n, channels, outs), dtype, kind)
    return {**c.only_set(params, avg_pool.DEFAULTS), "input_size": sizes}, [gy]


LARGE = [
    ({"kernel": 5, "dilation": 4, "stride": 1, "input_size": 100}, [(1, 2, 84)]),
    ({"kernel": 5, "dilation": 3, "stride": 2, "input_size": 100}, [(1, 2, 44)]),
]
REJECTS = [({"kernel": 2, "input_size": 4}, [(1, 2, 3, 2)], "ShapeError", ["avg_pool_grad", "3", "2"])]
