"""One adapter per library: `prepare(workload, data, threads, layout)` returns a Run, or None when the library cannot do it.

Weights are constant and packed outside the clock, inputs are already in the library's own form; only the call is timed.
"""

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

import numpy as np

PEERS = {  # name -> the package that is installed
    "torch": "torch",
    "onnxruntime": "onnxruntime",
    "openvino": "openvino",
    "ncnn": "ncnn",
    "jax": "jax",
    "litert": "ai-edge-litert",
    "opencv": "opencv-python-headless",
    "pillow": "pillow",
    "scipy": "scipy",
}


@dataclass
class Run:
    call: Callable  # what is timed: no arguments
    read: Callable  # its result -> numpy arrays in the order of the data's axes
    plans: tuple = ()  # upreg's, for their algorithm and memory


def prepare(name, workload, data, threads, layout):
    """A Run of the library, or None. ImportError when it is not installed."""
    module = importlib.import_module(f"benchmarks.peers.{name}")
    return module.prepare(workload, data, threads, layout)


def found_version(name):
    """The installed version, or None."""
    try:
        return version(PEERS[name])
    except PackageNotFoundError:
        return None


def arrange(array, layout):
    """A channels-first array in the layout wanted, dense."""
    return np.ascontiguousarray(np.moveaxis(array, 1, -1) if layout == "NXC" else array)


def reader(layout):
    """Results in `layout` -> numpy arrays, channels first."""

    def read(result):
        result = result if isinstance(result, (tuple, list)) else [result]
        return [np.moveaxis(np.asarray(a), -1, 1) if layout == "NXC" else np.asarray(a) for a in result]

    return read
