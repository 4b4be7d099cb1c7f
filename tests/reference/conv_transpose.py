"""Transposed convolution: y[o] = bias + sum over i, t with i*s + t*d = o + begin of x_ext[i] * w[t].

`begin` and `end` are what is cut off the full result of (m-1)*s + ke; negative: what is added to it."""

import math

import numpy as np

from . import _common as c
from .conv import ALGORITHMS

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
    output_padding=0,
    output_size=None,
    crop=None,
    side="torch",
    layout="NCX",
    algorithm="auto",
    exact=False,
)


def window(params, sizes, kernel):
    """[(begin, n)] per axis: where the output starts in the full result, and its length."""
    rank = len(sizes)
    stride, dilation = c.per_axis(params["stride"], rank), c.per_axis(params["dilation"], rank)
    padding, side = params["padding"], params["side"]
    added = c.per_axis(params["output_padding"], rank)
    wanted = c.per_axis(params["output_size"], rank)
    result = []
    for axis, (m, k, s, d) in enumerate(zip(sizes, kernel, stride, dilation)):
        ke = c.extent(k, d)
        full = (m - 1) * s + ke
        if params["crop"] is not None:
            begin, end = c.pairs(params["crop"], rank)[axis]
            n = full - begin - end
        elif wanted[axis] is not None:
            n = wanted[axis]
            total = max(full - n, 0)  # nothing to cut: zeros follow at the end, as TensorFlow does
            if side == "torch" and not isinstance(padding, str):
                begin = c.pairs(padding, rank)[axis][0]
            elif side == "onnx" and padding != "same_upper":
                begin = total - total // 2
            else:
                begin = total // 2
        elif padding == "valid":
            begin, n = 0, (m - 1) * s + max(ke, s) if side == "tf" else full + added[axis]
        elif padding == "same_upper":
            begin, n = max(ke - s, 0) // 2, m * s
        elif padding == "same_lower":
            begin, n = max(ke - s, 0) - max(ke - s, 0) // 2, m * s
        elif padding == "full":
            begin, n = ke - 1, full - 2 * (ke - 1) + added[axis]
        elif padding == "causal":
            begin, n = 0, m * s
        else:
            before, after = c.pairs(padding, rank)[axis]
            begin, n = before, full - before - after + added[axis]
        result.append((begin, n))
    return result


def taps(o, begin, s, d, k):
    """(i, t) with i*s + t*d = o + begin; i may lie outside the input."""
    return [((o + begin - t * d) // s, t) for t in range(k) if (o + begin - t * d) % s == 0]


def run(params, x, weight, bias=None):
    x, w = c.to_ncx(c.wide(x), params["layout"]), c.wide(weight)
    rank, groups, mode = x.ndim - 2, params["groups"], params["padding_mode"]
    if params["flip"]:
        w = np.flip(w, tuple(range(2, w.ndim)))
    sizes, kernel = x.shape[2:], w.shape[2:]
    stride, dilation = c.per_axis(params["stride"], rank), c.per_axis(params["dilation"], rank)
    frame = window(params, sizes, kernel)
    c_in, c_out = x.shape[1] // groups, w.shape[1]
    image = np.moveaxis(x.reshape((x.shape[0], groups, c_in) + sizes), 1, 0)  # groups, batch, c_in, ...
    fill = np.full(image.shape[:3], params["value"], image.dtype)
    w = w.reshape((groups, c_in, c_out) + kernel)
    y = np.zeros([groups, x.shape[0], c_out] + [n for _, n in frame], np.result_type(x, w))
    all_taps = [[taps(o, begin, s, d, k) for o in range(n)] for (begin, n), s, d, k in zip(frame, stride, dilation, kernel)]
    for o in np.ndindex(*y.shape[3:]):
        for choice in np.ndindex(*[len(all_taps[axis][o[axis]]) for axis in range(rank)]):
            used = [all_taps[axis][o[axis]][choice[axis]] for axis in range(rank)]
            where = [c.source(i, m, mode) for (i, _), m in zip(used, sizes)]
            if None in where:
                if mode == "zeros":
                    continue
                values = fill
            else:
                values = image[(Ellipsis,) + tuple(where)]
            y[(Ellipsis,) + o] += values @ w[(Ellipsis,) + tuple(t for _, t in used)]
    y = np.moveaxis(y, 0, 1).reshape([x.shape[0], groups * c_out] + [n for _, n in frame])
    if bias is not None:
        y = y + c.wide(bias).reshape([-1] + [1] * rank)
    return c.from_ncx(y, params["layout"])


def bound(params, x, weight, bias=None):
    positive = dict(params, value=abs(params["value"]))
    x = c.tile_maximum(x, params["layout"], 1) if params["algorithm"] == "winograd" else abs(c.wide(x))
    total = run(positive, x, abs(c.wide(weight)), None if bias is None else abs(c.wide(bias)))
    rank = weight.ndim - 2
    count = weight.shape[0] // params["groups"]
    for k, s, d in zip(weight.shape[2:], c.per_axis(params["stride"], rank), c.per_axis(params["dilation"], rank)):
        count *= -(-k // (s // math.gcd(s, d)))  # the taps that fall on one output
    return total, count + (bias is not None)


def draw_frame(rng, rank, stride, dilation):
    """The parameters that say which part of the full result is wanted."""
    form = int(rng.integers(6))
    room = min(max(s, d) for s, d in zip(c.per_axis(stride, rank), c.per_axis(dilation, rank)))
    added = c.draw_axes(rng, rank, 0, room - 1)
    if form == 0:
        return dict(padding=c.draw_pairs(rng, rank, 0, 3), output_padding=added)
    if form == 1:
        return dict(padding=c.choose(rng, ("valid", "full")), output_padding=added)
    if form == 2:
        return dict(padding=c.choose(rng, c.NAMED_PADS), side=c.choose(rng, ("torch", "tf", "onnx")))
    if form == 3:
        return dict(crop=c.draw_pairs(rng, rank, -2, 3))
    if form == 4:
        return dict(padding=c.draw_pairs(rng, rank, 0, 2), output_size=c.draw_axes(rng, rank, 1, 12 if rank == 1 else 7))
    side = c.choose(rng, ("tf", "onnx"))
    padding = 0 if side == "tf" else c.choose(rng, (0, "same_upper", "same_lower"))
    return dict(padding=padding, output_size=c.draw_axes(rng, rank, 1, 12 if rank == 1 else 7), side=side)


def draw(rng, dtype, kind="normal", layout=None, span=9):
    while True:
        layout_, n, _, sizes = c.draw_image(rng, span, layout, c.WITH_CHANNELS)
        rank = len(sizes)
        if rank == 3 and span <= 9:
            sizes = [min(m, 3) for m in sizes]
        kernel = [int(k) for k in rng.integers(1, (8 if rank == 1 else 4) if span > 1 else 2, rank)]
        stride, dilation = c.draw_axes(rng, rank, 1, 4 if rank == 1 else 3), c.draw_axes(rng, rank, 1, 3 if rank == 1 else 2)
        mode = c.choose(rng, ("zeros", "zeros") + c.PADDING_MODES)
        params = dict(stride=stride, dilation=dilation, padding_mode=mode, **draw_frame(rng, rank, stride, dilation))
        frame = window({**DEFAULTS, **params}, sizes, kernel)
        if all(length >= 1 for _, length in frame) and within_reach({**DEFAULTS, **params}, sizes, kernel, frame):
            break
    groups = c.choose(rng, (1, 1, 2, 3))
    c_in, c_out = int(rng.integers(1, 4)), int(rng.integers(1, 4))
    if mode == "constant":
        params["value"] = int(rng.integers(-2, 3)) if kind == "integers" else round(float(rng.standard_normal()), 3)
    params.update(groups=groups, flip=c.flip_coin(rng, 0.3), layout=layout_, algorithm=c.choose(rng, ALGORITHMS), exact=c.flip_coin(rng, 0.2))
    x = c.data(rng, c.shape_of(layout_, n, groups * c_in, sizes), dtype, kind)
    w = c.weights(rng, [groups * c_in, c_out] + kernel, dtype, kind)
    bias = c.weights(rng, [groups * c_out], dtype, kind) if c.flip_coin(rng) else None
    return c.only_set(params, DEFAULTS), [x, w, bias]


def within_reach(params, sizes, kernel, frame):
    """Whether the taps of every output stay where the padding mode is defined."""
    rank = len(sizes)
    for m, k, s, d, (begin, n) in zip(sizes, kernel, c.per_axis(params["stride"], rank), c.per_axis(params["dilation"], rank), frame):
        reach = c.reach_of(params["padding_mode"], m)
        used = [i for o in range(n) for i, _ in taps(o, begin, s, d, k)]
        if used and (-min(used) > reach or max(used) - (m - 1) > reach):
            return False
    return True


LONG = [({"stride": 2, "padding": 1}, [(1, 300, 4, 4), (300, 3, 4, 4)]), ({}, [(2, 2000, 3), (2000, 3, 1)])]
LARGE = [
    ({"stride": 16, "padding": 3, "groups": 5}, [(1, 5, 3, 4), (5, 1, 40, 35)]),
    ({"stride": 2, "padding": 1, "algorithm": "direct"}, [(1, 700, 11, 12), (700, 5, 4, 4)]),
    ({"stride": 3, "algorithm": "direct", "layout": "NXC"}, [(1, 11, 13, 700), (700, 3, 4, 5)]),
    ({"stride": 2, "algorithm": "gemm"}, [(1, 300, 9, 10), (300, 37, 3, 3)]),
    ({"stride": 2, "algorithm": "direct"}, [(1, 2, 11, 15), (2, 150, 3, 2)]),
    ({"stride": 2, "padding": 1}, [(1, 40, 21, 30), (40, 37, 4, 4)]),
    ({"stride": 2, "padding": 1, "output_padding": 1, "algorithm": "winograd"}, [(2, 40, 13, 15), (40, 21, 3, 3)]),
    ({"stride": 2, "padding": 1, "algorithm": "winograd", "layout": "NXC"}, [(16, 4, 4, 300), (300, 20, 4, 4)]),
    ({"stride": 2, "algorithm": "winograd"}, [(1, 12, 5, 6, 7), (12, 9, 4, 4, 5)]),
]
REJECTS = [
    ({"stride": 0}, [(1, 2, 5, 5), (2, 3, 3, 3)], "ParameterError", ["conv_transpose", "stride", "0"]),
    ({"padding": -1}, [(1, 2, 5, 5), (2, 3, 3, 3)], "ParameterError", ["conv_transpose", "padding", "-1"]),
    ({"stride": 2, "output_padding": 2}, [(1, 2, 5, 5), (2, 3, 3, 3)], "ParameterError", ["conv_transpose", "output_padding", "2"]),
    ({"stride": 2, "output_padding": -1}, [(1, 2, 5, 5), (2, 3, 3, 3)], "ParameterError", ["conv_transpose", "output_padding", "-1"]),
    ({"stride": 2, "padding": "same_upper", "output_padding": 1}, [(1, 2, 5, 5), (2, 3, 3, 3)], "ParameterError", ["output_padding"]),
    ({"crop": 1, "padding": 1}, [(1, 2, 5, 5), (2, 3, 3, 3)], "ParameterError", ["conv_transpose", "crop", "padding"]),
    ({"crop": 1, "padding": "same_upper"}, [(1, 2, 5, 5), (2, 3, 3, 3)], "ParameterError", ["crop", "padding", "give it alone"]),
    ({"crop": 1, "stride": 2, "output_padding": 1}, [(1, 2, 5, 5), (2, 3, 3, 3)], "ParameterError", ["crop", "give it alone"]),
    ({"crop": 1, "output_size": 4}, [(1, 2, 5, 5), (2, 3, 3, 3)], "ParameterError", ["crop", "give it alone"]),
    ({"output_size": 0}, [(1, 2, 5, 5), (2, 3, 3, 3)], "ParameterError", ["conv_transpose", "output_size", "0"]),
    ({"side": "left"}, [(1, 2, 5, 5), (2, 3, 3, 3)], "ParameterError", ["conv_transpose", "side", "left", "torch"]),
    ({}, [(1, 2, 5, 5), (3, 2, 3, 3)], "ShapeError", ["conv_transpose", "weight", "3", "2"]),
    ({"groups": 2}, [(1, 3, 5, 5), (3, 2, 3, 3)], "UpregError", ["conv_transpose", "groups", "2", "3"]),
    ({}, [(1, 2, 5, 5), (2, 3, 3, 3), (2,)], "ShapeError", ["conv_transpose", "bias", "2", "3"]),
    ({"padding": 3}, [(1, 2, 2, 2), (2, 3, 3, 3)], "ShapeError", ["conv_transpose"]),
    ({"crop": 4}, [(1, 2, 3, 3), (2, 3, 3, 3)], "ShapeError", ["conv_transpose"]),
]
