"""upreg.compare, and the matrices of linear methods."""
import itertools
import json

import numpy as np
import pytest

import upreg
from upreg.matrix import LinearMatrix, linear_matrix

RNG = np.random.default_rng(0)


# ---- compare ----


def test_equal_arrays():
    a = RNG.standard_normal((2, 3, 4), np.float32)
    c = upreg.compare(a, a.copy())
    assert c.equal and bool(c) and c.max_abs == 0 and c.max_ulp == 0 and c.where is None and c.shift is None
    assert c.equal_count == c.compared == 24 and "equal" in str(c)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_one_ulp_apart(dtype):
    a = RNG.uniform(1, 2, (3, 5)).astype(dtype)
    b = a.copy()
    b[1, 2] = np.nextafter(b[1, 2], dtype(9))
    c = upreg.compare(a, b)
    assert c.max_ulp == 1 and c.where == (1, 2) and c.equal_count == 14 and not c.equal
    assert c.max_abs == float(b[1, 2]) - float(a[1, 2]) and c.values == (float(a[1, 2]), float(b[1, 2]))


def test_ulps_cross_zero():
    tiny = np.finfo(np.float32).smallest_subnormal
    assert upreg.compare(np.float32([-tiny]), np.float32([tiny])).max_ulp == 2
    assert upreg.compare(np.float32([-0.0]), np.float32([0.0])).equal


@pytest.mark.parametrize("axis, amount", list(itertools.product((0, 1, 2), (-3, -2, -1, 1, 2, 3))))
def test_a_shift_is_found(axis, amount):
    a = RNG.standard_normal((7, 8, 9))
    assert upreg.compare(a, np.roll(a, amount, axis)).shift == (axis, amount)


def test_a_shift_between_sides():
    """The two sides of a 'same' transposed convolution are one element apart."""
    x, w = RNG.standard_normal((1, 1, 9)), RNG.standard_normal((1, 1, 3))
    torch_side = upreg.run("conv_transpose", x, w, stride=2, padding=1, output_padding=1)
    tf_side = upreg.run("conv_transpose", x, w, stride=2, padding="same_upper")
    assert upreg.compare(torch_side, tf_side).shift == (2, 1)


def test_no_shift_of_what_is_flat_or_nearly_equal():
    flat = np.ones((4, 4))
    assert upreg.compare(flat, flat + 1e-9).shift is None
    a = RNG.standard_normal(50)
    assert upreg.compare(a, a + 1e-12).shift is None


def test_nan_and_infinity():
    a = np.array([1.0, np.nan, np.inf, -np.inf, 2.0])
    assert upreg.compare(a, a.copy()).equal
    b = a.copy()
    b[0] = np.nan
    c = upreg.compare(a, b)
    assert (c.nan_only_a, c.nan_only_b, c.nan_both) == (0, 1, 1) and c.max_abs == np.inf and c.max_ulp == np.inf and c.where == (0,)
    json.loads(json.dumps(c.to_dict(), allow_nan=False))


def test_shapes_and_dtypes_are_reported():
    a = RNG.standard_normal((3, 4)).astype(np.float32)
    c = upreg.compare(a, a[:, :3].astype(np.float64))
    assert not c.equal and not c.same_shape and not c.same_dtype and c.max_abs == 0 and c.compared == 9
    assert "shapes differ" in str(c) and "types differ" in str(c)
    assert upreg.compare(np.zeros((0, 3)), np.zeros((0, 3))).equal


def test_integers():
    c = upreg.compare(np.uint8([0, 255]), np.uint8([255, 255]))
    assert c.max_abs == 255 and c.values == (0, 255)
    assert upreg.compare(np.int64([-(2**63)]), np.int64([2**63 - 1])).max_abs == 2.0**64


def test_bad_arguments():
    for bad in ("text", None, ["a"], np.array([1j])):
        with pytest.raises(upreg.UpregError):
            upreg.compare(bad, [1.0])


# ---- matrices ----


@pytest.mark.parametrize("text, shape, weights", [
    ("conv:stride=2,padding=1", (1, 2, 5, 4), [(3, 2, 3, 3)]), ("conv_transpose:stride=2,dilation=2", (2, 2, 3), [(2, 3, 3)]),
    ("bilinear:scale=2", (1, 1, 3, 4), []), ("nearest:size=7", (1, 2, 4), []), ("pixel_shuffle:scale=2", (1, 4, 2, 3), []),
    ("avg_pool:kernel=2", (1, 1, 4, 6), []), ("bed_of_nails:scale=2", (2, 1, 3), []), ("pad:amount=1,padding_mode=reflect", (1, 1, 3, 3), []),
])  # fmt: skip
def test_the_matrix_is_the_method(text, shape, weights):
    m = upreg.from_config(text)
    weights = [RNG.integers(-4, 5, w).astype(np.float64) for w in weights]
    x = RNG.integers(-4, 5, shape).astype(np.float64)
    a = linear_matrix(m, shape, *weights)
    y = m(x, *weights)
    assert a.shape == (y.size, x.size)
    assert np.allclose(a @ x.ravel(), y.ravel(), rtol=0, atol=1e-13)
    gradient = m.vjp((x, *weights), y, wrt="x")
    assert np.allclose(a.T @ y.ravel(), gradient.ravel(), rtol=0, atol=1e-11)


def test_own_matrix_without_scipy():
    dense = np.array([[0.0, 2, 0], [1, 0, 3]])
    row, col = np.nonzero(dense)
    a = LinearMatrix(dense[row, col], row, col, dense.shape)
    assert np.array_equal(a.toarray(), dense) and np.array_equal(a.T.toarray(), dense.T) and a.nnz == 3
    assert np.array_equal(a @ np.arange(3.0), dense @ np.arange(3.0)) and np.array_equal(a @ np.eye(3), dense)
    assert a.rows is a.row and a.cols is a.col and a.values is a.data
    with pytest.raises(upreg.ShapeError):
        a @ np.zeros(4)


def test_what_has_no_matrix():
    with pytest.raises(upreg.ParameterError, match="relu.*linear"):
        upreg.linear_matrix("relu", (1, 1, 4))
    with pytest.raises(upreg.ParameterError, match="zeros"):
        upreg.linear_matrix("conv", (1, 1, 4), np.ones((1, 1, 3)), np.ones(1))
    with pytest.raises(upreg.ParameterError, match="zeros"):
        upreg.linear_matrix("pad:amount=1,padding_mode=constant,value=2", (1, 1, 4))
    with pytest.raises(upreg.ShapeError):
        upreg.linear_matrix("nearest:scale=100", (1, 3, 64, 64))
    with pytest.raises(upreg.DTypeError):
        upreg.linear_matrix("nearest:scale=2", (1, 1, 4), dtype="int32")
