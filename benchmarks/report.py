"""Tables, history lines, and the parts of README.md and docs/performance.md that hold figures: all made from one run's JSON."""

import re
import statistics
from pathlib import Path

from benchmarks import probe
from benchmarks.workloads import WORKLOADS

TIE = 1.15  # the machine is shared: smaller differences say nothing
ROOT = Path(__file__).resolve().parents[1]
README = ("benchmark table", ROOT / "README.md")
PERFORMANCE = ROOT / "docs" / "performance.md"
CHART = ROOT / "docs" / "pictures" / "benchmark.png"


def cell(ratio):
    """'1.42', '≈ 1.03' for a tie, '-' where no peer can do it."""
    if ratio is None:
        return "-"
    tie = 1 / TIE < ratio["median"] < TIE
    return f"{'≈ ' if tie else ''}{ratio['median']:.2f}"


def mean(rows, table):
    """Geometric mean of the ratios, or None."""
    found = [row[table]["median"] for row in rows if row.get(table)]
    return statistics.geometric_mean(found) if found else None


def lines_of(header, body):
    return "\n".join("| " + " | ".join(line) + " |" for line in [header, ["---"] * len(header), *body])


def by_threads(report):
    """{threads: {key: row}}"""
    found = {}
    for row in report["rows"]:
        found.setdefault(row["threads"], {})[row["key"]] = row
    return found


def readme_table(report):
    """One line per workload, for the README."""
    threads = by_threads(report)
    header = ["", "workload"] + [f"{n} thread{'s' * (n > 1)} {table}" for n in threads for table in ("(a)", "(b)")]
    keys = list(dict.fromkeys(row["key"] for row in report["rows"]))
    titles = {row["key"]: row["title"] for row in report["rows"]}
    body = []
    for key in keys:
        body.append([key, titles[key]] + [cell(rows[key][table]) if key in rows else "-" for rows in threads.values() for table in "ab"])
    means = [mean(rows.values(), table) for rows in threads.values() for table in "ab"]
    body.append(["", "geometric mean"] + ["-" if m is None else f"{m:.2f}" for m in means])
    return lines_of(header, body)


def readme_part(report):
    """The README's table with its caption."""
    return (
        "Best peer's time / upreg's time: above 1, upreg is ahead; ≈ marks a difference under 15 %. (a) each library in the layout that suits it\n"
        "best, (b) channels first in and out. Medians of interleaved rounds, results checked against float64 first, weights packed outside the\n"
        f"clock, on a shared machine: {about_text(report['about'])}.\n\n![the same as bars](docs/pictures/benchmark.png)\n\n{readme_table(report)}"
    )


def about_text(about):
    return f"{about['machine']}, {about['processors']} processors, {about['tier']}, upreg {about['upreg']}, " + ", ".join(
        f"{name} {number}" for name, number in about["peers"].items()
    )


def ours(row, layout=None):
    """upreg's run in this layout, or its fastest."""
    runs = [r for r in row["runs"] if r["peer"] == "upreg" and r["layout"] == (layout or r["layout"])]
    return min(runs, key=lambda r: r["median"]) if runs else None


def share(row, report):
    """'92 % flop': the part of the machine's limit that upreg's fastest layout reaches, or '-'."""
    limits, run = report.get("limits", {}).get(str(row["threads"])), ours(row)
    if limits is None or run is None or row["family"] == "calls":
        return "-"
    seconds, kind = probe.bound(row, limits, report["about"]["tier"])
    return f"{100 * seconds / run['median']:.0f} % {kind}"


def kilobytes(number):
    return f"{number / 1024:.0f}"


def run_table(report, threads, keys=None):
    """Everything about one number of threads: ratios and the best peers, share of the limit, algorithm, memory, errors."""
    header = ["", "workload", "(a)", "best peer", "(b)", "best peer", "share of the limit", "algorithm", "us (least)"]
    header += ["scratch KiB", "packed / weights"]
    header += ["call KiB: upreg", "torch"] if report.get("memory") else []
    header += ["error", "of the best peer"]
    body = []
    for row in by_threads(report).get(threads, {}).values():
        if keys is None or row["key"] in keys:
            body.append(_details(row, report))
    return lines_of(header, body)


def _details(row, report):
    run = ours(row)
    line = [row["key"], row["title"]]
    for table in "ab":
        line += [cell(row[table]), row[table]["peer"] if row[table] else "-"]
    if run is None:
        return line + ["-"] * 7
    plans = run["plans"]
    line += [share(row, report), " + ".join(p["algorithm"] for p in plans) or "-", f"{run['median'] * 1e6:.1f} ({run['min'] * 1e6:.1f})"]
    line += [kilobytes(max((p["scratch_bytes"] for p in plans), default=0)) if plans else "-"]
    packed = sum(p["packed_bytes"] for p in plans)
    line += [f"{packed / row['weights']:.2f}" if row["weights"] and plans else "-"]
    if report.get("memory"):
        memory = report["memory"].get(row["key"], {})
        line += [kilobytes(memory[name]) if memory.get(name) is not None else "-" for name in ("upreg", "torch")]
    best = [r for r in row["runs"] if row["a"] and r["peer"] == row["a"]["peer"]]
    return line + [f"{run['error']:.0e}", f"{min(best, key=lambda r: r['median'])['error']:.0e}" if best else "-"]


def history_entry(report):
    """One line of the history file: what ran, seconds and ratios by workload and threads."""
    results = {}
    for row in report["rows"]:
        run = ours(row)
        entry = {"seconds": run and run["median"], **{table: row[table] and round(row[table]["median"], 3) for table in "ab"}}
        results.setdefault(row["key"], {})[str(row["threads"])] = entry
    about = report["about"]
    return {**{name: about[name] for name in ("date", "commit", "upreg", "tier", "machine")}, "results": results}


def replace_part(text, name, part):
    """The text with what stands between `<!-- name -->` and `<!-- end of name -->` replaced."""
    pattern = re.compile(rf"(<!-- {re.escape(name)} -->\n).*?(<!-- end of {re.escape(name)} -->)", re.DOTALL)
    return pattern.sub(lambda found: f"{found[1]}{part}\n{found[2]}", text)


def fill(report):
    """Writes the figures into README.md and docs/performance.md."""
    name, path = README
    path.write_text(replace_part(path.read_text(), name, readme_part(report)))
    text = PERFORMANCE.read_text()
    for family in dict.fromkeys(w.family for w in WORKLOADS):
        keys = [w.key for w in WORKLOADS if w.family == family]
        tables = [f"{n} thread{'s' * (n > 1)}:\n\n{run_table(report, n, keys)}" for n in by_threads(report)]
        text = replace_part(text, f"figures: {family}", "\n\n".join(tables))
    limits = [probe.describe(limit, threads) for threads, limit in report.get("limits", {}).items()]
    PERFORMANCE.write_text(replace_part(text, "figures: limits", "".join(f"- {line}\n" for line in [about_text(report["about"]), *limits])))
