"""The p-norm of every window.  Torch sums x^p, and scales what the border cuts off."""

import itertools

import numpy as np

from . import _common as c
from . import _pool as p

DEFAULTS = dict(p=2, sign_rule="abs", kernel=c.REQUIRED, stride=None, padding=0, dilation=1, ceil_mode=False, layout="NCX")


def windows(params, sizes):
    """(output place, index of its elements in an NCX array, elements of a whole window by those inside) of every window."""
    found = p.frames(params, sizes)
    for o in np.ndindex(*[f[0] for f in found]):
        places = list(itertools.product(*[p.inside(f, i, m) for f, i, m in zip(found, o, sizes)]))
        yield (Ellipsis,) + o, (Ellipsis, *map(np.array, zip(*places))), np.prod([f[1] for f in found]) / len(places)


def run(params, x):
    x = c.to_ncx(c.wide(x), params["layout"])
    y = np.zeros(x.shape[:2] + tuple(f[0] for f in p.frames(params, x.shape[2:])))
    for o, elements, share in windows(params, x.shape[2:]):
        if params["sign_rule"] == "torch":
            total = np.sum(x[elements] ** params["p"], -1) * share
            y[o] = total if params["p"] == 1 else total ** (1 / params["p"])
        else:
            y[o] = np.sum(abs(x[elements]) ** params["p"], -1) ** (1 / params["p"])
    return c.from_ncx(y, params["layout"])


def bound(params, x):
    return run(params, abs(c.wide(x))), 16


def differentiable(params):
    return params["sign_rule"] == "abs" or params["p"] == 1 or params["p"] % 2 == 0


def draw_window(rng, layout, span):
    while True:
        layout_, n, channels, sizes = c.draw_image(rng, min(span, 33), layout)
        params = dict(layout=layout_, **p.draw_window(rng, len(sizes), span, named=True))
        if p.valid({**DEFAULTS, **params}, sizes):
            return params, c.shape_of(layout_, n, channels, sizes)


def draw(rng, dtype, kind="normal", layout=None, span=9):
    params, shape = draw_window(rng, layout, span)
    params |= dict(p=int(rng.integers(1, 6)), sign_rule=c.choose(rng, ("abs", "torch")))
    x = c.data(rng, shape, dtype, kind)
    if not differentiable(params):
        x = abs(x)  # the root of a negative sum is not a number
    return c.only_set(params, DEFAULTS), [x]


LONG = [({"kernel": [40, 50]}, [(1, 2, 41, 52)]), ({"kernel": 1000, "p": 3}, [(1, 3, 1001)])]
REJECTS = p.rejects("lp_pool") + [
    ({"kernel": 2, "p": 0}, [(1, 2, 5, 5)], "ParameterError", ["lp_pool", "p", "0"]),
    ({"kernel": 2, "sign_rule": "both"}, [(1, 2, 5, 5)], "ParameterError", ["lp_pool", "sign_rule", "both", "torch"]),
    ({"kernel": 2, "padding": 2}, [(1, 2, 5, 5)], "ParameterError", ["lp_pool", "padding", "2"]),
    ({"kernel": 7}, [(1, 2, 5, 5)], "ShapeError", ["lp_pool", "7", "5"]),
]
