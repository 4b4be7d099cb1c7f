"""ONNX's reference evaluator for elementwise operators of every type (its parameters are float32), torch's autograd for their gradients."""
import numpy as np
import onnx
import pytest
import torch
import torch.nn.functional as F
from _check import close
from onnx import helper
from onnx.reference import ReferenceEvaluator

import upreg

RNG = np.random.default_rng(6)
INTEGERS = (np.uint8, np.int8, np.uint16, np.int16, np.int32, np.int64)
FLOATS = (np.float32, np.float64)


def by_onnx(op, inputs, opset=22, **attributes):
    names = [f"in{i}" for i in range(len(inputs))]
    node = helper.make_node(op, names, ["out"], **attributes)
    values = [helper.make_tensor_value_info(n, helper.np_dtype_to_tensor_dtype(x.dtype), x.shape) for n, x in zip(names, inputs)]
    result = helper.make_tensor_value_info("out", onnx.TensorProto.UNDEFINED, None)
    model = helper.make_model(helper.make_graph([node], "one", values, [result]), opset_imports=[helper.make_opsetid("", opset)])
    with np.errstate(all="ignore"):
        return ReferenceEvaluator(model).run(None, dict(zip(names, inputs)))[0]


def numbers(shape, dtype):
    if np.dtype(dtype).kind == "f":
        return (3 * RNG.standard_normal(shape)).astype(dtype)
    return RNG.integers(0 if np.dtype(dtype).kind == "u" else -40, 60, shape).astype(dtype)


def agree(method, op, inputs, params=None, **attributes):
    wanted, got = np.asarray(by_onnx(op, inputs, **attributes)), upreg.run(method, *inputs, **(params or {}))
    if wanted.dtype == bool:
        wanted = wanted.astype(np.uint8)
    assert got.dtype == wanted.dtype, (method, got.dtype, wanted.dtype)
    close(got, wanted, "float32", f"{method} {params} of {inputs[0].dtype}")


UNARY = [
    ("abs", "Abs", {}), ("neg", "Neg", {}), ("exp", "Exp", {}), ("reciprocal", "Reciprocal", {}), ("floor", "Floor", {}), ("ceil", "Ceil", {}),
    ("round", "Round", {}), ("sign", "Sign", {}), ("erf", "Erf", {}), ("sin", "Sin", {}), ("cos", "Cos", {}), ("tan", "Tan", {}), ("atan", "Atan", {}),
    ("sinh", "Sinh", {}), ("cosh", "Cosh", {}), ("asinh", "Asinh", {}), ("softplus", "Softplus", {}), ("softsign", "Softsign", {}),
    ("mish", "Mish", {}), ("hard_swish", "HardSwish", {}), ("hard_sigmoid", "HardSigmoid", {}), ("hard_sigmoid", "HardSigmoid", dict(alpha=0.3, beta=0.1)),
    ("elu", "Elu", {}), ("elu", "Elu", dict(alpha=0.5)), ("selu", "Selu", {}), ("selu", "Selu", dict(alpha=2.0, gamma=1.5)), ("celu", "Celu", {}),
    ("celu", "Celu", dict(alpha=0.5)), ("thresholded_relu", "ThresholdedRelu", {}), ("thresholded_relu", "ThresholdedRelu", dict(alpha=2.0)),
    ("shrink", "Shrink", dict(lambd=1.5, bias=0.5)), ("gelu", "Gelu", {}), ("gelu", "Gelu", dict(approximate="tanh")), ("is_nan", "IsNaN", {}),
    ("is_inf", "IsInf", {}), ("log_softmax", "LogSoftmax", {}), ("log_softmax", "LogSoftmax", dict(axis=0)),
]


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("method, op, params", UNARY)
def test_functions(method, op, params, dtype):
    x = numbers((4, 33), dtype)
    if op.startswith("Is"):
        x[0, :4] = np.nan, np.inf, -np.inf, 0
    if (op, dtype) == ("Celu", np.float64):
        pytest.skip("ONNX has no Celu of float64")
    agree(method, op, [x], params, **params)


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("method, op, low, high", [("log", "Log", 0, 9), ("sqrt", "Sqrt", 0, 9), ("asin", "Asin", -1, 1), ("acos", "Acos", -1, 1),
                                                  ("acosh", "Acosh", 1, 9), ("atanh", "Atanh", -1, 1)])
def test_functions_of_an_interval(method, op, low, high, dtype):
    agree(method, op, [RNG.uniform(low, high, (4, 33)).astype(dtype)])


def test_swish():
    x = torch.from_numpy(numbers((4, 33), np.float64))
    close(upreg.run("swish", x), F.silu(x).numpy(), "float64", "silu")
    close(upreg.run("swish", x, alpha=1.702), (x * torch.sigmoid(1.702 * x)).numpy(), "float64", "swish")


@pytest.mark.parametrize("dtype", FLOATS + INTEGERS)
def test_clip(dtype):
    x = numbers((4, 33), dtype)
    for low, high in ((-1, 2), (5, 20), (20, 5)):
        bounds = [np.asarray(bound).astype(dtype) for bound in (low, high)]
        got = upreg.run("clip", x, min=float(bounds[0]), max=float(bounds[1]))
        close(got, by_onnx("Clip", [x, *bounds]), "float32", f"clip of {x.dtype}")


SHAPES = [((4, 33), (4, 33)), ((2, 1, 5), (3, 1)), ((), (4,)), ((7,), ()), ((0, 3), (1, 3))]


@pytest.mark.parametrize("shapes", SHAPES)
@pytest.mark.parametrize("dtype", FLOATS + INTEGERS)
def test_pairs(dtype, shapes):
    a, b = (numbers(shape, dtype) for shape in shapes)
    for method, op in (("add", "Add"), ("sub", "Sub"), ("mul", "Mul"), ("minimum", "Min"), ("maximum", "Max")):
        agree(method, op, [a, b])
    for method, op in (("equal", "Equal"), ("less", "Less"), ("greater", "Greater"), ("less_equal", "LessOrEqual"), ("greater_equal", "GreaterOrEqual")):
        agree(method, op, [np.asarray(a // 8 * 8, dtype), np.asarray(b // 8 * 8, dtype)])
    agree("where", "Where", [np.asarray(RNG.integers(0, 2, shapes[0]), bool), a, b])
    b = np.asarray(np.where(b == 0, 1, b), dtype)
    agree("mod", "Mod", [a, b], dict(fmod=True), fmod=1)
    if np.dtype(dtype).kind == "f":
        agree("div", "Div", [a, b])
        agree("pow", "Pow", [np.asarray(abs(a) + 0.1, dtype), b])
        agree("mean", "Mean", [a + b, b, a])
    else:
        agree("mod", "Mod", [a, b])
        for method, op in (("bitwise_and", "BitwiseAnd"), ("bitwise_or", "BitwiseOr"), ("bitwise_xor", "BitwiseXor")):
            agree(method, op, [a, b])
        agree("bitwise_not", "BitwiseNot", [a])
        close(upreg.run("div", a, b), np.trunc(a / b.astype(float)).astype(dtype), "float32", "div")  # newest ONNX: truncated
        agree("pow", "Pow", [a, np.asarray(b % 4, dtype)])
    if dtype in (np.uint8, np.uint16):
        for direction in ("left", "right"):
            agree("bit_shift", "BitShift", [a, np.asarray(b % 7, dtype)], dict(direction=direction), direction=direction.upper())


@pytest.mark.parametrize("shapes", SHAPES)
def test_logic(shapes):
    a, b = (np.asarray(RNG.integers(0, 2, shape), bool) for shape in shapes)
    for method, op in (("logical_and", "And"), ("logical_or", "Or"), ("logical_xor", "Xor")):
        agree(method, op, [a, b])
    agree("logical_not", "Not", [a])


TORCH = {
    "exp": torch.exp, "log": torch.log, "sqrt": torch.sqrt, "reciprocal": torch.reciprocal, "abs": torch.abs, "neg": torch.neg, "erf": torch.erf,
    "sin": torch.sin, "cos": torch.cos, "tan": torch.tan, "asin": torch.asin, "acos": torch.acos, "atan": torch.atan, "sinh": torch.sinh,
    "cosh": torch.cosh, "asinh": torch.asinh, "acosh": lambda x: torch.acosh(x + 1), "atanh": torch.atanh, "floor": torch.floor, "round": torch.round,
    "sign": torch.sign, "softplus": F.softplus, "softsign": F.softsign, "elu": F.elu, "selu": F.selu, "celu": F.celu, "gelu": F.gelu, "swish": F.silu,
    "mish": F.mish, "hard_sigmoid:alpha=0.16666666666666666": F.hardsigmoid, "hard_swish": F.hardswish, "clip:min=0.25,max=0.5":
    lambda x: torch.clamp(x, 0.25, 0.5), "gelu:approximate=tanh": lambda x: F.gelu(x, approximate="tanh"), "shrink:lambd=0.5": F.hardshrink,
    "celu:alpha=0.3": lambda x: F.celu(x, 0.3), "log_softmax": lambda x: F.log_softmax(x, -1),
}
ROUNDED = ("selu", "celu", "hard_sigmoid")  # torch's constants and parameters are float32


@pytest.mark.parametrize("text", TORCH)
def test_gradients(text):
    """At numbers between 0 and 1, and where the function is defined there, below and beyond."""
    name = text.partition(":")[0]
    for low, high in ((0.01, 0.99),) if name in ("log", "sqrt", "asin", "acos", "acosh", "atanh", "reciprocal") else ((0.01, 0.99), (-4.01, 5.02)):
        x = torch.from_numpy(np.linspace(low, high, 60).reshape(3, 20)).requires_grad_()
        gy = torch.from_numpy(RNG.standard_normal((3, 20)))
        TORCH[text](x).backward(gy)
        ours = x.detach().numpy() + (name == "acosh")
        (got,) = upreg.from_config(text).vjp(ours, gy.numpy())
        close(got, x.grad.numpy(), "float32" if name in ROUNDED else "float64", f"gradient of {text}")


@pytest.mark.parametrize("method, peer", [
    ("sub", torch.sub), ("div", torch.div), ("mul", torch.mul), ("pow", torch.pow), ("mod", torch.remainder), ("mod:fmod=true", torch.fmod),
    ("minimum", torch.minimum), ("maximum", torch.maximum), ("mean", lambda a, b: (a + b) / 2),
])
def test_gradients_of_pairs(method, peer):
    for shapes in (((3, 5), (3, 5)), ((2, 1, 5), (3, 1)), ((), (4,))):
        a, b = (torch.from_numpy(RNG.uniform(0.3, 3, shape) if method == "pow" else np.asarray(RNG.standard_normal(shape) + 0.01)) for shape in shapes)
        a, b = a.requires_grad_(), b.requires_grad_()
        y = peer(a, b)
        gy = torch.from_numpy(np.asarray(RNG.standard_normal(tuple(y.shape))))
        y.backward(gy)
        for got, wanted in zip(upreg.from_config(method).vjp((a.detach().numpy(), b.detach().numpy()), gy.numpy()), (a.grad, b.grad)):
            close(got, wanted.numpy(), "float64", f"gradient of {method} on {shapes}")
