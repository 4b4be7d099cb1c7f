"""gx of lp_normalize."""

import numpy as np

from . import _common as c
from . import lp_normalize

DEFAULTS = lp_normalize.DEFAULTS
EXACT = False


def parts(params, x, gy):
    x, gy = c.wide(x), c.wide(gy)
    n = lp_normalize.norm(params, x)
    with np.errstate(divide="ignore", invalid="ignore"):
        inverse = np.where(n == 0, 0, 1 / n)
    dot = (gy * x).sum(params["axis"], keepdims=True)
    return gy * inverse, (np.sign(x) if params["p"] == 1 else x * inverse) * dot * inverse**2


def run(params, x, gy):
    first, second = parts(params, x, gy)
    return first - second


def bound(params, x, gy):
    first, second = parts(params, abs(c.wide(x)), abs(c.wide(gy)))
    return first + second, x.shape[params["axis"]]


def draw(rng, dtype, kind="normal", layout=None, span=9):
    params, (x,) = lp_normalize.draw(rng, dtype, kind, layout, span)
    return params, [x, c.data(rng, x.shape, dtype)]


REJECTS = [({}, [(2, 3), (2, 4)], "ShapeError", ["lp_normalize_grad", "gy", "(2, 4)"])]
