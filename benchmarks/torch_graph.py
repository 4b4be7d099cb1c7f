"""Graphs of upreg as torch's functions: only the methods of the named networks that the benchmarks and the peer tests run."""

import torch
import torch.nn.functional as F


def crop(m, x, like):
    offset = m["offset"]
    if offset is None:
        offset = [(a - b) // 2 for a, b in zip(x.shape[2:], like.shape[2:])]
    (top, left), (h, w) = offset if isinstance(offset, list) else (offset,) * 2, like.shape[2:]
    return x[:, :, top : top + h, left : left + w]


def pads(m):
    return m["padding"][0][0] if isinstance(m["padding"], list) else m["padding"]


FUNCTIONS = {
    "conv": lambda m, x, w, b=None: F.conv2d(x, w, b, m["stride"], pads(m), m["dilation"], m["groups"]),
    "conv_transpose": lambda m, x, w, b=None: F.conv_transpose2d(x, w, b, m["stride"], pads(m), m["output_padding"], m["groups"]),
    "batch_norm": lambda m, x, w, b, mean, var: F.batch_norm(x, mean.detach(), var.detach(), w, b, eps=m["eps"]),
    "nearest": lambda m, x: F.interpolate(x, scale_factor=m["scale"], mode="nearest"),
    "relu": lambda m, x: F.relu(x),
    "tanh": lambda m, x: torch.tanh(x),
    "sigmoid": lambda m, x: torch.sigmoid(x),
    "add": lambda m, x, y: x + y,
    "mul": lambda m, x, y: x * y,
    "concat": lambda m, *xs: torch.cat(xs, m["axis"]),
    "crop": crop,
    "slice": lambda m, x: x[:, :, m["start"][0] : m["stop"][0], m["start"][1] : m["stop"][1]],
    "max_pool": lambda m, x: F.max_pool2d(x, m["kernel"], m["stride"], pads(m), ceil_mode=m["ceil_mode"], return_indices=m["return_indices"]),
}


def run(graph, values):
    """{output name: tensor}; values: {name: tensor} of inputs and constants."""
    values, pooled = dict(values), {}
    for node in graph.nodes:
        if node.method.name == "shape":
            continue  # only unpooling asks for it, and that knows what was pooled
        given, m = [values[n] for n in node.inputs], node.method.params
        if node.method.name == "max_unpool":
            y = F.max_unpool2d(*given, m["kernel"], m["stride"], output_size=pooled[node.inputs[1]])
        else:
            y = FUNCTIONS[node.method.name](m, *given)
        values.update(zip(node.outputs, y if isinstance(y, tuple) else (y,)))
        if node.method.name == "max_pool":
            pooled[node.outputs[-1]] = given[0].shape[2:]
    return {name: values[value] for name, value in graph.outputs.items()}
