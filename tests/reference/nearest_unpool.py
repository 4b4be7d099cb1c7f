"""y[i] = x[o] where i lies in window o of a pool whose windows do not overlap, 0 in none."""

import itertools

import numpy as np

from . import _common as c
from . import _pool as p
from .avg_unpool import draw_params, output_size

DEFAULTS = dict(kernel=c.REQUIRED, stride=None, padding=0, output_size=None, layout="NCX")
ULPS = 0


def run(params, x):
    x = c.to_ncx(c.wide(x), params["layout"])
    sizes = output_size(params, x.shape[2:])
    y = np.zeros(x.shape[:2] + tuple(sizes), x.dtype)
    found = p.frames({**params, "ceil_mode": False}, sizes)
    for o in np.ndindex(*x.shape[2:]):
        for place in itertools.product(*[p.inside(f, i, m) for f, i, m in zip(found, o, sizes)]):
            y[(Ellipsis,) + place] = x[(Ellipsis,) + o]
    return c.from_ncx(y, params["layout"])


def draw(rng, dtype, kind="normal", layout=None, span=9):
    params, shape = draw_params(rng, layout, span, apart=True)
    return c.only_set(params, DEFAULTS), [c.data(rng, shape, dtype, kind)]


REJECTS = p.rejects("nearest_unpool") + [
    ({"kernel": 2, "output_size": 9}, [(1, 2, 3, 3)], "ShapeError", ["nearest_unpool", "output_size", "9", "4", "3"]),
    ({"kernel": 3, "stride": 2}, [(1, 2, 3, 3)], "ParameterError", ["nearest_unpool", "stride", "2", "3"]),
]
