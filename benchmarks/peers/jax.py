"""jax: compiled for the CPU with the weights as constants. Its pool of threads is as large as the processors it sees when it starts."""

import os

import jax
import jax.extend.backend
import jax.numpy as jnp
import numpy as np
from jax import lax

from benchmarks.peers import Run, arrange, reader

_threads = None


def prepare(workload, data, threads, layout):
    if data.x.dtype != np.float32 or (workload.kind == "conv_transpose" and "groups" in workload.params):
        return None  # a grouped transposed convolution takes it half a minute a call
    _start(threads)
    arrays = [None if a is None else jnp.asarray(arrange(a, layout)) for a in (data.x, data.grad)]
    function = _function(workload, data, layout)
    if function is None:
        return None
    compiled = jax.jit(function).lower(*arrays).compile()

    def read(result):
        result = result if isinstance(result, tuple) else (result,)
        return [reader(layout)(result[0])[0], *map(np.asarray, result[1:])]

    return Run(lambda: jax.block_until_ready(compiled(*arrays)), read)


def _start(threads):
    """A backend with this many threads."""
    global _threads
    if _threads == threads:
        return
    jax.extend.backend.clear_backends()
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, sorted(allowed)[:threads])
    jax.devices()
    os.sched_setaffinity(0, allowed)
    _threads = threads


def _spatial(x, layout):
    return x.shape[2:] if layout == "NCX" else x.shape[1:-1]


def _numbers(workload, layout):
    axes = "DHW"[-workload.rank :]
    order = f"NC{axes}" if layout == "NCX" else f"N{axes}C"
    return order, f"OI{axes}", order


def _conv(workload, layout):
    """conv(x, w)"""
    p = [workload.per_axis(name, default) for name, default in (("stride", 1), ("padding", 0), ("dilation", 1))]
    groups = workload.params.get("groups", 1)

    def run(x, w):
        return lax.conv_general_dilated(
            x, w, p[0], [(n, n) for n in p[1]], rhs_dilation=p[2], dimension_numbers=_numbers(workload, layout), feature_group_count=groups
        )

    return run


def _conv_transpose(workload, layout):
    """conv_transpose(x, w): a convolution of the stretched input with the mirrored kernel"""
    stride, padding, more = (workload.per_axis(name, default) for name, default in (("stride", 1), ("padding", 0), ("output_padding", 0)))
    groups = workload.params.get("groups", 1)

    def run(x, w):
        c_in, c_out, *kernel = w.shape
        w = jnp.flip(w, range(2, w.ndim)).reshape(groups, c_in // groups, c_out, *kernel)
        w = jnp.swapaxes(w, 1, 2).reshape(groups * c_out, c_in // groups, *kernel)
        pads = [(k - 1 - p, k - 1 - p + a) for k, p, a in zip(kernel, padding, more)]
        numbers = _numbers(workload, layout)
        return lax.conv_general_dilated(x, w, [1] * len(kernel), pads, lhs_dilation=stride, dimension_numbers=numbers, feature_group_count=groups)

    return run


def _resize(x, method, params, layout):
    axes = range(2, x.ndim) if layout == "NCX" else range(x.ndim - 1)[1:]
    shape = [int(n * params["scale"]) if i in axes else n for i, n in enumerate(x.shape)]
    return jax.image.resize(x, shape, "nearest" if method == "nearest" else "linear", antialias=params.get("antialias", False))


def _shuffle(x, r, layout):
    if layout == "NCX":
        n, c, h, w = x.shape
        return x.reshape(n, c // r**2, r, r, h, w).transpose(0, 1, 4, 2, 5, 3).reshape(n, c // r**2, h * r, w * r)
    n, h, w, c = x.shape
    return x.reshape(n, h, w, c // r**2, r, r).transpose(0, 1, 4, 2, 5, 3).reshape(n, h * r, w * r, c // r**2)


def _mean(x, k, layout):
    window = (1, 1, k, k) if layout == "NCX" else (1, k, k, 1)
    return lax.reduce_window(x, 0.0, lax.add, window, window, "VALID") / (k * k)


def _function(workload, data, layout):
    """f(x, grad) with the weights inside."""
    p, kind, w = workload.params, workload.kind, data.w
    if kind in ("resize", "bilinear_grad") and (p.get("align_corners") or workload.method == "bicubic"):
        return None  # jax has neither these coordinates nor a = -0.75
    if kind.startswith("conv"):
        run = (_conv_transpose if kind.startswith("conv_transpose") else _conv)(workload, layout)
        if kind.endswith("_grad"):
            return lambda x, grad: jax.vjp(run, x, w)[1](grad)
        return lambda x, grad: run(x, w)
    conv = _conv(workload, layout)
    return {
        "resize": lambda x, grad: _resize(x, workload.method, p, layout),
        "resize_conv": lambda x, grad: conv(_resize(x, workload.method, {"scale": 2}, layout), w),
        "bilinear_grad": lambda x, grad: jax.vjp(lambda x: _resize(x, "bilinear", p, layout), x)[1](grad)[0],
        "avg_pool": lambda x, grad: _mean(x, p["kernel"], layout),
        "pixel_shuffle": lambda x, grad: _shuffle(x, p["scale"], layout),
    }.get(kind)
