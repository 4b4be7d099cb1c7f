"""ncnn: channels first, batches of one; float32 throughout."""

import tempfile
from pathlib import Path

import ncnn
import numpy as np

from benchmarks.peers import Run

TYPES = {"nearest": 1, "bilinear": 2, "bicubic": 3}


def prepare(workload, data, threads, layout):
    if layout != "NCX" or data.x.shape[0] != 1 or data.x.dtype != np.float32:
        return None
    described = _layers(workload, data)
    if described is None:
        return None
    layers, weights = described
    net = ncnn.Net()
    net.opt.num_threads = threads
    net.opt.use_vulkan_compute = False
    for name in ("use_fp16_packed", "use_fp16_storage", "use_fp16_arithmetic", "use_bf16_storage"):
        setattr(net.opt, name, False)
    _load(net, layers, weights)
    x = ncnn.Mat(data.x[0]).clone()

    def call():
        extractor = net.create_extractor()
        extractor.input("b0", x)
        return extractor.extract(f"b{len(layers)}")[1]

    return Run(call, lambda y: [np.array(y)[None]])


def _load(net, layers, weights):
    lines = ["7767517", f"{len(layers) + 1} {len(layers) + 1}", "Input in 0 1 b0"]
    for i, (kind, params) in enumerate(layers):
        lines.append(f"{kind} l{i} 1 1 b{i} b{i + 1} " + " ".join(f"{k}={v}" for k, v in params.items()))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        (path / "net.param").write_text("\n".join(lines) + "\n")
        (path / "net.bin").write_bytes(b"" if weights is None else bytes(4) + np.ascontiguousarray(weights, np.float32).tobytes())
        if net.load_param(str(path / "net.param")) or net.load_model(str(path / "net.bin")):
            raise RuntimeError("ncnn does not load " + lines[-1])


def _layers(workload, data):
    """[(layer, numbered parameters)], weights"""
    p, kind = workload.params, workload.kind
    if kind in ("conv", "conv_transpose"):
        return _conv(workload, data.w)
    if kind == "resize_conv":
        layers, weights = _conv(workload, data.w)
        return [("Interp", {0: TYPES[workload.method], 1: 2.0, 2: 2.0}), *layers], weights
    if kind == "resize" and workload.method in TYPES and not p.get("antialias"):
        return [("Interp", {0: TYPES[workload.method], 1: float(p["scale"]), 2: float(p["scale"]), 6: int(p.get("align_corners", False))})], None
    if kind == "avg_pool":
        return [("Pooling", {0: 1, 1: p["kernel"], 2: p["kernel"], 5: 1})], None
    if kind == "pixel_shuffle":
        return [("PixelShuffle", {0: p["scale"]})], None
    return None


def _conv(workload, w):
    transposed, groups, rank = workload.kind == "conv_transpose", workload.params.get("groups", 1), workload.rank
    name = ("Deconvolution" if transposed else "Convolution") + ("DepthWise" if groups > 1 else "") + {1: "1D", 2: "", 3: "3D"}[rank]
    if transposed:  # (in, out / groups) -> (out / groups, in / groups) of every group
        w = w.reshape(groups, -1, *w.shape[1:]).swapaxes(1, 2)
    outputs = w.shape[0] * w.shape[1] if transposed else w.shape[0]
    params = {0: outputs, 5: 0, 6: w.size}
    if groups > 1:
        params[7] = groups
    steps = {1: w.shape[-rank:], 2: workload.per_axis("dilation", 1), 3: workload.per_axis("stride", 1)}
    for axis in range(rank):  # the last axis first: its numbers have no tens, the next ones 10, 20
        for first, values in steps.items():
            params[first + 10 * axis] = values[-1 - axis]
    padding, more = workload.per_axis("padding", 0), workload.per_axis("output_padding", 0)
    for begin, end, axis in ((4, 15, 0), (14, 16, 1), (24, 17, 2)):
        if axis < rank:
            params[begin] = params[end] = padding[-1 - axis]
    if transposed:
        for key, axis in ((18, 0), (19, 1), (20, 2)):
            if axis < rank and more[-1 - axis]:
                params[key] = more[-1 - axis]
    return [(name, params)], w
