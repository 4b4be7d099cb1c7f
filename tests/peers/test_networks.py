"""Networks by name, forward and backward, against torch's functions with the same random weights."""

import _check
import numpy as np
import pytest
import torch
import torch.nn.functional as F

import upreg
from upreg import networks

SMALL = ((8, 8), (12, 12), (16, 16, 16), (16, 16, 16), (16, 16, 16))  # VGG-16's layers of few channels


def crop(m, x, like):
    (top, left), (h, w) = m["offset"] if isinstance(m["offset"], list) else (m["offset"],) * 2, like.shape[2:]
    return x[:, :, top : top + h, left : left + w]


def centre(m, x, like):
    return crop({"offset": [(a - b) // 2 for a, b in zip(x.shape[2:], like.shape[2:])]}, x, like)


def pads(m):
    return m["padding"][0][0] if isinstance(m["padding"], list) else m["padding"]


FUNCTIONS = {
    "conv": lambda m, x, w, b=None: F.conv2d(x, w, b, m["stride"], pads(m), m["dilation"], m["groups"]),
    "conv_transpose": lambda m, x, w, b=None: F.conv_transpose2d(x, w, b, m["stride"], pads(m), m["output_padding"], m["groups"]),
    "batch_norm": lambda m, x, w, b, mean, var: F.batch_norm(x, mean.detach(), var.detach(), w, b, eps=m["eps"]),
    "relu": lambda m, x: F.relu(x),
    "tanh": lambda m, x: torch.tanh(x),
    "sigmoid": lambda m, x: torch.sigmoid(x),
    "add": lambda m, x, y: x + y,
    "mul": lambda m, x, y: x * y,
    "concat": lambda m, *xs: torch.cat(xs, m["axis"]),
    "crop": lambda m, x, like: (centre if m["offset"] is None else crop)(m, x, like),
    "slice": lambda m, x: x[:, :, m["start"][0] : m["stop"][0], m["start"][1] : m["stop"][1]],
    "max_pool": lambda m, x: F.max_pool2d(x, m["kernel"], m["stride"], pads(m), ceil_mode=m["ceil_mode"], return_indices=m["return_indices"]),
}


def in_float64(graph):
    """The same network in float64, where no two maxima are so near that rounding decides between them."""
    wide = upreg.Graph()
    for name, (shape, _) in graph.inputs.items():
        wide.input(name, shape, "float64")
    for name, array in graph.constants.items():
        wide.constant(array.astype(np.float64), name)
    for node in graph.nodes:
        wide.append(node.name, node.method, node.inputs + node.computed)
    for name, value in graph.outputs.items():
        wide.output(value, name)
    return wide


def torch_run(graph, feeds):
    """({name: result}, {name: leaf}): every input and floating-point constant is a leaf that asks for its gradient."""
    leaves = {n: torch.from_numpy(np.array(a)) for n, a in {**graph.constants, **feeds}.items()}
    for leaf in leaves.values():
        leaf.requires_grad_(leaf.is_floating_point())
    values, pooled = dict(leaves), {}
    for node in graph.nodes:
        given, m = [values[n] for n in node.inputs if n in values], node.method.params
        if node.method.name == "shape":
            continue  # only unpooling asks for it, and that knows what was pooled
        if node.method.name == "max_unpool":
            y = F.max_unpool2d(*given, m["kernel"], m["stride"], output_size=pooled[node.inputs[1]])
        else:
            y = FUNCTIONS[node.method.name](m, *given)
        values.update(zip(node.outputs, y if isinstance(y, tuple) else (y,)))
        if node.method.name == "max_pool":
            pooled[node.outputs[-1]] = given[0].shape[2:]
    return {n: values[v] for n, v in graph.outputs.items()}, leaves


@pytest.mark.parametrize(
    "make, shape",
    [
        (lambda: networks.fcn8s(classes=5), (1, 3, 40, 56)),
        (lambda: networks.fcn8s(classes=5, at_once=True), (1, 3, 40, 40)),
        (lambda: networks.unet(classes=2, base=4), (1, 1, 188, 204)),
        (lambda: networks.unet(classes=2, base=4, padding="same"), (2, 1, 64, 48)),
        (lambda: networks.segnet(classes=4, stages=SMALL, any_size=False), (2, 3, 64, 96)),
        (lambda: networks.segnet(classes=4, stages=SMALL), (1, 3, 70, 50)),
        (lambda: networks.dcgan(base=8), (3, 100, 1, 1)),
        (lambda: networks.autoencoder(base=4), (2, 1, 32, 48)),
    ],
    ids=["fcn8s", "fcn8s-at-once", "unet", "unet-same", "segnet", "segnet-any-size", "dcgan", "autoencoder"],
)
def test_forward_and_backward(make, shape):
    rng = np.random.default_rng(0)
    graph = make().init("he", seed=1)
    (name,) = graph.inputs
    x = rng.standard_normal(shape).astype(np.float32)
    close(graph.run({name: x}), torch_run(graph, {name: x})[0], "float32", "float32")

    graph, x = in_float64(graph), x.astype(np.float64)
    wanted, leaves = torch_run(graph, {name: x})
    grad_y = {n: rng.standard_normal(tuple(y.shape)) for n, y in wanted.items()}
    close(graph.run({name: x}), wanted, "float64", "float64")
    sum((y * torch.from_numpy(grad_y[n])).sum() for n, y in wanted.items()).backward()
    torch_gradients = {n: leaf.grad for n, leaf in leaves.items() if leaf.grad is not None}
    gradients = graph.vjp({name: x}, grad_y, wrt=list(torch_gradients))
    close(gradients, torch_gradients, "float64", "gradient of")


def close(got, wanted, dtype, what):
    assert got.keys() == wanted.keys() and wanted
    for n, value in wanted.items():
        _check.close(got[n], value.detach().numpy(), dtype, f"torch {torch.__version__}: {what} {n}")
