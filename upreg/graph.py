"""Networks: methods stacked into a graph, run, differentiated, saved.

A `Graph` is a list of nodes over named values. It is built from a text chain, node by node with `add`, or loaded from a `.upg` or `.json` file;
running it lowers it to a C graph planned for the shapes at hand: constants folded, epilogues fused, one arena with buffer reuse.
"""

from __future__ import annotations

import sys
import threading
from collections import OrderedDict
from dataclasses import dataclass, field

import numpy as np

from upreg import _core, execute, files, gradient, inspect_graph, registry, tiling
from upreg.errors import DTypeError, GraphError, ShapeError, UpregError
from upreg.initialise import initialise
from upreg.registry import Method, MethodFace, as_array, from_config

PLAN_CACHE = 8
TILING_CACHE = 2
EXAMPLE_SIZE = 64  # stands for a free axis when the shapes of weights are found


@dataclass(frozen=True)
class Value:
    """A handle of one value inside a graph: what `input`, `constant` and `add` return."""

    graph: Graph = field(repr=False, compare=False)
    name: str


@dataclass
class Node:
    """One call of a method. `inputs` are value names in port order, None where an optional one is absent.

    `computed` are the values that the method's parameters written `?` take their numbers from, in the order of its parameters.
    """

    name: str
    method: MethodFace
    inputs: list
    outputs: list
    computed: list = field(default_factory=list)

    @property
    def reads(self):
        """Names of all values that the node needs."""
        return [n for n in self.inputs if n is not None] + self.computed


class Graph:
    """A network of methods.

    `Graph("conv_transpose:channels=64,kernel=4,stride=2,padding=1 | relu", input=(1, 128, 16, 16))` makes a chain with weights of its own
    (zero until `init` or `bind`: running it before raises GraphError). `Graph()` is empty: use `input`, `constant`, `add`, `output`.
    """

    def __init__(self, chain=None, input=None, dtype="float32"):
        self.inputs = OrderedDict()  # name -> (shape with None for free axes, dtype name)
        self.constants = OrderedDict()  # name -> array, or None for a weight without numbers
        self.weight_info = {}  # name -> (shape, dtype name, fan_in, fan_out, role)
        self.nodes = []
        self.outputs = OrderedDict()  # output name -> value name
        self.truths = set()  # names of outputs that are truth values: uint8 inside, bool for the caller
        self.swallowed = {}  # names of values that patterns took away -> the node that does their work
        self.written = None  # the graph before patterns, which still has those values
        self.max_bytes = None  # what a run may take for intermediate values and results
        self._plans = OrderedDict()
        self._tilings = OrderedDict()
        self._deciding = None
        self._lock = threading.Lock()
        if chain is not None:
            if input is None:
                raise GraphError("a text chain needs the shape of its input: Graph(chain, input=(1, 3, 32, 32))")
            x = self.input("x", input, dtype)
            for text in split_chain(chain):
                x = self.add(from_config(text), x)
            self.output(x)

    # ---- building ----

    def _changed(self):
        with self._lock:
            self._plans.clear()
            self._tilings.clear()
            self._deciding = None

    def _known(self, name):
        return name in self.inputs or name in self.constants or any(name in n.outputs for n in self.nodes)

    def _free_name(self, name):
        if not self._known(name):
            return name
        i = 2
        while self._known(f"{name}_{i}"):
            i += 1
        return f"{name}_{i}"

    def _check_name(self, name):
        if not isinstance(name, str) or not name:
            raise GraphError(f"a name must be text, got {name!r}")
        if self._known(name):
            raise GraphError(f"the name '{name}' is taken")
        return name

    def input(self, name, shape, dtype="float32"):
        """An input; None in `shape` stands for a size that may differ from run to run. bool inputs are uint8 inside."""
        self._check_name(name)
        shape = tuple(shape)
        if not all(n is None or (isinstance(n, (int, np.integer)) and n >= 0) for n in shape):
            raise ShapeError(f"input '{name}': the shape {shape!r} is not allowed; allowed: integers of 0 or more, or None")
        name_of_type = "bfloat16" if str(dtype) == "bfloat16" else np.dtype(dtype).name
        self.inputs[name] = (shape, "uint8" if name_of_type == "bool" else name_of_type)
        self._changed()
        return Value(self, name)

    def constant(self, array, name=None):
        """A constant array, such as a weight."""
        array = as_array(array, "graph", {"name": name or "constant", "dtype": "T"})
        name = self._check_name(name) if name else self._free_name("constant")
        self.constants[name] = array
        self.weight_info[name] = (array.shape, array.dtype.name, 1.0, 1.0, "param")
        self._changed()
        return Value(self, name)

    def _value_name(self, value, node):
        if isinstance(value, Value):
            if value.graph is not self:
                raise GraphError(f"node '{node}': the value '{value.name}' belongs to another graph")
            return value.name
        if isinstance(value, str):
            if not self._known(value):
                raise GraphError(f"node '{node}': there is no value '{value}'")
            return value
        return None

    def add(self, method, *inputs, name=None, **params):
        """Adds a node: `g.add("conv2d", x, w, b, stride=2, name="enc1")`; returns its handle (a tuple when it has several outputs).

        Inputs are handles, value names, arrays (made constants) or None. Weights that are not given are made, shaped from `channels`, `kernel`
        and the shape of x, and wait for `init` or `bind`. Ports may be named: `weight=w`. A parameter may be a handle: then it is computed from
        that value whenever the graph is planned, and the value must follow from shapes and constants: `g.add("nearest", x, size=sizes)`.
        `bias=False`: no such weight is made.
        """
        if isinstance(method, str):
            info = registry.describe(method)
            ports = {p["name"] for p in info["inputs"]}
            named = {k: params.pop(k) for k in list(params) if k in ports}
            handles = {k: v for k, v in params.items() if isinstance(v, Value)}
            method = registry.get(method, **{**params, **dict.fromkeys(handles, registry.COMPUTED)})
        else:
            ports = {p["name"] for p in method.info["inputs"]}
            named = {k: params.pop(k) for k in list(params) if k in ports}
            handles = {k: params.pop(k) for k in list(params) if isinstance(params[k], Value)}
            if params:
                raise GraphError(f"{method.name}: parameters belong to the method, not to add(): {', '.join(params)}")
        name = self._check_name(name) if name else self._free_name(method.name)
        before = set(self.constants)
        left_out = {k for k, v in named.items() if v is False}
        named = {k: v for k, v in named.items() if k not in left_out}
        wanted = getattr(method, "computed", ())
        if set(handles) != set(wanted):
            raise GraphError(
                f"{method.name}: the computed parameters are {', '.join(wanted) or 'none'}; got values for {', '.join(handles) or 'none'}"
            )
        try:
            return self._add_node(
                name, method, method._gather([_flat(v) for v in inputs], named), [self._value_name(handles[k], name) for k in wanted], left_out
            )
        except UpregError:
            self.nodes = [n for n in self.nodes if n.name != name]
            for made in set(self.constants) - before:
                del self.constants[made]
            raise

    def _add_node(self, name, method, given, computed, left_out):
        names = []
        for i, value in enumerate(given):
            known = self._value_name(value, name)
            if value is not None and known is None:
                known = self.constant(value, self._free_name(f"{name}.{method._port(i)['name']}")).name
            names.append(known)
        outputs = [name] + [f"{name}.{p['name']}" for p in method.info["outputs"][1:]]
        node = Node(name, method, names, outputs, computed)
        if isinstance(method, Method):
            self._make_weights(node, left_out)
        self.nodes.append(node)
        present = self._present_outputs(node)
        self._changed()
        return Value(self, name) if len(present) == 1 else tuple(Value(self, n) for n in present)

    def _present_outputs(self, node):
        """Names of the outputs that the node has with its parameters; rejects shapes that do not fit, where they are known."""
        shapes, is_open = self._example_shapes()
        try:
            specs = self._infer_specs(shapes)
        except UpregError:
            if not is_open:
                raise
            return [n for n, p in zip(node.outputs, node.method.info["outputs"]) if not p["optional"]]
        return [n for n in node.outputs if specs[n] is not None]

    def _make_weights(self, node, left_out):
        """Makes the trainable inputs that were not given, unless all required ones were."""
        ports = node.method.info["inputs"]
        if ports[0]["variadic"]:
            return
        node.inputs += [None] * (len(ports) - len(node.inputs))
        weights = [i for i, p in enumerate(ports) if p["role"] in ("param", "stat") and p["name"] not in left_out]
        wanted = [i for i in weights if node.inputs[i] is None]
        made_required = any(not ports[i]["optional"] for i in wanted) or len(wanted) == len(weights)
        if not wanted or not made_required:
            while node.inputs and node.inputs[-1] is None:
                node.inputs.pop()
            return
        specs = self._infer_specs(self._example_shapes()[0])
        shapes = [specs[n][0] if n is not None else None for n in node.inputs]
        dtype = specs[node.inputs[0]][1]
        for port, (shape, fan_in, fan_out) in node.method.weight_specs(*shapes, dtype=dtype).items():
            if port in left_out:
                continue
            made = self._free_name(f"{node.name}.{port}")
            place = node.method._place(port)
            role = ports[place]["role"]
            self.constants[made] = None
            self.weight_info[made] = (shape, dtype, fan_in, fan_out, port if role == "stat" or len(shape) == 1 else "weight")
            node.inputs[place] = made
        while node.inputs and node.inputs[-1] is None:
            node.inputs.pop()

    def append(self, name, method, inputs):
        """Appends a node whose inputs are value names, as `load` does; nothing is made. Values for computed parameters come last."""
        self._check_name(name)
        for value in inputs:
            if value is not None and not self._known(value):
                raise GraphError(f"node '{name}' reads '{value}', which nothing before it makes")
        ports = len(inputs) - len(getattr(method, "computed", ()))
        if ports < 0 or None in inputs[ports:]:
            raise GraphError(f"node '{name}' needs a value for each of {', '.join(method.computed)}")
        outputs = [name] + [f"{name}.{p['name']}" for p in method.info["outputs"][1:]]
        self.nodes.append(Node(name, method, list(inputs[:ports]), outputs, list(inputs[ports:])))
        self._changed()

    def output(self, value, name=None):
        """Marks a value as an output, named as the value unless a name is given."""
        value_name = self._value_name(value, "output")
        if value_name is None:
            raise GraphError(f"output: {value!r} is not a value of this graph")
        name = name or value_name
        if name in self.outputs:
            raise GraphError(f"the output name '{name}' is taken")
        self.outputs[name] = value_name
        self._changed()

    # ---- weights ----

    @property
    def weights(self):
        """{name: array or None} of every constant."""
        return dict(self.constants)

    def init(self, how="he", seed=0, **options):
        """Fills the weights that have no numbers yet; see `upreg.initialise`: normal, he, bilinear, icnr, ones. Returns the graph.

        Biases, shifts and means become 0; scales and variances 1. The same seed gives the same weights. options: `std` for normal,
        `scale` for icnr.
        """
        rng = np.random.default_rng(seed)
        groups = {n.inputs[1]: n.method.params.get("groups", 1) for n in self.nodes if len(n.inputs) > 1 and isinstance(n.method, Method)}
        transposed = {n.inputs[1]: n.method.info["family"] == "transposed_conv" for n in self.nodes if len(n.inputs) > 1}
        for name, array in self.constants.items():
            if array is not None:
                continue
            shape, dtype, fan_in, _, role = self.weight_info[name]
            if role != "weight":
                ones = role in ("weight", "var") or (role == "param") or name.endswith(".weight")
                self.constants[name] = (np.ones if ones else np.zeros)(shape, dtype)
            else:
                self.constants[name] = initialise(
                    how, shape, dtype, rng, fan_in=fan_in, groups=groups.get(name, 1), transposed=transposed.get(name, False), **options
                )
        self._changed()
        return self

    def bind(self, arrays):
        """Gives weights their numbers: {name: array} of the right shapes. Returns the graph."""
        for name, array in arrays.items():
            if name not in self.constants:
                raise GraphError(f"bind: there is no weight '{name}'; allowed: {', '.join(self.constants) or 'none'}")
            array = as_array(array, "bind", {"name": name, "dtype": "T"})
            shape, dtype = self.weight_info[name][:2]
            if array.shape != tuple(shape):
                raise ShapeError(f"bind: '{name}' has shape {array.shape}; allowed: {tuple(shape)}")
            self.constants[name] = array if array.dtype.name == dtype else array.astype(dtype)
        if self.written is not None and set(arrays) <= set(self.written.constants):
            self.written.bind(arrays)
        else:
            self.written = None
        self._changed()
        return self

    # ---- shapes ----

    def _example_shapes(self):
        """({input name: spec} with an example size where an axis is free, whether any is)."""
        shapes = {}
        for name, (shape, dtype) in self.inputs.items():
            shapes[name] = (tuple((EXAMPLE_SIZE if i else 1) if n is None else n for i, n in enumerate(shape)), dtype)
        return shapes, any(None in shape for shape, _ in self.inputs.values()) or bool(self.deciding_inputs())

    def _infer_specs(self, inputs, arrays=None):
        """{value name: (shape, dtype), None for an absent optional output} for these input specs; arrays: of deciding inputs at least."""
        if any(node.computed or "chooses" in node.method.info["flags"] for node in self.nodes):
            return execute.infer(self, inputs, {n: arrays[n] for n in self.deciding_inputs()} if arrays else {})
        specs = dict(inputs)
        for name in self.constants:
            specs[name] = tuple(self.weight_info[name][:2])
        for node in self.nodes:
            given = [None if n is None else specs[n] for n in node.inputs]
            try:
                if isinstance(node.method, Method):
                    ports = node.method.info["inputs"]
                    if not ports[0]["variadic"]:
                        given += [None] * (len(ports) - len(given))
                    _, outputs = node.method.op.infer(given)
                else:
                    outputs = [(node.method.infer(*[g[0] for g in given]), given[0][1])]
            except UpregError as error:
                raise type(error)(f"node '{node.name}': {error}") from None
            specs.update(zip(node.outputs, outputs))
        return specs

    def _input_specs(self, shapes):
        """Positional or named shapes -> {name: spec}, checked against the declared ones."""
        given = shapes if isinstance(shapes, dict) else dict(zip(self.inputs, shapes))
        if set(given) != set(self.inputs):
            raise GraphError(f"the inputs are {', '.join(self.inputs)}; got {', '.join(map(str, given)) or 'none'}")
        specs = {}
        for name, shape in given.items():
            declared, dtype = self.inputs[name]
            shape = registry.check_shape(shape, "graph", name)
            if len(shape) != len(declared) or any(d is not None and d != n for n, d in zip(shape, declared)):
                raise ShapeError(f"input '{name}' has shape {shape}; allowed: {declared}")
            specs[name] = (shape, dtype)
        return specs

    def infer(self, *shapes, values=False):
        """Output shape(s) for these input shapes (default: the declared ones); values=True: {value name: shape} of everything."""
        specs = self._infer_specs(self._input_specs(shapes) if shapes else self._declared())
        if values:
            return {name: spec[0] for name, spec in specs.items() if spec is not None}
        result = tuple(specs[v][0] for v in self.outputs.values())
        return result[0] if len(result) == 1 else result

    def specs_at(self, size, shapes=None):
        """{input name: (shape, dtype)} with `size` for free axes but the first, which is 1; shapes: {name, or None for the first: text or tuple}."""
        specs = {}
        for place, (name, (shape, dtype)) in enumerate(self.inputs.items()):
            given = (shapes or {}).get(name, (shapes or {}).get(None) if place == 0 else None)
            if isinstance(given, str):
                given = tuple(int(n) for n in given.split("x")) if given.replace("x", "").isdigit() else given
            specs[name] = given or tuple((size if i else 1) if n is None else n for i, n in enumerate(shape)), dtype
        self._input_specs({name: shape for name, (shape, _) in specs.items()})
        return specs

    def infer_value(self, value):
        """Shape of one value for the declared input shapes."""
        return self._infer_specs(self._declared())[self._value_name(value, "infer_value")][0]

    def _declared(self):
        specs = {}
        for name, (shape, dtype) in self.inputs.items():
            if any(n is None for n in shape):
                raise ShapeError(f"input '{name}' has the open shape {shape}: give its sizes")
            specs[name] = (shape, dtype)
        return specs

    # ---- running ----

    def _check_ready(self):
        if not self.outputs:
            raise GraphError("the graph has no output")
        empty = [name for name, array in self.constants.items() if array is None]
        if empty:
            raise GraphError(f"weights without numbers: {', '.join(empty[:5])}{' ...' if len(empty) > 5 else ''}; call init() or bind() first")

    def _feeds(self, feeds):
        if set(feeds) != set(self.inputs):
            raise GraphError(f"the inputs are {', '.join(self.inputs)}; got {', '.join(map(str, feeds)) or 'none'}")
        arrays = {}
        for name in self.inputs:
            array = as_array(feeds[name], "graph", {"name": name, "dtype": "T"})
            if array is None:
                raise GraphError(f"input '{name}' is None")
            arrays[name] = array
        specs = self._input_specs({n: a.shape for n, a in arrays.items()})
        for name, array in arrays.items():
            found = array.dtype.newbyteorder("=").name
            if found != specs[name][1]:
                raise DTypeError(f"input '{name}' is {array.dtype}; allowed: {specs[name][1]}")
        return arrays

    def __call__(self, *inputs, num_threads=None):
        """Runs on arrays in the order of the inputs; returns an array, or a tuple when there are several outputs."""
        if len(inputs) != len(self.inputs):
            raise GraphError(f"the graph takes {len(self.inputs)} inputs ({', '.join(self.inputs)}), got {len(inputs)}")
        results = self.run(dict(zip(self.inputs, inputs)), num_threads=num_threads)
        results = tuple(results[name] for name in self.outputs)
        return results[0] if len(results) == 1 else results

    def run(self, feeds, keep=(), num_threads=None, exact=False, progress=None, max_bytes=None):
        """Runs on {input name: array}; returns {name: array} of the outputs and of the kept values.

        exact=True: direct, unfused algorithms only. progress(done, total) is called now and then; a true result cancels the run (Cancelled).
        max_bytes: more for intermediate values and results together is a GraphError (default: the graph's own `max_bytes`; None: any).
        """
        self._check_ready()
        keep = (keep,) if isinstance(keep, str) else tuple(keep)
        gone = tuple(name for name in keep if name in self.swallowed)
        for name in keep:
            if name in gone and (self.written is None or not self.written._known(name)):
                raise GraphError(f"keep: '{name}' became part of node '{self.swallowed[name]}'; load the model with patterns=False to keep it")
            if name not in gone and not self._known(name):
                raise GraphError(f"keep: there is no value '{name}'")
        if gone:  # from the graph as written; all else as without them
            rest = self.run(feeds, tuple(n for n in keep if n not in gone), num_threads, exact, progress, max_bytes)
            inner = self.written.part(gone).run(feeds, (), num_threads, exact, progress, max_bytes or self.max_bytes)
            return {**{name: rest[name] for name in self.outputs}, **{name: (inner if name in gone else rest)[name] for name in keep}}
        threads = registry._check_threads(num_threads) or registry._threads.get()
        results = execute.run(self, self._feeds(feeds), keep, threads, exact, progress, max_bytes or self.max_bytes or 0)
        if "ml_dtypes" in sys.modules:  # bfloat16 as NumPy arrays, for who has a type for it
            bfloat16 = sys.modules["ml_dtypes"].bfloat16
            results = {name: y.bits.view(bfloat16) if isinstance(y, _core.Bfloat16Array) else y for name, y in results.items()}
        return {name: y.view(np.bool_) if name in self.truths else y for name, y in results.items()} if self.truths else results

    def part(self, names):
        """This graph with other values as its outputs; it shares nodes and weights."""
        part = type(self)()
        part.__setstate__({**self.__getstate__(), "outputs": OrderedDict((name, name) for name in names), "truths": set()})
        return part

    # ---- tiles ----

    def tiles(self, shape, tile=512, axes=None):
        """The tiles of a run on inputs of this shape (several inputs: {name: shape}): iterate over them.

        A tile has `out`, the slices of each output that it makes, and `reads`, the slices of each input that it is made from: the halo follows
        from what every node reads. Tiles lie along the spatial axes of the outputs, or along `axes`; the last ones may be smaller.
        GraphError names a node that needs all of its input.
        """
        shapes = shape if isinstance(shape, dict) else (shape,)
        if self.deciding_inputs():
            raise GraphError(f"tiles: shapes follow from the numbers of {', '.join(self.deciding_inputs())}: use run_tiled, which is given them")
        return tiling.Tiling(self, self._input_specs(shapes), tile, axes)

    def run_tiled(self, x, tile=512, out=None, axes=None, num_threads=None, progress=None):
        """Runs tile by tile, with the same bits as `self(x)`: for inputs and outputs larger than memory.

        x: anything with `shape`, `dtype` and slicing, such as an array, `np.memmap` or a zarr array; several inputs: a tuple or {name: array}.
        out: the same to write into (several outputs: {name: array}); without it, new arrays. Only one tile is in memory at a time.
        progress(done, total) is called after each tile; a true result cancels the run. tile, axes: as for `tiles`.
        """
        arrays = x if isinstance(x, dict) else dict(zip(self.inputs, x if isinstance(x, tuple) else (x,)))
        if set(arrays) != set(self.inputs):
            raise GraphError(f"the inputs are {', '.join(self.inputs)}; got {', '.join(map(str, arrays)) or 'none'}")
        given = {} if out is None else dict(out) if isinstance(out, dict) else dict(zip(self.outputs, out if isinstance(out, tuple) else (out,)))
        if not set(given) <= set(self.outputs):
            raise GraphError(f"run_tiled: out has {', '.join(map(str, given))}; allowed: {', '.join(self.outputs)}")
        threads = registry._check_threads(num_threads) or registry._threads.get()
        results = tiling.run_tiled(self, arrays, tile, given, axes, threads, progress)
        results = tuple(results[name] for name in self.outputs)
        return results[0] if len(results) == 1 else results

    def __getstate__(self):
        return {k: v for k, v in self.__dict__.items() if k not in ("_plans", "_tilings", "_lock")}

    def __setstate__(self, state):
        self.__dict__.update(state, _plans=OrderedDict(), _tilings=OrderedDict(), _lock=threading.Lock())

    def remembered_tiling(self, key, make):
        """The Tiling of a key, with the plans that its tiles had, or a new one."""
        with self._lock:
            if key in self._tilings:
                self._tilings.move_to_end(key)
                return self._tilings[key]
        made = make()
        with self._lock:
            self._tilings[key] = made
            while len(self._tilings) > TILING_CACHE:
                self._tilings.popitem(last=False)
        return made

    def deciding_inputs(self):
        """Names of the inputs whose numbers, not only their shapes, decide shapes: sizes, axes, conditions."""
        with self._lock:
            if self._deciding is None:
                self._deciding = execute.deciding_inputs(self)
            return self._deciding

    def plan_for(self, specs, keep, exact=False, fusion=True, max_bytes=0, decided=None):
        """The C plan for these input specs, from the cache when it is there; decided: the arrays of the deciding inputs."""
        numbers = tuple((name, a.shape, a.dtype.str, a.tobytes()) for name, a in (decided or {}).items())
        key = (tuple(specs.items()), keep, exact, fusion, max_bytes, numbers)
        with self._lock:
            if key in self._plans:
                self._plans.move_to_end(key)
                return self._plans[key]
        plan = execute.make_plan(self, specs, keep, exact, fusion, max_bytes, decided)
        with self._lock:
            self._plans[key] = plan
            while len(self._plans) > PLAN_CACHE:
                self._plans.popitem(last=False)
        return plan

    # ---- gradients ----

    def vjp(self, inputs, grad_y, wrt=None, num_threads=None):
        """Gradient of sum(grad_y * y) with respect to inputs and weights: {name: array}.

        inputs: an array, a tuple in order, or {name: array}; grad_y: an array, or {output name: array}; wrt: names of inputs and weights
        (one name: one array is returned); default: every input and every trainable weight.
        """
        self._check_ready()
        if not isinstance(inputs, dict):
            inputs = dict(zip(self.inputs, inputs if isinstance(inputs, (tuple, list)) else (inputs,)))
        return gradient.graph_vjp(self, self._feeds(inputs), grad_y, wrt, num_threads)

    # ---- looking inside ----

    def summary(self, *shapes):
        """A text table: node, method, output shape, parameters, multiply-adds."""
        return inspect_graph.summary(self, self._input_specs(shapes) if shapes else self._declared())

    def profile(self, *inputs, repeat=5, num_threads=None):
        """Runs `repeat` times and returns a table per node: time, algorithm, multiply-adds, bytes, share of the machine's peak."""
        self._check_ready()
        return inspect_graph.profile(
            self, self._feeds(dict(zip(self.inputs, inputs))), repeat, registry._check_threads(num_threads) or registry._threads.get()
        )

    def overlap(self, *shapes):
        """Counts the paths from the input that end in each output element, per layer and through the stack: an `Overlap`.

        shapes: of the inputs (default: the declared ones). Runs the same nodes in float64 with uniform weights.
        """
        from upreg.artifacts import overlap_of

        return overlap_of(self, self._input_specs(shapes) if shapes else self._declared())

    def count_paths(self, specs):
        """(own, cumulative): {node name: float64 array} of paths through each weighted or resizing layer alone, and from the input."""
        return execute.count_paths(self, specs)

    # ---- files ----

    def save(self, path):
        """Writes `.upg` (structure and weights), `.onnx` (the same as an ONNX model) or `.json` (structure only)."""
        if str(path).endswith(".onnx"):
            from upreg import onnx_export

            return onnx_export.save(self, path)
        files.save(self, path)

    @classmethod
    def load(cls, path, max_bytes=None, patterns=True):
        """Reads what `save` wrote, or an ONNX model. A `.json` has weights without numbers: `init` or `bind` them before running.

        patterns=False: an ONNX model's operators stay as they are; else those that are spelt out in pieces become one (see `upreg.simplify`).
        max_bytes: a larger file, weight or constant of an ONNX model is a GraphError, and so are runs that need more.
        """
        if str(path).endswith(".onnx"):
            from upreg import onnx_io

            return onnx_io.load(path, max_bytes, patterns)
        graph = files.load(cls, path)
        graph.max_bytes = max_bytes
        return graph

    def __repr__(self):
        inputs = ", ".join(f"{n}{s}" for n, (s, _) in self.inputs.items())
        return f"<Graph {inputs} -> {', '.join(self.outputs)}: {len(self.nodes)} nodes, {len(self.constants)} weights>"


def _flat(value):
    return value[0] if isinstance(value, tuple) and value and isinstance(value[0], Value) else value


def split_chain(chain):
    """ "conv:channels=3 | relu" -> its texts."""
    if not isinstance(chain, str):
        raise GraphError(f"a chain is text, got {chain!r}")
    parts = [part.strip() for part in chain.split("|")]
    if not all(parts):
        raise GraphError(f"the chain {chain!r} has an empty part")
    return parts
