"""Pictures read at positions between pixels, one position after the other."""

import itertools

import numpy as np

A = -0.75
MODES = ("linear", "nearest", "cubic")


def keys(t):
    t = abs(t)
    if t <= 1:
        return (A + 2) * t**3 - (A + 3) * t**2 + 1
    return A * t**3 - 5 * A * t**2 + 8 * A * t - 4 * A if t < 2 else 0.0


def taps(position, mode):
    """[(pixel, weight)] along one axis, of an endless picture."""
    if mode == "nearest":
        return [(int(np.rint(position)), 1.0)]
    first = int(np.floor(position))
    if mode == "linear":
        return [(first, 1 - (position - first)), (first + 1, position - first)]
    return [(i, keys(position - i)) for i in range(first - 1, first + 3)]


def places(position, mode, outside):
    """(place in the picture or None, weight) of every tap at one position per axis; outside(axis, i) -> the pixel that is read for i, or None."""
    for combination in itertools.product(*[taps(p, mode) for p in position]):
        where = [outside(axis, i) for axis, (i, _) in enumerate(combination)]
        yield None if None in where else tuple(where), np.prod([w for _, w in combination])


def read(x, position, mode, outside):
    """(what x (C, m...) has at a position, the weight of what lies outside)"""
    total, beyond = np.zeros(x.shape[0]), 0.0
    for where, weight in places(position, mode, outside):
        if where is None:
            beyond += weight
        else:
            total = total + weight * x[(slice(None), *where)]
    return total, beyond
