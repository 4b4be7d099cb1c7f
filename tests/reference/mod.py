"""a - b * floor(a / b), or with fmod a - b * trunc(a / b); 0 for whole numbers and b = 0."""

import numpy as np

from . import _common as c
from . import _elementwise as e

DEFAULTS = dict(fmod=False)
ULPS = 1


def run(params, a, b):
    remainder = np.fmod if params["fmod"] else np.mod
    with np.errstate(divide="ignore", invalid="ignore"):
        return remainder(c.wide(a), c.wide(b))


def draw(rng, dtype, kind="normal", layout=None, span=9):
    a, b = e.draw_pair(rng, dtype, kind, span)
    if b.dtype.kind == "f":
        b = np.asarray(np.where(abs(b) < 0.1, 1, b), dtype)
    return c.only_set(dict(fmod=c.flip_coin(rng)), DEFAULTS), [a, b]


REJECTS = [*e.rejects("mod"), ({"fmod": "often"}, [(2,), (2,)], "ParameterError", ["mod", "fmod", "often"])]
