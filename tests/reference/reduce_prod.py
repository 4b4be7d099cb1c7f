"""The product along any axes."""

import numpy as np

from . import _reduce as r

DEFAULTS = r.DEFAULTS
run = r.plain("prod")


def draw(rng, dtype, kind="normal", layout=None, span=9):
    """Numbers near 1 and -1, and zeros: products that float32 can hold."""
    params, (x,) = r.draw(rng, dtype, kind, layout, span)
    return params, [np.copysign(abs(x) ** 0.1, x).astype(dtype) if x.dtype.kind == "f" and kind != "integers" else x]


def bound(params, x):
    return abs(run(params, x)), max(r.count_of(params, x), 1)


LARGE = r.LARGE
REJECTS = r.rejects("reduce_prod")
