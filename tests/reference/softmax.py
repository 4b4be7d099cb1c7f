"""exp(x) / sum of exp(x) along one axis."""

import numpy as np

from . import _common as c

DEFAULTS = dict(axis=-1)


def run(params, x):
    x = c.wide(x)
    with np.errstate(invalid="ignore"):  # infinities give NaN
        e = np.exp(x - x.max(params["axis"], keepdims=True))
    return e / e.sum(params["axis"], keepdims=True)


def bound(params, x):
    """The rounding of x - max enters through the exponential."""
    distance = abs(c.wide(x) - c.wide(x).max(params["axis"], keepdims=True))
    return run(params, x) * (1 + distance), x.shape[params["axis"]]


def draw(rng, dtype, kind="normal", layout=None, span=9):
    shape = [3, span, span] if span > 9 else [int(n) for n in rng.integers(1, (9 if span > 1 else 1) + 1, rng.integers(1, 5))]
    axis = int(rng.integers(-len(shape), len(shape)))
    x = c.data(rng, shape, dtype, kind)
    return c.only_set(dict(axis=axis), DEFAULTS), [np.asarray(x * c.choose(rng, (1, 10, 200)), dtype)]


LONG = [({}, [(3, 2000)]), ({"axis": 0}, [(2000, 3)])]
REJECTS = [({"axis": 2}, [(2, 3)], "UpregError", ["softmax", "axis", "2"]), ({"axis": -3}, [(2, 3)], "UpregError", ["softmax", "axis", "-3"])]
