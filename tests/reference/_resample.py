"""Separable resampling: every output along an axis is a short list of (source index, weight)."""

import functools
import math

import numpy as np

from . import _common as c

COORDINATES = ("half_pixel", "asymmetric", "align_corners", "half_pixel_symmetric", "pytorch_half_pixel", "tf_crop_and_resize")
BORDERS = ("auto", "renormalize", "replicate", "zeros", "reflect", "symmetric", "circular")
TARGET = dict(size=None, scale=None, recompute_scale=False, size_rule="floor", box=None, translate=0.0)
DEFAULTS = dict(
    **TARGET,
    align_corners=False,
    coordinates="half_pixel",
    roi=None,
    antialias=False,
    border="auto",
    outside="border",
    reducing_gap=None,
    arith="upreg",
    layout="NCX",
)
ROUND = {"floor": math.floor, "round": round, "half_up": lambda v: math.floor(v + 0.5), "ceil": math.ceil}


def regions(params, sizes):
    """[begin, end) of what is shown, per axis."""
    box = params.get("box")
    if params.get("arith") == "pillow" and box is not None:  # in single precision
        ends = [(np.float32(b), np.float32(e)) for b, e in zip(box[: len(sizes)], box[len(sizes) :])]
        return [(float(b), float(b) + float(e - b)) for b, e in ends]
    return [(0.0, float(m)) for m in sizes] if box is None else list(zip(box[: len(sizes)], box[len(sizes) :]))


def output_sizes(params, sizes):
    if params["size"] is not None:
        return c.per_axis(params["size"], len(sizes))
    rule = ROUND[params.get("size_rule", "floor")]
    return [rule((e - b) * s) for (b, e), s in zip(regions(params, sizes), c.per_axis(params["scale"], len(sizes)))]


def axes(params, sizes):
    """Per axis (m, n, step, begin, length): of the input, of the output, inputs per output, and of the part that is shown."""
    outs = output_sizes(params, sizes)
    scales = [None] * len(sizes) if params["scale"] is None or params["recompute_scale"] else c.per_axis(params["scale"], len(sizes))
    moved = c.per_axis(params.get("translate", 0.0), len(sizes))
    found = []
    for m, n, (b, e), s, t in zip(sizes, outs, regions(params, sizes), scales, moved):
        step = (e - b) / n if s is None else 1 / s
        found.append((m, n, step, b - t * step, e - b))
    return found


def roi_of(params, rank):
    """[(begin, end)] of tf_crop_and_resize, per axis, in parts of the length - 1."""
    roi = params.get("roi") or [0] * rank + [1] * rank
    return list(zip(roi[:rank], roi[rank:]))


def is_outside(name, x, m):
    return name == "tf_crop_and_resize" and not 0 <= x <= m - 1


def coordinate(name, i, n, step, begin, length, roi=(0, 1)):
    if name == "tf_crop_and_resize":
        low, high = roi
        return low * (length - 1) + (i * (high - low) * (length - 1) / (n - 1) if n > 1 else (high - low) * (length - 1) / 2)
    if name == "align_corners":
        return begin + (i * (length - 1) / (n - 1) if n > 1 else 0.0)
    if name == "asymmetric":
        return begin + i * step
    if name == "tf_half_pixel_for_nn":
        return begin + (i + 0.5) * step
    if name == "pytorch_half_pixel" and n == 1:
        return begin
    x = begin + (i + 0.5) * step - 0.5
    if name == "half_pixel_symmetric":
        x += length / 2 * (1 - n * step / length)
    return x


# ---- kernels: (h(t), radius, whether weights are divided by their sum) ----


def triangle(params):
    return lambda t: max(1 - abs(t), 0.0), 1, False


def keys(params):
    a = params["a"]

    def kernel(t):
        t = abs(t)
        if t <= 1:
            return (a + 2) * t**3 - (a + 3) * t**2 + 1
        return a * t**3 - 5 * a * t**2 + 8 * a * t - 4 * a if t < 2 else 0.0

    return kernel, 2, False


def sinc(t):
    return float(t == 0) if t == math.floor(t) else float(np.sinc(t))  # np.sinc(1) is 4e-17


def lanczos(params):
    a = int(params["a"])
    return lambda t: sinc(t) * float(np.sinc(t / a)) if abs(t) < a else 0.0, a, True


def box(params):
    return lambda t: float(-0.5 <= t < 0.5), 0.5, False


def hamming(params):
    return lambda t: sinc(t) * (0.54 + 0.46 * math.cos(math.pi * t)) if abs(t) < 1 else 0.0, 1, True


def mitchell(params):
    b, c_ = params["b"], params["c"]

    def kernel(t):
        t = abs(t)
        if t < 1:
            return ((12 - 9 * b - 6 * c_) * t**3 + (-18 + 12 * b + 6 * c_) * t**2 + 6 - 2 * b) / 6
        return ((-b - 6 * c_) * t**3 + (6 * b + 30 * c_) * t**2 - (12 * b + 48 * c_) * t + 8 * b + 24 * c_) / 6 if t < 2 else 0.0

    return kernel, 2, False


def gaussian(params):
    s = params["sigma"]
    return lambda t: math.exp(-(t**2) / (2 * s**2)) if abs(t) < 3 * s else 0.0, 3 * s, True


def magic_kernel_sharp(params):
    pieces = {
        "2013": [
            (0.5, lambda t: 17 / 16 - 7 / 4 * t**2),
            (1.5, lambda t: t**2 - 11 / 4 * t + 7 / 4),
            (2.5, lambda t: -(t**2) / 8 + 5 / 8 * t - 25 / 32),
        ],
        "2021": [
            (0.5, lambda t: 577 / 576 - 239 / 144 * t**2),
            (1.5, lambda t: 35 / 36 * (t - 1) * (t - 239 / 140)),
            (2.5, lambda t: 1 / 6 * (t - 2) * (65 / 24 - t)),
            (3.5, lambda t: 1 / 36 * (t - 3) * (t - 15 / 4)),
            (4.5, lambda t: -1 / 288 * (t - 9 / 2) ** 2),
        ],
    }[str(params["version"])]
    return lambda t: next((f(abs(t)) for end, f in pieces if abs(t) <= end), 0.0), pieces[-1][0], False


def b_spline(order, t):
    """By the recursion of Cox and de Boor."""
    if order == 0:
        return float(-0.5 <= t < 0.5)
    h = (order + 1) / 2
    return ((h + t) * b_spline(order - 1, t + 0.5) + (h - t) * b_spline(order - 1, t - 0.5)) / order


@functools.cache
def spline_inverse(order):
    """g(0), g(1), ...: the middle of the inverse of a wide matrix of the B-spline's samples."""
    width, half = 161, 80
    a = np.array([[b_spline(order, i - j) if abs(i - j) <= order else 0.0 for j in range(width)] for i in range(width)])
    return np.linalg.inv(a)[half, half:]


def bspline(params):
    order = params["order"]
    if order < 2 or not params["prefilter"]:
        return lambda t: b_spline(order, t), (order + 1) / 2, False
    g = spline_inverse(order)

    @functools.cache
    def kernel(t):
        if t == math.floor(t):
            return float(t == 0)  # but for rounding
        near = range(math.ceil(t - (order + 1) / 2), math.floor(t + (order + 1) / 2) + 1)
        return sum(b_spline(order, t - k) * g[abs(k)] for k in near)

    return kernel, 52, False


AREA, FOURIER, COSINE = object(), object(), object()  # in place of a kernel: tables of their own


def edge(x, m):
    x = min(max(x, 0.0), m)
    return round(x) if abs(x - round(x)) < 1e-9 else x


def area_taps(params, all_axes, axis):
    m, n, step, begin, length = axis
    rule, table = params.get("rule", "exact"), []
    for i in range(n):
        if rule == "opencv" and any(other[2] < 1 for other in all_axes):
            scale = n / length if step == length / n else 1 / step
            first = math.floor(i * (1 / scale))
            f = np.float32((i + 1) - (first + 1) * scale)  # as OpenCV rounds it
            f = 0.0 if f <= 0 else float(f - np.floor(f))
            table.append([(min(first, m - 1), 1 - f), (min(first + 1, m - 1), f)])
            continue
        low, high = edge(begin + i * step, m), edge(begin + (i + 1) * step, m)
        if rule == "adaptive":
            low, high = math.floor(low), math.ceil(high)
        table.append([(j, (min(j + 1, high) - max(j, low)) / (high - low)) for j in range(math.floor(low), math.ceil(high))])
    return table


def fourier_taps(params, axis):
    """The transform's own matrices: frequencies of x, kept or added, back at the coordinates of y."""
    m, n, step, begin, length = axis
    waves = max(1, min(m, math.floor(m / step + 0.5)))
    table = []
    for i in range(n):
        x = coordinate(params["coordinates"], i, n, step, begin, length)
        row = np.zeros(m)
        for k in range(-(waves // 2), waves // 2 + 1):
            share = 0.5 if waves % 2 == 0 and abs(k) == waves // 2 and waves == m else 1.0
            if waves % 2 == 1 and abs(k) > (waves - 1) // 2:
                continue
            row += share * np.cos(2 * np.pi * k * (x - np.arange(m)) / m) / m
        table.append(list(enumerate(near_zero(row))))
    return table


def near_zero(weights):
    """What is only the rounding of a zero is 0."""
    return np.where(abs(weights) < 2.0**-51, 0.0, weights)


def cosine_taps(axis):
    m, n, step, begin, length = axis
    waves = max(1, min(m, math.floor(m / step + 0.5)))
    k = np.arange(waves)[:, None]
    forward = np.cos(np.pi * k * (np.arange(m) + 0.5) / m) * np.where(k == 0, 1, 2) / m
    table = []
    for i in range(n):
        x = coordinate("half_pixel", i, n, step, begin, length)
        table.append(list(enumerate(near_zero((np.cos(np.pi * k * (x + 0.5) / m) * forward).sum(0)))))
    return table


# ---- tables ----


def place(border, j, m):
    """The input at position j of an axis, or None."""
    if 0 <= j < m:
        return j
    if border == "replicate":
        return min(max(j, 0), m - 1)
    if border == "circular":
        return j % m
    if border == "symmetric":
        return min(j % (2 * m), 2 * m - 1 - j % (2 * m))
    if border == "reflect":
        return 0 if m == 1 else min(j % (2 * m - 2), 2 * m - 2 - j % (2 * m - 2))
    return None


def blocks_of(params, radius, all_axes):
    """Per axis (factor, low, high): the blocks whose means come first, and the inputs that count when any axis has some."""
    gap = params["reducing_gap"]
    factors = [1 if gap is None else max(int(step / gap), 1) for _, _, step, _, _ in all_axes]
    if max(factors) == 1:
        return [(1, 0, m) for m, _, _, _, _ in all_axes]
    found = []
    for factor, (m, _, step, begin, length) in zip(factors, all_axes):
        support = (radius - 0.5) * step
        found.append((factor, max(0, int(begin - support)), min(m, math.ceil(begin + length + support))))
    return found


def kernel_taps(params, kernel, radius, normalised, axis, block, roi):
    m, n, step, begin, length = axis
    factor, low_input, high_input = block
    if params["arith"] == "torch" and params["antialias"] and (params["align_corners"] or params["coordinates"] == "align_corners"):
        params, step = {**params, "align_corners": False, "coordinates": "half_pixel"}, (length - 1) / (n - 1) if n > 1 else 0.0
    if params["arith"] == "pillow" and (n, begin, length) == (m, 0, m):
        return [[(i, 1.0)] for i in range(n)]
    name = "align_corners" if params["align_corners"] else params["coordinates"]
    antialias, border = params["antialias"], params["border"]
    if border == "auto":
        border = "renormalize" if antialias else "replicate"
    table = []
    for i in range(n):
        x = coordinate(name, i, n, step, begin, length, roi)
        margin = {"border": math.inf, "zero": 0.5, "zero_past_centres": 0.0}[params["outside"]]
        if x < -margin or x > m - 1 + margin or is_outside(name, x, m):
            table.append([])
            continue
        low, high, stretch = low_input, high_input, 1.0
        if factor > 1:
            x, low, high = (x + 0.5 - low_input) / factor - 0.5, 0, math.ceil((high_input - low_input) / factor)
        if antialias:
            stretch = max(1.0, step / factor)
            positions = range(math.floor(x + 1 - radius * stretch), math.floor(x + 1 + radius * stretch))
        else:
            wide = math.ceil(radius)
            positions = range(math.floor(x) - wide + 1, math.floor(x) + wide + 1)
        if border == "renormalize":
            positions = [j for j in positions if low <= j < high]
        weights = [kernel((x - j) / stretch) for j in positions]
        total = sum(weights) if border == "renormalize" or antialias or normalised else 1.0
        taps = [(j, w / total) for j, w in zip(positions, weights)] if total else []
        if factor > 1:
            cells = {j: range(low_input + j * factor, min(low_input + (j + 1) * factor, high_input)) for j, _ in taps}
            taps = [(k, w / len(cells[j])) for j, w in taps for k in cells[j]]
        else:
            taps = [(place(border, j, m), w) for j, w in taps]
        table.append([(j, w) for j, w in taps if j is not None])
    return table


def tables(params, kind, sizes):
    """Per axis, for every output, the list of (index, weight).  kind: a function of the parameters that makes a kernel, or one of the above."""
    all_axes = axes(params, sizes)
    if kind is AREA:
        return [area_taps(params, all_axes, axis) for axis in all_axes]
    if kind is FOURIER:
        return [fourier_taps(params, axis) for axis in all_axes]
    if kind is COSINE:
        return [cosine_taps(axis) for axis in all_axes]
    kernel, radius, normalised = kind(params)
    blocks = blocks_of(params, radius, all_axes)
    rois = roi_of(params, len(sizes))
    return [kernel_taps(params, kernel, radius, normalised, *places) for places in zip(all_axes, blocks, rois)]


def apply(tables_, x):
    """y[o] = sum of w * x[j] over the taps, axis after axis.  x is NCX."""
    for axis, table in enumerate(tables_, start=2):
        rows = np.moveaxis(x, axis, 0)
        y = np.stack([sum((w * rows[j] for j, w in taps), np.zeros(rows.shape[1:])) for taps in table])
        x = np.moveaxis(y, 0, axis)
    return x


def apply_transposed(tables_, gy, sizes):
    """gx[j] += w * gy[o] over the taps."""
    for axis, table in enumerate(tables_, start=2):
        rows = np.moveaxis(gy, axis, 0)
        gx = np.zeros((sizes[axis - 2],) + rows.shape[1:])
        for o, taps in enumerate(table):
            for j, w in taps:
                gx[j] += w * rows[o]
        gy = np.moveaxis(gx, 0, axis)
    return gy


def magnitudes(tables_, sizes, dtype):
    """The absolute weights.  A coordinate, and with it a weight, is known to a few float64 roundings of the size of the image."""
    slack = [0.5 * m * np.finfo(np.float64).eps / np.finfo(dtype).eps for m in sizes]
    return [[[(j, abs(w) + extra) for j, w in taps] for taps in table] for table, extra in zip(tables_, slack)]


def computed_in(x):
    return np.float64 if x.dtype == np.float64 else np.float32


def forward(params, x, kind):
    limits = np.iinfo(x.dtype) if np.asarray(x).dtype.kind in "iu" else None
    x = c.to_ncx(c.wide(x).astype(float), params["layout"])
    y = apply(tables(params, kind, x.shape[2:]), x)
    return c.from_ncx(np.clip(y, limits.min, limits.max) if limits else y, params["layout"])


def forward_bound(params, x, kind):
    dtype = computed_in(x)
    x = c.to_ncx(abs(c.wide(x)).astype(float), params["layout"])
    found = tables(params, kind, x.shape[2:])
    count = math.prod(max(1, *map(len, table)) for table in found)
    return c.from_ncx(apply(magnitudes(found, x.shape[2:], dtype), x), params["layout"]), count


def backward(params, gy, kind, absolute=False):
    dtype = computed_in(gy)
    gy = c.to_ncx(c.wide(gy), params["layout"])
    sizes = c.per_axis(params["input_size"], gy.ndim - 2)
    found = tables(params, kind, sizes)
    if absolute:
        found, gy = magnitudes(found, sizes, dtype), abs(gy)
    return c.from_ncx(apply_transposed(found, gy, sizes), params["layout"])


def backward_bound(params, gy, kind):
    rank = len(c.to_ncx(gy, params["layout"]).shape) - 2
    count = 1
    for m, table in zip(c.per_axis(params["input_size"], rank), tables(params, kind, c.per_axis(params["input_size"], rank))):
        used = [j for taps in table for j, _ in taps]
        count *= max(1, *(used.count(j) for j in range(m)))
    return backward(params, gy, kind, absolute=True), count


def draw_target(rng, sizes, kind, span):
    """size or scale.  1, 2 or 1/2 where the result must be exact."""
    rank = len(sizes)
    if kind == "integers":
        return dict(scale=c.choose(rng, (1, 2, 0.5) if min(sizes) > 1 else (1, 2)))
    if c.flip_coin(rng):
        top = 11 if rank == 1 else 8 if rank == 2 else 5
        return dict(size=c.draw_axes(rng, rank, 1, top if span <= 9 else span * 2))
    scales = [round(float(rng.uniform(1 / min(sizes) + 1e-3, 2.7)), 3) for _ in range(rank)]
    return dict(scale=scales if c.flip_coin(rng) else max(scales), recompute_scale=c.flip_coin(rng, 0.3))


def draw_roi(rng, rank):
    return [round(float(x), 3) for x in [*rng.uniform(-0.3, 0.4, rank), *rng.uniform(0.6, 1.3, rank)]]


def draw_part(rng, sizes, params):
    """Sometimes a part of the input, a move, and another way to the size."""
    if c.flip_coin(rng, 0.3):
        begin = [round(float(rng.uniform(-1, 0.4 * m)), 2) for m in sizes]
        params["box"] = begin + [round(b + float(rng.uniform(0.5 * m + 0.1, m)), 2) for b, m in zip(begin, sizes)]
    if c.flip_coin(rng, 0.2):
        params["translate"] = [round(float(rng.uniform(-2, 2)), 2) for _ in sizes]
    if params.get("scale") is not None:
        params["size_rule"] = c.choose(rng, tuple(ROUND))
        if min(output_sizes({**TARGET, **params}, sizes)) < 1:
            params["size_rule"] = "ceil"
    return params


def draw_params(rng, kind, layout, span):
    rank = c.choose(rng, (1, 2)) if kind == "integers" else None  # cubic weights in 3-D need more than 24 bits
    layout_, n, channels, sizes = c.draw_image(rng, span, layout, rank=rank)
    params = dict(layout=layout_, **draw_target(rng, sizes, kind, span))
    if kind == "integers":
        params["coordinates"] = c.choose(rng, COORDINATES[:2])
        return params, layout_, n, channels, sizes
    draw_part(rng, sizes, params)
    form = int(rng.integers(4))
    if form == 0:
        params["antialias"] = True
        if c.flip_coin(rng, 0.3):
            params["reducing_gap"] = round(float(rng.uniform(1, 2)), 2)
        else:
            params["border"] = c.choose(rng, BORDERS)
    elif form == 1:
        params["align_corners"] = True
    else:
        params["coordinates"] = c.choose(rng, COORDINATES)
        if params["coordinates"] == "tf_crop_and_resize":
            params["roi"] = draw_roi(rng, len(sizes))
        params["border"] = c.choose(rng, BORDERS)
        params["outside"] = c.choose(rng, ("border", "border", "zero", "zero_past_centres"))
    if params.get("reducing_gap") and not gap_fits(params, sizes):
        params.pop("reducing_gap")
    return params, layout_, n, channels, sizes


def gap_fits(params, sizes):
    """A box that lies outside of the image has no blocks."""
    return all(min(m, math.ceil(b + length)) > max(0, int(b)) for m, _, _, b, length in axes({**DEFAULTS, **params}, sizes))


def draw_forward(rng, dtype, kind, layout, span, more=None, defaults=DEFAULTS):
    params, layout_, n, channels, sizes = draw_params(rng, kind, layout, span)
    x = c.data(rng, c.shape_of(layout_, n, channels, sizes), dtype, kind)
    return c.only_set({**params, **(more or {})}, defaults), [x]


def draw_plain(rng, dtype, kind, layout, span, defaults, more=None):
    """Of methods without parameters about taps."""
    layout_, n, channels, sizes = c.draw_image(rng, span, layout)
    params = dict(layout=layout_, **draw_target(rng, sizes, kind, span))
    if kind == "integers" and params["scale"] == 0.5 and any(m % 2 for m in sizes):
        params["scale"] = 2  # the last output of an odd axis is the mean of fewer
    if kind != "integers":
        draw_part(rng, sizes, params)
    return c.only_set({**params, **(more or {})}, defaults), [c.data(rng, c.shape_of(layout_, n, channels, sizes), dtype, kind)]


LARGE = [
    ({"scale": 2, "layout": "NXC"}, [(1, 5, 150, 3)]),
    ({"scale": 3, "layout": "XC"}, [(150, 7)]),
    ({"scale": 2}, [(1, 2, 70, 80)]),
    ({"size": [3, 77], "antialias": True}, [(1, 1, 9, 900)]),
]


def rejects(name):
    image = [(1, 2, 5, 5)]
    return [
        ({}, image, "ParameterError", [name, "size", "scale"]),
        ({"size": 4, "scale": 2}, image, "ParameterError", [name, "size", "scale"]),
        ({"size": 0}, image, "ParameterError", [name, "size", "0"]),
        ({"size": -3}, image, "ParameterError", [name, "size", "-3"]),
        ({"scale": 0}, image, "ParameterError", [name, "scale", "0"]),
        ({"scale": -2}, image, "ParameterError", [name, "scale", "-2"]),
        ({"scale": 0.1}, image, "UpregError", [name, "scale", "0.1"]),
        ({"scale": [2, 2, 2]}, image, "ParameterError", [name, "scale", "3"]),
        ({"size": 4, "box": [0, 0, 3]}, image, "ParameterError", [name, "box", "3", "2"]),
        ({"size": 4, "box": [0, 2, 3, 2]}, image, "ParameterError", [name, "box", "2"]),
        ({"size": 4, "translate": [1, 2, 3]}, image, "ParameterError", [name, "translate", "3"]),
        ({"size": 4, "box": [0, 0, 1e9, 5], "antialias": True, "border": "reflect"}, image, "ParameterError", [name, "border", "taps"]),
        ({"size": 4, "reducing_gap": 2}, image, "ParameterError", [name, "reducing_gap", "antialias"]),
        ({"scale": 2, "coordinates": "polar"}, image, "ParameterError", [name, "coordinates", "polar", "half_pixel"]),
        ({"scale": 2}, [(2, 5)], "ShapeError", [name, "x"]),
        ({"size": [2**40, 2**40]}, image, "UpregError", [name]),
    ]
