"""A binomial filter along every axis, and every stride-th of its outputs."""

import math

import numpy as np

from . import _common as c

DEFAULTS = dict(filter=4, stride=2, padding_mode="reflect", pad_off=0, layout="NCX")


def run(params, x):
    x = c.to_ncx(c.wide(x).astype(float), params["layout"])
    f, off = params["filter"], params["pad_off"]
    weights = [math.comb(f - 1, t) / 2 ** (f - 1) for t in range(f)]
    for axis, (m, stride) in enumerate(zip(x.shape[2:], c.per_axis(params["stride"], x.ndim - 2)), start=2):
        ranges = [(0, length) for length in x.shape[2:]]
        ranges[axis - 2] = (-((f - 1) // 2) - off, m + f // 2 + off)
        wider = c.extend(x, ranges, params["padding_mode"])
        count = (wider.shape[axis] - f) // stride + 1
        x = sum(w * np.take(wider, [i * stride + t for i in range(count)], axis) for t, w in enumerate(weights))
    return c.from_ncx(x, params["layout"])


def bound(params, x):
    return run(params, abs(c.wide(x))), params["filter"] ** 3


def draw_params(rng, layout, span):
    while True:
        layout_, n, channels, sizes = c.draw_image(rng, min(span, 40), layout)
        mode = c.choose(rng, ("reflect", "replicate", "zeros"))
        params = dict(filter=int(rng.integers(1, 8)), stride=c.draw_axes(rng, len(sizes), 1, 3), padding_mode=mode, layout=layout_)
        params["pad_off"] = c.choose(rng, (0, 0, 1, 2))
        if all(params["filter"] // 2 + params["pad_off"] <= c.reach_of(mode, m) for m in sizes):
            return params, layout_, n, channels, sizes


def draw(rng, dtype, kind="normal", layout=None, span=9):
    params, layout_, n, channels, sizes = draw_params(rng, layout, span)
    return c.only_set(params, DEFAULTS), [c.data(rng, c.shape_of(layout_, n, channels, sizes), dtype, kind)]


REJECTS = [
    ({"filter": 8}, [(1, 2, 9, 9)], "ParameterError", ["blur_pool", "filter", "8", "7"]),
    ({"stride": 0}, [(1, 2, 9, 9)], "ParameterError", ["blur_pool", "stride", "0"]),
    ({"padding_mode": "circular"}, [(1, 2, 9, 9)], "ParameterError", ["blur_pool", "padding_mode", "circular", "reflect"]),
    ({"pad_off": -1}, [(1, 2, 9, 9)], "ParameterError", ["blur_pool", "pad_off", "-1"]),
    ({"filter": 7}, [(1, 2, 3, 9)], "ShapeError", ["blur_pool", "reflect", "3", "2"]),
]
