"""y at p is x at matrix (p, 1), or at the inverse of that map."""

import numpy as np

from . import _common as c
from . import _warp as w

DEFAULTS = dict(size=None, mode="linear", padding_mode="zeros", value=0, inverse_map=False, layout="NCX")
EXACT = False


def positions(params, sizes, made, n, matrix):
    """(n, place in y, position in x, where taps outside read) of every output."""
    rank = len(sizes)
    for image in range(n):
        a = np.vstack([matrix[image] if matrix.ndim == 3 else matrix, [0] * rank + [1]])
        a = a if params["inverse_map"] else np.linalg.inv(a)
        for at in np.ndindex(*made):
            position = (a @ np.array([*at[::-1], 1.0]))[:rank][::-1]
            yield image, at, position, lambda axis, i: c.source(i, sizes[axis], params["padding_mode"])


def made_of(params, sizes):
    return tuple(sizes if params["size"] is None else c.per_axis(params["size"], len(sizes)))


def run(params, x, matrix):
    x = c.to_ncx(c.wide(x), params["layout"])
    made = made_of(params, x.shape[2:])
    y = np.zeros(x.shape[:2] + made)
    for n, at, position, outside in positions(params, x.shape[2:], made, x.shape[0], c.wide(matrix)):
        read, beyond = w.read(x[n], position, params["mode"], outside)
        y[(n, slice(None), *at)] = read + beyond * params["value"]
    return c.from_ncx(y, params["layout"])


def bound(params, x, matrix):
    """A position errs by a few units in float64, and weights by one."""
    return np.full(run(params, x, matrix).shape, 8 * (np.max(abs(c.wide(x)), initial=0) + abs(params["value"]))), 64


def draw_matrix(rng, layout, n, rank, dtype, kind):
    """Not far from turning and moving by some pixels; with the kind spike, of quarters."""
    shape = ((n,) if "N" in layout and c.flip_coin(rng) else ()) + (rank, rank)
    matrix = np.eye(rank) * rng.uniform(0.4, 1.6) + rng.uniform(-0.3, 0.3, shape) / rank
    matrix = np.concatenate([matrix, rng.uniform(-3, 3, shape[:-1] + (1,))], -1)
    return (np.round(matrix * 4) / 4 if kind == "spike" else matrix).astype(dtype)


def draw_params(rng, layout, rank, span, kind):
    mode = c.choose(rng, c.PADDING_MODES)
    params = dict(mode=c.choose(rng, w.MODES), padding_mode=mode, inverse_map=kind == "spike" or c.flip_coin(rng), layout=layout)
    params["size"] = c.choose(rng, (None, c.draw_sizes(rng, rank, min(span, 9))))
    if mode == "constant":
        params["value"] = round(float(rng.standard_normal()), 3)
    return c.only_set(params, DEFAULTS)


def draw(rng, dtype, kind="normal", layout=None, span=9):
    layout_, n, channels, sizes = c.draw_image(rng, min(span, 16), layout)
    params = draw_params(rng, layout_, len(sizes), span, kind)
    return params, [c.data(rng, c.shape_of(layout_, n, channels, sizes), dtype, kind), draw_matrix(rng, layout_, n, len(sizes), dtype, kind)]


REJECTS = [
    ({}, [(1, 2, 5, 5), (3, 4)], "ShapeError", ["warp_affine", "matrix", "(2, 3)"]),
    ({}, [(2, 2, 5, 5), (1, 2, 3)], "ShapeError", ["warp_affine", "matrix", "each image"]),
    ({}, [(1, 2, 5, 5), (2, 3)], "DataError", ["warp_affine", "matrix"]),
    ({"value": 2}, [(1, 2, 5, 5), (2, 3)], "ParameterError", ["warp_affine", "value", "constant"]),
    ({"size": [3, 4, 5]}, [(1, 2, 5, 5), (2, 3)], "ParameterError", ["warp_affine", "size"]),
]
