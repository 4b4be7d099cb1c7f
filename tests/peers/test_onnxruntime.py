"""onnxruntime through one-node models: what torch does not have (automatic and uneven pads, global indices, every Resize coordinate)."""
import itertools

import numpy as np
import onnx
import onnxruntime
import pytest
from _check import agree
from onnx import helper

RNG = np.random.default_rng(5)


def ort(op, inputs, outputs=1, opset=19, **attributes):
    """Runs one node.  inputs: arrays, or None for an absent one."""
    names = ["" if x is None else f"in{i}" for i, x in enumerate(inputs)]
    outs = [f"out{i}" for i in range(outputs)]
    node = helper.make_node(op, names, outs, **attributes)
    values = [helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(x.dtype), x.shape) for name, x in zip(names, inputs) if name]
    results = [helper.make_tensor_value_info(name, onnx.TensorProto.UNDEFINED, None) for name in outs]
    graph = helper.make_graph([node], "one", values, results)
    for out, x in zip(graph.output, [inputs[0]] + [None] * (outputs - 1)):
        out.type.tensor_type.elem_type = onnx.TensorProto.INT64 if x is None else helper.np_dtype_to_tensor_dtype(x.dtype)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=9)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, ["CPUExecutionProvider"])
    found = session.run(None, {name: x for name, x in zip(names, inputs) if name})
    return tuple(found) if outputs > 1 else found[0]


def image(*shape):
    return RNG.standard_normal(shape).astype(np.float32)


NAMES = {"same_upper": "SAME_UPPER", "same_lower": "SAME_LOWER", "valid": "VALID"}


def onnx_pads(pairs):
    return [b for b, _ in pairs] + [e for _, e in pairs]


@pytest.mark.parametrize("padding", [*NAMES, "uneven"])
@pytest.mark.parametrize("rank", [1, 2, 3])
def test_conv(rank, padding):
    for k, s, d, m in itertools.product((1, 2, 3, 4), (1, 2, 3), (1, 2), (7, 8)):
        if padding in ("same_upper", "same_lower") and d > 1:
            continue
        x, w, b = image(2, 4, *[m] * rank), image(6, 2, *[k] * rank), image(6)
        pairs = [(axis % 2, (axis + 1) % 3) for axis in range(rank)]
        how = dict(auto_pad=NAMES[padding]) if padding in NAMES else dict(pads=onnx_pads(pairs))
        wanted = ort("Conv", [x, w, b], strides=[s] * rank, dilations=[d] * rank, group=2, **how)
        ours = padding if padding in NAMES else [list(pair) for pair in pairs]
        agree("conv", dict(stride=s, dilation=d, groups=2, padding=ours), [x, w, b], wanted)


@pytest.mark.parametrize("rank", [1, 2, 3])
def test_conv_transpose_pads(rank):
    for k, s, d in itertools.product((1, 2, 3, 4), (1, 2, 3), (1, 2)):
        x, w, b = image(2, 4, *[3 + d] * rank), image(4, 3, *[k] * rank), image(6)
        pairs = [((axis + k) % 2, axis % 2) for axis in range(rank)]
        added = s - 1
        wanted = ort("ConvTranspose", [x, w, b], strides=[s] * rank, dilations=[d] * rank, group=2, pads=onnx_pads(pairs),
                     output_padding=[added] * rank)
        params = dict(stride=s, dilation=d, groups=2, padding=[list(pair) for pair in pairs], output_padding=added)
        agree("conv_transpose", params, [x, w, b], wanted)


@pytest.mark.parametrize("padding", ["same_upper", "same_lower"])
@pytest.mark.parametrize("rank", [1, 2])
def test_conv_transpose_same(rank, padding):
    for k, s in itertools.product((1, 2, 3, 4, 5), (1, 2, 3)):
        if k < s:
            continue  # onnxruntime makes (m-1)*s + k of it, not m*s
        x, w = image(2, 2, *[4] * rank), image(2, 3, *[k] * rank)
        wanted = ort("ConvTranspose", [x, w], strides=[s] * rank, auto_pad=NAMES[padding])
        agree("conv_transpose", dict(stride=s, padding=padding, side="onnx"), [x, w], wanted)


@pytest.mark.parametrize("padding", [None, "same_upper", "same_lower"])
def test_conv_transpose_output_shape(padding):
    for k, s, n in itertools.product((3, 4, 5), (1, 2, 3), range(1, 12)):
        x, w = image(1, 2, 4), image(2, 3, k)
        if n > 3 * s + k:
            continue
        how = dict(auto_pad=NAMES[padding]) if padding else {}
        wanted = ort("ConvTranspose", [x, w], strides=[s], output_shape=[n], **how)
        agree("conv_transpose", dict(stride=s, output_size=n, side="onnx", padding=padding or 0), [x, w], wanted)


COORDINATES = ("half_pixel", "asymmetric", "align_corners", "half_pixel_symmetric", "pytorch_half_pixel")
SCALES = (0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 2.6, 3.0)


def resize(x, rank, size=None, scale=None, **attributes):
    lead = x.ndim - rank
    if size is not None:
        return ort("Resize", [x, None, None, np.array(x.shape[:lead] + (size,) * rank, np.int64)], **attributes)
    return ort("Resize", [x, None, np.array([1] * lead + [scale] * rank, np.float32)], **attributes)


@pytest.mark.parametrize("coordinates", COORDINATES)
@pytest.mark.parametrize("rounding", ["floor", "ceil", "round_prefer_floor", "round_prefer_ceil"])
def test_nearest(rounding, coordinates):
    """Dyadic scales: onnxruntime computes coordinates in float32, and an index must not hang on that."""
    x = image(1, 2, 8, 6)
    for scale in (0.5, 1.0, 1.25, 1.5, 2.0, 3.5):
        if coordinates == "align_corners" and scale in (1.25, 1.5, 3.5):
            continue  # onnxruntime divides by the length before it is rounded down
        wanted = resize(x, 2, scale=scale, mode="nearest", nearest_mode=rounding, coordinate_transformation_mode=coordinates)
        agree("nearest", dict(scale=scale, rounding=rounding, coordinates=coordinates, arith="double"), [x], wanted)


@pytest.mark.parametrize("coordinates", COORDINATES)
def test_linear(coordinates):
    for rank, scale in itertools.product((1, 2, 3), SCALES):
        x = image(1, 2, *(8, 4, 4)[:rank])
        if coordinates == "align_corners" and any(m * scale % 1 for m in x.shape[2:]):
            continue
        wanted = resize(x, rank, scale=scale, mode="linear", coordinate_transformation_mode=coordinates)
        agree("linear", dict(scale=float(np.float32(scale)), coordinates=coordinates), [x], wanted)


@pytest.mark.parametrize("border", ["replicate", "renormalize"])
@pytest.mark.parametrize("coordinates", COORDINATES)
def test_cubic(coordinates, border):
    x = image(1, 2, 8, 4)
    for scale, a in itertools.product(SCALES, (-0.75, -0.5)):
        if coordinates == "align_corners" and (scale * 4) % 1:
            continue
        wanted = resize(x, 2, scale=scale, mode="cubic", coordinate_transformation_mode=coordinates, cubic_coeff_a=a,
                        exclude_outside=int(border == "renormalize"))
        agree("cubic", dict(scale=float(np.float32(scale)), coordinates=coordinates, a=a, border=border), [x], wanted)


@pytest.mark.parametrize("method, attributes, params", [
    ("linear", dict(mode="linear"), {}),
    ("cubic", dict(mode="cubic", cubic_coeff_a=-0.5), dict(a=-0.5)),
])
def test_antialias(method, attributes, params):
    """What falls outside is dropped, as torch and Pillow do; onnxruntime does that with exclude_outside."""
    x = image(1, 2, 13, 13)
    for size in (2, 3, 5, 8, 13, 20):
        wanted = resize(x, 2, size=size, antialias=1, exclude_outside=1, coordinate_transformation_mode="half_pixel", **attributes)
        agree(method, dict(size=size, antialias=True, **params), [x], wanted)


@pytest.mark.parametrize("order", ["row", "column"])
@pytest.mark.parametrize("rank", [1, 2, 3])
def test_max_pool_and_unpool(rank, order):
    for k, s, ceil in itertools.product((1, 2, 3), (1, 2, 3), (False, True)):
        x = image(2, 3, *(7, 6, 5)[:rank])
        wanted = ort("MaxPool", [x], 2, kernel_shape=[k] * rank, strides=[s] * rank, pads=[k // 2] * 2 * rank, ceil_mode=int(ceil),
                     storage_order=int(order == "column"))
        params = dict(kernel=k, stride=s, padding=k // 2, ceil_mode=ceil, return_indices=True, indices="global_flat", storage_order=order)
        agree("max_pool", params, [x], wanted)
        if order == "row" and k == s == 2 and not ceil:
            y, indices = ort("MaxPool", [x], 2, kernel_shape=[k] * rank, strides=[s] * rank)
            restored = ort("MaxUnpool", [y, indices, np.array(x.shape, np.int64)], kernel_shape=[k] * rank, strides=[s] * rank)
            # onnxruntime's indices are flat over the default output, so only compare where that is the size asked for
            if all(m % 2 == 0 for m in x.shape[2:]):
                agree("max_unpool", dict(kernel=k, stride=s, indices="global_flat"), [y, indices], restored)


@pytest.mark.parametrize("include", [False, True])
def test_avg_pool(include):
    for rank, k, s, ceil in itertools.product((1, 2, 3), (1, 2, 3), (1, 2), (False, True)):
        x = image(2, 3, *(7, 6, 5)[:rank])
        wanted = ort("AveragePool", [x], kernel_shape=[k] * rank, strides=[s] * rank, pads=[k // 2] * 2 * rank, ceil_mode=int(ceil),
                     count_include_pad=int(include))
        agree("avg_pool", dict(kernel=k, stride=s, padding=k // 2, ceil_mode=ceil, count_include_pad=include), [x], wanted)


@pytest.mark.parametrize("p", [1, 2, 3])
def test_lp_pool(p):
    for rank, k, s, d, ceil in itertools.product((1, 2, 3), (1, 2, 3), (1, 2), (1, 2), (False, True)):
        x = image(2, 3, *(7, 6, 5)[:rank])
        more = dict(kernel_shape=[k] * rank, strides=[s] * rank, pads=[k // 2] * 2 * rank, dilations=[d] * rank, ceil_mode=int(ceil))
        agree("lp_pool", dict(p=p, kernel=k, stride=s, padding=k // 2, dilation=d, ceil_mode=ceil), [x], ort("LpPool", [x], p=p, **more))


def boxes(count, images, scale):
    corners = np.sort(RNG.uniform(-1.5, 9.5, (2, count, 2)), 0) / scale
    return np.concatenate([corners[0], corners[1]], 1).astype(np.float32), RNG.integers(0, images, count)


@pytest.mark.parametrize("mode", ["avg", "max"])
def test_roi_align(mode):
    for size, ratio, scale, aligned in itertools.product((1, 2, 3), (0, 1, 2), (1.0, 0.25), (False, True)):
        x, (rois, batch) = image(2, 3, 8, 9), boxes(6, 2, scale)
        attributes = dict(mode=mode, output_height=size, output_width=size + 1, sampling_ratio=ratio, spatial_scale=scale)
        wanted = ort("RoiAlign", [x, rois, batch], coordinate_transformation_mode="half_pixel" if aligned else "output_half_pixel", **attributes)
        params = dict(size=[size, size + 1], sampling_ratio=ratio, spatial_scale=scale, aligned=aligned, mode=mode)
        agree("roi_align", params, [x, rois, batch], wanted)


def test_roi_pool():
    for height, width, scale in itertools.product((1, 2, 3), (1, 4), (1.0, 0.25)):
        x, (rois, batch) = image(2, 3, 8, 9), boxes(6, 2, scale)
        rois = np.concatenate([batch[:, None].astype(np.float32), abs(rois)], 1)
        rois[:, 3:] = np.maximum(rois[:, 3:], rois[:, 1:3])
        wanted = ort("MaxRoiPool", [x, rois], pooled_shape=[height, width], spatial_scale=scale)
        agree("roi_pool", dict(size=[height, width], spatial_scale=scale), [x, rois], wanted)


@pytest.mark.parametrize("mode, name", [("constant", "constant"), ("reflect", "reflect"), ("replicate", "edge"), ("circular", "wrap")])
def test_pad(mode, name):
    for rank, amounts in itertools.product((1, 2, 3), ((1, 2), (0, 3), (3, 0))):
        x = image(2, 3, *(5, 4, 6)[:rank])
        pads = np.array([0, 0] + [amounts[0]] * rank + [0, 0] + [amounts[1]] * rank, np.int64)
        extra = [np.array(1.5, np.float32)] if mode == "constant" else []
        more = dict(value=1.5) if mode == "constant" else {}
        agree("pad", dict(amount=[list(amounts)] * rank, padding_mode=mode, **more), [x], ort("Pad", [x, pads] + extra, mode=name))


def test_shuffles():
    x = image(2, 24, 3, 4)
    agree("pixel_shuffle", dict(scale=2), [x], ort("DepthToSpace", [x], blocksize=2, mode="CRD"))


def test_activations():
    x = image(3, 4, 5)
    for method, op in (("relu", "Relu"), ("sigmoid", "Sigmoid"), ("tanh", "Tanh")):
        agree(method, {}, [x], ort(op, [x]))
    agree("softmax", dict(axis=1), [x], ort("Softmax", [x], axis=1))
    agree("leaky_relu", dict(slope=0.2), [x], ort("LeakyRelu", [x], alpha=0.2))


def test_norms():
    x, weight, bias, mean = image(3, 4, 5, 6), image(4), image(4), image(4)
    var = abs(image(4)) + 0.1
    agree("batch_norm", dict(eps=1e-3), [x, weight, bias, mean, var], ort("BatchNormalization", [x, weight, bias, mean, var], epsilon=1e-3))
    agree("instance_norm", dict(eps=1e-3), [x, weight, bias], ort("InstanceNormalization", [x, weight, bias], epsilon=1e-3))
