"""The command line: every command, its JSON, its exit codes, its single line of error."""
import json
import os
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

import upreg
from upreg import cli

PHOTO = np.random.default_rng(0).integers(0, 256, (12, 16, 3)).astype(np.uint8)


@pytest.fixture(autouse=True)
def in_a_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Image.fromarray(PHOTO).save("in.png")


@pytest.fixture
def call(capsys):
    def run(*arguments, code=0):
        try:
            found = cli.main([str(a) for a in arguments])
        except SystemExit as end:
            found = end.code or 0
        out, err = capsys.readouterr()
        assert found == code, err
        if code:
            assert err.startswith("upreg: ") and err.count("\n") == 1 and "Traceback" not in err and "usage" not in err, err
        plain = not out.startswith(("{", "[", "-I"))  # not JSON, not paths
        assert not plain or all(len(line) <= 80 for line in out.splitlines()), out
        return out if not code else err

    return run


COMMANDS = ("methods", "describe", "cpu", "demo", "resize", "identify", "run", "graph", "overlap", "bench")


def test_as_a_program():
    def program(*arguments):
        here = os.pathsep.join([os.path.dirname(os.path.dirname(upreg.__file__)), *filter(None, [os.environ.get("PYTHONPATH")])])  # installed or not
        return subprocess.run([sys.executable, "-m", "upreg", *arguments], capture_output=True, text=True, env={**os.environ, "PYTHONPATH": here})

    done = program("methods", "bili*")
    assert done.returncode == 0 and "bilinear" in done.stdout and done.stderr == ""
    failed = program("resize", "none.png", "out.png", "--scale", "2")
    assert failed.returncode == 1 and failed.stderr == "upreg: none.png: No such file or directory\n" and failed.stdout == ""
    misused = program("frobnicate")
    assert misused.returncode == 2 and misused.stderr.startswith("upreg: ") and misused.stderr.count("\n") == 1


@pytest.mark.parametrize("command", COMMANDS)
def test_help(call, command):
    assert command in call("--help")
    assert "--json" in call(command, "--help")


@pytest.mark.parametrize("command", ["analyze", "repair", "arithmetic"])
def test_commands_of_later_are_absent(call, command):
    call(command, code=2)


def test_no_command(call):
    assert "methods" in call(code=2)


def test_information(call):
    assert call("--version").strip() == upreg.__version__
    flags = call("--cflags", "--libs")
    assert f"-I{upreg.get_include()}" in flags and "-lupreg" in flags and flags.count("\n") == 1
    assert os.path.exists(os.path.join(upreg.get_include(), "upreg.h"))


def test_methods(call):
    for name in upreg.methods():
        assert name in call("methods")
    assert "conv_transpose" in call("methods", "conv*") and "nearest" not in call("methods", "conv*")
    assert {m["name"] for m in json.loads(call("methods", "--family", "resample", "--json"))} == set(upreg.methods(family="resample"))
    assert "zzz" in call("methods", "zzz", code=1)
    assert "resample" in call("methods", "--family", "zzz", code=2)


@pytest.mark.parametrize("name", upreg.methods())
def test_describe(call, name):
    text = call("describe", name)
    assert all(p["name"] in text for p in upreg.describe(name)["params"])
    assert json.loads(call("describe", name, "--json")) == json.loads(json.dumps(upreg.describe(name)))


def test_describe_unknown(call):
    assert "bilinear" in call("describe", "bilinea", code=2)


def test_cpu(call):
    assert upreg.cpu_info()["tier"] in call("cpu")
    assert json.loads(call("cpu", "--json"))["version"] == upreg.__version__


# ---- resize ----


def test_resize_one(call):
    assert "32 x 24" in call("resize", "in.png", "out.png", "--method", "nearest", "--scale", 2)
    assert np.array_equal(np.asarray(Image.open("out.png")), PHOTO.repeat(2, 0).repeat(2, 1))
    call("resize", "in.png", "out.jpg", "--size", "20x10", "--linear-light")
    assert Image.open("out.jpg").size == (20, 10)
    result = json.loads(call("resize", "in.png", "new/out.png", "--scale", "2x1.5", "--method", "bicubic:a=-0.5", "--json"))
    assert result["done"][0]["size"] == [32, 18] and Image.open("new/out.png").size == (32, 18)


def test_resize_many(call, capsys):
    for name in ("a.png", "b.png"):
        Image.fromarray(PHOTO).save(name)
    assert "2 of 2" in call("resize", "a.png", "b.png", "folder", "--scale", 2, "--suffix", "jpg")
    assert sorted(os.listdir("folder")) == ["a.jpg", "b.jpg"]
    os.mkdir("there")
    call("resize", "a.png", "there", "--scale", 2)
    assert os.listdir("there") == ["a.png"]
    assert "none.png" in call("resize", "a.png", "none.png", "b.png", "some", "--scale", 2, code=1)
    assert sorted(os.listdir("some")) == ["a.png", "b.png"]  # the rest is done


@pytest.mark.parametrize("arguments, word", [
    (["in.png"], "output"), (["in.png", "o.png"], "--scale"), (["in.png", "o.png", "--scale", "2", "--size", "3x3"], "exactly one"),
    (["in.png", "o.png", "--size", "640"], "WIDTHxHEIGHT"), (["in.png", "o.png", "--size", "0x5"], "WIDTHxHEIGHT"),
    (["in.png", "o.png", "--scale", "-1"], "scale"), (["in.png", "o.png", "--scale", "nan"], "scale"),
    (["in.png", "o.png", "--scale", "2", "--method", "nope"], "nope"), (["in.png", "o.png", "--scale", "2", "--method", "conv"], "bilinear"),
    (["in.png", "in.png", "in.png", "--scale", "2"], "folder"), (["in.png", "in.png", "folder", "--scale", "2"], "two inputs"),
    (["in.png", "o.png", "--scale", "2", "--frob"], "--frob"),
])  # fmt: skip
def test_resize_misused(call, arguments, word):
    assert word in call("resize", *arguments, code=2)


def test_resize_failures(call):
    open("bad.png", "w").write("no")
    assert "bad.png" in call("resize", "bad.png", "o.png", "--scale", 2, code=1)
    assert "o.what" in call("resize", "in.png", "o.what", "--scale", 2, code=1)


# ---- run, overlap, bench ----


def test_run_a_chain(call):
    x = np.arange(12, dtype=np.float32).reshape(1, 1, 3, 4)
    np.save("x.npy", x)
    assert "1 x 1 x 6 x 12" in call("run", "nearest:scale=2x3 | relu", "--input", "x=x.npy", "--output", "y.npy", "--keep", "nearest")
    assert np.array_equal(np.load("y.npy"), x.repeat(2, 2).repeat(3, 3))
    assert np.array_equal(np.load("y.nearest.npy"), np.load("y.npy"))
    chain = "conv_transpose:channels=3,kernel=4,stride=2,padding=1 | sigmoid"
    call("run", chain, "--input", "in.png", "--output", "o.png", "--seed", 3, "--init", "bilinear")
    assert Image.open("o.png").size == (32, 24)


def test_run_a_file(call):
    g = upreg.Graph()
    x, y = g.input("x", (1, 2, 4)), g.input("y", (1, 2, 4))
    g.output(g.add("add", x, y, name="sum"))
    g.save("net.upg")
    for name in "xy":
        np.save(f"{name}.npy", np.full((1, 2, 4), ord(name), np.float32))
    result = json.loads(call("run", "net.upg", "--input", "x=x.npy", "--input", "y=y.npy", "--output", "sum=s.npy", "--json"))
    assert result == [{"name": "sum", "file": "s.npy", "shape": [1, 2, 4], "dtype": "float32"}]
    assert (np.load("s.npy") == 241).all()
    assert "y" in call("run", "net.upg", "--input", "x=x.npy", "--output", "s.npy", code=2)
    assert "x, y" in call("run", "net.upg", "--input", "z=x.npy", "--output", "s.npy", code=2)
    assert "frob" in call("run", "net.upg", "--input", "x.npy", "--input", "y.npy", "--output", "s.npy", "--keep", "frob", code=1)
    assert "outputs" in call("run", "net.upg", "--input", "x.npy", "--input", "y.npy", "--output", "frob=s.npy", code=2)


def test_run_failures(call):
    np.save("x.npy", np.zeros((1, 1, 3), np.float32))
    assert "none.upg" in call("run", "none.upg", "--input", "x.npy", "--output", "y.npy", code=1)
    assert "model.pt" in call("run", "model.pt", "--input", "x.npy", "--output", "y.npy", code=2)
    call("run", "model.onnx", "--input", "x.npy", "--output", "y.npy", code=1)  # not there, or no onnx package to read it
    assert "nope" in call("run", "nope:scale=2", "--input", "x.npy", "--output", "y.npy", code=2)
    open("bad.npy", "w").write("no")
    assert "bad.npy" in call("run", "relu", "--input", "bad.npy", "--output", "y.npy", code=1)
    call("run", "conv:channels=1,kernel=5", "--input", "x.npy", "--output", "y.npy", code=1)


def test_overlap(call):
    assert "4 x 4" in call("overlap", "--layers", 2, "-o", "maps/o.png")
    assert os.path.getsize("maps/o.png") > 1000
    found = json.loads(call("overlap", "--size", 5, "--dims", 1, "--kernel", "3,3", "--json"))
    assert found["total"] == [1, 1, 2, 1, 3, 2, 3, 1, 3, 2, 3, 1, 3, 2, 3, 1, 3, 2, 3, 1, 2, 1, 1] and found["file"] is None
    assert "even" in call("overlap", "nearest:scale=2 | conv:channels=1,kernel=3,padding=1", "--size", 12)
    call("overlap", "conv_transpose:channels=3,kernel=3,stride=2", "--shape", "1x8x6x6")
    call("overlap", "--kernel", "3,4", "--stride", "2,2,2", code=2)
    call("overlap", "--layers", 0, code=2)
    call("overlap", "--kernel", 0, code=2)
    call("overlap", "-o", "o.bmp", code=2)


def test_bench_without_peers(call, monkeypatch, tmp_path):
    monkeypatch.setattr(upreg, "__file__", str(tmp_path / "upreg" / "__init__.py"))  # as installed: no benchmarks folder
    from upreg import timing

    monkeypatch.setattr(timing, "best_time", lambda call: call() is None or 1e-3)
    names = {row["method"].partition(":")[0] for row in json.loads(call("bench", "--json"))}
    wanted = {n for n in upreg.methods() if "gradient" not in upreg.describe(n)["flags"] and "." not in n}
    assert wanted - names == set()
    assert "benchmarks" in call("bench", "--peers", "torch", code=1)


def test_bench_with_peers(call):
    assert "frob" in call("bench", "--peers", "frob", code=2)


def test_demo_restores_with_every_method():
    """The parts of the demonstration; the whole of it runs in `make demo`."""
    from upreg import demo, images

    photo = images.sample_photo((64, 48)).pixels
    sheet = demo.restorations(photo, demo.upsampling_names())
    assert len(sheet) == 2 + len(demo.upsampling_names())
    for label, (picture, caption) in sheet.items():
        assert picture.shape == photo.shape or label == "max_pool", label
        assert "not shown" not in caption, (label, caption)
    inside = (slice(None), slice(4, -4), slice(4, -4))  # at the borders a transposed convolution has fewer neighbours
    for name in ("linear", "conv_transpose", "conv_transpose1d", "conv_transpose2d", "conv_transpose3d", "trilinear"):
        assert np.allclose(sheet[name][0][inside], sheet["bilinear"][0][inside], atol=1e-5), name
    assert np.array_equal(sheet["pixel_shuffle"][0], sheet["nearest"][0])
    for transposed in (0, 1, 2):
        assert demo.decode(photo, transposed).shape == photo.shape
