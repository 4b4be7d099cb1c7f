"""The worked examples of the documentation, number by number."""

import itertools

import numpy as np
import pytest

import upreg

IMAGE = np.arange(1.0, 17.0).reshape(1, 1, 4, 4)
KERNEL = np.array([[3.0, 2, 9], [-2, 1, 3], [-3, -2, 2]])[None, None]
SMALL = np.array([[1.0, 2], [3, 4]])[None, None]
UP_KERNEL = np.array([[1.0, 2, 7], [-2, 1, 0], [-3, 1, 2]])[None, None]
UP_RESULT = np.array([[1.0, 4, 11, 14], [1, 7, 31, 28], [-9, -10, 8, 4], [-9, -9, 10, 8]])


def dense(matrix):
    """A matrix as linear_matrix returns it: scipy.sparse when installed, else something with rows, cols, values and shape."""
    if hasattr(matrix, "toarray"):
        return matrix.toarray()
    full = np.zeros(matrix.shape)
    np.add.at(full, (np.asarray(matrix.rows), np.asarray(matrix.cols)), np.asarray(matrix.values))
    return full


# ---- the two convolutions ----


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_conv(dtype):
    assert np.array_equal(upreg.run("conv", IMAGE.astype(dtype), KERNEL.astype(dtype))[0, 0], [[26, 39], [78, 91]])


def test_conv_as_a_matrix():
    matrix = dense(upreg.linear_matrix(upreg.get("conv"), IMAGE.shape, KERNEL))
    assert matrix.shape == (4, 16)
    assert np.array_equal(matrix @ IMAGE.ravel(), [26, 39, 78, 91])
    first = np.zeros((4, 4))
    first[:3, :3] = KERNEL[0, 0]
    assert np.array_equal(matrix[0], first.ravel())


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_conv_transpose(dtype):
    assert np.array_equal(upreg.run("conv_transpose", SMALL.astype(dtype), UP_KERNEL.astype(dtype))[0, 0], UP_RESULT)


def test_conv_transpose_as_the_transposed_matrix():
    matrix = dense(upreg.linear_matrix(upreg.get("conv"), (1, 1, 4, 4), UP_KERNEL))
    assert np.array_equal((matrix.T @ SMALL.ravel()).reshape(4, 4), UP_RESULT)
    direct = dense(upreg.linear_matrix(upreg.get("conv_transpose"), SMALL.shape, UP_KERNEL))
    assert direct.shape == (16, 4) and np.array_equal(direct, matrix.T)


def test_conv_transpose_by_zero_insertion():
    """Stretch the input, pad by k-p-1, correlate with the flipped kernel."""
    rng = np.random.default_rng(0)
    for k, s, p in [(3, 1, 0), (3, 2, 0), (3, 2, 1), (4, 2, 1), (5, 3, 2), (2, 2, 0), (4, 4, 0)]:
        x = rng.integers(-4, 5, (1, 2, 3, 4)).astype(np.float32)
        w = rng.integers(-4, 5, (2, 3, k, k)).astype(np.float32)
        nails = upreg.run("bed_of_nails", x, scale=s)
        stretched = upreg.run("crop", nails, crop=[[0, s - 1], [0, s - 1]])  # zeros between the elements only
        kernel = np.ascontiguousarray(np.flip(w, (2, 3)).swapaxes(0, 1))
        wanted = upreg.run("conv", stretched, kernel, padding=k - p - 1)
        assert np.array_equal(upreg.run("conv_transpose", x, w, stride=s, padding=p), wanted)
    assert np.array_equal(upreg.run("conv", SMALL, np.ascontiguousarray(np.flip(UP_KERNEL, (2, 3))), padding=2)[0, 0], UP_RESULT)


# ---- output sizes: the fifteen relationships of convolution arithmetic ----


def conv_length(i, k, **params):
    return upreg.get("conv1d", **params).infer((1, 1, i), (1, 1, k))[-1]


def transposed_length(i, k, **params):
    return upreg.get("conv_transpose1d", **params).infer((1, 1, i), (1, 1, k))[-1]


SWEEP = [(i, k, s, p) for i, k, s, p in itertools.product(range(1, 12), range(1, 6), range(1, 5), range(5)) if i + 2 * p >= k]


def test_relationships_1_to_4_unit_stride():
    for i, k, _, p in SWEEP:
        if i >= k:
            assert conv_length(i, k) == (i - k) + 1  # 1
        assert conv_length(i, k, padding=p) == (i - k) + 2 * p + 1  # 2
        if k % 2:
            assert conv_length(i, k, padding=k // 2) == i  # 3: half padding
        assert conv_length(i, k, padding=k - 1) == i + (k - 1)  # 4: full padding
        assert conv_length(i, k, padding="full") == i + (k - 1)


def test_relationships_5_to_7_stride_and_pooling():
    for i, k, s, p in SWEEP:
        if i >= k:
            assert conv_length(i, k, stride=s) == (i - k) // s + 1  # 5
            assert upreg.get("max_pool", kernel=k, stride=s).infer((1, 1, i))[-1] == (i - k) // s + 1  # 7
            assert upreg.get("avg_pool", kernel=k, stride=s).infer((1, 1, i))[-1] == (i - k) // s + 1
        assert conv_length(i, k, stride=s, padding=p) == (i + 2 * p - k) // s + 1  # 6


def test_relationships_8_to_11_transposed_unit_stride():
    for i, k, _, p in SWEEP:
        assert transposed_length(i, k) == i + (k - 1)  # 8
        if i + (k - 1) - 2 * p >= 1:
            assert transposed_length(i, k, padding=p) == i + (k - 1) - 2 * p  # 9
        if k % 2:
            assert transposed_length(i, k, padding=k // 2) == i  # 10
        if i > k - 1:
            assert transposed_length(i, k, padding=k - 1) == i - (k - 1)  # 11
            assert transposed_length(i, k, padding="full") == i - (k - 1)


def test_relationships_12_to_14_transposed_with_stride():
    for i, k, s, p in SWEEP:
        down = (i + 2 * p - k) // s + 1
        rest = (i + 2 * p - k) % s
        if p == 0 and rest == 0:
            assert transposed_length(down, k, stride=s) == s * (down - 1) + k == i  # 12
        if rest == 0:
            assert transposed_length(down, k, stride=s, padding=p) == s * (down - 1) + k - 2 * p == i  # 13
        assert transposed_length(down, k, stride=s, padding=p, output_padding=rest) == s * (down - 1) + rest + k - 2 * p == i  # 14
        assert transposed_length(down, k, stride=s, padding=p, output_size=i) == i


def test_relationship_15_dilation():
    for i, k, s, p in SWEEP:
        for d in (1, 2, 3):
            wide = k + (k - 1) * (d - 1)
            if i + 2 * p >= wide:
                assert conv_length(i, k, stride=s, padding=p, dilation=d) == (i + 2 * p - wide) // s + 1  # 15
                assert transposed_length(i, k, stride=s, dilation=d) == s * (i - 1) + wide


def test_the_odd_case_with_either_side():
    """i=6, k=3, s=2: down to 3, and back to 6 cut at either end; the two are one element apart."""
    assert conv_length(6, 3, stride=2, padding="same_upper") == conv_length(6, 3, stride=2, padding=1) == 3
    x, w = np.array([[[1.0, 2, 3]]]), np.array([[[10.0, 100, 1]]])
    torch_side = upreg.run("conv_transpose", x, w, stride=2, padding=1, output_padding=1)[0, 0]
    tf_side = upreg.run("conv_transpose", x, w, stride=2, padding="same_upper")[0, 0]
    full = upreg.run("conv_transpose", x, w, stride=2)[0, 0]
    assert len(torch_side) == len(tf_side) == 6 and len(full) == 7
    assert np.array_equal(torch_side, full[1:]) and np.array_equal(tf_side, full[:-1])
    for side, wanted in (("torch", full[1:]), ("tf", full[:-1]), ("onnx", full[1:])):
        padding = 1 if side == "torch" else 0
        assert np.array_equal(upreg.run("conv_transpose", x, w, stride=2, padding=padding, output_size=6, side=side)[0, 0], wanted)
    assert np.array_equal(upreg.run("conv_transpose", x, w, stride=2, padding="same_lower")[0, 0], full[1:])


def test_the_two_sides_in_print():
    """The numbers that the documentation shows."""
    x, w = np.array([[[1.0, 2, 3]]]), np.array([[[1.0, 10, 100]]])
    assert upreg.run("conv_transpose", x, w, stride=2, padding=1, output_padding=1)[0, 0].tolist() == [10, 102, 20, 203, 30, 300]
    assert upreg.run("conv_transpose", x, w, stride=2, padding="same_upper")[0, 0].tolist() == [1, 10, 102, 20, 203, 30]


# ---- equivalences ----


@pytest.mark.parametrize("rank", [1, 2, 3])
@pytest.mark.parametrize("r, k", [(2, 3), (3, 3), (2, 1), (2, 5), (3, 5)])
def test_sub_pixel_convolution_is_a_transposed_convolution(rank, r, k):
    """conv to C*r^N channels + pixel_shuffle == conv_transpose with k*r taps, stride r, padding r*(k-1)/2, sub-kernels flipped and interleaved."""
    rng = np.random.default_rng(rank)
    c_in, c_out = 2, 3
    x = rng.integers(-3, 4, [2, c_in] + [4] * rank).astype(np.float32)
    w = rng.integers(-3, 4, [c_out * r**rank, c_in] + [k] * rank).astype(np.float32)
    sub_pixel = upreg.run("pixel_shuffle", upreg.run("conv", x, w, padding=k // 2), scale=r)
    big = np.zeros([c_in, c_out] + [k * r] * rank, np.float32)
    for flat, phase in enumerate(np.ndindex(*[r] * rank)):
        sub = np.flip(w[flat :: r**rank], tuple(range(2, rank + 2))).swapaxes(0, 1)
        big[(slice(None), slice(None)) + tuple(slice(p, None, r) for p in phase)] = sub
    assert np.array_equal(upreg.run("conv_transpose", x, big, stride=r, padding=r * (k - 1) // 2), sub_pixel)


@pytest.mark.parametrize("rank", [1, 2, 3])
@pytest.mark.parametrize("r, k", [(2, 3), (3, 3), (2, 5)])
def test_resize_convolution_is_a_transposed_convolution(rank, r, k):
    """nearest + conv == conv_transpose with the flipped kernel convolved with a box of r."""
    rng = np.random.default_rng(rank)
    x = rng.integers(-3, 4, [2, 2] + [4] * rank).astype(np.float32)
    w = rng.integers(-3, 4, [3, 2] + [k] * rank).astype(np.float32)
    resized = upreg.run("conv", upreg.run("nearest", x, scale=r), w, padding=k // 2)
    flipped = np.ascontiguousarray(np.flip(w, tuple(range(2, rank + 2))).swapaxes(0, 1))
    boxed = np.zeros([2, 3] + [k + r - 1] * rank, np.float32)
    for shift in np.ndindex(*[r] * rank):
        boxed[(slice(None), slice(None)) + tuple(slice(a, a + k) for a in shift)] += flipped
    side = k // 2
    crop = [[side, side]] * rank
    assert np.array_equal(upreg.run("conv_transpose", x, boxed, stride=r, crop=crop), resized)


def test_icnr_is_a_convolution_and_nearest():
    """When the r^2 kernels of a pixel are equal, sub-pixel convolution makes blocks of one value."""
    rng = np.random.default_rng(0)
    x = rng.integers(-3, 4, (2, 3, 5, 4)).astype(np.float32)
    w = rng.integers(-3, 4, (2, 3, 3, 3)).astype(np.float32)
    repeated = np.repeat(w, 4, axis=0)
    sub_pixel = upreg.run("pixel_shuffle", upreg.run("conv", x, repeated, padding=1), scale=2)
    assert np.array_equal(sub_pixel, upreg.run("nearest", upreg.run("conv", x, w, padding=1), scale=2))


@pytest.mark.parametrize("rank", [1, 2, 3])
def test_the_input_gradient_of_a_convolution_is_a_transposed_convolution(rank):
    rng = np.random.default_rng(rank)
    for k, s, p, d, g, m in [(3, 1, 1, 1, 1, 6), (3, 2, 1, 1, 2, 7), (4, 2, 1, 1, 1, 6), (3, 2, 0, 2, 1, 8), (5, 3, 2, 1, 2, 6)]:
        x = rng.integers(-3, 4, [2, 4] + [m] * rank).astype(np.float32)
        w = rng.integers(-3, 4, [6, 4 // g] + [k] * rank).astype(np.float32)
        conv = upreg.get("conv", stride=s, padding=p, dilation=d, groups=g)
        gy = rng.integers(-3, 4, conv.infer(x.shape, w.shape)).astype(np.float32)
        by_vjp = conv.vjp((x, w), gy, wrt="x")
        by_name = upreg.run("conv_transpose", gy, w, stride=s, padding=p, dilation=d, groups=g, output_size=m)
        assert np.array_equal(by_vjp, by_name)


def test_bilinear_twice_is_a_transposed_convolution_inside():
    """linear x2 == conv_transpose with [1, 3, 3, 1]/4, away from the border."""
    x = np.random.default_rng(0).integers(-8, 9, (1, 1, 6, 7)).astype(np.float32)
    taps = np.array([1.0, 3, 3, 1], np.float32) / 4
    up = upreg.run("conv_transpose", x, np.outer(taps, taps)[None, None], stride=2, padding=1)
    assert np.array_equal(upreg.run("bilinear", x, scale=2)[..., 1:-1, 1:-1], up[..., 1:-1, 1:-1])


def test_overlap_of_a_kernel_of_ones():
    """1 1 2 1 2 1 ... and, in the plane, 4 2 / 2 1: where a 3-tap kernel with stride 2 writes twice."""
    line = upreg.run("conv_transpose", np.ones((1, 1, 8)), np.ones((1, 1, 3)), stride=2)[0, 0]
    assert line.tolist() == [1, 1] + [2, 1] * 7 + [1]
    plane = upreg.run("conv_transpose", np.ones((1, 1, 8, 8)), np.ones((1, 1, 3, 3)), stride=2)[0, 0]
    assert plane[2:4, 2:4].tolist() == [[4, 2], [2, 1]]
    once = upreg.run("conv_transpose", np.ones((1, 1, 5)), np.ones((1, 1, 3)), stride=2)
    twice = upreg.run("conv_transpose", once, np.ones((1, 1, 3)), stride=2)[0, 0]
    assert twice.tolist() == [1, 1, 2, 1, 3, 2, 3, 1, 3, 2, 3, 1, 3, 2, 3, 1, 3, 2, 3, 1, 2, 1, 1]


# ---- (64, 256, 32, 32) upsampled to be concatenated with (64, 3, 128, 128) ----

# Every way up by 4, and what it needs besides x.
WAYS_UP = {
    "nearest": (dict(scale=4), None),
    "nearest_exact": (dict(scale=4), None),
    "linear": (dict(scale=4), None),
    "bilinear": (dict(size=[128, 128]), None),
    "cubic": (dict(scale=4), None),
    "bicubic": (dict(size=128), None),
    "lanczos": (dict(scale=4), None),
    "area": (dict(scale=4), None),
    **dict.fromkeys(
        ("box", "hamming", "mitchell", "gaussian", "magic_kernel_sharp", "bspline", "fourier", "dct", "catmull_rom", "hermite"), (dict(scale=4), None)
    ),
    **{f"lanczos{a}": (dict(scale=4), None) for a in (2, 3, 4, 5)},
    "adaptive_avg_pool": (dict(size=128), None),
    "nearest_unpool": (dict(kernel=4), None),
    "resample_poly": (dict(up=4), None),
    "avg_unpool": (dict(kernel=4), None),
    "scale_and_translate": (dict(size=128), None),
    "crop_and_resize": (dict(size=128, roi=[0.1, 0, 0.9, 1]), None),
    "bed_of_nails": (dict(scale=4), None),
    "max_unpool": (dict(kernel=4), "indices"),
    "conv_transpose": (dict(stride=4), (16, 8, 4, 4)),
    "conv_transpose2d": (dict(stride=4, padding="same_upper"), (16, 8, 6, 6)),
    "pixel_shuffle": (dict(scale=4), None),
    "depth_to_space": (dict(scale=4), None),
}


def indices_for(shape):
    """Every pooled element came from the corner of its 4x4 cell."""
    n, c, h, w = shape
    corners = (4 * np.arange(h)[:, None]) * (4 * w) + 4 * np.arange(w)
    return np.broadcast_to(corners, shape).astype(np.int64)


def test_every_upsampling_method_is_listed():
    ways = {name for name in upreg.methods() if "upsamples" in upreg.describe(name)["flags"] and "gradient" not in upreg.describe(name)["flags"]}
    one_d_or_3_d = {"conv_transpose1d", "conv_transpose3d", "trilinear", "tricubic"}
    one_axis_or_other_layout = {"repeat", "batch_to_space", "patch_expand"}
    filters = {"upfirdn", "upfirdn1d", "upfirdn2d", "upsample2d", "downsample2d", "filter2d", "pyr_up", "pyr_down", "laplacian_expand", "half_band"}
    assert {name for name in ways if "." not in name} <= set(WAYS_UP) | one_d_or_3_d | one_axis_or_other_layout | filters


@pytest.mark.parametrize("name", WAYS_UP)
def test_upsampled_to_be_concatenated(name):
    params, more = WAYS_UP[name]
    rng = np.random.default_rng(0)
    x = rng.standard_normal((2, 16, 32, 32), np.float32)
    skip = rng.standard_normal((2, 3, 128, 128), np.float32)
    inputs = [x] + ([indices_for(x.shape)] if more == "indices" else [rng.standard_normal(more, np.float32)] if more else [])
    up = upreg.run(name, *inputs, **params)
    joined = upreg.run("concat", up, skip, axis=1)
    assert joined.shape == (2, up.shape[1] + 3, 128, 128)
    assert np.array_equal(joined[:, :-3], up) and np.array_equal(joined[:, -3:], skip)


def test_the_full_size():
    x = np.broadcast_to(np.arange(32, dtype=np.float32), (64, 256, 32, 32))
    skip = np.broadcast_to(np.float32(7), (64, 3, 128, 128))
    up = upreg.run("nearest", x, scale=4)
    assert up.shape == (64, 256, 128, 128)
    joined = upreg.run("concat", up, skip)
    assert joined.shape == (64, 259, 128, 128)
    assert np.array_equal(joined[63, 255, 5], np.repeat(np.arange(32), 4)) and (joined[63, 256:] == 7).all()
