"""The same numbers in another shape; -1 is what is left over, 0 the input's length."""

import numpy as np

from . import _common as c
from ._shapes import draw_shape

DEFAULTS = dict(shape=c.REQUIRED, zero_copies=True)
ULPS = 0


def run(params, x):
    shape = params["shape"] if isinstance(params["shape"], list) else [params["shape"]]
    if params["zero_copies"]:
        shape = [x.shape[i] if n == 0 else n for i, n in enumerate(shape)]
    return np.reshape(c.wide(x), shape)


def draw(rng, dtype, kind="normal", layout=None, span=9):
    shape = draw_shape(rng, span)
    x = c.data(rng, shape, dtype, kind)
    new = [n for pair in zip(shape, [1] * len(shape)) for n in (pair if c.flip_coin(rng, 0.3) else pair[:1])][:7]
    if len(new) >= len(shape) and new[: len(shape)] == shape and c.flip_coin(rng) and shape:
        new[int(rng.integers(len(shape)))] = 0
    elif c.flip_coin(rng) and len(new) == len(shape) and shape:
        new = [int(n) for n in rng.permutation(new)]
        new[int(rng.integers(len(new)))] = -1
    if int(np.prod(np.array(new)[np.array(new) != 0])) not in (x.size, -x.size) and 0 not in new and -1 not in new:
        new = [x.size]
    return dict(shape=new), [x]


REJECTS = [
    ({"shape": [2, 2]}, [(3, 2)], "ShapeError", ["reshape", "6", "2"]),
    ({"shape": [-1, -1]}, [(3, 2)], "ParameterError", ["reshape", "shape", "twice"]),
    ({"shape": [-1, 4]}, [(3, 2)], "ShapeError", ["reshape", "6", "4"]),
    ({"shape": [3, 2, 0]}, [(3, 2)], "ParameterError", ["reshape", "shape", "0", "2"]),
    ({"shape": [-2, 3]}, [(3, 2)], "ParameterError", ["reshape", "shape", "-2"]),
]
