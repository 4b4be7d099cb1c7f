"""Separable resampling: every output along an axis is a short list of (source index, weight)."""
import math

import numpy as np

from . import _common as c

COORDINATES = ("half_pixel", "asymmetric", "align_corners", "half_pixel_symmetric", "pytorch_half_pixel", "tf_crop_and_resize")
DEFAULTS = dict(size=None, scale=None, coordinate_scale=None, recompute_scale=False, align_corners=False, coordinates="half_pixel", roi=None,
                antialias=False, border="replicate", layout="NCX")


def output_sizes(params, sizes):
    if params["size"] is not None:
        return c.per_axis(params["size"], len(sizes))
    return [math.floor(m * s) for m, s in zip(sizes, c.per_axis(params["scale"], len(sizes)))]


def steps(params, sizes, outs):
    """Input elements per output element: the caller's 1/scale, or the ratio of the sizes."""
    scale = params["coordinate_scale"] if params["scale"] is None else params["scale"]
    if scale is None or params["recompute_scale"]:
        return [m / n for m, n in zip(sizes, outs)]
    return [1 / s for s in c.per_axis(scale, len(sizes))]


def regions(params, rank):
    """[(begin, end)] of tf_crop_and_resize per axis."""
    roi = params["roi"] or [0] * rank + [1] * rank
    return list(zip(roi[:rank], roi[rank:]))


def is_outside(params, x, m):
    return params["coordinates"] == "tf_crop_and_resize" and not 0 <= x <= m - 1


def coordinate(name, i, m, n, step, region=(0, 1)):
    if name == "tf_crop_and_resize":
        begin, end = region
        return begin * (m - 1) + (i * (end - begin) * (m - 1) / (n - 1) if n > 1 else (end - begin) * (m - 1) / 2)
    if name == "align_corners":
        return i * (m - 1) / (n - 1) if n > 1 else 0.0
    if name == "asymmetric":
        return i * step
    if name == "tf_half_pixel_for_nn":
        return (i + 0.5) * step
    if name == "pytorch_half_pixel" and n == 1:
        return 0.0
    x = (i + 0.5) * step - 0.5
    if name == "half_pixel_symmetric":
        x += m / 2 * (1 - n * step / m)
    return x


def triangle(t):
    return max(1 - abs(t), 0.0)


def keys(a):
    def kernel(t):
        t = abs(t)
        if t <= 1:
            return (a + 2) * t ** 3 - (a + 3) * t ** 2 + 1
        return a * t ** 3 - 5 * a * t ** 2 + 8 * a * t - 4 * a if t < 2 else 0.0
    return kernel


def lanczos(a):
    def kernel(t):
        if abs(t) >= a or t == math.floor(t):
            return float(t == 0)  # np.sinc(1) is 4e-17
        return float(np.sinc(t) * np.sinc(t / a))
    return kernel


BOX = object()  # in place of a kernel: the mean over what an output covers


def edge(i, m, step):
    x = min(i * step, m)
    return round(x) if abs(x - round(x)) < 1e-9 else x


def box_taps(m, n, step):
    table = []
    for i in range(n):
        begin, end = edge(i, m, step), edge(i + 1, m, step)
        table.append([(j, (min(j + 1, end) - max(j, begin)) / (end - begin)) for j in range(math.floor(begin), math.ceil(end))])
    return table


def axis_taps(params, kernel, radius, m, n, step, region):
    """For every output of one axis the list of (index, weight)."""
    if kernel is BOX:
        return box_taps(m, n, step)
    name = "align_corners" if params["align_corners"] else params["coordinates"]
    table = []
    for i in range(n):
        x = coordinate(name, i, m, n, step, region)
        if is_outside({**params, "coordinates": name}, x, m):
            table.append([])
            continue
        stretch = max(1.0, step) if params["antialias"] else 1.0
        drops = params["border"] == "renormalize" or (params["antialias"] and params["border"] == "replicate")
        if params["antialias"] and drops:  # the kernel is stretched when the image shrinks
            centre, support = x + 0.5, radius * stretch
            low, high = max(int(centre - support + 0.5), 0), min(int(centre + support + 0.5), m)
            taps = [(j, kernel((j - centre + 0.5) / stretch)) for j in range(low, high)]
        else:
            first, count = math.floor(x) - radius + 1, 2 * radius
            if params["antialias"]:
                first = math.ceil(x - radius * stretch)
                count = math.floor(x + radius * stretch) - first + 1
            taps = [(j, kernel((x - j) / stretch)) for j in range(first, first + count)]
            taps = [(j, w) for j, w in taps if 0 <= j < m] if drops else [(min(max(j, 0), m - 1), w) for j, w in taps]
        total = sum(w for _, w in taps)
        always = kernel.__qualname__.startswith("lanczos")
        table.append([(j, w / total) for j, w in taps] if params["antialias"] or params["border"] == "renormalize" or always else taps)
    return table


def tables(params, kernel, radius, sizes):
    outs = output_sizes(params, sizes)
    found = regions({"roi": None, **params}, len(sizes))
    return [axis_taps(params, kernel, radius, *axis) for axis in zip(sizes, outs, steps(params, sizes, outs), found)]


def apply(tables_, x):
    """y[o] = sum of w * x[j] over the taps, axis after axis.  x is NCX."""
    for axis, table in enumerate(tables_, start=2):
        rows = np.moveaxis(x, axis, 0)
        y = np.stack([sum((w * rows[j] for j, w in taps), np.zeros_like(rows[0])) for taps in table])
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


def forward(params, x, kernel, radius):
    integer = np.asarray(x).dtype.kind in "iu"
    x = c.to_ncx(c.wide(x).astype(float), params["layout"])
    y = apply(tables(params, kernel, radius, x.shape[2:]), x)
    return c.from_ncx(np.clip(y, 0, 255) if integer else y, params["layout"])


def forward_bound(params, x, kernel, radius):
    dtype = computed_in(x)
    x = c.to_ncx(abs(c.wide(x)).astype(float), params["layout"])
    found = tables(params, kernel, radius, x.shape[2:])
    count = math.prod(max(map(len, table)) for table in found)
    return c.from_ncx(apply(magnitudes(found, x.shape[2:], dtype), x), params["layout"]), count


def backward(params, gy, kernel, radius, absolute=False):
    dtype = computed_in(gy)
    gy = c.to_ncx(c.wide(gy), params["layout"])
    sizes = c.per_axis(params["input_size"], gy.ndim - 2)
    found = tables(params, kernel, radius, sizes)
    if absolute:
        found, gy = magnitudes(found, sizes, dtype), abs(gy)
    return c.from_ncx(apply_transposed(found, gy, sizes), params["layout"])


def backward_bound(params, gy, kernel, radius):
    rank = len(c.to_ncx(gy, params["layout"]).shape) - 2
    count = 1
    for m, table in zip(c.per_axis(params["input_size"], rank), tables(params, kernel, radius, c.per_axis(params["input_size"], rank))):
        used = [j for taps in table for j, _ in taps]
        count *= max(used.count(j) for j in range(m))
    return backward(params, gy, kernel, radius, absolute=True), count


def draw_target(rng, sizes, kind, span):
    """size or scale.  1, 2 or 1/2 where the result must be exact."""
    rank = len(sizes)
    if kind == "integers":
        return dict(scale=c.choose(rng, (1, 2, 0.5) if min(sizes) > 1 else (1, 2)))
    if c.flip_coin(rng):
        top = 11 if rank == 1 else 8 if rank == 2 else 5
        return dict(size=c.draw_axes(rng, rank, 1, top if span <= 9 else span * 2))
    scales = [round(float(rng.uniform(1 / min(sizes) + 1e-3, 2.7)), 3) for _ in range(rank)]
    scale = scales if c.flip_coin(rng) else max(scales)
    if c.flip_coin(rng, 0.2):
        return dict(coordinate_scale=scale, size=[math.ceil(m * s) for m, s in zip(sizes, c.per_axis(scale, rank))])
    return dict(scale=scale, recompute_scale=c.flip_coin(rng, 0.3))


def draw_roi(rng, rank):
    return [round(float(x), 3) for x in [*rng.uniform(-0.3, 0.4, rank), *rng.uniform(0.6, 1.3, rank)]]


def draw_params(rng, kind, layout, span):
    rank = c.choose(rng, (1, 2)) if kind == "integers" else None  # cubic weights in 3-D need more than 24 bits
    layout_, n, channels, sizes = c.draw_image(rng, span, layout, rank=rank)
    params = dict(layout=layout_, **draw_target(rng, sizes, kind, span))
    form = int(rng.integers(4))
    if form == 0:
        params["antialias"] = True
        if kind != "integers":
            params["border"] = c.choose(rng, ("replicate", "renormalize", "edge"))
    elif form == 1 and kind != "integers":
        params["align_corners"] = True
    else:
        params["coordinates"] = c.choose(rng, COORDINATES[:2] if kind == "integers" else COORDINATES)
        if kind != "integers":
            params["border"] = c.choose(rng, ("replicate", "renormalize", "edge"))
            if params["coordinates"] == "tf_crop_and_resize":
                params["roi"] = draw_roi(rng, len(sizes))
    if kind == "integers":
        params.pop("antialias", None)
    return params, layout_, n, channels, sizes


def draw_forward(rng, dtype, kind, layout, span, more=None):
    params, layout_, n, channels, sizes = draw_params(rng, kind, layout, span)
    x = c.data(rng, c.shape_of(layout_, n, channels, sizes), dtype, kind)
    return c.only_set({**params, **(more or {})}, {**DEFAULTS, "a": -0.75}), [x]


def draw_backward(rng, dtype, kind, layout, span, more=None):
    params, layout_, n, channels, sizes = draw_params(rng, kind, layout, span)
    outs = output_sizes({**DEFAULTS, **params}, sizes)
    gy = c.data(rng, c.shape_of(layout_, n, channels, outs), dtype, kind)
    return {**c.only_set({**params, **(more or {})}, {**DEFAULTS, "a": -0.75}), "input_size": sizes}, [gy]


LARGE = [
    ({"scale": 2, "layout": "NXC"}, [(1, 5, 150, 3)]),
    ({"scale": 3, "layout": "XC"}, [(150, 7)]),
    ({"scale": 2}, [(1, 2, 70, 80)]),
    ({"size": [3, 77], "antialias": True}, [(1, 1, 9, 900)]),
]
LARGE_GRAD = [
    ({"scale": 2, "layout": "NXC", "input_size": [5, 150]}, [(1, 10, 300, 3)]),
    ({"scale": 3, "layout": "XC", "input_size": 150}, [(450, 7)]),
    ({"scale": 2, "input_size": [70, 80]}, [(1, 2, 140, 160)]),
    ({"size": [3, 77], "antialias": True, "input_size": [9, 900]}, [(1, 1, 3, 77)]),
]


def rejects(name):
    image = [(1, 2, 5, 5)]
    return [
        ({}, image, "ParameterError", [name, "size", "scale"]),
        ({"size": 4, "scale": 2}, image, "ParameterError", [name, "size", "scale"]),
        ({"scale": 2, "coordinate_scale": 2}, image, "ParameterError", [name, "coordinate_scale", "size"]),
        *([] if name == "area" else [({"scale": 2, "roi": [0, 0, 1, 1]}, image, "ParameterError", [name, "roi", "tf_crop_and_resize"]),
                                     ({"scale": 2, "coordinates": "tf_crop_and_resize"}, image, "ParameterError", [name, "roi", "4"])]),
        ({"size": 0}, image, "ParameterError", [name, "size", "0"]),
        ({"size": -3}, image, "ParameterError", [name, "size", "-3"]),
        ({"scale": 0}, image, "ParameterError", [name, "scale", "0"]),
        ({"scale": -2}, image, "ParameterError", [name, "scale", "-2"]),
        ({"scale": 0.1}, image, "UpregError", [name, "scale", "0.1"]),
        ({"scale": [2, 2, 2]}, image, "ParameterError", [name, "scale", "3"]),
        ({"scale": 2, "coordinates": "polar"}, image, "ParameterError", [name, "coordinates", "polar", "half_pixel"]),
        ({"scale": 2}, [(2, 5)], "ShapeError", [name, "x"]),
        ({"size": [2 ** 40, 2 ** 40]}, image, "UpregError", [name]),
    ]
