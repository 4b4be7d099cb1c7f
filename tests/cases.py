"""Drawing cases for the methods of the registry and comparing results with their references."""
import ctypes
import importlib
import mmap
import pathlib
import zlib

import numpy as np
from reference import _common as common

import upreg

REFERENCES = {path.stem for path in (pathlib.Path(__file__).parent / "reference").glob("[a-z]*.py")}


def described(name):
    return upreg.describe(name)


def built_in_methods():
    """Every registered method that is not a preset and not a plugin's."""
    return [name for name in upreg.methods() if "." not in name and described(name)["method"] == name]


def module_of(name):
    assert name in REFERENCES, f"{name} has no reference: write tests/reference/{name}.py"
    return importlib.import_module(f"reference.{name}")


def full_params(name, params):
    return {**module_of(name).DEFAULTS, **params}


def seeded(name, *numbers):
    """The same stream of random numbers in every run, another one for every method and number."""
    return np.random.default_rng([zlib.crc32(name.encode()), *numbers])


def draws(name, count, dtype=np.float64, kind="normal", **how):
    """`count` cases: (given parameters, all parameters, inputs)."""
    for seed in range(count):
        params, inputs = module_of(name).draw(seeded(name, seed, common.KINDS.index(kind)), dtype, kind, **how)
        yield params, full_params(name, params), inputs


def trimmed(inputs):
    """The inputs without absent ones at the end."""
    inputs = list(inputs)
    while inputs and inputs[-1] is None:
        inputs.pop()
    return inputs


def call(name, params, inputs, **how):
    return upreg.get(name, **params)(*trimmed(inputs), **how)


def outputs(result):
    return result if isinstance(result, tuple) else (result,)


def same_bits(a, b):
    """Equal to the last bit, NaN payloads aside."""
    return a.shape == b.shape and a.dtype == b.dtype and np.array_equal(a, b, equal_nan=a.dtype.kind == "f")


def fenced(x, at_end):
    """A copy in pages of its own, between two that may not be read; it ends (or begins) where they meet."""
    size = -(-max(x.nbytes, 1) // mmap.PAGESIZE) * mmap.PAGESIZE
    memory = mmap.mmap(-1, size + 2 * mmap.PAGESIZE)
    inside = np.frombuffer(memory, np.uint8, size, mmap.PAGESIZE)
    protect = ctypes.CDLL(None).mprotect
    for fence in (inside.ctypes.data - mmap.PAGESIZE, inside.ctypes.data + size):
        assert protect(ctypes.c_void_p(fence), ctypes.c_size_t(mmap.PAGESIZE), 0) == 0
    place = size - x.nbytes if at_end else 0
    copy = inside[place:place + x.nbytes].view(x.dtype).reshape(x.shape)
    copy[...] = x
    return copy


def what(name, params, inputs):
    shown = ", ".join("None" if x is None else f"{x.dtype}{list(x.shape)}" for x in inputs)
    return f"{upreg.get(name, **params)!r} on {shown}"


def check(name, params, inputs, got, wanted=None):
    """Every output within what its type excuses of the reference's."""
    module, full = module_of(name), full_params(name, params)
    wanted = module.run(full, *inputs) if wanted is None else wanted
    got, wanted = outputs(got), outputs(wanted)
    text = what(name, params, inputs)
    assert len(got) == len(wanted), f"{text}: {len(got)} outputs, expected {len(wanted)}"
    for place, (ours, truth) in enumerate(zip(got, wanted)):
        truth = np.asarray(truth)
        assert ours.shape == truth.shape, f"{text}: shape {ours.shape}, expected {truth.shape}"
        if ours.dtype.kind in "iu":
            allowed = getattr(module, "U8_ERROR", 0) if place == 0 else 0
            error = np.abs(ours.astype(np.float64) - truth)
        else:
            computed = np.float32 if ours.dtype == np.float16 else ours.dtype
            allowed = common.tolerance(module, full, inputs, truth, computed, place)
            if ours.dtype == np.float64:
                allowed = allowed * 2  # the reference computes in the same type and errs as much
            if ours.dtype == np.float16:
                with np.errstate(all="ignore"):
                    allowed = allowed + np.spacing(np.abs(truth).astype(np.float16)).astype(np.float64) * 0.51
            error = np.abs(ours.astype(np.float64) - truth)
        if ours.dtype.kind == "f":
            with np.errstate(over="ignore"):
                error = np.where(np.isinf(ours) & (ours == truth.astype(ours.dtype)), 0, error)  # too large for the type
                allowed = np.nan_to_num(allowed)
        bad = ~(error <= allowed)
        if bad.any():
            at = tuple(int(i) for i in np.argwhere(bad)[0])
            allowed = np.broadcast_to(allowed, truth.shape)
            raise AssertionError(f"{text}: output {place} at {at}: got {ours[at]!r}, expected {truth[at]!r}, error {error[at]:.3g}, "
                                 f"allowed {allowed[at]:.3g} ({np.count_nonzero(bad)} of {bad.size} elements)")


def dtypes(name, kinds="fiu"):
    """The element types of a method, by the letters of their kinds; float16 and bfloat16 have tests of their own."""
    known = [text for text in described(name)["dtypes"] if text != "bfloat16"]
    return [np.dtype(text) for text in known if np.dtype(text).kind in kinds and text != "float16"]


def makes_numbers(name):
    """Whether the first output has the type of the inputs; else it is a place or a truth value."""
    return described(name)["outputs"][0]["dtype"] == "T"


def dtype_of(name, inputs):
    """The element type of a call."""
    ports = described(name)["inputs"]
    ports = ports * len(inputs) if ports[0]["variadic"] else ports
    return next((x.dtype for x, port in zip(inputs, ports) if port["dtype"] == "T" and x is not None), np.dtype(np.float32))


def flags(name):
    return set(described(name)["flags"])


def differentiable(name, inputs):
    """The positions of the inputs that have gradients."""
    ports = described(name)["inputs"]
    if ports and ports[0]["variadic"]:
        return list(range(len(inputs)))
    return [i for i, (port, x) in enumerate(zip(ports, inputs)) if x is not None and port["dtype"] == "T" and port["role"] in ("data", "param")]
