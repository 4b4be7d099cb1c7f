"""Command line of the benchmarks: a table, and JSON with `--json FILE`."""

import argparse
import json
import platform
import statistics
import sys
import time
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np

import upreg
from benchmarks import peers
from benchmarks.workloads import WORKLOADS

ROUNDS = 7
ROUND_SECONDS = 0.03  # each round repeats a call for about this long


def first(result):
    """The first output as an array."""
    result = result[0] if isinstance(result, (tuple, list)) else result
    return np.asarray(result)


def time_round(run, repeat):
    begin = time.perf_counter()
    for _ in range(repeat):
        run()
    return (time.perf_counter() - begin) / repeat


def measure(runs):
    """{name: (min, median)} in seconds; the runs take turns, so that a slow moment of the machine meets all."""
    repeats = {name: max(1, int(ROUND_SECONDS / max(time_round(run, 1), 1e-7))) for name, run in runs.items()}
    times = {name: [] for name in runs}
    for _ in range(ROUNDS):
        for name, run in runs.items():
            times[name].append(time_round(run, repeats[name]))
    return {name: (min(t), statistics.median(t)) for name, t in times.items()}


def compare(workload, names, threads):
    """One row: times, ratio, error against the first peer."""
    x, w = workload.arrays()
    runs = {"upreg": peers.upreg(workload, x, w, threads)}
    for name in names:
        run = peers.PEERS[name](workload, x, w, threads)
        if run is not None:
            runs[name] = run
    ours = first(runs["upreg"]())
    row = {"key": workload.key, "title": workload.title, "threads": threads, "error": {}}
    for name in list(runs)[1:]:
        theirs = first(runs[name]())
        error = float(np.abs(ours - theirs).max()) if ours.shape == theirs.shape else float("inf")
        row["error"][name] = error
        if not error <= 1e-3 * max(1.0, float(np.abs(theirs).max())):
            print(f"{workload.key}: upreg and {name} differ by {error:.3g}: not timed", file=sys.stderr)
            del runs[name]
    row["seconds"] = {name: {"min": t[0], "median": t[1]} for name, t in measure(runs).items()}
    others = {name: t["median"] for name, t in row["seconds"].items() if name != "upreg"}
    if others:
        row["best"] = min(others, key=others.get)
        row["ratio"] = others[row["best"]] / row["seconds"]["upreg"]["median"]
        row["ratio_of_min"] = row["seconds"][row["best"]]["min"] / row["seconds"]["upreg"]["min"]
    return row


def found_version(name):
    try:
        return version(name)
    except PackageNotFoundError:
        return "absent"


def table(rows, names, threads):
    lines = [
        f"| {threads} thread{'s' if threads > 1 else ''} | workload | best peer / upreg | best peer | "
        + " | ".join(f"{n} / upreg" for n in names)
        + " |",
        "|---|---|---|---|" + "---|" * len(names),
    ]
    for row in rows:
        ours = row["seconds"]["upreg"]["median"]
        each = [f"{row['seconds'][n]['median'] / ours:.2f}" if n in row["seconds"] else "-" for n in names]
        lines.append(f"| {row['key']} | {row['title']} | {row.get('ratio', float('nan')):.2f} | {row.get('best', '-')} | " + " | ".join(each) + " |")
    ratios = [row["ratio"] for row in rows if "ratio" in row]
    if ratios:
        lines.append(f"| | geometric mean | {statistics.geometric_mean(ratios):.2f} | | " + " | ".join("" for _ in names) + " |")
    return "\n".join(lines)


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--threads", default="1,2", help="numbers of threads, comma-separated (default 1,2)")
    parser.add_argument("--peers", default="torch,onnxruntime", help=f"of {', '.join(peers.PEERS)}")
    parser.add_argument("--only", help="keys of workloads, comma-separated")
    parser.add_argument("--json", type=Path, help="write the figures here")
    args = parser.parse_args(arguments)
    names = [n for n in args.peers.split(",") if n]
    unknown = [n for n in names if n not in peers.PEERS]
    if unknown:
        parser.error(f"unknown peers: {', '.join(unknown)}; allowed: {', '.join(peers.PEERS)}")
    chosen = [w for w in WORKLOADS if not args.only or w.key in args.only.split(",")]
    about = {"upreg": upreg.__version__, "cpu_tier": upreg.cpu_info()["tier"], "machine": platform.machine(), **{n: found_version(n) for n in names}}
    print(", ".join(f"{k} {v}" for k, v in about.items()))
    everything = []
    for threads in map(int, args.threads.split(",")):
        rows = []
        for workload in chosen:
            rows.append(compare(workload, names, threads))
            print(
                f"{workload.key:4} {workload.title:40} {rows[-1].get('ratio', float('nan')):6.2f} x {rows[-1].get('best', '-')}",
                file=sys.stderr,
                flush=True,
            )
        everything += rows
        print(f"\n{table(rows, names, threads)}")
    if args.json:
        args.json.write_text(json.dumps({"about": about, "rows": everything}, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
