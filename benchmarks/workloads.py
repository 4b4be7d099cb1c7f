"""Each workload is defined once: a kind, upreg's method and parameters, the shapes. The adapters in `peers/` translate it."""

import math
from dataclasses import dataclass, field, replace

import numpy as np

CONVOLUTIONS = ("conv", "conv_transpose")
REDUCED = 12  # spatial size in tests


@dataclass(frozen=True)
class Data:
    """Arrays of one workload, channels first (pictures: channels last)."""

    x: np.ndarray
    w: np.ndarray = None
    grad: np.ndarray = None
    indices: np.ndarray = None


@dataclass(frozen=True)
class Workload:
    key: str
    title: str
    family: str
    kind: str  # what the adapters ask for; mostly the method's name
    method: str
    x: tuple
    weight: tuple = None
    params: dict = field(default_factory=dict)
    dtype: str = "float32"
    others: dict = field(default_factory=dict)  # peer -> (method, params) where its function differs: upreg is timed with these against it

    @property
    def rank(self):
        return len(self.x) - (1 if self.kind == "image" else 2)

    @property
    def layouts(self):
        """Orders of the axes worth timing, channels first at the front."""
        return ("XC",) if self.kind == "image" else ("NCX",) if self.family == "calls" else ("NCX", "NXC")

    def per_axis(self, name, default=None):
        value = self.params.get(name, default)
        return list(value) if isinstance(value, (list, tuple)) else [value] * self.rank

    def against(self, peer):
        """The workload as this peer's function computes it."""
        if peer not in self.others:
            return self
        method, params = self.others[peer]
        return replace(self, method=method, params=params, others={})

    def reduced(self):
        """The same with few and small maps, for tests."""
        sizes = slice(0, 2) if self.kind == "image" else slice(2, None)
        shape = list(self.x)
        shape[sizes] = [min(n, REDUCED) for n in shape[sizes]]
        if self.kind != "image":
            shape[0] = min(shape[0], 2)
        return replace(self, x=tuple(shape))

    def data(self, dtype=None):
        """The same random numbers in every run. A picture's range is narrow, so that no library clips between its passes."""
        rng = np.random.default_rng(0)
        dtype = np.dtype(dtype if dtype and self.dtype == "float32" else self.dtype)
        if dtype == np.uint8:
            return Data(rng.integers(100, 157, self.x, np.uint8))
        x = rng.standard_normal(self.x).astype(dtype)
        w = grad = indices = None
        if self.weight:
            w = (rng.standard_normal(self.weight) / math.sqrt(math.prod(self.weight[1:]))).astype(dtype)
        if self.kind == "max_unpool":
            indices = _window_indices(rng, self.x, self.params["kernel"])
        if self.kind.endswith("_grad"):
            grad = rng.standard_normal(self.forward_shape()).astype(dtype)
        return Data(x, w, grad, indices)

    def forward_shape(self):
        """Output shape of the method whose gradient this is."""
        import upreg

        method = self.kind.removesuffix("_grad")
        return upreg.get(method, **self.params).infer(self.x, *([self.weight] if self.weight else []))


def _window_indices(rng, shape, kernel):
    """One place per window of the large map, as max pooling would return."""
    rows, columns = np.ogrid[: shape[2], : shape[3]]
    places = rng.integers(0, kernel, (2, *shape))
    return (rows * kernel + places[0]) * (shape[3] * kernel) + columns * kernel + places[1]


def conv(key, title, x, weight, **params):
    return Workload(key, title, "convolution", "conv", "conv", x, weight, params)


def transposed(key, title, x, weight, **params):
    return Workload(key, title, "transposed convolution", "conv_transpose", "conv_transpose", x, weight, params)


def resize(key, title, method, x, **params):
    return Workload(key, title, "resampling", "resize", method, x, None, params)


def image(key, title, x, method, params, **others):
    return Workload(key, title, "pictures", "image", method, x, None, params, "uint8", others)


def row(key, title, method, x, **params):
    return Workload(key, title, "pooling, shuffle", method, method, x, None, params)


def backward(key, title, method, x, weight, **params):
    return Workload(key, title, "backward", f"{method}_grad", method, x, weight, params)


TINY = ("conv_transpose", "conv_transpose", (1, 1, 4, 4), (1, 1, 3, 3), {"stride": 2})
RESIZE_CONV = ((1, 64, 64, 64), (32, 64, 3, 3), {"padding": 1})
HD, UHD = (1080, 1920, 3), (2160, 3840, 3)

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
    Workload("F1", "nearest x2 + conv 3x3 64->32 @64", "resize + conv", "resize_conv", "nearest", *RESIZE_CONV),
    Workload("F2", "bilinear x2 + conv 3x3 64->32 @64", "resize + conv", "resize_conv", "bilinear", *RESIZE_CONV),
    resize("R1", "nearest x2 64ch @128", "nearest", (1, 64, 128, 128), scale=2),
    resize("R2", "bilinear x2 64ch @128", "bilinear", (1, 64, 128, 128), scale=2),
    resize("R2a", "bilinear x2 64ch @128 align_corners", "bilinear", (1, 64, 128, 128), scale=2, align_corners=True),
    resize("R3", "bicubic x2 64ch @128", "bicubic", (1, 64, 128, 128), scale=2),
    resize("R4", "bilinear antialias x0.5 3ch @1080x1920", "bilinear", (1, 3, 1080, 1920), scale=0.5, antialias=True),
    resize("R7", "trilinear x2 16ch @32^3", "trilinear", (1, 16, 32, 32, 32), scale=2),
    image("R5", "uint8 RGB bilinear 1080p->2160p", HD, "bilinear", {"scale": 2}),
    # Pillow: window a = 3, cubic a = -0.5, taps outside dropped; torch has no mean over areas but the antialiased triangle
    image("R6", "uint8 RGB lanczos 1080p->2160p", HD, "lanczos", {"scale": 2, "a": 4}, pillow=("lanczos", {"scale": 2, "a": 3, "antialias": True})),
    image("R8", "uint8 RGB bicubic 1080p->2160p", HD, "bicubic", {"scale": 2}, pillow=("bicubic", {"scale": 2, "a": -0.5, "antialias": True})),
    image("R9", "uint8 RGB area 2160p->1080p", UHD, "area", {"scale": 0.5}, torch=("bilinear", {"scale": 0.5, "antialias": True})),
    row("P1", "max pool 2x2 + indices 64ch @256", "max_pool", (1, 64, 256, 256), kernel=2, return_indices=True),
    row("P2", "max unpool 2x2 64ch @128->256", "max_unpool", (1, 64, 128, 128), kernel=2),
    row("A1", "avg pool 2x2 64ch @256", "avg_pool", (1, 64, 256, 256), kernel=2),
    row("S1", "pixel_shuffle r2 256->64 @128", "pixel_shuffle", (1, 256, 128, 128), scale=2),
    backward("B1", "backward of C1 (gx + gw)", "conv", (1, 64, 128, 128), (64, 64, 3, 3), padding=1),
    backward("B2", "backward of T1 (gx + gw)", "conv_transpose", (1, 128, 32, 32), (128, 64, 4, 4), stride=2, padding=1),
    backward("B3", "backward of R2", "bilinear", (1, 64, 128, 128), None, scale=2),
    Workload("O1", "tiny convT k3 s2 1->1 @4, by a plan", "calls", *TINY),
    Workload("O1m", "tiny convT k3 s2 1->1 @4, by m(x, w)", "calls", *TINY),
]
