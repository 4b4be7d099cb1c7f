"""min(max(x, min), max)"""

import numpy as np

from . import _common as c
from . import _elementwise as e

DEFAULTS = dict(min=None, max=None)
ULPS = 1


def run(params, x):
    low, high = (bound if bound is not None else other for bound, other in ((params["min"], -np.inf), (params["max"], np.inf)))
    x = c.wide(x)
    if x.dtype.kind == "i":
        low, high = (int(max(min(bound, 2.0**62), -(2.0**62))) for bound in (low, high))
    return np.minimum(np.maximum(x, low), high)


def draw(rng, dtype, kind="normal", layout=None, span=9):
    low, high = c.choose(rng, ((0, 6), (-1, 1), (None, 0.5), (-0.25, None), (None, None), (1, -1)))
    if np.dtype(dtype).kind != "f":
        low, high = c.choose(rng, ((0, 6), (3, 90), (None, 50), (7, None), (20, 10)))
    return c.only_set(dict(min=low, max=high), DEFAULTS), [e.draw(rng, dtype, kind, span)]


REJECTS = [({"min": "none"}, [(3,)], "ParameterError", ["clip", "min", "none"])]
