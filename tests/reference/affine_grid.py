"""The position of every pixel, multiplied by a matrix."""

import numpy as np

from . import _common as c

DEFAULTS = dict(size=c.REQUIRED, align_corners=False)
EXACT = False  # positions are fractions


def homogeneous(params, rank):
    """(size..., r + 1): the position of every pixel, last axis first, and 1."""
    sizes = c.per_axis(params["size"], rank)
    axes = []
    for n in sizes:
        i = np.arange(n)
        axes.append((2 * i / (n - 1) - 1 if n > 1 else np.zeros(1)) if params["align_corners"] else (2 * i + 1) / n - 1)
    place = np.meshgrid(*axes, indexing="ij")[::-1]
    return np.stack([*place, np.ones(sizes)], -1)


def run(params, theta):
    theta = c.wide(theta)
    base = homogeneous(params, theta.shape[1])
    grid = np.zeros(theta.shape[:1] + base.shape[:-1] + theta.shape[1:2])
    for n, k, j in np.ndindex(theta.shape):
        grid[n, ..., k] += theta[n, k, j] * base[..., j]
    return grid


def bound(params, theta):
    total = abs(c.wide(theta)).sum(2)
    return np.broadcast_to(total.reshape(total.shape[:1] + (1,) * total.shape[1] + total.shape[1:]), run(params, theta).shape), 4


def draw(rng, dtype, kind="normal", layout=None, span=9):
    rank, n = int(rng.integers(1, 4)), int(rng.integers(1, 4))
    sizes = c.draw_sizes(rng, rank, span)
    size = sizes[0] if len(set(sizes)) == 1 else sizes
    return c.only_set(dict(size=size, align_corners=c.flip_coin(rng)), DEFAULTS), [c.data(rng, (n, rank, rank + 1), dtype, kind)]


REJECTS = [
    ({"size": 4}, [(2, 3)], "ShapeError", ["affine_grid", "theta", "r + 1"]),
    ({"size": 4}, [(1, 2, 2)], "ShapeError", ["affine_grid", "theta", "r + 1"]),
    ({"size": [4, 5]}, [(1, 3, 4)], "ParameterError", ["affine_grid", "size", "3"]),
    ({"size": 0}, [(1, 2, 3)], "ParameterError", ["affine_grid", "size", "0"]),
]
