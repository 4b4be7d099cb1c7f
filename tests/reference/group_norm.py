"""Groups of channels of every image brought to mean 0 and variance 1, then weight and bias per channel."""

from . import _block_norm as n
from . import _common as c

DEFAULTS = dict(groups=c.REQUIRED, eps=1e-5, layout="NCX")
EXACT = False


def run(params, x, weight=None, bias=None):
    return n.group(n.forward, params, x, weight, bias)


def bound(params, x, weight=None, bias=None):
    return n.group(n.forward_bound, params, x, weight, bias), n.group_count(params, x)


def draw(rng, dtype, kind="normal", layout=None, span=9):
    params, x, weights = n.draw_group(rng, dtype, kind, layout, span, DEFAULTS)
    return params, [x, *weights]


LONG = [({"groups": 2}, [(2, 4, 40, 50)]), ({"groups": 2, "layout": "NXC"}, [(2, 40, 50, 4)])]
LARGE = [({"groups": 3, "layout": "NXC"}, [(2, 20, 300), (300,), (300,)]), ({"groups": 32}, [(2, 320, 5, 5)])]
REJECTS = [
    ({"groups": 2}, [(2, 3, 4)], "ParameterError", ["group_norm", "groups", "2", "3"]),
    ({"groups": 3}, [(2, 3, 4), (4,)], "ShapeError", ["group_norm", "weight", "4", "3"]),
    ({"groups": 1, "layout": "X"}, [(2, 3)], "ParameterError", ["group_norm", "layout", "X"]),
]
