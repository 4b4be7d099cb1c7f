"""Cuts a part out of every spatial axis: begin/end amounts, or a size (given, or that of `like`) at an offset (centred by default)."""

from . import _common as c

DEFAULTS = dict(crop=None, size=None, offset=None, layout="NCX")
ULPS = 0


def run(params, x, like=None):
    x = c.to_ncx(c.wide(x), params["layout"])
    rank = x.ndim - 2
    if params["crop"] is not None:
        ranges = [(b, m - e) for m, (b, e) in zip(x.shape[2:], c.pairs(params["crop"], rank))]
    else:
        wanted = c.per_axis(params["size"], rank) if like is None else c.to_ncx(like, params["layout"]).shape[2:]
        offset = c.per_axis(params["offset"], rank)
        ranges = [((m - n) // 2 if at is None else at, n) for m, n, at in zip(x.shape[2:], wanted, offset)]
        ranges = [(at, at + n) for at, n in ranges]
    return c.from_ncx(x[(slice(None), slice(None)) + tuple(slice(*r) for r in ranges)], params["layout"])


def draw(rng, dtype, kind="normal", layout=None, span=9):
    layout_, n, channels, sizes = c.draw_image(rng, span, layout)
    x = c.data(rng, c.shape_of(layout_, n, channels, sizes), dtype, kind)
    params, like = dict(layout=layout_), None
    form = int(rng.integers(3))
    if form == 0:
        pads = [int(rng.integers(m)) for m in sizes]
        params["crop"] = [[b, int(rng.integers(m - b))] for b, m in zip(pads, sizes)]
    else:
        wanted = [int(rng.integers(1, m + 1)) for m in sizes]
        if c.flip_coin(rng):
            params["offset"] = [int(rng.integers(m - w + 1)) for m, w in zip(sizes, wanted)]
        if form == 1:
            params["size"] = wanted
        else:
            like = c.data(rng, c.shape_of(layout_, n, channels if layout_ == "X" else channels + 1, wanted), dtype, kind)
    return c.only_set(params, DEFAULTS), [x, like]


REJECTS = [
    ({}, [(1, 2, 4, 4)], "ParameterError", ["crop", "nothing says what to cut off"]),
    ({"crop": 1, "size": 2}, [(1, 2, 4, 4)], "ParameterError", ["crop", "more than one thing says what to cut off", "size"]),
    ({"crop": 1, "offset": 1}, [(1, 2, 4, 4)], "ParameterError", ["'offset' is given with 'crop'", "'offset' goes with the latter two"]),
    ({"crop": -1}, [(1, 2, 4, 4)], "ParameterError", ["crop", "-1"]),
    ({"crop": 2}, [(1, 2, 4, 4)], "ShapeError", ["crop", "4"]),
    ({"size": 5}, [(1, 2, 4, 4)], "ShapeError", ["crop", "5", "4"]),
    ({"size": 3, "offset": 2}, [(1, 2, 4, 4)], "ShapeError", ["crop", "offset", "2"]),
    ({}, [(1, 2, 4, 4), (1, 2, 5, 4)], "ShapeError", ["crop", "5", "4"]),
]
