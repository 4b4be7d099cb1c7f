"""Functions of one number, and of two that broadcast."""

import numpy as np

from . import _broadcast, relu
from . import _common as c

SCALES = (1, 1, 10, 30, 1e-3)


def draw(rng, dtype, kind, span, scales=SCALES, low=None):
    """One array, of numbers near 1 or far from it, and with `low` none below that."""
    x = c.data(rng, relu.draw_shape(rng, span), dtype, kind)
    if np.dtype(dtype).kind == "f":
        x = np.asarray(x * c.choose(rng, scales), dtype)
    return x if low is None else np.asarray(np.maximum(abs(x), low), dtype)


def draw_pair(rng, dtype, kind, span):
    a, b = _broadcast.draw_shapes(rng, 2, span)
    return [c.data(rng, a, dtype, kind), c.weights(rng, b, dtype, kind)]


def whole(dtype):
    """The type itself where it is one of whole numbers, else int32."""
    return np.dtype(dtype if np.dtype(dtype).kind in "iu" else np.int32)


def same_type(result, x):
    """The result as numbers of x's type where those are whole: they wrap."""
    x = np.asarray(x)
    return result if x.dtype.kind == "f" else np.asarray(result).astype(x.dtype)


def rejects(name):
    """What two inputs that do not broadcast are told."""
    return [({}, [(2, 3), (2, 4)], "ShapeError", [name, "3", "4"]), ({}, [(2, 3), (3, 3)], "ShapeError", [name, "2", "3"])]
