"""One adapter per library: `prepare(workload, x, w, threads)` returns a function to time (no arguments), or None when it cannot do it."""

import numpy as np


def upreg(workload, x, w, threads):
    import upreg as library

    bound = {} if w is None else {"weight": w}
    plan = library.get(workload.method, **workload.params).plan(x.shape, x.dtype, num_threads=threads, **bound)
    return lambda: plan(x)


def torch(workload, x, w, threads):
    import torch as library

    library.set_num_threads(threads)
    function = getattr(library.nn.functional, workload.torch)
    tensors = [library.from_numpy(a) for a in (x, w) if a is not None]

    def run():
        with library.inference_mode():
            return function(*tensors, **workload.torch_params)

    return run


def onnxruntime(workload, x, w, threads):
    import onnxruntime as library

    model = _model(workload, x, w)
    if model is None:
        return None
    options = library.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    session = library.InferenceSession(model.SerializeToString(), options, ["CPUExecutionProvider"])
    return lambda: session.run(None, {"x": x})


def _model(workload, x, w):
    """The workload as an ONNX model of one node; None when there is no operator for it."""
    from onnx import TensorProto, helper, numpy_helper

    rank = len(x.shape) - 2
    p = workload.params
    initializers, inputs, outputs = [], ["x"], ["y"]

    def per_axis(name, default):
        value = p.get(name, default)
        return list(value) if isinstance(value, (list, tuple)) else [value] * rank

    if workload.method in ("conv", "conv_transpose"):
        attributes = {
            "kernel_shape": list(w.shape[2:]),
            "strides": per_axis("stride", 1),
            "dilations": per_axis("dilation", 1),
            "pads": per_axis("padding", 0) * 2,
            "group": p.get("groups", 1),
        }
        if workload.method == "conv_transpose":
            attributes["output_padding"] = per_axis("output_padding", 0)
        initializers.append(numpy_helper.from_array(w, "w"))
        inputs.append("w")
        node = helper.make_node("Conv" if workload.method == "conv" else "ConvTranspose", inputs, outputs, **attributes)
    elif workload.torch == "interpolate":
        mode = {"nearest": "nearest", "bilinear": "linear", "trilinear": "linear", "bicubic": "cubic"}[workload.method]
        coordinates = "asymmetric" if mode == "nearest" else "align_corners" if p.get("align_corners") else "half_pixel"
        initializers.append(numpy_helper.from_array(np.array([1, 1] + [p["scale"]] * rank, np.float32), "scales"))
        attributes = {"mode": mode, "coordinate_transformation_mode": coordinates, "antialias": int(p.get("antialias", False))}
        if mode == "nearest":
            attributes["nearest_mode"] = "floor"
        node = helper.make_node("Resize", ["x", "", "scales"], outputs, **attributes)
    elif workload.method == "max_pool":
        outputs = ["y", "indices"]
        node = helper.make_node("MaxPool", inputs, outputs, kernel_shape=per_axis("kernel", 1), strides=per_axis("kernel", 1))
    elif workload.method == "avg_pool":
        node = helper.make_node("AveragePool", inputs, outputs, kernel_shape=per_axis("kernel", 1), strides=per_axis("kernel", 1))
    elif workload.method == "pixel_shuffle":
        node = helper.make_node("DepthToSpace", inputs, outputs, blocksize=p["scale"], mode="CRD")
    else:
        return None
    types = {"indices": TensorProto.INT64}
    graph = helper.make_graph(
        [node],
        "workload",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, x.shape)],
        [helper.make_tensor_value_info(o, types.get(o, TensorProto.FLOAT), None) for o in outputs],
        initializers,
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)


PEERS = {"torch": torch, "onnxruntime": onnxruntime}
