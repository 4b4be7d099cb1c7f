"""x[start:stop] along one axis, with Python's meaning of negative and large numbers."""
from . import _common as c

DEFAULTS = dict(axis=0, start=0, stop=None)
ULPS = 0


def run(params, x):
    index = [slice(None)] * x.ndim
    index[params["axis"]] = slice(params["start"], params["stop"])
    return c.wide(x)[tuple(index)]


def draw(rng, dtype, kind="normal", layout=None, span=9):
    while True:
        shape = [int(n) for n in rng.integers(1, (8 if span <= 9 else span) + 1, rng.integers(1, 4))]
        axis = int(rng.integers(-len(shape), len(shape)))
        m = shape[axis]
        start = int(rng.integers(-m, m))
        stop = None if c.flip_coin(rng, 0.3) else int(rng.integers(-m, m + 3))
        if len(range(m)[start:stop]):
            return c.only_set(dict(axis=axis, start=start, stop=stop), DEFAULTS), [c.data(rng, shape, dtype, kind)]


REJECTS = [({"axis": 2}, [(3, 4)], "UpregError", ["slice", "axis", "2"]), ({"axis": -3}, [(3, 4)], "UpregError", ["slice", "axis", "-3"])]
