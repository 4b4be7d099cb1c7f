"""Shapes that broadcast to one another."""

import numpy as np

from . import _common as c


def draw_shapes(rng, count, span):
    """Shapes that broadcast together, and sometimes are equal."""
    full = [int(n) for n in rng.integers(1, (6 if span > 1 else 1) + 1, rng.integers(0, 5))]
    shapes = []
    for _ in range(count):
        shape = [1 if c.flip_coin(rng, 0.25) else n for n in full]
        shapes.append(shape[int(rng.integers(len(shape) + 1)) :] if c.flip_coin(rng, 0.3) else shape)
    if span > 9:
        shapes = [[span, span, 40] for _ in range(count)]
    return shapes


def sum_to(x, shape):
    """The adjoint of broadcasting: the sum over every axis that was stretched."""
    x = x.sum(tuple(range(x.ndim - len(shape))))
    for axis, n in enumerate(shape):
        if n == 1 and x.shape[axis] != 1:
            x = x.sum(axis, keepdims=True)
    return np.asarray(x)
