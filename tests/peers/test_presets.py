"""Presets against the libraries that they are named after: random sizes from 1 to 70 and scales from 0.1 to 8, all parameters that they leave
open.  Floats within roundings of single precision, uint8 bit for bit.  Every test prints what it covered."""

import cv2
import jax
import numpy as np
import pytest
import scipy.ndimage
import scipy.signal
import skimage.transform
import torch
import torch.nn.functional as F
from PIL import Image
from test_onnxruntime import ort

import upreg

ROUNDS = 120


def sizes(rng, count):
    """Lengths from 1 to 70 of axes, and what they become: by a factor from 0.1 to 8 or any from 1 to 70."""
    m = [int(v) for v in rng.integers(1, 71, count)]
    if rng.random() < 0.5:
        return m, [int(v) for v in rng.integers(1, 71, count)]
    return m, [max(1, min(560, round(v * float(np.exp(rng.uniform(np.log(0.1), np.log(8))))))) for v in m]


def covered(name, done):
    up = sum(1 for m, n in done if sum(n) > sum(m))
    print(f"{name}: {len(done)} calls, {up} of them larger, lengths {min(min(m) for m, _ in done)} to {max(max(m) for m, _ in done)}, "
          f"results {min(min(n) for _, n in done)} to {max(max(n) for _, n in done)}")  # fmt: skip


def close(got, wanted, x, ulps=16):
    """Within `ulps` roundings of single precision of the largest number that comes in or out."""
    bound = ulps * np.finfo(np.float32).eps * max(np.abs(x).max(initial=0), np.abs(wanted).max(initial=0), 1e-30)
    return got.shape == wanted.shape and np.abs(got.astype(np.float64) - wanted).max(initial=0) <= bound


# ---- torch ----

TORCH = {  # preset: (mode, axes, what torch also takes)
    "torch.nearest": ("nearest", None, {}),
    "torch.nearest_exact": ("nearest-exact", None, {}),
    "torch.linear": ("linear", 1, {"align_corners": (False, True)}),
    "torch.bilinear": ("bilinear", 2, {"align_corners": (False, True), "antialias": (False, True)}),
    "torch.trilinear": ("trilinear", 3, {"align_corners": (False, True)}),
    "torch.bicubic": ("bicubic", 2, {"align_corners": (False, True)}),
    "torch.bicubic_antialias": ("bicubic", 2, {}),
    "torch.lanczos": ("lanczos", 2, {}),
    "torch.area": ("area", None, {}),
}


def separable(theirs, options):
    """Whether torch takes its separable kernel, which in 2.13 repeats the first row when the result is one pixel wide."""
    return theirs.get("antialias") or options.get("antialias")


@pytest.mark.parametrize("name", TORCH)
def test_torch(name):
    mode, axes, more = TORCH[name]
    rng, done = np.random.default_rng(1), []
    for _ in range(ROUNDS):
        rank = axes or int(rng.integers(1, 4))
        m, n = sizes(rng, rank)
        if rank == 3:
            m, n = [min(v, 12) for v in m], [min(v, 20) for v in n]
        x = rng.standard_normal((2, 3, *m)).astype(np.float32)
        options = {key: bool(rng.choice(values)) for key, values in more.items()}
        by_scale = mode not in ("area", "nearest-exact") and rng.random() < 0.4
        theirs = {"size": n}
        ours = dict(theirs)
        if by_scale:
            factors = [float(np.clip(b / a, 0.1, 8)) for a, b in zip(m, n)]
            if min(int(a * f) for a, f in zip(m, factors)) < 1:
                continue
            theirs, ours = {"scale_factor": factors}, {"scale": factors}
        if name.endswith("_antialias") or name == "torch.lanczos":
            theirs["antialias"] = True
        if separable(theirs, options) and (n[-1] == 1 or "scale" in ours and int(m[-1] * ours["scale"][-1]) == 1):
            continue
        wanted = F.interpolate(torch.tensor(x), mode=mode, **theirs, **options).numpy()
        got = upreg.run(name, x, **ours, **options)
        assert np.array_equal(got, wanted) if "nearest" in name else close(got, wanted, x, 4 * max(m + [4])), (m, ours, options)
        done.append((m, n))
    covered(name, done)


@pytest.mark.parametrize(
    "name", ["torch.bilinear", "torch.bicubic", "torch.bicubic_antialias", "torch.lanczos", "torch.nearest", "torch.nearest_exact"]
)
@pytest.mark.parametrize("channels_last", [False, True])
def test_torch_8_bits(name, channels_last):
    """Bit for bit, for both orders of memory and for numbers of channels that have kernels of their own."""
    mode, _, more = TORCH[name]
    rng, done = np.random.default_rng(2), []
    for _ in range(2 * ROUNDS):
        m, n = sizes(rng, 2)
        x = rng.integers(0, 256, (2, int(rng.choice([1, 2, 3, 4, 5])), *m), dtype=np.uint8)
        if x.shape[1] == 5 and n[1] == 1:
            continue  # the kernel of `separable`
        t = torch.tensor(x)
        t = t.contiguous(memory_format=torch.channels_last) if channels_last else t
        options = {key: bool(rng.choice(values)) for key, values in more.items()}
        aa = {"antialias": True} if name.endswith("_antialias") or name == "torch.lanczos" else {}
        wanted = F.interpolate(t, size=n, mode=mode, **options, **aa).numpy()
        assert np.array_equal(upreg.run(name, x, size=n, **options), wanted), (m, n, options)
        done.append((m, n))
    covered(f"{name} uint8", done)


# ---- Pillow ----

PILLOW = [name for name in upreg.methods("pillow.*") if name != "pillow.reduce"]


def part_of(rng, m):
    """A box as Pillow has it, or None."""
    if rng.random() < 0.5:
        return None
    h, w = m
    x0, y0 = rng.uniform(0, w / 2), rng.uniform(0, h / 2)
    return (x0, y0, rng.uniform(w / 2 + 0.1, w), rng.uniform(h / 2 + 0.1, h))


def ours_of(box):
    return {} if box is None else {"box": [box[1], box[0], box[3], box[2]]}


@pytest.mark.parametrize("name", PILLOW)
def test_pillow(name):
    rng, done = np.random.default_rng(3), []
    for _ in range(ROUNDS):
        m, n = sizes(rng, 2)
        x = rng.standard_normal(m).astype(np.float32)
        box = part_of(rng, m)
        gap = float(rng.uniform(1, 3)) if "nearest" not in name and rng.random() < 0.4 else None
        wanted = np.asarray(Image.fromarray(x).resize(n[::-1], Image.Resampling[name[7:].upper()], box=box, reducing_gap=gap))
        got = upreg.run(name, x, size=n, layout="X", **ours_of(box), **({} if gap is None else {"reducing_gap": gap}))
        assert np.array_equal(got, wanted) if "nearest" in name else close(got, wanted, x, 16 if gap is None else 4 * max(m)), (m, n, box, gap)
        done.append((m, n))
    covered(name, done)


@pytest.mark.parametrize("name", PILLOW)
def test_pillow_8_bits(name):
    """Bit for bit: grey, RGB, and four channels without alpha; whole images and parts."""
    rng, done = np.random.default_rng(4), []
    for _ in range(3 * ROUNDS):
        m, n = sizes(rng, 2)
        mode = str(rng.choice(["L", "RGB", "CMYK"]))
        x = rng.integers(0, 256, (*m, len(mode)), dtype=np.uint8)
        box = part_of(rng, m)
        image = Image.frombytes(mode, m[::-1], x.tobytes())
        wanted = np.asarray(image.resize(n[::-1], Image.Resampling[name[7:].upper()], box=box)).reshape(*n, len(mode))
        assert np.array_equal(upreg.run(name, x, size=n, layout="XC", **ours_of(box)), wanted), (m, n, box)
        done.append((m, n))
    covered(f"{name} uint8", done)


def test_pillow_reduce():
    rng = np.random.default_rng(5)
    for _ in range(ROUNDS):
        m, (fy, fx) = [int(v) for v in rng.integers(1, 71, 2)], (int(v) for v in rng.integers(1, 9, 2))
        x = rng.standard_normal(m).astype(np.float32)
        wanted = np.asarray(Image.fromarray(x).reduce((fx, fy)))
        assert close(upreg.run("pillow.reduce", x, scale=[1 / fy, 1 / fx], layout="X"), wanted, x), (m, fy, fx)


# ---- OpenCV ----

OPENCV = {"linear_exact": cv2.INTER_LINEAR_EXACT, "nearest": cv2.INTER_NEAREST, "nearest_exact": cv2.INTER_NEAREST_EXACT, "linear": cv2.INTER_LINEAR, "cubic": cv2.INTER_CUBIC,
          "lanczos4": cv2.INTER_LANCZOS4, "area": cv2.INTER_AREA}  # fmt: skip


@pytest.mark.parametrize("name", [name for name in OPENCV if name != "linear_exact"])
def test_opencv(name):
    """OpenCV computes coordinates and weights in single precision, so the bound grows with the length of the axis."""
    rng, done = np.random.default_rng(6), []
    for _ in range(ROUNDS):
        m, n = sizes(rng, 2)
        x = rng.standard_normal(m).astype(np.float32)
        wanted = cv2.resize(x, n[::-1], interpolation=OPENCV[name])
        got = upreg.run(f"opencv.{name}", x, size=n, layout="X")
        assert np.array_equal(got, wanted) if "nearest" in name else close(got, wanted, x, 4 * max(m)), (m, n, np.abs(got - wanted).max())
        done.append((m, n))
    covered(f"opencv.{name}", done)


@pytest.mark.parametrize("name", OPENCV)
def test_opencv_8_bits(name):
    """Bit for bit, but for cubic: OpenCV's build on x86 takes that from IPP for most sizes, and differs from float arithmetic where that
    is within a hair of a half; never by more than 1, and in less than 1 % of the pixels (of images without 2 channels, for which it is not IPP's)."""
    rng, done, off, pixels = np.random.default_rng(12), [], 0, 0
    for k in range(4 * ROUNDS):
        m, n = sizes(rng, 2)
        if k % 5 == 0:  # whole factors have kernels of their own
            factor = [int(f) for f in rng.integers(1, 5, 2)]
            n = [max(1, a // f) for a, f in zip(m, factor)]
            m = [b * f for b, f in zip(n, factor)]
        if k % 7 == 0:
            n = [m[0], n[1]]
        x = rng.integers(0, 256, (*m, int(rng.choice([1, 3, 4] if name == "cubic" else [1, 2, 3, 4]))), dtype=np.uint8)
        wanted = cv2.resize(x, n[::-1], interpolation=OPENCV[name]).reshape(*n, x.shape[2])
        error = np.abs(upreg.run(f"opencv.{name}", x, size=n, layout="XC").astype(int) - wanted)
        assert error.max() <= (1 if name == "cubic" else 0), (m, n, x.shape[2])
        off, pixels = off + np.count_nonzero(error), pixels + error.size
        done.append((m, n))
    assert off < 0.01 * pixels
    covered(f"opencv.{name} uint8", done)


# ---- SciPy and scikit-image ----

MODES = {
    "mirror": "reflect",
    "grid-wrap": "circular",
    "nearest": "replicate",
    "reflect": "symmetric",
    "constant": "reflect",
    "grid-constant": "zeros",
}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("order", range(6))
def test_scipy_zoom(order, mode):
    """In double.  SciPy ends the reflected signal, and pads for nearest and grid-constant by 12 pixels: with poles of 0.43 that shows."""
    rng, done = np.random.default_rng(7), []
    for _ in range(ROUNDS // 2):
        rank = int(rng.integers(1, 3))
        m, n = sizes(rng, rank)
        if mode == "reflect":
            m = [v + 60 for v in m]
        grid = bool(rng.integers(2)) and mode != "constant"
        past_the_end = [b > 1 and (b - 1) * ((a - 1) / (b - 1)) > a - 1 for a, b in zip(m, n)]
        ties = order == 0 and not grid and any(abs(v % 1 - 0.5) < 1e-9 for a, b in zip(m, n) for v in np.arange(b) * (a - 1) / max(b - 1, 1))
        if mode == "constant" and any(past_the_end) or ties:
            continue  # SciPy's last coordinate is rounded up and out of the image, and ties go by a hair
        x = rng.standard_normal(m)
        wanted = scipy.ndimage.zoom(x, [b / a for a, b in zip(m, n)], order=order, mode=mode, grid_mode=grid)
        got = upreg.run(
            f"scipy.zoom{order}", x, size=list(wanted.shape), border=MODES[mode], coordinates="half_pixel" if grid else "align_corners", layout="X"
        )
        bound = 1e-7 if mode in ("nearest", "grid-constant", "reflect") else 1e-11
        assert np.abs(got - wanted).max(initial=0) <= bound * max(1, np.abs(x).max()), (m, n, grid, np.abs(got - wanted).max())
        done.append((m, list(wanted.shape)))
    covered(f"scipy.zoom{order} {mode}", done)


def test_scipy_resample():
    rng, done = np.random.default_rng(8), []
    for _ in range(ROUNDS):
        (m,), (n,) = sizes(rng, 1)
        x = rng.standard_normal((3, m))
        assert np.allclose(upreg.run("scipy.resample", x, size=n, layout="CX"), scipy.signal.resample(x, n, axis=1), rtol=0, atol=1e-12), (m, n)
        done.append(([m], [n]))
    covered("scipy.resample", done)


@pytest.mark.parametrize("order", [0, 1, 3])
def test_skimage(order):
    rng, done = np.random.default_rng(9), []
    for _ in range(ROUNDS):
        m, n = sizes(rng, 2)
        x = rng.standard_normal(m)
        wanted = skimage.transform.resize(x, n, order=order, mode="reflect", anti_aliasing=False, clip=False)
        got = upreg.run(f"skimage.resize{order}", x, size=n, layout="X")
        assert np.abs(got - wanted).max() <= 1e-10, (m, n)
        done.append((m, n))
    covered(f"skimage.resize{order}", done)


# ---- ONNX ----


@pytest.mark.parametrize("name", ["nearest", "linear", "cubic"])
def test_onnx(name):
    """onnxruntime, which rounds its coordinates to single precision: no case within 1e-4 of a step of nearest."""
    rng, done = np.random.default_rng(10), []
    for _ in range(ROUNDS):
        m, n = sizes(rng, 2)
        x = rng.standard_normal((1, 2, *m)).astype(np.float32)
        coordinates = str(rng.choice(["half_pixel", "asymmetric", "align_corners"]))
        if name == "nearest" and any(near_a_step(coordinates, a, b) for a, b in zip(m, n)):
            continue
        wanted = ort("Resize", [x, None, None, np.array(x.shape[:2] + tuple(n), np.int64)], mode=name, coordinate_transformation_mode=coordinates)
        got = upreg.run(f"onnx.{name}", x, size=n, coordinates=coordinates)
        assert np.array_equal(got, wanted) if name == "nearest" else close(got, wanted, x, 4 * max(m)), (m, n, coordinates)
        done.append((m, n))
    covered(f"onnx.{name}", done)


def near_a_step(coordinates, m, n):
    i = np.arange(n)
    x = {"half_pixel": (i + 0.5) * m / n - 0.5, "asymmetric": i * m / n, "align_corners": i * (m - 1) / max(n - 1, 1)}[coordinates]
    return bool(np.any(np.abs(x - 0.5 - np.round(x - 0.5)) < 1e-4))


# ---- JAX ----


@pytest.mark.parametrize("name", ["linear", "cubic", "lanczos3", "lanczos5"])
def test_jax(name):
    """Resized, and scaled and moved: outputs whose place lies outside of the image are 0.  Few sizes: JAX compiles anew for each."""
    rng, done = np.random.default_rng(11), []
    for _ in range(ROUNDS // 20):
        m, n = sizes(rng, 2)
        x = rng.standard_normal(m).astype(np.float32)
        antialias = bool(rng.integers(2))
        wanted = np.asarray(jax.image.resize(x, n, name, antialias=antialias))
        assert close(upreg.run(f"jax.{name}", x, size=n, antialias=antialias, layout="X"), wanted, x, 4 * max(m)), (m, n, antialias)
        scale, translate = rng.uniform(0.2, 3, 2).astype(np.float32), rng.uniform(-5, 5, 2).astype(np.float32)
        wanted = np.asarray(jax.image.scale_and_translate(x, n, (0, 1), scale, translate, name, antialias=antialias))
        ends = [(b - float(t)) / float(s) for b, t, s in zip(n, translate, scale)]
        box = [-float(t) / float(s) for t, s in zip(translate, scale)] + ends
        got = upreg.run(f"jax.{name}", x, size=n, box=box, antialias=antialias, layout="X")
        far = [np.abs((np.arange(b) + 0.5 - float(t)) / float(s)) for b, t, s in zip(n, translate, scale)]
        if any(np.min(np.abs(np.concatenate([f, f - length]))) < 1e-4 for f, length in zip(far, m)):
            continue  # an output just at an end of the image
        assert close(got, wanted, x, 16 * max(m)), (m, n, antialias, scale, translate)
        done.append((m, n))
    covered(f"jax.{name}", done)
