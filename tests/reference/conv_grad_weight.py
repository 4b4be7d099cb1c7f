"""The gradient of a convolution with respect to its kernel: gw[t] = sum over outputs o of gy[o] * x_ext[o*s + t*d - begin]."""

import numpy as np

from . import _common as c
from . import conv

DEFAULTS = {
    **{key: conv.DEFAULTS[key] for key in ("stride", "padding", "padding_mode", "value", "dilation", "groups", "flip", "layout")},
    "kernel": c.REQUIRED,
}


def run(params, x, gy):
    x, gy = (c.to_ncx(c.wide(v), params["layout"]) for v in (x, gy))
    rank, groups, sizes = x.ndim - 2, params["groups"], x.shape[2:]
    kernel = c.per_axis(params["kernel"], rank)
    stride, dilation = c.per_axis(params["stride"], rank), c.per_axis(params["dilation"], rank)
    pads = c.conv_pads(params["padding"], sizes, kernel, stride, dilation)
    x = c.extend(x, [(-b, m + e) for (b, e), m in zip(pads, sizes)], params["padding_mode"], params["value"])
    c_in, c_out = x.shape[1] // groups, gy.shape[1] // groups
    gw = np.zeros([gy.shape[1], c_in] + kernel, x.dtype)
    over = [0] + list(range(2, rank + 2))
    for t in np.ndindex(*kernel):
        where = tuple(slice(a * d, a * d + (n - 1) * s + 1, s) for a, d, n, s in zip(t, dilation, gy.shape[2:], stride))
        read = x[(slice(None), slice(None)) + where]
        for g in range(groups):
            outs = slice(g * c_out, (g + 1) * c_out)
            gw[(outs, slice(None)) + t] = np.tensordot(gy[:, outs], read[:, g * c_in : (g + 1) * c_in], (over, over))
    return np.flip(gw, tuple(range(2, rank + 2))) if params["flip"] else gw


def bound(params, x, gy):
    total = run(dict(params, value=abs(params["value"])), abs(c.wide(x)), abs(c.wide(gy)))
    y = c.to_ncx(gy, params["layout"])
    return total, y.size // y.shape[1]


def draw(rng, dtype, kind="normal", layout=None, span=9):
    params, (x, w, _) = conv.draw(rng, dtype, kind, layout, span, enlarge=False)
    shape = conv_shape({**conv.DEFAULTS, **params}, x.shape, w.shape)
    params = {key: value for key, value in params.items() if key in DEFAULTS}
    if isinstance(params.get("padding"), str):  # a gradient is told the numbers
        image = c.to_ncx(x, params.get("layout", "NCX")).shape[2:]
        pads = c.conv_pads(params["padding"], image, w.shape[2:], params.get("stride", 1), params.get("dilation", 1))
        params["padding"] = [list(pad) for pad in pads]
    return {**params, "kernel": list(w.shape[2:])}, [x, c.data(rng, shape, dtype, "normal" if kind == "spike" else kind)]


def conv_shape(params, x_shape, w_shape):
    """The shape of a convolution's output, without the arithmetic."""
    x = c.to_ncx(np.broadcast_to(0, x_shape), params["layout"])
    rank = x.ndim - 2
    stride, dilation = c.per_axis(params["stride"], rank), c.per_axis(params["dilation"], rank)
    pads = c.conv_pads(params["padding"], x.shape[2:], w_shape[2:], stride, dilation)
    counts = [(m + b + e - c.extent(k, d)) // s + 1 for m, (b, e), k, d, s in zip(x.shape[2:], pads, w_shape[2:], dilation, stride)]
    return c.shape_of(params["layout"], x.shape[0], w_shape[0], counts)


LONG = [({"kernel": 3, "padding": 1}, [(2, 2, 40, 50), (2, 3, 40, 50)])]
LARGE = [
    ({"kernel": [2]}, [(1, 3, 41), (1, 130, 40)]),
    ({"kernel": [3, 3]}, [(1, 150, 6, 7), (1, 290, 4, 5)]),
    ({"kernel": [3]}, [(1, 1030, 6), (1, 129, 4)]),
    ({"kernel": [1, 3], "layout": "NXC"}, [(2, 50, 62, 3), (2, 50, 60, 5)]),
]
REJECTS = [({"kernel": 3}, [(1, 2, 5, 5), (1, 3, 4, 3)], "ShapeError", ["conv_grad_weight", "grad_y", "4", "5"])]
