"""Every number divided by a power of the squares of neighbouring channels."""

import numpy as np

from . import _common as c

DEFAULTS = dict(size=c.REQUIRED, alpha=1e-4, beta=0.75, bias=1, layout="NCX")
EXACT = False


def window(x, size, mirrored=False):
    """The sum over the window of channels of an NCX array."""
    before, after = (size - 1) // 2, size // 2
    if mirrored:
        before, after = after, before
    y, channels = np.zeros_like(x), x.shape[1]
    for i in range(channels):
        y[:, i] = x[:, max(i - before, 0) : i + after + 1].sum(1)
    return y


def base(params, x):
    return params["bias"] + params["alpha"] / params["size"] * window(x * x, params["size"])


def run(params, x):
    x = c.to_ncx(c.wide(x), params["layout"])
    with np.errstate(invalid="ignore"):
        return c.from_ncx(x / base(params, x) ** params["beta"], params["layout"])


def bound(params, x):
    return abs(run(params, x)) * (1 + params["beta"]), params["size"]


def draw(rng, dtype, kind="normal", layout=None, span=9):
    layout, n, channels, sizes = c.draw_image(rng, span, layout, c.WITH_CHANNELS)
    params = dict(
        size=int(rng.integers(1, 7)),
        alpha=c.choose(rng, (1e-4, 0.5)),
        beta=c.choose(rng, (0.75, 0.5, 1.0)),
        bias=c.choose(rng, (1, 2)),
        layout=layout,
    )
    return c.only_set(params, DEFAULTS), [c.data(rng, c.shape_of(layout, n, channels, sizes), dtype, kind)]


LARGE = [({"size": 5}, [(2, 20, 30, 40)]), ({"size": 4, "layout": "NXC"}, [(2, 30, 40)])]
REJECTS = [
    ({"size": 0}, [(2, 3, 4)], "ParameterError", ["lrn", "size", "0"]),
    ({"size": 3, "layout": "X"}, [(2, 3)], "ParameterError", ["lrn", "layout", "X"]),
]
