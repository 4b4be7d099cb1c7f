"""Graphs out as ONNX models: `g.save("x.onnx")`.

One small function per method (or group) makes the ONNX nodes that compute the same; a method without one is a GraphError that names it.
"""

import re
from pathlib import Path

import numpy as np

from upreg.errors import GraphError
from upreg.onnx_ops import OTHER, SAME
from upreg.registry import COMPUTED, Method

OPSET = 21
EXPORTERS = {}
ONNX_TYPES = "float32 uint8 int8 uint16 int16 int32 int64 string bool float16 float64".split()  # ONNX's numbers 1 to 11


def exporter(*methods):
    def register(function):
        for method in methods:
            EXPORTERS[method] = function
        return function

    return register


def _same(op):
    return lambda call: call.emit(op, call.inputs)


EXPORTERS |= {re.sub(r"(?<!^)(?=[A-Z])", "_", op).lower(): _same(op) for op in SAME}
EXPORTERS |= {method: _same(op) for op, method in OTHER.items()}
EXPORTERS |= {"pow": _same("Pow"), "matmul": _same("MatMul"), "gather_nd": _same("GatherND")}


class Call:
    """One node on its way out."""

    def __init__(self, model, node, names):
        self.model, self.node, self.names = model, node, names
        self.method = node.method.info["method"]
        kinds = {p["name"]: p["kind"] for p in node.method.info["params"]}
        self.params = {k: float(v) if kinds.get(k) == "float" and isinstance(v, int) else v for k, v in node.method.params.items()}
        self.inputs = [None if n is None else names[n] for n in node.inputs]
        self.values = dict(zip(getattr(node.method, "computed", ()), (names[n] for n in node.computed)))
        self._made = 0

    def fail(self, what):
        raise GraphError(f"node '{self.node.name}' ({self.node.method.text}): {what} cannot be written as ONNX")

    def name(self):
        self._made += 1
        while (name := f"{self.node.name}/{self._made}") in self.model.taken:
            self._made += 1
        return name

    def emit(self, op, inputs, outputs=1, **attributes):
        """Adds an ONNX node; the name of its output, or a list of them."""
        names = [self.name() for _ in range(outputs)]
        self.model.add(op, inputs, names, attributes)
        return names[0] if outputs == 1 else names

    def const(self, array):
        return self.model.constant(np.asarray(array), self.name())

    def ints(self, *numbers):
        return self.const(np.array(numbers, np.int64))

    def known(self, place):
        """The array of a constant input, else None."""
        name = self.node.inputs[place] if place < len(self.node.inputs) else None
        return self.model.graph.constants.get(name)

    def shape(self, value):
        return self.model.shapes[value]

    def rank(self, place=0):
        return len(self.model.shapes[self.node.inputs[place]])

    def dtype(self, place=0):
        return self.model.types[self.node.inputs[place]]

    def spatial(self):
        """Number of spatial axes; only channels-first maps can be written."""
        if self.params.get("layout", "NCX") != "NCX":
            self.fail(f"layout {self.params['layout']}")
        return self.rank() - 2

    def per_axis(self, key, rank):
        value = self.params[key]
        return list(value) * (rank if len(value) == 1 else 1) if isinstance(value, list) else [value] * rank

    def pairs(self, key, rank):
        """Begin and end amounts in ONNX's order."""
        value = self.params[key]
        if isinstance(value, int):
            return [value] * 2 * rank
        pairs = value if isinstance(value[0], list) else [value] if rank == 1 and len(value) == 2 else [[n, n] for n in value]
        pairs = list(pairs) * (rank if len(pairs) == 1 else 1)
        return [b for b, _ in pairs] + [e for _, e in pairs]

    def tensor(self, key):
        """A parameter as an int64 input: computed, or a constant."""
        if key in self.values:
            return self.values[key]
        value = self.params[key]
        return self.ints(*(value if isinstance(value, list) else [value]))

    def fixed(self, *keys):
        for key in keys:
            if self.params.get(key) == COMPUTED:
                self.fail(f"a computed '{key}'")


# ---- convolution ----


def _padding(call, rank):
    """(attributes, padding to be done before by a Pad node or None)."""
    padding, mode = call.params["padding"], call.params["padding_mode"]
    if isinstance(padding, str):
        names = {"valid": "VALID", "same_upper": "SAME_UPPER", "same_lower": "SAME_LOWER"}
        if padding not in names or mode != "zeros":
            call.fail(f"padding {padding} with padding_mode {mode}")
        return dict(auto_pad=names[padding]), None
    pads = call.pairs("padding", rank)
    return (dict(pads=pads), None) if mode == "zeros" or not any(pads) else ({}, pads)


def _pad(call, x, pads, mode, value=0.0, before=2, after=0):
    """before, after: how many axes that stay stand before and after the spatial ones."""
    rank = len(pads) // 2
    names = {"zeros": "constant", "constant": "constant", "reflect": "reflect", "replicate": "edge", "circular": "wrap"}
    if mode not in names:
        call.fail(f"padding_mode {mode}")
    whole = call.ints(*[0] * before, *pads[:rank], *[0] * (after + before), *pads[rank:], *[0] * after)
    fill = [call.const(np.array(value, call.dtype()))] if mode == "constant" else []
    return call.emit("Pad", [x, whole, *fill], mode=names[mode])


def _weights(call, rank):
    """The inputs with the kernel mirrored where `flip` asks for it."""
    inputs = list(call.inputs)
    if call.params["flip"]:
        weight = call.known(1)
        if weight is None:
            call.fail("flip of a weight that is not constant")
        inputs[1] = call.const(np.ascontiguousarray(np.flip(weight, tuple(range(2, rank + 2)))))
    return inputs


@exporter("conv")
def conv(call):
    rank = call.spatial()
    attributes, before = _padding(call, rank)
    x, *rest = _weights(call, rank)
    upscale = call.per_axis("upscale", rank)
    if any(n != 1 for n in upscale):
        scales = call.const(np.array([1, 1, *upscale], np.float32))
        x = call.emit("Resize", [x, None, scales], mode="nearest", coordinate_transformation_mode="asymmetric", nearest_mode="floor")
    if before:
        x = _pad(call, x, before, call.params["padding_mode"], call.params["value"])
    group = call.params["groups"]
    return call.emit("Conv", [x, *rest], strides=call.per_axis("stride", rank), dilations=call.per_axis("dilation", rank), group=group, **attributes)


@exporter("conv_transpose")
def conv_transpose(call):
    call.fixed("output_size", "crop")
    rank, params = call.spatial(), call.params
    if params["crop"] is not None or params["padding_mode"] != "zeros":
        call.fail("crop, or a padding_mode other than zeros,")
    attributes, _ = _padding(call, rank)
    if params["output_size"] is not None:
        attributes = {**{k: v for k, v in attributes.items() if k == "auto_pad"}, "output_shape": call.per_axis("output_size", rank)}
        if params["side"] != "onnx":
            call.fail(f"output_size with side {params['side']}")
    elif any(call.per_axis("output_padding", rank)):
        attributes["output_padding"] = call.per_axis("output_padding", rank)
    strides, dilations = call.per_axis("stride", rank), call.per_axis("dilation", rank)
    return call.emit("ConvTranspose", _weights(call, rank), strides=strides, dilations=dilations, group=params["groups"], **attributes)


# ---- pools ----


def _window(call, rank):
    attributes, _ = _padding_of_pool(call, rank)
    stride = call.per_axis("stride", rank) if call.params["stride"] is not None else call.per_axis("kernel", rank)
    more = {"dilations": call.per_axis("dilation", rank)} if any(d != 1 for d in call.per_axis("dilation", rank)) else {}
    return dict(kernel_shape=call.per_axis("kernel", rank), strides=stride, ceil_mode=int(call.params["ceil_mode"]), **attributes, **more)


def _padding_of_pool(call, rank):
    padding = call.params["padding"]
    if isinstance(padding, str):
        return dict(auto_pad={"valid": "VALID", "same_upper": "SAME_UPPER", "same_lower": "SAME_LOWER"}[padding]), None
    return dict(pads=call.pairs("padding", rank)), None


@exporter("max_pool")
def max_pool(call):
    attributes = _window(call, call.spatial())
    if not call.params["return_indices"]:
        return call.emit("MaxPool", call.inputs, **attributes)
    if call.params["indices"] != "global_flat" and not _only_unpooled(call):
        call.fail(f"indices {call.params['indices']} (ONNX has global_flat)")
    return call.emit("MaxPool", call.inputs, 2, storage_order=int(call.params["storage_order"] == "column"), **attributes)


def _only_unpooled(call):
    """Whether the indices only say where to unpool to: then it does not matter how they count."""
    indices = call.node.outputs[1]
    readers = [n for n in call.model.graph.nodes if indices in n.reads]
    return all(n.method.info["method"] == "max_unpool" for n in readers) and indices not in call.model.graph.outputs.values()


@exporter("avg_pool")
def avg_pool(call):
    if call.params["divisor_override"] is not None:
        call.fail("divisor_override")
    return call.emit("AveragePool", call.inputs, count_include_pad=int(call.params["count_include_pad"]), **_window(call, call.spatial()))


@exporter("max_unpool")
def max_unpool(call):
    rank, params = call.spatial(), call.params
    pool = next((n for n in call.model.graph.nodes if call.node.inputs[1] in n.outputs), None)
    if params["overlap"] != "last" or (params["indices"] != "global_flat" and (pool is None or pool.method.info["method"] != "max_pool")):
        call.fail("an overlap other than last, or indices other than global_flat or a pool's,")
    if params["output_size"] is not None:
        return _scattered(call, rank)
    stride = call.per_axis("stride", rank) if params["stride"] is not None else call.per_axis("kernel", rank)
    return call.emit("MaxUnpool", call.inputs, kernel_shape=call.per_axis("kernel", rank), strides=stride, pads=call.pairs("padding", rank))


def _scattered(call, rank):
    """Unpooling to a given size: ONNX's operator counts indices in the size that the window alone determines, so they are scattered."""
    x, indices = call.inputs
    size = call.values["output_size"] if "output_size" in call.values else call.ints(*call.per_axis("output_size", rank))
    shape = call.emit("Concat", [call.emit("Slice", [call.emit("Shape", [x]), call.ints(0), call.ints(2)]), size], axis=0)
    count = call.emit("ReduceProd", [shape], keepdims=1)
    zeros = call.emit("Expand", [call.const(np.zeros(1, call.dtype())), count])
    flat, places = call.emit("Reshape", [x, call.ints(-1)]), call.emit("Reshape", [indices, call.ints(-1, 1)])
    return call.emit("Reshape", [call.emit("ScatterND", [zeros, places, flat]), shape])


@exporter("lp_pool")
def lp_pool(call):
    cut_off = call.params["padding"] not in (0, "valid") or call.params["ceil_mode"]
    if call.params["sign_rule"] != "abs" and (call.params["p"] % 2 or cut_off):
        call.fail("sign_rule torch with an odd p, padding or ceil_mode")
    return call.emit("LpPool", call.inputs, p=int(call.params["p"]), **_window(call, call.spatial()))


@exporter("roi_pool")
def roi_pool(call):
    size = call.per_axis("size", call.spatial())
    if len(size) != 2 or len(call.inputs) > 2:
        call.fail("other than 2 spatial axes, or input 'batch',")
    return call.emit("MaxRoiPool", call.inputs, pooled_shape=size, spatial_scale=float(call.params["spatial_scale"]))


@exporter("roi_align")
def roi_align(call):
    size, params = call.per_axis("size", call.spatial()), call.params
    if len(size) != 2 or len(call.inputs) < 3:
        call.fail("other than 2 spatial axes, or without input 'batch',")
    coordinates = "half_pixel" if params["aligned"] else "output_half_pixel"
    attributes = dict(output_height=size[0], output_width=size[1], spatial_scale=float(params["spatial_scale"]), mode=params["mode"])
    return call.emit("RoiAlign", call.inputs, sampling_ratio=params["sampling_ratio"], coordinate_transformation_mode=coordinates, **attributes)


@exporter("global_lp_pool")
def global_lp_pool(call):
    return call.emit("GlobalLpPool", call.inputs, p=int(call.params["p"]))


# ---- warps ----


@exporter("grid_sample")
def grid_sample(call):
    rank, params = call.spatial(), call.params
    if params["mode"] == "cubic" and rank != 2:
        call.fail("mode cubic other than in 2-D")
    return call.emit("GridSample", call.inputs, mode=params["mode"], padding_mode=params["padding_mode"], align_corners=int(params["align_corners"]))


@exporter("affine_grid")
def affine_grid(call):
    images = call.emit("Slice", [call.emit("Shape", call.inputs), call.ints(0), call.ints(1)])
    size = call.values["size"] if "size" in call.values else call.ints(*call.per_axis("size", call.shape(call.node.inputs[0])[2] - 1))
    size = call.emit("Concat", [images, call.ints(1), size], axis=0)
    return call.emit("AffineGrid", [call.inputs[0], size], align_corners=int(call.params["align_corners"]))


# ---- resizing ----


RESIZE_HAS = {  # what ONNX's operator can say
    "size_rule": ["floor"],
    "box": [None],
    "translate": [0],
    "outside": ["border"],
    "reducing_gap": [None],
    "arith": ["upreg", "torch", "double"],
    "border": ["auto", "replicate", "renormalize"],
}


@exporter("nearest", "linear", "cubic")
def resize(call):
    rank, params = call.spatial(), call.params
    coordinates = "align_corners" if params.get("align_corners") else params["coordinates"]
    attributes = dict(mode=call.method, coordinate_transformation_mode=coordinates)
    if call.method == "nearest":
        if coordinates == "tf_half_pixel_for_nn":
            attributes["coordinate_transformation_mode"], params = "half_pixel", {**params, "rounding": "round_prefer_ceil"}
        attributes["nearest_mode"] = params["rounding"]
    else:
        excluded = params["border"] == "renormalize" or (params["antialias"] and params["border"] == "auto")
        attributes |= dict(antialias=int(params["antialias"]), exclude_outside=int(excluded))
    if call.method == "cubic":
        attributes["cubic_coeff_a"] = float(-0.5 if params["antialias"] and params["a"] is None else params["a"])
    attributes["axes"] = list(range(2, rank + 2))
    roi = None
    if params["roi"] is not None:
        roi = call.values.get("roi") or call.const(np.array(params["roi"], np.float32))
    for name, value in RESIZE_HAS.items():
        if name in params and params[name] not in value:
            call.fail(f"{name} = {params[name]!r}")
    if params["size"] is not None:
        sizes = call.values["size"] if "size" in call.values else call.ints(*call.per_axis("size", rank))
        return call.emit("Resize", [call.inputs[0], roi, None, sizes], **attributes)
    if params["recompute_scale"] or params["scale"] == COMPUTED:
        call.fail("recompute_scale, or a computed scale,")
    scales = call.const(np.array(call.per_axis("scale", rank), np.float32))
    return call.emit("Resize", [call.inputs[0], roi, scales], **attributes)


# ---- rearranging ----


@exporter("pixel_shuffle", "pixel_unshuffle")
def shuffle(call):
    rank = call.spatial()
    scale = call.per_axis("scale", rank)
    if rank == 2 and scale[0] == scale[1] and (call.method == "pixel_shuffle" or call.params["order"] == "dcr"):
        mode = dict(mode=call.params["order"].upper()) if call.method == "pixel_shuffle" else {}
        return call.emit("DepthToSpace" if mode else "SpaceToDepth", call.inputs, blocksize=scale[0], **mode)
    return _spelt_shuffle(call, rank, scale)


def _spelt_shuffle(call, rank, scale):
    """Reshape, transpose, reshape, with what is not known of the shape computed from it."""
    lengths = call.emit("Shape", call.inputs[:1])
    batch, space = call.emit("Slice", [lengths, call.ints(0), call.ints(1)]), call.emit("Slice", [lengths, call.ints(2), call.ints(2 + rank)])
    each = [call.emit("Slice", [space, call.ints(i), call.ints(i + 1)]) for i in range(rank)]
    r, rest = [call.ints(n) for n in scale], call.ints(-1)
    crd = call.params["order"] == "crd"
    if call.method == "pixel_shuffle":
        inside = [batch, rest, *r, *each] if crd else [batch, *r, rest, *each]
        c, parts, places = (
            (1, range(2, 2 + rank), range(2 + rank, 2 + 2 * rank)) if crd else (1 + rank, range(1, 1 + rank), range(2 + rank, 2 + 2 * rank))
        )
        order = [0, c, *(a for pair in zip(places, parts) for a in pair)]
        outside = [batch, rest, *(call.emit("Mul", pair) for pair in zip(each, r))]
    else:
        cells = [call.emit("Div", pair) for pair in zip(each, r)]
        inside = [batch, call.emit("Slice", [lengths, call.ints(1), call.ints(2)]), *(v for pair in zip(cells, r) for v in pair)]
        places, parts = range(2, 2 + 2 * rank, 2), range(3, 3 + 2 * rank, 2)
        order = [0, 1, *parts, *places] if crd else [0, *parts, 1, *places]
        outside = [batch, rest, *cells]
    six = call.emit("Reshape", [call.inputs[0], call.emit("Concat", inside, axis=0)])
    return call.emit("Reshape", [call.emit("Transpose", [six], perm=order), call.emit("Concat", outside, axis=0)])


@exporter("channel_shuffle")
def channel_shuffle(call):
    rank, lengths = call.spatial(), call.emit("Shape", call.inputs)
    batch, space = call.emit("Slice", [lengths, call.ints(0), call.ints(1)]), call.emit("Slice", [lengths, call.ints(2), call.ints(2 + rank)])
    apart = call.emit("Reshape", [call.inputs[0], call.emit("Concat", [batch, call.ints(call.params["groups"], -1), space], axis=0)])
    return call.emit("Reshape", [call.emit("Transpose", [apart], perm=[0, 2, 1, *range(3, rank + 3)]), lengths])


@exporter("pad")
def pad(call):
    call.fixed("amount")
    before, after = {"NCX": (2, 0), "NXC": (1, 1), "CX": (1, 0), "XC": (0, 1), "X": (0, 0)}[call.params["layout"]]
    pads = call.pairs("amount", call.rank() - before - after)
    return _pad(call, call.inputs[0], pads, call.params["padding_mode"], call.params["value"], before, after)


@exporter("crop")
def crop(call):
    call.fixed("crop", "size", "offset")
    rank, params = call.spatial(), call.params
    axes = call.ints(*range(2, rank + 2))
    if params["crop"] is not None:
        pairs = call.pairs("crop", rank)
        stops = [-e if e else np.iinfo(np.int64).max for e in pairs[rank:]]
        return call.emit("Slice", [call.inputs[0], call.ints(*pairs[:rank]), call.ints(*stops), axes])
    if params["offset"] is None:
        call.fail("a crop to the middle")
    begins = call.per_axis("offset", rank)
    if params["size"] is None:
        ends = call.emit("Add", [call.ints(*begins), call.emit("Shape", call.inputs[1:2], start=2)])
        return call.emit("Slice", [call.inputs[0], call.ints(*begins), ends, axes])
    sizes = call.per_axis("size", rank)
    return call.emit("Slice", [call.inputs[0], call.ints(*begins), call.ints(*(b + n for b, n in zip(begins, sizes))), axes])


@exporter("slice")
def slice_(call):
    axis = call.params["axis"]
    if "axis" in call.values:
        call.fail("computed axes")
    counts = [len(v) for v in call.params.values() if isinstance(v, list)]
    counts += [call.shape(n)[0] for n in call.node.computed]
    count = max(counts, default=1)
    axes = list(range(count)) if axis is None else axis if isinstance(axis, list) else [axis]
    step = call.params["step"]
    steps = step if isinstance(step, list) else [1 if step == COMPUTED else step] * count
    far = [np.iinfo(np.int64).max if s > 0 else np.iinfo(np.int64).min + 1 for s in steps]

    def numbers(key, value):
        return call.values[key] if key in call.values else call.ints(*(value if isinstance(value, list) else [value] * count))

    stop = far if call.params["stop"] is None else call.params["stop"]
    return call.emit(
        "Slice", [call.inputs[0], numbers("start", call.params["start"]), numbers("stop", stop), call.ints(*axes), numbers("step", step)]
    )


@exporter("concat")
def concat(call):
    call.fixed("axis")
    return call.emit("Concat", call.inputs, axis=call.params["axis"])


@exporter("reshape")
def reshape(call):
    return call.emit("Reshape", [call.inputs[0], call.tensor("shape")], allowzero=int(not call.params["zero_copies"]))


@exporter("flatten")
def flatten(call):
    return call.emit("Flatten", call.inputs, axis=call.params["axis"])


@exporter("squeeze", "unsqueeze")
def squeeze(call):
    return call.emit(call.method.capitalize(), [call.inputs[0]] + ([call.tensor("axis")] if call.params["axis"] is not None else []))


@exporter("transpose")
def transpose(call):
    axis = call.params["axis"]
    rank = call.rank()
    return (
        call.emit("Transpose", call.inputs, perm=[a % rank for a in ([axis] if isinstance(axis, int) else axis)])
        if axis is not None
        else _same("Transpose")(call)
    )


@exporter("expand")
def expand(call):
    return call.emit("Expand", [call.inputs[0], call.tensor("shape")])


@exporter("tile")
def tile(call):
    repeats = call.params["repeats"]
    fixed = call.ints(*([repeats] * call.rank())) if isinstance(repeats, int) else None
    return call.emit("Tile", [call.inputs[0], fixed or call.tensor("repeats")])


@exporter("gather")
def gather(call):
    return call.emit("Gather", call.inputs, axis=call.params["axis"])


@exporter("scatter_nd")
def scatter_nd(call):
    if call.params["onto"] != "x":
        call.fail("scattering onto zeros")
    return call.emit("ScatterND", call.inputs, reduction=call.params["reduction"])


@exporter("shape")
def shape(call):
    ends = {} if call.params["stop"] is None else {"end": call.params["stop"]}
    return call.emit("Shape", call.inputs, start=call.params["start"], **ends)


@exporter("range")
def range_(call):
    numbers = [call.values[k] if k in call.values else call.const(np.array(call.params[k], call.dtype())) for k in ("start", "stop", "step")]
    return call.emit("Range", [call.emit("Reshape", [n, call.ints()]) for n in numbers])


@exporter("cast")
def cast(call):
    return call.emit("Cast", call.inputs, to=call.model.onnx_type(call.params["to"]))


# ---- dense layers, norms ----


@exporter("linear_layer")
def linear_layer(call):
    if call.rank() == 2:
        return call.emit("Gemm", call.inputs, transB=1)
    y = call.emit("MatMul", [call.inputs[0], call.emit("Transpose", call.inputs[1:2], perm=[1, 0])])
    return call.emit("Add", [y, call.inputs[2]]) if len(call.inputs) > 2 and call.inputs[2] else y


def _ones_and_zeros(call, channels):
    """Weight and bias, 1 and 0 where there are none."""
    given = call.inputs[1:3] + [None] * (3 - len(call.inputs))
    defaults = np.ones(channels, call.dtype()), np.zeros(channels, call.dtype())
    return [v or call.const(d) for v, d in zip(given, defaults)]


def _channels(call):
    channels = call.shape(call.node.inputs[0])[1]
    if channels is None:
        call.fail("a free number of channels")
    return channels


@exporter("batch_norm")
def batch_norm(call):
    call.spatial()
    if call.params["training"]:
        call.fail("training")
    return call.emit("BatchNormalization", [call.inputs[0], *_ones_and_zeros(call, _channels(call)), *call.inputs[3:5]], epsilon=call.params["eps"])


@exporter("instance_norm")
def instance_norm(call):
    call.spatial()
    return call.emit("InstanceNormalization", [call.inputs[0], *_ones_and_zeros(call, _channels(call))], epsilon=call.params["eps"])


@exporter("group_norm")
def group_norm(call):
    call.spatial()
    weights = _ones_and_zeros(call, _channels(call))
    return call.emit("GroupNormalization", [call.inputs[0], *weights], epsilon=call.params["eps"], num_groups=call.params["groups"])


# ---- methods whose parameters are attributes ----


def _attributes(op, **names):
    """names: attribute = parameter."""
    return lambda call: call.emit(op, call.inputs, **{key: call.params[old] for key, old in names.items() if call.params[old] is not None})


EXPORTERS |= {
    "leaky_relu": _attributes("LeakyRelu", alpha="slope"),
    "elu": _attributes("Elu", alpha="alpha"),
    "celu": _attributes("Celu", alpha="alpha"),
    "selu": _attributes("Selu", alpha="alpha", gamma="gamma"),
    "hard_sigmoid": _attributes("HardSigmoid", alpha="alpha", beta="beta"),
    "thresholded_relu": _attributes("ThresholdedRelu", alpha="alpha"),
    "shrink": _attributes("Shrink", lambd="lambd", bias="bias"),
    "gelu": _attributes("Gelu", approximate="approximate"),
    "softmax": _attributes("Softmax", axis="axis"),
    "log_softmax": _attributes("LogSoftmax", axis="axis"),
    "layer_norm": _attributes("LayerNormalization", axis="axis", epsilon="eps"),
    "lrn": _attributes("LRN", size="size", alpha="alpha", beta="beta", bias="bias"),
    "lp_normalize": _attributes("LpNormalization", axis="axis", p="p"),
}


@exporter("swish")
def swish(call):
    """ONNX has it from opset 24 on; spelt out here."""
    x, alpha = call.inputs[0], call.params["alpha"]
    scaled = x if alpha == 1 else call.emit("Mul", [x, call.const(np.array(alpha, call.dtype()))])
    return call.emit("Mul", [x, call.emit("Sigmoid", [scaled])])


@exporter("prelu")
def prelu(call):
    rank = call.spatial()
    slope = call.emit("Reshape", [call.inputs[1], call.ints(-1, *[1] * rank)])
    return call.emit("PRelu", [call.inputs[0], slope])


@exporter("clip")
def clip(call):
    bounds = [
        None if v is None else call.values.get(k) or call.const(np.array(v, call.dtype())) for k, v in call.params.items() if k in ("min", "max")
    ]
    return call.emit("Clip", [call.inputs[0], *bounds])


@exporter("quantize_linear", "dequantize_linear", "fake_quantize")
def quantize(call):
    scales = {key: call.params[key] for key in ("axis", "block_size") if key == "axis" or call.params[key]}
    if call.method == "dequantize_linear":
        return call.emit("DequantizeLinear", call.inputs, **scales)
    zero = call.inputs[2] if len(call.inputs) > 2 else call.const(np.zeros(call.shape(call.node.inputs[1]), call.params["to"]))
    whole = call.emit("QuantizeLinear", [*call.inputs[:2], zero], **scales)
    return whole if call.method == "quantize_linear" else call.emit("DequantizeLinear", [whole, call.inputs[1], zero], **scales)


@exporter("mod")
def mod(call):
    return call.emit("Mod", call.inputs, fmod=int(call.params["fmod"]))


def _reduce(op):
    def reduction(call):
        axis = call.params["axis"]
        axes = [] if axis is None else [call.tensor("axis")]
        return call.emit(op, [call.inputs[0], *axes], keepdims=int(call.params["keepdims"]), noop_with_empty_axes=int(axis == []))

    return reduction


for _name in "Sum Mean Max Min Prod L1 L2 LogSum LogSumExp SumSquare".split():
    _method = {"LogSum": "log_sum", "LogSumExp": "log_sum_exp", "SumSquare": "sum_square"}.get(_name, _name.lower())
    EXPORTERS["reduce_" + _method] = _reduce("Reduce" + _name)


@exporter("argmax", "argmin")
def arg(call):
    flags = {key: int(call.params[key]) for key in ("keepdims", "select_last_index")}
    return call.emit("ArgMax" if call.method == "argmax" else "ArgMin", call.inputs, axis=call.params["axis"], **flags)


# ---- the model ----


class Model:
    """An ONNX graph under construction."""

    def __init__(self, graph, onnx):
        self.graph, self.onnx = graph, onnx
        self.nodes, self.initialisers = [], []
        self.taken = {*graph.inputs, *graph.outputs, *graph.constants, *(o for node in graph.nodes for o in node.outputs)}
        specs, _ = graph._example_shapes()
        self.shapes, self.types = {}, {}
        for name, spec in graph._infer_specs(specs).items():
            if spec is not None:
                self.shapes[name], self.types[name] = spec

    def onnx_type(self, name):
        if name == "bfloat16":
            return self.onnx.TensorProto.BFLOAT16
        return {n: i + 1 for i, n in enumerate(ONNX_TYPES)}[name]

    def constant(self, array, name):
        self.initialisers.append(self.onnx.numpy_helper.from_array(np.asarray(array, order="C"), name))
        return name

    def add(self, op, inputs, outputs, attributes):
        inputs = list(inputs)
        while inputs and inputs[-1] is None:
            inputs.pop()
        self.nodes.append(self.onnx.helper.make_node(op, ["" if n is None else n for n in inputs], outputs, **attributes))

    def run(self):
        names = {n: n for n in self.graph.inputs}
        used = {n for node in self.graph.nodes for n in node.reads} | set(self.graph.outputs.values())
        for name, array in self.graph.constants.items():
            if name in used:
                names[name] = self.constant(array, name)
        for node in self.graph.nodes:
            if not isinstance(node.method, Method):
                raise GraphError(f"node '{node.name}': a method written in Python cannot be written as ONNX")
            write = EXPORTERS.get(node.method.info["method"])
            if write is None:
                raise GraphError(f"node '{node.name}': the method {node.method.name} cannot be written as ONNX")
            made = write(Call(self, node, names))
            for output, value in zip(node.outputs, made if isinstance(made, list) else [made]):
                names[output] = self.rename(value, output)
        for output, value in self.graph.outputs.items():
            if output != names[value]:
                self.add("Identity", [names[value]], [output], {})
        return names

    def rename(self, value, name):
        """Gives an ONNX value the name that it has in the graph."""
        for node in self.nodes:
            for names in (node.input, node.output):
                for i, n in enumerate(names):
                    if n == value:
                        names[i] = name
        return name


def save(graph, path):
    """Writes an ONNX model of opset 21."""
    from upreg.files import write_whole
    from upreg.onnx_io import _onnx

    onnx = _onnx()
    graph._check_ready()
    model = Model(graph, onnx)
    model.run()
    inputs = [_info(onnx, model, name, shape, dtype) for name, (shape, dtype) in graph.inputs.items()]
    outputs = []
    for name, value in graph.outputs.items():
        dtype = "bool" if name in graph.truths else model.types[value]
        outputs.append(onnx.helper.make_tensor_value_info(name, model.onnx_type(dtype), [None] * len(model.shapes[value])))
    made = onnx.helper.make_graph(model.nodes, "upreg", inputs, outputs, model.initialisers)
    whole = onnx.helper.make_model(made, opset_imports=[onnx.helper.make_opsetid("", OPSET)], producer_name="upreg", ir_version=10)
    try:
        onnx.checker.check_model(whole)
    except onnx.checker.ValidationError as error:
        raise GraphError(f"{path}: the model would not be valid: {error}") from None
    write_whole(Path(path), [whole.SerializeToString()])


def _info(onnx, model, name, shape, dtype):
    sizes = [n if n is not None else f"{name}_{i}" for i, n in enumerate(shape)]
    return onnx.helper.make_tensor_value_info(name, model.onnx_type(dtype), sizes)
