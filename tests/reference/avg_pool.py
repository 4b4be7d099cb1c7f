"""The mean of every window.  What it is divided by: the window clipped to the padded image, or to the image, or divisor_override."""

import itertools

import numpy as np

from . import _common as c
from . import _pool as p

DEFAULTS = dict(kernel=c.REQUIRED, stride=None, padding=0, dilation=1, ceil_mode=False, count_include_pad=True, divisor_override=None, layout="NCX")


def windows(params, sizes):
    """(output place, source places, divisor) of every window."""
    found = p.frames(params, sizes)
    for o in np.ndindex(*[f[0] for f in found]):
        places = list(itertools.product(*[p.inside(f, i, m) for f, i, m in zip(found, o, sizes)]))
        padded = [[i for i in p.taps(f, at) if i < m + f[5]] for f, at, m in zip(found, o, sizes)]
        divisor = params["divisor_override"]
        if divisor is None:
            divisor = int(np.prod([len(i) for i in padded])) if params["count_include_pad"] else len(places)
        yield o, places, divisor


def run(params, x):
    integer = np.asarray(x).dtype.kind in "iu"
    x = c.to_ncx(c.wide(x), params["layout"])
    y = np.zeros(x.shape[:2] + tuple(f[0] for f in p.frames(params, x.shape[2:])), x.dtype)
    for o, places, divisor in windows(params, x.shape[2:]):
        total = sum(x[(Ellipsis,) + place] for place in places)
        # Integers are rounded once, half up, and stay in range.
        y[(Ellipsis,) + o] = np.clip((2 * total + divisor) // (2 * divisor), 0, 255) if integer else total / divisor
    return c.from_ncx(y, params["layout"])


def bound(params, x):
    return run(params, abs(c.wide(x).astype(float))), np.prod(c.per_axis(params["kernel"], c.to_ncx(x, params["layout"]).ndim - 2))


def draw_params(rng, kind, layout, span):
    while True:
        layout_, n, channels, sizes = c.draw_image(rng, span, layout)
        params = dict(layout=layout_, count_include_pad=c.flip_coin(rng), **p.draw_window(rng, len(sizes), span))
        if c.flip_coin(rng, 0.3):
            params["divisor_override"] = int(rng.integers(1, 9))
        if kind == "integers":
            params["divisor_override"] = c.choose(rng, (1, 2, 4))
        if p.valid({**DEFAULTS, **params}, sizes):
            return params, layout_, n, channels, sizes


def draw(rng, dtype, kind="normal", layout=None, span=9):
    params, layout_, n, channels, sizes = draw_params(rng, kind, layout, span)
    return c.only_set(params, DEFAULTS), [c.data(rng, c.shape_of(layout_, n, channels, sizes), dtype, kind)]


LONG = [({"kernel": [40, 50]}, [(1, 2, 41, 52)]), ({"kernel": 1000}, [(1, 3, 1001)])]
# As those of max_pool.
LARGE = [
    ({"kernel": 2}, [(1, 3, 40, 75)]),
    ({"kernel": 3, "stride": 2, "padding": 1, "count_include_pad": False}, [(2, 19, 7, 7)]),
    ({"kernel": 3, "stride": 2, "padding": 1, "count_include_pad": False, "layout": "NXC"}, [(2, 9, 8, 70)]),
    ({"kernel": [2, 3], "stride": [1, 3], "dilation": [3, 2], "padding": [1, 2], "layout": "NXC"}, [(1, 13, 20, 37)]),
    ({"kernel": 2, "ceil_mode": True, "divisor_override": 3}, [(3, 30, 5, 7)]),
    ({"kernel": 3, "stride": 2, "padding": 1}, [(1, 2, 40000)]),
    ({"kernel": 2, "padding": 1, "stride": 1}, [(2, 17, 3, 4, 5)]),
]
REJECTS = p.rejects("avg_pool") + [
    ({"kernel": 2, "padding": 2}, [(1, 2, 5, 5)], "ParameterError", ["avg_pool", "padding", "2"]),
    ({"kernel": 2, "divisor_override": 0}, [(1, 2, 5, 5)], "ParameterError", ["avg_pool", "divisor_override", "0"]),
    ({"kernel": 7}, [(1, 2, 5, 5)], "ShapeError", ["avg_pool", "7", "5"]),
]
