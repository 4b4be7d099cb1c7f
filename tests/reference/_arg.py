"""The places of extreme numbers along one axis."""

import numpy as np

from . import _common as c

DEFAULTS = dict(axis=0, keepdims=True, select_last_index=False)


def run(params, x, name):
    axis = params["axis"] % x.ndim
    if params["select_last_index"]:
        y = x.shape[axis] - 1 - getattr(np, name)(np.flip(x, axis), axis=axis, keepdims=True)
    else:
        y = getattr(np, name)(x, axis=axis, keepdims=True)
    return y if params["keepdims"] else np.squeeze(y, axis)


def draw(rng, dtype, kind="normal", layout=None, span=9):
    shape = [3, span, span] if span > 9 else [int(n) for n in rng.integers(1, (9 if span > 1 else 1) + 1, rng.integers(1, 5))]
    params = dict(axis=int(rng.integers(-len(shape), len(shape))), keepdims=c.flip_coin(rng), select_last_index=c.flip_coin(rng))
    x = c.data(rng, shape, dtype, kind)
    if c.flip_coin(rng):  # equals
        x = np.round(x).astype(dtype)
    if x.dtype.kind == "f" and kind == "normal" and c.flip_coin(rng, 0.3):
        x[rng.random(x.shape) < 0.2] = np.nan
    return c.only_set(params, DEFAULTS), [x]


LARGE = [({"axis": 0}, [(300, 700)]), ({"axis": 1, "select_last_index": True}, [(3, 3000)]), ({"axis": -1, "keepdims": False}, [(2, 0, 3)])]


def rejects(name):
    return [({"axis": 2}, [(2, 3)], "UpregError", [name, "axis", "2"]), ({"axis": 1}, [(2, 0)], "ShapeError", [name, "length 0"])]
