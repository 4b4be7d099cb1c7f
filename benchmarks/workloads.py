"""Each workload is defined once: a method, its parameters, the shapes, and how torch's functional interface spells it."""

from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True)
class Workload:
    key: str
    title: str
    method: str
    x: tuple
    weight: tuple = None
    params: dict = field(default_factory=dict)
    torch: str = ""  # name in torch.nn.functional
    torch_params: dict = None

    def arrays(self):
        rng = np.random.default_rng(0)
        x = rng.standard_normal(self.x, np.float32)
        w = None if self.weight is None else rng.standard_normal(self.weight, np.float32) / np.float32(np.sqrt(np.prod(self.weight[1:])))
        return x, w


def conv(key, title, x, weight, **params):
    return Workload(key, title, "conv", x, weight, params, f"conv{len(x) - 2}d", params)


def transposed(key, title, x, weight, **params):
    return Workload(key, title, "conv_transpose", x, weight, params, f"conv_transpose{len(x) - 2}d", params)


def resize(key, title, method, x, mode, **params):
    torch_params = {"scale_factor": params["scale"], "mode": mode}
    if "align_corners" in params:
        torch_params["align_corners"] = params["align_corners"]
    if params.get("antialias"):
        torch_params["antialias"] = True
    return Workload(key, title, method, x, None, params, "interpolate", torch_params)


WORKLOADS = [
    conv("C1", "conv 3x3 p1 64->64 @128", (1, 64, 128, 128), (64, 64, 3, 3), padding=1),
    conv("C2", "conv 3x3 p1 256->256 @32", (1, 256, 32, 32), (256, 256, 3, 3), padding=1),
    conv("C3", "conv 1x1 256->64 @64", (1, 256, 64, 64), (64, 256, 1, 1)),
    conv("C4", "conv 3x3 s2 p1 64->128 @128", (1, 64, 128, 128), (128, 64, 3, 3), padding=1, stride=2),
    conv("C5", "depthwise 3x3 p1 128 @112", (1, 128, 112, 112), (128, 1, 3, 3), padding=1, groups=128),
    conv("C6", "conv 3x3 dil2 p2 256->256 @28", (1, 256, 28, 28), (256, 256, 3, 3), padding=2, dilation=2),
    conv("C7", "conv 7x7 s2 p3 3->64 @224", (1, 3, 224, 224), (64, 3, 7, 7), padding=3, stride=2),
    conv("C8", "conv1d k9 p4 64->64 L=16384", (1, 64, 16384), (64, 64, 9), padding=4),
    conv("C9", "conv3d 3x3x3 p1 16->16 @32x64x64", (1, 16, 32, 64, 64), (16, 16, 3, 3, 3), padding=1),
    conv("C10", "grouped g8 3x3 p1 256->256 @32", (1, 256, 32, 32), (256, 32, 3, 3), padding=1, groups=8),
    transposed("T1", "convT k4 s2 p1 128->64 @32", (1, 128, 32, 32), (128, 64, 4, 4), stride=2, padding=1),
    transposed("T2", "convT k3 s2 p1 op1 64->32 @64", (1, 64, 64, 64), (64, 32, 3, 3), stride=2, padding=1, output_padding=1),
    transposed("T3", "convT k2 s2 128->64 @64", (1, 128, 64, 64), (128, 64, 2, 2), stride=2),
    transposed("T4", "convT k64 s32 21->21 @7", (1, 21, 7, 7), (21, 21, 64, 64), stride=32),
    transposed("T4g", "convT k64 s32 g21 @7", (1, 21, 7, 7), (21, 1, 64, 64), stride=32, groups=21),
    transposed("T5", "convT k16 s8 21->21 @28", (1, 21, 28, 28), (21, 21, 16, 16), stride=8),
    transposed("T6", "convT k4 s1 100->512 @1 N=16", (16, 100, 1, 1), (100, 512, 4, 4)),
    transposed("T7", "convT k4 s2 p1 512->256 @4 N=16", (16, 512, 4, 4), (512, 256, 4, 4), stride=2, padding=1),
    transposed("T8", "convT1d k16 s8 64->32 L=2048", (1, 64, 2048), (64, 32, 16), stride=8),
    transposed("T9", "convT3d k2 s2 32->16 @16x32x32", (1, 32, 16, 32, 32), (32, 16, 2, 2, 2), stride=2),
    resize("R1", "nearest x2 64ch @128", "nearest", (1, 64, 128, 128), "nearest", scale=2),
    resize("R2", "bilinear x2 64ch @128", "bilinear", (1, 64, 128, 128), "bilinear", scale=2),
    resize("R2a", "bilinear x2 64ch @128 align_corners", "bilinear", (1, 64, 128, 128), "bilinear", scale=2, align_corners=True),
    resize("R3", "bicubic x2 64ch @128", "bicubic", (1, 64, 128, 128), "bicubic", scale=2),
    resize("R4", "bilinear antialias x0.5 3ch @1080x1920", "bilinear", (1, 3, 1080, 1920), "bilinear", scale=0.5, antialias=True),
    resize("R7", "trilinear x2 16ch @32^3", "trilinear", (1, 16, 32, 32, 32), "trilinear", scale=2),
    Workload(
        "P1",
        "max pool 2x2 + indices 64ch @256",
        "max_pool",
        (1, 64, 256, 256),
        None,
        {"kernel": 2, "return_indices": True},
        "max_pool2d",
        {"kernel_size": 2, "return_indices": True},
    ),
    Workload("A1", "avg pool 2x2 64ch @256", "avg_pool", (1, 64, 256, 256), None, {"kernel": 2}, "avg_pool2d", {"kernel_size": 2}),
    Workload("S1", "pixel_shuffle r2 256->64 @128", "pixel_shuffle", (1, 256, 128, 128), None, {"scale": 2}, "pixel_shuffle", {"upscale_factor": 2}),
    conv("O1", "tiny conv 3x3 1->1 @4 (overhead)", (1, 1, 4, 4), (1, 1, 3, 3)),
]
