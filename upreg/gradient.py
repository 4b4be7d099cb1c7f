"""Reverse-mode gradients of a graph: every step is a call of a registered method."""

import contextlib

import numpy as np

from upreg import execute, registry
from upreg.errors import GraphError, ParameterError, ShapeError
from upreg.registry import as_array


def graph_vjp(graph, arrays, grad_y, wrt, num_threads):
    """{name: gradient}, or one array when `wrt` is one name. grad_y may be a function of {value name: array} that returns it."""
    single = isinstance(wrt, str)
    wanted = _wanted(graph, arrays, wrt)
    needed = _needed(graph, wanted)
    values = {**graph.constants, **arrays}
    inner = [o for node in graph.nodes for o in node.outputs]
    specs = graph._infer_specs({n: (a.shape, a.dtype.newbyteorder("=").name) for n, a in arrays.items()}, arrays)
    kept = tuple(o for o in inner if specs.get(o) is not None)
    with registry.threads(num_threads) if num_threads else contextlib.nullcontext():
        values.update(graph.run(arrays, keep=kept))
        gradients = _start(graph, grad_y(values) if callable(grad_y) else grad_y, values)
        methods = execute.resolved_methods(graph, arrays)
        for node in reversed(graph.nodes):
            arriving = gradients.pop(node.outputs[0], None)
            for other in node.outputs[1:]:
                if gradients.pop(other, None) is not None and any(n in needed for n in node.inputs):
                    raise GraphError(f"vjp: node '{node.name}' has no gradient of its output '{other}', only of its first one")
            if arriving is None:
                continue
            if "chooses" in node.method.info["flags"]:
                chosen = node.inputs[1 if np.any(values[node.inputs[0]]) else 2]
                gradients[chosen] = arriving if chosen not in gradients else registry.run("add", gradients[chosen], arriving)
                continue
            inputs = [None if n is None else values[n] for n in node.inputs]
            for place, name in enumerate(node.inputs):
                port = node.method._port(place)
                if name not in needed or port["role"] not in ("data", "param"):
                    continue
                found = methods[node.name].vjp(tuple(inputs), arriving, wrt=(place,))[0]
                gradients[name] = found if name not in gradients else registry.run("add", gradients[name], found)
    result = {n: gradients.get(n) if gradients.get(n) is not None else np.zeros_like(values[n]) for n in wanted}
    return result[wrt] if single else result


def _wanted(graph, arrays, wrt):
    read = {n for node in graph.nodes for i, n in enumerate(node.inputs) if node.method._port(i)["role"] in ("data", "param")}
    trainable = [n for n, a in graph.constants.items() if n in read and a.dtype.kind in "fV"]
    if wrt is None:
        return [n for n, a in arrays.items() if a.dtype.kind in "fV"] + trainable
    names = [wrt] if isinstance(wrt, str) else list(wrt)
    for name in names:
        if name not in graph.inputs and name not in graph.constants:
            raise ParameterError(f"vjp: wrt names '{name}'; allowed: {', '.join([*graph.inputs, *graph.constants])}")
    return names


def _needed(graph, wanted):
    """Values from which a wanted one is reached backwards."""
    needed = set(wanted)
    for node in graph.nodes:
        if any(n in needed for n in node.inputs):
            needed.update(node.outputs)
    return needed


def _start(graph, grad_y, values):
    """Gradients of the outputs, by value name."""
    if not isinstance(grad_y, dict):
        grads = grad_y if isinstance(grad_y, (tuple, list)) else (grad_y,)
        if len(grads) != len(graph.outputs):
            raise GraphError(f"vjp: the graph has {len(graph.outputs)} outputs, grad_y has {len(grads)}")
        grad_y = dict(zip(graph.outputs, grads))
    gradients = {}
    for output, grad in grad_y.items():
        if output not in graph.outputs:
            raise GraphError(f"vjp: grad_y names '{output}'; allowed: {', '.join(graph.outputs)}")
        value = graph.outputs[output]
        grad = as_array(grad, "vjp", {"name": f"grad_y of '{output}'", "dtype": "T"})
        if grad is None or grad.shape != values[value].shape:
            raise ShapeError(f"vjp: grad_y of '{output}' has shape {None if grad is None else grad.shape}; allowed: {values[value].shape}")
        grad = grad.astype(values[value].dtype, copy=False)
        gradients[value] = grad if value not in gradients else gradients[value] + grad
    return gradients
