"""Walks the registry: whatever is registered is held against its reference and against the rules that all methods share."""
import itertools
import json
import os
import resource
import subprocess
import sys

import cases
import numpy as np
import pytest
from cases import call, check, draws, flags, module_of, outputs, same_bits, what
from reference import _common as common

import upreg

METHODS = cases.built_in_methods()
every_method = pytest.mark.parametrize("name", METHODS)
FORCED_TIER = os.environ.get("UPREG_CPU")


def test_the_build_is_the_one_that_is_meant():
    """`make test` runs this file on the normal build and on the one with tiny blocks."""
    assert upreg.cpu_info()["tiny_blocks"] == ("UPREG_EXPECT_TINY" in os.environ)


@every_method
def test_has_a_reference(name):
    """Parameters and defaults of the method and of its reference are the same."""
    module = module_of(name)
    params = {p["name"]: "required" if p["required"] else p["default"] for p in cases.described(name)["params"]}
    assert params == module.DEFAULTS


# ---- numbers ----


@pytest.mark.parametrize("kind", ["normal", "constant", "positive", "spike"])
@every_method
def test_equals_reference(name, kind):
    for dtype in cases.dtypes(name):
        for params, _, inputs in draws(name, 24 if dtype == np.float32 else 8, dtype, kind):
            check(name, params, inputs, call(name, params, inputs))


@every_method
def test_exact_on_small_integers(name):
    """Sums of small integers are exact in float32, so a linear method has no excuse."""
    if "linear" not in flags(name) or not getattr(module_of(name), "EXACT", True):
        return
    for params, full, inputs in draws(name, 24, np.float32, "integers"):
        got, wanted = call(name, params, inputs), module_of(name).run(full, *inputs)
        for ours, truth in zip(outputs(got), outputs(wanted), strict=True):
            assert np.array_equal(ours, truth), what(name, params, inputs)


@pytest.mark.parametrize("kind", ["normal", "constant", "positive"])
@every_method
def test_long_sums(name, kind):
    """The error of a sum of K terms grows like sqrt(K): only sums in blocks do that on constant and one-signed data."""
    if upreg.cpu_info()["tiny_blocks"]:
        return  # the bound is that of blocks of 256 terms
    for params, shapes in getattr(module_of(name), "LONG", []):
        rng = cases.seeded(name, len(shapes))
        inputs = [common.data(rng, shape, np.float32, kind) for shape in shapes]
        inputs += [None] * (len([port for port in cases.described(name)["inputs"] if not port["variadic"]]) - len(inputs))
        check(name, params, inputs, call(name, params, inputs))


@every_method
def test_large(name):
    """Sizes beyond the blocks of pixels, and beyond the blocks of channels that even the build with tiny blocks has (LARGE)."""
    for dtype in cases.dtypes(name):
        for span in (33, 70):
            for params, _, inputs in draws(name, 2, dtype, span=span):
                check(name, params, inputs, call(name, params, inputs))
        for place, (params, shapes) in enumerate(getattr(module_of(name), "LARGE", [])):
            rng = cases.seeded(name, place, 11)
            inputs = [common.data(rng, shape, dtype) for shape in shapes]
            inputs += [None] * (len(cases.described(name)["inputs"]) - len(inputs))
            got = outputs(call(name, params, inputs))
            check(name, params, inputs, got)
            used = tuple(np.full(y.shape, 77, y.dtype) for y in got)  # memory that is not zero to begin with
            call(name, params, inputs, out=used if len(used) > 1 else used[0])
            assert all(map(same_bits, used, got)), what(name, params, inputs)


@every_method
def test_float16(name):
    """Computed in float32, rounded once."""
    if "float16" not in cases.described(name)["dtypes"] or not cases.makes_numbers(name):
        return
    for params, full, inputs in draws(name, 8, np.float16):
        with np.errstate(over="ignore"):
            wanted = module_of(name).run(full, *inputs)
        got = call(name, params, inputs)
        assert outputs(got)[0].dtype == np.float16 or cases.described(name)["outputs"][0]["dtype"] != "T"
        check(name, params, inputs, got, wanted)


# ---- the same bits ----


def rearranged(x):
    """The same numbers in other memory: reversed, transposed, spaced out."""
    yield "negative strides", np.flip(np.flip(x).copy())
    yield "transposed", x.T.copy().T
    spaced = np.zeros([2 * n + 1 for n in x.shape], x.dtype)[(slice(1, None, 2),) * x.ndim + (...,)]
    spaced[...] = x
    yield "spaced out", spaced


@every_method
def test_strides_do_not_matter(name):
    for params, _, inputs in itertools.chain(draws(name, 8, np.float32), draws(name, 3, np.float32, span=33)):
        wanted = outputs(call(name, params, inputs))
        for versions in zip(*[[(None, None)] * 3 if x is None else list(rearranged(x)) for x in inputs]):
            got = outputs(call(name, params, [x for _, x in versions]))
            assert all(map(same_bits, got, wanted)), f"{versions[0][0]}: {what(name, params, inputs)}"


@pytest.mark.parametrize("name", ["avg_pool", "max_pool", "nearest", "pixel_shuffle"])
def test_gaps_do_not_matter(name):
    """Rows, channels and planes without gaps have kernels of their own; the others make the same bits, and so do all threads."""
    for dtype in (np.float32, np.float64):
        for place, (params, (shape,)) in enumerate(module_of(name).LARGE):
            x = common.data(cases.seeded(name, place, 12), shape, dtype)
            if name == "max_pool":
                x.ravel()[::7], x.ravel()[::5], x.ravel()[::3] = np.nan, -np.inf, 1  # ties and nothing but the smallest
            wanted = outputs(call(name, params, [x]))
            check(name, params, [np.nan_to_num(x, nan=9)], tuple(np.nan_to_num(y, nan=9) for y in wanted) if name == "max_pool" else wanted)
            for version, moved in rearranged(x):
                assert all(map(same_bits, outputs(call(name, params, [moved])), wanted)), f"{version}: {what(name, params, [x])}"
            out = tuple(np.zeros([2 * n for n in y.shape], y.dtype)[(slice(None, None, 2),) * y.ndim] for y in wanted)
            call(name, params, [x], out=out if len(out) > 1 else out[0])
            assert all(map(same_bits, out, wanted)), what(name, params, [x])
            assert all(map(same_bits, outputs(call(name, params, [x], num_threads=3)), wanted)), what(name, params, [x])


@every_method
def test_zero_strides(name):
    for params, _, inputs in draws(name, 6, np.float32, "constant"):
        stretched = [x if x is None or x.dtype != np.float32 or not x.size or np.ptp(x) else np.broadcast_to(x.flat[0], x.shape) for x in inputs]
        got, wanted = outputs(call(name, params, stretched)), outputs(call(name, params, inputs))
        assert all(map(same_bits, got, wanted)), what(name, params, inputs)


@every_method
def test_layouts(name):
    if "layout" not in module_of(name).DEFAULTS:
        return
    choices = next(p["choices"] for p in cases.described(name)["params"] if p["name"] == "layout")
    with_weights = any(port["role"] == "param" for port in cases.described(name)["inputs"]) or name.startswith(("conv", "channel", "pixel", "lrn"))
    for layout in choices:
        if layout == "X" and (with_weights or "norm" in name or "prelu" in name):
            continue
        for params, _, inputs in draws(name, 6, np.float32, layout=layout):
            check(name, params, inputs, call(name, params, inputs))


@every_method
def test_threads_do_not_matter(name):
    """Images large enough to be split, of widths around multiples of every vector length."""
    for params, _, inputs in itertools.chain(*(draws(name, 2, np.float32, span=span) for span in (33, 48))):
        wanted = outputs(call(name, params, inputs, num_threads=1))
        for threads in (2, 3, 7):
            got = outputs(call(name, params, inputs, num_threads=threads))
            assert all(map(same_bits, got, wanted)), f"{threads} threads: {what(name, params, inputs)}"


def same_images(name):
    """Whether image n of the output is made from image n of the input."""
    return getattr(module_of(name), "SAME_IMAGES", True)


@every_method
def test_batch_position_does_not_matter(name):
    """Equal images of a batch have equal results."""
    defaults = module_of(name).DEFAULTS
    if "layout" not in defaults or "sum" in name or name.endswith("grad_weight") or "indices" in defaults or not same_images(name):
        return
    for params, _, inputs in draws(name, 8, np.float32, layout="NCX"):
        shape = inputs[0].shape[0]
        tripled = [x if x is None or x.ndim < 3 or port["role"] == "param" or x.shape[0] != shape else np.concatenate([x[:1]] * 3)
                   for x, port in zip(inputs, cases.described(name)["inputs"])]
        y = outputs(call(name, params, tripled))[0]
        assert same_bits(y[0], y[1]) and same_bits(y[0], y[2]), what(name, params, tripled)


@every_method
def test_plans_and_runs_agree(name):
    """A plan with everything bound but the first input, run twice, gives the bits of a plain call."""
    ports = cases.described(name)["inputs"]
    if ports[0]["variadic"]:
        return
    for params, _, inputs in draws(name, 6, np.float32):
        bound = {port["name"]: x for port, x in zip(ports[1:], inputs[1:]) if x is not None}
        plan = upreg.get(name, **params).plan(inputs[0].shape, inputs[0].dtype, **bound)
        wanted = outputs(call(name, params, inputs))
        for _ in range(2):
            assert all(map(same_bits, outputs(plan(inputs[0])), wanted)), what(name, params, inputs)


@pytest.mark.parametrize("algorithm", ["direct", "gemm", "winograd"])
@pytest.mark.parametrize("layout", ["NCX", "NXC"])
@pytest.mark.parametrize("name", ["conv", "conv_transpose"])
def test_a_fused_sum_is_a_sum(name, layout, algorithm):
    """A residual that a convolution adds while it stores, at rows of every length up to three vectors."""
    for dtype in ("float32", "float64"):
        for width in range(1, 50):
            rng = cases.seeded(name, width)
            x = rng.standard_normal(common.shape_of(layout, 2, 3, (2, width))).astype(dtype)
            w = rng.standard_normal((3, 3, 1, 1 if algorithm != "winograd" else min(width, 2))).astype(dtype)
            wanted = upreg.run(name, x, w, layout=layout, algorithm=algorithm)
            skip = rng.standard_normal(wanted.shape).astype(dtype)
            g = upreg.Graph()
            made = g.add(name, g.input("x", x.shape, dtype), g.constant(w), layout=layout, algorithm=algorithm, name="made")
            g.output(g.add("add", made, g.input("skip", skip.shape, dtype), name="y"))
            assert same_bits(g.run({"x": x, "skip": skip})["y"], wanted + skip), (dtype, width)
            nodes = g.plan_for({key: (a.shape, dtype) for key, a in (("x", x), ("skip", skip))}, ()).core.nodes()
            assert [node["fused_into"] for node in nodes] == [None, 0]


DEPTHWISE = [
    ("conv", {"padding": 1}, (2, 5, 12, 37), (3, 3)),
    ("conv", {"padding": 2, "stride": [2, 3], "dilation": [1, 2], "padding_mode": "reflect", "flip": True}, (1, 10, 9, 23), (3, 5)),
    ("conv", {"padding": [[1, 2], [0, 3]], "padding_mode": "constant", "value": 0.5}, (1, 4, 1, 70), (2, 4)),
    ("conv", {"padding": 1, "stride": [1, 2, 1], "padding_mode": "circular"}, (1, 3, 4, 5, 19), (3, 2, 3)),
    ("conv", {"padding": 9, "padding_mode": "replicate"}, (2, 3, 2100), (19,)),
    ("conv", {"padding": 10}, (1, 2, 20, 24), (21, 20)),
    ("conv", {"padding": 1, "layout": "NXC"}, (2, 6, 11, 35), (3, 3)),
    ("conv", {"padding": 2, "stride": 2, "padding_mode": "symmetric", "flip": True, "layout": "NXC"}, (1, 7, 9, 16), (4, 3)),
    ("conv_transpose", {"stride": 16, "padding": 3, "flip": True}, (2, 3, 4, 5), (20, 40)),
    ("conv_transpose", {"stride": [2, 33], "output_padding": [1, 30]}, (1, 5, 3, 4), (3, 7)),
    ("conv_transpose", {"stride": [1, 2, 8]}, (1, 2, 2, 3, 4), (2, 3, 8)),
]


@pytest.mark.parametrize("name, params, shape, kernel", DEPTHWISE)
def test_depthwise_convolutions_have_the_bits_of_dense_ones(name, params, shape, kernel):
    """Channel by channel, with memory in any order, in any number of threads; on their own and with all that can be fused."""
    for dtype, times in itertools.product((np.float32, np.float64), (1, 2)):
        rng = cases.seeded(name, times, *shape)
        channels = shape[-1] if params.get("layout") == "NXC" else shape[1]
        x = rng.standard_normal(shape).astype(dtype)
        w = rng.standard_normal((channels, times, *kernel) if name == "conv_transpose" else (channels * times, 1, *kernel)).astype(dtype)
        bias, scale, shift = (rng.standard_normal(channels * times).astype(dtype) for _ in range(3))
        wanted = upreg.run(name, x, w, bias, algorithm="direct", groups=channels, **params)
        op = upreg.get(name, algorithm="depthwise", groups=channels, **params)
        assert same_bits(op(x, w, bias), wanted) and same_bits(op(x, w, bias, num_threads=3), wanted)
        plan = op.plan(x.shape, x.dtype, weight=w, bias=bias)
        assert same_bits(plan(x), wanted)
        assert times > 1 or upreg.cpu_info()["tiny_blocks"] or plan.info()["algorithm"].startswith("depthwise")
        for version, moved in rearranged(x):
            assert same_bits(op(moved, w, bias), wanted), version
        out = np.zeros([2 * n for n in wanted.shape], dtype)[(slice(None, None, 2),) * wanted.ndim]
        op(x, w, bias, out=out)
        assert same_bits(out, wanted)
        skip, layout = rng.standard_normal(wanted.shape).astype(dtype), {key: value for key, value in params.items() if key == "layout"}
        for activation in ("relu", "leaky_relu", "sigmoid", "tanh"):
            results = []
            for algorithm in ("direct", "depthwise"):
                g = upreg.Graph()
                made = g.add(name, g.input("x", x.shape, dtype), g.constant(w), g.constant(bias), algorithm=algorithm, groups=channels, **params)
                normed = g.add("batch_norm", made, *map(g.constant, (scale, shift, shift, abs(scale))), **layout)
                summed = g.add("add", normed, g.input("skip", skip.shape, dtype))
                g.output(g.add(activation, summed, name="y"))
                results.append(g.run({"x": x, "skip": skip})["y"])
            assert same_bits(*results), activation


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("name", ["batch_norm"])
def test_a_fused_norm_is_a_norm(name, training):
    """Constant statistics are folded into the convolution before; those of the batch cannot be."""
    rng = cases.seeded("batch_norm", 8)
    x, w = rng.standard_normal((2, 3, 6, 7)).astype(np.float32), rng.standard_normal((4, 3, 3, 3)).astype(np.float32)
    rest = [rng.uniform(0.5, 2, 4).astype(np.float32) for _ in range(2 if training else 4)]
    g = upreg.Graph()
    made = g.add("conv", g.input("x", x.shape), g.constant(w), name="made")
    y = g.add(name, made, *map(g.constant, rest), training=training, name="y")
    g.output(y[0] if isinstance(y, tuple) else y)
    h = upreg.run("conv", x, w)
    check(name, dict(training=training), [h, *rest, *[None] * (4 - len(rest))], next(iter(g.run({"x": x}, keep=("y",)).values())))


# ---- memory ----


@every_method
def test_writes_nothing_outside_its_output(name):
    for params, _, inputs in draws(name, 8, np.float32):
        wanted = outputs(call(name, params, inputs))
        buffers = [np.full(y.nbytes + 256, 0xA5, np.uint8) for y in wanted]
        outs = tuple(buffer[64:64 + y.nbytes].view(y.dtype).reshape(y.shape) for buffer, y in zip(buffers, wanted))
        call(name, params, inputs, out=outs if len(outs) > 1 else outs[0])
        for buffer, out, y in zip(buffers, outs, wanted):
            assert same_bits(out, y), what(name, params, inputs)
            assert (buffer[:64] == 0xA5).all() and (buffer[64 + y.nbytes:] == 0xA5).all(), f"wrote outside: {what(name, params, inputs)}"


@every_method
def test_touches_nothing_outside_its_arrays(name):
    """Every array ends, then begins, at a page that may not be read: a step outside is a crash, with this test's name in its report."""
    halves = [np.dtype(np.float16)] if "float16" in cases.described(name)["dtypes"] else []
    for dtype in cases.dtypes(name) + halves:
        for params, _, inputs in draws(name, 8 if dtype == np.float32 else 3, dtype):
            wanted = outputs(call(name, params, inputs))
            for at_end in (True, False):
                outs = tuple(cases.fenced(np.zeros_like(y), at_end) for y in wanted)
                call(name, params, [x if x is None else cases.fenced(x, at_end) for x in inputs], out=outs if len(outs) > 1 else outs[0])
                assert all(map(same_bits, outs, wanted)), what(name, params, inputs)


@every_method
def test_strided_outputs(name):
    for params, _, inputs in itertools.chain(draws(name, 6, np.float32), draws(name, 3, np.float32, span=33)):
        wanted = outputs(call(name, params, inputs))
        buffers = [np.full([2 * n + 1 for n in y.shape], 77, y.dtype) for y in wanted]
        places = [(slice(1, None, 2),) * y.ndim + (...,) for y in wanted]
        outs = tuple(buffer[place] for buffer, place in zip(buffers, places))
        call(name, params, inputs, out=outs if len(outs) > 1 else outs[0])
        for buffer, place, y in zip(buffers, places, wanted):
            untouched = np.full(buffer.shape, True)
            untouched[place] = False
            assert same_bits(np.array(buffer[place]), y), what(name, params, inputs)
            assert (buffer[untouched] == 77).all(), f"wrote between the elements: {what(name, params, inputs)}"


@every_method
def test_ones(name):
    """Every size 1."""
    for params, _, inputs in draws(name, 8, np.float32, span=1):
        check(name, params, inputs, call(name, params, inputs))


@every_method
def test_empty_batches(name):
    """No images: an array of the right shape without elements, and zeros from sums over nothing."""
    module = module_of(name)
    if "layout" not in module.DEFAULTS or not same_images(name):
        return
    params, inputs = module.draw(cases.seeded(name, 3), np.float32, layout="NCX")
    if name == "batch_norm":
        params.pop("training", None)
        inputs[3:] = [np.ones(inputs[0].shape[1], np.float32)] * 2
    m, ports = upreg.get(name, **params), cases.described(name)["inputs"]
    full = outputs(m(*cases.trimmed(inputs)))
    empty = [x if x is None or x.ndim < 3 or port["role"] == "param" else x[:0] for x, port in zip(inputs, ports)]
    got = outputs(m(*cases.trimmed(empty)))
    for y, wanted in zip(got, full):
        if "sum" in name or name.endswith("grad_weight"):
            assert y.shape == wanted.shape and not y.any()
        else:
            assert y.shape == (0,) + wanted.shape[1:]


@pytest.mark.parametrize("shape, amount", [((1, 2, 0), 1), ((2, 1, 3, 0), [2, 3]), ((1, 1, 0, 3), [[0, 2], [0, 0]])])
@pytest.mark.parametrize("value", [0, 7])
@pytest.mark.parametrize("name", ["pad"])
def test_padding_of_nothing(name, shape, amount, value):
    """An axis without elements may be padded with a value."""
    x = np.zeros(shape, np.float32)
    params = dict(amount=amount, padding_mode="constant", value=value)
    check(name, params, [x], call(name, params, [x]))


LONG_ROW = 40000
MANY_ROWS = 60000


@pytest.mark.parametrize("name, params, index", [
    ("slice", dict(axis=2, start=-3), np.s_[:, :, -3:]),
    ("slice", dict(axis=3, start=-2), np.s_[:, :, :, -2:]),
    ("crop", dict(crop=[[59990, 5], [39990, 3]]), np.s_[:, :, 59990:-5, 39990:-3]),
    ("crop", dict(size=[2, 3], offset=[59998, 39997]), np.s_[:, :, -2:, -3:]),
    ("pad", dict(amount=[[-59990, 0], [0, -39990]]), np.s_[:, :, 59990:, :10]),
    ("nearest", dict(size=[3, 4]), np.s_[:, :, ::20000, ::10000]),
    ("bed_of_nails_grad", dict(scale=[20000, 10000], corner=[19999, 9999]), np.s_[:, :, 19999::20000, 9999::10000]),
])
def test_offsets_past_2_31(name, params, index):
    """2.4e9 elements in a row's worth of memory.  A copy of them would exceed the limit set here."""
    row = np.arange(LONG_ROW, dtype=np.float32)
    x = np.broadcast_to(row, (1, 1, MANY_ROWS, LONG_ROW))
    limits = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (6 << 30, limits[1]))
    try:
        y = upreg.run(name, x, **params)
    finally:
        resource.setrlimit(resource.RLIMIT_AS, limits)
    assert np.array_equal(y, x[index])


# ---- not a number ----


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@every_method
@np.errstate(all="ignore")
def test_nan_and_infinity_stay_where_they_are_read(name, bad):
    """An output that depends on the bad element shows it; one that does not read it has the bits it had before."""
    first = cases.described(name)["inputs"][0]
    if first["role"] != "data" or first["dtype"] != "T" or not cases.makes_numbers(name) or not cases.dtypes(name, "f"):
        return
    for seed, (params, full, inputs) in enumerate(draws(name, 10, np.float32)):
        rng = cases.seeded(name, seed, 99)
        x = inputs[0].copy()
        if not x.size:
            continue
        place = int(rng.integers(x.size))
        x.flat[place] = bad
        spoiled = outputs(call(name, params, [x] + inputs[1:]))[0]
        clean = outputs(call(name, params, inputs))[0]
        wanted = outputs(module_of(name).run(full, x, *inputs[1:]))[0]
        may = ~np.isfinite(wanted) | (wanted != outputs(module_of(name).run(full, *inputs))[0])
        if "nan_tilewise" not in flags(name):
            assert same_bits(np.where(may, 0, spoiled), np.where(may, 0, clean)), f"{bad} spread: {what(name, params, inputs)}"
        if np.isnan(bad) and getattr(module_of(name), "LOSES_NAN", False):
            assert not np.isnan(spoiled).any(), f"NaN was kept: {what(name, params, inputs)}"
        elif np.isnan(bad) and ("gradient" not in flags(name) or "linear" in flags(name)):  # there x may only decide which branch was taken
            reads = depends_on(name, full, inputs, place)
            assert np.isnan(spoiled[reads]).all(), f"NaN was lost: {what(name, params, inputs)}"
        elif "nan_tilewise" not in flags(name):
            settled = np.isinf(wanted)
            assert (spoiled[settled] == wanted[settled]).all(), f"{bad} was lost: {what(name, params, inputs)}"


def depends_on(name, full, inputs, place):
    """Where the reference's result changes when one element of x does, up or down."""
    changed = False
    before = outputs(module_of(name).run(full, *inputs))[0]
    for value in (1e3, -1e3):
        x = inputs[0].copy()
        x.flat[place] = value
        changed = changed | (outputs(module_of(name).run(full, x, *inputs[1:]))[0] != before)
    return changed


# ---- linear maps and gradients ----


@every_method
def test_linear_methods_are_linear(name):
    if "linear" not in flags(name):
        return
    for seed, (params, _, inputs) in enumerate(draws(name, 8)):
        rng = cases.seeded(name, seed, 5)
        a, b = rng.standard_normal(inputs[0].shape), rng.standard_normal(inputs[0].shape)
        fa, fb, fab, f0 = (outputs(call(name, params, [x] + inputs[1:]))[0] for x in (a, b, 2 * a - 3 * b, 0 * a))
        error, size = np.abs((fab - f0) - 2 * (fa - f0) + 3 * (fb - f0)), 1 + np.abs(fab).max(initial=0)
        assert (error <= 1e-10 * size).all(), what(name, params, inputs)


@every_method
def test_vjp_of_a_linear_method_is_its_adjoint(name):
    """<A x, g> = <x, A^T g>"""
    if "linear" not in flags(name) or not has_vjp(name):
        return
    for seed, (params, _, inputs) in enumerate(draws(name, 12)):
        m = upreg.get(name, **params)
        y, y0 = (outputs(m(*cases.trimmed([x] + inputs[1:])))[0] for x in (inputs[0], 0 * inputs[0]))
        gy = cases.seeded(name, seed, 6).standard_normal(y.shape)
        gx = gradients(m, name, inputs, gy)[0]
        left, right = np.sum((y - y0) * gy), np.sum(inputs[0] * gx)
        assert abs(left - right) <= 1e-10 * (1 + np.sum(np.abs((y - y0) * gy))), what(name, params, inputs)


def has_vjp(name):
    """Every method has one, unless its reference says DIFFERENTIABLE = False; gradients may have."""
    return cases.described(name)["differentiable"]


@every_method
def test_is_differentiable(name):
    of_numbers = cases.makes_numbers(name) and cases.dtypes(name, "f")
    assert has_vjp(name) or "gradient" in flags(name) or not of_numbers or not getattr(module_of(name), "DIFFERENTIABLE", True)


def gradients(m, name, inputs, gy):
    """Gradients of all differentiable inputs that are present."""
    found = m.vjp(tuple(cases.trimmed(inputs)), gy)
    return found if isinstance(found, tuple) else (found,)


@every_method
def test_vjp_against_differences(name):
    """The derivative of sum(y * gy) along random directions, by central differences of the reference."""
    if not has_vjp(name):
        return
    module = module_of(name)
    for seed, (params, full, inputs) in enumerate(draws(name, 10)):
        if not getattr(module, "differentiable", lambda full: True)(full):
            continue
        rng = cases.seeded(name, seed, 7)
        y = outputs(module.run(full, *inputs))[0]
        gy = rng.standard_normal(np.shape(y))
        positions = cases.differentiable(name, inputs)
        got = gradients(upreg.get(name, **params), name, inputs, gy)
        assert len(got) == len(positions), f"{len(got)} gradients for {len(positions)} inputs: {what(name, params, inputs)}"
        for i, gradient in zip(positions, got):
            assert gradient.shape == inputs[i].shape and gradient.dtype == inputs[i].dtype, what(name, params, inputs)
            for _ in range(3):
                direction = rng.standard_normal(inputs[i].shape)
                ends = []
                for step in (1e-6, -1e-6):
                    moved = list(inputs)
                    moved[i] = inputs[i] + step * direction
                    ends.append(np.sum(outputs(module.run(full, *moved))[0] * gy))
                numeric, exact = (ends[0] - ends[1]) / 2e-6, np.sum(gradient * direction)
                size = np.sum(np.abs(gradient * direction)) + np.sum(np.abs(y * gy)) * 1e-3
                assert abs(numeric - exact) <= 1e-5 * size + 1e-8, f"input {i}: {exact} against {numeric}: {what(name, params, inputs)}"


# ---- descriptions and errors ----


@every_method
def test_config_and_text(name):
    for params, _, inputs in draws(name, 8):
        m = upreg.get(name, **params)
        config = json.loads(json.dumps(m.config()))
        assert config["method"] == name
        for again in (upreg.from_config(config), upreg.from_config(repr(m))):
            assert again == m and hash(again) == hash(m) and repr(again) == repr(m)
            assert all(map(same_bits, outputs(again(*cases.trimmed(inputs))), outputs(m(*cases.trimmed(inputs)))))


@every_method
def test_infer_knows_the_shapes(name):
    for params, _, inputs in draws(name, 8, np.float32):
        m = upreg.get(name, **params)
        shapes = m.infer(*[None if x is None else x.shape for x in cases.trimmed(inputs)], dtype=cases.dtype_of(name, inputs))
        made = tuple(y.shape for y in outputs(m(*cases.trimmed(inputs))))
        assert shapes == (made if len(made) > 1 else made[0]), what(name, params, inputs)


def rejected():
    for name in METHODS:
        if name in cases.REFERENCES:
            yield from ((name, *case) for case in module_of(name).REJECTS)


@pytest.mark.parametrize("name, params, shapes, error, words", list(rejected()), ids=lambda value: str(value) if isinstance(value, (str, dict)) else "")
def test_rejects(name, params, shapes, error, words):
    """What is wrong is an error that names the method, the parameter or input, and what would be allowed."""
    ports = cases.described(name)["inputs"]
    ports = ports * len(shapes) if ports and ports[0]["variadic"] else ports
    inputs = [None if shape is None else np.zeros(shape, np.int64 if port["dtype"] == "i64" else np.float32) for shape, port in zip(shapes, ports)]
    with pytest.raises(getattr(upreg, error)) as caught:
        upreg.get(name, **params)(*inputs)
    for word in words:
        assert word in str(caught.value), f"{word!r} is not in: {caught.value}"


@every_method
def test_describe(name):
    about = json.loads(json.dumps(cases.described(name)))
    assert about["name"] == name and about["summary"] and about["doc"] and about["family"]
    assert about["inputs"] and about["outputs"] and about["dtypes"]
    for p in about["params"]:
        assert p["help"], f"{p['name']} has no help"
        assert set(p) >= {"name", "kind", "default", "min", "max", "choices", "help"}
    for port in about["inputs"] + about["outputs"]:
        assert set(port) >= {"name", "dtype", "role", "optional", "variadic"}


# ---- presets ----


def presets():
    return [name for name in upreg.methods() if cases.described(name)["method"] != name]


@pytest.mark.parametrize("name", presets())
def test_presets(name):
    """A preset is its method with some parameters fixed, and for a fixed number of spatial axes."""
    base, free = upreg.describe(name)["method"], {p["name"] for p in upreg.describe(name)["params"]}
    ran = 0
    for params, _, inputs in draws(base, 60, np.float32):
        try:
            m = upreg.get(name, **{key: value for key, value in params.items() if key in free})
            y = m(*cases.trimmed(inputs))
        except (upreg.ParameterError, upreg.ShapeError):
            continue  # another rank, or values that do not go with those that are fixed
        check(base, m.params, inputs, y)
        ran += 1
    assert ran >= 3


# ---- CPU tiers ----


def tiers():
    return list(upreg.cpu_info()["tiers"])


@pytest.mark.skipif(FORCED_TIER is not None, reason="already in a forced tier")
@pytest.mark.parametrize("tier", tiers())
def test_tier(tier):
    """The numbers, threads and memory tests once more in a process that is held to this tier."""
    chosen = "equals_reference or small_integers or long_sums or threads or strides_do or outside or float16 or forced"
    command = [sys.executable, "-m", "pytest", "-q", "-x", "--no-header", "-p", "no:cacheprovider", __file__, "-k", chosen]
    done = subprocess.run(command, env={**os.environ, "UPREG_CPU": tier}, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-1000:]


def test_forced_tier():
    if FORCED_TIER is not None:
        assert upreg.cpu_info()["tier"] == FORCED_TIER


# ---- reach ----


@every_method
def test_reach(name):
    """What lies outside the reach of some outputs may change without changing them."""
    if not flags(name).isdisjoint({"gradient"}):
        return
    for seed, (params, _, inputs) in enumerate(draws(name, 40, np.float32)):
        m = upreg.get(name, **params)
        given = cases.trimmed(inputs)
        y = outputs(m(*given))[0]
        if y.size == 0 or np.asarray(given[0]).size == 0:
            continue
        rng = cases.seeded(name, seed, 11)
        tiles = [([0] * y.ndim, [1] * y.ndim), ([n - 1 for n in y.shape], list(y.shape))]  # corners look farthest outside
        for _ in range(4):
            begin = [int(rng.integers(0, n)) for n in y.shape]
            tiles.append((begin, [int(rng.integers(b + 1, n + 1)) for b, n in zip(begin, y.shape)]))
        for begin, end in tiles:
            first, last = m.reach([None if x is None else x.shape for x in given], begin, end, dtype=cases.dtype_of(name, inputs))
            inside = tuple(slice(a, b) for a, b in zip(first, last))
            other = np.asarray(rng.permutation(np.asarray(given[0]).ravel()).reshape(given[0].shape) + given[0].dtype.type(1))
            other[inside] = given[0][inside]
            try:
                changed = outputs(m(other, *given[1:]))[0]
            except upreg.DataError:
                continue
            part = tuple(slice(b, e) for b, e in zip(begin, end))
            assert same_bits(changed[part], y[part]), f"{what(name, params, inputs)}: outputs {begin}..{end} read outside {first}..{last}"
