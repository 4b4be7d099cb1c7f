"""LiteRT (XNNPACK): channels last; the models are written here, one operator each. Input and output stay in its own memory."""

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter

from benchmarks.peers import Run, arrange, reader

OPERATOR = schema.BuiltinOperator
OPTIONS = schema.BuiltinOptions
TYPES = {"float32": schema.TensorType.FLOAT32, "int32": schema.TensorType.INT32}
SAME, VALID = schema.Padding.SAME, schema.Padding.VALID


def prepare(workload, data, threads, layout):
    tiny = workload.family == "calls"
    if not (layout == "NXC" or tiny) or data.x.ndim != 4 or data.x.dtype != np.float32:
        return None
    x = arrange(data.x, "NXC")
    r = workload.params.get("scale")
    if workload.kind == "pixel_shuffle":  # its depth_to_space counts channels the other way round
        n, h, w, c = x.shape
        x = np.ascontiguousarray(x.reshape(n, h, w, c // r**2, r, r).transpose(0, 1, 2, 4, 5, 3)).reshape(x.shape)
    model = _Model()
    y = _layers(model, workload, data, model.tensor("x", x.shape))
    if y is None:
        return None
    interpreter = Interpreter(model_content=model.finish(y), num_threads=threads)
    interpreter.allocate_tensors()
    place, result = interpreter.get_input_details()[0]["index"], interpreter.get_output_details()[0]["index"]
    interpreter.set_tensor(place, x)

    def whole_call():
        interpreter.set_tensor(place, x)
        interpreter.invoke()
        return interpreter.get_tensor(result)

    read = reader("NXC")
    if tiny:
        return Run(whole_call, read)
    return Run(interpreter.invoke, lambda _: read(interpreter.get_tensor(result)))


class _Model:
    """Tensors, constants and operators of a model in the making."""

    def __init__(self):
        self.tensors, self.operators, self.codes, self.buffers = [], [], [], [schema.BufferT()]

    def tensor(self, name, shape, array=None):
        tensor = schema.TensorT()
        tensor.name, tensor.shape, tensor.type = name, list(shape), TYPES["float32" if array is None else str(array.dtype)]
        tensor.buffer = 0
        if array is not None:
            buffer = schema.BufferT()
            buffer.data = np.frombuffer(np.ascontiguousarray(array).tobytes(), np.uint8)
            tensor.buffer = len(self.buffers)
            self.buffers.append(buffer)
        self.tensors.append(tensor)
        return len(self.tensors) - 1

    def constant(self, name, array):
        return self.tensor(name, array.shape, array)

    def operator(self, code, inputs, shape, kind=None, version=1, **settings):
        """Appends an operator; the number of its output."""
        known = schema.OperatorCodeT()
        known.builtinCode, known.deprecatedBuiltinCode, known.version = code, code, version
        operator = schema.OperatorT()
        operator.opcodeIndex, operator.inputs = len(self.codes), inputs
        operator.outputs = [self.tensor(f"y{len(self.codes)}", shape)]
        if kind:
            operator.builtinOptionsType = getattr(OPTIONS, kind)
            operator.builtinOptions = getattr(schema, kind + "T")()
            for name, value in settings.items():
                setattr(operator.builtinOptions, name, value)
        self.codes.append(known)
        self.operators.append(operator)
        return operator.outputs[0]

    def finish(self, output):
        graph = schema.SubGraphT()
        graph.tensors, graph.operators, graph.inputs, graph.outputs = self.tensors, self.operators, [0], [output]
        model = schema.ModelT()
        model.version, model.subgraphs, model.operatorCodes, model.buffers = 3, [graph], self.codes, self.buffers
        builder = flatbuffers.Builder(1 << 20)
        builder.Finish(model.Pack(builder), file_identifier=b"TFL3")
        return bytes(builder.Output())


def _layers(model, workload, data, x):
    """Adds the workload's operators; the number of the result, or None."""
    p, kind = workload.params, workload.kind
    shape = list(model.tensors[x].shape)
    if kind == "resize" and workload.method in ("nearest", "bilinear") and not p.get("antialias"):
        return _resize(model, x, workload.method, p)
    if kind == "resize_conv":
        return _conv(model, workload, data.w, _resize(model, x, workload.method, {"scale": 2}))
    if kind == "conv":
        return _conv(model, workload, data.w, x)
    if kind == "conv_transpose" and "groups" not in p and "output_padding" not in p:
        return _conv_transpose(model, workload, data.w, x)
    n, h, w, c = shape
    if kind == "avg_pool":
        k = p["kernel"]
        steps = {"padding": VALID, "strideH": k, "strideW": k, "filterHeight": k, "filterWidth": k}
        return model.operator(OPERATOR.AVERAGE_POOL_2D, [x], [n, h // k, w // k, c], "Pool2DOptions", **steps)
    if kind == "pixel_shuffle":
        r = p["scale"]
        return model.operator(OPERATOR.DEPTH_TO_SPACE, [x], [n, h * r, w * r, c // r**2], "DepthToSpaceOptions", blockSize=r)
    return None


def _resize(model, x, method, p):
    n, h, w, c = model.tensors[x].shape
    size = [int(h * p["scale"]), int(w * p["scale"])]
    inputs, shape = [x, model.constant("size", np.array(size, np.int32))], [n, *size, c]
    if method == "nearest":
        return model.operator(OPERATOR.RESIZE_NEAREST_NEIGHBOR, inputs, shape, "ResizeNearestNeighborOptions", version=3)
    align = bool(p.get("align_corners"))
    options = {"alignCorners": align, "halfPixelCenters": not align}
    return model.operator(OPERATOR.RESIZE_BILINEAR, inputs, shape, "ResizeBilinearOptions", version=3, **options)


def _conv(model, workload, w, x):
    n, height, width, c = model.tensors[x].shape
    stride, padding, dilation = (workload.per_axis(name, default)[0] for name, default in (("stride", 1), ("padding", 0), ("dilation", 1)))
    groups, k = workload.params.get("groups", 1), w.shape[2]
    size = [(m + 2 * padding - dilation * (k - 1) - 1) // stride + 1 for m in (height, width)]
    kind = VALID
    if padding and stride == 1 and 2 * padding == dilation * (k - 1):
        kind = SAME
    elif padding:  # SAME with a stride pads one less at the begin
        table = np.array([[0, 0], [padding] * 2, [padding] * 2, [0, 0]], np.int32)
        x = model.operator(OPERATOR.PAD, [x, model.constant("pads", table)], [n, height + 2 * padding, width + 2 * padding, c], "PadOptions")
    bias = model.constant("bias", np.zeros(w.shape[0], np.float32))
    steps = {"padding": kind, "strideH": stride, "strideW": stride, "dilationHFactor": dilation, "dilationWFactor": dilation}
    shape = [n, *size, w.shape[0]]
    if groups > 1 and w.shape[1] == 1 and w.shape[0] == groups:
        weight = model.constant("w", w.transpose(1, 2, 3, 0))
        return model.operator(OPERATOR.DEPTHWISE_CONV_2D, [x, weight, bias], shape, "DepthwiseConv2DOptions", version=2, depthMultiplier=1, **steps)
    weight = model.constant("w", w.transpose(0, 2, 3, 1))
    return model.operator(OPERATOR.CONV_2D, [x, weight, bias], shape, "Conv2DOptions", version=6 if groups > 1 else 2, **steps)


def _conv_transpose(model, workload, w, x):
    n, height, width, c = model.tensors[x].shape
    stride, padding, k = (workload.per_axis(name, default)[0] for name, default in (("stride", 1), ("padding", 0), ("kernel", w.shape[2])))
    if padding and 2 * padding != k - stride:
        return None
    shape = [n, *((m - 1) * stride + k - 2 * padding for m in (height, width)), w.shape[1]]
    inputs = [model.constant("shape", np.array(shape, np.int32)), model.constant("w", w.transpose(1, 2, 3, 0)), x]
    kind = SAME if padding else VALID
    return model.operator(OPERATOR.TRANSPOSE_CONV, inputs, shape, "TransposeConvOptions", padding=kind, strideH=stride, strideW=stride)
