"""The adjoint of area."""
from . import _common as c
from . import _resample as r
from . import area

DEFAULTS = {**area.DEFAULTS, "input_size": "required"}


def run(params, gy):
    return r.backward(params, gy, r.BOX, 0)


def bound(params, gy):
    return r.backward_bound(params, gy, r.BOX, 0)


def draw(rng, dtype, kind="normal", layout=None, span=9):
    params, layout_, n, channels, sizes = area.draw_params(rng, kind, layout, span)
    outs = r.output_sizes({**area.DEFAULTS, **params}, sizes)
    gy = c.data(rng, c.shape_of(layout_, n, channels, outs), dtype, kind)
    return {**c.only_set(params, area.DEFAULTS), "input_size": sizes}, [gy]


LARGE = [case for case in r.LARGE_GRAD if "antialias" not in case[0]]
REJECTS = [({"scale": 2, "input_size": 4}, [(1, 2, 9, 8)], "ShapeError", ["area_grad", "9", "8"])]
