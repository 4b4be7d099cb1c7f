"""Zeros inserted, padded or cut, convolved, every so-manieth sample kept: each step as it is told."""

import numpy as np

from . import _common as c

DEFAULTS = dict(up=1, down=1, padding=0, centre=False, padding_mode="zeros", taps=None, flip_filter=False, gain=1, keep_mean=False, layout="NCX")


def filter_of(params, f, rank):
    """The filter as an array of `rank` dimensions."""
    f = c.wide(f) if f is not None else np.array(params["taps"] if isinstance(params["taps"], (list, tuple)) else [params["taps"]], float)
    if f.ndim == rank:
        return f
    full = np.ones((1,) * rank)
    for axis in range(rank):
        full = full * f.reshape([-1 if a == axis else 1 for a in range(rank)])
    return full


def pads_of(params, lengths, rank):
    pads = c.pairs(params["padding"], rank)
    if params["centre"]:
        sizes = zip(pads, lengths, c.per_axis(params["up"], rank), c.per_axis(params["down"], rank))
        pads = [(b + (k + up - down) // 2, e + (k - up - down + 1) // 2) for (b, e), k, up, down in sizes]
    return pads


def upsampled(x, up):
    u = np.zeros(x.shape[:2] + tuple(m * s for m, s in zip(x.shape[2:], up)))
    u[(slice(None), slice(None), *(slice(None, None, s) for s in up))] = x
    return u


def filtered(u, pads, mode, taps, down):
    """Correlation of the padded u (N, C, m...) with taps, every down-th kept."""
    u = c.extend(u, [(-b, m + e) for (b, e), m in zip(pads, u.shape[2:])], mode)
    sizes = [(m - k) // d + 1 for m, k, d in zip(u.shape[2:], taps.shape, down)]
    y = np.zeros(u.shape[:2] + tuple(sizes))
    for at in np.ndindex(*taps.shape):
        y += taps[at] * u[(slice(None), slice(None), *(slice(t, t + (n - 1) * d + 1, d) for t, n, d in zip(at, sizes, down)))]
    return y


def run(params, x, f=None):
    x = c.to_ncx(c.wide(x), params["layout"])
    rank = x.ndim - 2
    up, down = c.per_axis(params["up"], rank), c.per_axis(params["down"], rank)
    taps = filter_of(params, f, rank)
    gain = params["gain"] * (np.prod(up) if params["keep_mean"] else 1)
    mode = "zeros" if params["padding_mode"] == "constant" else params["padding_mode"]
    pads = pads_of(params, taps.shape, rank)
    taps = taps if params["flip_filter"] else np.flip(taps)
    return c.from_ncx(gain * filtered(upsampled(x, up), pads, mode, taps, down), params["layout"])


def bound(params, x, f=None):
    params = {**params, "gain": abs(params["gain"]), "taps": params["taps"] and [abs(t) for t in np.atleast_1d(params["taps"]).tolist()]}
    return run(params, abs(c.wide(x)), None if f is None else abs(c.wide(f))), 64


def draw(rng, dtype, kind="normal", layout=None, span=9):
    layout_, n, channels, sizes = c.draw_image(rng, span, layout)
    rank = len(sizes)
    while True:
        own = c.choose(rng, ("taps", "line", "array"))
        lengths = [int(k) for k in rng.integers(1, (8, 6, 4)[rank - 1], rank)]
        if own != "array":
            lengths = lengths[:1] * rank
        params = dict(up=c.draw_axes(rng, rank, 1, 3), down=c.draw_axes(rng, rank, 1, 3), padding=c.draw_pairs(rng, rank, -2, 4))
        params.update(centre=c.flip_coin(rng, 0.4), padding_mode=c.choose(rng, ("zeros", "zeros") + c.PADDING_MODES))
        params.update(flip_filter=c.flip_coin(rng), keep_mean=c.flip_coin(rng), layout=layout_)
        params["gain"] = int(rng.integers(1, 3)) if kind == "integers" else round(float(rng.uniform(0.5, 2)), 3)
        pads = pads_of({**DEFAULTS, **params}, lengths, rank)
        ends = [m * up for m, up in zip(sizes, c.per_axis(params["up"], rank))]
        fits = all(k <= m + b + e and max(b, e) <= c.reach_of(params["padding_mode"], m) for k, m, (b, e) in zip(lengths, ends, pads))
        if fits and all(m + min(b, 0) + min(e, 0) > 0 for m, (b, e) in zip(ends, pads)):
            break
    f = None
    if own == "taps":
        params["taps"] = [float(t) for t in (rng.integers(-2, 3, lengths[0]) if kind == "integers" else np.round(rng.standard_normal(lengths[0]), 3))]
    else:
        f = c.weights(rng, lengths if own == "array" else lengths[:1], dtype, kind)
    return c.only_set(params, DEFAULTS), [c.data(rng, c.shape_of(layout_, n, channels, sizes), dtype, kind), f]


LONG = [({"up": 2, "padding": 700}, [(1, 2, 300), (1500,)]), ({"down": 2}, [(1, 1, 50, 60), (30, 31)])]
REJECTS = [
    ({}, [(1, 2, 5, 5)], "ParameterError", ["upfirdn", "f", "taps"]),
    ({"taps": [1, 2]}, [(1, 2, 5, 5), (3,)], "ParameterError", ["upfirdn", "f", "taps"]),
    ({}, [(1, 2, 5, 5), (2, 2, 2)], "ShapeError", ["upfirdn", "f", "2"]),
    ({"up": 0}, [(1, 2, 5, 5), (2,)], "ParameterError", ["upfirdn", "up", "0"]),
    ({"down": 0}, [(1, 2, 5, 5), (2,)], "ParameterError", ["upfirdn", "down", "0"]),
    ({"padding": -2}, [(1, 2, 5, 5), (2,)], "ShapeError", ["upfirdn", "2", "1"]),
    ({"padding": 5, "padding_mode": "reflect"}, [(1, 2, 5, 5), (2,)], "ShapeError", ["upfirdn", "reflect", "5"]),
]
