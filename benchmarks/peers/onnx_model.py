"""A workload as an ONNX model, for onnxruntime and OpenVINO; None when there is no operator for it."""

import numpy as np
from onnx import TensorProto, helper, numpy_helper

OPSET = 18
MODES = {"nearest": "nearest", "bilinear": "linear", "trilinear": "linear", "bicubic": "cubic"}
CONV = {"conv": "Conv", "conv_transpose": "ConvTranspose", "resize_conv": "Conv"}


def model(workload, data):
    nodes, inputs, constants, outputs = [], {"x": data.x}, {}, ["y"]
    p, kind = workload.params, workload.kind
    last = "x"
    if kind in ("resize", "image", "resize_conv"):
        if workload.method not in MODES:
            return None
        last = "large" if kind == "resize_conv" else "y"
        nodes.append(_resize(workload, constants, data.x.ndim, last))
    if kind in CONV:
        constants["w"] = data.w
        attributes = {
            "kernel_shape": list(data.w.shape[2:]),
            "strides": workload.per_axis("stride", 1),
            "dilations": workload.per_axis("dilation", 1),
            "pads": workload.per_axis("padding", 0) * 2,
            "group": p.get("groups", 1),
        }
        if kind == "conv_transpose":
            attributes["output_padding"] = workload.per_axis("output_padding", 0)
        nodes.append(helper.make_node(CONV[kind], [last, "w"], outputs, **attributes))
    elif kind in ("max_pool", "avg_pool"):
        outputs = ["y", "indices"] if kind == "max_pool" else outputs
        name = {"max_pool": "MaxPool", "avg_pool": "AveragePool"}[kind]
        nodes.append(helper.make_node(name, ["x"], outputs, kernel_shape=[p["kernel"]] * 2, strides=[p["kernel"]] * 2))
    elif kind == "max_unpool":
        planes = np.arange(np.prod(data.x.shape[:2])).reshape(*data.x.shape[:2], 1, 1)  # ONNX counts through channels too
        inputs["indices"] = data.indices + planes * (data.x[0, 0].size * p["kernel"] ** 2)
        nodes.append(helper.make_node("MaxUnpool", ["x", "indices"], outputs, kernel_shape=[p["kernel"]] * 2, strides=[p["kernel"]] * 2))
    elif kind == "pixel_shuffle":
        nodes.append(helper.make_node("DepthToSpace", ["x"], outputs, blocksize=p["scale"], mode="CRD"))
    if not nodes:
        return None
    return _assemble(nodes, inputs, constants, outputs), inputs


def _resize(workload, constants, rank, output):
    scale, mode = workload.params.get("scale", 2), MODES[workload.method]
    constants["scales"] = np.array([scale, scale, 1] if workload.kind == "image" else [1, 1] + [scale] * (rank - 2), np.float32)
    coordinates = "asymmetric" if mode == "nearest" else "align_corners" if workload.params.get("align_corners") else "half_pixel"
    antialias = int(workload.params.get("antialias", False))
    attributes = {"mode": mode, "coordinate_transformation_mode": coordinates, "antialias": antialias, "exclude_outside": antialias}
    if mode == "nearest":
        attributes["nearest_mode"] = "floor"
    return helper.make_node("Resize", ["x", "", "scales"], [output], **attributes)


def _assemble(nodes, inputs, constants, outputs):
    def described(name, array):
        return helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(array.dtype), array.shape)

    kinds = {"indices": TensorProto.INT64}
    element = helper.np_dtype_to_tensor_dtype(inputs["x"].dtype)
    graph = helper.make_graph(
        nodes,
        "workload",
        [described(name, array) for name, array in inputs.items()],
        [helper.make_tensor_value_info(name, kinds.get(name, element), None) for name in outputs],
        [numpy_helper.from_array(array, name) for name, array in constants.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=9)
