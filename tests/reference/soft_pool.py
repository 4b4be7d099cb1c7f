"""sum of exp(x) x / sum of exp(x) over every window."""

import numpy as np

from . import _common as c
from . import _pool as p
from .lp_pool import draw_window, windows

DEFAULTS = dict(kernel=c.REQUIRED, stride=None, padding=0, dilation=1, ceil_mode=False, layout="NCX")


def weights(x):
    w = np.exp(x - x.max(-1, keepdims=True))
    return w / w.sum(-1, keepdims=True)


def run(params, x, size=lambda v: v):
    x = c.to_ncx(c.wide(x), params["layout"])
    y = np.zeros(x.shape[:2] + tuple(f[0] for f in p.frames(params, x.shape[2:])))
    for o, elements, _ in windows(params, x.shape[2:]):
        w = weights(x[elements])
        y[o] = np.sum(np.where(w == 0, 0, w * size(x[elements])), -1)
    return c.from_ncx(y, params["layout"])


def bound(params, x):
    return run(params, x, abs), 64


def draw(rng, dtype, kind="normal", layout=None, span=9):
    params, shape = draw_window(rng, layout, span)
    return c.only_set(params, DEFAULTS), [c.data(rng, shape, dtype, kind)]


LONG = [({"kernel": [40, 50]}, [(1, 2, 41, 52)])]
REJECTS = p.rejects("soft_pool") + [({"kernel": 7}, [(1, 2, 5, 5)], "ShapeError", ["soft_pool", "7", "5"])]
