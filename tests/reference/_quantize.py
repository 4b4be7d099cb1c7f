"""A scale and a zero for the whole array, or for each place along one axis."""

import numpy as np

from . import _common as c


def spread(v, params, x):
    """scale or zero, to broadcast over x"""
    v = np.asarray(v)
    if v.size == 1:
        return v.reshape(())
    shape = [1] * x.ndim
    shape[params["axis"]] = v.size
    return v.reshape(shape)


def draw_shape(rng, span):
    if span > 9:
        return [3, span, span]
    return [int(n) for n in rng.integers(1, (7 if span > 1 else 1) + 1, rng.integers(2, 5))]


def draw_axis(rng, shape):
    """(axis, shape of scale)"""
    axis = int(rng.integers(-len(shape), len(shape)))
    return axis, c.choose(rng, ([], [1], [shape[axis]]))
