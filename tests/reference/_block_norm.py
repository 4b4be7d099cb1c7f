"""Normalisation of blocks: x as (blocks, numbers), with the weight of every number."""

import numpy as np

from . import _common as c


def parts(x, eps, centred):
    """x - mean and 1 / sqrt(var + eps), of every block"""
    mean = x.mean(-1, keepdims=True) if centred else np.zeros(x.shape[:-1] + (1,))
    return x - mean, 1 / np.sqrt(((x - mean) ** 2).mean(-1, keepdims=True) + eps)


def forward(x, weight, bias, eps, centred=True):
    centre, inverse = parts(x, eps, centred)
    y = centre * inverse
    y = y if weight is None else y * weight
    return y if bias is None else y + bias


def size(x, centred):
    """|x|, and the mean of that: the mean of x has the error of a sum of such terms"""
    return abs(x) + (abs(x).mean(-1, keepdims=True) if centred else 0)


def forward_bound(x, weight, bias, eps, centred=True):
    y = size(x, centred) * parts(x, eps, centred)[1]
    y = y if weight is None else y * abs(weight)
    return y if bias is None else y + abs(bias)


def gradient(x, weight, gy, eps, centred=True):
    centre, inverse = parts(x, eps, centred)
    g = gy if weight is None else gy * weight
    mean = g.mean(-1, keepdims=True) if centred else 0
    return inverse * (g - mean - centre * inverse**2 * (g * centre).mean(-1, keepdims=True))


def gradient_bound(x, weight, gy, eps, centred=True):
    """The same with every term made positive."""
    inverse, terms = parts(x, eps, centred)[1], size(x, centred)
    g = abs(gy if weight is None else gy * weight)
    return inverse * (g + g.mean(-1, keepdims=True) + terms * inverse**2 * (g * terms).mean(-1, keepdims=True))


# ---- the last axes ----


def flat(x, params):
    """x as (blocks, numbers)"""
    axis = params["axis"] % x.ndim
    return x.reshape(int(np.prod(x.shape[:axis], dtype=np.int64)), -1) if x.size else x.reshape(1, -1)


def layer(function, params, x, weight, other, centred):
    x, weight, other = c.wide(x), c.wide(weight), c.wide(other)
    rows = flat(x, params)
    weight = None if weight is None else weight.reshape(-1)
    other = other if other is None else other.reshape(rows.shape if other.shape == x.shape and function in (gradient, gradient_bound) else -1)
    return function(rows, weight, other, params["eps"], centred).reshape(x.shape)


def count(params, x):
    return max(flat(x, params).shape[-1], 1)


def draw_layer(rng, dtype, kind, span, defaults):
    shape = [3, span, span] if span > 9 else [int(n) for n in rng.integers(1, (7 if span > 1 else 1) + 1, rng.integers(1, 5))]
    axis = int(rng.integers(-len(shape), len(shape)))
    weights = [c.weights(rng, shape[axis % len(shape) :], dtype) if c.flip_coin(rng, 0.7) else None for _ in range(2)]
    params = dict(axis=axis, eps=c.choose(rng, (1e-5, 1e-3, 0.1)))
    return c.only_set(params, defaults), c.data(rng, shape, dtype, kind), weights


# ---- groups of channels ----


def group(function, params, x, weight, other):
    """The function on NCX blocks of channels / groups channels."""
    x = c.to_ncx(c.wide(x), params["layout"])
    n, channels = x.shape[:2]
    pixels = int(np.prod(x.shape[2:]))
    rows = (n, params["groups"], channels // params["groups"] * pixels)
    weight = None if weight is None else np.repeat(c.wide(weight), pixels).reshape(rows[1:])
    if other is not None and function in (gradient, gradient_bound):
        other = c.to_ncx(c.wide(other), params["layout"]).reshape(rows)
    elif other is not None:
        other = np.repeat(c.wide(other), pixels).reshape(rows[1:])
    return c.from_ncx(function(x.reshape(rows), weight, other, params["eps"]).reshape(x.shape), params["layout"])


def group_count(params, x):
    x = c.to_ncx(x, params["layout"])
    return max(x[0].size // params["groups"], 1) if len(x) else 1


def draw_group(rng, dtype, kind, layout, span, defaults):
    layout_, n, _, sizes = c.draw_image(rng, span, layout, c.WITH_CHANNELS)
    groups = int(rng.integers(1, 4))
    channels = groups * int(rng.integers(1, 4))
    weights = [c.weights(rng, [channels], dtype) if c.flip_coin(rng, 0.7) else None for _ in range(2)]
    params = dict(groups=groups, eps=c.choose(rng, (1e-5, 1e-3, 0.1)), layout=layout_)
    return c.only_set(params, defaults), c.data(rng, c.shape_of(layout_, n, channels, sizes), dtype, kind), weights
