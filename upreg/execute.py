"""Lowering a Graph to C plans, and running them.

A graph whose nodes are all C methods is one C plan. Nodes written in Python cut it into segments: C never calls Python.
"""

from dataclasses import dataclass

import numpy as np

from upreg import _core
from upreg.errors import GraphError, UpregError
from upreg.registry import Method, from_config


@dataclass
class Plan:
    """A planned graph: the C plan, and which names its results have."""

    core: object
    names: list
    nodes: list  # names of the nodes, in the C graph's order


def is_native(graph):
    """True when every node is a C method."""
    return all(isinstance(node.method, Method) for node in graph.nodes)


def deciding_inputs(graph):
    """Names of the inputs whose numbers decide shapes or branches: a plan is made for those numbers."""
    deciding = set()
    for node in reversed(graph.nodes):
        flags = node.method.info["flags"]
        deciding.update(node.computed)
        if "chooses" in flags:
            deciding.update(node.inputs[:1])
        if "shape_only" not in flags and any(o in deciding for o in node.outputs):
            deciding.update(n for n in node.inputs if n is not None)
    return [name for name in graph.inputs if name in deciding]


def lower(graph, specs, decided=None):
    """(C graph, {value name: number}) of the nodes of a native graph; decided: {input name: array} of inputs that become constants."""
    core = _core.Graph()
    number = {name: core.input(name) for name in specs}
    for name, array in [*graph.constants.items(), *(decided or {}).items()]:
        if array is not None:
            number[name] = core.constant(name, array)
    for node in graph.nodes:
        values = core.add(node.method.op, node.name, [-1 if n is None else number[n] for n in node.inputs + node.computed])
        number.update(zip(node.outputs, values))
    for name, value in graph.outputs.items():
        core.output(number[value], name)
    return core, number


def infer(graph, specs, decided):
    """{value name: spec} as the C library finds them: parameters computed, branches chosen. Other values have None."""
    specs = {name: spec for name, spec in specs.items() if name not in decided}
    core, number = lower_shapes(graph, specs, decided=decided)
    found = core.infer(list(specs.values()))
    return {name: found[n] for name, n in number.items()}


def make_plan(graph, specs, keep, exact, fusion, max_bytes=0, decided=None):
    core, number = lower(graph, specs, decided)
    outputs = [number[v] for v in graph.outputs.values()]
    plan = _core.GraphPlan(core, list(specs.values()), outputs, [number[k] for k in keep], exact, fusion, max_bytes)
    return Plan(plan, list(graph.outputs) + list(keep), [n.name for n in graph.nodes])


def _planned(graph, arrays, keep=(), exact=False, max_bytes=0):
    """(plan, arrays that a run is given): inputs whose numbers decide shapes are part of the plan."""
    deciding = graph.deciding_inputs()
    given = {n: a for n, a in arrays.items() if n not in deciding} if deciding else arrays
    plan = graph.plan_for(_specs_of(given), keep, exact, max_bytes=max_bytes, decided={n: arrays[n] for n in deciding})
    return plan, list(given.values())


def _specs_of(arrays):
    return {name: (a.shape, a.dtype.newbyteorder("=").name) for name, a in arrays.items()}


def run(graph, arrays, keep, threads, exact, progress, max_bytes=0):
    """{name: array} of outputs and kept values."""
    if not is_native(graph):
        return _run_segments(graph, arrays, keep, threads, exact, progress, max_bytes)
    plan, given = _planned(graph, arrays, keep, exact, max_bytes)
    results, _ = plan.core.run(given, threads, progress)
    return dict(zip(plan.names, results))


def run_timed(graph, arrays, threads):
    """(plan, seconds per node) of one run."""
    if not is_native(graph):
        raise GraphError("profile: the graph holds methods written in Python")
    plan, given = _planned(graph, arrays)
    _, seconds = plan.core.run(given, threads, None, True)
    return plan, seconds


# ---- graphs that hold Python methods ----


def _segments(graph):
    """Runs of nodes: ("native", [nodes]) or ("python", [node])."""
    segments = []
    for node in graph.nodes:
        kind = "native" if isinstance(node.method, Method) else "python"
        if kind == "native" and segments and segments[-1][0] == "native":
            segments[-1][1].append(node)
        else:
            segments.append((kind, [node]))
    return segments


def _run_segments(graph, arrays, keep, threads, exact, progress, max_bytes):
    values = dict(arrays)
    values.update({n: a for n, a in graph.constants.items() if a is not None})
    segments = _segments(graph)
    for i, (kind, nodes) in enumerate(segments):
        if kind == "python":
            node = nodes[0]
            values[node.name] = np.asarray(node.method(*[None if n is None else values[n] for n in node.inputs]))
            continue
        later = {n for _, rest in segments[i + 1 :] for node in rest for n in node.reads} | set(graph.outputs.values()) | set(keep)
        made = {n for node in nodes for n in node.outputs}
        part = type(graph)()
        used = {n for node in nodes for n in node.reads} - made
        for name in sorted(used):
            if name in graph.constants:
                part.constants[name] = graph.constants[name]
            else:
                part.inputs[name] = (values[name].shape, values[name].dtype.name)
        part.nodes = nodes
        part.outputs.update({n: n for n in sorted(made & later)})
        values.update(run(part, {n: values[n] for n in part.inputs}, (), threads, exact, progress, max_bytes))
    names = {**{o: v for o, v in graph.outputs.items()}, **{k: k for k in keep}}
    return {name: values[value] for name, value in names.items()}


# ---- counting paths ----


def count_paths(graph, specs):
    """(own, cumulative): {node name: float64 array} per node.

    own: paths through the node alone, from a map of ones of its input's shape (nodes that take norms, activations and the like are left out);
    cumulative: paths from the graph's inputs.
    """
    if not is_native(graph):
        raise GraphError("overlap: the graph holds methods written in Python")
    core, number = lower_shapes(graph, specs)
    counting = core.overlap(list(specs.values()))
    ones = [np.ones(shape, np.float64) for shape, _ in specs.values()]
    doubles = [(shape, "float64") for shape, _ in specs.values()]
    names = [node.name for node in graph.nodes]
    plan = _core.GraphPlan(counting, doubles, [number[v] for v in graph.outputs.values()], [number[n] for n in names], True, False)
    results, _ = plan.run(ones)
    cumulative = dict(zip(names, results[len(graph.outputs) :]))
    texts = {n["name"]: n["text"] for n in plan.nodes()}
    own = {}
    shapes = graph._infer_specs(dict(specs))
    for node in graph.nodes:
        flags = node.method.info["flags"]
        if "overlap_identity" in flags or not ("taps" in flags or "upsamples" in flags):
            continue
        try:
            own[node.name] = _own_paths(graph, node, _resolved(node, texts), shapes)
        except UpregError:
            continue  # a node whose other inputs are not constants, such as max_unpool's indices, has no map of its own
    return own, cumulative


def _resolved(node, texts):
    """A node's method with its computed parameters filled in; texts: {node name: text} of a plan."""
    return from_config(texts[node.name]) if node.computed else node.method


def resolved_methods(graph, arrays):
    """{node name: method with its computed parameters filled in} for these inputs."""
    if not any(node.computed for node in graph.nodes):
        return {node.name: node.method for node in graph.nodes}
    plan, _ = _planned(graph, arrays)
    texts = {n["name"]: n["text"] for n in plan.core.nodes()}
    return {node.name: _resolved(node, texts) for node in graph.nodes}


def _own_paths(graph, node, method, shapes):
    part = type(graph)()
    part.inputs["x"] = (shapes[node.inputs[0]][0], "float64")
    names = ["x"]
    for name in node.inputs[1:]:
        names.append(name)
        if name is not None and name not in graph.constants:
            raise GraphError(f"'{name}' is not a constant")
        if name is not None:
            part.constants[name] = graph.constants[name]
            part.weight_info[name] = graph.weight_info[name]
    part.nodes = [type(node)(node.name, method, names, node.outputs)]
    part.outputs[node.name] = node.name
    specs = {"x": part.inputs["x"]}
    core, number = lower_shapes(part, {"x": (specs["x"][0], "float64")}, "float64")
    plan = _core.GraphPlan(core.overlap(list(specs.values())), list(specs.values()), [number[node.name]], [], True, False)
    return plan.run([np.ones(specs["x"][0])])[0][0]


def lower_shapes(graph, specs, dtype=None, decided=None):
    """As `lower`, for a graph whose weights may have no numbers: only their shapes count."""
    copy = type(graph)()
    copy.nodes, copy.outputs = graph.nodes, graph.outputs
    for name, array in graph.constants.items():
        if array is None or (dtype and array.dtype.kind == "f"):
            shape, own = graph.weight_info[name][:2]
            array = np.broadcast_to(np.zeros((), dtype or own), shape)
        copy.constants[name] = array
    return lower(copy, specs, decided)
