"""Every method that makes tiles makes the bits that the whole call has there, from the inputs that its reach names."""
import cases
import numpy as np
import pytest
from reference import _common as common

import upreg
from upreg import _core

METHODS = [name for name in cases.built_in_methods() if cases.described(name)["tiles"] and name != "max_unpool"]
WHOLE_ONLY = ["instance_norm", "global_avg_pool", "global_max_pool", "gru", "group_norm"]


def test_methods_that_are_only_computed_whole():
    assert not any(cases.described(name)["tiles"] for name in WHOLE_ONLY)


def spec(x):
    return None if x is None else (x.shape, x.dtype.name)


def tile_of(name, params, inputs, begin, end):
    """(range, results) of the tile that holds [begin, end) of the first output."""
    op = upreg.get(name, **params).op
    specs = [spec(x) for x in inputs]
    _, outputs = op.infer(specs)
    part, (begin, end), ranges, _ = op.tile(specs, [o for o in outputs if o is not None], list(begin), list(end))
    cut = [None if x is None else np.array(x[(*map(slice, *r), ...)]) for x, r in zip(inputs, ranges)]
    plan = _core.Plan(part, [spec(x) for x in cut], {})
    return tuple(map(slice, begin, end)), cases.outputs(plan.run(tuple(x for x in cut if x is not None), None))


def some_ranges(rng, shape, count):
    for _ in range(count):
        ends = [np.sort(rng.choice(n + 1, 2, replace=False)) if n else (0, 0) for n in shape]
        yield [int(e[0]) for e in ends], [int(e[1]) for e in ends]


def check_tiles(name, params, inputs, rng, count=4):
    all_wanted = cases.outputs(cases.call(name, params, inputs))
    wanted = all_wanted[0]
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
        for ours, truth in zip(got, all_wanted, strict=True):
            assert cases.same_bits(ours, truth[(*where, ...)]), f"{begin} to {end} of {wanted.shape}: {cases.what(name, params, inputs)}"


@pytest.mark.parametrize("name", METHODS)
def test_tiles_have_the_bits_of_the_whole(name):
    for dtype in cases.dtypes(name):
        for seed, (params, _, inputs) in enumerate(cases.draws(name, 24 if dtype == np.float32 else 6, dtype)):
            if not params.get("training"):
                check_tiles(name, params, inputs, cases.seeded(name, seed, 5))


@pytest.mark.parametrize("name", METHODS)
def test_large_tiles(name):
    """Beyond the blocks of rows, columns and channels, where the whole call and the tile are cut differently."""
    for span in (33, 70):
        for seed, (params, _, inputs) in enumerate(cases.draws(name, 3, np.float32 if name in FLOATS else cases.dtypes(name)[0], span=span)):
            if not params.get("training"):
                check_tiles(name, params, inputs, cases.seeded(name, seed, span), 3)
    module = cases.module_of(name)
    for place, (params, shapes) in enumerate([*getattr(module, "LONG", []), *getattr(module, "LARGE", [])]):
        rng = cases.seeded(name, place, 12)
        inputs = [common.data(rng, shape, np.float32) for shape in shapes]
        inputs += [None] * (len([port for port in cases.described(name)["inputs"] if not port["variadic"]]) - len(inputs))
        if not params.get("training"):
            check_tiles(name, params, inputs, rng, 3)


FLOATS = {name for name in METHODS if np.dtype(np.float32) in cases.dtypes(name)}


def unpool_case(rng, dtype, span):
    """Parameters of max_unpool and its inputs, with the indices of a pool of the same windows."""
    layout, n, channels, sizes = common.draw_image(rng, span)
    rank = len(sizes)
    sizes = [m + 3 for m in sizes]
    kernel, stride = (common.draw_axes(rng, rank, 1, 3) for _ in range(2))
    padding = [[int(rng.integers(0, (k + 1) // 2)) for _ in range(2)] for k in common.per_axis(kernel, rank)]
    form = dict(indices=common.choose(rng, ("spatial_flat", "global_flat", "nhwc_flat")), layout=layout)
    if form["indices"] == "global_flat":
        form["storage_order"] = common.choose(rng, ("row", "column"))
    if form["indices"] == "nhwc_flat":
        form["include_batch"] = common.flip_coin(rng)
    x = common.data(rng, common.shape_of(layout, n, channels, sizes), dtype)
    y, indices = upreg.run("max_pool", x, kernel=kernel, stride=stride, padding=padding, return_indices=True, **form)
    rule = common.choose(rng, ("last", "first", "sum", "mean", "max"))
    return dict(kernel=kernel, stride=stride, padding=padding, output_size=sizes, overlap=rule, **form), [y, indices]


@pytest.mark.parametrize("span", [9, 33])
def test_tiles_of_unpooling(span):
    for seed in range(60 if span == 9 else 8):
        for dtype in (np.float32, np.float64):
            rng = cases.seeded("max_unpool", seed, span, 7)
            check_tiles("max_unpool", *unpool_case(rng, dtype, span), rng)


def test_indices_outside_of_their_windows_are_errors_in_tiles():
    x, indices = np.ones((1, 1, 4, 4), np.float32), np.zeros((1, 1, 4, 4), np.int64)
    with pytest.raises(upreg.DataError, match="max_unpool"):
        tile_of("max_unpool", dict(kernel=2), [x, indices], (0, 0, 4, 4), (1, 1, 8, 8))
