"""y[n, c, i * block + a - begin] = x[flat(a) * N + n, c, i]: images of the batch become pixels of a block."""

import numpy as np

from . import _common as c
from .space_to_batch import draw_block

DEFAULTS = dict(block=c.REQUIRED, crop=0, layout="NCX")
ULPS = 0
SAME_IMAGES = False


def run(params, x):
    x = c.to_ncx(c.wide(x), params["layout"])
    rank = x.ndim - 2
    block = c.per_axis(params["block"], rank)
    n = x.shape[0] // int(np.prod(block))
    y = np.zeros((n, x.shape[1], *(m * b for m, b in zip(x.shape[2:], block))), x.dtype)
    for flat, a in enumerate(np.ndindex(*block)):
        y[(slice(None), slice(None), *(slice(at, None, b) for at, b in zip(a, block)))] = x[flat * n : (flat + 1) * n]
    kept = tuple(slice(begin, m - end) for (begin, end), m in zip(c.pairs(params["crop"], rank), y.shape[2:]))
    return c.from_ncx(y[(slice(None), slice(None), *kept)], params["layout"])


def draw(rng, dtype, kind="normal", layout=None, span=9):
    layout_, n, channels, sizes, block, each = draw_block(rng, layout, span)
    crop = [[int(rng.integers(0, b)), int(rng.integers(0, b))] if m > 1 else [0, 0] for m, b in zip(sizes, each)]
    params = dict(block=block, crop=0 if c.flip_coin(rng, 0.3) else crop, layout=layout_)
    return c.only_set(params, DEFAULTS), [c.data(rng, c.shape_of(layout_, n * int(np.prod(each)), channels, sizes), dtype, kind)]


REJECTS = [
    ({}, [(4, 1, 3, 3)], "ParameterError", ["batch_to_space", "block"]),
    ({"block": 0}, [(4, 1, 3, 3)], "ParameterError", ["batch_to_space", "block", "0"]),
    ({"block": 2}, [(6, 1, 4, 3)], "ShapeError", ["batch_to_space", "6", "4"]),
    ({"block": 2, "crop": [[3, 4], [0, 0]]}, [(4, 1, 3, 3)], "ShapeError", ["batch_to_space", "crop", "3", "4"]),
]
