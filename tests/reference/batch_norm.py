"""y = x*scale + shift with scale = weight / sqrt(var + eps), shift = bias - mean*scale, per channel."""

import numpy as np

from . import _common as c
from . import _norm

DEFAULTS = dict(eps=1e-5, training=False, layout="NCX")
EXACT = False


def parts(params, x, weight, bias, mean, var):
    """(x, scale, mean, bias) over NCX"""
    x = c.to_ncx(c.wide(x), params["layout"])
    if params["training"]:
        mean, var = _norm.statistics(x, per_image=False)
    else:
        mean, var = _norm.channel(mean, x), _norm.channel(var, x)
    weight = 1.0 if weight is None else _norm.channel(weight, x)
    return x, weight / np.sqrt(var + params["eps"]), mean, 0.0 if bias is None else _norm.channel(bias, x)


def run(params, x, weight=None, bias=None, mean=None, var=None):
    x, scale, mean, bias = parts(params, x, weight, bias, mean, var)
    return c.from_ncx((x - mean) * scale + bias, params["layout"])


def bound(params, x, weight=None, bias=None, mean=None, var=None):
    x, scale, mean, bias = parts(params, x, weight, bias, mean, var)
    total = (abs(x) + abs(mean)) * abs(scale) + abs(bias)
    return c.from_ncx(total, params["layout"]), _norm.count(x, False) if params["training"] else 3


def draw(rng, dtype, kind="normal", layout=None, span=9):
    layout_, n, channels, sizes = c.draw_image(rng, span, layout, c.WITH_CHANNELS)
    x = c.data(rng, c.shape_of(layout_, n, channels, sizes), dtype, kind)
    training = c.flip_coin(rng, 0.4)
    weight, bias = (c.weights(rng, [channels], dtype) if c.flip_coin(rng, 0.7) else None for _ in range(2))
    mean = None if training else c.weights(rng, [channels], dtype)
    var = None if training else c.weights(rng, [channels], dtype, "positive")
    eps = c.choose(rng, (1e-5, 1e-3, 0.1))
    return c.only_set(dict(eps=eps, training=training, layout=layout_), DEFAULTS), [x, weight, bias, mean, var]


LONG = [({"training": True}, [(3, 2, 40, 50)])]
REJECTS = [
    ({"eps": -1}, [(2, 3, 4), (3,), (3,), (3,), (3,)], "ParameterError", ["batch_norm", "eps", "-1"]),
    ({}, [(2, 3, 4), (4,), (3,), (3,), (3,)], "ShapeError", ["batch_norm", "weight", "4", "3"]),
    ({}, [(2, 3, 4), (3,), (3,), (3,), (2,)], "ShapeError", ["batch_norm", "var", "2", "3"]),
]
