"""The adjoint of blur_pool."""

from . import _common as c
from . import blur_pool as forward

DEFAULTS = dict(forward.DEFAULTS, input_size=c.REQUIRED)


def run(params, gy):
    gy = c.wide(gy).astype(float)
    ncx = c.to_ncx(gy, params["layout"])
    shape = c.shape_of(params["layout"], *ncx.shape[:2], c.per_axis(params["input_size"], ncx.ndim - 2))
    return c.adjoint(lambda x: forward.run(params, x), shape, gy)


def bound(params, gy):
    return run(params, abs(c.wide(gy))), params["filter"] ** 3


def draw(rng, dtype, kind="normal", layout=None, span=9):
    params, layout_, n, channels, sizes = forward.draw_params(rng, layout, min(span, 9))
    y = forward.run({**forward.DEFAULTS, **params}, c.data(rng, c.shape_of(layout_, n, channels, sizes), dtype))
    return c.only_set(dict(params, input_size=sizes), DEFAULTS), [c.data(rng, y.shape, dtype, kind)]


REJECTS = [
    ({}, [(1, 2, 4, 4)], "ParameterError", ["blur_pool_grad", "input_size"]),
    ({"input_size": 20}, [(1, 2, 4, 4)], "ShapeError", ["blur_pool_grad", "4", "10"]),
]
