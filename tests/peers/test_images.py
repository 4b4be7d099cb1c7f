"""Pillow and OpenCV: float pictures, which both resize without rounding."""
import cv2
import numpy as np
import pytest
from _check import agree
from PIL import Image

import upreg

RNG = np.random.default_rng(11)
SIZES = ((17, 19), (34, 38), (5, 7), (40, 9), (17, 38), (51, 57))


def picture(height=17, width=19):
    return RNG.standard_normal((height, width)).astype(np.float32)


@pytest.mark.parametrize("method, params, name", [("linear", {}, "BILINEAR"), ("cubic", {"a": -0.5}, "BICUBIC"), ("lanczos", {}, "LANCZOS")])
def test_pillow(method, params, name):
    for size in SIZES:
        x = picture()
        wanted = np.asarray(Image.fromarray(x).resize(size[::-1], getattr(Image.Resampling, name)))
        agree(method, dict(size=list(size), antialias=True, layout="X", **params), [x], wanted)


@pytest.mark.parametrize("method, params, name", [("linear", {}, "BILINEAR"), ("cubic", {"a": -0.5}, "BICUBIC"), ("lanczos", {}, "LANCZOS")])
def test_pillow_8_bits(method, params, name):
    """Pillow rounds (and clips, hence the narrow range) between its two passes: never more than one step apart."""
    for size in SIZES:
        x = RNG.integers(100, 157, (17, 19), dtype=np.uint8)
        wanted = np.asarray(Image.fromarray(x).resize(size[::-1], getattr(Image.Resampling, name))).astype(int)
        got = upreg.run(method, x, size=list(size), antialias=True, layout="X", **params).astype(int)
        assert np.max(abs(got - wanted)) <= 1


@pytest.mark.parametrize("method, flag", [("linear", cv2.INTER_LINEAR), ("cubic", cv2.INTER_CUBIC)])
def test_opencv(method, flag):
    for size in SIZES:
        x = picture()
        agree(method, dict(size=list(size), layout="X"), [x], cv2.resize(x, size[::-1], interpolation=flag))


def test_opencv_lanczos():
    """OpenCV computes its weights in single precision."""
    for size in SIZES:
        x = picture()
        wanted = cv2.resize(x, size[::-1], interpolation=cv2.INTER_LANCZOS4)
        assert np.abs(upreg.run("lanczos", x, size=list(size), a=4, layout="X") - wanted).max() < 1e-5


def test_opencv_area():
    """Where the image shrinks; where it grows OpenCV has another rule under the same name."""
    for size in ((5, 7), (8, 9), (17, 5), (1, 1), (13, 19)):
        x = picture()
        agree("area", dict(size=list(size), layout="X"), [x], cv2.resize(x, size[::-1], interpolation=cv2.INTER_AREA))


def test_opencv_nearest():
    """OpenCV's INTER_NEAREST is floor(i * m/n) in double."""
    for m in range(1, 24):
        x = np.arange(m, dtype=np.float32)[None]
        for n in range(1, 48):
            agree("nearest", dict(size=[1, n], arith="double", layout="X"), [x], cv2.resize(x, (n, 1), interpolation=cv2.INTER_NEAREST))


def test_opencv_channels():
    x = RNG.standard_normal((9, 8, 3)).astype(np.float32)
    agree("linear", dict(size=[18, 24], layout="XC"), [x], cv2.resize(x, (24, 18), interpolation=cv2.INTER_LINEAR))


def test_opencv_filter():
    """filter2D is a correlation; its BORDER_REFLECT repeats the edge, which upreg and numpy call symmetric."""
    x, w = RNG.standard_normal((8, 9)), RNG.standard_normal((3, 5))
    borders = {"zeros": cv2.BORDER_CONSTANT, "symmetric": cv2.BORDER_REFLECT, "reflect": cv2.BORDER_REFLECT_101, "replicate": cv2.BORDER_REPLICATE}
    for mode, border in borders.items():
        wanted = cv2.filter2D(x, -1, w, borderType=border)[None, None]
        agree("conv", dict(padding="same_upper", padding_mode=mode), [x[None, None], w[None, None]], wanted, "float64")
