"""max_pool of stride 1, then blur_pool."""

from . import _common as c
from . import _pool as p
from . import blur_pool, max_pool

DEFAULTS = dict(kernel=2, padding=0, **blur_pool.DEFAULTS)


def maxima(params, x):
    return max_pool.run({**max_pool.DEFAULTS, "kernel": params["kernel"], "stride": 1, "padding": params["padding"], "layout": params["layout"]}, x)


def run(params, x):
    return blur_pool.run(params, maxima(params, x))


def bound(params, x):
    return blur_pool.run(params, abs(maxima(params, x))), params["filter"] ** 3


def draw(rng, dtype, kind="normal", layout=None, span=9):
    while True:
        params, layout_, n, channels, sizes = blur_pool.draw_params(rng, layout, span)
        window = p.draw_window(rng, len(sizes), span, dilated=False, named=True)
        params |= dict(kernel=window["kernel"], padding=window["padding"])
        full = {**params, "stride": 1, "ceil_mode": False}
        most = params["filter"] // 2 + params["pad_off"]
        if p.valid(full, sizes) and all(most <= c.reach_of(params["padding_mode"], f[0]) for f in p.frames(full, sizes)):
            return c.only_set(params, DEFAULTS), [c.data(rng, c.shape_of(layout_, n, channels, sizes), dtype, kind)]


REJECTS = [
    ({"kernel": 0}, [(1, 2, 9, 9)], "ParameterError", ["max_blur_pool", "kernel", "0"]),
    ({"kernel": 10}, [(1, 2, 9, 9)], "ShapeError", ["max_blur_pool", "10", "9"]),
    ({"kernel": 2, "padding": 2}, [(1, 2, 9, 9)], "ParameterError", ["max_blur_pool", "padding", "2"]),
    ({"filter": 8}, [(1, 2, 9, 9)], "ParameterError", ["max_blur_pool", "filter", "8", "7"]),
    ({"filter": 7}, [(1, 2, 4, 9)], "ShapeError", ["max_blur_pool", "reflect", "3", "2"]),
]
