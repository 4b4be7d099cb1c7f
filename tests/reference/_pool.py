"""What the pools share: window positions, output sizes, and the three ways to write an index down."""

import numpy as np

from . import _common as c

INDICES = ("spatial_flat", "global_flat", "nhwc_flat")


def frames(params, sizes):
    """Per axis (n, k, s, d, begin, end)."""
    rank = len(sizes)
    kernel = c.per_axis(params["kernel"], rank)
    stride = c.per_axis(kernel if params["stride"] is None else params["stride"], rank)
    dilation = c.per_axis(params.get("dilation", 1), rank)
    result = []
    for m, k, s, d, (b, e) in zip(sizes, kernel, stride, dilation, c.conv_pads(params["padding"], sizes, kernel, stride, dilation)):
        free = m + b + e - c.extent(k, d)
        n = free // s + 1
        if params["ceil_mode"]:
            n = -(-free // s) + 1
            if (n - 1) * s >= m + b:  # a window must not start in the padding at the end
                n -= 1
        result.append((n, k, s, d, b, e))
    return result


def taps(frame, o):
    n, k, s, d, b, e = frame
    return [o * s - b + t * d for t in range(k)]


def inside(frame, o, m):
    return [i for i in taps(frame, o) if 0 <= i < m]


def valid(params, sizes):
    """Every axis has an output, and every window reads at least one element."""
    return all(
        f[0] >= 1 and m + f[4] + f[5] >= c.extent(f[1], f[3]) and all(inside(f, o, m) for o in range(f[0]))
        for f, m in zip(frames(params, sizes), sizes)
    )


def encode(params, n, ch, place, shape):
    """The index of element (n, ch, place) of an NCX array of this shape."""
    channels, sizes = shape[1], shape[2:]
    flat = int(np.ravel_multi_index(place, sizes))
    plane = int(np.prod(sizes))
    if params["indices"] == "spatial_flat":
        return flat
    if params["indices"] == "global_flat":
        if params["storage_order"] == "column":
            flat = int(np.ravel_multi_index(place, sizes, order="F"))
        return (n * channels + ch) * plane + flat
    return flat * channels + ch + (n * plane * channels if params["include_batch"] else 0)


def draw_window(rng, rank, span, dilated=True, named=False):
    kernel = c.draw_axes(rng, rank, 1, (4 if rank < 3 else 3) if span > 1 else 2)
    params = dict(kernel=kernel, stride=None if c.flip_coin(rng, 0.3) else c.draw_axes(rng, rank, 1, 3), ceil_mode=c.flip_coin(rng))
    params["padding"] = c.draw_pairs(rng, rank, 0, [k // 2 for k in c.per_axis(kernel, rank)])
    if named and c.flip_coin(rng, 0.3):
        params["padding"] = c.choose(rng, ("valid", "same_upper", "same_lower"))
    if dilated:
        params["dilation"] = c.draw_axes(rng, rank, 1, 2)
    return params


def draw_indices(rng):
    return dict(indices=c.choose(rng, INDICES), storage_order=c.choose(rng, ("row", "column")), include_batch=c.flip_coin(rng))


def rejects(name, rest=()):
    """rest: shapes of the inputs after x, when they are as large as x."""

    def shapes(*shape):
        return [shape] * (1 + len(rest))

    return [
        ({}, shapes(1, 2, 5, 5), "ParameterError", [name, "kernel"]),
        ({"kernel": 0}, shapes(1, 2, 5, 5), "ParameterError", [name, "kernel", "0"]),
        ({"kernel": 2, "stride": 0}, shapes(1, 2, 5, 5), "ParameterError", [name, "stride", "0"]),
        ({"kernel": 2, "padding": -1}, shapes(1, 2, 5, 5), "ParameterError", [name, "padding", "-1"]),
        ({"kernel": [2, 2, 2]}, shapes(1, 2, 5, 5), "ParameterError", [name, "kernel", "3"]),
        ({"kernel": 2}, shapes(2, 5), "ShapeError", [name, "x"]),
    ]
