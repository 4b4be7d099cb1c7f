"""Nearest neighbour: y[o] = x[round(coordinate(o))], indices clamped to the image."""
import math

import numpy as np

from . import _common as c
from . import _resample as r

DEFAULTS = dict(size=None, scale=None, coordinate_scale=None, recompute_scale=False, coordinates="asymmetric", roi=None, rounding="floor",
                arith="torch", layout="NCX")
COORDINATES = ("asymmetric", "half_pixel", "pytorch_half_pixel", "half_pixel_symmetric", "align_corners", "tf_half_pixel_for_nn",
               "tf_crop_and_resize")
ROUNDINGS = {"floor": math.floor, "ceil": math.ceil, "round_prefer_floor": lambda x: math.ceil(x - 0.5),
             "round_prefer_ceil": lambda x: math.floor(x + 0.5)}
ULPS = 0


def axis_positions(params, m, n, step, region):
    """The coordinate of every output along one axis, before rounding."""
    single = params["arith"] == "torch" and params["rounding"] == "floor"
    if single and params["coordinates"] == "asymmetric":  # torch computes these two in float32, and that shows
        return [float(np.float32(i) * np.float32(step)) for i in range(n)]
    if single and params["coordinates"] == "tf_half_pixel_for_nn":
        return [float(np.float32((i + 0.5) * float(np.float32(step)))) for i in range(n)]
    return [r.coordinate(params["coordinates"], i, m, n, step, region) for i in range(n)]


def positions(params, sizes):
    """The coordinates of every axis, before rounding."""
    outs = r.output_sizes(params, sizes)
    steps = r.steps(params, sizes, outs)
    if params["arith"] == "double" and ((params["scale"] is None and params["coordinate_scale"] is None) or params["recompute_scale"]):
        steps = [1 / (n / m) for m, n in zip(sizes, outs)]  # OpenCV's way to write m/n; the last bit shows
    return [axis_positions(params, *axis) for axis in zip(sizes, outs, steps, r.regions(params, len(sizes)))]


def indices(params, sizes):
    """The source index of every output, per axis; -1 where it is outside."""
    rounding = ROUNDINGS[params["rounding"]]
    return [[-1 if r.is_outside(params, x, m) else min(max(rounding(x), 0), m - 1) for x in axis] for m, axis in zip(sizes, positions(params, sizes))]


def run(params, x):
    x = c.to_ncx(c.wide(x), params["layout"])
    for axis, index in enumerate(indices(params, x.shape[2:]), start=2):
        x = np.moveaxis(np.stack([np.moveaxis(x, axis, 0)[j] * (j >= 0) for j in index]), 0, axis)
    return c.from_ncx(x, params["layout"])


def decided(params, sizes):
    """Whether the formula alone settles every index: no coordinate a hair from a step, unless it is computed exactly."""
    if params["rounding"] == "floor" and params["coordinates"] in ("asymmetric", "tf_half_pixel_for_nn"):
        return True
    if all(step * 64 % 1 == 0 for step in r.steps(params, sizes, r.output_sizes(params, sizes))):
        return True
    offset = 0.5 if params["rounding"].startswith("round") else 0.0
    return all(abs(x - offset - round(x - offset)) > 1e-9 for axis in positions(params, sizes) for x in axis)


def draw_params(rng, layout, span):
    while True:
        layout_, n, channels, sizes = c.draw_image(rng, span, layout)
        params = dict(layout=layout_, coordinates=c.choose(rng, ("asymmetric",) + COORDINATES), rounding=c.choose(rng, list(ROUNDINGS)),
                      arith=c.choose(rng, ("torch", "double")), **r.draw_target(rng, sizes, "normal", span))
        if params["coordinates"] == "tf_crop_and_resize":
            params["roi"] = r.draw_roi(rng, len(sizes))
        if decided({**DEFAULTS, **params}, sizes):
            return params, layout_, n, channels, sizes


def draw(rng, dtype, kind="normal", layout=None, span=9):
    params, layout_, n, channels, sizes = draw_params(rng, layout, span)
    return c.only_set(params, DEFAULTS), [c.data(rng, c.shape_of(layout_, n, channels, sizes), dtype, kind)]


LARGE = [({"scale": 2}, [(1, 2, 5, 37)]), ({"scale": [2, 3], "layout": "NXC"}, [(1, 4, 5, 32)]), ({"scale": 2, "layout": "NXC"}, [(1, 3, 4, 9)])]
REJECTS = r.rejects("nearest") + [({"scale": 2, "rounding": "away"}, [(1, 2, 5, 5)], "ParameterError", ["nearest", "rounding", "away", "floor"])]
