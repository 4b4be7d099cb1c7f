"""x where x > 0, else weight[c] * x, one weight per channel or one for all."""

import numpy as np

from . import _common as c

DEFAULTS = dict(layout="NCX")
ULPS = 1


def per_channel(weight, x):
    """A weight per channel as an array that broadcasts over NCX."""
    return np.asarray(weight).reshape([-1] + [1] * (x.ndim - 2))


def run(params, x, weight):
    x = c.to_ncx(c.wide(x), params["layout"])
    return c.from_ncx(np.where(x > 0, x, per_channel(c.wide(weight), x) * x), params["layout"])


def draw(rng, dtype, kind="normal", layout=None, span=9):
    layout_, n, channels, sizes = c.draw_image(rng, span, layout, c.WITH_CHANNELS)
    weight = c.weights(rng, [channels if c.flip_coin(rng, 0.7) else 1], dtype, kind)
    return c.only_set(dict(layout=layout_), DEFAULTS), [c.data(rng, c.shape_of(layout_, n, channels, sizes), dtype, kind), weight]


REJECTS = [
    ({}, [(2, 3, 4), (2,)], "ShapeError", ["prelu", "weight", "2", "3"]),
    ({}, [(2, 3, 4), (3, 1)], "ShapeError", ["prelu", "weight"]),
]
