"""The sum of x * gy over the elements with x <= 0, per channel or over everything."""

import numpy as np

from . import _common as c

DEFAULTS = dict(layout="NCX")


def run(params, x, weight, gy):
    x, gy = (c.to_ncx(c.wide(v), params["layout"]) for v in (x, gy))
    products = np.where(x > 0, 0, x * gy).sum(tuple(a for a in range(x.ndim) if a != 1))
    return products if weight.size > 1 or products.size == 1 else products.sum(keepdims=True)


def bound(params, x, weight, gy):
    x, gy = c.wide(x), c.wide(gy)
    return run(params, np.where(x > 0, 0, -abs(x)), weight, -abs(gy)), x.size // (weight.size or 1)


def draw(rng, dtype, kind="normal", layout=None, span=9):
    from . import prelu_grad

    return prelu_grad.draw(rng, dtype, kind, layout, span)


LONG = [({}, [(3, 2, 1000), (2,), (3, 2, 1000)])]
REJECTS = []
