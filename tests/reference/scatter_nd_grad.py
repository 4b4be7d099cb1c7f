"""The gradient of scatter_nd, by its definition: what of gy reaches each element of x, or of the updates."""

import numpy as np

from . import _common as c
from . import scatter_nd

DEFAULTS = dict(of="updates", reduction="none", onto="x", batch_dims=0)


def run(params, x, indices, updates, y, gy):
    x, updates, y, gy = map(c.wide, (x, updates, y, gy))
    base = x if params["onto"] == "x" else np.zeros_like(x)
    gx, gu = gy * (base == y) if params["reduction"] in ("min", "max") else gy.copy(), np.zeros_like(updates)
    equal = (base == y).astype(float)
    places = [(place, place[: params["batch_dims"]] + tuple(indices[place])) for place in np.ndindex(*indices.shape[:-1])]
    for place, at in places:
        equal[at] += updates[place] == y[at]
    for place, at in places:
        same = [other for other, there in places if np.array_equal(np.mod(there, x.shape[: len(there)]), np.mod(at, x.shape[: len(at)]))]
        if params["reduction"] == "none":
            gx[at] = 0
            gu[place] = gy[at] if same[-1] == place else 0
        elif params["reduction"] == "mul":
            gu[place] = gy[at] * base[at] * np.prod([updates[other] for other in same if other != place], axis=0)
        else:
            gu[place] = gy[at] * (updates[place] == y[at]) / np.maximum(equal[at], 1)
    if params["reduction"] in ("min", "max"):
        gx = gx / np.maximum(equal, 1)
    return gx if params["of"] == "x" else gu


def bound(params, *inputs):
    return abs(run(params, *inputs)), max(inputs[1].size, 1)


def draw(rng, dtype, kind="normal", layout=None, span=9):
    given, (x, indices, updates) = scatter_nd.draw(rng, dtype, kind, layout, span)
    params = {**scatter_nd.DEFAULTS, **given}
    if params["reduction"] == "add":
        params["reduction"] = "max"
    y = scatter_nd.run(params, x, indices, updates).astype(dtype)
    params["of"] = "updates" if params["reduction"] == "mul" or params["onto"] == "zeros" else c.choose(rng, ("x", "updates"))
    return c.only_set(params, DEFAULTS), [x, indices, updates, y, c.data(rng, x.shape, dtype, kind)]


REJECTS = [
    ({}, [(3, 2), (4, 1), (4, 3), (3, 2), (3, 2)], "ShapeError", ["scatter_nd_grad", "updates", "2"]),
    ({}, [(3, 2), (4, 1), (4, 2), (3, 3), (3, 2)], "ShapeError", ["scatter_nd_grad", "'y'", "(3, 3)"]),
]
