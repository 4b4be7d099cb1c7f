"""gx of group_norm."""

from . import _block_norm as n
from . import _common as c

DEFAULTS = dict(groups=c.REQUIRED, eps=1e-5, layout="NCX")
EXACT = False


def run(params, x, weight, gy):
    return n.group(n.gradient, params, x, weight, gy)


def bound(params, x, weight, gy):
    return n.group(n.gradient_bound, params, x, weight, gy), n.group_count(params, x)


def draw(rng, dtype, kind="normal", layout=None, span=9):
    params, x, weights = n.draw_group(rng, dtype, kind, layout, span, DEFAULTS)
    return params, [x, weights[0], c.data(rng, x.shape, dtype)]


REJECTS = [({"groups": 1}, [(2, 3, 4), None, (2, 3, 5)], "ShapeError", ["group_norm_grad", "gy", "5"])]
