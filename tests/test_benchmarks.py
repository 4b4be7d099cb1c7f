"""The benchmarks without other libraries: every workload is what upreg computes, and the tables say what the figures say. Nothing is timed."""
import json
import pathlib
import sys

import numpy as np
import pytest

import upreg

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.append(str(ROOT))

from benchmarks import __main__ as command  # noqa: E402
from benchmarks import chart, measure, peers, report, sweep  # noqa: E402
from benchmarks.workloads import WORKLOADS  # noqa: E402

KEYS = [w.key for w in WORKLOADS]


@pytest.fixture(autouse=True)
def threads_as_before():
    """The benchmarks set the number of threads for the whole process."""
    yield
    upreg.set_num_threads(None)


@pytest.mark.parametrize("workload", WORKLOADS, ids=KEYS)
def test_upreg_computes_the_workload(workload):
    """On small maps, in every layout, and as each peer with a function of its own computes it."""
    small = workload.reduced()
    for version in [small, *(small.against(peer) for peer in small.others)]:
        data = version.data()
        expected = measure.Expected(version, data)
        for layout in version.layouts:
            run = peers.prepare("upreg", version, data, 1, layout)
            results = run.read(run.call())
            assert [r.shape for r in results[: len(expected.outputs)]] == [y.shape for y in expected.outputs]
            error, good = expected.error(results)
            assert good, f"{layout}: off by {error:.3g}"


def test_workloads_are_told_apart():
    assert len(set(KEYS)) == len(KEYS)
    assert {w.family for w in WORKLOADS} == {"convolution", "transposed convolution", "resize + conv", "resampling", "pictures", "pooling, shuffle",
                                             "backward", "calls"}


def test_full_sizes_are_accepted():
    for workload in WORKLOADS:
        if workload.kind in ("conv", "conv_transpose", "resize", "max_pool", "avg_pool", "pixel_shuffle"):
            shapes = [workload.x] + [workload.weight] * (workload.weight is not None)
            assert upreg.get(workload.method, **workload.params).infer(*shapes), workload.key


def test_a_wrong_result_is_noticed():
    workload = WORKLOADS[0].reduced()
    expected = measure.Expected(workload, workload.data())
    right = expected.outputs[0]
    assert expected.error([right.astype(np.float32)])[1]
    assert not expected.error([right * 1.01])[1]
    assert not expected.error([right[:, :, 1:]])[1]


def test_every_peer_has_an_adapter():
    for name in peers.PEERS:
        assert "def prepare(workload, data, threads, layout)" in (ROOT / "benchmarks" / "peers" / f"{name}.py").read_text()


def run_of(peer, layout, seconds, **more):
    plan = {"algorithm": "direct", "scratch_bytes": 2048, "packed_bytes": 300}
    return {"peer": peer, "layout": layout, "min": seconds, "median": seconds, "error": 1e-7, "plans": [plan] if peer == "upreg" else [], **more}


def row_of(key, threads, runs):
    workload = next(w for w in WORKLOADS if w.key == key)
    row = {"key": key, "title": workload.title, "family": workload.family, "threads": threads, "runs": runs, "macs": 10**6, "read": 10**4}
    return {**row, "written": 10**4, "weights": 200, "a": measure.ratios(runs, None), "b": measure.ratios(runs, ("NCX",))}


def example():
    runs = [run_of("upreg", "NCX", 2e-3, serves=["torch", "jax"]), run_of("upreg", "NXC", 1e-3, serves=["torch", "jax"])]
    runs += [run_of("torch", "NCX", 8e-3), run_of("torch", "NXC", 3e-3), run_of("jax", "NCX", 2.1e-3)]
    picture = [run_of("upreg", "XC", 1e-3, serves=["torch"]), run_of("upreg", "XC", 3e-3, serves=["pillow"])]
    picture += [run_of("torch", "XC", 4e-3), run_of("pillow", "XC", 6e-3)]
    about = {"date": "2026-01-01", "commit": None, "upreg": "0.1.0", "tier": "base", "machine": "x86_64", "processors": 2, "dtype": "float32"}
    limits = {"1": {"base": 1e10, "read": 1e10, "write": 1e10}}
    rows = [row_of("C1", 1, runs), row_of("C1", 2, runs), row_of("R6", 1, picture)]
    about["peers"] = {"torch": "2", "jax": None}
    return {"about": about, "limits": limits, "rows": rows, "memory": {"C1": {"upreg": 1024, "torch": None}}}


def test_ratios():
    """Each side in its best layout; a peer with a function of its own against upreg's time for that."""
    first, _, picture = example()["rows"]
    assert first["a"]["peer"] == "jax" and first["a"]["median"] == pytest.approx(2.1)
    assert first["b"]["peer"] == "jax" and first["b"]["median"] == pytest.approx(1.05)
    assert first["a"]["all"] == pytest.approx({"torch": 3.0, "jax": 2.1})
    assert picture["a"]["peer"] == "pillow" and picture["a"]["median"] == pytest.approx(2.0) and picture["b"] is None


def test_tables():
    done = example()
    lines = report.readme_table(done).splitlines()
    assert lines[0] == "|  | workload | 1 thread (a) | 1 thread (b) | 2 threads (a) | 2 threads (b) |"
    assert lines[2] == "| C1 | conv 3x3 p1 64->64 @128 | 2.10 | ≈ 1.05 | 2.10 | ≈ 1.05 |"
    assert lines[3] == "| R6 | uint8 RGB lanczos 1080p->2160p | 2.00 | - | - | - |"
    assert lines[4] == "|  | geometric mean | 2.05 | 1.05 | 2.10 | 1.05 |"
    long = report.run_table(done, 1).splitlines()
    assert len({line.count("|") for line in long}) == 1
    assert "| 20 % flop | direct | 1000.0 (1000.0) | 2 | 1.50 | 1 | - | 1e-07 | 1e-07 |" in long[2]


def test_history_is_a_line_of_json():
    line = json.dumps(report.history_entry(example()))
    assert "\n" not in line
    assert json.loads(line)["results"]["C1"]["2"] == {"seconds": 1e-3, "a": 2.1, "b": 1.05}


def test_figures_have_their_places():
    assert report.replace_part("a\n<!-- x -->\nold\n<!-- end of x -->\nb", "x", "new\\1") == "a\n<!-- x -->\nnew\\1\n<!-- end of x -->\nb"
    name, path = report.README
    names = {path: [name], report.PERFORMANCE: ["figures: limits", *(f"figures: {w.family}" for w in WORKLOADS)]}
    for path, parts in names.items():
        for name in parts:
            assert f"<!-- {name} -->\n" in path.read_text() and f"<!-- end of {name} -->" in path.read_text(), (path, name)


def test_fill(tmp_path, monkeypatch):
    for place, source in (("README.md", report.README[1]), ("performance.md", report.PERFORMANCE)):
        (tmp_path / place).write_text(source.read_text())
    monkeypatch.setattr(report, "README", (report.README[0], tmp_path / "README.md"))
    monkeypatch.setattr(report, "PERFORMANCE", tmp_path / "performance.md")
    report.fill(example())
    once = [(tmp_path / name).read_text() for name in ("README.md", "performance.md")]
    assert "| 2.10 | ≈ 1.05 |" in once[0] and "20 % flop" in once[1]
    report.fill(example())
    assert once == [(tmp_path / name).read_text() for name in ("README.md", "performance.md")]


def test_chart(tmp_path):
    chart.draw(example(), tmp_path / "chart.png")
    assert (tmp_path / "chart.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("method", ["conv", "conv_transpose"])
def test_sweep_points(method):
    """Every point is a convolution that upreg accepts; lines go upwards."""
    last = {}
    for point in sweep.points(method):
        workload = point.workload
        assert upreg.get(method, **workload.params).infer(workload.x, workload.weight)[1] == point.channels
        assert last.get(point.line, 0) < point.value
        last[point.line] = point.value
    assert last["channels"] == 512 and last["size"] == 512 and last["kernel"] == 11 and last["stride"] == 4 and last["batch"] == 32


def test_sweep_findings():
    def result(value, ours, theirs, **more):
        numbers = {"value": value, "ours": ours, "theirs": theirs, "macs": 1000 * value, "channels": value}
        return {"line": "conv, channels", "algorithm": "direct", "right": True, **numbers, **more}

    results = [result(16, 1e-4, 1e-4), result(17, 3e-4, 1e-4), result(32, 2e-4, 3e-4, right=False)]
    texts = [text for text, _ in sweep.findings(results)]
    assert len(texts) == 4 and "torch / upreg = 0.33" in texts[0] and "differ" in texts[1]
    assert "17: a multiply-add costs 2.8 times that at 16" in texts[2] and "at 32" in texts[3]


def test_command_line(capsys, tmp_path):
    with pytest.raises(SystemExit):
        command.parse(["--peers", "frob"])
    assert "frob" in capsys.readouterr().err
    stored = tmp_path / "run.json"
    stored.write_text(json.dumps(example()))
    history = tmp_path / "history.jsonl"
    assert command.main(["--from", str(stored), "--markdown", "--history", str(history), "--chart", str(tmp_path / "c.png")]) == 0
    assert "| C1 |" in capsys.readouterr().out and len(history.read_text().splitlines()) == 1 and (tmp_path / "c.png").exists()
