"""Bad input: a clear upreg error that names the method and what is wrong, or the right answer.  Never a crash, a hang or a wrong number."""
import numpy as np
import pytest

import upreg

X = np.random.default_rng(0).standard_normal((1, 2, 5, 6)).astype(np.float32)
W = np.random.default_rng(1).standard_normal((3, 2, 3, 3)).astype(np.float32)
W_UP = np.random.default_rng(2).standard_normal((2, 3, 3, 3)).astype(np.float32)


def fails(error, *words):
    """The error, with every word in its message."""
    return pytest.raises(error, match="".join(f"(?=.*{word})" for word in words))


# ---- names and parameters ----


def test_unknown_method():
    with fails(upreg.UnknownMethodError, "convv", "conv"):
        upreg.get("convv")
    with fails(upreg.UnknownMethodError, "bilinaer", "bilinear"):
        upreg.run("bilinaer", X, scale=2)
    assert issubclass(upreg.UnknownMethodError, LookupError) and not issubclass(upreg.UnknownMethodError, KeyError)


@pytest.mark.parametrize("name", ["", " ", "conv ", "CONV", "conv\0", "conv|relu", "../conv", "x" * 10000, "konvolution\N{SNOWMAN}"])
def test_strange_names(name):
    with pytest.raises(upreg.UpregError):
        upreg.get(name)


@pytest.mark.parametrize("name", [None, 3, b"conv", ["conv"]])
def test_names_that_are_not_text(name):
    with pytest.raises((upreg.UpregError, TypeError)):
        upreg.get(name)


def test_unknown_parameter():
    with fails(upreg.ParameterError, "conv", "strid", "stride"):
        upreg.get("conv", strid=2)
    with fails(upreg.ParameterError, "relu", "slope"):
        upreg.get("relu", slope=2)


@pytest.mark.parametrize("name, params", [
    ("conv", dict(stride=0)), ("conv", dict(stride=-1)), ("conv", dict(stride=2 ** 70)), ("conv", dict(stride=1.5)), ("conv", dict(stride="two")),
    ("conv", dict(stride=None)), ("conv", dict(stride=[])), ("conv", dict(stride=[1, [2, 3]])), ("conv", dict(stride={"h": 1})),
    ("conv", dict(stride=float("nan"))), ("conv", dict(stride=float("inf"))), ("conv", dict(stride=[1] * 100)), ("conv", dict(dilation=-2)),
    ("conv", dict(padding=[[1, 2, 3]])), ("conv", dict(padding=-1)), ("conv", dict(padding="same")), ("conv", dict(padding_mode=3)),
    ("conv", dict(padding_mode="")), ("conv", dict(groups=0)), ("conv", dict(groups="all")), ("conv", dict(flip="maybe")),
    ("conv", dict(layout="NHWC")), ("conv", dict(layout="NCX\0")), ("conv", dict(value="zero")), ("conv", dict(value=[1, 2])),
    ("conv", dict(stride=object())),
    ("conv_transpose", dict(output_size=-1)), ("conv_transpose", dict(output_padding=-1)), ("conv_transpose", dict(side="up")),
    ("max_pool", {}), ("max_pool", dict(kernel=0)), ("max_pool", dict(kernel=-3)), ("bed_of_nails", {}), ("bed_of_nails", dict(scale=0)),
    ("linear", dict(scale=-2)), ("linear", dict(scale=float("nan"))), ("linear", dict(scale=float("inf"))), ("linear", dict(scale=2, size=4)),
    ("linear", {}), ("linear", dict(size=0)), ("linear", dict(scale=0)), ("batch_norm", dict(eps=-1)), ("batch_norm", dict(eps="small")),
    ("softmax", dict(axis="last")), ("softmax", dict(axis=1.5)), ("slice", dict(start="begin")), ("leaky_relu", dict(slope=None)),
], ids=str)
def test_wrong_parameters(name, params):
    """Some are seen at once, others only with a shape at hand; all are errors that name the method and the parameter."""
    with pytest.raises(upreg.ParameterError) as caught:
        upreg.get(name, **params)(*((X, W) if name == "conv" else (X, W_UP) if name == "conv_transpose" else (X,)))
    assert name in str(caught.value)
    if params:
        assert any(key in str(caught.value) for key in params), str(caught.value)


@pytest.mark.parametrize("text", ["conv:", "conv:stride", "conv:stride=", "conv:=2", "conv:stride=2,", "conv:stride=[1", "conv:stride=2,stride=3",
                                  "conv:stride=2;padding=1", "conv:stride=1e999", "conv:stride=" + "9" * 400, "conv:stride=" + "[" * 5000])
def test_wrong_text(text):
    with pytest.raises(upreg.UpregError) as caught:
        upreg.from_config(text)
    assert len(str(caught.value)) < 2000


@pytest.mark.parametrize("config", [{}, {"method": None}, {"method": "conv", "strid": 2}, {"stride": 2}, [], None, 3])
def test_wrong_configs(config):
    with pytest.raises((upreg.UpregError, TypeError)):
        upreg.from_config(config)


def test_numpy_numbers_are_numbers():
    wanted = upreg.run("conv", X, W, stride=2, padding=1)
    assert np.array_equal(upreg.run("conv", X, W, stride=np.int32(2), padding=np.array([1, 1])), wanted)
    assert np.array_equal(upreg.run("conv", X, W, stride=(2, 2), padding=((1, 1), (1, 1))), wanted)


# ---- shapes ----


@pytest.mark.parametrize("shape", [(), (5,), (2, 5), (1, 2, 3, 4, 5, 6), (1,) * 8])
def test_wrong_rank(shape):
    with fails(upreg.ShapeError, "conv", "x"):
        upreg.run("conv", np.zeros(shape, np.float32), W)
    with fails(upreg.ShapeError, "conv2d"):
        upreg.run("conv2d", np.zeros((1, 2, 5), np.float32), np.zeros((3, 2, 3), np.float32))


def test_too_many_dimensions():
    with pytest.raises(upreg.ShapeError):
        upreg.run("relu", np.zeros((1,) * 9, np.float32))
    assert upreg.run("relu", np.zeros((1,) * 8, np.float32)).shape == (1,) * 8
    assert upreg.run("relu", np.float32(-3)).shape == ()


def test_shapes_that_do_not_fit():
    with fails(upreg.ShapeError, "conv", "weight"):
        upreg.run("conv", X, W[:, :1])
    with fails(upreg.ShapeError, "conv", "bias"):
        upreg.run("conv", X, W, np.zeros(4, np.float32))
    with fails(upreg.ShapeError, "concat"):
        upreg.run("concat", X, X[:, :, 1:])
    with fails(upreg.ShapeError, "add"):
        upreg.run("add", X, X[:, :, 1:])


def test_wrong_number_of_inputs():
    for inputs in ((), (X,), (X, W, None, X), (X, None)):
        with pytest.raises((upreg.UpregError, TypeError)):
            upreg.run("conv", *inputs)
    with pytest.raises((upreg.UpregError, TypeError)):
        upreg.run("concat")


@pytest.mark.parametrize("name, params", [
    ("linear", dict(size=[2 ** 31, 2 ** 31])), ("nearest", dict(scale=1e18)), ("nearest", dict(scale=1e300)), ("bed_of_nails", dict(scale=2 ** 40)),
    ("pad", dict(amount=2 ** 62)), ("pad", dict(amount=2 ** 40)), ("max_pool", dict(kernel=2 ** 40)), ("avg_pool", dict(kernel=2 ** 62)),
    ("crop", dict(crop=2 ** 62)), ("pixel_shuffle", dict(scale=2 ** 40)),
], ids=str)
def test_huge_numbers(name, params):
    """Overflow is an upreg error; what could be addressed but is not there is a MemoryError."""
    with pytest.raises((upreg.UpregError, MemoryError)):
        upreg.run(name, X, **params)


@pytest.mark.parametrize("params", [dict(stride=2 ** 31 - 1), dict(stride=2 ** 62), dict(crop=-2 ** 62), dict(output_size=2 ** 50),
                                    dict(dilation=2 ** 61), dict(stride=2 ** 40, dilation=2 ** 40)], ids=str)
def test_huge_transposed_convolutions(params):
    with pytest.raises((upreg.UpregError, MemoryError)):
        upreg.run("conv_transpose", X, W_UP, **params)


def test_empty_arrays():
    assert upreg.run("relu", np.zeros((0, 3), np.float32)).shape == (0, 3)
    assert upreg.run("conv", X[:0], W).shape == (0, 3, 3, 4)
    assert upreg.run("linear", X[:0], scale=2).shape == (0, 2, 10, 12)
    assert upreg.run("add", np.zeros((0, 3), np.float32), np.zeros(3, np.float32)).shape == (0, 3)
    assert upreg.run("concat", X[:, :0], X).shape == X.shape
    for name, params in (("linear", dict(size=4)), ("nearest", dict(size=4)), ("max_pool", dict(kernel=2)), ("avg_pool", dict(kernel=2))):
        with fails(upreg.ShapeError, name):
            upreg.run(name, X[:, :, :0], **params)
    with fails(upreg.ShapeError, "conv"):
        upreg.run("conv", X[:, :, :0], W)


# ---- element types ----


@pytest.mark.parametrize("dtype", [np.complex64, object, "U3", "S4", "datetime64[s]", "V8"])
@pytest.mark.parametrize("name, params", [("conv", {}), ("relu", {}), ("nearest", dict(scale=2)), ("max_pool", dict(kernel=2))])
def test_wrong_dtype(name, params, dtype):
    x = np.zeros((1, 2, 5, 6), dtype)
    with pytest.raises(upreg.DTypeError):
        upreg.run(name, x, *([W] if name == "conv" else []), **params)


def test_mixed_types():
    with fails(upreg.DTypeError, "conv", "float64", "float32"):
        upreg.run("conv", X, W.astype(np.float64))
    with fails(upreg.DTypeError, "add"):
        upreg.run("add", X, X.astype(np.float64))
    with fails(upreg.DTypeError, "conv"):
        upreg.run("conv", X.astype(np.int32), W.astype(np.int32))


def test_int32_indices_are_converted_and_others_refused():
    y, indices = upreg.run("max_pool", X, kernel=2, return_indices=True)
    wanted = upreg.run("max_unpool", y, indices, kernel=2)
    assert np.array_equal(upreg.run("max_unpool", y, indices.astype(np.int32), kernel=2), wanted)
    for dtype in (np.float32, np.uint8, np.float64):
        with fails(upreg.DTypeError, "max_unpool", "indices"):
            upreg.run("max_unpool", y, indices.astype(dtype), kernel=2)


@pytest.mark.parametrize("bad", [-1, 20, 2 ** 62, -2 ** 63])
def test_index_out_of_range(bad):
    """The message has the port, the position and the value; the smallest position wins; nothing is written outside."""
    y, indices = upreg.run("max_pool", X[..., :4, :5], kernel=[2, 2], return_indices=True)
    indices = indices.copy()
    indices[0, 1, 1, 0] = bad
    indices[0, 1, 1, 1] = 12345
    with fails(upreg.DataError, "max_unpool", "indices", str(bad).replace("-", "\\-"), "6"):
        upreg.run("max_unpool", y, indices, kernel=2, output_size=[4, 5])


# ---- memory ----

CALLS = {
    "conv": (dict(padding=1, stride=2), [X, W]),
    "conv_transpose": (dict(stride=2), [X, W_UP]),
    "linear": (dict(scale=1.5), [X]),
    "nearest": (dict(scale=2), [X]),
    "max_pool": (dict(kernel=2), [X]),
    "relu": ({}, [X]),
    "softmax": ({}, [X]),
    "add": ({}, [X, X]),
    "concat": ({}, [X, X]),
}
every_call = pytest.mark.parametrize("name", CALLS)


@every_call
def test_read_only_inputs(name):
    params, inputs = CALLS[name]
    frozen = [x.copy() for x in inputs]
    for x in frozen:
        x.flags.writeable = False
    assert np.array_equal(upreg.run(name, *frozen, **params), upreg.run(name, *inputs, **params))


@every_call
def test_big_endian_inputs(name):
    params, inputs = CALLS[name]
    swapped = [x.astype(x.dtype.newbyteorder(">")) for x in inputs]
    y = upreg.run(name, *swapped, **params)
    assert y.dtype == np.float32 and y.dtype.isnative and np.array_equal(y, upreg.run(name, *inputs, **params))


@every_call
def test_strides_that_are_not_whole_elements(name):
    params, inputs = CALLS[name]
    packed = []
    for x in inputs:
        records = np.zeros(x.shape, np.dtype([("pad", "u1"), ("value", "f4")]))
        records["value"] = x
        packed.append(records["value"])
    assert np.array_equal(upreg.run(name, *packed, **params), upreg.run(name, *inputs, **params))


@every_call
def test_unaligned_inputs(name):
    params, inputs = CALLS[name]
    moved = []
    for x in inputs:
        raw = np.zeros(x.nbytes + 1, np.uint8)
        raw[1:] = np.frombuffer(x.tobytes(), np.uint8)
        moved.append(raw[1:].view(np.float32).reshape(x.shape))
    assert np.array_equal(upreg.run(name, *moved, **params), upreg.run(name, *inputs, **params))


@every_call
def test_lists_and_scalars_in_the_place_of_arrays(name):
    """A clear error or the right answer."""
    params, inputs = CALLS[name]
    try:
        y = upreg.run(name, *[x.tolist() for x in inputs], **params)
    except (upreg.UpregError, TypeError):
        return
    assert np.allclose(y, upreg.run(name, *inputs, **params), atol=1e-5)


@every_call
@pytest.mark.parametrize("bad", [None, "x", b"bytes", {}, object()])
def test_things_that_are_not_arrays(name, bad):
    params, inputs = CALLS[name]
    with pytest.raises((upreg.UpregError, TypeError)):
        upreg.run(name, bad, *inputs[1:], **params)


@every_call
def test_wrong_out(name):
    params, inputs = CALLS[name]
    y = upreg.run(name, *inputs, **params)
    m = upreg.get(name, **params)
    frozen = np.empty_like(y)
    frozen.flags.writeable = False
    wrong = [np.empty(y.shape, np.float64), np.empty(y.shape[:-1] + (y.shape[-1] + 1,), np.float32), np.empty(y.shape[1:], np.float32), frozen,
             np.empty(y.shape, ">f4"), "out", 3, (np.empty_like(y), np.empty_like(y)), np.broadcast_to(np.float32(0), y.shape)]
    for out in wrong:
        before = out.copy() if isinstance(out, np.ndarray) else None
        with pytest.raises((upreg.UpregError, TypeError, ValueError)):
            m(*inputs, out=out)
        if before is not None:
            assert out.tobytes() == before.tobytes(), "an output that was refused was written to"


@every_call
def test_out_may_be_an_input(name):
    """As if the memory did not overlap."""
    params, inputs = CALLS[name]
    wanted = upreg.run(name, *inputs, **params)
    big = np.zeros(max(wanted.size, inputs[0].size) + 64, np.float32)
    for shift in (0, 1, 7, 16, 64):
        x = big[:inputs[0].size].reshape(inputs[0].shape)
        out = big[shift:shift + wanted.size].reshape(wanted.shape)
        x[...] = inputs[0]
        got = upreg.get(name, **params)(x, *inputs[1:], out=out)
        assert np.array_equal(out, wanted), f"shifted by {shift}"
        assert np.array_equal(got, wanted)


def test_out_reversed_over_the_input():
    x = np.arange(-8, 8, dtype=np.float32)
    wanted = np.maximum(x, 0)
    buffer = x.copy()
    upreg.get("relu")(buffer, out=buffer[::-1])
    assert np.array_equal(buffer[::-1], wanted)


def test_nan_travels():
    x = X.copy()
    x[0, 0, 2, 2] = np.nan
    y = upreg.run("conv", x, W)
    assert np.isnan(y[0, :, 0:3, 0:3]).all() and not np.isnan(y[0, :, :, 3:]).any()
    assert np.isnan(upreg.run("max_pool", x, kernel=5)).sum() == 1
    assert np.isnan(upreg.run("relu", x)).sum() == 1
    assert np.isnan(upreg.run("softmax", x)).sum() == 6


def test_memory_failure_is_a_memory_error():
    """An output far beyond any memory, of a size that can be addressed."""
    with pytest.raises(MemoryError):
        upreg.run("nearest", np.zeros((1, 1, 8, 8), np.float32), size=[2 ** 22, 2 ** 23])


# ---- plans, gradients, threads ----


def test_plans_refuse_other_inputs():
    plan = upreg.get("conv").plan(X.shape, X.dtype, weight=W)
    with pytest.raises(upreg.ShapeError):
        plan(X[:, :, 1:])
    with pytest.raises(upreg.DTypeError):
        plan(X.astype(np.float64))
    with pytest.raises((upreg.UpregError, TypeError)):
        plan(X, W)
    with pytest.raises((upreg.UpregError, TypeError)):
        plan()
    with pytest.raises((upreg.UpregError, TypeError)):
        upreg.get("conv").plan(X.shape, X.dtype, wait=W)
    with pytest.raises((upreg.UpregError, TypeError)):
        upreg.get("conv").plan((1, 2, -5, 6), X.dtype, weight=W)
    with pytest.raises(upreg.ShapeError):
        upreg.get("conv").plan(X.shape, X.dtype, weight=W[:, :1])


def test_plans_keep_their_weights():
    """Weights are packed when the plan is made; changing the array later changes nothing."""
    w = W.copy()
    plan = upreg.get("conv").plan(X.shape, X.dtype, weight=w)
    wanted = upreg.run("conv", X, W)
    w[...] = 0
    assert np.array_equal(plan(X), wanted)


def test_calls_never_remember_arrays():
    w = W.copy()
    conv = upreg.get("conv")
    conv(X, w)
    w *= 2
    assert np.array_equal(conv(X, w), upreg.run("conv", X, 2 * W))


def test_wrong_gradients():
    conv = upreg.get("conv")
    y = conv(X, W)
    for gy in (y[:, 1:], y[..., None], None, "gy"):
        with pytest.raises((upreg.UpregError, TypeError)):
            conv.vjp((X, W), gy)
    with pytest.raises(upreg.DTypeError):
        conv.vjp((X, W), y.astype(np.float64))
    with pytest.raises((upreg.UpregError, TypeError)):
        conv.vjp((X, W), y, wrt="w")
    with pytest.raises((upreg.UpregError, TypeError)):
        conv.vjp((X, W), y, wrt="bias")
    pooled, indices = upreg.run("max_pool", X, kernel=2, return_indices=True)
    with pytest.raises((upreg.UpregError, TypeError)):
        upreg.get("max_unpool", kernel=2).vjp((pooled, indices), upreg.run("max_unpool", pooled, indices, kernel=2), wrt="indices")


@pytest.mark.parametrize("threads", [0, -1, 1025, 2 ** 40, 1.5, "two"])
def test_wrong_thread_counts(threads):
    before = upreg.get_num_threads()
    with pytest.raises((upreg.ParameterError, TypeError)):
        upreg.set_num_threads(threads)
    assert upreg.get_num_threads() == before
    with pytest.raises((upreg.ParameterError, TypeError)):
        upreg.get("relu")(X, num_threads=threads)


def test_methods_are_immutable():
    m = upreg.get("conv", stride=2)
    with pytest.raises((AttributeError, TypeError)):
        m.stride = 3
    assert m == upreg.get("conv", stride=2) != upreg.get("conv", stride=1)
    assert len({m, upreg.get("conv", stride=[2]), upreg.get("conv")}) == 2


@pytest.mark.parametrize("method, params, inputs, words", [
    ("roi_pool", {}, [np.zeros((2, 1, 4, 4), np.float32), np.float32([[2, 0, 0, 1, 1]])], "rois.*2 at flat index 0"),
    ("roi_align", {}, [np.zeros((2, 1, 4, 4), np.float32), np.float32([[0, 0, 0, np.inf, 1]])], "rois.*inf at flat index 3"),
    ("roi_align", {}, [np.zeros((2, 1, 4, 4), np.float32), np.float32([[0, 0, 1, 1]]), np.array([-1])], "batch.*-1 at flat index 0"),
    ("fractional_max_pool", dict(kernel=2, size=2), [np.zeros((1, 1, 5)), np.ones((1, 1, 1))], "samples.*1 at flat index 0"),
    ("convert_indices", dict(size=3), [np.array([[[0, 3]]])], "x.*3 at flat index 1"),
    ("convert_indices", dict(size=3, indices="nhwc_flat"), [np.array([[[0], [2]]])], "x.*2 at flat index 1"),
])
def test_numbers_that_name_nothing(method, params, inputs, words):
    with pytest.raises(upreg.DataError, match=f"{method}: .*{words}"):
        upreg.run(method, *inputs, **params)


def test_boxes_far_outside_take_no_time():
    x, far = np.ones((1, 1, 4, 4)), np.array([[0, -9e8, -9e8, 9e8, 9e8]])
    assert upreg.run("roi_align", x, far).item() < 1e-6
