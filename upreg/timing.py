"""Small timings of upreg's own methods, without peers; `benchmarks/` of the source checkout compares with other libraries."""

from __future__ import annotations

import time

import numpy as np

import upreg
from upreg.errors import UpregError

SHAPES = {1: (1, 16, 4096), 2: (1, 16, 128, 128), 3: (1, 16, 24, 24, 24)}  # by spatial axes
EXAMPLE = {"scale": 2, "channels": 16, "kernel": 3, "amount": 1}  # parameters, where a method has them
DEFAULT_RANK = 2


def best_time(call, seconds=0.05, least=3):
    """Seconds of the fastest of at least `least` calls within about `seconds`."""
    best, begin, calls = float("inf"), time.perf_counter(), 0
    while calls < least or time.perf_counter() - begin < seconds:
        before = time.perf_counter()
        call()
        best, calls = min(best, time.perf_counter() - before), calls + 1
    return best


def example(name, rng):
    """(method, arrays) of a plain call of a registered method on float32 data."""
    info = upreg.describe(name)
    known = {p["name"] for p in info["params"]}
    params = {key: value for key, value in EXAMPLE.items() if key in known}
    if {"crop", "offset"} <= known:
        params["crop"] = 1
    x = rng.standard_normal(SHAPES[info["rank"] or DEFAULT_RANK], np.float32)
    if info["inputs"][0]["variadic"]:
        return upreg.get(name, **params), [x, x]
    if any(p["dtype"] == "i64" for p in info["inputs"]):
        params["kernel"] = 2
        _, indices = upreg.run("max_pool", upreg.run("nearest", x, scale=2), kernel=2, return_indices=True)
        return upreg.get(name, **params), [x, indices]
    method = upreg.get(name, **params)
    shapes = {}
    if any(p["role"] == "param" and not p["optional"] for p in info["inputs"]):
        shapes = method.weight_specs(x.shape)
    arrays = [x]
    for port in info["inputs"][1:]:
        if port["name"] in shapes:
            arrays.append(rng.standard_normal(shapes[port["name"]][0], np.float32))
        elif port["role"] == "stat":
            arrays.append(np.full(x.shape[1], 0.5, np.float32))
        else:
            arrays.append(None if port["optional"] else x)
    return method, arrays


def method_times(quiet=False):
    """[{"method", "shape", "ms"}] of every method that is not a gradient, on the shapes of SHAPES, with the default number of threads."""
    from tqdm import tqdm

    rng, rows = np.random.default_rng(0), []
    names = [name for name in upreg.methods() if "gradient" not in upreg.describe(name)["flags"]]
    for name in tqdm(names, desc="bench", ncols=80, disable=quiet or None, leave=False):
        try:
            method, arrays = example(name, rng)
            y = method(*arrays)
        except UpregError:
            continue  # a plugin's method that needs more than a plain call
        y = y[0] if isinstance(y, tuple) else y
        rows.append({"method": method.text, "shape": list(y.shape), "ms": 1e3 * best_time(lambda: method(*arrays))})
    return rows
