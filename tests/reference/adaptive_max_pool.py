"""The largest element of every window from floor(o m / n) to ceil((o + 1) m / n), the first of equals; NaN is larger than everything."""

import itertools

import numpy as np

from . import _common as c

DEFAULTS = dict(size=c.REQUIRED, return_indices=False, layout="NCX")
ULPS = 0


def largest(x, windows, outputs):
    """(y, flat indices) of an NCX array; windows(n, c, o) names the positions along every axis of each output."""
    y, indices = np.zeros(x.shape[:2] + outputs, x.dtype), np.zeros(x.shape[:2] + outputs, np.int64)
    for place in np.ndindex(*y.shape):
        n, ch = place[:2]
        window = list(itertools.product(*windows(n, ch, place[2:])))
        best = window[int(np.argmax([x[(n, ch) + at] for at in window]))]  # the first of equals; NaN counts as the largest
        y[place], indices[place] = x[(n, ch) + best], np.ravel_multi_index(best, x.shape[2:])
    return y, indices


def run(params, x):
    x = c.to_ncx(c.wide(x), params["layout"])
    sizes, outputs = x.shape[2:], tuple(c.per_axis(params["size"], x.ndim - 2))
    y, indices = largest(x, lambda n, ch, o: [range(i * m // k, -(-(i + 1) * m // k)) for i, m, k in zip(o, sizes, outputs)], outputs)
    y, indices = c.from_ncx(y, params["layout"]), c.from_ncx(indices, params["layout"])
    return (y, indices) if params["return_indices"] else y


def draw(rng, dtype, kind="normal", layout=None, span=9):
    layout_, n, channels, sizes = c.draw_image(rng, min(span, 33), layout)
    size = c.draw_axes(rng, len(sizes), 1, 5 if span > 1 else 2)
    params = dict(size=size, return_indices=c.flip_coin(rng, 0.7), layout=layout_)
    return c.only_set(params, DEFAULTS), [c.data(rng, c.shape_of(layout_, n, channels, sizes), dtype, kind)]


REJECTS = [
    ({}, [(1, 2, 5, 5)], "ParameterError", ["adaptive_max_pool", "size"]),
    ({"size": 0}, [(1, 2, 5, 5)], "ParameterError", ["adaptive_max_pool", "size", "0"]),
    ({"size": [2, 2, 2]}, [(1, 2, 5, 5)], "ParameterError", ["adaptive_max_pool", "size", "3"]),
    ({"size": 2}, [(2, 5)], "ShapeError", ["adaptive_max_pool", "2"]),
    ({"size": 2}, [(1, 2, 0, 5)], "ShapeError", ["adaptive_max_pool", "0"]),
]
