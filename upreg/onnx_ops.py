"""What each ONNX operator becomes: one small function per operator (or group), registered in `OPERATORS` under its name.

A function gets a `Call` (inputs as value names, attributes by name, the opset) and returns the value names of the outputs. It makes nodes with
`call.node(method, inputs, **params)`; a parameter that is a `Ref` is computed from that value when shapes are known. Whatever has only constant
inputs is computed at once, so weights in unusual forms and shape arithmetic without free sizes leave no nodes behind.
"""

import re

import numpy as np

from upreg.errors import GraphError

OPERATORS = {}

# Operators without attributes whose method has the same name, and those whose method has another.
SAME = (
    "Abs Acos Acosh Add Asin Asinh Atan Atanh Ceil Cos Cosh Div Equal Erf Exp Floor Greater GreaterOrEqual HardSwish Identity Less LessOrEqual Log "
    "Mean Mish Mul Neg Reciprocal Relu Round Sigmoid Sign Sin Sinh Softplus Softsign Sqrt Sub Tan Tanh Where BitwiseAnd BitwiseOr BitwiseXor "
    "BitwiseNot"
).split()
OTHER = {
    "And": "logical_and",
    "Or": "logical_or",
    "Xor": "logical_xor",
    "Not": "logical_not",
    "GreaterOrEqual": "greater_equal",
    "LessOrEqual": "less_equal",
    "IsNaN": "is_nan",
    "Max": "maximum",
    "Min": "minimum",
    "Sum": "add",
    "GlobalAveragePool": "global_avg_pool",
    "GlobalMaxPool": "global_max_pool",
}
TRUTHS = {"equal", "less", "greater", "less_equal", "greater_equal", "logical_and", "logical_or", "logical_xor", "logical_not", "is_nan", "is_inf"}


MOST_WITH_GRADIENT = 8  # inputs of maximum and minimum


class Ref(str):
    """A value that a parameter is computed from."""


def operator(*names):
    def register(function):
        for name in names:
            OPERATORS[name] = function
        return function

    return register


def _plain(method):
    def plain(call):
        of_second = 1 if method == "where" else 0  # whose element type the result has
        kind = "bool" if method in TRUTHS else call.type(of_second)
        inputs = [n for n in call.inputs if n is not None]
        while method in ("maximum", "minimum") and len(inputs) > MOST_WITH_GRADIENT:  # of the first ones first: the same result, and gradient
            inputs = [call.node(method, inputs[:MOST_WITH_GRADIENT], type=kind), *inputs[MOST_WITH_GRADIENT:]]
        return [call.node(method, inputs, type=kind)]

    return plain


OPERATORS |= {name: _plain(re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()) for name in SAME}
OPERATORS |= {name: _plain(method) for name, method in OTHER.items()}


# ---- helpers ----


def spatial_pads(call, rank):
    """The `padding` of a window operator from pads or auto_pad."""
    auto = call.attr("auto_pad", "NOTSET")
    if auto not in ("NOTSET", ""):
        return {"SAME_UPPER": "same_upper", "SAME_LOWER": "same_lower", "VALID": "valid"}[auto]
    pads = call.attr("pads") or [0] * 2 * rank
    if len(pads) != 2 * rank:
        raise GraphError(f"the attribute pads has {len(pads)} numbers for {rank} spatial axes")
    return [list(pair) for pair in zip(pads[:rank], pads[rank:])] if any(pads) else 0


def window(call, rank=None):
    """(rank, parameters) of a window operator with kernel_shape."""
    kernel = call.attr("kernel_shape")
    if kernel is None and rank is None:
        raise GraphError("the attribute kernel_shape is missing")
    rank = rank or len(kernel)
    params = dict(stride=call.attr("strides") or [1] * rank, padding=spatial_pads(call, rank))
    if call.attr("dilations"):
        params["dilation"] = call.attr("dilations")
    return rank, params


def kernel_rank(call):
    """Spatial axes of a convolution, from its kernel_shape or its weight."""
    kernel = call.attr("kernel_shape")
    return len(kernel) if kernel else call.rank(1) - 2


def axes_of(call, place, attribute="axes"):
    """Axes from an input (newer opsets) or an attribute (older ones): a list, a Ref, or None."""
    if call.has(place):
        return call.ref(place)
    return call.attr(attribute)


def part(call, value, start=None, stop=None):
    """value[start:stop] of a 1-D value of integers."""
    return call.node("slice", [value], axis=0, **({} if start is None else dict(start=start)), **({} if stop is None else dict(stop=stop)))


def length_of(call, value, axis):
    """Length of one axis, as a value of one number."""
    return call.node("shape", [value], start=axis, **({} if axis == -1 else dict(stop=axis + 1)))


def integers(call, *numbers):
    return call.const(np.array(numbers, np.int64))


# ---- convolution ----


@operator("Conv")
def conv(call):
    _, params = window(call, kernel_rank(call))
    return [call.node("conv", call.inputs, groups=call.attr("group", 1), **params)]


@operator("ConvTranspose")
def conv_transpose(call):
    rank, params = window(call, kernel_rank(call))
    if call.attr("output_padding"):
        params["output_padding"] = call.attr("output_padding")
    if call.attr("output_shape"):
        params["output_size"] = call.attr("output_shape")[-rank:]
        params.pop("output_padding", None)
        if not isinstance(params["padding"], str):
            params["padding"] = 0
    return [call.node("conv_transpose", call.inputs, groups=call.attr("group", 1), side="onnx", **params)]


# ---- pooling ----


@operator("MaxPool")
def max_pool(call):
    _, params = window(call)
    params |= dict(kernel=call.attr("kernel_shape"), ceil_mode=bool(call.attr("ceil_mode", 0)))
    if len(call.outputs) < 2 or not call.outputs[1]:
        return [call.node("max_pool", call.inputs, **params)]
    order = "column" if call.attr("storage_order", 0) else "row"
    return call.nodes("max_pool", call.inputs, return_indices=True, indices="global_flat", storage_order=order, **params)


@operator("AveragePool")
def average_pool(call):
    _, params = window(call)
    include = bool(call.attr("count_include_pad", 0))
    return [
        call.node(
            "avg_pool", call.inputs, kernel=call.attr("kernel_shape"), ceil_mode=bool(call.attr("ceil_mode", 0)), count_include_pad=include, **params
        )
    ]


@operator("GlobalLpPool")
def global_lp_pool(call):
    return [call.node("global_lp_pool", call.inputs, p=call.attr("p", 2))]


@operator("LpPool")
def lp_pool(call):
    _, params = window(call)
    ceil_mode = bool(call.attr("ceil_mode", 0))
    return [call.node("lp_pool", call.inputs, p=int(call.attr("p", 2)), kernel=call.attr("kernel_shape"), ceil_mode=ceil_mode, **params)]


@operator("MaxRoiPool")
def max_roi_pool(call):
    return [call.node("roi_pool", call.inputs, size=call.attr("pooled_shape"), spatial_scale=call.attr("spatial_scale", 1.0))]


@operator("RoiAlign")
def roi_align(call):
    coordinates = call.attr("coordinate_transformation_mode", "half_pixel" if call.opset >= 16 else "output_half_pixel")
    params = dict(spatial_scale=call.attr("spatial_scale", 1.0), sampling_ratio=call.attr("sampling_ratio", 0), mode=call.attr("mode", "avg"))
    size = [call.attr("output_height", 1), call.attr("output_width", 1)]
    return [call.node("roi_align", call.inputs, size=size, aligned=coordinates == "half_pixel", **params)]


@operator("MaxUnpool")
def max_unpool(call):
    kernel = call.attr("kernel_shape")
    rank, params = window(call)
    x, indices = call.inputs[:2]
    if not call.has(2):
        return [call.node("max_unpool", [x, indices], kernel=kernel, indices="global_flat", **params)]
    # Indices are flat over the size that the window alone determines; what output_shape adds to it are zeros at the end.
    y = call.node("max_unpool", [x, indices], kernel=kernel, indices="global_flat", **params)
    more = call.node("sub", [part(call, call.inputs[2], start=-rank), call.node("shape", [y], type="int64", start=2)])
    pairs = call.node("transpose", [call.node("reshape", [call.node("concat", [call.node("sub", [more, more]), more], axis=0)], shape=[2, rank])])
    return [call.node("pad", [y], amount=Ref(pairs))]


# ---- warps ----


@operator("GridSample")
def grid_sample(call):
    mode = call.attr("mode", "linear")
    mode = {"bilinear": "linear", "bicubic": "cubic"}.get(mode, mode)
    padding = call.attr("padding_mode", "zeros")
    return [call.node("grid_sample", call.inputs, mode=mode, padding_mode=padding, align_corners=bool(call.attr("align_corners", 0)))]


@operator("AffineGrid")
def affine_grid(call):
    size = call.ref_of(part(call, call.inputs[1], start=2))
    return [call.node("affine_grid", call.inputs[:1], size=size, align_corners=bool(call.attr("align_corners", 0)))]


# ---- resizing ----


@operator("Resize", "Upsample")
def resize(call):
    mode = call.attr("mode", "nearest")
    scales, sizes = _resize_targets(call)
    axes = call.attr("axes")
    rank = call.rank(0)
    if axes is None:
        axes = list(range(rank))
    axes = [a % rank for a in axes]
    keep = call.attr("keep_aspect_ratio_policy", "stretch")
    sizes, common = (sizes, None) if sizes is None or keep == "stretch" else _kept_aspect(call, axes, sizes, keep)
    target = scales if sizes is None else sizes
    coordinates = call.attr("coordinate_transformation_mode", "asymmetric" if call.op == "Upsample" or call.opset < 11 else "half_pixel")
    roi = call.inputs[1] if coordinates == "tf_crop_and_resize" else None
    layout, chosen = _resize_layout(call, axes, target, rank, scales is not None, roi)
    wanted = _chosen(call, target, chosen)
    params = dict(layout=layout, coordinates=coordinates, **({"size": wanted} if sizes is not None else {"scale": wanted}))
    if common is not None:
        params = dict(layout=layout, coordinates=coordinates, scale=call.ref_of(common), size_rule="half_up")
    if roi is not None:
        params["roi"] = _chosen_roi(call, roi, len(axes), chosen)
    if mode == "nearest":
        rounding = call.attr("nearest_mode", "floor" if call.op == "Upsample" or call.opset < 11 else "round_prefer_floor")
        y = call.node("nearest", call.inputs[:1], rounding=rounding, arith="double", **params)
    else:
        more = dict(border="renormalize" if call.attr("exclude_outside", 0) else "replicate")
        if call.attr("antialias", 0):
            more["antialias"] = True
        if mode == "cubic":
            more["a"] = call.attr("cubic_coeff_a", -0.75)
        y = call.node("cubic" if mode == "cubic" else "linear", call.inputs[:1], **more, **params)
    outside = call.attr("extrapolation_value", 0.0)
    return [y if roi is None or outside == 0 else _extrapolated(call, y, outside, params)]


def _kept_aspect(call, axes, sizes, policy):
    """(sizes, scale) of one scale for all axes, the largest with which nothing is larger than the sizes given, or the smallest with which nothing
    is smaller; the scale as a value of one number."""
    lengths = call.node("gather", [call.node("shape", call.inputs[:1], type="int64"), integers(call, *axes)])
    wide = call.node("cast", [lengths], type="float64", to="float64")
    ratios = call.node("div", [call.node("cast", [sizes], type="float64", to="float64"), wide])
    scale = call.node({"not_larger": "reduce_min", "not_smaller": "reduce_max"}[policy], [ratios], axis=[0])
    rounded = call.node("floor", [call.node("add", [call.node("mul", [wide, scale]), call.scalar(0.5, wide)])])
    return call.node("cast", [rounded], type="int64", to="int64"), scale


def _chosen_roi(call, roi, count, places):
    """Where the region begins on each resized axis, then where it ends; an axis that is not among those of the operator has all of it."""
    known = call.known(roi)
    if known is not None:
        return [float(outer if p is None else known[p + shift]) for shift, outer in ((0, 0), (count, 1)) for p in places]
    if None in places:
        raise GraphError("the region must be a constant, or given for every resized axis")
    return Ref(call.node("gather", [roi, integers(call, *places, *(p + count for p in places))]))


def _extrapolated(call, y, value, params):
    """y, with a value where coordinates are outside: there the nearest of ones is 0."""
    ones = call.node("expand", [call.const(np.uint8(1))], shape=Ref(call.node("shape", call.inputs[:1], type="int64")))
    inside = call.node("nearest", [ones], rounding="floor", arith="double", **params)
    return call.node("where", [inside, y, call.scalar(value, y)], type=call.type_of(y))


def _resize_targets(call):
    """(scales, sizes): one of them a value name or list, the other None."""
    if call.op == "Upsample":
        return (call.inputs[1] if call.has(1) else call.const(np.array(call.attr("scales"), np.float32))), None
    if call.opset < 11:
        return call.inputs[1], None
    sizes = call.inputs[3] if call.has(3) and not call.is_empty(3) else None
    scales = call.inputs[2] if call.has(2) and not call.is_empty(2) else None
    if (scales is None) == (sizes is None):
        raise GraphError("one of scales and sizes must be given")
    return (scales if sizes is None else None), sizes


def _resize_layout(call, axes, target, rank, is_scale, roi=None):
    """(layout, the places in `target` of its spatial axes): every other axis must stay as it is."""
    known = call.known(target)
    changed = set(axes)
    if known is not None and is_scale:
        changed = {a for a, s in zip(axes, known.tolist()) if s != 1}
    elif known is not None and call.shape(0) is not None:
        shape = call.shape(0)  # batch and channels of free size are not resized
        changed = {a for a, n in zip(axes, known.tolist()) if n != shape[a] and (shape[a] is not None or a >= 2)}
    elif rank >= 3 and len(axes) == rank:
        changed = set(range(2, rank))  # batch and channels are not resized
    region = call.known(roi)
    if region is not None:
        changed |= {a for a, begin, end in zip(axes, region, region[len(axes) :]) if (begin, end) != (0, 1)}
    layouts = [
        ("NCX", list(range(2, rank))),
        ("NXC", list(range(1, rank - 1))),
        ("X", list(range(rank))),
        ("CX", list(range(1, rank))),
        ("XC", list(range(rank - 1))),
    ]
    for layout, spatial in layouts:
        if 1 <= len(spatial) <= 3 and changed <= set(spatial) and set(spatial) <= set(axes):
            return layout, [axes.index(a) for a in spatial]
        if 1 <= len(spatial) <= 3 and changed <= set(spatial) and known is not None and is_scale:
            return layout, [axes.index(a) if a in axes else None for a in spatial]
    raise GraphError(f"resizing the axes {sorted(changed)} of {rank} is not supported; allowed: at most three neighbouring ones")


def _chosen(call, target, places):
    known = call.known(target)
    if known is not None:
        return [1.0 if p is None else known.tolist()[p] for p in places]
    return Ref(call.node("gather", [target, call.const(np.array(places, np.int64))]))


# ---- rearranging ----


@operator("DepthToSpace")
def depth_to_space(call):
    return [call.node("pixel_shuffle", call.inputs, scale=call.attr("blocksize"), order=call.attr("mode", "DCR").lower())]


@operator("SpaceToDepth")
def space_to_depth(call):
    return [call.node("pixel_unshuffle", call.inputs, scale=call.attr("blocksize"), order=call.attr("mode", "DCR").lower())]


@operator("Pad")
def pad(call):
    mode = {"constant": "constant", "reflect": "reflect", "edge": "replicate", "wrap": "circular"}[call.attr("mode", "constant")]
    params = dict(padding_mode=mode)
    if mode == "constant":
        value = call.number(2) if call.has(2) and not call.is_empty(2) else call.attr("value", 0.0)
        params = dict(padding_mode="zeros") if value == 0 else dict(padding_mode="constant", value=value)
    pads = call.inputs[1] if call.has(1) else call.const(np.array(call.attr("pads"), np.int64))
    rank = call.rank(0)
    axes = list(range(rank))
    if call.has(3):
        given = call.known(call.inputs[3])
        if given is None:
            pads = _pads_of_all(call, pads, rank)
        else:
            axes = [int(a) % rank for a in given]
    return [_padded(call, axes, pads, params)]


@operator("CenterCropPad")
def center_crop_pad(call):
    """What is missing is added, and what is too much cut off, half of it (rounded down) at the begin."""
    rank = call.rank(0)
    axes = [a % rank for a in call.attr("axes") or range(rank)]
    lengths = call.node("gather", [call.node("shape", [call.inputs[0]], type="int64"), integers(call, *axes)])
    more = call.node("sub", [call.int64(1), lengths])
    begin = call.node("div", [more, integers(call, 2)])  # towards 0
    return [_padded(call, axes, call.node("concat", [begin, call.node("sub", [more, begin])], axis=0), dict(padding_mode="zeros"))]


def _padded(call, axes, pads, params):
    """The first input with pads, those of the axes' begins before those of their ends."""
    rank, y = call.rank(0), call.inputs[0]
    known = call.known(pads)
    if known is None:
        pairs = call.node("transpose", [call.node("reshape", [pads], shape=[2, len(axes)])])
        for place, axis in enumerate(axes):
            y = _pad_axes(call, y, axis, axis + 1, Ref(part(call, pairs, start=place, stop=place + 1)), params)
        return y
    pairs = {a: [int(b), int(e)] for a, b, e in zip(axes, known[: len(axes)], known[len(axes) :]) if b or e}
    if pairs and min(pairs) >= 2 and rank <= 5:
        return call.node("pad", [y], amount=[pairs.get(a, [0, 0]) for a in range(2, rank)], **params)
    while pairs:  # up to three neighbouring axes at a time
        first = min(pairs)
        end = max(a for a in pairs if a < first + 3) + 1
        y = _pad_axes(call, y, first, end, [pairs.pop(a, [0, 0]) for a in range(first, end)], params)
    return y


def _pads_of_all(call, pads, rank):
    """The pads of every axis, from those of the axes that the last input names."""
    place = call.node("mod", [call.int64(3), integers(call, rank)])
    places = call.node("concat", [place, call.node("add", [place, integers(call, rank)])], axis=0)
    return call.node("scatter_nd", [integers(call, *[0] * 2 * rank), call.node("unsqueeze", [places], axis=[1]), pads])


def _pad_axes(call, x, first, end, amount, params):
    """Pads the axes [first, end) of x, seen as spatial ones: the last of an image, or those between a batch and channels. The views cost nothing."""
    rank = call.rank(0)
    if first < 2 and rank - first <= 3 and isinstance(amount, list):  # every axis stays an axis, along which tiles may lie
        new = [0, 1][first:]
        y = call.node("pad", [call.node("unsqueeze", [x], axis=new)], amount=amount + [[0, 0]] * (rank - end), **params)
        return call.node("squeeze", [y], axis=new)
    lengths = call.node("shape", [x], type="int64")
    before, after = part(call, lengths, stop=first), part(call, lengths, start=end)
    outer, inner = (call.node("reduce_prod", [p], axis=0) for p in (before, after))
    seen = call.node("concat", [outer, part(call, lengths, start=first, stop=end), inner], axis=0)
    y = call.node("pad", [call.node("reshape", [x], shape=Ref(seen))], amount=amount, layout="NXC", **params)
    whole = call.node("concat", [before, call.node("shape", [y], type="int64", start=1, stop=-1), after], axis=0)
    return call.node("reshape", [y], shape=Ref(whole))


@operator("Slice")
def slice_(call):
    if call.opset < 10:
        axes = call.attr("axes") or list(range(len(call.attr("starts"))))
        return [call.node("slice", call.inputs[:1], axis=axes, start=_clamped(call.attr("starts")), stop=_clamped(call.attr("ends")))]
    params = dict(start=call.ref(1), stop=call.ref(2))
    if call.has(3):
        params["axis"] = call.ref(3)
    if call.has(4):
        params["step"] = call.ref(4)
    for key, value in params.items():
        if isinstance(value, list):
            params[key] = _clamped(value)
    if [] in params.values():
        return call.inputs[:1]
    return [call.node("slice", call.inputs[:1], **params)]


def _clamped(numbers):
    """INT64_MIN marks an unset number in upreg; one more is as far out."""
    return [max(int(n), -(2**63) + 1) for n in numbers]


@operator("Concat")
def concat(call):
    return [call.node("concat", call.inputs, axis=call.attr("axis", 1))]


@operator("Split")
def split(call):
    axis, count = call.attr("axis", 0), len(call.outputs)
    if call.has(1) or call.attr("split"):
        sizes = call.known(call.inputs[1]) if call.has(1) else np.array(call.attr("split"))
        if sizes is None:
            sums = [call.node("reduce_sum", [part(call, call.inputs[1], stop=i)], axis=0) for i in range(count + 1)]
            return [call.node("slice", call.inputs[:1], axis=[axis], start=Ref(b), stop=Ref(e), step=[1]) for b, e in zip(sums, sums[1:])]
        ends = np.cumsum(sizes).tolist()
        return [call.node("slice", call.inputs[:1], axis=axis, start=int(e - n), stop=int(e)) for n, e in zip(sizes, ends)]
    shape = call.shape(0)
    if shape is not None and shape[axis] is not None:
        size = -(-shape[axis] // count)
        return [call.node("slice", call.inputs[:1], axis=axis, start=i * size, stop=(i + 1) * size) for i in range(count)]
    length = length_of(call, call.inputs[0], axis)
    size = call.node("div", [call.node("add", [length, integers(call, count - 1)]), integers(call, count)])
    ends = [call.node("mul", [size, integers(call, i)]) for i in range(count + 1)]
    return [call.node("slice", call.inputs[:1], axis=[axis], start=Ref(b), stop=Ref(e), step=[1]) for b, e in zip(ends, ends[1:])]


@operator("Reshape")
def reshape(call):
    shape = call.attr("shape") if call.opset < 5 else call.ref(1)
    if call.attr("allowzero", 0):
        return [call.node("reshape", call.inputs[:1], shape=shape, zero_copies=False)]
    return [call.node("reshape", call.inputs[:1], shape=shape)]


@operator("Transpose")
def transpose(call):
    return [call.node("transpose", call.inputs, **({"axis": call.attr("perm")} if call.attr("perm") else {}))]


@operator("Flatten")
def flatten(call):
    return [call.node("flatten", call.inputs, axis=call.attr("axis", 1))]


@operator("Squeeze")
def squeeze(call):
    axes = axes_of(call, 1)
    return [call.node("squeeze", call.inputs[:1], **({} if axes is None else {"axis": axes}))]


@operator("Unsqueeze")
def unsqueeze(call):
    return [call.node("unsqueeze", call.inputs[:1], axis=axes_of(call, 1))]


@operator("Gather")
def gather(call):
    return [call.node("gather", [call.inputs[0], call.int64(1)], axis=call.attr("axis", 0))]


@operator("GatherND")
def gather_nd(call):
    batch = call.attr("batch_dims", 0)
    return [call.node("gather_nd", [call.inputs[0], call.int64(1)], **({"batch_dims": batch} if batch else {}))]


@operator("ScatterND")
def scatter_nd(call):
    return [call.node("scatter_nd", [call.inputs[0], call.int64(1), call.inputs[2]], reduction=call.attr("reduction", "none"))]


@operator("Expand")
def expand(call):
    return [call.node("expand", call.inputs[:1], shape=call.ref(1))]


@operator("Tile")
def tile(call):
    return [call.node("tile", call.inputs[:1], repeats=call.ref(1))]


@operator("Shape")
def shape(call):
    params = {key: call.attr(old) for key, old in (("start", "start"), ("stop", "end")) if call.attr(old) is not None}
    return [call.node("shape", call.inputs, type="int64", **params)]


@operator("Size")
def size(call):
    return [call.node("reduce_prod", [call.node("shape", call.inputs, type="int64")], keepdims=False)]


@operator("Crop")
def crop(call):
    """The experimental operator of early PyTorch exports: border = left, top, right, bottom; scale = height, width."""
    left, top, right, bottom = (call.attr("border") or [0, 0, 0, 0])[:4]
    if call.attr("scale"):
        height, width = call.attr("scale")
        return [call.node("slice", call.inputs[:1], axis=[2, 3], start=[top, left], stop=[top + height, left + width])]
    return [call.node("crop", call.inputs[:1], crop=[[top, bottom], [left, right]])]


# ---- making values ----


@operator("Constant")
def constant(call):
    for key in ("value", "value_float", "value_floats", "value_int", "value_ints"):
        if call.attr(key) is not None:
            dtype = {"value": None, "value_float": np.float32, "value_floats": np.float32}.get(key, np.int64)
            return [call.const(np.array(call.attr(key), dtype))]
    raise GraphError("a constant of text or of a sparse tensor is not supported")


@operator("ConstantOfShape")
def constant_of_shape(call):
    value = call.attr("value")
    return [call.node("expand", [call.const(np.float32(0) if value is None else np.asarray(value).reshape(()))], shape=call.ref(0))]


@operator("Range")
def range_(call):
    return [call.node("range", call.inputs[:1], start=call.number(0), stop=call.number(1), step=call.number(2))]


@operator("Cast")
def cast(call):
    to = call.type_name(call.attr("to"))
    return [call.node("cast", call.inputs[:1], type=to, to=to)] if call.type(0) != to else call.inputs[:1]


@operator("CastLike")
def cast_like(call):
    to = call.type(1)
    return [call.node("cast", call.inputs[:1], type=to, to=to)] if call.type(0) != to else call.inputs[:1]


@operator("Dropout")
def dropout(call):
    training = call.known(call.inputs[2]) if call.has(2) else np.array(False)
    if training is None or training.any():
        raise GraphError("training_mode = true is not supported: its result is random")
    y = call.node("identity", call.inputs[:1])
    if len(call.outputs) < 2:
        return [y]
    ones = call.node("cast", [call.node("expand", [call.const(np.uint8(1))], shape=Ref(call.node("shape", call.inputs[:1])))], type="bool", to="bool")
    return [y, ones]


@operator("If")
def if_(call):
    condition = call.inputs[0]
    known = call.known(condition)
    if known is not None:
        return call.branch("then_branch" if np.asarray(known).any() else "else_branch")
    yes, no = call.branch("then_branch"), call.branch("else_branch")
    return [call.node("if_else", [condition, a, b], type=call.type_of(a)) for a, b in zip(yes, no)]


# ---- dense layers ----


@operator("Gemm")
def gemm(call):
    a, b = call.inputs[:2]
    alpha, beta = call.attr("alpha", 1.0), call.attr("beta", 1.0)
    if call.attr("transA", 0):
        a = call.node("transpose", [a])
    if not call.attr("transB", 0):
        b = call.node("transpose", [b])
    if alpha != 1:
        b = call.node("mul", [b, call.scalar(alpha, b)])
    c = call.inputs[2] if call.has(2) else None
    if c is not None and beta != 1:
        c = call.node("mul", [c, call.scalar(beta, c)])
    bias = call.known(c) if c is not None else None
    weight = call.known(b)
    if bias is not None and weight is not None and bias.shape == (weight.shape[0],):
        return [call.node("linear_layer", [a, b, c])]
    y = call.node("linear_layer", [a, b])
    return [y if c is None else call.node("add", [y, c])]


@operator("MatMul")
def matmul(call):
    weight = call.known(call.inputs[1])
    if weight is not None and weight.ndim == 2 and call.rank(0, missing=1) >= 2:
        return [call.node("linear_layer", [call.inputs[0], call.node("transpose", call.inputs[1:2])])]
    return [call.node("matmul", call.inputs)]


# ---- normalisation ----


@operator("BatchNormalization")
def batch_norm(call):
    eps = call.attr("epsilon", 1e-5)
    if not call.attr("training_mode", 0):
        return [call.node("batch_norm", call.inputs[:5], eps=eps)]
    x, scale, shift, *running = call.inputs
    y = call.node("batch_norm", [x, scale, shift], eps=eps, training=True)
    axes, keep = [0, *range(2, call.rank(0))], call.attr("momentum", 0.9)
    statistics = [call.node("reshape", [v], shape=[-1]) for v in moments(call, x, axes)]
    mixed = [
        call.node("add", [call.node("mul", [old, call.scalar(keep, old)]), call.node("mul", [new, call.scalar(1 - keep, new)])])
        for old, new in zip(running, statistics)
    ]
    return [y, *mixed]


@operator("InstanceNormalization")
def instance_norm(call):
    return [call.node("instance_norm", call.inputs, eps=call.attr("epsilon", 1e-5))]


@operator("GroupNormalization")
def group_norm(call):
    groups, (x, scale, bias) = call.attr("num_groups"), call.inputs
    if call.opset >= 21:
        return [call.node("group_norm", [x, scale, bias], groups=groups, eps=call.attr("epsilon", 1e-5))]
    scale, bias = (_per_channel(call, v, groups) for v in (scale, bias))  # opset 18 has one number per group
    return [call.node("group_norm", [x, scale, bias], groups=groups, eps=call.attr("epsilon", 1e-5))]


def _per_channel(call, value, groups):
    shape = call.shape(0)
    if shape is None or shape[1] is None:
        raise GraphError("GroupNormalization of opset 18 needs a known number of channels")
    wide = call.node("expand", [call.node("reshape", [value], shape=[groups, 1])], shape=[groups, shape[1] // groups])
    return call.node("reshape", [wide], shape=[-1])


@operator("LayerNormalization")
def layer_norm(call):
    axis, eps, x = call.attr("axis", -1), call.attr("epsilon", 1e-5), call.inputs[0]
    y = _norm_of_last_axes(call, "layer_norm", axis, eps)
    if not any(call.outputs[1:]):
        return [y]
    rank = call.rank(0)
    axes = list(range(axis % rank, rank))
    mean, var = moments(call, x, axes)
    return [y, mean, call.node("reciprocal", [call.node("sqrt", [call.node("add", [var, call.scalar(eps, x)])])])]


def moments(call, x, axes):
    """Mean and variance over axes, which stay with length 1."""
    mean = call.node("reduce_mean", [x], axis=axes)
    apart = call.node("sub", [x, mean])
    return mean, call.node("reduce_mean", [call.node("mul", [apart, apart])], axis=axes)


@operator("RMSNormalization")
def rms_norm(call):
    return [_norm_of_last_axes(call, "rms_norm", call.attr("axis", -1), call.attr("epsilon", 1e-5))]


def _norm_of_last_axes(call, method, axis, eps):
    """With weights of the shape of the last axes, or of any that broadcasts to x."""
    x = call.shape(0)
    shape = None if x is None else x[axis % len(x) :]
    weights = [place for place in (1, 2) if call.has(place)]
    if shape is None or all(call.shape(p) is None or _fits(call.shape(p), shape) for p in weights):
        return call.node(method, call.inputs, axis=axis, eps=eps)
    y = call.node(method, call.inputs[:1], axis=axis, eps=eps)
    for place in weights:
        y = call.node("mul" if place == 1 else "add", [y, call.inputs[place]])
    return y


def _fits(weight, shape):
    """Whether a weight has the shape of the last axes, as far as they are known; one of length 1 is taken to be repeated."""
    return len(weight) == len(shape) and all(w == n or (n is None and w != 1) or w is None for w, n in zip(weight, shape))


@operator("LRN")
def lrn(call):
    size = call.attr("size")
    return [call.node("lrn", call.inputs, size=size, alpha=call.attr("alpha", 1e-4), beta=call.attr("beta", 0.75), bias=call.attr("bias", 1.0))]


@operator("LpNormalization")
def lp_normalization(call):
    return [call.node("lp_normalize", call.inputs, axis=call.attr("axis", -1), p=call.attr("p", 2))]


# ---- activations with parameters ----


def _with_attributes(method, **names):
    """names: parameter = (attribute, default)."""
    return lambda call: [call.node(method, call.inputs, **{key: call.attr(old, default) for key, (old, default) in names.items()})]


OPERATORS |= {
    "LeakyRelu": _with_attributes("leaky_relu", slope=("alpha", 0.01)),
    "Elu": _with_attributes("elu", alpha=("alpha", 1.0)),
    "Celu": _with_attributes("celu", alpha=("alpha", 1.0)),
    "Selu": _with_attributes("selu", alpha=("alpha", 1.67326319217681884765625), gamma=("gamma", 1.05070102214813232421875)),
    "HardSigmoid": _with_attributes("hard_sigmoid", alpha=("alpha", 0.2), beta=("beta", 0.5)),
    "ThresholdedRelu": _with_attributes("thresholded_relu", alpha=("alpha", 1.0)),
    "Shrink": _with_attributes("shrink", lambd=("lambd", 0.5), bias=("bias", 0.0)),
    "Gelu": _with_attributes("gelu", approximate=("approximate", "none")),
    "Swish": _with_attributes("swish", alpha=("alpha", 1.0)),
}


@operator("Pow")
def power(call):
    """The result has the type of the base; a float exponent of an integer base is computed in floats."""
    base, exponent = call.inputs
    kind, other = call.type(0), call.type(1)
    if kind == other:
        return [call.node("pow", call.inputs)]
    if not other.startswith("float") or kind.startswith("float"):
        return [call.node("pow", [base, call.node("cast", [exponent], type=kind, to=kind)])]
    wide = call.node("pow", [call.node("cast", [base], type=other, to=other), exponent], type=other)
    return [call.node("cast", [wide], type=kind, to=kind)]


@operator("IsInf")
def is_inf(call):
    sides = {key: bool(call.attr(key, 1)) for key in ("detect_positive", "detect_negative")}
    return [call.node("is_inf", call.inputs, type="bool", **sides)]


@operator("Mod")
def mod(call):
    return [call.node("mod", call.inputs, fmod=bool(call.attr("fmod", 0)))]


@operator("BitShift")
def bit_shift(call):
    return [call.node("bit_shift", call.inputs, direction=call.attr("direction").lower())]


@operator("PRelu")
def prelu(call):
    slope = call.known(call.inputs[1])
    rank = call.rank(0, missing=None)
    if slope is not None and slope.size == 1 and slope.dtype.kind == "f":
        return [call.node("leaky_relu", call.inputs[:1], slope=float(slope.ravel()[0]))]
    if slope is not None and rank is not None and 3 <= rank <= 5 and slope.ndim == rank - 1 and slope.size == slope.shape[0]:
        return [call.node("prelu", [call.inputs[0], call.node("reshape", call.inputs[1:2], shape=[-1])])]
    x = call.inputs[0]
    negative = call.node("mul", [call.node("minimum", [x, call.scalar(0, x)]), call.inputs[1]])
    return [call.node("add", [call.node("relu", [x]), negative])]


@operator("Clip")
def clip(call):
    params = {}
    for key, place in (("min", 1), ("max", 2)):
        if call.has(place):
            params[key] = call.number(place)
        elif call.attr(key) is not None:
            params[key] = call.attr(key)
    return [call.node("clip", call.inputs[:1], **params)] if params else call.inputs[:1]


def _softmax(method):
    def softmax(call):
        if call.opset >= 13:
            return [call.node(method, call.inputs, axis=call.attr("axis", -1))]
        flat = call.node("flatten", call.inputs, axis=call.attr("axis", 1))  # before opset 13 the axes from `axis` on are one
        return [call.node("reshape", [call.node(method, [flat], axis=1)], shape=Ref(call.node("shape", call.inputs)))]

    return softmax


OPERATORS |= {"Softmax": _softmax("softmax"), "LogSoftmax": _softmax("log_softmax")}


@operator("Hardmax")
def hardmax(call):
    if call.opset < 13:
        raise GraphError("before opset 13 this operator is not supported")
    axis = call.attr("axis", -1)
    best = call.node("argmax", call.inputs, type="int64", axis=axis)
    places = call.node("range", [integers(call, 0)], type="int64", start=0, stop=Ref(length_of(call, call.inputs[0], axis)))
    rank = call.rank(0)
    places = call.node("reshape", [places], shape=[-1 if i == axis % rank else 1 for i in range(rank)])
    return [call.node("cast", [call.node("equal", [best, places], type="bool")], type=call.type(0), to=call.type(0))]


# ---- reductions ----


def _reduction(method):
    def reduction(call):
        axes = axes_of(call, 1)
        params = dict(keepdims=bool(call.attr("keepdims", 1)))
        if axes is None or axes == [] or (isinstance(axes, Ref) and call.shape(1) == (0,)):
            if call.attr("noop_with_empty_axes", 0):
                params["axis"] = []
        else:
            params["axis"] = axes
        return [call.node(method, call.inputs[:1], **params)]

    return reduction


for _name in "Sum Mean Max Min Prod L1 L2 LogSum LogSumExp SumSquare".split():
    OPERATORS["Reduce" + _name] = _reduction(
        "reduce_" + {"LogSum": "log_sum", "LogSumExp": "log_sum_exp", "SumSquare": "sum_square"}.get(_name, _name.lower())
    )


def _arg(method):
    def arg(call):
        flags = dict(keepdims=bool(call.attr("keepdims", 1)), select_last_index=bool(call.attr("select_last_index", 0)))
        return [call.node(method, call.inputs, type="int64", axis=call.attr("axis", 0), **flags)]

    return arg


OPERATORS |= {"ArgMax": _arg("argmax"), "ArgMin": _arg("argmin")}


# ---- recurrent, quantised ----


@operator("GRU")
def gru(call):
    names = call.attr("activations")
    directions = 2 if call.attr("direction", "forward") == "bidirectional" else 1
    if names and list(names) != ["Sigmoid", "Tanh"] * directions or call.attr("clip"):
        raise GraphError("activations other than Sigmoid and Tanh, and clip, are not supported")
    x, w, r, *rest = call.inputs
    bias, lengths, initial = (rest + [None] * 3)[:3]
    lengths = None if lengths is None else call.int64(4)
    flags = dict(linear_before_reset=bool(call.attr("linear_before_reset", 0)), batch_first=bool(call.attr("layout", 0)))
    direction = call.attr("direction", "forward")
    made = call.nodes("gru", [x, w, r, bias, initial, lengths], hidden=call.attr("hidden_size"), direction=direction, **flags)
    if len(call.outputs) < 2 or not call.outputs[1] or lengths is not None or 0 in (call.shape(0) or ()):
        return made
    return [made[0], _last_states(call, made[0], direction, call.attr("layout", 0))]


def _last_states(call, y, direction, layout):
    """The states after the last step as a part of y, whose gradient they then have."""
    time, ends = (1 if layout else 0), []
    for number, place in enumerate({"forward": [-1], "reverse": [0], "bidirectional": [-1, 0]}[direction]):
        end = call.node("slice", [y], axis=[time], start=[place], **({} if place else dict(stop=[1])))
        if direction == "bidirectional":
            end = call.node("slice", [end], axis=[1 + time], start=[number], stop=[number + 1])
        ends.append(call.node("squeeze", [end], axis=[time]))
    return ends[0] if len(ends) == 1 else call.node("concat", ends, axis=time)


def _scales(call):
    return dict(axis=call.attr("axis", 1), block_size=call.attr("block_size", 0))


@operator("QuantizeLinear")
def quantize_linear(call):
    to = call.type(2) if call.has(2) else call.type_name(call.attr("output_dtype", 2) or 2)
    return [call.node("quantize_linear", call.inputs, type=to, to=to, **_scales(call))]


@operator("DequantizeLinear")
def dequantize_linear(call):
    return [call.node("dequantize_linear", call.inputs, type=call.type(1), **_scales(call))]
