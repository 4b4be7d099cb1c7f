"""Cross-correlation: y[o] = bias + sum over c, t of x_ext[c, o*s + t*d - begin] * w[c, t]."""

import numpy as np

from . import _common as c

DEFAULTS = dict(
    channels=None,
    kernel=None,
    stride=1,
    padding=0,
    padding_mode="zeros",
    value=0,
    dilation=1,
    groups=1,
    flip=False,
    layout="NCX",
    algorithm="auto",
    exact=False,
    upscale=1,
)
ALGORITHMS = ("auto", "direct", "gemm", "winograd", "depthwise")


def run(params, x, weight, bias=None):
    x, w = c.to_ncx(c.wide(x), params["layout"]), c.wide(weight)
    rank, groups = x.ndim - 2, params["groups"]
    for axis, factor in enumerate(c.per_axis(params["upscale"], rank)):
        x = np.repeat(x, factor, 2 + axis)
    sizes, kernel = x.shape[2:], w.shape[2:]
    if params["flip"]:
        w = np.flip(w, tuple(range(2, w.ndim)))
    stride, dilation = c.per_axis(params["stride"], rank), c.per_axis(params["dilation"], rank)
    pads = c.conv_pads(params["padding"], sizes, kernel, stride, dilation)
    x = c.extend(x, [(-b, m + e) for (b, e), m in zip(pads, sizes)], params["padding_mode"], params["value"])
    reach = [c.extent(k, d) for k, d in zip(kernel, dilation)]
    counts = [(m + b + e - r) // s + 1 for m, (b, e), r, s in zip(sizes, pads, reach, stride)]
    y = np.zeros([x.shape[0], w.shape[0]] + counts, np.result_type(x, w))
    c_in, c_out = w.shape[1], w.shape[0] // groups
    for o in np.ndindex(*counts):
        window = tuple(slice(i * s, i * s + r, d) for i, s, r, d in zip(o, stride, reach, dilation))
        for g in range(groups):
            patch = x[(slice(None), slice(g * c_in, (g + 1) * c_in)) + window]
            over = list(range(1, rank + 2))
            y[(slice(None), slice(g * c_out, (g + 1) * c_out)) + o] = np.tensordot(patch, w[g * c_out : (g + 1) * c_out], (over, over))
    if bias is not None:
        y = y + c.wide(bias).reshape([-1] + [1] * rank)
    return c.from_ncx(y, params["layout"])


def bound(params, x, weight, bias=None):
    positive = dict(params, value=abs(params["value"]))
    x = c.tile_maximum(x, params["layout"], params["dilation"]) if params["algorithm"] == "winograd" else abs(c.wide(x))
    total = run(positive, x, abs(c.wide(weight)), None if bias is None else abs(c.wide(bias)))
    return total, np.prod(weight.shape[1:]) + (bias is not None)


def draw_kernel(rng, rank, span):
    """kernel, stride and dilation of a random convolution"""
    kernel = [int(k) for k in rng.integers(1, (6 if rank == 1 else 4) if span > 1 else 2, rank)]
    return kernel, c.draw_axes(rng, rank, 1, 3), c.draw_axes(rng, rank, 1, 2)


def draw(rng, dtype, kind="normal", layout=None, span=9, enlarge=True):
    while True:
        layout_, n, _, sizes = c.draw_image(rng, span, layout, c.WITH_CHANNELS)
        rank = len(sizes)
        kernel, stride, dilation = draw_kernel(rng, rank, span)
        mode = c.choose(rng, c.PADDING_MODES)
        padding = c.choose(rng, c.NAMED_PADS) if c.flip_coin(rng, 0.4) else c.draw_pairs(rng, rank, 0, 3)
        upscale = c.draw_axes(rng, rank, 1, 3) if enlarge and mode != "reflect" and c.flip_coin(rng, 0.2) else 1
        large = [m * factor for m, factor in zip(sizes, c.per_axis(upscale, rank))]
        pads = c.conv_pads(padding, large, kernel, stride, dilation)
        reach = [c.extent(k, d) for k, d in zip(kernel, c.per_axis(dilation, rank))]
        fits = all(m + b + e >= r for m, (b, e), r in zip(large, pads, reach))
        if fits and all(max(pad) <= c.reach_of(mode, m) for pad, m in zip(pads, large)):
            break
    groups = c.choose(rng, (1, 1, 2, 3))
    c_in, c_out = int(rng.integers(1, 4)), int(rng.integers(1, 4))
    value = 0 if mode != "constant" else int(rng.integers(-2, 3)) if kind == "integers" else round(float(rng.standard_normal()), 3)
    params = dict(
        stride=stride,
        padding=padding,
        padding_mode=mode,
        value=value,
        dilation=dilation,
        groups=groups,
        flip=c.flip_coin(rng),
        layout=layout_,
        algorithm=c.choose(rng, ALGORITHMS),
        exact=c.flip_coin(rng, 0.2),
        upscale=upscale,
    )
    x = c.data(rng, c.shape_of(layout_, n, groups * c_in, sizes), dtype, kind)
    w = c.weights(rng, [groups * c_out, c_in] + kernel, dtype, kind)
    bias = c.weights(rng, [groups * c_out], dtype, kind) if c.flip_coin(rng) else None
    return c.only_set(params, dict(DEFAULTS)), [x, w, bias]


LONG = [({"padding": 1}, [(1, 300, 6, 6), (5, 300, 3, 3)]), ({}, [(2, 2000, 3), (3, 2000, 1)])]
LARGE = [
    ({"padding": 1, "groups": 19}, [(1, 19, 20, 33), (19, 1, 3, 3)]),
    ({"padding": 2, "groups": 19, "layout": "NXC", "stride": 2}, [(1, 13, 12, 19), (19, 1, 4, 3)]),
    ({"padding": 1, "algorithm": "direct"}, [(1, 1100, 11, 12), (5, 1100, 3, 3)]),
    ({"padding": 1, "stride": 2, "algorithm": "direct", "layout": "NXC"}, [(1, 19, 20, 700), (5, 700, 3, 3)]),
    ({"padding": 1, "algorithm": "gemm"}, [(1, 300, 11, 12), (37, 300, 3, 3)]),
    ({"padding": 1, "padding_mode": "reflect", "algorithm": "gemm", "layout": "NXC"}, [(2, 13, 31, 70), (77, 70, 3, 3)]),
    ({"algorithm": "direct"}, [(2, 2, 21, 35), (150, 2, 2, 3)]),
    ({"algorithm": "direct", "groups": 2}, [(1, 4, 900), (6, 2, 5)]),
    ({"padding": 1}, [(2, 40, 21, 70), (37, 40, 3, 3)]),
    ({"padding": 1, "algorithm": "winograd"}, [(1, 300, 11, 12), (5, 300, 3, 3)]),
    ({"padding": 2, "dilation": 2, "padding_mode": "reflect", "algorithm": "winograd"}, [(2, 40, 13, 15), (21, 40, 3, 3)]),
    ({"padding": 1, "algorithm": "winograd", "layout": "NXC"}, [(1, 6, 7, 11, 20), (9, 20, 3, 3, 3)]),
    ({"padding": 1, "algorithm": "winograd", "groups": 2}, [(3, 8, 300), (6, 4, 3)]),
    ({"algorithm": "winograd"}, [(9, 5, 4, 5), (70, 5, 3, 2)]),
    ({"upscale": 2, "padding": 1}, [(2, 40, 11, 19), (21, 40, 3, 3)]),
    ({"upscale": [2, 3], "padding": 1, "algorithm": "winograd", "layout": "NXC"}, [(1, 11, 9, 12), (17, 12, 5, 3)]),
    ({"upscale": 2, "padding": 1, "algorithm": "direct", "padding_mode": "replicate"}, [(1, 6, 40, 41), (7, 6, 3, 3)]),
]
REJECTS = [
    ({"upscale": 0}, [(1, 2, 5, 5), (3, 2, 3, 3)], "ParameterError", ["conv", "upscale", "0"]),
    ({"upscale": 2, "padding": 1, "padding_mode": "reflect"}, [(1, 2, 5, 5), (3, 2, 3, 3)], "ParameterError", ["conv", "reflect", "upscale"]),
    ({"stride": 0}, [(1, 2, 5, 5), (3, 2, 3, 3)], "ParameterError", ["conv", "stride", "0"]),
    ({"stride": -1}, [(1, 2, 5, 5), (3, 2, 3, 3)], "ParameterError", ["conv", "stride", "-1"]),
    ({"dilation": 0}, [(1, 2, 5, 5), (3, 2, 3, 3)], "ParameterError", ["conv", "dilation", "0"]),
    ({"padding": -1}, [(1, 2, 5, 5), (3, 2, 3, 3)], "ParameterError", ["conv", "padding", "-1"]),
    ({"padding": "sideways"}, [(1, 2, 5, 5), (3, 2, 3, 3)], "ParameterError", ["conv", "padding", "sideways", "same_upper"]),
    ({"padding_mode": "mirror"}, [(1, 2, 5, 5), (3, 2, 3, 3)], "ParameterError", ["conv", "padding_mode", "mirror", "reflect"]),
    ({"stride": [1, 2, 3]}, [(1, 2, 5, 5), (3, 2, 3, 3)], "ParameterError", ["conv", "stride", "3"]),
    ({"groups": 0}, [(1, 2, 5, 5), (3, 2, 3, 3)], "ParameterError", ["conv", "groups", "0"]),
    ({"groups": 3}, [(1, 4, 5, 5), (3, 1, 3, 3)], "UpregError", ["conv", "groups", "3", "4"]),
    ({"groups": 2}, [(1, 4, 5, 5), (3, 2, 3, 3)], "UpregError", ["conv", "groups", "2", "3"]),
    ({}, [(1, 2, 5, 5), (3, 4, 3, 3)], "ShapeError", ["conv", "weight", "4", "2"]),
    ({}, [(1, 2, 5, 5), (3, 2, 3)], "ShapeError", ["conv", "weight", "2 spatial axes it must have 4 dimensions"]),
    ({}, [(1, 2, 5), (3, 2, 3, 3)], "ShapeError", ["conv", "weight", "1 spatial axis it must have 3 dimensions"]),
    ({}, [(1, 2, 5, 5), (3, 2, 3, 3), (4,)], "ShapeError", ["conv", "bias", "4", "3"]),
    ({}, [(1, 2, 2, 5), (3, 2, 3, 3)], "ShapeError", ["conv", "the kernel spans 3 but axis 2 has only 2 elements"]),
    ({"layout": "XC", "dilation": 2}, [(9, 2, 4), (3, 4, 3, 2)], "ShapeError", ["conv", "the kernel spans 3 but axis 1 has only 2 elements"]),
    ({}, [(2, 5), (3, 2, 3)], "ShapeError", ["conv", "x"]),
    ({"kernel": 5}, [(1, 2, 7, 7), (3, 2, 3, 3)], "UpregError", ["conv", "kernel", "5"]),
    ({"channels": 5}, [(1, 2, 7, 7), (3, 2, 3, 3)], "UpregError", ["conv", "channels", "5"]),
    ({"padding": 5, "padding_mode": "reflect"}, [(1, 2, 5, 5), (3, 2, 3, 3)], "UpregError", ["conv", "reflect", "5"]),
    ({"padding": 6, "padding_mode": "circular"}, [(1, 2, 5, 5), (3, 2, 3, 3)], "UpregError", ["conv", "circular", "6"]),
]
