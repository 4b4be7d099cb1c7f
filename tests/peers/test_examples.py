"""The example that trains, on scikit-image's photographs."""

import subprocess
import sys
from pathlib import Path

import numpy as np

from upreg import networks

PROGRAM = Path(__file__).resolve().parents[2] / "examples" / "train_decoders.py"


def test_train_decoders(tmp_path):
    """A short run: it learns, prints what it found, writes both files, and the same numbers again."""
    texts, weights = [], []
    for folder in (tmp_path / "a", tmp_path / "b"):
        command = [sys.executable, "-P", str(PROGRAM), "--out", str(folder), "--epochs", "4", "--crops", "128"]
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        assert (folder / "decoders.png").read_bytes().startswith(b"\x89PNG")
        texts.append(done.stdout)
        weights.append(np.load(folder / "decoders.npz"))
    assert texts[0] == texts[1] and texts[0].count("PSNR") == 3
    assert {name.partition("/")[0] for name in weights[0]} == set(networks.TRAINED)
    assert all(np.array_equal(weights[0][name], weights[1][name]) for name in weights[0])
