"""Checks results against float64, then times: libraries take turns, so that a slow moment of the machine meets all of them."""

import statistics
import sys
import time

import numpy as np

from benchmarks import peers, truth

ROUND_SECONDS = 0.03  # each round repeats a call for about this long
PAUSE = 0.002  # so that one library's waiting threads are off the processors when the next one starts
TOO_SLOW = 25  # a library this many times slower than the fastest is timed once
ALLOWED = {"float32": 3e-5, "float64": 1e-13}  # of the largest sum of magnitudes
ALLOWED_STEPS = 1.5  # uint8: fixed-point weights, and libraries that round between their passes


def time_round(run, repeat):
    begin = time.perf_counter()
    for _ in range(repeat):
        run()
    return (time.perf_counter() - begin) / repeat


def take_turns(calls, rounds):
    """{name: (min, median)} in seconds."""
    for call in calls.values():
        call()
    first = {name: max(time_round(call, 1), 1e-7) for name, call in calls.items()}
    fastest = min(first.values())
    times = {name: [seconds] if seconds > TOO_SLOW * fastest and seconds > ROUND_SECONDS else [] for name, seconds in first.items()}
    turns = [name for name in calls if not times[name]]
    for _ in range(rounds):
        for name in turns:
            time.sleep(PAUSE)
            calls[name]()
            times[name].append(time_round(calls[name], max(1, int(ROUND_SECONDS / first[name]))))
    return {name: (min(t), statistics.median(t)) for name, t in times.items()}


class Expected:
    """The float64 results of a workload, and what is allowed around them."""

    def __init__(self, workload, data):
        self.outputs = truth.outputs(workload, data)
        self.steps = data.x.dtype == np.uint8
        if self.steps:
            self.allowed = [ALLOWED_STEPS]
        else:
            self.allowed = [ALLOWED[str(data.x.dtype)] * m for m in truth.magnitude(workload, data)]

    def error(self, results):
        """(largest error: of the largest element, or in steps of uint8; whether it is allowed)"""
        worst, good = 0.0, True
        for got, wanted, allowed in zip(results, self.outputs, self.allowed):
            error = float(np.abs(got - wanted).max()) if got.shape == wanted.shape else float("inf")
            good = good and error <= allowed
            worst = max(worst, error if self.steps else error / float(np.abs(wanted).max()))
        return worst, good


def compare(workload, names, threads, layouts=None, rounds=7, dtype=None):
    """One row: every library's time and error in every layout, and the ratios."""
    data = workload.data(dtype)
    calls, runs = {}, []
    sides = [("upreg", workload, [n for n in names if n not in workload.others])]
    sides += [("upreg", workload.against(n), [n]) for n in names if n in workload.others]
    sides += [(name, workload.against(name), None) for name in names]
    for name, version, serves in sides:
        if serves == []:
            continue
        expected = Expected(version, data)
        for layout in workload.layouts:
            if layouts and layout not in layouts and layout in ("NCX", "NXC"):
                continue
            run = peers.prepare(name, version, data, threads, layout)
            if run is None:
                continue
            error, good = expected.error(run.read(run.call()))
            if not good:
                print(f"{workload.key}: {name} in {layout} is off by {error:.3g}: not timed", file=sys.stderr)
                continue
            calls[len(runs)] = run.call
            runs.append({"peer": name, "layout": layout, "error": error, "plans": [p.info() for p in run.plans]})
            if name == "upreg":
                runs[-1]["serves"] = serves
    for place, (least, median) in take_turns(calls, rounds).items():
        runs[place].update(min=least, median=median)
    row = {"key": workload.key, "title": workload.title, "family": workload.family, "threads": threads, "runs": runs}
    row.update(work(workload, data))
    row["a"], row["b"] = ratios(runs, None), ratios(runs, ("NCX",))
    return row


def ratios(runs, layouts):
    """Best peer's time / upreg's, each in its best of these layouts (None: of all): {"peer", "median", "min", "all"}, or None."""
    found = {}
    for statistic in ("median", "min"):
        best = {}
        for run in runs:
            if layouts is None or run["layout"] in layouts:
                for name in run.get("serves", [run["peer"]]):
                    side = best.setdefault(name, {})
                    kind = "ours" if run["peer"] == "upreg" else "theirs"
                    side[kind] = min(side.get(kind, float("inf")), run[statistic])
        found[statistic] = {name: side["theirs"] / side["ours"] for name, side in best.items() if len(side) == 2}
    if not found["median"]:
        return None
    peer = min(found["median"], key=found["median"].get)
    return {"peer": peer, "median": found["median"][peer], "min": min(found["min"].values()), "all": found["median"]}


def work(workload, data):
    """Multiply-adds, and bytes that have to be read and written; weights are not counted."""
    run = peers.prepare("upreg", workload, data, 1, workload.layouts[0])
    results = run.call()
    results = results if isinstance(results, tuple) else (results,)
    macs = sum(p.info()["macs"] for p in run.plans)
    if workload.kind == "resize_conv":
        macs = int(np.prod(results[0].shape)) * int(np.prod(workload.weight[1:]))
        if workload.method == "nearest":
            macs = macs * 4 // 9  # folded, two of three taps meet the same input along each axis
    read = sum(a.nbytes for a in ((data.grad,) if workload.kind == "bilinear_grad" else (data.x, data.grad, data.indices)) if a is not None)
    return {
        "macs": macs if workload.weight else 0,
        "read": read,
        "written": sum(r.nbytes for r in results),
        "weights": 0 if data.w is None else data.w.nbytes,
    }
