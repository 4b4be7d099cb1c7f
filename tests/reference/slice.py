"""x[start:stop:step] along some axes, with Python's meaning of negative and large numbers."""

from . import _common as c

DEFAULTS = dict(axis=None, start=0, stop=None, step=1)
ULPS = 0


def each(value, count):
    return value if isinstance(value, list) else [value] * count


def cuts(params):
    """[(axis, slice)] of the parameters."""
    lists = [v for v in params.values() if isinstance(v, list)]
    count = max([len(v) for v in lists], default=1)
    axes = each(params["axis"], 1) if params["axis"] is not None else list(range(count))
    return list(zip(axes, map(slice, *(each(params[key], count) for key in ("start", "stop", "step")))))


def run(params, x):
    index = [slice(None)] * x.ndim
    for axis, cut in cuts(params):
        index[axis] = cut
    return c.wide(x)[tuple(index)]


def draw_cut(rng, m):
    while True:
        start, stop, step = int(rng.integers(-m - 1, m + 2)), int(rng.integers(-m - 2, m + 3)), int(c.choose(rng, (1, 1, 2, 3, -1, -2)))
        if c.flip_coin(rng, 0.3):
            stop = None
        if len(range(m)[start:stop:step]):
            return start, stop, step


def draw(rng, dtype, kind="normal", layout=None, span=9):
    shape = [int(n) for n in rng.integers(1, (8 if span <= 9 else span) + 1, rng.integers(1, 5 if span <= 9 else 3))]
    count = int(rng.integers(1, len(shape) + 1))
    axes = [int(a) for a in rng.permutation(len(shape))[:count]]
    start, stop, step = (list(v) for v in zip(*(draw_cut(rng, shape[a]) for a in axes)))
    axes = [a - len(shape) if c.flip_coin(rng, 0.3) else a for a in axes]
    stop = None if None in stop and count == 1 else [10**6 if s > 0 else -(10**6) if v is None else v for v, s in zip(stop, step)]
    params = dict(axis=axes, start=start, stop=stop, step=step)
    if count == 1:
        params = {key: value[0] if isinstance(value, list) else value for key, value in params.items()}
    if not len(run({**DEFAULTS, **params}, c.data(rng, shape, dtype)).ravel()):
        return draw(rng, dtype, kind, layout, span)
    return c.only_set(params, DEFAULTS), [c.data(rng, shape, dtype, kind)]


LARGE = [({"axis": 1, "start": 1, "step": 3}, [(3, 20000)]), ({"start": 5}, [(20000,)]), ({"axis": [0, 1], "start": [1, 100]}, [(3, 8192 + 100)])]
REJECTS = [
    ({"axis": 2}, [(3, 4)], "UpregError", ["slice", "axis", "2"]),
    ({"axis": -3}, [(3, 4)], "UpregError", ["slice", "axis", "-3"]),
    ({"axis": [0, 0]}, [(3, 4)], "ParameterError", ["slice", "axis", "twice"]),
    ({"axis": [0, 1], "start": [1, 2, 3]}, [(3, 4)], "ParameterError", ["slice", "start", "3", "2"]),
    ({"axis": 0, "step": 0}, [(3, 4)], "ParameterError", ["slice", "step", "0"]),
]
