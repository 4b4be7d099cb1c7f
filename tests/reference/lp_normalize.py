"""Vectors along one axis, divided by their norms; those of norm 0 stay 0."""

import numpy as np

from . import _common as c

DEFAULTS = dict(axis=-1, p=2)
EXACT = False


def norm(params, x):
    x = abs(c.wide(x))
    total = (x ** params["p"]).sum(params["axis"], keepdims=True)
    return total if params["p"] == 1 else np.sqrt(total)


def run(params, x):
    with np.errstate(invalid="ignore", divide="ignore"):
        n = norm(params, x)
        return np.where(n == 0, 0 * c.wide(x), c.wide(x) / n)


def bound(params, x):
    return abs(run(params, x)), x.shape[params["axis"]]


def draw(rng, dtype, kind="normal", layout=None, span=9):
    shape = [3, span, span] if span > 9 else [int(n) for n in rng.integers(1, (9 if span > 1 else 1) + 1, rng.integers(1, 5))]
    params = dict(axis=int(rng.integers(-len(shape), len(shape))), p=int(rng.integers(1, 3)))
    return c.only_set(params, DEFAULTS), [c.data(rng, shape, dtype, kind)]


LONG = [({}, [(3, 2000)]), ({"axis": 0}, [(2000, 3)])]
LARGE = [({"axis": 0}, [(30, 100)]), ({"p": 1}, [(3, 700)])]
REJECTS = [({"axis": 2}, [(2, 3)], "UpregError", ["lp_normalize", "axis", "2"]), ({"p": 3}, [(2, 3)], "ParameterError", ["lp_normalize", "p", "3"])]
