"""1 where x is infinite, else 0."""

import numpy as np

from . import _common as c
from . import _elementwise as e

DEFAULTS = dict(detect_positive=True, detect_negative=True)


def run(params, x):
    return ((np.isposinf(x) & params["detect_positive"]) | (np.isneginf(x) & params["detect_negative"])).astype(np.int64)


def draw(rng, dtype, kind="normal", layout=None, span=9):
    x = np.atleast_1d(e.draw(rng, dtype, kind, span)).copy()
    x.ravel()[:: int(rng.integers(2, 5))] = c.choose(rng, (np.nan, np.inf, -np.inf))
    params = dict(detect_positive=c.flip_coin(rng), detect_negative=c.flip_coin(rng))
    return c.only_set(params, DEFAULTS), [x]


REJECTS = [({"detect_positive": "often"}, [(3,)], "ParameterError", ["is_inf", "detect_positive", "often"])]
