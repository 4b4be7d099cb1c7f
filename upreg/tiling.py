"""Graphs in tiles: parts of the outputs, each from no more of the inputs than it reads, with the bits of the whole run.

From the last node to the first, every node is asked for the op that makes the part that later nodes read, and which parts of its own inputs that
takes (`upreg_op_tile`). A part may be wider than what is read: pairs of outputs, whole cells. Then it is sliced.
"""

from __future__ import annotations

import functools
import threading
from collections import OrderedDict
from dataclasses import dataclass, field

import numpy as np

from upreg import _core, execute, registry
from upreg.errors import Cancelled, DTypeError, GraphError, ShapeError, UpregError
from upreg.registry import Method, from_config, get

PLANS = 32


@dataclass(frozen=True)
class Tile:
    """`out`: {output name: slices} of what the tile makes; `reads`: {input name: slices} of what it is made from, halo included."""

    out: dict
    reads: dict
    recipe: object = field(repr=False, compare=False)


class Tiling:
    """A graph cut into tiles for given input specs. Plans are shared by all tiles that differ only in their place."""

    def __init__(self, graph, specs, tile=512, axes=None, arrays=None):
        """arrays: the inputs whose numbers decide shapes, if there are any."""
        _check_native(graph)
        self.graph, self.input_specs = graph, specs
        decided = {n: np.asarray(arrays[n]) for n in graph.deciding_inputs()} if arrays else {}
        stand_ins = {n: decided.get(n, np.broadcast_to(np.zeros((), d), s)) for n, (s, d) in specs.items()}
        self.specs = graph._infer_specs(specs, stand_ins)
        self.methods = execute.resolved_methods(graph, stand_ins)
        self.arrays = {**{n: a for n, a in graph.constants.items() if a is not None}, **decided}
        self.nodes = [self._settled(node) for node in graph.nodes]
        self.producers = {value: node for node in self.nodes for value in node.outputs}
        self.sizes = {name: self.specs[value][0] for name, value in graph.outputs.items()}
        self.axes = self._axes(axes)
        self.lengths = self._lengths(tile)
        self._plans = OrderedDict()
        self._lock = threading.Lock()

    def _settled(self, node):
        """The node, its results put among the arrays where they follow from constants and shapes alone. A choice is what it chooses."""
        flags, known = node.method.info["flags"], all(n is None or n in self.arrays for n in node.inputs)
        if "chooses" in flags and node.inputs[0] in self.arrays:
            node = type(node)(node.name, get("identity"), [node.inputs[1 if np.any(self.arrays[node.inputs[0]]) else 2]], node.outputs)
            self.methods[node.name] = node.method
            known = node.inputs[0] in self.arrays
        elif "shape_only" in flags:
            known = True
        if node.inputs and known and self.specs[node.outputs[0]] is not None:
            result = self.methods[node.name](*[None if n is None else self._numbers(n) for n in node.inputs])
            self.arrays.update(zip(node.outputs, result if isinstance(result, tuple) else (result,)))
        return node

    def _numbers(self, name):
        """The numbers of a value, or zeros for a method that only asks for its shape."""
        shape, dtype = self.specs[name]
        return self.arrays[name] if name in self.arrays else np.broadcast_to(np.zeros((), dtype), shape)

    # ---- where to cut ----

    def _axes(self, axes):
        """{output name: its tiled axes}: those given, else the spatial ones of the last node before it that has a layout."""
        found = {}
        for name, value in self.graph.outputs.items():
            ndim = len(self.sizes[name])
            if axes is not None:
                given = [axes] if isinstance(axes, (int, np.integer)) else list(axes)
                if not all(-ndim <= a < ndim for a in given) or len({a % ndim for a in given}) < len(given):
                    raise GraphError(f"tiles: axes = {axes!r} is not allowed; allowed: different axes of output '{name}', from {-ndim} to {ndim - 1}")
                found[name] = sorted(a % ndim for a in given)
                continue
            layout = _layout_of(self, value)
            first = len(layout[: layout.index("X")])
            found[name] = list(range(first, ndim - len(layout[layout.index("X") + 1 :])))
        if len({len(a) for a in found.values()}) > 1:
            raise GraphError("tiles: the outputs have different numbers of spatial axes; give `axes`, or one output a graph of its own")
        return found

    def _lengths(self, tile):
        rank = len(next(iter(self.axes.values())))
        lengths = [tile] * rank if isinstance(tile, (int, np.integer)) and not isinstance(tile, bool) else tile
        if not isinstance(lengths, (list, tuple)) or len(lengths) != rank or not all(isinstance(n, (int, np.integer)) and n >= 1 for n in lengths):
            raise GraphError(f"tiles: tile = {tile!r} is not allowed; allowed: 1 or more, one number or one for each of {rank} axes")
        return [int(n) for n in lengths]

    def grid(self):
        """Per tiled axis: the numbers of tiles."""
        first = next(iter(self.sizes))
        return [max(-(-self.sizes[first][a] // n), 1) for a, n in zip(self.axes[first], self.lengths)]

    def bounds(self, name, k):
        """Where output `name` is cut along its k-th tiled axis. Outputs of other sizes than the first are cut at the same fractions."""
        first = next(iter(self.sizes))
        whole, size = self.sizes[first][self.axes[first][k]], self.sizes[name][self.axes[name][k]]
        cuts = [min(i * self.lengths[k], whole) for i in range(self.grid()[k] + 1)]
        return [c * size // whole if whole else size for c in cuts]

    def __len__(self):
        return int(np.prod(self.grid()))

    def __iter__(self):
        return (self.at(place) for place in np.ndindex(*self.grid()))

    def at(self, place):
        """The tile at a place in the grid."""
        ranges = {}
        for name, size in self.sizes.items():
            begin, end = [0] * len(size), list(size)
            for k, axis in enumerate(self.axes[name]):
                begin[axis], end[axis] = self.bounds(name, k)[place[k] : place[k] + 2]
            ranges[name] = (tuple(begin), tuple(end))
        ranges = {n: r for n, r in ranges.items() if 0 not in _sizes(r)}
        recipe = Recipe(self, ranges)
        reads = {n: _slices(recipe.made[n]) for n in self.graph.inputs if n in recipe.made}
        return Tile({n: _slices(r) for n, r in ranges.items()}, reads, recipe)

    # ---- asking nodes ----

    def ask(self, node, wanted):
        """(op, range, ranges of the inputs, kind) of a node for a part of its first output."""
        method = self.methods[node.name]
        given = [None if n is None else self.specs[n] for n in node.inputs]
        outputs = [self.specs[n] for n in node.outputs if self.specs[n] is not None]
        try:
            return method.op.tile(given, outputs, *map(list, wanted))
        except UpregError as error:
            raise GraphError(f"tiles: node '{node.name}' cannot be computed in parts: {error}") from None

    def widened(self, value, wanted):
        """The part that a value's node makes when `wanted` is read. Functions of single elements take all that is made before them, so that nothing
        is sliced between a convolution and its activation."""
        node = self.producers.get(value)
        if node is None or value in self.arrays or value != node.outputs[0]:
            return wanted
        _, made, reads, kind = self.ask(node, wanted)
        if kind:
            return made
        for name, read in zip(node.inputs, reads):
            if name is not None and read == made and self.specs[name][0] == self.specs[value][0]:
                made = _union(made, self.widened(name, made))
        return made

    def result_spec(self, name):
        """(shape, dtype name) of an output."""
        shape, dtype = self.specs[self.graph.outputs[name]]
        return shape, "bool" if name in self.graph.truths else dtype

    def __getstate__(self):
        return {k: v for k, v in self.__dict__.items() if k not in ("_plans", "_lock")}

    def __setstate__(self, state):
        self.__dict__.update(state, _plans=OrderedDict(), _lock=threading.Lock())

    def plan(self, recipe):
        with self._lock:
            plan = self._plans.get(recipe.kind)
            if plan is not None:
                self._plans.move_to_end(recipe.kind)
                return plan
        plan = recipe.plan()
        with self._lock:
            self._plans[recipe.kind] = plan
            while len(self._plans) > PLANS:
                self._plans.popitem(last=False)
        return plan

    def run(self, tile, arrays, threads=0, progress=None):
        """{output name: array} of one tile; arrays: {input name: the part that the tile reads}."""
        if not tile.out:
            return {}
        given = [registry.as_array(arrays[n], "graph", {"name": n, "dtype": "T"}) for n in tile.reads]
        results, _ = self.plan(tile.recipe).run(given, threads, progress)
        return {n: y.view(np.bool_) if n in self.graph.truths else y for n, y in zip(tile.out, results)}


class Recipe:
    """Which part of every value a tile makes, and by which op."""

    def __init__(self, tiling, ranges):
        self.tiling = tiling
        graph, wanted = tiling.graph, {}
        self.made, self.ops, self.reads, kind = {}, {}, {}, []
        for name, range_ in ranges.items():
            value = graph.outputs[name]
            wanted[value] = _union(wanted.get(value, range_), range_)
        self.results = ranges
        for node in reversed(tiling.nodes):
            _check_other_outputs(tiling, node, wanted)
            value, parts = node.outputs[0], [wanted[o] for o in node.outputs if o in wanted]
            if not parts or value in tiling.arrays:
                continue
            part = tiling.widened(value, functools.reduce(_union, parts))
            op, made, reads, op_kind = tiling.ask(node, part)
            self.made.update(dict.fromkeys(node.outputs, made))
            self.ops[node.name], self.reads[node.name] = op, reads
            kind.append((node.name, _sizes(made), op_kind, tuple(_sizes(r) for r in reads)))
            for name, read in zip(node.inputs, reads):
                if name is not None and not _is_empty(read, tiling.specs[name][0]):
                    wanted[name] = _union(wanted.get(name, read), read)
        self.made.update({n: wanted[n] for n in graph.inputs if n in wanted and n not in tiling.arrays})
        self.kind = (tuple(kind), tuple(self._offsets()))

    def _offsets(self):
        """Where every part that is read lies in what is made; of a constant, where it lies."""
        steps = [(n, r) for node in self.tiling.nodes if node.name in self.reads for n, r in zip(node.inputs, self.reads[node.name])]
        for name, read in steps + [(self.tiling.graph.outputs[n], r) for n, r in self.results.items()]:
            if name in self.made:
                yield tuple(r - m for r, m in zip(read[0], self.made[name][0])), _sizes(self.made[name])
            elif name is not None:
                yield read

    def plan(self):
        tiling, core, number = self.tiling, _core.Graph(), {}
        graph = tiling.graph
        for name in graph.inputs:
            if name in self.made:
                number[name] = core.input(name)

        def part(name, read):
            """The number of a part of a value: what was made, a slice of it, or a piece of a constant."""
            spec = tiling.specs.get(name)
            if name not in self.made and (name in tiling.arrays or _is_empty(read, spec[0])):
                array = tiling.arrays.get(name)
                piece = np.zeros(_sizes(read), spec[1]) if array is None else array[(*_slices(read), ...)]
                key = (name, read)
                if key not in number:
                    number[key] = core.constant(f"{name} {len(number)}", piece)
                return number[key]
            if read == self.made[name]:
                return number[name]
            key = (name, read)
            if key not in number:
                begin = [r - m for r, m in zip(read[0], self.made[name][0])]
                stop = [b + n for b, n in zip(begin, _sizes(read))]
                op = from_config({"method": "slice", "axis": list(range(len(begin))), "start": begin, "stop": stop}).op
                number[key] = core.add(op, f"{name} {len(number)}", [number[name]])[0]
            return number[key]

        for node in tiling.nodes:
            if node.name in self.ops:
                inputs = [-1 if n is None else part(n, r) for n, r in zip(node.inputs, self.reads[node.name])]
                number.update(zip(node.outputs, core.add(self.ops[node.name], node.name, inputs)))
        results = [part(graph.outputs[name], range_) for name, range_ in self.results.items()]
        for name, value in zip(self.results, results):
            core.output(value, name)
        specs = [(_sizes(self.made[n]), tiling.specs[n][1]) for n in graph.inputs if n in self.made]
        return _core.GraphPlan(core, specs, results, [], False, True, graph.max_bytes or 0)


def _check_native(graph):
    graph._check_ready()
    for node in graph.nodes:
        if not isinstance(node.method, Method):
            raise GraphError(f"tiles: node '{node.name}' is a method written in Python, which is only computed whole")


def _check_other_outputs(tiling, node, wanted):
    """Other outputs are made with the first one where they have its shape."""
    for value in node.outputs[1:]:
        if value in wanted and tiling.specs[value][0] != tiling.specs[node.outputs[0]][0]:
            raise GraphError(f"tiles: node '{node.name}' cannot be computed in parts: its output '{value}' is read")


def _layout_of(tiling, value):
    """The layout of the nearest node before a value that has one; NCX, or all axes where there are fewer than three."""
    node, seen = tiling.producers.get(value), set()
    while node is not None and node.name not in seen:
        seen.add(node.name)
        layout = tiling.methods[node.name].params.get("layout")
        if layout:
            return layout
        node = next((tiling.producers[n] for n in node.inputs if n in tiling.producers and n not in tiling.arrays), None)
    return "NCX" if len(tiling.specs[value][0]) > 2 else "X"


def _sizes(range_):
    return tuple(e - b for b, e in zip(*range_))


def _slices(range_):
    return tuple(slice(b, e) for b, e in zip(*range_))


def _union(a, b):
    return tuple(map(min, a[0], b[0])), tuple(map(max, a[1], b[1]))


def _is_empty(range_, shape):
    """Whether nothing is read of a value, of which there is something."""
    return 0 in _sizes(range_) and 0 not in shape


# ---- running over arrays ----


def tiling_of(graph, arrays, tile, axes):
    """A Tiling for {input name: anything with shape and dtype}."""
    specs = graph._input_specs({n: tuple(a.shape) for n, a in arrays.items()})
    for name, array in arrays.items():
        found = np.dtype(array.dtype).newbyteorder("=").name
        if found != specs[name][1] and not (found == "bool" and specs[name][1] == "uint8"):
            raise DTypeError(f"input '{name}' is {array.dtype}; allowed: {specs[name][1]}")
    decided = [np.asarray(arrays[n]) for n in graph.deciding_inputs()]
    key = (tuple(specs.items()), repr(tile), repr(axes), tuple((a.shape, a.dtype.str, a.tobytes()) for a in decided))
    return graph.remembered_tiling(key, lambda: Tiling(graph, specs, tile, axes, arrays))


def read(arrays, tile):
    """{input name: array} of what a tile reads."""
    return {n: arrays[n][where] for n, where in tile.reads.items()}


def run_tiled(graph, arrays, tile, out, axes, threads, progress):
    """Runs tile by tile from `arrays` into `out` ({output name: array}, made where it is missing), which is returned."""
    tiling = tiling_of(graph, arrays, tile, axes)
    for name in graph.outputs:
        shape, dtype = tiling.result_spec(name)
        if name not in out:
            out[name] = np.empty(shape, dtype)
        elif tuple(out[name].shape) != shape or np.dtype(out[name].dtype).name != dtype:
            given = f"{out[name].dtype} of shape {tuple(out[name].shape)}"
            raise ShapeError(f"run_tiled: out for '{name}' is {given}; allowed: {dtype} of shape {shape}")
    for done, part in enumerate(tiling):
        for name, y in tiling.run(part, read(arrays, part), threads).items():
            out[name][part.out[name]] = y
        if progress is not None and progress(done + 1, len(tiling)):
            raise Cancelled(f"run_tiled: cancelled after {done + 1} of {len(tiling)} tiles")
    return out
