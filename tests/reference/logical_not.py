"""1 where x is 0, else 0."""

import numpy as np

from . import _elementwise as e

DEFAULTS = {}


def run(params, x):
    return (np.asarray(x) == 0).astype(np.int64)


def draw(rng, dtype, kind="normal", layout=None, span=9):
    return {}, [np.asarray(e.draw(rng, np.uint8, kind, span) % 3, np.uint8)]


REJECTS = [({}, [(2, 3)], "DTypeError", ["logical_not", "x", "float32", "uint8"])]
