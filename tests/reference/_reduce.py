"""Reductions along any axes, and the gradients of them."""

import numpy as np

from . import _common as c

DEFAULTS = dict(axis=None, keepdims=True)


def axes_of(params, x):
    axis = params["axis"]
    if axis is None:
        return tuple(range(x.ndim))
    return tuple(int(a) % x.ndim for a in (axis if isinstance(axis, (list, tuple)) else [axis]))


def reduce(function, params, x, **how):
    """function along the axes; integers wrap as x does."""
    axes = axes_of(params, x)
    y = np.asarray(function(c.wide(x), axes, params["keepdims"], **how))
    return y if x.dtype.kind == "f" else y.astype(x.dtype)


def plain(name):
    """A NumPy reduction as run: its sums of integers wrap at 64 bits, and then as x does."""
    return lambda params, x: reduce(lambda a, axes, keep: getattr(np, name)(a, axis=axes, keepdims=keep), params, x)


def count_of(params, x):
    return int(np.prod([x.shape[a] for a in axes_of(params, x)], dtype=np.int64))


def sum_of(params, x):
    return np.asarray(np.sum(c.wide(x), axis=axes_of(params, x), keepdims=params["keepdims"]))


def sum_bound(params, x):
    """(sum of magnitudes, number of terms)"""
    return sum_of(params, abs(c.wide(x))), max(count_of(params, x), 1)


def draw_shape(rng, span):
    if span > 9:
        return [span, 40, span] if c.flip_coin(rng) else [3, 2, 8 * span, 5]
    return [int(n) for n in rng.integers(1, (6 if span > 1 else 1) + 1, rng.integers(0, 6))]


def draw_params(rng, ndim):
    chosen = [int(a) - ndim * c.flip_coin(rng) for a in rng.permutation(ndim)[: int(rng.integers(ndim + 1))]]
    axis = None if c.flip_coin(rng, 0.2) else chosen[0] if len(chosen) == 1 and c.flip_coin(rng) else chosen
    return c.only_set(dict(axis=axis, keepdims=c.flip_coin(rng)), DEFAULTS)


def draw(rng, dtype, kind="normal", layout=None, span=9):
    shape = draw_shape(rng, span)
    return draw_params(rng, len(shape)), [c.data(rng, shape, dtype, kind)]


def draw_positive(rng, dtype, kind="normal", layout=None, span=9):
    params, (x,) = draw(rng, dtype, kind, layout, span)
    return params, [(abs(x) + np.asarray(0.25, dtype)).astype(dtype)]


LONG = [({"axis": 0}, [(2000, 3)]), ({"axis": -1}, [(3, 3000)]), ({}, [(30, 40, 50)]), ({"axis": [0, 2]}, [(30, 5, 50)])]
LARGE = [
    ({}, [(70000,)]),
    ({"axis": 0}, [(3000, 7)]),
    ({"axis": 0, "keepdims": False}, [(600, 700)]),
    ({"axis": [0, 2]}, [(9, 3, 40000)]),
    ({"axis": [1]}, [(2, 20000, 33)]),
    ({"axis": [0, 2], "keepdims": False}, [(20, 3, 300, 5)]),
    ({"axis": 0}, [(0, 3)]),
    ({"axis": 1}, [(0, 3)]),
    ({"axis": [1, 2]}, [(2, 0, 3, 4)]),
]
FILLED = LARGE[:-3] + LARGE[-2:-1]  # nothing is folded from no numbers


def rejects(name):
    return [
        ({"axis": 2}, [(2, 3)], "UpregError", [name, "axis", "2"]),
        ({"axis": [0, -2]}, [(2, 3)], "UpregError", [name, "axis", "twice"]),
        ({"axis": 0}, [()], "UpregError", [name, "axis", "0"]),
    ]
