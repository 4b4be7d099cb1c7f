"""The adjoint of every method that interpolates by a kernel."""

import importlib

from . import _common as c
from . import _resample as r

KINDS = {
    "linear": r.triangle, "cubic": r.keys, "lanczos": r.lanczos, "area": r.AREA, "box": r.box, "hamming": r.hamming, "mitchell": r.mitchell,
    "gaussian": r.gaussian, "magic_kernel_sharp": r.magic_kernel_sharp, "bspline": r.bspline, "fourier": r.FOURIER, "dct": r.COSINE,
}  # fmt: skip
DEFAULTS = {"kernel": "linear", "a": -0.75, "b": 1 / 3, "c": 1 / 3, "sigma": 0.5, "version": 2021, "order": 3, "prefilter": True, "rule": "exact",
            **r.DEFAULTS, "input_size": "required"}  # fmt: skip
EXACT = False


def run(params, gy):
    return r.backward(params, gy, KINDS[params["kernel"]])


def bound(params, gy):
    return r.backward_bound(params, gy, KINDS[params["kernel"]])


def draw(rng, dtype, kind="normal", layout=None, span=9, kernel=None):
    """A forward call whose gradient this is."""
    kernel = kernel or str(rng.choice(list(KINDS)))
    forward = importlib.import_module(f"reference.{kernel}")
    params, (x,) = forward.draw(rng, dtype, kind, layout, span)
    full = {**forward.DEFAULTS, **params}
    shape = c.to_ncx(x, full["layout"]).shape
    outs = r.output_sizes(full, shape[2:])
    own = {key: value for key, value in full.items() if value != DEFAULTS[key]}
    gy = c.data(rng, c.shape_of(full["layout"], shape[0], shape[1], outs), dtype, kind)
    return {"kernel": kernel, **own, "input_size": list(shape[2:])}, [gy]


LARGE = [
    ({"scale": 2, "layout": "NXC", "input_size": [5, 150]}, [(1, 10, 300, 3)]),
    ({"kernel": "cubic", "scale": 3, "layout": "XC", "input_size": 150}, [(450, 7)]),
    ({"scale": 2, "input_size": [70, 80]}, [(1, 2, 140, 160)]),
    ({"kernel": "lanczos", "a": 3, "size": [3, 77], "antialias": True, "input_size": [9, 900]}, [(1, 1, 3, 77)]),
]
REJECTS = [({"scale": 2, "input_size": 4}, [(1, 2, 9, 8)], "ShapeError", ["resample_grad", "9", "8"])]
