"""Reductions, matrix products, norms, gru and quantisation: onnxruntime through one-node models, and torch, for gradients too."""
import itertools

import numpy as np
import onnxruntime
import pytest
import torch
from _check import agree, close
from onnx import helper

import upreg

RNG = np.random.default_rng(11)


def ort(op, inputs, types, opset=21, **attributes):
    """The outputs of one node; types: their numpy types."""
    names, outs = ["" if x is None else f"in{i}" for i, x in enumerate(inputs)], [f"out{i}" for i in range(len(types))]
    values = [helper.make_tensor_value_info(n, helper.np_dtype_to_tensor_dtype(x.dtype), x.shape) for n, x in zip(names, inputs) if n]
    results = [helper.make_tensor_value_info(n, helper.np_dtype_to_tensor_dtype(np.dtype(t)), None) for n, t in zip(outs, types)]
    graph = helper.make_graph([helper.make_node(op, names, outs, **attributes)], "one", values, results)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=10)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.log_severity_level = 1, 4
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, ["CPUExecutionProvider"])
    return tuple(session.run(None, {n: x for n, x in zip(names, inputs) if n}))


def normal(*shape, dtype=np.float32):
    return RNG.standard_normal(shape).astype(dtype)


REDUCTIONS = {"sum": "Sum", "mean": "Mean", "max": "Max", "min": "Min", "prod": "Prod", "l1": "L1", "l2": "L2", "log_sum": "LogSum",
              "log_sum_exp": "LogSumExp", "sum_square": "SumSquare"}
AXES = ([0], [1], [2], [0, 1], [1, 2], [0, 2], [0, 1, 2], [-1])


@pytest.mark.parametrize("name", REDUCTIONS)
def test_reductions(name):
    for axes, keep in itertools.product(AXES, (True, False)):
        x = abs(normal(3, 17, 20)) + np.float32(0.5) if name in ("log_sum", "prod") else normal(3, 17, 20)
        if name == "prod":
            x = x ** np.float32(0.1)
        wanted = ort("Reduce" + REDUCTIONS[name], [x, np.array(axes, np.int64)], [x.dtype], keepdims=int(keep))[0]
        agree(f"reduce_{name}", dict(axis=axes, keepdims=keep), [x], wanted)
    wanted = ort("Reduce" + REDUCTIONS[name], [x], [x.dtype], keepdims=1)[0]
    agree(f"reduce_{name}", {}, [x], wanted)


@pytest.mark.parametrize("name", ["sum", "mean", "max", "min", "prod", "l1", "sum_square"])
def test_integer_reductions(name):
    x = RNG.integers(*(1, 3) if name == "prod" else (-9, 10), (2, 7, 4) if name == "prod" else (3, 7, 5)).astype(np.int32)
    for axes in AXES:
        agree(f"reduce_{name}", dict(axis=axes), [x], ort("Reduce" + REDUCTIONS[name], [x, np.array(axes, np.int64)], [x.dtype])[0])


@pytest.mark.parametrize("name", ["argmax", "argmin"])
def test_places(name):
    for axis, keep, last in itertools.product((0, 1, 2, -1), (0, 1), (0, 1)):
        x = np.round(normal(5, 6, 40) * 2)
        wanted = ort({"argmax": "ArgMax", "argmin": "ArgMin"}[name], [x], [np.int64], axis=axis, keepdims=keep, select_last_index=last)[0]
        agree(name, dict(axis=axis, keepdims=bool(keep), select_last_index=bool(last)), [x], wanted)


def test_global_pools():
    for shape in ((2, 5, 9), (2, 5, 7, 7), (1, 3, 4, 5, 6)):
        x = normal(*shape)
        agree("global_avg_pool", {}, [x], ort("GlobalAveragePool", [x], [x.dtype])[0])
        agree("global_max_pool", {}, [x], ort("GlobalMaxPool", [x], [x.dtype])[0])
        for p in (1, 2, 3):
            agree("global_lp_pool", dict(p=p), [x], ort("GlobalLpPool", [x], [x.dtype], p=p)[0])


@pytest.mark.parametrize("a, b", [((4, 5), (5, 6)), ((5,), (5, 6)), ((4, 5), (5,)), ((5,), (5,)), ((2, 3, 4, 5), (5, 6)), ((2, 1, 4, 5), (3, 5, 6)),
                                  ((5,), (3, 5, 6)), ((2, 3, 4, 5), (5,)), ((70, 300), (300, 130))])
def test_matmul(a, b):
    a, b = normal(*a), normal(*b)
    agree("matmul", {}, [a, b], ort("MatMul", [a, b], [a.dtype])[0])
    left, right = (torch.tensor(v.astype(np.float64), requires_grad=True) for v in (a, b))
    y = left @ right
    gy = torch.randn(y.shape, dtype=torch.float64)
    y.backward(gy)
    got = upreg.get("matmul").vjp((left.detach().numpy(), right.detach().numpy()), gy.numpy())
    for ours, peer in zip(got, (left.grad, right.grad)):
        close(ours, peer.numpy(), np.float64, f"gradient of matmul {a.shape} {b.shape}")


def check_gradients(name, params, inputs, function):
    """upreg's gradients against torch's."""
    tensors = [torch.tensor(x.astype(np.float64), requires_grad=True) for x in inputs]
    y = function(*tensors)
    gy = torch.randn(y.shape, dtype=torch.float64)
    y.backward(gy)
    got = upreg.get(name, **params).vjp(tuple(t.detach().numpy() for t in tensors), gy.numpy())
    for i, (ours, tensor) in enumerate(zip(got, tensors, strict=True)):
        close(ours, tensor.grad.numpy(), np.float64, f"gradient {i} of {name} {params}")


def test_gradients_of_reductions():
    x = np.round(normal(4, 5, 6) * 2)
    for axis in ((0,), (1,), (0, 2), (0, 1, 2)):
        how = dict(axis=list(axis), keepdims=False)
        for name, function in (("sum", torch.sum), ("mean", torch.mean), ("max", torch.amax), ("min", torch.amin), ("log_sum_exp", torch.logsumexp)):
            check_gradients(f"reduce_{name}", how, [x], lambda t, f=function, a=axis: f(t, a))
        check_gradients("reduce_l2", how, [x], lambda t, a=axis: torch.linalg.vector_norm(t, 2, a))
        check_gradients("reduce_l1", how, [x], lambda t, a=axis: torch.linalg.vector_norm(t, 1, a))
    for axis in (0, 1, 2):
        check_gradients("reduce_prod", dict(axis=axis, keepdims=False), [x], lambda t, a=axis: torch.prod(t, a))


def test_layer_norm():
    for shape, axis in (((4, 30), -1), ((2, 3, 5, 7), 2), ((2, 3, 5, 7), -1), ((3, 5000), -1)):
        x, w, b = normal(*shape), normal(*shape[axis:]), normal(*shape[axis:])
        agree("layer_norm", dict(axis=axis), [x, w, b], ort("LayerNormalization", [x, w, b], [x.dtype], axis=axis)[0])
        check_gradients("layer_norm", dict(axis=axis), [x, w, b], lambda t, u, v: torch.nn.functional.layer_norm(t, u.shape, u, v))
        wanted = torch.nn.functional.rms_norm(*(torch.tensor(v) if isinstance(v, np.ndarray) else v for v in (x, w.shape, w, 1e-5))).numpy()
        agree("rms_norm", dict(axis=axis), [x, w], wanted)
        check_gradients("rms_norm", dict(axis=axis), [x, w], lambda t, u: torch.nn.functional.rms_norm(t, u.shape, u, 1e-5))


def test_group_norm():
    for shape, groups in (((2, 6, 5), 3), ((2, 8, 5, 7), 2), ((1, 4, 3, 4, 5), 4)):
        x, w, b = normal(*shape), normal(shape[1]), normal(shape[1])
        wanted = torch.nn.functional.group_norm(*(torch.tensor(v) if isinstance(v, np.ndarray) else v for v in (x, groups, w, b))).numpy()
        agree("group_norm", dict(groups=groups), [x, w, b], wanted)
        check_gradients("group_norm", dict(groups=groups), [x, w, b], lambda t, u, v, g=groups: torch.nn.functional.group_norm(t, g, u, v))
        last = np.ascontiguousarray(np.moveaxis(x, 1, -1))
        agree("group_norm", dict(groups=groups, layout="NXC"), [last, w, b], np.moveaxis(wanted, 1, -1))


def test_lrn():
    for size, alpha, beta in itertools.product((1, 3, 5, 7, 9), (1e-4, 0.3), (0.75, 0.5)):
        x = normal(2, 7, 5, 6)
        agree("lrn", dict(size=size, alpha=alpha, beta=beta, bias=2), [x], ort("LRN", [x], [x.dtype], size=size, alpha=alpha, beta=beta, bias=2.0)[0])
        check_gradients("lrn", dict(size=size, alpha=alpha, beta=beta, bias=2), [x],
                        lambda t, s=size, a=alpha, b=beta: torch.nn.functional.local_response_norm(t, s, a, b, 2.0))


def test_lp_normalize():
    for axis, p in itertools.product((0, 1, -1), (1, 2)):
        x = normal(5, 6, 7)
        agree("lp_normalize", dict(axis=axis, p=p), [x], ort("LpNormalization", [x], [x.dtype], axis=axis, p=p)[0])
        check_gradients("lp_normalize", dict(axis=axis, p=p), [x], lambda t, a=axis, q=p: torch.nn.functional.normalize(t, q, a))


@pytest.mark.parametrize("direction", ["forward", "reverse", "bidirectional"])
def test_gru(direction):
    for after, has_bias, has_initial, has_lengths in itertools.product((0, 1), (0, 1), (0, 1), (0, 1)):
        steps, batch, n_in, hidden, d = 6, 11, 5, 37, 2 if direction == "bidirectional" else 1
        x, w, r = normal(steps, batch, n_in), normal(d, 3 * hidden, n_in) / 3, normal(d, 3 * hidden, hidden) / 6
        bias = normal(d, 6 * hidden) if has_bias else None
        initial = normal(d, batch, hidden) if has_initial else None
        lengths = RNG.integers(1, steps + 1, batch) if has_lengths else None
        given = [x, w, r, bias, None if lengths is None else lengths.astype(np.int32), initial]
        wanted = ort("GRU", given, [x.dtype] * 2, hidden_size=hidden, direction=direction, linear_before_reset=after)
        agree("gru", dict(direction=direction, linear_before_reset=bool(after)), [x, w, r, bias, initial, lengths], wanted)


@pytest.mark.parametrize("type", ["uint8", "int8", "uint16", "int16"])
def test_quantisation(type):
    for shape in ((), (6,)):
        x, scale = normal(4, 6, 50) * 3, np.asarray(RNG.uniform(0.01, 2, shape), np.float32)
        zero = np.asarray(RNG.integers(0, 100, shape), type)
        wanted = ort("QuantizeLinear", [x, scale, zero], [zero.dtype])[0]
        agree("quantize_linear", {}, [x, scale, zero], wanted)
        agree("dequantize_linear", {}, [wanted, scale, zero], ort("DequantizeLinear", [wanted, scale, zero], [np.float32])[0])
    halves = np.arange(-9, 10, dtype=np.float32)[None] / 2
    one = np.array(1, np.float32)
    agree("quantize_linear", dict(to=type), [halves, one], ort("QuantizeLinear", [halves, one, np.zeros((), type)], [np.dtype(type)])[0])
