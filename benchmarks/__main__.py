"""Command line of the benchmarks."""

import argparse
import datetime
import importlib
import json
import os
import platform
import subprocess
import sys
from pathlib import Path

LAYOUTS = {"a": None, "b": ("NCX",), "both": None}
EXAMPLES = """examples:
  python -m benchmarks --threads 1 --only T1,F1 --rounds 3
  python -m benchmarks --json run.json --memory            the whole run, with torch's peak memory
  python -m benchmarks --from run.json --fill              its figures into README.md, docs/performance.md and the chart
  python -m benchmarks --sweep                             where does cost not grow as the arithmetic does?
"""


def parse(arguments):
    from benchmarks.peers import PEERS

    parser = argparse.ArgumentParser("python -m benchmarks", epilog=EXAMPLES, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--threads", default="1,2", help="numbers of threads, comma-separated (default 1,2)")
    parser.add_argument("--peers", help=f"of {', '.join(PEERS)} (default: those installed)")
    parser.add_argument("--only", help="keys of workloads, comma-separated (with --sweep: names of lines)")
    parser.add_argument("--table", choices=LAYOUTS, default="both", help="a: each library in its best layout; b: channels first only")
    parser.add_argument("--rounds", type=int, default=7, help="rounds of about 30 ms per library (default 7)")
    parser.add_argument("--dtype", choices=("float32", "float64"), default="float32", help="of the workloads that are not pictures")
    parser.add_argument("--tier", choices=("base", "avx2", "avx512"), help="hold upreg to this CPU tier")
    parser.add_argument("--memory", action="store_true", help="also the peak memory of a call, upreg's and torch's")
    parser.add_argument("--probe", action="store_true", help="only print the machine's limits")
    parser.add_argument("--sweep", action="store_true", help="cost over channels, sizes, kernels, strides, dilation, groups and batch, against torch")
    parser.add_argument("--from", dest="source", type=Path, help="take an earlier --json instead of measuring")
    parser.add_argument("--json", type=Path, help="write everything here")
    parser.add_argument("--chart", type=Path, help="draw a bar chart here (PNG)")
    parser.add_argument("--history", type=Path, help="append a JSON line here")
    parser.add_argument("--markdown", action="store_true", help="print the README's table instead of the long one")
    parser.add_argument("--fill", action="store_true", help="write the figures into README.md, docs/performance.md and docs/pictures/benchmark.png")
    args = parser.parse_args(arguments)
    names = [n.strip() for n in (args.peers or "").split(",") if n.strip()]
    unknown = [n for n in names if n not in PEERS]
    if unknown:
        parser.error(f"unknown peers: {', '.join(unknown)}; allowed: {', '.join(PEERS)}")
    return args, names


def commit():
    """The checkout's commit, or None."""
    done = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=Path(__file__).parent, capture_output=True, text=True)
    return done.stdout.strip() if done.returncode == 0 else None


def measure_all(args, names):
    """The report of a run."""
    from tqdm import tqdm

    import upreg
    from benchmarks import measure, memory, peers, probe
    from benchmarks.workloads import WORKLOADS

    threads = [int(n) for n in args.threads.split(",")]
    chosen = [w for w in WORKLOADS if not args.only or w.key in args.only.split(",")]
    names = names or [n for n in peers.PEERS if peers.found_version(n)]
    for name in names:
        importlib.import_module(f"benchmarks.peers.{name}")  # what is missing is missed now, not after minutes
    report = {
        "about": {
            "date": datetime.date.today().isoformat(),
            "commit": commit(),
            "upreg": upreg.__version__,
            "tier": upreg.cpu_info()["tier"],
            "machine": platform.machine(),
            "processors": os.cpu_count(),
            "dtype": args.dtype,
            "peers": {n: peers.found_version(n) for n in names},
        },
        "limits": {str(n): limits for n in threads if (limits := probe.probe(n))},
        "rows": [],
    }
    progress = tqdm([(n, w) for n in threads for w in chosen], ncols=100)
    for n, workload in progress:
        progress.set_description(f"{n} x {workload.key}")
        report["rows"].append(measure.compare(workload, names, n, LAYOUTS[args.table], args.rounds, args.dtype))
        store(report, args.json)  # a run takes minutes: what is done is kept
    if args.memory:
        report["memory"] = {w.key: {name: memory.measure(w.key, name, 1) for name in ("upreg", "torch")} for w in tqdm(chosen, "memory", ncols=100)}
    return report


def store(report, path):
    if path:
        path.write_text(json.dumps(report, indent=1) + "\n")


def main(arguments=None):
    args, names = parse(arguments)
    if args.tier:
        os.environ["UPREG_CPU"] = args.tier  # read when upreg is loaded
    import upreg
    from benchmarks import chart, probe, report, sweep

    if args.tier and upreg.cpu_info()["tier"] != args.tier:
        print(f"this processor has no {args.tier}, or upreg was loaded before", file=sys.stderr)
        return 1
    if args.probe:
        for n in map(int, args.threads.split(",")):
            print(probe.describe(probe.probe(n), n))
        return 0
    if args.sweep:
        results, found = sweep.run(int(args.threads.split(",")[0]), args.only and args.only.split(","))
        print("\n".join(found) or "nothing found")
        store(results, args.json)
        return 0
    done = json.loads(args.source.read_text()) if args.source else measure_all(args, names)
    store(done, args.json)
    if args.history:
        with args.history.open("a") as file:
            file.write(json.dumps(report.history_entry(done)) + "\n")
    if args.fill:
        report.fill(done)
    for path in filter(None, [args.chart, report.CHART if args.fill else None]):
        chart.draw(done, path)
    print_tables(done, args.markdown)
    return 0


def print_tables(done, markdown):
    from benchmarks import probe, report

    if markdown:
        print(report.readme_part(done))
        return
    print(report.about_text(done["about"]))
    for n in report.by_threads(done):
        print(f"\n{probe.describe(done['limits'].get(str(n)), n)}\n\n{report.run_table(done, n)}")
    print(f"\n{report.readme_table(done)}")


if __name__ == "__main__":
    try:
        sys.exit(main())
    except ImportError as error:
        sys.exit(f"{error}; `make bench` installs the peers")
