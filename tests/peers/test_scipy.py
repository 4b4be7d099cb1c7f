"""SciPy and NumPy: filters with every border, full convolutions, upfirdn, zoom, softmax."""
import numpy as np
import pytest
import scipy.ndimage
import scipy.signal
import scipy.special
from _check import agree

RNG = np.random.default_rng(3)
# A padding mode and its names in scipy.ndimage and in numpy.pad.
NDIMAGE = [("zeros", "constant"), ("symmetric", "reflect"), ("reflect", "mirror"), ("replicate", "nearest"), ("circular", "wrap")]
NUMPY = [("zeros", "constant"), ("symmetric", "symmetric"), ("reflect", "reflect"), ("replicate", "edge"), ("circular", "wrap")]


def one(x):
    """A batch of one image of one channel."""
    return x[None, None]


@pytest.mark.parametrize("mode, name", NDIMAGE)
@pytest.mark.parametrize("flip", [False, True])
@pytest.mark.parametrize("rank", [1, 2, 3])
def test_conv_borders(rank, flip, mode, name):
    x, w = RNG.standard_normal((6, 7, 5)[:rank]), RNG.standard_normal((3, 5, 3)[:rank])
    wanted = (scipy.ndimage.convolve if flip else scipy.ndimage.correlate)(x, w, mode=name, cval=0.0)
    agree("conv", dict(padding="same_upper", padding_mode=mode, flip=flip), [one(x), one(w)], one(wanted), "float64")


@pytest.mark.parametrize("rank", [1, 2, 3])
def test_full_and_valid(rank):
    """A convolution with full padding, and a transposed convolution with stride 1, are scipy's full convolution."""
    x, w = RNG.standard_normal((6, 7, 5)[:rank]), RNG.standard_normal((3, 4, 2)[:rank])
    full = one(scipy.signal.convolve(x, w, "full", "direct"))
    agree("conv", dict(padding="full", flip=True), [one(x), one(w)], full, "float64")
    agree("conv_transpose", {}, [one(x), one(w)], full, "float64")
    agree("conv", dict(padding="valid", flip=True), [one(x), one(w)], one(scipy.signal.convolve(x, w, "valid", "direct")), "float64")


@pytest.mark.parametrize("stride", [1, 2, 3, 5])
def test_upfirdn(stride):
    """Zero insertion and a filter are a transposed convolution."""
    for k in (1, 2, 3, 4, 7):
        x, w = RNG.standard_normal(6), RNG.standard_normal(k)
        wanted = scipy.signal.upfirdn(w, x, up=stride)[:5 * stride + k]
        agree("conv_transpose", dict(stride=stride), [one(x), one(w)], one(wanted), "float64")
        fewer = scipy.signal.upfirdn(w, x, down=stride)
        agree("conv", dict(stride=stride, padding="full", flip=True), [one(x), one(w)], one(fewer), "float64")


@pytest.mark.parametrize("mode, name", [*NUMPY, ("constant", "constant")])
def test_pad(mode, name):
    for rank in (1, 2, 3):
        x = RNG.standard_normal((5, 4, 6)[:rank])
        more = dict(constant_values=0.5 if mode == "constant" else 0) if name == "constant" else {}
        wanted = np.pad(x, [(1, 3)] * rank, name, **more)
        params = dict(amount=[[1, 3]] * rank, padding_mode=mode, value=0.5 if mode == "constant" else 0, layout="X")
        agree("pad", params, [x], wanted, "float64")


@pytest.mark.parametrize("mode, name", NUMPY)
@pytest.mark.parametrize("stride", [1, 2, 3])
def test_conv_transpose_padding_modes(stride, mode, name):
    """A transposed convolution of the input extended far enough, cut to the frame of the original."""
    for k in (1, 2, 3, 5):
        x, w = RNG.standard_normal(6), RNG.standard_normal(k)
        room = 5
        wanted = scipy.signal.upfirdn(w, np.pad(x, room, name), up=stride)
        for begin, n in ((0, 6 * stride), (1, 5 * stride), (-1, 6 * stride + 2)):
            end = 5 * stride + k - begin - n
            cut = wanted[begin + room * stride:begin + room * stride + n]
            params = dict(stride=stride, crop=[[begin, end]], padding_mode=mode)
            agree("conv_transpose", params, [one(x), one(w)], one(cut), "float64")


def test_zoom():
    for rank in (1, 2, 3):
        x = RNG.standard_normal((5, 4, 6)[:rank])
        agree("linear", dict(size=9, align_corners=True, layout="X"), [x], scipy.ndimage.zoom(x, [9 / m for m in x.shape], order=1), "float64")


def test_softmax_and_sigmoid():
    x = 10 * RNG.standard_normal((3, 4, 5))
    for axis in range(-3, 3):
        agree("softmax", dict(axis=axis), [x], scipy.special.softmax(x, axis), "float64")
    agree("sigmoid", {}, [x], scipy.special.expit(x), "float64")
