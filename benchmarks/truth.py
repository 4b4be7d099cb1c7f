"""What each workload's result should be, independent of upreg: plain sums over taps in float64, resampling by one matrix per axis."""

import itertools
import math

import numpy as np


def outputs(workload, data):
    """The results as float64 arrays in the order of the data's axes."""
    wide = np.float32 if workload.kind == "image" else np.float64  # steps of uint8 do not need more
    x, w, grad = (None if a is None else a.astype(wide) for a in (data.x, data.w, data.grad))
    method = workload.method
    if workload.kind == "conv":
        return [conv(workload, x, w)]
    if workload.kind == "conv_transpose":
        return [conv_transpose(workload, x, w)]
    if workload.kind == "resize_conv":
        return [conv(workload, along(x, "nearest" if method == "nearest" else "linear", {"scale": 2}, (2, 3)), w)]
    if workload.kind in ("resize", "image"):
        first = 0 if workload.kind == "image" else 2
        return [along(x, method, workload.params, range(first, first + workload.rank))]
    if workload.kind == "bilinear_grad":
        return [along(grad, method, workload.params, (2, 3), sizes=x.shape)]
    if workload.kind == "conv_grad":
        return [conv_transpose(workload, grad, w), grad_weight(workload, x, grad, w.shape)]
    if workload.kind == "conv_transpose_grad":
        return [conv(workload, grad, w), grad_weight(workload, grad, x, w.shape)]
    n, c, height, width = x.shape
    if workload.kind in ("max_pool", "avg_pool"):
        cells = x.reshape(n, c, height // 2, 2, width // 2, 2)
        return [cells.max((3, 5)) if workload.kind == "max_pool" else cells.mean((3, 5))]
    if workload.kind == "max_unpool":
        y = np.zeros((n, c, height * 2 * width * 2))
        np.put_along_axis(y, data.indices.reshape(n, c, -1), x.reshape(n, c, -1), 2)
        return [y.reshape(n, c, height * 2, width * 2)]
    if workload.kind == "pixel_shuffle":
        return [x.reshape(n, c // 4, 2, 2, height, width).transpose(0, 1, 4, 2, 5, 3).reshape(n, c // 4, height * 2, width * 2)]
    raise ValueError(workload.kind)


def magnitude(workload, data):
    """The largest sum of magnitudes of each result: what rounding errors are measured against."""
    absolute = type(data)(*(a if a is None or a.dtype.kind == "i" else abs(a) for a in (data.x, data.w, data.grad, data.indices)))
    return [max(float(abs(y).max()), 1e-30) for y in outputs(workload, absolute)]


# ---- convolution, tap by tap ----


def _geometry(workload, kernel):
    stride, padding, dilation = (workload.per_axis(name, default) for name, default in (("stride", 1), ("padding", 0), ("dilation", 1)))
    taps = list(itertools.product(*map(range, kernel)))
    return stride, padding, dilation, taps


def _window(tap, stride, dilation, counts):
    return tuple(slice(t * d, t * d + (n - 1) * s + 1, s) for t, d, s, n in zip(tap, dilation, stride, counts))


def _pad(x, padding):
    return np.pad(x, [(0, 0), (0, 0)] + [(p, p) for p in padding])


def _grouped(x, groups):
    return x.reshape(x.shape[0], groups, x.shape[1] // groups, -1)


def conv(workload, x, w):
    stride, padding, dilation, taps = _geometry(workload, w.shape[2:])
    groups, x = workload.params.get("groups", 1), _pad(x, padding)
    counts = [(m - d * (k - 1) - 1) // s + 1 for m, k, s, d in zip(x.shape[2:], w.shape[2:], stride, dilation)]
    y = 0.0
    for tap in taps:
        part = _grouped(x[(..., *_window(tap, stride, dilation, counts))], groups)
        y = y + w[(..., *tap)].reshape(groups, -1, w.shape[1]) @ part
    return y.reshape(x.shape[0], w.shape[0], *counts)


def conv_transpose(workload, x, w):
    """The adjoint of conv: every input is scattered; the padding is what is cut off."""
    stride, padding, dilation, taps = _geometry(workload, w.shape[2:])
    groups, more = workload.params.get("groups", 1), workload.per_axis("output_padding", 0)
    sizes = [(m - 1) * s + d * (k - 1) + 1 + a for m, k, s, d, a in zip(x.shape[2:], w.shape[2:], stride, dilation, more)]
    y = np.zeros((x.shape[0], w.shape[1] * groups, *sizes))
    flat = _grouped(x, groups)
    for tap in taps:
        part = w[(..., *tap)].reshape(groups, -1, w.shape[1]).transpose(0, 2, 1) @ flat
        y[(..., *_window(tap, stride, dilation, x.shape[2:]))] += part.reshape(x.shape[0], -1, *x.shape[2:])
    return y[(..., *(slice(p, n - p) for p, n in zip(padding, sizes)))]


def grad_weight(workload, x, grad, shape):
    stride, padding, dilation, taps = _geometry(workload, shape[2:])
    x, gw = _pad(x, padding), np.zeros(shape)
    for tap in taps:
        part = x[(..., *_window(tap, stride, dilation, grad.shape[2:]))]
        gw[(..., *tap)] = np.tensordot(grad, part, ([0, *range(2, grad.ndim)],) * 2)
    return gw


# ---- resampling, a matrix per axis ----


def _triangle(t):
    return np.maximum(1 - abs(t), 0)


def _keys(t, a):
    t = abs(t)
    return np.where(t <= 1, (a + 2) * t**3 - (a + 3) * t**2 + 1, np.where(t < 2, a * t**3 - 5 * a * t**2 + 8 * a * t - 4 * a, 0))


def _lanczos(t, a):
    return np.where(abs(t) < a, np.sinc(t) * np.sinc(t / a), 0)


def matrix(method, params, m, n):
    """The n x m matrix that resamples one axis."""
    i, j, step = np.arange(n)[:, None], np.arange(m)[None], m / n
    if method == "nearest":
        return (np.floor(i * step) == j).astype(float)
    if method == "area":
        cover = np.minimum(j + 1, (i + 1) * step) - np.maximum(j, i * step)
        return np.maximum(cover, 0) / step
    kernel, radius = {
        "bicubic": (lambda t: _keys(t, params.get("a", -0.75)), 2),
        "lanczos": (lambda t: _lanczos(t, params.get("a", 3)), params.get("a", 3)),
    }.get(method, (_triangle, 1))
    x = i * (m - 1) / (n - 1) if params.get("align_corners") else (i + 0.5) * step - 0.5
    if params.get("antialias"):  # the kernel is stretched, what falls outside is dropped
        weights = kernel((x - j) / max(step, 1))
        return weights / weights.sum(1, keepdims=True)
    weights = np.zeros((n, m))
    for tap in range(1 - radius, radius + 1):
        place = np.floor(x) + tap
        weights[i[:, 0], np.clip(place, 0, m - 1).astype(int)[:, 0]] += kernel(x - place)[:, 0]
    return weights / weights.sum(1, keepdims=True) if method == "lanczos" else weights


def along(x, method, params, axes, sizes=None):
    """x resampled along these axes; with `sizes`, the adjoint, back to them."""
    for axis in axes:
        if sizes is None:
            table = matrix(method, params, x.shape[axis], math.floor(x.shape[axis] * params["scale"]))
        else:
            table = matrix(method, params, sizes[axis], x.shape[axis]).T
        x = np.moveaxis(np.tensordot(table.astype(x.dtype), x, (1, axis)), 0, axis)
    return x
