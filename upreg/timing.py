"""Small timings of upreg's own methods, without peers; `benchmarks/` of the source checkout compares with other libraries."""

from __future__ import annotations

import time

import numpy as np

import upreg
from upreg.errors import UpregError

SHAPES = {1: (1, 16, 4096), 2: (1, 16, 128, 128), 3: (1, 16, 24, 24, 24)}  # by spatial axes
EXAMPLE = {"scale": 2, "channels": 16, "kernel": 3, "amount": 1}  # parameters, where a method has them
DEFAULT_RANK = 2


def _integers(kind, high=100):
    return lambda x: ({}, [(abs(x) * high).astype(kind)] * 2)


def _channel_places(x):
    return np.array([[1], [3]], np.int64)


_REGIONS = np.array([[0, 4, 4, 90, 100], [0, 30, 8, 60, 120]], np.float32)
_TURN = np.array([[0.9, -0.3, 0.1], [0.3, 0.9, -0.2]], np.float32)

# Methods that a plain call on a picture does not fit: x -> (parameters, arrays).
SPECIAL = {
    **{name: _integers("int32") for name in ("bitwise_and", "bitwise_or", "bitwise_xor")},
    **{name: _integers("uint8", 1) for name in ("logical_and", "logical_or", "logical_xor")},
    "bit_shift": lambda x: ({"direction": "left"}, [(abs(x) * 9).astype(np.uint8)] * 2),
    "bitwise_not": lambda x: ({}, [(x * 100).astype(np.int32)]),
    "logical_not": lambda x: ({}, [(x > 0).astype(np.uint8)]),
    "where": lambda x: ({}, [(x > 0).astype(np.uint8), x, x]),
    "if_else": lambda x: ({}, [np.uint8(1), x, x]),
    "expand": lambda x: ({"shape": list(x.shape)}, [x[:, :, :1]]),
    "broadcast_to": lambda x: ({"shape": list(x.shape)}, [x[:, :, :1]]),
    "reshape": lambda x: ({"shape": [0, -1]}, [x]),
    "unsqueeze": lambda x: ({"axis": 0}, [x]),
    "tile": lambda x: ({"repeats": [1, 1, 2, 2]}, [x]),
    "range": lambda x: ({"stop": 10**5}, [np.float32(0)]),
    "gather": lambda x: ({"axis": 1}, [x, np.arange(8, dtype=np.int64)]),
    "gather_nd": lambda x: ({}, [x[0], _channel_places(x)]),
    "scatter_nd": lambda x: ({}, [x[0], _channel_places(x), x[0, :2]]),
    "matmul": lambda x: ({}, [x, x]),
    "matvec": lambda x: ({}, [x[0, 0], x[0, 0, 0]]),
    "outer": lambda x: ({}, [x[0, 0, 0], x[0, 0, 0]]),
    "lrn": lambda x: ({"size": 5}, [x]),
    "group_norm": lambda x: ({"groups": 4}, [x]),
    "gru": lambda x: ({"hidden": 32}, [x[0, 0][:, None], *(np.full(s, 0.1, np.float32) for s in ((1, 96, x.shape[-1]), (1, 96, 32)))]),
    "quantize_linear": lambda x: ({}, [x, np.float32(0.02)]),
    "dequantize_linear": lambda x: ({}, [(x * 50).astype(np.int8), np.float32(0.02)]),
    "repeat": lambda x: ({"repeats": 2, "axis": 3}, [x]),
    "space_to_batch": lambda x: ({"block": 2}, [x]),
    "batch_to_space": lambda x: ({"block": 2}, [np.ascontiguousarray(x.reshape(4, -1, *x.shape[2:]))]),
    "channel_shuffle": lambda x: ({"groups": 4}, [x]),
    "adaptive_max_pool": lambda x: ({"size": 7}, [x]),
    "fractional_max_pool": lambda x: ({"kernel": 2, "ratio": 0.7}, [x, np.full((*x.shape[:2], 2), 0.5, np.float32)]),
    "roi_pool": lambda x: ({"size": 7}, [x, _REGIONS]),
    "roi_align": lambda x: ({"size": 7}, [x, _REGIONS]),
    "convert_indices": lambda x: ({"size": [128, 128], "to": "global_flat"}, [(abs(x) * 1000).astype(np.int64)]),
    "grid_sample": lambda x: ({}, [x, np.clip(x[:, :2], -1, 1).transpose(0, 2, 3, 1).copy()]),
    "affine_grid": lambda x: ({"size": [128, 128]}, [_TURN[None]]),
    "warp_affine": lambda x: ({}, [x, _TURN]),
    **{
        name: lambda x: ({"taps": [0.25, 0.5, 0.25]}, [x]) for name in ("upfirdn", "upfirdn1d", "upfirdn2d", "upsample2d", "downsample2d", "filter2d")
    },
    **{name: lambda x: ({}, [x]) for name in ("pyr_up", "pyr_down", "laplacian_expand", "half_band")},
    "resample_poly": lambda x: ({"up": 3, "down": 2}, [x]),
    "fake_quantize": lambda x: ({}, [x, np.float32(0.02)]),
}


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
    special = SPECIAL.get(name) or SPECIAL.get(info["method"])
    if special:
        params, arrays = special(x)
        return upreg.get(name, **params), arrays
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
