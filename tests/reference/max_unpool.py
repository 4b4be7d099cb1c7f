"""Puts every element of x where its index says, zeros elsewhere; `overlap` says what happens when several elements meet."""

import numpy as np

from . import _common as c
from . import _pool as p

DEFAULTS = dict(
    kernel=c.REQUIRED,
    stride=None,
    padding=0,
    output_size=None,
    overlap="last",
    indices="spatial_flat",
    storage_order="row",
    include_batch=False,
    layout="NCX",
)


def output_shape(params, shape):
    """The NCX shape of y for x of this NCX shape."""
    rank = len(shape) - 2
    if params["output_size"] is not None:
        return shape[:2] + tuple(c.per_axis(params["output_size"], rank))
    kernel = c.per_axis(params["kernel"], rank)
    stride = c.per_axis(kernel if params["stride"] is None else params["stride"], rank)
    return shape[:2] + tuple((m - 1) * s - b - e + k for m, s, (b, e), k in zip(shape[2:], stride, c.pairs(params["padding"], rank), kernel))


def destination(params, at, index, shape):
    """The element of y that x[at] goes to.  An index that names a channel or an image may lead into another one."""
    (n, ch), plane, order = at[:2], int(np.prod(shape[2:])), "C"
    flat = index
    if params["indices"] == "global_flat":
        n, ch, flat = (int(i) for i in np.unravel_index(index, (shape[0], shape[1], plane)))
        order = "F" if params["storage_order"] == "column" else "C"
    elif params["indices"] == "nhwc_flat":
        image, flat, ch = (int(i) for i in np.unravel_index(index, (shape[0], plane, shape[1])))
        n = image if params["include_batch"] else n
    place = tuple(int(i) for i in np.unravel_index(flat, shape[2:], order=order))
    assert p.encode(params, n, ch, place, shape) == index
    return (n, ch) + place


def meetings(params, indices, shape):
    """For every element of y that is reached, what reaches it, in the order in which the layout stores x."""
    met = {}
    stored = c.from_ncx(np.arange(indices.size).reshape(indices.shape), params["layout"])
    for number in stored.ravel():
        at = tuple(int(i) for i in np.unravel_index(number, indices.shape))
        met.setdefault(destination(params, at, int(indices[at]), shape), []).append(at)
    return met


def run(params, x, indices):
    x, indices = c.to_ncx(c.wide(x), params["layout"]), c.to_ncx(indices, params["layout"])
    shape = output_shape(params, x.shape)
    policy = {"last": lambda v: v[-1], "first": lambda v: v[0], "sum": sum, "mean": lambda v: sum(v) / len(v), "max": max}[params["overlap"]]
    y = np.zeros(shape, x.dtype)
    for key, sources in meetings(params, indices, shape).items():
        y[key] = policy([x[at] for at in sources])
    return c.from_ncx(y, params["layout"])


def bound(params, x, indices):
    count = x.size if params["overlap"] in ("sum", "mean") else 1
    total = run(dict(params, overlap="sum"), abs(c.wide(x)), indices)
    return total * (params["overlap"] in ("sum", "mean")), count


def draw_indices(rng, params, shape_in, shape_out):
    """Random indices; a small plane makes sure that some of them meet, most of all at its first element."""
    indices = np.zeros(shape_in, np.int64)
    names_channel, names_image = params["indices"] != "spatial_flat", params["indices"] == "global_flat" or params["include_batch"]
    abroad = c.flip_coin(rng, 0.4)
    for at in np.ndindex(*shape_in):
        place = tuple(int(rng.integers(m)) * c.flip_coin(rng, 0.8) for m in shape_out[2:])
        n = int(rng.integers(shape_out[0])) if abroad and names_channel and names_image else at[0]
        ch = int(rng.integers(shape_out[1])) if abroad and names_channel else at[1]
        indices[at] = p.encode(params, n, ch, place, shape_out)
    return indices


def draw_params(rng, dtype, layout, span):
    while True:
        layout_, n, channels, sizes = c.draw_image(rng, min(span, 24), layout)
        rank = len(sizes)
        kernel = c.draw_axes(rng, rank, 1, 3)
        params = dict(kernel=kernel, stride=None if c.flip_coin(rng) else c.draw_axes(rng, rank, 1, 3), layout=layout_, **p.draw_indices(rng))
        params["padding"] = c.draw_pairs(rng, rank, 0, [k // 2 for k in c.per_axis(kernel, rank)])
        if c.flip_coin(rng, 0.3):
            params["output_size"] = c.draw_axes(rng, rank, 1, 6)
        overlaps = ("last", "first", "sum", "mean", "max")
        params["overlap"] = c.choose(rng, overlaps if np.dtype(dtype).kind == "f" else ("last", "first", "max"))
        shape = output_shape({**DEFAULTS, **params}, (n, channels) + tuple(sizes))
        if min(shape) >= 1:
            return params, layout_, (n, channels) + tuple(sizes), shape


def draw(rng, dtype, kind="normal", layout=None, span=9):
    params, layout_, shape_in, shape_out = draw_params(rng, dtype, layout, span)
    if kind == "integers" and params["overlap"] == "mean":
        params["overlap"] = "sum"
    indices = draw_indices(rng, {**DEFAULTS, **params}, shape_in, shape_out)
    x = c.data(rng, c.shape_of(layout_, shape_in[0], shape_in[1], shape_in[2:]), dtype, kind)
    return c.only_set(params, DEFAULTS), [x, np.ascontiguousarray(c.from_ncx(indices, layout_))]


REJECTS = p.rejects("max_unpool", ("indices",)) + [
    ({"kernel": 2}, [(1, 2, 3, 3), (1, 2, 3, 4)], "ShapeError", ["max_unpool", "indices"]),
    ({"kernel": 2, "output_size": 0}, [(1, 2, 3, 3)] * 2, "ParameterError", ["max_unpool", "output_size", "0"]),
    ({"kernel": 2, "overlap": "least"}, [(1, 2, 3, 3)] * 2, "ParameterError", ["max_unpool", "overlap", "least", "last"]),
]
