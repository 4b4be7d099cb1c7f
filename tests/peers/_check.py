"""One comparison for all peers: the compiled method and its float64 reference both have to agree with the peer."""
import importlib
import pathlib
import sys

import numpy as np

import upreg

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
common = importlib.import_module("reference._common")
resample = importlib.import_module("reference._resample")

CLOSE = {"float32": 2e-5, "float64": 1e-11}


def reference(method):
    return importlib.import_module(f"reference.{method}")


def close(got, wanted, dtype, what):
    """Equal up to the rounding of dtype, measured against the largest element."""
    got, wanted = np.asarray(got), np.asarray(wanted)
    assert got.shape == wanted.shape, f"{what}: shape {got.shape}, the peer has {wanted.shape}"
    if not wanted.size:
        return
    if wanted.dtype.kind in "iu":
        assert np.array_equal(got, wanted), f"{what}: {np.count_nonzero(got != wanted)} of {wanted.size} differ"
        return
    error = np.max(np.abs(got.astype(np.float64) - wanted.astype(np.float64)))
    allowed = CLOSE[str(np.dtype(dtype))] * max(np.max(np.abs(wanted)), 1e-3)
    assert error <= allowed, f"{what}: off by {error:.3g}, allowed {allowed:.3g}"


def agree(method, params, inputs, wanted, dtype="float32"):
    """upreg's and the reference's result equal the peer's; `wanted` is an array or a tuple of them."""
    module = reference(method)
    what = f"{method} {params} on {[None if x is None else x.shape for x in inputs]}"
    naive = module.run({**module.DEFAULTS, **params}, *inputs)
    got = upreg.get(method, **params)(*inputs)
    if not isinstance(wanted, tuple):
        wanted, naive, got = (wanted,), (naive,), (got,)
    for ours, truth, peer in zip(got, naive, wanted, strict=True):
        close(truth, peer, dtype, "reference " + what)
        close(ours, peer, dtype, "upreg " + what)
