"""Nearest neighbour: y[o] = x[round(coordinate(o))], indices clamped to the image."""

import itertools
import math

import numpy as np

from . import _common as c
from . import _resample as r

DEFAULTS = dict(**r.TARGET, coordinates="asymmetric", roi=None, rounding="floor", arith="torch", layout="NCX")
COORDINATES = (
    "asymmetric",
    "half_pixel",
    "pytorch_half_pixel",
    "half_pixel_symmetric",
    "align_corners",
    "tf_half_pixel_for_nn",
    "tf_crop_and_resize",
)
ROUNDINGS = {
    "floor": math.floor,
    "ceil": math.ceil,
    "round_prefer_floor": lambda x: math.ceil(x - 0.5),
    "round_prefer_ceil": lambda x: math.floor(x + 0.5),
}
ULPS = 0


def axis_positions(params, roi, m, n, step, begin, length):
    """The coordinate of every output along one axis, before rounding."""
    if params["arith"] == "accumulated":
        return list(itertools.accumulate([step] * (n - 1), initial=begin + step * 0.5))
    single = params["arith"] == "torch" and params["rounding"] == "floor" and begin == 0
    if single and params["coordinates"] == "asymmetric":  # torch computes these two in float32, and that shows
        return [float(np.float32(i) * np.float32(step)) for i in range(n)]
    if single and params["coordinates"] == "tf_half_pixel_for_nn":
        return [float(np.float32((i + 0.5) * float(np.float32(step)))) for i in range(n)]
    if params["arith"] == "double" and (params["scale"] is None or params["recompute_scale"]):
        step = 1 / (n / length)  # OpenCV's way to write m/n; the last bit shows
    return [r.coordinate(params["coordinates"], i, n, step, begin, length, roi) for i in range(n)]


def positions(params, sizes):
    """The coordinates of every axis, before rounding."""
    return [axis_positions(params, roi, *axis) for roi, axis in zip(r.roi_of(params, len(sizes)), r.axes(params, sizes))]


def indices(params, sizes):
    """The source index of every output, per axis; -1 where it is outside."""
    rounding, name = ROUNDINGS[params["rounding"]], params["coordinates"]
    return [[-1 if r.is_outside(name, x, m) else min(max(rounding(x), 0), m - 1) for x in axis] for m, axis in zip(sizes, positions(params, sizes))]


def run(params, x):
    x = c.to_ncx(c.wide(x), params["layout"])
    for axis, index in enumerate(indices(params, x.shape[2:]), start=2):
        x = np.moveaxis(np.stack([np.moveaxis(x, axis, 0)[j] * (j >= 0) for j in index]), 0, axis)
    return c.from_ncx(x, params["layout"])


def decided(params, sizes):
    """Whether the formula alone settles every index: no coordinate a hair from a step, unless it is computed exactly."""
    if params["arith"] == "accumulated":
        return True
    whole = all(begin == 0 for _, _, _, begin, _ in r.axes(params, sizes))
    if whole and params["rounding"] == "floor" and params["coordinates"] in ("asymmetric", "tf_half_pixel_for_nn"):
        return True
    if whole and params["coordinates"] != "tf_crop_and_resize" and all(step * 64 % 1 == 0 for _, _, step, _, _ in r.axes(params, sizes)):
        return True
    ends = [abs(x - end) for m, axis in zip(sizes, positions(params, sizes)) for x in axis for end in (0, m - 1)]
    if params["coordinates"] == "tf_crop_and_resize" and min(ends) < 1e-9:
        return False
    offset = 0.5 if params["rounding"].startswith("round") else 0.0
    return all(abs(x - offset - round(x - offset)) > 1e-9 for axis in positions(params, sizes) for x in axis)


def draw_params(rng, layout, span):
    while True:
        layout_, n, channels, sizes = c.draw_image(rng, span, layout)
        params = dict(
            layout=layout_,
            coordinates=c.choose(rng, ("asymmetric",) + COORDINATES),
            rounding=c.choose(rng, list(ROUNDINGS)),
            arith=c.choose(rng, ("torch", "double")),
            **r.draw_target(rng, sizes, "normal", span),
        )
        if params["coordinates"] == "tf_crop_and_resize":
            params["roi"] = r.draw_roi(rng, len(sizes))
        r.draw_part(rng, sizes, params)
        if c.flip_coin(rng, 0.1):
            params.update(arith="accumulated", coordinates="tf_half_pixel_for_nn", rounding="floor", roi=None)
        if decided({**DEFAULTS, **params}, sizes):
            return params, layout_, n, channels, sizes


def draw(rng, dtype, kind="normal", layout=None, span=9):
    params, layout_, n, channels, sizes = draw_params(rng, layout, span)
    return c.only_set(params, DEFAULTS), [c.data(rng, c.shape_of(layout_, n, channels, sizes), dtype, kind)]


LARGE = [({"scale": 2}, [(1, 2, 5, 37)]), ({"scale": [2, 3], "layout": "NXC"}, [(1, 4, 5, 32)]), ({"scale": 2, "layout": "NXC"}, [(1, 3, 4, 9)])]
REJECTS = [case for case in r.rejects("nearest") if not {"reducing_gap", "antialias"} & set(case[0])] + [
    ({"scale": 2, "rounding": "away"}, [(1, 2, 5, 5)], "ParameterError", ["nearest", "rounding", "away", "floor"])
]
