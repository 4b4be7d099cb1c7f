"""y[j * groups + g] = x[g * k + j] with k = C / groups: the first channels of all groups, then the second ones, and so on."""

from . import _common as c

DEFAULTS = dict(groups=c.REQUIRED, layout="NCX")
ULPS = 0


def run(params, x):
    x = c.to_ncx(c.wide(x), params["layout"])
    per_group = x.shape[1] // params["groups"]
    order = [g * per_group + j for j in range(per_group) for g in range(params["groups"])]
    return c.from_ncx(x[:, order], params["layout"])


def draw(rng, dtype, kind="normal", layout=None, span=9):
    layout_, n, per_group, sizes = c.draw_image(rng, span, layout, c.WITH_CHANNELS)
    groups = int(rng.integers(1, 5))
    return dict(groups=groups, layout=layout_), [c.data(rng, c.shape_of(layout_, n, groups * per_group, sizes), dtype, kind)]


REJECTS = [
    ({}, [(1, 4, 3, 3)], "ParameterError", ["channel_shuffle", "groups"]),
    ({"groups": 0}, [(1, 4, 3, 3)], "ParameterError", ["channel_shuffle", "groups", "0"]),
    ({"groups": 4}, [(1, 6, 3, 3)], "ShapeError", ["channel_shuffle", "6", "4"]),
    ({"groups": 2, "layout": "X"}, [(4, 4)], "ParameterError", ["channel_shuffle", "layout", "X"]),
]
