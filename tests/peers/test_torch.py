"""Random cases against torch: forward results, and torch's autograd against vjp."""
import functools
import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from _check import agree, close, reference
from _check import common as c
from _check import resample as r

import upreg

CASES = 60
torch.set_num_threads(1)  # with more, which of two equal unpool indices wins is left to chance


def ncx(x, params):
    return torch.from_numpy(np.ascontiguousarray(c.to_ncx(x, params["layout"])))


def reversed_pads(pads):
    """torch lists pads from the last axis to the first."""
    return [number for pair in reversed(pads) for number in pair]


TORCH_MODES = {"zeros": "constant", "constant": "constant", "reflect": "reflect", "replicate": "replicate", "circular": "circular"}


def padded(x, pads, mode, value):
    if mode not in TORCH_MODES:
        return None
    if TORCH_MODES[mode] == "constant":
        return F.pad(x, reversed_pads(pads), value=value if mode == "constant" else 0)
    return F.pad(x, reversed_pads(pads), mode=TORCH_MODES[mode])


def conv(params, x, weight, bias):
    rank = x.ndim - 2
    if params["flip"]:
        weight = weight.flip(tuple(range(2, rank + 2)))
    for axis, factor in enumerate(c.per_axis(params["upscale"], rank), start=2):
        x = x.repeat_interleave(factor, axis)
    stride, dilation = c.per_axis(params["stride"], rank), c.per_axis(params["dilation"], rank)
    pads = c.conv_pads(params["padding"], x.shape[2:], weight.shape[2:], stride, dilation)
    x = padded(x, pads, params["padding_mode"], params["value"])
    if x is None:
        return None
    return (F.conv1d, F.conv2d, F.conv3d)[rank - 1](x, weight, bias, tuple(stride), 0, tuple(dilation), params["groups"])


def conv_transpose(params, x, weight, bias):
    """torch knows symmetric padding of zeros only.  Other modes: pad the input generously, then cut."""
    rank = x.ndim - 2
    if isinstance(params["padding"], str) or params["output_size"] is not None:
        return None
    if params["flip"]:
        weight = weight.flip(tuple(range(2, rank + 2)))
    stride, dilation = c.per_axis(params["stride"], rank), c.per_axis(params["dilation"], rank)
    run = (F.conv_transpose1d, F.conv_transpose2d, F.conv_transpose3d)[rank - 1]
    if params["padding_mode"] == "zeros":
        pads = c.pairs(params["padding"], rank)
        if params["crop"] is not None or any(b != e for b, e in pads):
            return None
        added = c.per_axis(params["output_padding"], rank)
        return run(x, weight, bias, tuple(stride), tuple(b for b, _ in pads), tuple(added), params["groups"], tuple(dilation))
    if params["crop"] is None or params["padding_mode"] not in TORCH_MODES:
        return None
    room = [-(-(k - 1) * d // s) + 3 for k, d, s in zip(weight.shape[2:], dilation, stride)]
    if any(p > m - 1 for p, m in zip(room, x.shape[2:])) and params["padding_mode"] in ("reflect", "circular"):
        return None
    x = padded(x, [(p, p) for p in room], params["padding_mode"], params["value"])
    y = run(x, weight, bias, tuple(stride), 0, 0, params["groups"], tuple(dilation))
    for axis, ((b, e), p, s) in enumerate(zip(c.pairs(params["crop"], rank), room, stride), start=2):
        y = y.narrow(axis, b + p * s, y.shape[axis] - b - e - 2 * p * s)
    return y


def forgets_scale(mode, params, sizes):
    """Where torch puts the ratio of the sizes in the place of the caller's scale: in two dimensions, when an axis keeps its size or doubles."""
    if len(sizes) != 2 or params["scale"] is None or params["recompute_scale"] or not (mode == "nearest" or params["antialias"]):
        return False
    return any(n in (m, 2 * m) for m, n in zip(sizes, r.output_sizes(params, sizes)))


def interpolate(mode):
    """F.interpolate of what torch has of linear, cubic and nearest."""
    def run(params, x):
        rank = x.ndim - 2
        own = dict(size_rule="floor", box=None, translate=0, outside="border", reducing_gap=None, border="auto")
        if forgets_scale(mode, params, x.shape[2:]) or any(params.get(key, value) != value for key, value in own.items()):
            return None
        how = dict(recompute_scale_factor=True) if params["recompute_scale"] and params["scale"] is not None else {}
        if mode == "nearest":
            known = params["arith"] == "torch" and params["rounding"] == "floor"
            name = {"asymmetric": "nearest", "tf_half_pixel_for_nn": "nearest-exact"}.get(params["coordinates"])
            if not known or name is None:
                return None
        else:
            corners = params["align_corners"] or params["coordinates"] == "align_corners"
            if params["coordinates"] not in ("half_pixel", "align_corners"):
                return None
            if params["antialias"] and (rank != 2 or corners or r.output_sizes(params, x.shape[2:])[1] == 1):
                return None  # torch 2.13 is wrong where the width becomes 1
            if params["antialias"] and mode == "cubic" and params["a"] != -0.5:
                return None
            if mode == "cubic" and not params["antialias"] and params["a"] != -0.75:
                return None
            how.update(align_corners=corners, antialias=params["antialias"])
            name = {"linear": ("linear", "bilinear", "trilinear"), "cubic": ("bicubic", "bicubic", None)}[mode][rank - 1]
            if name is None:
                return None
        size, scale = params["size"], params["scale"]
        size = None if size is None else c.per_axis(size, rank)
        scale = None if scale is None else [float(s) for s in c.per_axis(scale, rank)]
        if mode == "cubic" and rank == 1:  # torch has it in two dimensions only: make one row
            y = F.interpolate(x[:, :, None], [1] + size if size else None, [1.0] + scale if scale else None, name, **how)
            return y[:, :, 0]
        return F.interpolate(x, size, scale, name, **how)
    return run


def max_pool(params, x):
    rank = x.ndim - 2
    if isinstance(params["padding"], str) or params["indices"] != "spatial_flat":
        return None
    pads = c.pairs(params["padding"], rank)
    if any(b != e for b, e in pads):
        return None
    kernel = c.per_axis(params["kernel"], rank)
    stride = kernel if params["stride"] is None else c.per_axis(params["stride"], rank)
    y, indices = (F.max_pool1d, F.max_pool2d, F.max_pool3d)[rank - 1](x, kernel, stride, [b for b, _ in pads], c.per_axis(params["dilation"], rank),
                                                                      ceil_mode=params["ceil_mode"], return_indices=True)
    return (y, indices) if params["return_indices"] else y


def max_unpool(params, x, indices):
    rank = x.ndim - 2
    if params["overlap"] != "last" or params["indices"] != "spatial_flat" or params["output_size"] is not None:
        return None
    pads = c.pairs(params["padding"], rank)
    if any(b != e for b, e in pads):
        return None
    kernel = c.per_axis(params["kernel"], rank)
    stride = kernel if params["stride"] is None else c.per_axis(params["stride"], rank)
    return (F.max_unpool1d, F.max_unpool2d, F.max_unpool3d)[rank - 1](x, indices, kernel, stride, [b for b, _ in pads])


def avg_pool(params, x):
    rank = x.ndim - 2
    pads = c.pairs(params["padding"], rank)
    if any(b != e for b, e in pads) or set(c.per_axis(params["dilation"], rank)) != {1}:
        return None
    kernel = c.per_axis(params["kernel"], rank)
    if rank == 3 and any(k > m for k, m in zip(kernel, x.shape[2:])):
        return None  # torch does not count the padding here
    stride = kernel if params["stride"] is None else c.per_axis(params["stride"], rank)
    more = [params["ceil_mode"], params["count_include_pad"]]
    if rank == 1:
        return None if params["divisor_override"] is not None else F.avg_pool1d(x, kernel, stride, [b for b, _ in pads], *more)
    return (F.avg_pool2d, F.avg_pool3d)[rank - 2](x, kernel, stride, [b for b, _ in pads], *more, params["divisor_override"])


def window_of(params, rank):
    """(kernel, stride, padding) as torch has them, or None."""
    if isinstance(params["padding"], str) or set(c.per_axis(params.get("dilation", 1), rank)) != {1}:
        return None
    pads, kernel = c.pairs(params["padding"], rank), c.per_axis(params["kernel"], rank)
    if any(b != e for b, e in pads):
        return None
    return kernel, kernel if params["stride"] is None else c.per_axis(params["stride"], rank), [b for b, _ in pads]


def lp_pool(params, x):
    rank = x.ndim - 2
    window = window_of(params, rank)
    if window is None or any(window[2]) or params["sign_rule"] != "torch":
        return None
    kernel, stride = (v[0] if rank == 1 else v for v in window[:2])
    return (F.lp_pool1d, F.lp_pool2d, F.lp_pool3d)[rank - 1](x, float(params["p"]), kernel, stride, params["ceil_mode"])


def soft_pool(params, x):
    rank = x.ndim - 2
    window = window_of(params, rank)
    if window is None or (rank == 3 and any(k > m for k, m in zip(window[0], x.shape[2:]))):
        return None
    mean, weight = (F.avg_pool1d, F.avg_pool2d, F.avg_pool3d)[rank - 1], torch.exp(x)
    return mean(weight * x, *window, params["ceil_mode"], False) / mean(weight, *window, params["ceil_mode"], False)


def adaptive_max_pool(params, x):
    rank = x.ndim - 2
    pools = (F.adaptive_max_pool1d, F.adaptive_max_pool2d, F.adaptive_max_pool3d)
    y, indices = pools[rank - 1](x, tuple(c.per_axis(params["size"], rank)), return_indices=True)
    return (y, indices) if params["return_indices"] else y


def fractional_max_pool(params, x, samples):
    """In two dimensions torch's samples name the last axis first, in three the first."""
    rank = x.ndim - 2
    if rank < 2 or params["samples_reversed"] != (rank == 2) or params["size"] is None:
        return None
    if any(n + k - 1 >= m for n, k, m in zip(params["size"], params["kernel"], x.shape[2:])):
        return None  # torch refuses windows that lie side by side all along an axis
    run = (F.fractional_max_pool2d_with_indices, F.fractional_max_pool3d_with_indices)[rank - 2]
    y, indices = run(x, params["kernel"], params["size"], return_indices=True, _random_samples=samples)
    return (y, indices) if params["return_indices"] else y


def blur_pool(params, x):
    rank, f, off = x.ndim - 2, params["filter"], params["pad_off"]
    x = padded(x, [((f - 1) // 2 + off, f // 2 + off)] * rank, params["padding_mode"], 0)
    row = torch.tensor([math.comb(f - 1, t) / 2 ** (f - 1) for t in range(f)], dtype=x.dtype)
    weight = functools.reduce(lambda a, b: a[..., None] * b, [row] * rank).expand(x.shape[1], 1, *[f] * rank)
    stride = tuple(c.per_axis(params["stride"], rank))
    return (F.conv1d, F.conv2d, F.conv3d)[rank - 1](x, weight, None, stride, groups=x.shape[1])


def repeat(params, x):
    axes = range(x.ndim) if params["axis"] is None else c.per_axis(params["axis"], 1)
    for axis, times in zip(axes, c.per_axis(params["repeats"], len(axes))):
        x = x.repeat_interleave(times, axis)
    return x


def shuffle(run):
    def call(params, x):
        scale = c.per_axis(params["scale"], x.ndim - 2)
        plain = x.ndim == 4 and scale[0] == scale[1] and params["order"] == "crd"  # the only order that torch has
        return run(x, scale[0]) if plain else None
    return call


def pad(params, x):
    pads = c.pairs(params["amount"], x.ndim - 2)
    if params["padding_mode"] not in ("zeros", "constant") and any(number < 0 for pair in pads for number in pair):
        return None
    return padded(x, pads, params["padding_mode"], params["value"])


def batch_norm(params, x, weight, bias, mean, var):
    if params["training"] and x.numel() == x.shape[1]:
        return None  # torch refuses one value per channel
    return F.batch_norm(x, mean, var, weight, bias, params["training"], eps=params["eps"])


def instance_norm(params, x, weight, bias):
    if x[0, 0].numel() == 1:
        return None
    return F.instance_norm(x, weight=weight, bias=bias, eps=params["eps"])


TORCH = {  # per method: what torch computes for (params, *inputs), None where it cannot; and the inputs to differentiate
    "conv": (conv, ("x", "weight", "bias")),
    "conv_transpose": (conv_transpose, ("x", "weight", "bias")),
    "linear_layer": (lambda params, x, w, b: F.linear(x, w, b), ("x", "weight", "bias")),
    "nearest": (interpolate("nearest"), ("x",)),
    "linear": (interpolate("linear"), ("x",)),
    "cubic": (interpolate("cubic"), ("x",)),
    "max_pool": (max_pool, ("x",)),
    "max_unpool": (max_unpool, ()),  # torch's gradient of overlapping indices is another one: it ignores who won
    "avg_pool": (avg_pool, ("x",)),
    "lp_pool": (lp_pool, ("x",)),
    "soft_pool": (soft_pool, ("x",)),
    "adaptive_max_pool": (adaptive_max_pool, ("x",)),
    "fractional_max_pool": (fractional_max_pool, ("x",)),
    "blur_pool": (blur_pool, ("x",)),
    "repeat": (repeat, ("x",)),
    "channel_shuffle": (lambda params, x: F.channel_shuffle(x, params["groups"]), ("x",)),
    "pixel_shuffle": (shuffle(F.pixel_shuffle), ("x",)),
    "pixel_unshuffle": (shuffle(F.pixel_unshuffle), ("x",)),
    "pad": (pad, ("x",)),
    "mul": (lambda params, a, b: a * b, ("a", "b")),
    "batch_norm": (batch_norm, ("x", "weight", "bias")),
    "instance_norm": (instance_norm, ("x", "weight", "bias")),
    "relu": (lambda params, x: F.relu(x), ("x",)),
    "leaky_relu": (lambda params, x: F.leaky_relu(x, params["slope"]), ("x",)),
    "prelu": (lambda params, x, w: F.prelu(x, w), ("x", "weight")),
    "sigmoid": (lambda params, x: torch.sigmoid(x), ("x",)),
    "tanh": (lambda params, x: torch.tanh(x), ("x",)),
    "softmax": (lambda params, x: torch.softmax(x, params["axis"]), ("x",)),
}


def differences(method, dtype):
    """Drawn cases that torch can express: (full params, given params, inputs, torch inputs, torch result)."""
    module = reference(method)
    found = 0
    for seed in range(CASES * 36):
        rng = np.random.default_rng([seed, 7])
        params, inputs = module.draw(rng, dtype, rng.choice(["normal", "positive"]))
        if method == "cubic":
            params["a"] = float(rng.choice([-0.75, -0.5]))
        full = {**module.DEFAULTS, **params}
        spatial = "layout" in full
        tensors = [None if x is None else ncx(x, full) if spatial and not is_weight(method, i) else torch.from_numpy(x.copy())
                   for i, x in enumerate(inputs)]
        for tensor, _ in zip(tensors, TORCH[method][1]):
            if tensor is not None:
                tensor.requires_grad_()
        result = TORCH[method][0](full, *tensors)
        if result is None:
            continue
        found += 1
        yield full, params, inputs, tensors, result
        if found == CASES:
            return
    assert found >= 20, f"only {found} cases that torch can express"


def is_weight(method, position):
    return position > 0 and method != "max_unpool"


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("method", TORCH)
def test_forward(method, dtype):
    for full, params, inputs, _, result in differences(method, dtype):
        outs = result if isinstance(result, tuple) else (result,)
        outs = tuple(y.detach().numpy() for y in outs)
        if "layout" in full:
            outs = tuple(c.from_ncx(y, full["layout"]) for y in outs)
        agree(method, params, inputs, outs if isinstance(result, tuple) else outs[0], dtype)


@pytest.mark.parametrize("method", [name for name, (_, wrt) in TORCH.items() if wrt])
def test_gradients(method):
    module = reference(method)
    for case, (full, params, inputs, tensors, result) in enumerate(differences(method, "float64")):
        if method == "nearest" and full["scale"] is not None:
            continue  # when the size happens to double, torch's backward forgets the caller's scale, and its forward does not
        if case >= CASES // 3:
            return
        y = result[0] if isinstance(result, tuple) else result
        gy = np.random.default_rng(case).standard_normal(y.shape)
        names = [name for name, tensor in zip(TORCH[method][1], tensors) if tensor is not None]
        held = [tensor for tensor in tensors if tensor is not None][:len(names)]
        wanted = torch.autograd.grad(y, held, torch.from_numpy(gy))
        spatial = "layout" in module.DEFAULTS
        got = upreg.get(method, **params).vjp(tuple(inputs), c.from_ncx(gy, full["layout"]) if spatial else gy, wrt=tuple(names))
        for name, ours, theirs in zip(names, got, wanted, strict=True):
            theirs = theirs.numpy()
            image = spatial and name == "x"
            close(ours, c.from_ncx(theirs, full["layout"]) if image else theirs, "float64", f"gradient of {method} {params} in {name}")


@pytest.mark.parametrize("rank", [1, 2, 3])
def test_same_transposed_is_the_gradient_of_a_same_convolution(rank):
    """TensorFlow's side: the adjoint of a strided convolution whose surplus padding stands at the end."""
    rng = np.random.default_rng(rank)
    for k, s in [(3, 2), (4, 2), (5, 3), (2, 2), (5, 2), (3, 1)]:
        m = int(rng.integers(2, 5))
        w = rng.standard_normal([3, 2] + [k] * rank)
        gy = rng.standard_normal([2, 3] + [m] * rank)
        x = torch.zeros([2, 2] + [m * s] * rank, dtype=torch.float64, requires_grad=True)
        less, more = (k - s) // 2, (k - s) - (k - s) // 2
        for padding, (before, after) in {"same_upper": (less, more), "same_lower": (more, less)}.items():
            y = (F.conv1d, F.conv2d, F.conv3d)[rank - 1](F.pad(x, [before, after] * rank), torch.from_numpy(w), stride=s)
            wanted, = torch.autograd.grad(y, x, torch.from_numpy(gy))
            agree("conv_transpose", dict(stride=s, padding=padding), [gy, w], wanted.numpy(), "float64")


def test_8_bits():
    """torch rounds between the passes and upreg once: never more than one step apart.  (Its cubic treats 8-bit borders in another way.)"""
    rng = np.random.default_rng(0)
    for size in ((7, 19), (33, 40), (5, 5)):
        x = rng.integers(0, 256, (1, 3, 17, 19), dtype=np.uint8)
        wanted = F.interpolate(torch.from_numpy(x), size, mode="bilinear", align_corners=False).numpy().astype(int)
        assert np.max(abs(upreg.run("linear", x, size=size).astype(int) - wanted)) <= 1


def test_bfloat16_and_float16_through_dlpack():
    x = torch.randn(1, 3, 5, 6)
    for dtype in (torch.bfloat16, torch.float16):
        half = x.to(dtype)
        wanted = F.interpolate(half.float(), scale_factor=2, mode="bilinear").to(dtype)
        got = torch.from_dlpack(upreg.run("bilinear", half, scale=2))
        assert got.dtype == dtype and torch.allclose(got.float(), wanted.float(), rtol=2 ** -7, atol=1e-3)
