"""Adds to both ends of every spatial axis, or cuts off where the amount is negative (cutting comes first)."""

from . import _common as c

DEFAULTS = dict(amount=c.REQUIRED, padding_mode="zeros", value=0, layout="NCX")
ULPS = 0


def cut(x, pads):
    return x[(slice(None), slice(None)) + tuple(slice(max(-b, 0), m - max(-e, 0)) for (b, e), m in zip(pads, x.shape[2:]))]


def run(params, x):
    x = c.to_ncx(c.wide(x), params["layout"])
    pads = c.pairs(params["amount"], x.ndim - 2)
    x = cut(x, pads)
    ranges = [(-max(b, 0), m + max(e, 0)) for (b, e), m in zip(pads, x.shape[2:])]
    return c.from_ncx(c.extend(x, ranges, params["padding_mode"], params["value"]), params["layout"])


def draw_params(rng, dtype, layout, span):
    while True:
        layout_, n, channels, sizes = c.draw_image(rng, span, layout)
        mode = c.choose(rng, c.PADDING_MODES)
        amount = c.draw_pairs(rng, len(sizes), -2, 4)
        pads = c.pairs(amount, len(sizes))
        left = [m + min(b, 0) + min(e, 0) for (b, e), m in zip(pads, sizes)]
        if all(m >= 1 and max(pad) <= c.reach_of(mode, m) for pad, m in zip(pads, left)):
            value = int(rng.integers(0, 4)) if mode == "constant" else 0
            return dict(amount=amount, padding_mode=mode, value=value, layout=layout_), layout_, n, channels, sizes


def draw(rng, dtype, kind="normal", layout=None, span=9):
    params, layout_, n, channels, sizes = draw_params(rng, dtype, layout, span)
    return c.only_set(params, DEFAULTS), [c.data(rng, c.shape_of(layout_, n, channels, sizes), dtype, kind)]


REJECTS = [
    ({}, [(1, 2, 4, 4)], "ParameterError", ["pad", "amount"]),
    ({"amount": 4, "padding_mode": "reflect"}, [(1, 2, 4, 4)], "UpregError", ["pad", "reflect", "4"]),
    ({"amount": 5, "padding_mode": "symmetric"}, [(1, 2, 4, 4)], "UpregError", ["pad", "symmetric", "5"]),
    ({"amount": 5, "padding_mode": "circular"}, [(1, 2, 4, 4)], "UpregError", ["pad", "circular", "5"]),
    ({"amount": -2}, [(1, 2, 5, 3)], "ShapeError", ["pad", "amount", "-2", "3"]),
    ({"amount": 1, "padding_mode": "mirror"}, [(1, 2, 4, 4)], "ParameterError", ["pad", "padding_mode", "mirror", "reflect"]),
    ({"amount": [1, 2, 3]}, [(1, 2, 4, 4)], "ParameterError", ["pad", "amount", "3"]),
]
