"""Tables about a graph: its nodes, and where the time goes."""

import time

import numpy as np

from upreg import _core, execute, registry


def number_text(n):
    """A count in at most six characters: 999, 12.3k, 4.5M."""
    for unit in ("", "k", "M", "G", "T"):
        if abs(n) < 1000:
            return f"{n:.0f}{unit}" if unit == "" or n >= 100 else f"{n:.1f}{unit}"
        n /= 1000
    return f"{n:.1f}P"


def _fit(text, width):
    return text if len(text) <= width else text[: width - 1] + "…"


def summary(graph, specs):
    """Text table of at most 100 columns: node, method, output shape, parameters, multiply-adds."""
    shapes = graph._infer_specs(specs)
    macs = _macs(graph, specs)
    lines = [f"{'node':20} {'method':36} {'output':22} {'params':>8} {'macs':>8}"]
    for name, (shape, _) in specs.items():
        lines.append(f"{_fit(name, 20):20} {'input':36} {'x'.join(map(str, shape)):22}")
    seen, total = set(), 0
    for node in graph.nodes:
        own = [n for n in node.inputs if n in graph.constants and n not in seen]
        seen.update(own)
        params = sum(int(np.prod(graph.weight_info[n][0])) for n in own)
        total += params
        shape = shapes[node.outputs[0]][0]
        lines.append(
            f"{_fit(node.name, 20):20} {_fit(node.method.text, 36):36} {_fit('x'.join(map(str, shape)), 22):22} {number_text(params):>8} "
            f"{number_text(macs.get(node.name, 0)):>8}"
        )
    lines.append(f"{len(graph.nodes)} nodes, {total:,} parameters, {number_text(sum(macs.values()))} multiply-adds")
    return "\n".join(lines)


def _macs(graph, specs):
    if not execute.is_native(graph):
        return {}
    core, number = execute.lower_shapes(graph, specs)
    plan = _core.GraphPlan(core, list(specs.values()), [number[v] for v in graph.outputs.values()], [], True, False)
    return {n["name"]: n["macs"] for n in plan.nodes()}


def node_table(graph, specs):
    """One dict per node for these input specs: name, method, shape, dtype, params, macs, bytes (of the outputs), packed (bytes of packed weights),
    and how it runs: an algorithm, "in NODE" where another node's epilogue does it, "constant", "view", or "unused"."""
    shapes = graph._infer_specs(specs)
    core, number = execute.lower_shapes(graph, specs)
    plan = _core.GraphPlan(core, list(specs.values()), [number[v] for v in graph.outputs.values()], [])
    rows, seen = [], set()
    for node, planned in zip(graph.nodes, plan.nodes()):
        own = [n for n in node.inputs if n in graph.constants and n not in seen]
        seen.update(own)
        outputs = [shapes[o] for o in node.outputs if shapes.get(o) is not None]
        runs = f"in {graph.nodes[planned['fused_into']].name}" if planned["fused_into"] is not None else planned["algorithm"]
        if not runs:
            flags = node.method.info["flags"]
            runs = "constant" if planned["folded"] else "view" if "view" in flags else "unused"
        rows.append(
            {
                "name": node.name,
                "method": planned["text"],
                "shape": list(outputs[0][0]) if outputs else None,
                "dtype": outputs[0][1] if outputs else None,
                "params": sum(int(np.prod(graph.weight_info[n][0])) for n in own),
                "macs": planned["macs"],
                "bytes": sum(int(np.prod(shape)) * _width(dtype) for shape, dtype in outputs),
                "packed": planned["packed_bytes"],
                "runs": runs,
            }
        )
    return rows, plan.arena_bytes


def _width(dtype):
    return 2 if dtype == "bfloat16" else np.dtype(dtype).itemsize


class Profile(list):
    """Rows (dicts) per node; its str is a table."""

    def __init__(self, rows, arena_bytes):
        super().__init__(rows)
        self.arena_bytes = arena_bytes

    def __str__(self):
        total = sum(r["seconds"] for r in self) or 1.0
        lines = [f"{'node':20} {'algorithm':24} {'ms':>8} {'share':>6} {'macs':>7} {'bytes':>7} {'GMAC/s':>7} {'peak':>5}"]
        for r in self:
            note = f"in {r['fused_into']}" if r["fused_into"] else "constant" if r["folded"] else r["algorithm"]
            lines.append(
                f"{_fit(r['name'], 20):20} {_fit(note, 24):24} {r['seconds'] * 1e3:8.3f} {r['seconds'] / total:6.1%} {number_text(r['macs']):>7} "
                f"{number_text(r['bytes']):>7} {r['macs'] / r['seconds'] / 1e9 if r['seconds'] else 0:7.1f} {r['peak']:5.0%}"
            )
        lines.append(f"total {total * 1e3:.3f} ms, arena {number_text(self.arena_bytes)}B")
        return "\n".join(lines)


def measured_peak(threads):
    """Multiply-adds per second that the tile kernel reaches on data in cache: the machine's limit, measured here and now."""
    x, w = np.ones((1, 64, 64, 96), np.float32), np.ones((64, 64, 3, 3), np.float32)
    plan = registry.get("conv", padding=1, algorithm="direct").plan(x.shape, x.dtype, weight=w)
    best = 0.0
    for _ in range(4):
        begin = time.perf_counter()
        plan(x, num_threads=threads or None)
        best = max(best, plan.info()["macs"] / (time.perf_counter() - begin))
    return best


def profile(graph, arrays, repeat, threads):
    """Profile: per node the best of `repeat` runs."""
    best = None
    for _ in range(max(int(repeat), 1)):
        plan, seconds = execute.run_timed(graph, arrays, threads)
        best = seconds if best is None else [min(a, b) for a, b in zip(best, seconds)]
    peak = measured_peak(threads)
    rows = []
    for node, seconds in zip(plan.core.nodes(), best):
        fused = None if node["fused_into"] is None else plan.nodes[node["fused_into"]]
        share = node["macs"] / seconds / peak if seconds else 0.0
        rows.append({**node, "seconds": seconds, "fused_into": fused, "peak": share})
    return Profile(rows, plan.core.arena_bytes)
