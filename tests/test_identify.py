"""Which method made this output?"""

import json
import os
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

import upreg

HERE = {**os.environ, "PYTHONPATH": os.path.dirname(os.path.dirname(upreg.__file__))}  # other processes find upreg installed or not
RNG = np.random.default_rng(0)
BYTES = RNG.integers(0, 256, (23, 31, 3), dtype=np.uint8)

MADE = {
    "cubic": dict(size=[40, 57], a=-0.5, coordinates="asymmetric"),
    "linear": dict(size=[11, 17], antialias=True),
    "nearest": dict(size=[40, 57], coordinates="half_pixel", rounding="ceil"),
    "bspline": dict(size=[40, 57], border="reflect", coordinates="align_corners"),
    "torch.bicubic": dict(size=[40, 57]),
    "pillow.lanczos": dict(size=[11, 40]),
    "opencv.lanczos4": dict(size=[29, 33]),
    "scipy.zoom5": dict(size=[29, 33]),
    "mitchell": dict(size=[29, 33]),
}


@pytest.mark.parametrize("name", MADE)
@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_finds_what_made_it(name, dtype):
    x = BYTES.astype(dtype)
    y = upreg.run(name, x, layout="XC", **MADE[name])
    exact = [match for match in upreg.identify(x, y, layout="XC") if match.exact]
    same = [match for match in exact if np.array_equal(upreg.from_config(match.method)(x), y) or match.how]
    assert exact and same == exact
    assert name in [match.method.split(":")[0] for match in exact]


def test_floats_that_were_rounded():
    y = np.clip(np.rint(upreg.run("mitchell", BYTES.astype(np.float32), size=[40, 57], layout="XC")), 0, 255).astype(np.uint8)
    first = upreg.identify(BYTES, y, layout="XC")[0]
    assert first.exact and first.how == "computed in floats, then rounded" and str(first).endswith("(computed in floats, then rounded): equal")


def test_tells_how_far_the_nearest_is_off():
    x = np.add.outer(np.sin(np.arange(40.0)), np.cos(np.arange(50.0) / 3)).astype(np.float32)[None, None]
    y = upreg.run("nearest", x, size=[80, 100])
    moved = np.concatenate([y[..., :1], y[..., :-1]], axis=-1)
    moved[0, 0, 5, 7] += 1e-3
    found = upreg.identify(x, moved)
    assert not found[0].exact and found[0].equal < 1 and found[0].max_abs > 0 and found[0].mean_abs <= found[-1].mean_abs
    assert [match.mean_abs for match in found] == sorted(match.mean_abs for match in found)
    assert json.loads(json.dumps(found[0].to_dict()))["method"] == found[0].method


def test_refuses():
    x = np.zeros((1, 1, 4, 4), np.float32)
    for bad, error, text in [
        ((x, x.astype(np.float64)), upreg.DTypeError, "float32 and float64"),
        ((x.astype(np.int64), x.astype(np.int64)), upreg.DTypeError, "int64"),
        ((x, x[0]), upreg.ShapeError, "4 and 3"),
        ((x, np.zeros((1, 2, 8, 8), np.float32)), upreg.ShapeError, "more than spatial axes"),
        ((x[0, 0, 0], x[0, 0, 0]), upreg.ShapeError, "allowed: 1 to 3"),
    ]:
        with pytest.raises(error, match=text):
            upreg.identify(*bad)
    with pytest.raises(upreg.ParameterError, match="allowed: NCX"):
        upreg.identify(x, x, layout="CN")


def command(*arguments):
    return subprocess.run([sys.executable, "-m", "upreg", "identify", *map(str, arguments)], capture_output=True, text=True, env=HERE)


def test_command(tmp_path):
    Image.fromarray(BYTES).save(tmp_path / "a.png")
    Image.fromarray(upreg.run("pillow.hamming", BYTES, size=[50, 20], layout="XC")).save(tmp_path / "b.png")
    done = command(tmp_path / "a.png", tmp_path / "b.png")
    assert done.returncode == 0 and done.stdout == "methods that make exactly this output:\n  pillow.hamming:size=[50,20],layout=XC: equal\n", done
    np.save(tmp_path / "c.npy", BYTES[:, :, 0])
    np.save(tmp_path / "d.npy", RNG.integers(0, 256, (40, 40), dtype=np.uint8))
    found = json.loads(command(tmp_path / "c.npy", tmp_path / "d.npy", "--top", "2", "--json").stdout)
    assert len(found) == 2 and not found[0]["exact"]
    text = command(tmp_path / "c.npy", tmp_path / "d.npy").stdout
    assert text.startswith("no method makes exactly this output; the nearest ones:\n") and max(map(len, text.splitlines())) <= 80
    (tmp_path / "e.png").write_bytes(b"no picture")
    assert command(tmp_path / "a.png", tmp_path / "e.png").stderr.startswith("upreg: ")
    assert command(tmp_path / "a.png", tmp_path / "missing.png").returncode == 1
