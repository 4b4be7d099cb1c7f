"""start, start + step, ... up to stop, in the type of the input."""

import numpy as np

from . import _common as c

DEFAULTS = dict(start=0, stop=c.REQUIRED, step=1)
ULPS = 1
DIFFERENTIABLE = False


def run(params, like):
    count = max(int(np.ceil((params["stop"] - params["start"]) / params["step"])), 0)
    return params["start"] + np.arange(count) * params["step"]


def draw(rng, dtype, kind="normal", layout=None, span=9):
    start, step = int(rng.integers(-9, 10)), int(c.choose(rng, (1, 2, -3)))
    params = dict(start=start, stop=start + step * int(rng.integers(1, 2 * span)), step=step)
    return c.only_set(params, DEFAULTS), [c.data(rng, [], dtype, kind)]


REJECTS = [
    ({"stop": 4, "step": 0}, [()], "ParameterError", ["range", "step", "0"]),
    ({"stop": 1e300}, [()], "ShapeError", ["range", "1e+300"]),
    ({}, [()], "ParameterError", ["range", "stop"]),
]
