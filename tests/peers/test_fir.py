"""upfirdn and resample_poly against SciPy, image pyramids against OpenCV."""

import cv2
import numpy as np
import pytest
from _check import agree, close
from scipy import signal

import upreg

RNG = np.random.default_rng(12)


@pytest.mark.parametrize("up, down", [(1, 1), (2, 1), (1, 3), (3, 2), (5, 7)])
@pytest.mark.parametrize("taps", [1, 4, 9])
def test_upfirdn(up, down, taps):
    """SciPy inserts no zeros after the last sample."""
    x, h = RNG.standard_normal((2, 3, 17)), RNG.standard_normal(taps)
    params = dict(up=up, down=down, padding=[[taps - 1, taps - up]])
    agree("upfirdn", params, [x, h], signal.upfirdn(h, x, up, down), "float64")


@pytest.mark.parametrize("up, down", [(1, 1), (2, 1), (1, 3), (3, 2), (5, 7), (6, 4), (160, 147)])
@pytest.mark.parametrize("beta", [5.0, 8.6])
def test_resample_poly(up, down, beta):
    x = RNG.standard_normal((2, 3, 61))
    agree("resample_poly", dict(up=up, down=down, beta=beta), [x], signal.resample_poly(x, up, down, axis=2, window=("kaiser", beta)), "float64")


@pytest.mark.parametrize("size", [(8, 10), (7, 9), (6, 11), (33, 40)])
def test_pyramids(size):
    x = RNG.standard_normal(size).astype(np.float32)
    close(upreg.run("pyr_down", x, layout="X"), cv2.pyrDown(x), "float32", f"pyrDown of {size}")
    close(upreg.run("pyr_up", x, layout="X"), cv2.pyrUp(x), "float32", f"pyrUp of {size}")


def test_half_band():
    """Pixels are kept."""
    x = RNG.standard_normal((2, 3, 8, 9))
    assert np.array_equal(upreg.run("half_band", x)[..., ::2, ::2], x)
