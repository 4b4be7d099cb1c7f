"""Slices of x, each addressed by a vector of indices."""

import numpy as np

from . import _common as c
from ._shapes import draw_shape

DEFAULTS = dict(batch_dims=0)
ULPS = 0


def run(params, x, indices):
    b = params["batch_dims"]
    flat_x, flat = c.wide(x).reshape(-1, *x.shape[b:]), indices.reshape(int(np.prod(indices.shape[:b])), -1, indices.shape[-1])
    parts = [one[tuple(np.moveaxis(vectors, -1, 0))] for one, vectors in zip(flat_x, flat)]
    shape = indices.shape[:-1] + x.shape[b + indices.shape[-1] :]
    return np.reshape(parts, shape) if parts else np.zeros(shape)


def draw_indices(rng, shape, span):
    """(batch_dims, indices)"""
    batch = int(rng.integers(0, len(shape))) if c.flip_coin(rng) else 0
    depth = int(rng.integers(1, len(shape) - batch + 1))
    outer = [*shape[:batch], *draw_shape(rng, min(span, 9), 0, 2)]
    return batch, np.stack([np.asarray(rng.integers(-n, n, outer), np.int64) for n in shape[batch : batch + depth]], -1)


def draw(rng, dtype, kind="normal", layout=None, span=9):
    shape = draw_shape(rng, span, 1, 4)
    batch, indices = draw_indices(rng, shape, span)
    return c.only_set(dict(batch_dims=batch), DEFAULTS), [c.data(rng, shape, dtype, kind), indices]


REJECTS = [
    ({}, [(3, 2), (1, 3)], "ShapeError", ["gather_nd", "3", "2"]),
    ({}, [(3, 2), ()], "ShapeError", ["gather_nd", "indices"]),
    ({"batch_dims": 2}, [(3, 2), (3, 1)], "ParameterError", ["gather_nd", "batch_dims", "2", "0 to 1"]),
    ({"batch_dims": 1}, [(3, 2), (4, 1)], "ShapeError", ["gather_nd", "batch", "3", "4"]),
]
