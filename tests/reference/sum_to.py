"""x summed over every axis along which `shape` is 1 or missing: the adjoint of broadcast_to."""

from . import _broadcast
from . import _common as c

DEFAULTS = dict(shape=c.REQUIRED)


def run(params, x):
    return _broadcast.sum_to(c.wide(x), params["shape"])


def bound(params, x):
    total = run(params, abs(c.wide(x)))
    return total, max(x.size // max(total.size, 1), 1)


def draw_pair(rng, span):
    """(small shape, the shape it is broadcast to)"""
    full = [int(n) for n in rng.integers(1, (6 if span > 1 else 1) + 1, rng.integers(0, 5))] if span <= 9 else [span, span, 40]
    small = [1 if c.flip_coin(rng, 0.4) else n for n in full]
    return small[int(rng.integers(len(small) + 1)) :] if c.flip_coin(rng, 0.3) else small, full


def draw(rng, dtype, kind="normal", layout=None, span=9):
    small, full = draw_pair(rng, span)
    return dict(shape=small), [c.data(rng, full, dtype, kind)]


LONG = [({"shape": [3]}, [(2000, 3)]), ({"shape": [3, 1]}, [(3, 3000)])]
REJECTS = [({"shape": [2]}, [(4, 3)], "ShapeError", ["sum_to", "2", "3"])]
