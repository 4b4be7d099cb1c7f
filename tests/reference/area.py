"""Area: the mean over the interval that an output covers, per axis."""
from . import _common as c
from . import _resample as r

DEFAULTS = dict(size=None, scale=None, coordinate_scale=None, recompute_scale=False, layout="NCX")
U8_ERROR = 0.625


def run(params, x):
    return r.forward(params, x, r.BOX, 0)


def bound(params, x):
    return r.forward_bound(params, x, r.BOX, 0)


def draw_params(rng, kind, layout, span):
    layout_, n, channels, sizes = c.draw_image(rng, span, layout)
    params = dict(layout=layout_, **r.draw_target(rng, sizes, kind, span))
    if kind == "integers" and params["scale"] == 0.5 and any(m % 2 for m in sizes):
        params["scale"] = 2  # the last output of an odd axis is the mean of fewer
    return params, layout_, n, channels, sizes


def draw(rng, dtype, kind="normal", layout=None, span=9):
    params, layout_, n, channels, sizes = draw_params(rng, kind, layout, span)
    return c.only_set(params, DEFAULTS), [c.data(rng, c.shape_of(layout_, n, channels, sizes), dtype, kind)]


LARGE = [case for case in r.LARGE if "antialias" not in case[0]] + [({"size": [3, 77]}, [(1, 1, 9, 900)])]
REJECTS = [
    *(case for case in r.rejects("area") if "coordinates" not in case[0]),
    ({"coordinate_scale": 1, "size": 7}, [(1, 2, 5, 5)], "ParameterError", ["area", "size", "7", "5"]),
]
