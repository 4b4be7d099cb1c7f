"""Networks by name, layer for layer as in their papers and first code, with weights still to come.

>>> g = upreg.networks.unet(classes=2)
>>> g = g.init("he", seed=0)                    # random weights, or
>>> upreg.networks.load_weights(g, "unet.npz")  # trained ones, by name

Every function returns a `Graph` whose batch and, where the network allows it, spatial sizes are free. Weights have the name of their node, ".weight",
".bias", ".mean" or ".var"; layer tables and sources are in each docstring.
"""

import math
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from upreg.errors import GraphError, ParameterError
from upreg.graph import Graph
from upreg.initialise import bilinear

TRAINED = {"k3": {"kernel": 3}, "k4": {"kernel": 4}, "resize_conv": {"up": "resize_conv"}}  # upsamplers of `trained_autoencoder`
VGG16 = ((64, 64), (128, 128), (256, 256, 256), (512, 512, 512), (512, 512, 512))


def _check(name, value, allowed):
    if value not in allowed:
        raise ParameterError(f"networks: {name} = {value!r} is not allowed; allowed: {', '.join(map(str, allowed))}")


def _start(channels, size=None, name="x"):
    """An empty graph with one input (N, channels, H, W); size: an example for building, where the default one is too small."""
    g = Graph()
    return g, g.input(name, (None, channels, size, size))


def _open(g, name="x"):
    """Frees the spatial sizes that were only given to build the graph."""
    shape, dtype = g.inputs[name]
    g.inputs[name] = ((*shape[:2], None, None), dtype)
    g._changed()
    return g


def _conv(g, x, channels, kernel, name, activation="relu", norm=False, **params):
    """Convolution, batch norm where `norm` says so, activation."""
    h = g.add("conv", x, channels=channels, kernel=kernel, name=name, **({"bias": False} if norm else {}), **params)
    return _finish(g, h, name, activation, norm)


def _up(g, x, channels, kernel, name, activation=None, norm=False, **params):
    """Transposed convolution, batch norm, activation."""
    h = g.add("conv_transpose", x, channels=channels, kernel=kernel, name=name, **({"bias": False} if norm else {}), **params)
    return _finish(g, h, name, activation, norm)


def _finish(g, h, name, activation, norm):
    if norm:
        h = g.add("batch_norm", h, name=f"{name}.norm")
    if activation:
        method, params = activation if isinstance(activation, tuple) else (activation, {})
        h = g.add(method, h, name=f"{name}.{method}", **params)
    return h


# ---- classification ----


def vgg16(classes=1000, channels=3, size=224):
    """VGG-16 (Simonyan and Zisserman, arXiv 1409.1556): 13 convolutions 3x3 in five stages with 2x2 max pools, then 4096, 4096, classes.

    138,357,544 parameters for 1000 classes of 224x224 RGB pictures. Names as in the first Caffe model: conv1_1 ... conv5_3, fc6, fc7, fc8.
    """
    g, h = _start(channels, size)
    h, _ = _vgg_stages(g, h)
    h = g.add("flatten", h, name="flatten")
    for name, features in (("fc6", 4096), ("fc7", 4096)):
        h = g.add("relu", g.add("linear_layer", h, channels=features, name=name), name=f"{name}.relu")
    g.output(g.add("linear_layer", h, channels=classes, name="fc8"))
    return g


def _vgg_stages(g, h, pad=1, ceil_mode=False):
    """(last pool, {pool name: handle}) of the five stages; the first convolution pads by `pad`."""
    pools = {}
    for stage, widths in enumerate(VGG16, 1):
        for i, width in enumerate(widths, 1):
            h = _conv(g, h, width, 3, f"conv{stage}_{i}", padding=pad if (stage, i) == (1, 1) else 1)
        h = pools[f"pool{stage}"] = g.add("max_pool", h, kernel=2, stride=2, ceil_mode=ceil_mode, name=f"pool{stage}")
    return h, pools


# ---- segmentation ----


def _fixed_bilinear(g, x, kernel, stride, classes, name):
    """A transposed convolution that interpolates: fixed weights, every class on its own, no bias (Long et al., surgery.py)."""
    weight = bilinear((classes, 1, kernel, kernel), groups=classes).astype(np.float32)
    return g.add("conv_transpose", x, weight, None, stride=stride, groups=classes, name=name)


def _fcn_body(g, x, classes):
    """Score map and pools of a VGG-16 made fully convolutional: first padding 100, pools of ceil sizes, fc6 7x7, fc7 and score 1x1."""
    h, pools = _vgg_stages(g, x, pad=100, ceil_mode=True)
    h = _conv(g, h, 4096, 7, "fc6")
    h = _conv(g, h, 4096, 1, "fc7")
    return _conv(g, h, classes, 1, "score_fr", activation=None), pools


def _fcn(classes, steps, last, offset, at_once=False):
    """steps: (pool, offset of its crop) fused on the way; last: (kernel, stride) of the last enlargement; offset: of the last crop."""
    g, x = _start(3, 64)
    h, pools = _fcn_body(g, x, classes)
    scales = {"pool4": 0.01, "pool3": 0.0001} if at_once else {}
    for i, (pool, crop) in enumerate(steps):
        h = _fixed_bilinear(g, h, 4, 2, classes, f"upscore{2 ** (i + 1)}")
        skip = pools[pool]
        if pool in scales:
            skip = g.add("mul", skip, np.float32(scales[pool]), name=f"scale_{pool}")
        skip = _conv(g, skip, classes, 1, f"score_{pool}", activation=None)
        h = g.add("add", h, g.add("crop", skip, h, offset=crop, name=f"score_{pool}c"), name=f"fuse_{pool}")
    h = _fixed_bilinear(g, h, *last, classes, f"upscore{last[1]}" if last[1] == 32 or not steps else f"upscore_final{last[1]}")
    g.output(g.add("crop", h, x, offset=offset, name="score"))
    return _open(g)


def fcn32s(classes=21):
    """FCN-32s (Long et al., arXiv 1411.4038; voc-fcn32s): VGG-16 with padding 100, a bilinear transposed convolution k64 s32, crop 19."""
    return _fcn(classes, (), (64, 32), 19)


def fcn16s(classes=21, at_once=False):
    """FCN-16s: k4 s2, plus the 1x1 scores of pool4 cropped by 5, then k32 s16, crop 27. at_once: pool4 scaled by 0.01 before its score."""
    return _fcn(classes, (("pool4", 5),), (32, 16), 27, at_once)


def fcn8s(classes=21, at_once=False):
    """FCN-8s: as 16s, then k4 s2, plus the scores of pool3 cropped by 9, then k16 s8, crop 31. at_once: pool3 scaled by 0.0001 too."""
    return _fcn(classes, (("pool4", 5), ("pool3", 9)), (16, 8), 31, at_once)


def unet(classes=2, channels=1, base=64, levels=4, padding="valid", up="deconv", norm=False):
    """U-Net (Ronneberger, Fischer and Brox, arXiv 1505.04597).

    padding="valid": as published, 3x3 convolutions without padding, skips cropped in the middle: 572x572 -> 388x388; input sizes 16 b + 12 above 184.
    padding="same": maps keep their size, sizes are multiples of 2^levels. up="deconv": 2x2 transposed convolution that halves the channels;
    "bilinear": bilinear x2, then a 3x3 convolution that halves them. norm: batch norm after every 3x3 convolution.
    """
    _check("padding", padding, ("valid", "same"))
    _check("up", up, ("deconv", "bilinear"))
    valid = padding == "valid"
    g, h = _start(channels, 2 ** (levels + 1) * 32 - 4 if valid else 2 ** (levels + 2))
    pad = 0 if valid else 1

    def double(h, width, name):
        h = _conv(g, h, width, 3, f"{name}.conv1", padding=pad, norm=norm)
        return _conv(g, h, width, 3, f"{name}.conv2", padding=pad, norm=norm)

    skips = []
    for level in range(levels):
        h = double(h, base << level, f"down{level + 1}")
        skips.append(h)
        h = g.add("max_pool", h, kernel=2, stride=2, name=f"pool{level + 1}")
    h = double(h, base << levels, "bottom")
    lost = 4  # pixels per side by which a skip is larger than the map that comes up to its level
    for level in reversed(range(levels)):
        name, width = f"up{level + 1}", base << level
        if up == "deconv":
            h = _up(g, h, width, 2, name, stride=2)
        else:
            h = _conv(g, g.add("bilinear", h, scale=2, name=f"{name}.resize"), width, 3, name, padding=1, activation=None)
        skip = skips[level]
        if valid:
            skip = g.add("crop", skip, h, offset=lost, name=f"{name}.crop")
            lost = 2 * lost + 8
        h = double(g.add("concat", skip, h, name=f"{name}.concat"), width, f"{name}.block")
    g.output(_conv(g, h, classes, 1, "head", activation=None))
    return _open(g)


def segnet(classes=11, channels=3, stages=VGG16, any_size=True):
    """SegNet (Badrinarayanan, Kendall and Cipolla, arXiv 1511.00561; segnet_inference.prototxt): VGG-16's convolutions with batch norm, pools that
    keep the places of their maxima, and a mirror image that unpools to those places. any_size: also sizes that are no multiple of 32: pools of ceil
    sizes, and each unpooling makes the size that was pooled.
    """
    g, h = _start(channels)
    places = []
    for stage, widths in enumerate(stages, 1):
        for i, width in enumerate(widths, 1):
            h = _conv(g, h, width, 3, f"conv{stage}_{i}", padding=1, norm=True)
        size = {"output_size": g.add("shape", h, start=2, name=f"size{stage}")} if any_size else {}
        h, indices = g.add("max_pool", h, kernel=2, stride=2, ceil_mode=any_size, return_indices=True, name=f"pool{stage}")
        places.append((indices, size))
    for stage in reversed(range(len(stages))):
        indices, size = places[stage]
        h = g.add("max_unpool", h, indices, kernel=2, stride=2, name=f"unpool{stage + 1}", **size)
        widths = stages[stage]
        outs = widths[::-1][1:] + (stages[stage - 1][-1] if stage else None,)
        for i, width in enumerate(outs):
            name = f"conv{stage + 1}_{len(widths) - i}_D"
            if width is None:
                h = _conv(g, h, classes, 3, name, padding=1, activation=None)
            else:
                h = _conv(g, h, width, 3, name, padding=1, norm=True)
    g.output(h)
    return g


# ---- generators, decoders ----


def dcgan(z=100, channels=3, base=64, variant="port"):
    """The generator of DCGAN (Radford, Metz and Chintala, arXiv 1511.06434): noise (N, z, 1, 1) -> pictures (N, channels, 64, 64).

    variant="port": as dcgan.torch, 4x4 s1, then four 4x4 s2 p1 transposed convolutions: even overlap. "paper": as the paper's own code, a linear
    layer to 4x4, then four 5x5 s2 transposed convolutions that double the size: uneven overlap. Batch norm and ReLU between, tanh at the end; weights
    are drawn with `init("normal")`, standard deviation 0.02.
    """
    _check("variant", variant, ("port", "paper"))
    g = Graph()
    x = g.input("x", (None, z, 1, 1))
    if variant == "port":
        h = _up(g, x, base * 8, 4, "up1", "relu", norm=True)
        params = dict(kernel=4, stride=2, padding=1)
    else:
        h = g.add("linear_layer", g.add("flatten", x, name="flatten"), channels=base * 8 * 16, name="project", bias=False)
        h = _finish(g, g.add("reshape", h, shape=[-1, base * 8, 4, 4], name="seed"), "up1", "relu", True)
        params = dict(kernel=5, stride=2, padding=2, output_padding=1)
    for i, width in enumerate((base * 4, base * 2, base), 2):
        h = _up(g, h, width, name=f"up{i}", activation="relu", norm=True, **params)
    g.output(_up(g, h, channels, name="up5", activation="tanh", **params))
    return g


def resize_conv_decoder(z=100, channels=3, base=64, mode="nearest", start=4, steps=4):
    """DCGAN's generator with every transposed convolution replaced by resizing x2 and a 3x3 convolution (Odena, Dumoulin and Olah, Distill 2016)."""
    _check("mode", mode, ("nearest", "bilinear", "bicubic"))
    g = Graph()
    x = g.input("x", (None, z, 1, 1))
    width = base << (steps - 1)
    h = _up(g, x, width, start, "up1", "relu", norm=True)
    for i in range(steps):
        last = i == steps - 1
        width = channels if last else width // 2
        h = g.add(mode, h, scale=2, name=f"resize{i + 2}")
        h = _conv(g, h, width, 3, f"up{i + 2}", activation="tanh" if last else "relu", norm=not last, padding=1)
    g.output(h)
    return g


def autoencoder(channels=1, base=16, depth=3, kernel=3, up="deconv"):
    """A convolutional autoencoder: `depth` 3x3 stride-2 convolutions that double the channels, then as many steps of x2 back; sigmoid at the end.

    Sizes are multiples of 2^depth. up: "deconv", transposed convolutions of `kernel` 3 (uneven overlap, output_padding 1) or 4 (even);
    "resize_conv", nearest x2 and a 3x3 convolution.
    """
    _check("kernel", kernel, (3, 4))
    _check("up", up, ("deconv", "resize_conv"))
    g, h = _start(channels)
    for i in range(depth):
        h = _conv(g, h, base << i, 3, f"down{i + 1}", stride=2, padding=1)
    for i in reversed(range(depth)):
        width, activation = (base << (i - 1), "relu") if i else (channels, "sigmoid")
        if up == "resize_conv":
            h = _conv(g, g.add("nearest", h, scale=2, name=f"resize{i + 1}"), width, 3, f"up{i + 1}", activation, padding=1)
        else:
            h = _up(g, h, width, kernel, f"up{i + 1}", activation, stride=2, padding=1, output_padding=4 - kernel)
    g.output(h)
    return g


def trained_autoencoder(up):
    """`autoencoder(3)` with weights trained on photographs by examples/train_decoders.py; takes and gives (N, 3, H, W), 0 to 1.

    up: "k3", "k4" (transposed convolutions) or "resize_conv"; nothing else differs, so what differs in the pictures is the upsampler's.
    """
    _check("up", up, tuple(TRAINED))
    with np.load(Path(__file__).parent / "data" / "decoders.npz", allow_pickle=False) as file:
        weights = {name.removeprefix(f"{up}/"): file[name].astype(np.float32) for name in file if name.startswith(f"{up}/")}
    return load_weights(autoencoder(3, **TRAINED[up]), weights)


# ---- super-resolution ----


def espcn(scale=3, channels=1):
    """ESPCN (Shi et al., arXiv 1609.05158): 5x5 64 tanh, 3x3 32 tanh, 3x3 scale^2, pixel shuffle."""
    g, h = _start(channels)
    h = _conv(g, h, 64, 5, "conv1", "tanh", padding=2)
    h = _conv(g, h, 32, 3, "conv2", "tanh", padding=1)
    h = _conv(g, h, channels * scale**2, 3, "conv3", None, padding=1)
    g.output(g.add("pixel_shuffle", h, scale=scale, name="shuffle"))
    return g


def fsrcnn(scale=3, channels=1, d=56, s=12, m=4):
    """FSRCNN(d, s, m) (Dong, Loy, Tang, arXiv 1608.00367): 5x5 d, 1x1 s, m times 3x3 s, 1x1 d, all with PReLU, then a 9x9 transposed convolution."""
    g, h = _start(channels)
    h = _conv(g, h, d, 5, "extract", "prelu", padding=2)
    h = _conv(g, h, s, 1, "shrink", "prelu")
    for i in range(m):
        h = _conv(g, h, s, 3, f"map{i + 1}", "prelu", padding=1)
    h = _conv(g, h, d, 1, "expand", "prelu")
    g.output(_up(g, h, channels, 9, "deconv", stride=scale, padding=4, output_padding=scale - 1))
    return g


def edsr(scale=2, channels=3, features=64, blocks=16, residual_scale=1.0):
    """EDSR (Lim et al., arXiv 1707.02921), the baseline by default: residual blocks without norms, sub-pixel convolutions (x4: two of x2)."""
    _check("scale", scale, (2, 3, 4))
    g, x = _start(channels)
    head = h = _conv(g, x, features, 3, "head", None, padding=1)
    for i in range(blocks):
        r = _conv(g, h, features, 3, f"block{i + 1}.conv1", "relu", padding=1)
        r = _conv(g, r, features, 3, f"block{i + 1}.conv2", None, padding=1)
        if residual_scale != 1:
            r = g.add("mul", r, np.float32(residual_scale), name=f"block{i + 1}.scale")
        h = g.add("add", h, r, name=f"block{i + 1}")
    h = g.add("add", _conv(g, h, features, 3, "body", None, padding=1), head, name="skip")
    for i, step in enumerate((2, 2) if scale == 4 else (scale,)):
        h = _conv(g, h, features * step**2, 3, f"up{i + 1}", None, padding=1)
        h = g.add("pixel_shuffle", h, scale=step, name=f"up{i + 1}.shuffle")
    g.output(_conv(g, h, channels, 3, "tail", None, padding=1))
    return g


def lapsrn(scale=4, channels=1, depth=10, features=64):
    """LapSRN (Lai et al., arXiv 1704.03915): per factor 2, `depth` 3x3 convolutions and a 4x4 s2 transposed one with leaky ReLU 0.2, whose 3x3
    residual is added to the picture enlarged by a (bilinear) 4x4 s2 transposed convolution. One output per level: x2, x4, ..."""
    _check("scale", scale, (2, 4, 8))
    leaky = ("leaky_relu", {"slope": 0.2})
    g, picture = _start(channels)
    h = _conv(g, picture, features, 3, "head", leaky, padding=1)
    for level in range(int(math.log2(scale))):
        name = f"x{2 << level}"
        for i in range(depth):
            h = _conv(g, h, features, 3, f"{name}.conv{i + 1}", leaky, padding=1)
        h = _up(g, h, features, 4, f"{name}.up", leaky, stride=2, padding=1)
        residual = _conv(g, h, channels, 3, f"{name}.residual", None, padding=1)
        weight = bilinear((channels, 1, 4, 4), groups=channels).astype(np.float32)
        large = g.add("conv_transpose", picture, weight, None, stride=2, padding=1, groups=channels, name=f"{name}.picture")
        picture = g.add("add", large, residual, name=name)
        g.output(picture)
    return g


# ---- weights ----


def read_weights(source):
    """{name: array} of a .npz, .safetensors or .onnx file, of a .pt/.pth file of PyTorch (its state_dict), or of a dict of arrays or tensors."""
    if isinstance(source, dict):
        return {name: np.asarray(value.detach().cpu() if hasattr(value, "detach") else value) for name, value in source.items()}
    path = str(source)
    try:
        if path.endswith(".npz"):
            with np.load(path, allow_pickle=False) as file:
                return dict(file)
        if path.endswith(".safetensors"):
            from safetensors.numpy import load_file

            return load_file(path)
        if path.endswith(".onnx"):
            from upreg.onnx_io import read_model, tensor_array

            return {t.name: tensor_array(t) for t in read_model(path).graph.initializer}
        if path.endswith((".pt", ".pth")):
            import torch

            return read_weights(torch.load(path, map_location="cpu", weights_only=True))
    except (OSError, ValueError, BadZipFile) as error:
        raise GraphError(f"{path}: the weights cannot be read: {error}") from None
    except ImportError as error:
        raise GraphError(f"{path}: reading it needs the package '{error.name}'") from None
    raise GraphError(f"{path}: the name must end in .npz, .safetensors, .onnx, .pt or .pth")


def load_weights(graph, source, rename=None, strict=True):
    """Binds the weights of a file or dict to the graph's by name; returns the graph.

    rename: {name in the source: name in the graph}, or a function of the source's name; None leaves a name out. strict: a weight of the
    graph that is missing, or one of the source that is left over, is a GraphError. Shapes must agree.
    """
    found, wanted = {}, set(graph.weights)
    for name, array in read_weights(source).items():
        new = rename(name) if callable(rename) else (rename or {}).get(name, name)
        if new is not None:
            found[new] = array
    fixed = {name for name, array in graph.weights.items() if array is not None}
    missing, left = sorted(wanted - fixed - set(found)), sorted(set(found) - wanted)
    if strict and (missing or left):
        parts = [
            f"{what}: {', '.join(names[:5])}{' ...' if len(names) > 5 else ''}"
            for what, names in (("missing", missing), ("not of this network", left))
            if names
        ]
        raise GraphError(f"load_weights: {'; '.join(parts)}")
    return graph.bind({name: array for name, array in found.items() if name in wanted})
