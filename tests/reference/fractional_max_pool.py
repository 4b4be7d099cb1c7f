"""The largest element of windows that begin at floor((o + u) a) - floor(u a), a = (m - kernel) / (n - 1), the last one at m - kernel."""

import numpy as np

from . import _common as c
from .adaptive_max_pool import largest

DEFAULTS = dict(kernel=c.REQUIRED, size=None, ratio=None, samples_reversed=False, return_indices=False, layout="NCX")
ULPS = 0


def starts(sample, m, n, k):
    """Computed in the type of the samples."""
    step = sample.dtype.type(m - k) / sample.dtype.type(n - 1) if n > 1 else sample.dtype.type(0)
    return [int((sample.dtype.type(o) + sample) * step) - int(sample * step) for o in range(n - 1)] + [m - k]


def run(params, x, samples):
    x = c.to_ncx(c.wide(x), params["layout"])
    samples = samples.astype(np.float32) if samples.dtype.itemsize == 2 else samples
    sizes, rank = x.shape[2:], x.ndim - 2
    kernel = c.per_axis(params["kernel"], rank)
    size = c.per_axis(params["size"], rank) if params["size"] is not None else [int(m * r) for m, r in zip(sizes, c.per_axis(params["ratio"], rank))]

    def windows(n, ch, o):
        sample = samples[n, ch][::-1] if params["samples_reversed"] else samples[n, ch]
        return [range(s := starts(u, m, count, k)[i], s + k) for u, m, count, k, i in zip(sample, sizes, size, kernel, o)]

    y, indices = largest(x, windows, tuple(size))
    y, indices = c.from_ncx(y, params["layout"]), c.from_ncx(indices, params["layout"])
    return (y, indices) if params["return_indices"] else y


def draw(rng, dtype, kind="normal", layout=None, span=9):
    layout_, n, channels, sizes = c.draw_image(rng, min(span, 33), layout)
    kernel = [int(rng.integers(1, min(m, 4) + 1)) for m in sizes]
    params = dict(kernel=kernel, layout=layout_, return_indices=c.flip_coin(rng, 0.7), samples_reversed=c.flip_coin(rng))
    params["size"] = [int(rng.integers(1, min(m - k + 1, 9) + 1)) for m, k in zip(sizes, kernel)]
    if c.flip_coin(rng, 0.3) and all(m // 2 >= 1 and m // 2 + k - 1 <= m for m, k in zip(sizes, kernel)):
        params |= dict(size=None, ratio=0.5)
    samples = rng.uniform(0, 0.99, (n, channels, len(sizes)))
    return c.only_set(params, DEFAULTS), [c.data(rng, c.shape_of(layout_, n, channels, sizes), dtype, kind), samples.astype(dtype)]


REJECTS = [
    ({"size": 2}, [(1, 2, 5, 5), (1, 2, 2)], "ParameterError", ["fractional_max_pool", "kernel"]),
    ({"kernel": 2}, [(1, 2, 5, 5), (1, 2, 2)], "ParameterError", ["fractional_max_pool", "neither", "size", "ratio"]),
    ({"kernel": 2, "size": 2, "ratio": 0.5}, [(1, 2, 5, 5), (1, 2, 2)], "ParameterError", ["fractional_max_pool", "both", "size", "ratio"]),
    ({"kernel": 2, "ratio": 1.5}, [(1, 2, 5, 5), (1, 2, 2)], "ParameterError", ["fractional_max_pool", "ratio", "1.5"]),
    ({"kernel": 3, "size": 4}, [(1, 2, 5, 5), (1, 2, 2)], "ShapeError", ["fractional_max_pool", "3", "4", "5"]),
    ({"kernel": 2, "size": 2}, [(1, 2, 5, 5), (1, 2, 3)], "ShapeError", ["fractional_max_pool", "samples", "1, 2, 2"]),
]
