"""Slices of x, each addressed by a vector of indices."""

import numpy as np

from . import _common as c
from ._shapes import draw_shape

DEFAULTS = {}
ULPS = 0


def run(params, x, indices):
    return c.wide(x)[tuple(np.moveaxis(indices, -1, 0))]


def draw_indices(rng, shape, span):
    depth = int(rng.integers(1, len(shape) + 1))
    outer = draw_shape(rng, min(span, 9), 0, 2)
    return np.stack([np.asarray(rng.integers(-n, n, outer), np.int64) for n in shape[:depth]], -1)


def draw(rng, dtype, kind="normal", layout=None, span=9):
    shape = draw_shape(rng, span, 1, 4)
    return {}, [c.data(rng, shape, dtype, kind), draw_indices(rng, shape, span)]


REJECTS = [({}, [(3, 2), (1, 3)], "ShapeError", ["gather_nd", "3", "2"]), ({}, [(3, 2), ()], "ShapeError", ["gather_nd", "indices"])]
