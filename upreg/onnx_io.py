"""ONNX models in: `upreg.Graph.load("model.onnx")`.

The `onnx` package reads the file; `onnx_ops` knows the operators; here the model is walked: opsets, names, element types, subgraphs, constants,
and what can be wrong with a file. float16 and bfloat16 models are computed in float32 and return their own types; truth values are uint8 inside.
"""

import os
from pathlib import Path

import numpy as np

from upreg import registry
from upreg.errors import GraphError, UpregError
from upreg.graph import Graph
from upreg.onnx_ops import OPERATORS, Ref
from upreg.registry import get
from upreg.simplify import simplify

OLDEST_OPSET = 7
FOLD_ELEMENTS = 1 << 16  # constants computed while loading may be as large as this, or as their inputs together
HALVES = ("float16", "bfloat16")
STANDARD = ("", "ai.onnx")


def _onnx():
    try:
        import onnx
    except ImportError:
        raise GraphError("ONNX files need the package 'onnx': pip install 'upreg[onnx]'") from None
    return onnx


# ---- reading files ----


def read_model(path, max_bytes=None):
    """The model of a file, its weights too; GraphError when it cannot be read or is larger than max_bytes."""
    onnx = _onnx()
    path = Path(path)
    try:
        size = path.stat().st_size
        if max_bytes is not None and size > max_bytes:
            raise GraphError(f"{path}: the file has {size} bytes; max_bytes allows {max_bytes}")
        model = onnx.load_model_from_string(path.read_bytes())
    except OSError as error:
        raise GraphError(f"{path}: cannot be read: {error.strerror}") from None
    except UpregError:
        raise
    except Exception as error:  # whatever the protobuf library raises about bytes that are no model
        raise GraphError(f"{path}: not an ONNX model: {error}") from None
    if not model.HasField("graph"):
        raise GraphError(f"{path}: not an ONNX model: it holds no graph")
    return model


def _external(tensor, folder, max_bytes):
    """The bytes of a tensor that lie in a file beside the model, and nowhere else."""
    info = {e.key: e.value for e in tensor.external_data}
    location = info.get("location", "")
    base, path = os.path.realpath(folder), os.path.realpath(os.path.join(folder, location))
    if not location or os.path.isabs(location) or os.path.commonpath([base, path]) != base:
        raise GraphError(f"initialiser '{tensor.name}': its data are said to lie in '{location}', outside the model's folder")
    try:
        offset, length = int(info.get("offset", 0)), int(info["length"]) if "length" in info else None
        with open(path, "rb") as file:
            size = os.fstat(file.fileno()).st_size
            length = size - offset if length is None else length
            if offset < 0 or length < 0 or offset + length > size:
                raise GraphError(f"initialiser '{tensor.name}': bytes {offset} to {offset + length} of '{location}', which has {size}")
            if max_bytes is not None and length > max_bytes:
                raise GraphError(f"initialiser '{tensor.name}': {length} bytes; max_bytes allows {max_bytes}")
            file.seek(offset)
            return file.read(length)
    except (OSError, ValueError) as error:
        raise GraphError(f"initialiser '{tensor.name}': its data in '{location}' cannot be read: {error}") from None


def tensor_array(tensor, folder="", max_bytes=None):
    """A numpy array of a TensorProto; 16-bit floats become float32."""
    onnx = _onnx()
    count = 1
    for n in tensor.dims:
        if n < 0:
            raise GraphError(f"initialiser '{tensor.name}' has the shape {list(tensor.dims)}")
        count *= n
    kind = type_name(tensor.data_type, f"initialiser '{tensor.name}'")
    if max_bytes is not None and count * (np.dtype("float32" if kind in HALVES else kind).itemsize) > max_bytes:
        raise GraphError(f"initialiser '{tensor.name}' of shape {list(tensor.dims)} is larger than max_bytes = {max_bytes}")
    if tensor.data_location == onnx.TensorProto.EXTERNAL:
        full = onnx.TensorProto()
        full.CopyFrom(tensor)
        full.ClearField("external_data")
        full.data_location = onnx.TensorProto.DEFAULT
        full.raw_data = _external(tensor, folder, max_bytes)
        tensor = full
    try:
        array = onnx.numpy_helper.to_array(tensor)
    except Exception as error:  # the number of bytes does not fit the shape
        raise GraphError(f"initialiser '{tensor.name}' of shape {list(tensor.dims)} cannot be read: {error}") from None
    return np.asarray(array, np.float32) if kind in HALVES else array


def type_name(number, of):
    """numpy's name of an ONNX element type; GraphError when upreg has no such type."""
    onnx = _onnx()
    names = {
        getattr(onnx.TensorProto, key): name
        for key, name in (
            ("FLOAT", "float32"), ("DOUBLE", "float64"), ("FLOAT16", "float16"), ("BFLOAT16", "bfloat16"), ("UINT8", "uint8"), ("INT8", "int8"),
            ("UINT16", "uint16"), ("INT16", "int16"), ("INT32", "int32"), ("INT64", "int64"), ("BOOL", "bool"),
        )
    }  # fmt: skip
    if number not in names:
        given = onnx.TensorProto.DataType.Name(number) if number in onnx.TensorProto.DataType.values() else number
        raise GraphError(f"{of} has the element type {given}; allowed: {', '.join(names.values())}")
    return names[number]


# ---- what a file needs ----


def _nodes(graph):
    """All nodes, those of subgraphs too."""
    for node in graph.node:
        yield node
        for attribute in node.attribute:
            for part in [attribute.g] if attribute.HasField("g") else attribute.graphs:
                yield from _nodes(part)


def _check_operators(model):
    opsets = {o.domain: o.version for o in model.opset_import}
    newest = _onnx().defs.onnx_opset_version()
    version = next((opsets[d] for d in STANDARD if d in opsets), None)
    if version is None or not OLDEST_OPSET <= version <= newest:
        raise GraphError(f"the model uses opset {version}; allowed: {OLDEST_OPSET} to {newest}")
    unknown = {}
    for node in _nodes(model.graph):
        if node.domain not in STANDARD or node.op_type not in OPERATORS:
            unknown.setdefault((node.domain or "ai.onnx", node.op_type), []).append(node.name or (node.output[0] if node.output else "?"))
    if unknown:
        listed = "; ".join(
            f"{op} (domain {domain}, opset {opsets.get(domain, opsets.get('', version))}) in {len(where)} node(s), first '{where[0]}'"
            for (domain, op), where in sorted(unknown.items())
        )
        raise GraphError(f"unknown operators: {listed}")
    return version


def _sorted_nodes(nodes, have, where):
    """Nodes in an order in which everything is made before it is read."""
    ready, waiting, made = [], list(nodes), set(have)
    while waiting:
        late = []
        for node in waiting:
            if all(n in made or not n for n in _reads(node)):
                ready.append(node)
                made.update(node.output)
            else:
                late.append(node)
        if len(late) == len(waiting):
            promised = {o for node in late for o in node.output}
            for node in late:
                for n in _reads(node):
                    if n and n not in made and n not in promised:
                        raise GraphError(
                            f"{where}node '{node.name or node.output[0]}' ({node.op_type}) reads '{n}', which is no input, initialiser or result"
                        )
            raise GraphError(f"{where}the nodes form a cycle through '{late[0].name or late[0].output[0]}' ({late[0].op_type})")
        waiting = late
    return ready


def _reads(node):
    """Values that a node reads, those that its subgraphs take from outside too."""
    yield from node.input
    for attribute in node.attribute:
        if attribute.HasField("g"):
            inside = {t.name for t in attribute.g.initializer} | {o for n in attribute.g.node for o in n.output} | {i.name for i in attribute.g.input}
            for n in attribute.g.node:
                yield from (v for v in _reads(n) if v not in inside)
            yield from (o.name for o in attribute.g.output if o.name not in inside)


# ---- walking the model ----


class Importer:
    """A model on its way to a `Graph`."""

    def __init__(self, model, folder, max_bytes):
        self.onnx = _onnx()
        self.folder, self.max_bytes = folder, max_bytes
        self.opset = _check_operators(model)
        self.graph = Graph()
        self.types = {}  # value name -> element type; "bool" for truth values
        self.shapes = {}  # name in the model -> shape with None for free sizes
        self._shapes_of(model)

    def _shapes_of(self, model):
        """Shapes as the file gives them and as the onnx package infers them; where it cannot, they stay unknown."""
        try:
            inferred = self.onnx.shape_inference.infer_shapes(model).graph
        except Exception:  # of models beyond 2 GiB, or that do not fit together: the latter is found when shapes are planned
            inferred = model.graph
        for info in [*inferred.value_info, *inferred.input, *inferred.output]:
            if info.type.tensor_type.HasField("shape"):
                self.shapes[info.name] = tuple(d.dim_value if d.HasField("dim_value") else None for d in info.type.tensor_type.shape.dim)

    def run(self, model):
        graph = model.graph
        names = {}
        constants = {t.name for t in graph.initializer}
        for value in graph.input:
            if value.name not in constants:
                names[value.name] = self.input(value)
        self.initialisers(graph, names, "")
        self.nodes(graph, names, "")
        for value in graph.output:
            if value.name not in names:
                raise GraphError(f"the output '{value.name}' is made by no node")
            self.output(value, names[value.name])
        return self.graph

    def input(self, value):
        tensor = value.type.tensor_type
        if not value.type.HasField("tensor_type") or not tensor.HasField("shape"):
            raise GraphError(f"input '{value.name}' is no tensor of known rank")
        shape = self.shapes[value.name] = tuple(d.dim_value if d.HasField("dim_value") and d.dim_value >= 0 else None for d in tensor.shape.dim)
        if len(shape) > 8:
            raise GraphError(f"input '{value.name}' has the shape {shape}; allowed: 0 to 8 sizes of 0 or more")
        kind = type_name(tensor.elem_type, f"input '{value.name}'")
        self.graph.input(value.name, shape, kind)
        self.types[value.name] = kind
        if kind in HALVES:
            return self.node("cast", [value.name], f"{value.name}/float32", "float32", to="float32")
        return value.name

    def output(self, value, name):
        kind = self.types[name]
        declared = value.type.tensor_type.elem_type
        if declared and kind == "float32" and type_name(declared, f"output '{value.name}'") in HALVES:
            to = type_name(declared, "")
            name = self.node("cast", [name], f"{value.name}/{to}", to, to=to, fold=False)
        self.graph.output(name, value.name)
        if kind == "bool":
            self.graph.truths.add(value.name)

    def initialisers(self, graph, names, prefix):
        if graph.sparse_initializer:
            raise GraphError("sparse initialisers are not supported")
        for tensor in graph.initializer:
            names[tensor.name] = self.constant(tensor_array(tensor, self.folder, self.max_bytes), prefix + tensor.name)

    def nodes(self, graph, names, prefix):
        for node in _sorted_nodes(graph.node, names, ""):
            first = len(self.graph.nodes)
            try:
                made = OPERATORS[node.op_type](Call(self, node, names, prefix))
            except (UpregError, KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
                kind = type(error) if isinstance(error, UpregError) else GraphError
                told = error if isinstance(error, UpregError) else f"its attributes or inputs do not fit: {type(error).__name__} {error}"
                raise kind(f"node '{node.name or ''.join(node.output[:1])}' ({node.op_type}): {told}") from None
            if made and node.output and node.output[0]:
                made = [*self.rename(made, prefix + node.output[0], first)]
            names.update({target: value for target, value in zip(node.output, made) if target})

    # -- the graph --

    def constant(self, array, name):
        """A constant; truth values become uint8."""
        array = np.asarray(array)
        kind = array.dtype.name
        if array.ndim > 8:
            raise GraphError(f"'{name}' has {array.ndim} axes; allowed: 0 to 8")
        name = self.graph.constant(np.asarray(array, order="C"), self.graph._free_name(name)).name
        self.types[name] = kind
        return name

    def rename(self, made, name, first):
        """The results of an operator, the first of them under its name in the model where one of the nodes from `first` on made it."""
        value, new = made[0], self.graph.nodes[first:]
        node = next((n for n in new if n.name == value), None)
        if node is None or self.graph._known(name):
            return made
        node.name = name
        for other in new:
            other.inputs = [name if n == value else n for n in other.inputs]
            other.computed = [name if n == value else n for n in other.computed]
        ports = node.method.info["outputs"][1:]
        renamed = dict(zip(node.outputs, [name, *(f"{name}.{p['name']}" for p in ports)]))
        for old, fresh in renamed.items():
            self.types[fresh] = self.types.pop(old)
        node.outputs = list(renamed.values())
        return [renamed.get(v, v) for v in made]

    def known(self, name):
        return self.graph.constants.get(name)

    def node(self, method, inputs, name, type=None, fold=True, **params):
        return self.add(method, inputs, name, type, fold, params)[0]

    def add(self, method, inputs, name, type, fold, params):
        """Value names of the outputs: of a new node, or of constants when all that it reads is constant."""
        while inputs and inputs[-1] is None:
            inputs = inputs[:-1]
        first = next((self.types[n] for n in inputs if n is not None), "float32")
        kind = type or first
        computed = {}
        for key, value in list(params.items()):
            if isinstance(value, Ref):
                known = self.known(value)
                params[key] = registry.COMPUTED if known is None else _plain_number(known)
                if known is None:
                    computed[key] = str(value)
        m = get(method, **params)
        if fold and not computed and all(n is None or self.known(n) is not None for n in inputs):
            made = self.fold(m, inputs, name, kind)
            if made is not None:
                return made
        name = self.graph._free_name(name)
        self.graph.append(name, m, [*inputs, *(computed[k] for k in m.computed)])
        outputs = self.graph.nodes[-1].outputs
        for output, port in zip(outputs, m.info["outputs"]):
            self.types[output] = "int64" if port["dtype"] == "i64" else kind
        return outputs

    def fold(self, m, inputs, name, kind):
        arrays = [None if n is None else self.known(n) for n in inputs]
        ports = m.info["inputs"]
        specs = [None if a is None else (a.shape, a.dtype.name) for a in arrays]
        _, found = m.op.infer(specs + ([] if ports[0]["variadic"] else [None] * (len(ports) - len(specs))))
        if any(np.prod(f[0], dtype=float) > max(FOLD_ELEMENTS, sum(a.size for a in arrays if a is not None)) for f in found if f is not None):
            return None
        results = m(*arrays)
        results = results if isinstance(results, tuple) else (results,)
        names = [self.constant(r, name if i == 0 else f"{name}.{i}") for i, r in enumerate(results)]
        self.types[names[0]] = kind
        return names


def _plain_number(array):
    return array.tolist() if array.ndim else array.item()


class Call:
    """One node of a model, as the functions of `onnx_ops` see it."""

    def __init__(self, importer, node, names, prefix):
        self.importer, self.op, self.opset, self.names, self.prefix = importer, node.op_type, importer.opset, names, prefix
        self.outputs = list(node.output)
        self.given = list(node.input)
        self.inputs = [names[n] if n else None for n in node.input]
        self._attributes = {a.name: a for a in node.attribute}
        self._made = 0
        first = next((o for o in self.outputs if o), node.name or node.op_type)
        self._base = prefix + first

    def attr(self, name, default=None):
        found = self._attributes.get(name)
        if found is None:
            return default
        onnx = self.importer.onnx
        if found.type == onnx.AttributeProto.TENSOR:
            return tensor_array(found.t, self.importer.folder, self.importer.max_bytes)
        value = onnx.helper.get_attribute_value(found)
        if isinstance(value, bytes):
            return value.decode("utf-8", "replace")
        return value if isinstance(value, (int, float, str)) else list(value)

    def has(self, place):
        return place < len(self.inputs) and self.inputs[place] is not None

    def is_empty(self, place):
        known = self.known(self.inputs[place])
        return known is not None and known.size == 0

    def known(self, name):
        """The numbers of a constant value, else None."""
        return self.importer.known(name)

    def type(self, place):
        return self.importer.types[self.inputs[place]]

    def type_of(self, name):
        return self.importer.types[name]

    def type_name(self, number):
        """An element type by ONNX's number; 16-bit floats are computed in float32."""
        name = type_name(number, "the attribute")
        return "float32" if name in HALVES else name

    def shape(self, place):
        """Shape of an input with None for free sizes; None when it is not known."""
        known = self.known(self.inputs[place])
        return known.shape if known is not None else self.importer.shapes.get(self.given[place])

    def rank(self, place, missing="required"):
        shape = self.shape(place)
        if shape is None:
            if missing == "required":
                raise GraphError(f"the rank of '{self.given[place]}' is not known; the model needs shape information")
            return missing
        return len(shape)

    def ref(self, place):
        """An input as a parameter: its numbers where they are constant, else to be computed."""
        return self.ref_of(self.inputs[place])

    def ref_of(self, name):
        """A value as a parameter."""
        known = self.known(name)
        return Ref(name) if known is None else _plain_number(known)

    def number(self, place):
        """An input of one number as a parameter."""
        known = self.known(self.inputs[place])
        return Ref(self.inputs[place]) if known is None else known.ravel()[0].item()

    def int64(self, place):
        """An input as int64."""
        name = self.inputs[place]
        return name if self.type(place) == "int64" else self.node("cast", [name], type="int64", to="int64")

    def const(self, array):
        return self.importer.constant(array, self._part_name())

    def scalar(self, number, like):
        """A constant number of the element type of another value."""
        return self.const(np.array(number, self.importer.types[like]))

    def _part_name(self):
        self._made += 1
        return f"{self._base}/{self._made}"

    def node(self, method, inputs, type=None, **params):
        """A node (or a constant) and the name of its first output."""
        return self.nodes(method, inputs, type=type, **params)[0]

    def nodes(self, method, inputs, type=None, **params):
        """The names of all outputs."""
        return self.importer.add(method, list(inputs), self._part_name(), type, True, params)

    def branch(self, attribute):
        """The results of a subgraph, its nodes put beside the others."""
        graph = self._attributes[attribute].g
        names, prefix = dict(self.names), f"{self._base}/{attribute}/"
        self.importer.initialisers(graph, names, prefix)
        self.importer.nodes(graph, names, prefix)
        return [names[o.name] for o in graph.output]


# ---- the doors ----


def load(path, max_bytes=None, patterns=True):
    """The Graph of an ONNX file. patterns=False leaves out the recognition of spelt-out operators."""
    path = Path(path)
    model = read_model(path, max_bytes)
    try:
        if model.functions:
            import onnx.inliner

            model = onnx.inliner.inline_local_functions(model)
        graph = Importer(model, path.parent, max_bytes).run(model)
        graph.max_bytes = max_bytes
        if patterns:
            simplify(graph)
        return graph
    except UpregError as error:
        raise type(error)(f"{path}: {error}") from None
    except (TypeError, ValueError, AttributeError, KeyError, IndexError, OverflowError) as error:  # names that are no text, and the like
        raise GraphError(f"{path}: the model is malformed: {type(error).__name__} {' '.join(str(error).split())}") from None
