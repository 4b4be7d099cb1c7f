"""torch: channels_last stands for NXC, in and out."""

import numpy as np
import torch
from torch.nn import functional

from benchmarks.peers import Run

MODES = {"nearest": "nearest", "bilinear": "bilinear", "trilinear": "trilinear", "bicubic": "bicubic"}
FORMATS = {4: torch.channels_last, 5: torch.channels_last_3d}
OPERATORS = torch.ops.aten


def prepare(workload, data, threads, layout):
    torch.set_num_threads(threads)
    if workload.kind == "image":
        return _image(workload, data)
    if layout == "NXC" and data.x.ndim not in FORMATS:
        return None
    arrays = [None if a is None else _tensor(a, layout) for a in (data.x, data.w, data.grad, data.indices)]
    function = _function(workload, *arrays)

    def call():
        with torch.inference_mode():
            return function()

    return Run(call, _read)


def _tensor(array, layout):
    tensor = torch.from_numpy(array)
    return tensor.contiguous(memory_format=FORMATS[array.ndim]) if layout == "NXC" and array.ndim in FORMATS else tensor


def _read(result):
    return [np.asarray(r) for r in (result if isinstance(result, (tuple, list)) else [result])]


def _resize(x, method, params):
    more = {} if method == "nearest" else {"align_corners": params.get("align_corners", False), "antialias": params.get("antialias", False)}
    if more and (method == "trilinear" or not more["antialias"]):
        del more["antialias"]
    return functional.interpolate(x, scale_factor=params["scale"], mode=MODES[method], **more)


def _function(workload, x, w, grad, indices):
    p, kind = workload.params, workload.kind
    if kind in ("conv", "conv_transpose"):
        run = getattr(functional, f"{kind}{workload.rank}d")
        return lambda: run(x, w, **p)
    if kind == "resize":
        return lambda: _resize(x, workload.method, p)
    if kind == "resize_conv":
        return lambda: functional.conv2d(_resize(x, workload.method, {"scale": 2}), w, **p)
    if kind == "bilinear_grad":
        return lambda: OPERATORS.upsample_bilinear2d_backward(grad, list(grad.shape[2:]), list(x.shape), False, p["scale"], p["scale"])
    if kind.endswith("_grad"):
        step = [workload.per_axis(name, default) for name, default in (("stride", 1), ("padding", 0), ("dilation", 1))]
        return lambda: OPERATORS.convolution_backward(grad, x, w, None, *step, kind != "conv_grad", [0, 0], 1, [True, True, False])[:2]
    return {
        "max_pool": lambda: functional.max_pool2d(x, p.get("kernel"), return_indices=True),
        "max_unpool": lambda: functional.max_unpool2d(x, indices, p.get("kernel")),
        "avg_pool": lambda: functional.avg_pool2d(x, p.get("kernel")),
        "pixel_shuffle": lambda: functional.pixel_shuffle(x, p.get("scale")),
    }[kind]


def _image(workload, data):
    """A picture is a channels_last batch of one."""
    if workload.method not in MODES:
        return None
    x = torch.from_numpy(data.x).permute(2, 0, 1)[None]

    def call():
        with torch.inference_mode():
            return _resize(x, workload.method, workload.params)

    return Run(call, lambda y: [y[0].permute(1, 2, 0).numpy()])
