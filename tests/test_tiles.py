"""Every method that makes tiles makes the bits that the whole call has there, from the inputs that its reach names."""
import cases
import numpy as np
import pytest
from reference import _common as common

import upreg
from upreg import _core

METHODS = [name for name in cases.built_in_methods() if cases.described(name)["tiles"]]
WHOLE_ONLY = ["instance_norm", "global_avg_pool", "global_max_pool", "gru", "group_norm"]


def test_methods_that_are_only_computed_whole():
    assert not any(cases.described(name)["tiles"] for name in WHOLE_ONLY)


def spec(x):
    return None if x is None else (x.shape, x.dtype.name)


def tile_of(name, params, inputs, begin, end):
    """(range, result) of the tile that holds [begin, end) of the first output."""
    op = upreg.get(name, **params).op
    specs = [spec(x) for x in inputs]
    _, outputs = op.infer(specs)
    part, (begin, end), ranges, _ = op.tile(specs, [o for o in outputs if o is not None], list(begin), list(end))
    cut = [None if x is None else np.array(x[(*map(slice, *r), ...)]) for x, r in zip(inputs, ranges)]
    plan = _core.Plan(part, [spec(x) for x in cut], {})
    return tuple(map(slice, begin, end)), plan.run(tuple(x for x in cut if x is not None), None)


def some_ranges(rng, shape, count):
    for _ in range(count):
        ends = [np.sort(rng.choice(n + 1, 2, replace=False)) if n else (0, 0) for n in shape]
        yield [int(e[0]) for e in ends], [int(e[1]) for e in ends]


def check_tiles(name, params, inputs, rng, count=4):
    wanted = cases.outputs(cases.call(name, params, inputs))[0]
    for begin, end in some_ranges(rng, wanted.shape, count):
        for _ in range(wanted.ndim + 1):
            try:
                where, got = tile_of(name, params, inputs, begin, end)
                break
            except upreg.GraphError as error:  # an axis that is needed whole: then all of it is asked for
                if "along several axes" in str(error):
                    return
                axis = int(str(error).rpartition(" ")[2])
                begin[axis], end[axis] = 0, wanted.shape[axis]
        assert all(s.start <= b and e <= s.stop for s, b, e in zip(where, begin, end)), cases.what(name, params, inputs)
        assert cases.same_bits(got, wanted[(*where, ...)]), f"{begin} to {end} of {wanted.shape}: {cases.what(name, params, inputs)}"


@pytest.mark.parametrize("name", METHODS)
def test_tiles_have_the_bits_of_the_whole(name):
    for dtype in cases.dtypes(name):
        for seed, (params, _, inputs) in enumerate(cases.draws(name, 24 if dtype == np.float32 else 6, dtype)):
            if not params.get("return_indices") and not params.get("training"):
                check_tiles(name, params, inputs, cases.seeded(name, seed, 5))


@pytest.mark.parametrize("name", METHODS)
def test_large_tiles(name):
    """Beyond the blocks of rows, columns and channels, where the whole call and the tile are cut differently."""
    for span in (33, 70):
        for seed, (params, _, inputs) in enumerate(cases.draws(name, 3, np.float32 if name in FLOATS else cases.dtypes(name)[0], span=span)):
            if not params.get("return_indices") and not params.get("training"):
                check_tiles(name, params, inputs, cases.seeded(name, seed, span), 3)
    module = cases.module_of(name)
    for place, (params, shapes) in enumerate([*getattr(module, "LONG", []), *getattr(module, "LARGE", [])]):
        rng = cases.seeded(name, place, 12)
        inputs = [common.data(rng, shape, np.float32) for shape in shapes]
        inputs += [None] * (len([port for port in cases.described(name)["inputs"] if not port["variadic"]]) - len(inputs))
        if not params.get("return_indices") and not params.get("training"):
            check_tiles(name, params, inputs, rng, 3)


FLOATS = {name for name in METHODS if np.dtype(np.float32) in cases.dtypes(name)}
