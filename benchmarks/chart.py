"""The bar chart of a run: best peer's time / upreg's, by workload."""

from benchmarks.report import TIE, by_threads

COLOURS = {"a": "#1f77b4", "b": "#ff9f40"}
LABELS = {"a": "(a) each in its best layout", "b": "(b) channels first in and out"}
LEAST, MOST = 0.5, 32
THICKNESS = 0.38


def draw(report, path):
    """One panel per number of threads, workloads from top to bottom in the order of their families."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    panels = by_threads(report)
    rows = {row["key"]: row for row in report["rows"]}
    keys = [key for key, row in rows.items() if row["a"] or row["b"]]
    figure, axes = pyplot.subplots(1, len(panels), figsize=(4 + 3.4 * len(panels), 1.2 + 0.27 * len(keys)), sharey=True, squeeze=False)
    for axis, (threads, found) in zip(axes[0], panels.items()):
        for table, shift in (("a", -THICKNESS / 2), ("b", THICKNESS / 2)):
            places = [i for i, key in enumerate(keys) if key in found and found[key][table]]
            ratios = [found[keys[i]][table]["median"] for i in places]
            axis.barh([i + shift for i in places], [r - 1 for r in ratios], THICKNESS, left=1, color=COLOURS[table], label=LABELS[table])
        axis.set_xscale("log")
        axis.set_xlim(LEAST, MOST)
        axis.set_xticks([0.5, 1, 2, 4, 8, 16, 32], ["0.5", "1", "2", "4", "8", "16", "32"])
        axis.minorticks_off()
        axis.axvspan(1 / TIE, TIE, color="0.9", zorder=0)
        axis.axvline(1, color="0.2", linewidth=1)
        axis.grid(axis="x", color="0.85", linewidth=0.6)
        axis.set_axisbelow(True)
        axis.set_title(f"{threads} thread{'s' * (threads > 1)}", fontsize=10)
        axis.tick_params(labelsize=8, length=0)
        for side in ("top", "right", "left"):
            axis.spines[side].set_visible(False)
        _separate_families(axis, [rows[key]["family"] for key in keys])
    axes[0][0].set_yticks(range(len(keys)), [f"{rows[key]['title']}  {key}" for key in keys])
    axes[0][0].set_ylim(len(keys) - 0.4, -0.6)
    handles, labels = axes[0][0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="upper left", fontsize=8, frameon=False)
    figure.supxlabel("best peer's time / upreg's time: right of 1, upreg is ahead; grey: a tie", fontsize=9)
    figure.tight_layout()
    figure.savefig(path, dpi=100)
    pyplot.close(figure)


def _separate_families(axis, families):
    for i, (before, after) in enumerate(zip(families, families[1:])):
        if before != after:
            axis.axhline(i + 0.5, color="0.6", linewidth=0.6)
