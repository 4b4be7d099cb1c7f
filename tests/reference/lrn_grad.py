"""gx of lrn."""

from . import _common as c
from . import lrn

DEFAULTS = lrn.DEFAULTS
EXACT = False


def run(params, x, gy, sign=-1):
    x, gy = c.to_ncx(c.wide(x), params["layout"]), c.to_ncx(c.wide(gy), params["layout"])
    s = lrn.base(params, x)
    terms = lrn.window(gy * x * s ** (-params["beta"] - 1), params["size"], mirrored=True)
    return c.from_ncx(gy * s ** -params["beta"] + sign * 2 * params["alpha"] * params["beta"] / params["size"] * x * terms, params["layout"])


def bound(params, x, gy):
    return run(params, abs(c.wide(x)), abs(c.wide(gy)), sign=1) * (2 + params["beta"]), params["size"]


def draw(rng, dtype, kind="normal", layout=None, span=9):
    params, (x,) = lrn.draw(rng, dtype, kind, layout, span)
    return params, [x, c.data(rng, x.shape, dtype)]


REJECTS = [({"size": 3}, [(2, 3, 4), (2, 3, 5)], "ShapeError", ["lrn_grad", "gy", "5"])]
