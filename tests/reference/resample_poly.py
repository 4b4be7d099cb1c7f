"""A windowed sinc between the samples, as signal.resample_poly designs it."""

import numpy as np

from . import _common as c
from . import upfirdn

DEFAULTS = dict(up=1, down=1, beta=5, layout="NCX")
EXACT = False  # the filter has no whole taps


def filters(params, rank):
    """[(up, down, taps)] per axis, up and down without a common divisor."""
    found = []
    for up, down in zip(c.per_axis(params["up"], rank), c.per_axis(params["down"], rank)):
        common = np.gcd(up, down)
        up, down = int(up // common), int(down // common)
        rate = max(up, down)
        half = 0 if rate == 1 else 10 * rate
        t = np.arange(-half, half + 1)
        h = np.where(t % rate == 0, t == 0, np.sinc(t / rate)) * (np.kaiser(2 * half + 1, params["beta"]) if half else 1.0)
        found.append((up, down, up * h / h.sum()))
    return found


def along(x, axis, begin, n, up, down, taps):
    """Axis by axis: upfirdn in one dimension with n outputs."""
    x = np.moveaxis(x, axis, -1)
    end = (n - 1) * down + len(taps) - x.shape[-1] * up - begin
    flat = upfirdn.upsampled(x.reshape(1, -1, x.shape[-1]), [up])
    y = upfirdn.filtered(flat, [(begin, end)], "zeros", np.flip(taps), [down])
    return np.moveaxis(y.reshape(x.shape[:-1] + (n,)), -1, axis)


def resampled(params, x, change=lambda h: h):
    for axis, (up, down, taps) in enumerate(filters(params, x.ndim - 2), start=2):
        x = along(x, axis, len(taps) // 2, -(-x.shape[axis] * up // down), up, down, change(taps))
    return x


def run(params, x):
    return c.from_ncx(resampled(params, c.to_ncx(c.wide(x), params["layout"])), params["layout"])


def bound(params, x):
    return c.from_ncx(resampled(params, abs(c.to_ncx(c.wide(x), params["layout"])), abs), params["layout"]), 64


def draw(rng, dtype, kind="normal", layout=None, span=9):
    layout_, n, channels, sizes = c.draw_image(rng, span, layout)
    rank = len(sizes)
    params = dict(up=c.draw_axes(rng, rank, 1, 5), down=c.draw_axes(rng, rank, 1, 5), beta=c.choose(rng, (5, 8.6, 0)), layout=layout_)
    return c.only_set(params, DEFAULTS), [c.data(rng, c.shape_of(layout_, n, channels, sizes), dtype, kind)]


LONG = [({"up": 2, "down": 37}, [(1, 2, 2000)])]
REJECTS = [
    ({"up": 0}, [(1, 2, 5)], "ParameterError", ["resample_poly", "up", "0"]),
    ({"down": [1, 2]}, [(1, 2, 5)], "ParameterError", ["resample_poly", "down", "2"]),
    ({"up": 2}, [(1, 2, 0)], "ShapeError", ["resample_poly", "0"]),
]
