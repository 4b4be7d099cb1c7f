"""gw = sum of gy * (x - mean) / sqrt(var + eps) per channel, with batch statistics."""

import numpy as np

from . import _common as c
from . import _norm, batch_norm_grad

DEFAULTS = dict(eps=1e-5, layout="NCX")
EXACT = False


def weight_gradient(params, x, gy, per_image):
    x, gy = (c.to_ncx(c.wide(v), params["layout"]) for v in (x, gy))
    mean, var = _norm.statistics(x, per_image)
    return (gy * (x - mean) / np.sqrt(var + params["eps"])).sum(_norm.axes(x, per_image=False))


def weight_bound(params, x, gy, per_image):
    x, gy = (abs(c.to_ncx(c.wide(v), params["layout"])) for v in (x, gy))
    mean, var = _norm.statistics(x, per_image)
    return (gy * (x + mean) / np.sqrt(var + params["eps"])).sum(_norm.axes(x, per_image=False)), _norm.count(x, False)


def run(params, x, gy):
    return weight_gradient(params, x, gy, per_image=False)


def bound(params, x, gy):
    return weight_bound(params, x, gy, per_image=False)


def draw(rng, dtype, kind="normal", layout=None, span=9):
    params, (x, _, gy) = batch_norm_grad.draw(rng, dtype, kind, layout, span)
    return params, [x, gy]


REJECTS = []
