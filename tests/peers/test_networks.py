"""Networks by name, forward and backward, against torch's functions with the same random weights."""

import pathlib
import sys

import _check
import numpy as np
import pytest
import torch

import upreg
from upreg import networks

sys.path.append(str(pathlib.Path(__file__).resolve().parents[2]))

from benchmarks import torch_graph  # noqa: E402

SMALL = ((8, 8), (12, 12), (16, 16, 16), (16, 16, 16), (16, 16, 16))  # VGG-16's layers of few channels


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
    return torch_graph.run(graph, leaves), leaves


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
        (lambda: networks.autoencoder(base=4, kernel=4), (2, 1, 32, 48)),
        (lambda: networks.autoencoder(base=4, up="resize_conv"), (2, 1, 32, 48)),
    ],
    ids=["fcn8s", "fcn8s-at-once", "unet", "unet-same", "segnet", "segnet-any-size", "dcgan", "autoencoder", "autoencoder-k4", "autoencoder-resize"],
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
