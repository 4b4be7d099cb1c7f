"""gy where x > 0, else weight[c] * gy."""

import numpy as np

from . import _common as c
from . import prelu

DEFAULTS = dict(layout="NCX")
ULPS = 1


def run(params, x, weight, gy):
    x, gy = (c.to_ncx(c.wide(v), params["layout"]) for v in (x, gy))
    return c.from_ncx(np.where(x > 0, gy, prelu.per_channel(c.wide(weight), x) * gy), params["layout"])


def draw(rng, dtype, kind="normal", layout=None, span=9):
    params, (x, weight) = prelu.draw(rng, dtype, kind, layout, span)
    return params, [x, weight, c.data(rng, x.shape, dtype, kind)]


REJECTS = [({}, [(2, 3, 4), (3,), (2, 3, 5)], "ShapeError", ["prelu_grad"])]
