"""y[i] = sum over the windows o that hold i of x[o] / divisor[o]."""

import numpy as np

from . import _common as c
from . import _pool as p
from .avg_pool import windows

DEFAULTS = dict(kernel=c.REQUIRED, stride=None, padding=0, output_size=None, count_include_pad=True, divisor_override=None, layout="NCX")


def output_size(params, sizes):
    if params["output_size"] is not None:
        return c.per_axis(params["output_size"], len(sizes))
    kernel = c.per_axis(params["kernel"], len(sizes))
    stride = c.per_axis(kernel if params["stride"] is None else params["stride"], len(sizes))
    return [(m - 1) * s - b - e + k for m, s, k, (b, e) in zip(sizes, stride, kernel, c.pairs(params["padding"], len(sizes)))]


def run(params, x):
    x = c.to_ncx(c.wide(x), params["layout"])
    y = np.zeros(x.shape[:2] + tuple(output_size(params, x.shape[2:])))
    for o, places, divisor in windows({**params, "ceil_mode": False}, y.shape[2:]):
        for place in places:
            y[(Ellipsis,) + place] += x[(Ellipsis,) + o] / divisor
    return c.from_ncx(y, params["layout"])


def bound(params, x):
    return run(params, abs(c.wide(x))), np.prod(c.per_axis(params["kernel"], c.to_ncx(x, params["layout"]).ndim - 2))


def draw_params(rng, layout, span, apart=False):
    """Drawn as a pool of y, so that x has what the pool makes of it; apart: windows do not overlap."""
    while True:
        layout_, n, channels, sizes = c.draw_image(rng, min(span, 40), layout)
        rank = len(sizes)
        params = p.draw_window(rng, rank, span, dilated=False)
        del params["ceil_mode"]
        kernel = c.per_axis(params["kernel"], rank)
        if apart:
            params["stride"] = None if c.flip_coin(rng, 0.3) else [k + int(rng.integers(0, 3)) for k in kernel]
        full = {**DEFAULTS, **params, "ceil_mode": False}
        if not p.valid(full, sizes):
            continue
        small = [f[0] for f in p.frames(full, sizes)]
        if list(output_size(full, small)) != sizes:
            params["output_size"] = sizes
        return dict(params, layout=layout_), c.shape_of(layout_, n, channels, small)


def draw(rng, dtype, kind="normal", layout=None, span=9):
    params, shape = draw_params(rng, layout, span)
    params["count_include_pad"] = c.flip_coin(rng)
    if kind == "integers" or c.flip_coin(rng, 0.3):
        params["divisor_override"] = c.choose(rng, (1, 2, 4))
    return c.only_set(params, DEFAULTS), [c.data(rng, shape, dtype, kind)]


REJECTS = p.rejects("avg_unpool") + [
    ({"kernel": 2, "output_size": 9}, [(1, 2, 3, 3)], "ShapeError", ["avg_unpool", "output_size", "9", "4", "3"]),
    ({"kernel": 2, "padding": 2}, [(1, 2, 5, 5)], "ParameterError", ["avg_unpool", "padding", "2"]),
]
