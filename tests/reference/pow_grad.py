"""The derivatives of a to the power of b."""

import numpy as np

from . import _common as c
from . import _elementwise as e
from . import pow as power

DEFAULTS = dict(of="base")
ULPS = 4


def run(params, a, b):
    a, b = np.broadcast_arrays(c.wide(a), c.wide(b))
    with np.errstate(all="ignore"):
        if params["of"] == "base":
            return np.where(b == 0, 0, b * a ** (b - 1))
        return np.where((a == 0) & (b >= 0), 0, a**b * np.log(a))


def bound(params, a, b):
    """b - 1 is rounded, and that is raised to."""
    a, b = np.broadcast_arrays(c.wide(a), c.wide(b))
    size = 1 + abs(b * np.log(a)) if params["of"] == "base" else 1
    return abs(run(params, a, b)) * size, 1


def draw(rng, dtype, kind="normal", layout=None, span=9):
    return c.only_set(dict(of=c.choose(rng, ("base", "exponent"))), DEFAULTS), power.draw(rng, dtype, kind, layout, span)[1]


REJECTS = [*e.rejects("pow_grad"), ({"of": "both"}, [(2,), (2,)], "ParameterError", ["pow_grad", "of", "both", "exponent"])]
