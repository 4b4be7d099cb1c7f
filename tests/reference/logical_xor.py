"""1 where one but not both is true, else 0."""

import numpy as np

from . import _elementwise as e

DEFAULTS = {}


def run(params, a, b):
    return ((np.asarray(a) != 0) ^ (np.asarray(b) != 0)).astype(np.int64)


def draw(rng, dtype, kind="normal", layout=None, span=9):
    return {}, [np.asarray(x % 3, np.uint8) for x in e.draw_pair(rng, np.uint8, kind, span)]


REJECTS = [({}, [(2, 3), (2, 3)], "DTypeError", ["logical_xor", "float32", "uint8"])]
