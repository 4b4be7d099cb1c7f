"""a * 2^b, wrapped, or a / 2^b rounded down; everything is moved out by a b that is negative or not less than the number of bits."""

import numpy as np

from . import _common as c
from . import _elementwise as e

DEFAULTS = dict(direction=c.REQUIRED)


def run(params, a, b):
    a, b = np.broadcast_arrays(a, b)
    bits = a.dtype.itemsize * 8
    shifts = [n if 0 <= n < bits else 200 for n in b.ravel().tolist()]
    if params["direction"] == "left":
        moved = [(x << n) % 2**bits for x, n in zip(a.ravel().tolist(), shifts)]
        return np.array(moved, np.uint64).astype(a.dtype).reshape(a.shape)
    return np.array([x >> n for x, n in zip(a.ravel().tolist(), shifts)], np.int64).reshape(a.shape)


def draw(rng, dtype, kind="normal", layout=None, span=9):
    a, b = e.draw_pair(rng, e.whole(dtype), kind, span)
    return dict(direction=c.choose(rng, ("left", "right"))), [a, np.asarray(b % c.choose(rng, (8, 20, 80)), b.dtype)]


REJECTS = [({"direction": "up"}, [(2, 3), (2, 3)], "ParameterError", ["bit_shift", "direction", "up", "left"])]
