"""Overlap maps: how many paths lead from the input to each element of a layer's output.

Where a transposed convolution's kernel is not a multiple of its stride, some outputs collect more products than their neighbours: a checkerboard
before any training. The maps are counted by running the graph's own nodes in float64 with uniform weights, not by a formula.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from upreg.errors import GraphError, ParameterError

TOLERANCE = 1e-6  # nearer than this to an integer: the integer


@dataclass(frozen=True)
class Overlap:
    """Overlap maps of a graph, made by `g.overlap()`.

    layers: {name: map of this layer alone, fed with ones}; cumulative: {name: paths from the graph's input}; both in the order of the nodes.
    Maps are float64 arrays over the spatial axes only, whole numbers wherever a count is whole.
    """

    layers: dict[str, np.ndarray]
    cumulative: dict[str, np.ndarray]
    outputs: tuple[str, ...]

    @cached_property
    def total(self):
        """The map of the (first) output."""
        return self.cumulative[self.outputs[0]]

    @cached_property
    def period(self):
        """Per axis, after how many elements the inside of `total` repeats; None where the map is too short to show it."""
        return period(self.total)

    @cached_property
    def interior(self):
        """One period of the inside of `total`, beginning at a multiple of the period; None where there is none."""
        return interior(self.total)

    @property
    def even(self):
        """Whether every inner element of `total` has the same count; None where the map is too short to tell."""
        return None if self.interior is None else bool(np.ptp(self.interior) <= TOLERANCE)

    def summary(self):
        """A table in text: one line per layer, and one for the whole."""
        rows = [("layer", "size", "alone", "period", "so far", "period")]
        for name in self.layers:
            own, so_far = self.layers[name], self.cumulative[name]
            rows.append((name, _sizes(own.shape), _range(own), _sizes(period(own)), _range(so_far), _sizes(period(so_far))))
        widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
        lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows]
        lines.insert(1, "-" * max(map(len, lines)))
        verdict = {True: "even", False: "uneven", None: "too small to tell"}[self.even]
        if self.even is False:
            low, high = self.interior.min(), self.interior.max()
            verdict += f": the inside repeats every {_sizes(self.period)} with counts from {number(low)} to {number(high)}"
        return "\n".join([*lines, f"output: {verdict}"])

    def __str__(self):
        return self.summary()

    def to_dict(self):
        """A JSON-able dict: the maps as nested lists, periods and verdict."""

        def listed(maps):
            return {name: _listed(m) for name, m in maps.items()}

        return {
            "layers": listed(self.layers),
            "cumulative": listed(self.cumulative),
            "outputs": list(self.outputs),
            "total": _listed(self.total),
            "period": list(self.period),
            "interior": None if self.interior is None else _listed(self.interior),
            "even": self.even,
        }

    def save(self, path):
        """Writes a picture (.png, .svg, .pdf), the arrays (.npz) or the dict (.json), by suffix."""
        path = Path(path)
        if path.suffix == ".npz":
            arrays = {f"layers/{k}": v for k, v in self.layers.items()} | {f"cumulative/{k}": v for k, v in self.cumulative.items()}
            np.savez_compressed(path, total=self.total, **arrays)
        elif path.suffix == ".json":
            path.write_text(json.dumps(self.to_dict()) + "\n")
        else:
            from upreg import render

            render.overlap(self, path)


def overlap_of(g, specs):
    """Counts a graph's paths -> Overlap. specs: {input name: (shape, dtype)}; `g.overlap(...)` is the way in."""
    own, cumulative = g.count_paths(specs)
    layouts = _layouts(g)
    own, cumulative = ({n: _spatial(full, layouts[n]) for n, full in maps.items() if full.ndim > _letters(layouts[n])} for maps in (own, cumulative))
    made_by = {value: node.name for node in g.nodes for value in node.outputs}
    outputs = tuple(made_by[value] for value in g.outputs.values() if made_by.get(value) in cumulative)
    if not outputs:
        raise GraphError("overlap: no output of the graph is a map made by one of its nodes")
    return Overlap(own, cumulative, outputs)


def _layouts(g):
    """{node name: layout of its output}: its own where it has one, else that of its first input."""
    layouts = {name: "NCX" for name in (*g.inputs, *g.constants)}
    for node in g.nodes:
        layout = node.method.params.get("layout") or layouts.get(node.inputs[0], "NCX")
        layouts.update((value, layout) for value in node.outputs)
    return layouts


def overlap_of_layers(layers, size=8, dims=1):
    """Overlap of a plain stack of transposed convolutions -> Overlap.

    layers: (kernel, stride) or (kernel, stride, padding) each; size: input elements along every axis; dims: 1 to 3 axes.

    >>> print(overlap_of_layers([(3, 2)], size=4).total.astype(int))
    [1 1 2 1 2 1 2 1 1]
    """
    from upreg.graph import Graph

    layers = [tuple(layer) for layer in layers]
    if not layers or any(len(layer) not in (2, 3) for layer in layers):
        raise ParameterError(f"overlap_of_layers: layers = {layers!r} is not allowed; allowed: (kernel, stride) or (kernel, stride, padding) each")
    if dims not in (1, 2, 3):
        raise ParameterError(f"overlap_of_layers: dims = {dims!r} is not allowed; allowed: 1, 2, 3")
    texts = []
    for kernel, stride, *padding in layers:
        texts.append(f"conv_transpose:channels=1,kernel={kernel},stride={stride}" + (f",padding={padding[0]}" if padding else ""))
    return Graph(" | ".join(texts), input=(1, 1) + (size,) * dims).overlap()


# ---- maps ----


def _letters(layout):
    return len(layout.replace("X", ""))


def _spatial(full, layout):
    """Channel 0 of sample 0, whole where it is nearly whole."""
    if 0 in full.shape:
        raise GraphError(f"overlap: a map of shape {full.shape} has no elements")
    begin, _, end = layout.partition("X")
    plane = np.asarray(full[(0,) * len(begin) + (...,) + (0,) * len(end)], np.float64)
    whole = np.rint(plane)
    return np.where(np.abs(plane - whole) < TOLERANCE, whole, plane)


def _inside(n):
    """The middle half of an axis, which the borders do not reach in maps large enough to have an inside."""
    return (n // 4, n - n // 4)


def period(m):
    """Per axis, the smallest p with m[i + p] == m[i] in the middle half; None where that half holds no two periods."""
    middle = m[tuple(slice(*_inside(n)) for n in m.shape)]
    return tuple(_axis_period(np.moveaxis(middle, axis, 0)) for axis in range(m.ndim))


def _axis_period(v):
    for p in range(1, len(v) // 2 + 1):
        if np.abs(v[p:] - v[:-p]).max() <= TOLERANCE:
            return p
    return None


def interior(m):
    """One period of the middle, beginning at a multiple of the period; None where an axis shows no period."""
    steps = period(m)
    if None in steps:
        return None
    begins = [-(-_inside(n)[0] // p) * p for n, p in zip(m.shape, steps)]
    return m[tuple(slice(b, b + p) for b, p in zip(begins, steps))]


def periodic_share(error, period):
    """How much of an error is a fixed pattern: variance of its means by place in a period / its variance, 0 to 1.

    error: (..., H, W), the difference of a picture from what it should be; period: a whole number of 2 or more, the product of a decoder's
    strides. White noise gives about period^2 / (H W). 0 for an error without variance.
    """
    error = np.asarray(error, np.float64)
    whole = isinstance(period, (int, np.integer)) and not isinstance(period, bool)
    if error.ndim < 2 or not whole or not 2 <= period <= min(error.shape[-2:]):
        raise ParameterError(f"periodic_share: period = {period!r} is not allowed; allowed: whole numbers from 2 to the size of {error.shape}")
    height, width = (n - n % period for n in error.shape[-2:])
    tiles = error[..., :height, :width].reshape(*error.shape[:-2], height // period, period, width // period, period)
    planes = tiles - tiles.mean((-4, -2, -3, -1), keepdims=True)
    total = np.mean(np.square(planes))
    return float(np.mean(np.square(planes.mean((-4, -2)))) / total) if total > 0 else 0.0


def number(value):
    """A count in text: without a decimal point when it is whole."""
    return str(int(value)) if float(value).is_integer() else f"{value:.3g}"


def _listed(m):
    return [_listed(v) for v in m] if m.ndim else (int(m) if float(m).is_integer() else float(m))


def _sizes(shape):
    return " x ".join("?" if n is None else str(n) for n in shape)


def _range(m):
    low, high = m.min(), m.max()
    return number(low) if low == high else f"{number(low)} to {number(high)}"
