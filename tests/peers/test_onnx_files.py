"""ONNX files: older opsets against onnxruntime, half-precision models, branches, files that are wrong or hostile, and writing."""

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

import upreg
from upreg import networks

RNG = np.random.default_rng(7)
F, I = TensorProto.FLOAT, TensorProto.INT64


def model(nodes, inputs, outputs, constants=(), opset=13):
    """inputs, outputs: {name: (type, shape)}; constants: {name: array}."""
    infos = [[helper.make_tensor_value_info(n, *spec) for n, spec in part.items()] for part in (inputs, outputs)]
    arrays = [numpy_helper.from_array(np.asarray(a), n) for n, a in dict(constants).items()]
    graph = helper.make_graph(nodes, "g", *infos, arrays)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)


@pytest.fixture
def saved(tmp_path):
    def save(made):
        path = tmp_path / "model.onnx"
        path.write_bytes(made if isinstance(made, bytes) else made.SerializeToString())
        return path

    return save


def with_onnxruntime(path, feeds, as_written=False):
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    if as_written:
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    return onnxruntime.InferenceSession(str(path), options, ["CPUExecutionProvider"]).run(None, feeds)


X = RNG.standard_normal((2, 4, 6, 6)).astype(np.float32)
node = helper.make_node

# (opset, node, constants): one operator in the form that it had in that opset
OLD = [
    (7, node("Upsample", ["x"], ["y"], scales=[1.0, 1.0, 2.0, 3.0], mode="nearest"), {}),
    (9, node("Upsample", ["x", "s"], ["y"], mode="linear"), {"s": np.float32([1, 1, 2, 2])}),
    (10, node("Resize", ["x", "s"], ["y"], mode="nearest"), {"s": np.float32([1, 1, 1.5, 2])}),
    (10, node("Resize", ["x", "s"], ["y"], mode="linear"), {"s": np.float32([1, 1, 2, 2])}),
    (
        11,
        node("Resize", ["x", "r", "s"], ["y"], mode="cubic", coordinate_transformation_mode="align_corners"),
        {"r": np.zeros(0, np.float32), "s": np.float32([1, 1, 2, 2])},
    ),
    (11, node("Resize", ["x", "r", "r", "z"], ["y"], mode="linear"), {"r": np.zeros(0, np.float32), "z": np.int64([2, 4, 9, 5])}),
    (7, node("Pad", ["x"], ["y"], pads=[0, 0, 1, 2, 0, 0, 3, 0], mode="reflect"), {}),
    (7, node("Pad", ["x"], ["y"], pads=[0, 1, 1, 2, 0, 2, 0, 0], value=1.5), {}),
    (7, node("Clip", ["x"], ["y"], min=-0.5, max=0.25), {}),
    (7, node("Slice", ["x"], ["y"], starts=[1, -3], ends=[3, 100], axes=[1, 3]), {}),
    (7, node("Slice", ["x"], ["y"], starts=[0, 1], ends=[1, 3]), {}),
    (7, node("Split", ["x"], ["y", "rest"], axis=1, split=[1, 3]), {}),
    (7, node("Squeeze", ["x1"], ["y"], axes=[0]), {}),
    (7, node("Unsqueeze", ["x"], ["y"], axes=[0, 5]), {}),
    (7, node("ReduceMean", ["x"], ["y"], axes=[2, 3], keepdims=0), {}),
    (7, node("ReduceSum", ["x"], ["y"], axes=[-1]), {}),
    (7, node("Softmax", ["x"], ["y"], axis=2), {}),
    (7, node("LogSoftmax", ["x"], ["y"]), {}),
    (
        7,
        node("BatchNormalization", ["x", "a", "b", "a", "p"], ["y"]),
        {"a": RNG.standard_normal(4).astype(np.float32), "b": np.float32([1, 2, 3, 4]), "p": np.float32([1, 2, 3, 4])},
    ),
    (7, node("Dropout", ["x"], ["y"], ratio=0.4), {}),
    (7, node("AveragePool", ["x"], ["y"], kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1]), {}),
    (8, node("MaxPool", ["x"], ["y", "i"], kernel_shape=[2, 2], strides=[2, 2]), {}),
    (
        7,
        node("Gemm", ["m", "w", "c"], ["y"], alpha=0.5, beta=2.0, transA=1),
        {"m": RNG.standard_normal((5, 3)).astype(np.float32), "w": RNG.standard_normal((5, 4)).astype(np.float32), "c": np.float32([1])},
    ),
    (9, node("PRelu", ["x", "a"], ["y"]), {"a": RNG.standard_normal((4, 1, 1)).astype(np.float32)}),
    (9, node("PRelu", ["x", "a"], ["y"]), {"a": RNG.standard_normal((1, 1, 6)).astype(np.float32)}),
    (8, node("Sum", ["x", "x", "x"], ["y"]), {}),
    (8, node("Expand", ["o", "z"], ["y"]), {"o": np.float32([[1], [2]]), "z": np.int64([3, 1, 4])}),
    (9, node("ConstantOfShape", ["z"], ["y"], value=numpy_helper.from_array(np.float32([2]))), {"z": np.int64([2, 3])}),
    (11, node("DepthToSpace", ["x"], ["y"], blocksize=2, mode="CRD"), {}),
    (7, node("DepthToSpace", ["x"], ["y"], blocksize=2), {}),
    (7, node("InstanceNormalization", ["x", "a", "b"], ["y"], epsilon=1e-2), {"a": np.float32([1, 2, 3, 4]), "b": np.float32([0, 1, 0, 1])}),
    (7, node("LRN", ["x"], ["y"], size=3), {}),
    (7, node("GlobalLpPool", ["x"], ["y"], p=2), {}),
    (7, node("LpNormalization", ["x"], ["y"], axis=1), {}),
    (7, node("Flatten", ["x"], ["y"], axis=2), {}),
    (12, node("Clip", ["x", "", "h"], ["y"]), {"h": np.float32(0.5)}),
    (12, node("ArgMax", ["x"], ["y"], axis=1, select_last_index=1), {}),
    (7, node("Conv", ["x", "k"], ["y"], auto_pad="SAME_LOWER", strides=[2, 2]), {"k": RNG.standard_normal((3, 4, 3, 2)).astype(np.float32)}),
    (7, node("ConvTranspose", ["x", "k"], ["y"], strides=[2, 3], output_shape=[13, 20]), {"k": RNG.standard_normal((4, 3, 3, 4)).astype(np.float32)}),
    (
        7,
        node("ConvTranspose", ["x", "k"], ["y"], strides=[2, 2], pads=[0, 0, 1, 1], group=2),
        {"k": RNG.standard_normal((4, 3, 3, 3)).astype(np.float32)},
    ),
]


@pytest.mark.parametrize(
    "opset, one, constants", OLD, ids=lambda v: f"{v.op_type}" if isinstance(v, onnx.NodeProto) else str(v) if isinstance(v, int) else ""
)
def test_older_opsets(opset, one, constants, saved):
    inputs = {"x": (F, ["n", 4, "h", "w"])} if "x" in one.input else {"x1": (F, [1, 4, 6])} if "x1" in one.input else {}
    kinds = {"i": I} | ({"y": I} if one.op_type == "ArgMax" else {})
    outputs = {o: (kinds.get(o, F), None) for o in one.output}
    path = saved(model([one], inputs, outputs, constants, opset))
    feeds = {n: {"x": X, "x1": X[:1, :, 0]}[n] for n in inputs}
    for got, wanted in zip(upreg.Graph.load(path).run(feeds).values(), with_onnxruntime(path, feeds), strict=True):
        assert got.dtype == wanted.dtype and got.shape == wanted.shape
        np.testing.assert_allclose(got, wanted, rtol=1e-5, atol=2e-6)


@pytest.mark.parametrize("half", ["float16", "bfloat16"])
def test_half_precision_models_return_their_type(half, saved):
    import ml_dtypes

    number = {"float16": TensorProto.FLOAT16, "bfloat16": TensorProto.BFLOAT16}[half]
    dtype = np.dtype(getattr(ml_dtypes, half) if half == "bfloat16" else half)
    w = RNG.standard_normal((3, 4, 3, 3)).astype(dtype)
    nodes = [
        node("Conv", ["x", "w"], ["c"], pads=[1, 1, 1, 1]),
        node("Cast", ["c"], ["f"], to=F),
        node("Exp", ["f"], ["e"]),
        node("Cast", ["e"], ["y"], to=number),
    ]
    path = saved(model(nodes, {"x": (number, [2, 4, None, None])}, {"y": (number, None), "c": (number, None)}, {"w": w}))
    x = X.astype(dtype)
    y, c = upreg.Graph.load(path)(x)
    assert y.dtype == dtype and c.dtype == dtype
    wide = upreg.run("conv", x.astype(np.float32), w.astype(np.float32), padding=1)
    np.testing.assert_allclose(c.astype(np.float32), wide, rtol=2e-2, atol=1e-2)


def squeeze_if_one(opset=13):
    """What PyTorch exports for squeeze(1) of a size it does not know."""
    branches = [
        helper.make_graph([one], name, [], [helper.make_tensor_value_info(out, F, None)])
        for name, one, out in (("then", node("Squeeze", ["x", "axis"], ["a"]), "a"), ("else", node("Identity", ["x"], ["b"]), "b"))
    ]
    nodes = [
        node("Shape", ["x"], ["s"]),
        node("Gather", ["s", "place"], ["n"]),
        node("Equal", ["n", "one"], ["is"]),
        node("If", ["is"], ["y"], then_branch=branches[0], else_branch=branches[1]),
    ]
    constants = {"axis": np.int64([1]), "place": np.int64(1), "one": np.int64(1)}
    return model(nodes, {"x": (F, ["n", "c", 3])}, {"y": (F, None)}, constants, opset)


def test_branches_on_shapes(saved):
    g = upreg.Graph.load(saved(squeeze_if_one()))
    assert g(np.ones((2, 1, 3), np.float32)).shape == (2, 3) and g(np.ones((2, 5, 3), np.float32)).shape == (2, 5, 3)


def test_local_functions_are_inlined(saved):
    made = model([node("Twice", ["x"], ["y"], domain="own")], {"x": (F, [2])}, {"y": (F, [2])})
    made.functions.append(helper.make_function("own", "Twice", ["a"], ["b"], [node("Add", ["a", "a"], ["b"])], [helper.make_opsetid("", 13)]))
    made.opset_import.append(helper.make_opsetid("own", 1))
    assert upreg.Graph.load(saved(made))(np.float32([1, 2])).tolist() == [2, 4]


# ---- what is wrong with a file ----


def refused(path, *words, **how):
    with pytest.raises(upreg.GraphError) as info:
        upreg.Graph.load(path, **how)
    text = str(info.value)
    assert all(w in text for w in words) and "\n" not in text.strip(), text
    return text


RELU = dict(nodes=[node("Relu", ["x"], ["y"])], inputs={"x": (F, [1, 2])}, outputs={"y": (F, [1, 2])})


def test_all_unknown_operators_are_named_at_once(saved):
    nodes = [
        node("Relu", ["x"], ["a"]),
        node("Einsum", ["a"], ["b"], name="first", equation="ij->ij"),
        node("FancyOp", ["b"], ["c"], domain="com.example"),
        node("Einsum", ["c"], ["y"], equation="ij->ij"),
    ]
    made = model(nodes, {"x": (F, [1, 2])}, {"y": (F, None)})
    made.opset_import.append(helper.make_opsetid("com.example", 3))
    text = refused(saved(made), "Einsum (domain ai.onnx, opset 13) in 2 node(s), first 'first'", "FancyOp (domain com.example, opset 3)")
    assert "Relu" not in text


@pytest.mark.parametrize("opset", [1, 6, 99])
def test_opsets(opset, saved):
    refused(saved(model(**RELU, opset=opset)), f"opset {opset}", "7 to")


def test_not_a_model(saved, tmp_path):
    for data in (b"", b"PK\x03\x04 not a model", b"\x00" * 100, model(**RELU).SerializeToString()[:-7]):
        refused(saved(data))
    refused(tmp_path / "none.onnx", "cannot be read")


def test_cycles_and_missing_values(saved):
    loop = [node("Add", ["x", "b"], ["a"], name="one"), node("Relu", ["a"], ["b"], name="two")]
    refused(saved(model(loop, {"x": (F, [1])}, {"b": (F, [1])})), "cycle", "'one' (Add)")
    refused(saved(model([node("Add", ["x", "w"], ["y"], name="one")], {"x": (F, [1])}, {"y": (F, [1])})), "'one' (Add) reads 'w'")
    refused(saved(model([], {"x": (F, [1])}, {"y": (F, [1])})), "output 'y'")


def test_nodes_in_any_order_run(saved):
    nodes = [node("Relu", ["a"], ["y"]), node("Neg", ["x"], ["a"])]
    assert upreg.Graph.load(saved(model(nodes, {"x": (F, [2])}, {"y": (F, [2])})))(np.float32([1, -2])).tolist() == [0, 2]


def test_shapes_that_lie(saved):
    made = model(**RELU, constants={"w": np.zeros(4, np.float32)})
    made.graph.initializer[0].dims[:] = [1 << 40, 1 << 40]
    refused(saved(made), "'w'", "1099511627776")
    made.graph.initializer[0].dims[:] = [-4]
    refused(saved(made), "'w'", "-4")
    made = model([node("Relu", ["x"], ["y"])], {"x": (F, [1] * 9)}, {"y": (F, None)})
    refused(saved(made), "input 'x'", "8")


def test_hostile_constants_stay_within_max_bytes(saved):
    nodes = [node("ConstantOfShape", ["z"], ["c"]), node("Add", ["x", "c"], ["y"])]
    path = saved(model(nodes, {"x": (F, [1])}, {"y": (F, None)}, {"z": np.int64([1 << 20, 1 << 12])}))
    g = upreg.Graph.load(path, max_bytes=1 << 24)
    with pytest.raises(upreg.GraphError, match="max_bytes"):
        g(np.float32([1]))
    wide = saved(model([node("Expand", ["x", "z"], ["y"])], {"x": (F, [1])}, {"y": (F, None)}, {"z": np.int64([1 << 30, 1 << 30])}))
    with pytest.raises((upreg.UpregError, MemoryError), match="max_bytes|memory|too large"):
        upreg.Graph.load(wide, max_bytes=1 << 24)(np.float32([1]))
    refused(saved(model(**RELU, constants={"w": np.zeros(1000, np.float32)})), "max_bytes", max_bytes=2000)


def external(location, **more):
    made = model([node("Add", ["x", "w"], ["y"])], {"x": (F, [4])}, {"y": (F, [4])}, {"w": np.float32([1, 2, 3, 4])})
    w = made.graph.initializer[0]
    w.ClearField("raw_data")
    w.data_location = TensorProto.EXTERNAL
    for key, value in {"location": location, **more}.items():
        w.external_data.add(key=key, value=str(value))
    return made


def test_external_data(saved, tmp_path):
    (tmp_path / "w.bin").write_bytes(b"\0" * 8 + np.float32([5, 6, 7, 8]).tobytes())
    assert upreg.Graph.load(saved(external("w.bin", offset=8, length=16)))(np.zeros(4, np.float32)).tolist() == [5, 6, 7, 8]
    refused(saved(external("w.bin", offset=16, length=16)), "'w'", "24")
    refused(saved(external("none.bin")), "'w'", "none.bin")
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "model.onnx").write_bytes(external("../w.bin", offset=8).SerializeToString())
    refused(inside / "model.onnx", "'w'", "outside")
    (inside / "model.onnx").write_bytes(external(str(tmp_path / "w.bin")).SerializeToString())
    refused(inside / "model.onnx", "outside")
    (inside / "link.bin").symlink_to(tmp_path / "w.bin")
    (inside / "model.onnx").write_bytes(external("link.bin", offset=8).SerializeToString())
    refused(inside / "model.onnx", "outside")


@pytest.mark.parametrize(
    "one, words",
    [
        (node("Conv", ["x"], ["y"]), ["(Conv)"]),
        (node("Relu", [], ["y"]), ["(Relu)"]),
        (node("MaxPool", ["x"], ["y"]), ["(MaxPool)", "kernel_shape"]),
        (node("Conv", ["x", "x"], ["y"], pads=[1, 2, 3]), ["(Conv)", "pads"]),
        (node("Concat", ["x", "x"], ["y"], axis=9), ["'y'", "axis"]),
        (node("Transpose", ["x"], ["y"], perm=[0, 0, 1, 2]), ["'y'", "axis"]),
        (node("LeakyRelu", ["x"], ["y"], alpha="steep"), ["(LeakyRelu)"]),
    ],
)
def test_nodes_that_do_not_fit(one, words, saved):
    path = saved(model([one], {"x": (F, [1, 4, 6, 6])}, {"y": (F, None)}))
    with pytest.raises(upreg.UpregError) as info:
        upreg.Graph.load(path)(X[:1])
    assert all(w in str(info.value) for w in words), info.value


def test_random_bytes_never_crash(saved):
    """Single bytes changed, cut off and doubled: an error or a result, never a crash."""
    weights = {"w": RNG.standard_normal((3, 4, 3, 3)).astype(np.float32), "z": np.int64([2, 3, 12, 12]), "e": np.zeros(0, np.float32)}
    nodes = [
        node("Conv", ["x", "w"], ["c"], pads=[1, 1, 1, 1]),
        node("Resize", ["c", "e", "e", "z"], ["r"], mode="linear"),
        node("Relu", ["r"], ["y"]),
    ]
    whole = model(nodes, {"x": (F, ["n", 4, "h", "w"])}, {"y": (F, None)}, weights).SerializeToString()
    rng, kinds = np.random.default_rng(1), set()
    for _ in range(1500):
        data = bytearray(whole)
        place = int(rng.integers(len(data)))
        how = rng.integers(4)
        if how < 2:
            data[place] = int(rng.integers(256)) if how else data[place] ^ (1 << int(rng.integers(8)))
        elif how == 2:
            del data[place : place + int(rng.integers(1, 9))]
        else:
            data[place:place] = data[place : place + int(rng.integers(1, 9))]
        try:
            upreg.Graph.load(saved(bytes(data)), max_bytes=1 << 26).run({"x": X})
            kinds.add("ran")
        except (upreg.UpregError, MemoryError) as error:
            kinds.add(type(error).__name__)
    assert {"ran", "GraphError"} <= kinds


# ---- quantised models ----


def qdq_model():
    """Quantised weights, pairs around every step, one of them per channel, as quantisers of models write them."""
    nodes, constants = [], {}

    def pair(name, scale, zero, axis=None):
        known = {f"{name}.scale": np.float32(scale), f"{name}.zero": np.asarray(zero)}
        constants.update(known)
        how = {} if axis is None else dict(axis=axis)
        nodes.append(node("QuantizeLinear", [name, *known], [f"{name}.q"], **how))
        nodes.append(node("DequantizeLinear", [f"{name}.q", *known], [f"{name}.d"], **how))
        return f"{name}.d"

    def conv(x, name, out, into, kernel=3):
        constants[f"{name}.w"] = RNG.integers(-127, 128, (out, into, kernel, kernel)).astype(np.int8)
        constants[f"{name}.ws"] = (RNG.random(out) * 0.01 + 0.001).astype(np.float32)
        constants[f"{name}.wz"] = np.zeros(out, np.int8)
        constants[f"{name}.b"] = RNG.integers(-500, 500, out).astype(np.int32)
        constants[f"{name}.bs"] = (constants[f"{name}.ws"] * 0.02).astype(np.float32)
        constants[f"{name}.bz"] = np.zeros(out, np.int32)
        nodes.append(node("DequantizeLinear", [f"{name}.w", f"{name}.ws", f"{name}.wz"], [f"{name}.wd"], axis=0))
        nodes.append(node("DequantizeLinear", [f"{name}.b", f"{name}.bs", f"{name}.bz"], [f"{name}.bd"], axis=0))
        nodes.append(node("Conv", [x, f"{name}.wd", f"{name}.bd"], [name], pads=[kernel // 2] * 4))
        return name

    u8 = np.uint8
    x = pair("x", 0.02, u8(128))
    nodes.append(node("Relu", [conv(x, "c1", 8, 4)], ["r1"]))
    a = pair("r1", 0.03, u8(0))
    nodes.append(node("MaxPool", [a], ["p1"], kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1]))
    b = pair("p1", 0.03, u8(0))
    nodes.append(node("Conv", [b, conv_weight(constants, 8), ""], ["c2"], group=8, pads=[1, 1, 1, 1]))
    c = pair("c2", (np.arange(8) + 1) * 0.01, np.arange(-4, 4).astype(np.int8), 1)
    constants["twice"] = np.float32([1, 1, 2, 2])
    nodes.append(node("Resize", [c, "", "twice"], ["up"], mode="nearest", coordinate_transformation_mode="asymmetric", nearest_mode="floor"))
    nodes.append(node("Resize", [b, "", "twice"], ["up2"], mode="nearest", coordinate_transformation_mode="asymmetric", nearest_mode="floor"))
    d = pair("up2", 0.03, u8(0))
    conv(d, "c3", 8, 8)
    e = pair("c3", 0.05, np.int8(3))
    nodes.append(node("Concat", [e, "up"], ["joined"], axis=1))
    f = pair("joined", 0.05, np.int8(3))
    constants["shape"] = np.int64([0, 4, -1])
    nodes.append(node("Reshape", [f, "shape"], ["flat"]))
    g = pair("flat", 0.05, np.int8(3))
    nodes.append(node("Transpose", [g], ["y"], perm=[0, 2, 1]))
    return model(nodes, {"x": (F, ["n", 4, "h", "w"])}, {"y": (F, None)}, constants, 13)


def conv_weight(constants, channels):
    constants["dw"] = RNG.standard_normal((channels, 1, 3, 3)).astype(np.float32)
    return "dw"


def test_quantised_pairs_become_steps(saved):
    path = saved(qdq_model())
    plain, simple = (upreg.Graph.load(path, patterns=p) for p in (False, True))
    names = [n.method.name for n in simple.nodes]
    assert not {"quantize_linear", "dequantize_linear"} & set(names)  # weights and biases are constants of floats
    assert names.count("fake_quantize") == 5  # those after the pool, the resize and the reshape change nothing
    assert [n.method.name for n in plain.nodes].count("quantize_linear") == 8
    spoiled = X.copy()
    spoiled[0, 1, 2, 3], spoiled[1, 0, 0, 0], spoiled[1, 2, 5, 5] = np.nan, np.inf, -np.inf
    for x in (X, X * 100, spoiled):
        y = plain(x)
        assert y.tobytes() == simple(x).tobytes() == simple(x, num_threads=2).tobytes()
    y = simple(X)
    steps = np.abs(y - with_onnxruntime(path, {"x": X}, as_written=True)[0]) / 0.05
    assert steps.max() < 1.01 and np.mean(steps > 0.01) < 0.01  # a sum on the border of two steps falls to either side
    assert np.abs(y - with_onnxruntime(path, {"x": X})[0]).mean() < 0.2 * 0.05  # its optimised form rounds fewer times than the model says


def test_quantised_models_are_written(saved, tmp_path):
    graph = upreg.Graph.load(saved(qdq_model()))
    graph.save(tmp_path / "again.onnx")
    assert np.array_equal(upreg.Graph.load(tmp_path / "again.onnx")(X), graph(X))


@pytest.mark.parametrize("change", ["scale", "zero", "type", "axis"])
def test_pairs_of_unlike_scales_stay(change, saved):
    constants = {"s": np.float32(0.1), "z": np.int8(3), "s2": np.float32(0.1), "z2": np.int8(3)}
    how, kinds = {}, {}
    if change == "scale":
        constants["s2"] = np.float32(0.2)
    elif change == "zero":
        constants["z2"] = np.int8(4)
    elif change == "type":
        kinds = {"z": np.uint8(3), "z2": np.uint8(3)}
    else:
        constants |= {n: np.full(6, v) for n, v in constants.items()}
        how = dict(axis=3)
    constants |= kinds
    nodes = [
        node("QuantizeLinear", ["x", "s", "z"], ["q"], **({"axis": 2} if how else {})),
        node("DequantizeLinear", ["q", "s2", "z2"], ["y"], **how),
    ]
    path = saved(model(nodes, {"x": (F, ["n", 4, 6, 6])}, {"y": (F, None)}, constants))
    graph = upreg.Graph.load(path)
    assert len(graph.nodes) == (1 if change == "type" else 2)
    np.testing.assert_allclose(graph(X), with_onnxruntime(path, {"x": X})[0], rtol=1e-6)


# ---- values that patterns took away, and gradients ----


def test_swallowed_values_can_be_kept(saved):
    """They come from the graph as written; everything else has the bits that it has without them."""
    path = saved(qdq_model())
    plain, simple = (upreg.Graph.load(path, patterns=p) for p in (False, True))
    inner = tuple(simple.swallowed)
    assert {"x.q", "p1.d", "up2"} <= set(inner)
    rest, kept, written = simple.run({"x": X}), simple.run({"x": X}, keep=(*inner, "r1")), plain.run({"x": X}, keep=inner)
    assert list(kept) == ["y", *inner, "r1"] and np.array_equal(rest["y"], kept["y"])
    assert all(np.array_equal(kept[n], written[n]) and kept[n].dtype == written[n].dtype for n in inner)
    simple.bind({"dw": simple.constants["dw"] * 2})
    plain.bind({"dw": plain.constants["dw"] * 2})
    assert np.array_equal(simple.run({"x": X}, keep="c2.q")["c2.q"], plain.run({"x": X}, keep="c2.q")["c2.q"])
    with pytest.raises(upreg.GraphError, match="there is no value 'nothing'"):
        simple.run({"x": X}, keep="nothing")


def gradients_are_differences(graph, feeds, rng):
    """Along a random direction of all inputs, in float64."""
    wide = {n: a.astype(np.float64) for n, a in feeds.items()}
    y = graph.run(wide)
    grads = {n: rng.standard_normal(a.shape) for n, a in y.items()}
    along = {n: rng.standard_normal(a.shape) for n, a in wide.items()}
    ends = [graph.run({n: a + step * along[n] for n, a in wide.items()}) for step in (1e-6, -1e-6)]
    wanted = sum(np.sum((ends[0][n] - ends[1][n]) * g) for n, g in grads.items()) / 2e-6
    got = sum(np.sum(g * along[n]) for n, g in graph.vjp(wide, grads, wrt=list(wide)).items())
    assert got == pytest.approx(wanted, rel=1e-5, abs=1e-7)


D = TensorProto.DOUBLE


@pytest.mark.parametrize("op", ["Max", "Min"])
def test_gradients_of_many_inputs(op, saved):
    rng = np.random.default_rng(4)
    feeds = {f"x{i}": rng.standard_normal((3, 4) if i % 3 else (4,)) for i in range(20)}
    made = model([node(op, [*feeds], ["y"])], {n: (D, a.shape) for n, a in feeds.items()}, {"y": (D, None)})
    gradients_are_differences(upreg.Graph.load(saved(made)), feeds, rng)


@pytest.mark.parametrize("direction", ["forward", "reverse", "bidirectional"])
@pytest.mark.parametrize("after", [0, 1])
def test_gradients_of_gru(direction, after, saved):
    rng, d = np.random.default_rng(5), 2 if direction == "bidirectional" else 1
    feeds = {"x": rng.standard_normal((5, 3, 4)), "w": rng.standard_normal((d, 18, 4)), "r": rng.standard_normal((d, 18, 6))}
    feeds |= {"b": rng.standard_normal((d, 36)), "h": rng.standard_normal((d, 3, 6))}
    gru = node("GRU", ["x", "w", "r", "b", "", "h"], ["y", "last"], hidden_size=6, direction=direction, linear_before_reset=after)
    made = model([gru], {n: (D, a.shape) for n, a in feeds.items()}, {"y": (D, None), "last": (D, None)}, opset=14)
    graph = upreg.Graph.load(saved(made))
    gradients_are_differences(graph, feeds, rng)
    narrow = model([gru], {n: (F, a.shape) for n, a in feeds.items()}, {"y": (F, None), "last": (F, None)}, opset=14)
    small = {n: a.astype(np.float32) for n, a in feeds.items()}
    for y, wanted in zip(graph.run(feeds).values(), with_onnxruntime(saved(narrow), small)):
        np.testing.assert_allclose(y, wanted, atol=1e-5)


def test_last_states_of_uneven_sequences_have_no_gradient(saved):
    x, w, r = (np.ones(s, np.float32) for s in ((5, 3, 4), (1, 18, 4), (1, 18, 6)))
    gru = node("GRU", ["x", "w", "r", "", "n"], ["y", "last"], hidden_size=6)
    made = model([gru], {"x": (F, x.shape)}, {"last": (F, None)}, {"w": w, "r": r, "n": np.int32([5, 2, 3])}, opset=14)
    with pytest.raises(upreg.GraphError, match="has no gradient of its output"):
        upreg.Graph.load(saved(made)).vjp(x, np.ones((1, 3, 6), np.float32))


@pytest.mark.parametrize("shape", [(6, 6), (6,), (1, 6), (6, 1), (1,), (1, 1, 1), (4, 1, 6), (2, 1, 1, 6)])
def test_weights_of_layer_norm_broadcast(shape, saved):
    constants = {"s": RNG.standard_normal(shape).astype(np.float32), "b": RNG.standard_normal(shape).astype(np.float32)}
    norm = node("LayerNormalization", ["x", "s", "b"], ["y"], axis=2)
    path = saved(model([norm], {"x": (F, [2, 4, 6, 6])}, {"y": (F, None)}, constants, opset=17))
    graph = upreg.Graph.load(path)
    x = X.astype(np.float64)
    y = (x - x.mean((2, 3), keepdims=True)) / np.sqrt(x.var((2, 3), keepdims=True) + 1e-5) * constants["s"] + constants["b"]
    np.testing.assert_allclose(graph(X), y, rtol=1e-5, atol=2e-6)
    assert graph.vjp(X, X, wrt="s" if "s" in graph.constants else "x").size


# ---- writing ----


NETWORKS = [
    (networks.unet(base=4, levels=2, padding="same", norm=True), (1, 1, 16, 24)),
    (networks.unet(base=2, levels=2, padding="same", up="bilinear"), (2, 1, 8, 8)),
    (networks.segnet(classes=2, stages=((4, 4), (6,))), (1, 3, 11, 14)),
    (networks.dcgan(z=5, base=4), (2, 5, 1, 1)),
    (networks.dcgan(z=5, base=4, variant="paper"), (2, 5, 1, 1)),
    (networks.espcn(2), (1, 1, 9, 8)),
    (networks.fsrcnn(3), (1, 1, 9, 8)),
    (networks.edsr(4, features=8, blocks=2, residual_scale=0.1), (1, 3, 6, 7)),
    (networks.lapsrn(4, depth=1, features=4), (1, 1, 6, 7)),
    (networks.autoencoder(base=4), (1, 1, 16, 16)),
    (networks.resize_conv_decoder(z=4, base=4, mode="bicubic"), (1, 4, 1, 1)),
]


@pytest.mark.parametrize("g, shape", NETWORKS, ids=[g.nodes[-1].name for g, _ in NETWORKS])
def test_networks_written_and_read_again(g, shape, tmp_path):
    g.init("he", seed=2)
    path = tmp_path / "net.onnx"
    g.save(path)
    x = RNG.standard_normal(shape).astype(np.float32)
    ours = g.run({"x": x})
    again = upreg.Graph.load(path, patterns=False).run({"x": x})
    for (name, y), wanted in zip(ours.items(), with_onnxruntime(path, {"x": x}), strict=True):
        np.testing.assert_allclose(y, wanted, rtol=1e-4, atol=1e-5 * max(1, abs(wanted).max()))
        np.testing.assert_allclose(again[name], y, rtol=1e-5, atol=1e-6 * max(1, abs(y).max()))


CHAINS = [
    "conv:channels=4,kernel=3,padding=[[1,2],[0,1]],dilation=2,groups=2 | leaky_relu:slope=0.1 | batch_norm",
    "conv:channels=4,kernel=3,padding=1,padding_mode=reflect | elu | instance_norm",
    "conv:channels=4,kernel=3,padding=1,upscale=2 | clip:min=-1,max=1",
    "conv_transpose:channels=4,kernel=5,stride=3,padding=1,output_padding=2 | hard_swish",
    "conv_transpose:channels=2,kernel=3,stride=2,padding=same_upper,side=onnx",
    "max_pool:kernel=3,stride=2,padding=1 | swish",
    "avg_pool:kernel=3,stride=2,padding=1,count_include_pad=false,ceil_mode=true",
    "nearest:scale=[2,3]",
    "nearest_exact:size=[7,9]",
    "bilinear:scale=1.5 | sigmoid",
    "bicubic:size=[13,5],antialias=true",
    "linear:size=[3,4],align_corners=true",
    "pixel_shuffle:scale=2",
    "depth_to_space:scale=2",
    "pixel_unshuffle:scale=[2,1]",
    "space_to_depth:scale=2",
    "pixel_shuffle:scale=[2,1]",
    "channel_shuffle:groups=2",
    "lp_pool:p=3,kernel=3,stride=2,padding=1",
    "pad:amount=[[1,0],[2,3]],padding_mode=replicate",
    "pad:amount=2,padding_mode=constant,value=0.5",
    "crop:crop=[[1,0],[0,2]]",
    "crop:size=[2,3],offset=[1,1]",
    "slice:axis=[1,3],start=[1,0],stop=[3,5],step=[1,2]",
    "slice:axis=2,start=-1,step=-1",
    "transpose:axis=[0,2,3,1] | softmax",
    "flatten | linear_layer:channels=3 | log_softmax",
    "reshape:shape=[0,2,-1]",
    "reduce_mean:axis=[2,3]",
    "reduce_l2:axis=1,keepdims=false",
    "global_avg_pool",
    "prelu",
    "gelu",
    "mish",
    "selu",
    "layer_norm",
    "group_norm:groups=2",
    "lrn:size=3",
    "tile:repeats=[1,2,1,1]",
    "cast:to=float64",
    "argmax:axis=1",
]


@pytest.mark.parametrize("chain", CHAINS)
def test_methods_written_and_read_again(chain, tmp_path):
    g = upreg.Graph(chain, input=(2, 4, 6, 8)).init("he", seed=3)
    path = tmp_path / "chain.onnx"
    g.save(path)
    x = RNG.standard_normal((2, 4, 6, 8)).astype(np.float32)
    y = g(x)
    wanted = with_onnxruntime(path, {"x": x})[0]
    assert wanted.dtype == y.dtype
    np.testing.assert_allclose(y, wanted, rtol=1e-4, atol=2e-5)
    np.testing.assert_allclose(upreg.Graph.load(path)(x), y, rtol=1e-4, atol=2e-6)


@pytest.mark.parametrize(
    "chain, words",
    [
        ("lanczos:scale=2", "lanczos cannot be written"),
        ("conv:channels=2,kernel=3,layout=NXC", "layout NXC"),
        ("max_unpool:kernel=2", "max_unpool"),
        ("pad:amount=1,padding_mode=symmetric", "symmetric"),
    ],
)
def test_what_onnx_cannot_say(chain, words, tmp_path):
    g = upreg.Graph()
    x = g.input("x", (1, 4, 4, 4))
    extra = [g.input("i", (1, 4, 4, 4), "int64")] if "unpool" in chain else []
    g.output(g.add(upreg.from_config(chain), x, *extra, name="last"))
    with pytest.raises(upreg.GraphError, match=f"'last'.*{words}"):
        g.init("he").save(tmp_path / "no.onnx")
    assert not list(tmp_path.iterdir())


def test_computed_parameters_are_written(tmp_path):
    g = upreg.Graph()
    x, like = g.input("x", (1, 2, None, None)), g.input("like", (1, 1, None, None))
    g.output(g.add("bilinear", x, size=g.add("shape", like, start=2), name="y"))
    g.save(tmp_path / "g.onnx")
    feeds = {"x": X[:1, :2], "like": X[:1, :1, :3]}
    assert np.allclose(g.run(feeds)["y"], with_onnxruntime(tmp_path / "g.onnx", feeds)[0], atol=1e-6)
    assert np.array_equal(g.run(feeds)["y"], upreg.Graph.load(tmp_path / "g.onnx").run(feeds)["y"])
