"""x with slices replaced or changed where vectors of indices say, one after the other."""

import numpy as np

from . import _common as c
from . import gather_nd
from ._shapes import draw_shape

DEFAULTS = dict(reduction="none", onto="x", batch_dims=0)
CHANGES = {"none": lambda y, u: u, "add": np.add, "mul": np.multiply, "min": np.minimum, "max": np.maximum}


def differentiable(params):
    return params["reduction"] in ("none", "add", "mul")  # differences know nothing of equal extremes, which spikes and constants have


def run(params, x, indices, updates):
    y = c.wide(x).copy() if params["onto"] == "x" else np.zeros_like(c.wide(x))
    for place in np.ndindex(*indices.shape[:-1]):
        at = place[: params["batch_dims"]] + tuple(indices[place])
        y[at] = CHANGES[params["reduction"]](y[at], c.wide(updates)[place])
    return y


def bound(params, x, indices, updates):
    return run(params, abs(c.wide(x)), indices, abs(c.wide(updates))), max(indices.size, 1)


def draw(rng, dtype, kind="normal", layout=None, span=9):
    shape = draw_shape(rng, span, 1, 4)
    batch, indices = gather_nd.draw_indices(rng, shape, span)
    updates = c.data(rng, indices.shape[:-1] + tuple(shape[batch + indices.shape[-1] :]), dtype, kind)
    small = np.dtype(dtype).kind in "iu" and np.dtype(dtype).itemsize < 4
    reduction = c.choose(rng, ("none", "min", "max") if small else tuple(CHANGES))
    params = dict(reduction=reduction, onto=c.choose(rng, ("x", "x", "zeros")), batch_dims=batch)
    return c.only_set(params, DEFAULTS), [c.data(rng, shape, dtype, kind), indices, updates]


REJECTS = [
    ({}, [(3, 2), (1, 3), (1,)], "ShapeError", ["scatter_nd", "3", "2"]),
    ({}, [(3, 2), (4, 1), (4, 3)], "ShapeError", ["scatter_nd", "updates", "2"]),
]
