"""Indices from one way to write them down to another, by the place that they name."""

import numpy as np

from . import _common as c
from . import _pool as p

DEFAULTS = dict(
    size=c.REQUIRED,
    indices="spatial_flat",
    to="spatial_flat",
    storage_order="row",
    to_storage_order="row",
    include_batch=False,
    to_include_batch=False,
    layout="NCX",
)
ULPS = 0
DIFFERENTIABLE = False


def forms(params):
    ours = dict(indices=params["indices"], storage_order=params["storage_order"], include_batch=params["include_batch"])
    return ours, dict(indices=params["to"], storage_order=params["to_storage_order"], include_batch=params["to_include_batch"])


def table(form, shape):
    """The index of every element of an NCX image."""
    return np.array([p.encode(form, *at[:2], at[2:], shape) for at in np.ndindex(*shape)]).reshape(shape)


def run(params, x):
    x = c.to_ncx(np.asarray(x), params["layout"])
    shape = x.shape[:2] + tuple(c.per_axis(params["size"], x.ndim - 2))
    before, after = (table(form, shape) for form in forms(params))
    y = np.zeros_like(x)
    for at in np.ndindex(*x.shape):
        y[at] = after[at[:2]][before[at[:2]] == x[at]][0]
    return c.from_ncx(y, params["layout"])


def draw(rng, dtype, kind="normal", layout=None, span=9):
    layout_, n, channels, sizes = c.draw_image(rng, min(span, 12), layout)
    size = [int(m) for m in rng.integers(1, 5, len(sizes))]
    params = {**DEFAULTS, "size": size, "layout": layout_, "indices": c.choose(rng, p.INDICES), "to": c.choose(rng, p.INDICES)}
    params |= {key: c.choose(rng, ("row", "column")) for key in ("storage_order", "to_storage_order")}
    params |= {key: c.flip_coin(rng) for key in ("include_batch", "to_include_batch")}
    places = table(forms(params)[0], (n, channels, *size)).reshape(n, channels, -1)
    chosen = rng.integers(0, places.shape[2], (n, channels, *sizes))
    x = np.take_along_axis(places, chosen.reshape(n, channels, -1), 2).reshape(n, channels, *sizes)
    return c.only_set(params, DEFAULTS), [np.ascontiguousarray(c.from_ncx(x, layout_))]


REJECTS = [
    ({}, [(1, 2, 3, 3)], "ParameterError", ["convert_indices", "size"]),
    ({"size": 0}, [(1, 2, 3, 3)], "ParameterError", ["convert_indices", "size", "0"]),
    ({"size": 3, "to": "rows"}, [(1, 2, 3, 3)], "ParameterError", ["convert_indices", "to", "rows", "spatial_flat"]),
]
