"""Pictures: files in and out, and resizing that treats alpha, light and orientation right.

A `Picture` holds float32 samples from 0 to 1, channels first (C, H, W), alpha straight and last. Files go through Pillow, except colour PNGs with
16 bits per channel.
"""

from __future__ import annotations

import contextlib
import math
import os
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from upreg import png16, registry
from upreg.errors import DataError, DTypeError, ParameterError, ShapeError

MODES = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}
WITHOUT_ALPHA = {".jpg", ".jpeg", ".jpe", ".bmp", ".ppm", ".pgm"}
WITH_16_BITS = {".png"}


@dataclass(frozen=True)
class Picture:
    """A picture in memory. pixels: float32 (C, H, W), 0 to 1, C = 1 grey, 2 grey + alpha, 3 RGB, 4 RGBA. bits: 8 or 16 of the file."""

    pixels: np.ndarray
    bits: int = 8
    icc: bytes | None = None

    @property
    def mode(self):
        """L, LA, RGB or RGBA."""
        return MODES[len(self.pixels)]

    @property
    def has_alpha(self):
        """Whether the last channel is alpha."""
        return len(self.pixels) in (2, 4)

    @property
    def size(self):
        """(width, height)."""
        return self.pixels.shape[2], self.pixels.shape[1]

    def __repr__(self):
        return f"<Picture {self.size[0]}x{self.size[1]} {self.mode} {self.bits} bits>"


# ---- files ----


def read(path):
    """Reads a picture file -> Picture. The EXIF orientation is applied; palettes become RGB(A); the first frame of several is taken.

    DataError when the file is damaged or no picture; OSError when it cannot be opened.
    """
    path = Path(path)
    if png16.is_png16(path):
        return _of_png16(*png16.read(path))
    from PIL import ImageOps

    with _opened(path) as image:
        icc = image.info.get("icc_profile")
        pixels, bits = _samples(ImageOps.exif_transpose(image))
    return Picture(pixels, bits, icc)


@contextlib.contextmanager
def _opened(path):
    """A picture file, opened by Pillow; what is wrong with it is a DataError."""
    from PIL import Image

    try:
        with Image.open(path) as image:
            yield image
    except (Image.UnidentifiedImageError, Image.DecompressionBombError, SyntaxError, EOFError) as error:
        raise DataError(f"{path}: {_reason(error, path)}") from None
    except OSError as error:
        if error.errno is not None:
            raise
        raise DataError(f"{path}: the picture is damaged: {error}") from None


def _reason(error, path):
    return "not a picture that Pillow can read" if str(path) in str(error) or not str(error) else str(error).lower()


def _of_png16(pixels, extra):
    if extra["transparent"] is not None and pixels.shape[2] in (1, 3):
        alpha = np.where((pixels == extra["transparent"][: pixels.shape[2]]).all(axis=2), 0, 65535).astype(np.uint16)
        pixels = np.concatenate([pixels, alpha[:, :, None]], axis=2)
    return Picture(_channels_first(pixels / np.float32(65535)), 16, extra["icc"])


def _samples(image):
    """(float32 (C, H, W), bits) of a Pillow image."""
    if image.mode.startswith("I;16") or image.mode == "I":
        return _channels_first(np.clip(np.asarray(image.convert("I")), 0, 65535).astype(np.float32) / 65535), 16
    if image.mode == "F":
        return _channels_first(np.nan_to_num(np.asarray(image, np.float32))), 16
    if "transparency" in image.info:
        image = image.convert("LA" if image.mode in ("1", "L") else "RGBA")
    elif image.mode in ("La", "RGBa"):
        image = image.convert("LA" if image.mode == "La" else "RGBA")
    elif image.mode == "1":
        image = image.convert("L")
    elif image.mode not in MODES.values():
        image = image.convert("RGBA" if image.mode in ("PA",) else "RGB")
    return _channels_first(np.asarray(image).astype(np.float32) / 255), 8


def _channels_first(pixels):
    pixels = np.asarray(pixels, np.float32)
    return np.ascontiguousarray((pixels[:, :, None] if pixels.ndim == 2 else pixels).transpose(2, 0, 1))


def write(path, picture):
    """Writes a Picture, or an array of 0 to 1 (float) or of uint8 (C, H, W) or (H, W); the suffix says the format.

    Samples are clipped to 0..1 and rounded half up. DataError when the format cannot hold the picture (alpha in a JPEG).
    """
    from PIL import Image

    path = Path(path)
    picture = picture if isinstance(picture, Picture) else Picture(_as_pixels(picture))
    suffix = path.suffix.lower()
    if picture.has_alpha and suffix in WITHOUT_ALPHA:
        raise DataError(f"{path}: {suffix[1:].upper()} files have no transparency; allowed: .png, .webp or .tif for this picture")
    if picture.bits == 16 and suffix in WITH_16_BITS:
        png16.write(path, _quantise(picture.pixels, 65535, np.uint16), picture.icc)
        return
    pixels = _quantise(picture.pixels, 255, np.uint8)
    image = Image.fromarray(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels)
    options = {"quality": 95} if suffix in (".jpg", ".jpeg", ".webp") else {}
    if picture.icc:
        options["icc_profile"] = picture.icc
    try:
        image.save(path, **options)
    except (ValueError, KeyError) as error:
        raise DataError(f"{path}: cannot be written: {error}") from None


def _quantise(pixels, top, dtype):
    """0..1 (C, H, W) -> 0..top (H, W, C), rounded half up; NaN becomes 0."""
    scaled = np.nan_to_num(pixels.astype(np.float64), posinf=1, neginf=0) * top
    return np.ascontiguousarray(np.clip(np.floor(scaled + 0.5), 0, top).astype(dtype).transpose(1, 2, 0))


def _as_pixels(array):
    """An array (C, H, W), (1, C, H, W) or (H, W), uint8 or float, as float32 (C, H, W)."""
    array = np.asarray(array)
    if array.ndim == 4 and len(array) == 1:
        array = array[0]
    array = array[None] if array.ndim == 2 else array
    if array.ndim != 3 or not 1 <= len(array) <= 4 or 0 in array.shape:
        raise ShapeError(f"a picture has the shape (H, W) or (C, H, W) with 1 to 4 channels, got {array.shape}")
    if array.dtype == np.uint8:
        return array.astype(np.float32) / 255
    if array.dtype == np.uint16:
        return array.astype(np.float32) / 65535
    if array.dtype.kind != "f":
        raise DTypeError(f"a picture is uint8, uint16, or floating point from 0 to 1, got {array.dtype}")
    return array.astype(np.float32)


def samples(path):
    """The samples of a file as they are: uint8 (H, W) or (H, W, C) of a picture of 8 bits, or the array of an .npy file.

    DataError when the file is damaged, no picture, or has more than 8 bits; OSError when it cannot be opened.
    """
    path = Path(path)
    if path.suffix == ".npy":
        try:
            return np.load(path, allow_pickle=False)
        except ValueError as error:
            raise DataError(f"{path}: not an array: {error}") from None
    if png16.is_png16(path):
        raise DataError(f"{path}: a picture of 16 bits a sample; allowed: 8 bits")
    with _opened(path) as image:
        if image.mode == "P":
            image = image.convert("RGBA" if "transparency" in image.info else "RGB")
        if image.mode not in ("L", "LA", "RGB", "RGBA", "CMYK"):
            raise DataError(f"{path}: a picture of mode {image.mode}; allowed: 8 bits a sample")
        return np.array(image)


def sample_photo(size=None):
    """A photograph in the public domain (Grace Hopper, James S. Davis, 1984; it comes with matplotlib) as a Picture, 512 x 600 RGB.

    size: (width, height) to cut out of the middle, or None for all of it.
    """
    from matplotlib.cbook import get_sample_data

    picture = read(get_sample_data("grace_hopper.jpg", asfileobj=False))
    if size is None:
        return picture
    width, height = picture.size
    x, y = (width - size[0]) // 2, max(0, (height - size[1]) // 4)  # the face is above the middle
    if min(size) < 1 or x < 0 or y + size[1] > height:
        raise ParameterError(f"sample_photo: size = {size} is not allowed; allowed: up to {picture.size}")
    return replace(picture, pixels=np.ascontiguousarray(picture.pixels[:, y : y + size[1], x : x + size[0]]))


# ---- light and alpha ----


def to_linear(values):
    """sRGB samples (0 to 1) -> linear light (IEC 61966-2-1)."""
    v = np.asarray(values)
    return np.where(v <= 0.04045, v / 12.92, ((np.maximum(v, 0.04045) + 0.055) / 1.055) ** 2.4).astype(v.dtype)


def from_linear(values):
    """Linear light -> sRGB samples (0 to 1)."""
    v = np.asarray(values)
    return np.where(v <= 0.0031308, v * 12.92, 1.055 * np.maximum(v, 0.0031308) ** (1 / 2.4) - 0.055).astype(v.dtype)


def premultiply(pixels):
    """(C, H, W) with alpha last: colours times alpha, so that what is transparent has no colour to bleed."""
    return np.concatenate([pixels[:-1] * pixels[-1:], pixels[-1:]])


def unpremultiply(pixels):
    """The reverse; colours where alpha is 0 become 0."""
    alpha = np.clip(pixels[-1:], 0, 1)
    return np.concatenate([np.divide(pixels[:-1], alpha, out=np.zeros_like(pixels[:-1]), where=alpha > 0), alpha])


# ---- resizing ----


def resize(picture, method="bilinear", size=None, scale=None, linear_light=False):
    """A Picture in another size.

    method: name or text form of a method with one input and a `size` or `scale` ("bicubic", "bicubic:a=-0.5"). size: (width, height) in pixels;
    scale: a number, or (x, y); exactly one of them. linear_light: resample light intensities instead of sRGB samples. Alpha is premultiplied
    while resampling. Where the picture gets smaller and the method has `antialias`, it is on unless the method's text says otherwise.
    Plain 8-bit pictures are resampled in uint8 by methods that have it.
    """
    m = resizer(method, picture.size, size, scale)
    plain = picture.bits == 8 and not picture.has_alpha and not linear_light and "uint8" in m.info["dtypes"]
    if plain:
        y = m(_quantise(picture.pixels, 255, np.uint8).transpose(2, 0, 1))
        return replace(picture, pixels=y.astype(np.float32) / 255)
    pixels = picture.pixels
    colours = len(pixels) - picture.has_alpha
    if linear_light:
        pixels = np.concatenate([to_linear(pixels[:colours]), pixels[colours:]])
    pixels = unpremultiply(m(premultiply(pixels))) if picture.has_alpha else m(pixels)
    if linear_light:
        pixels = np.concatenate([from_linear(pixels[:colours]), pixels[colours:]])
    return replace(picture, pixels=np.clip(pixels, 0, 1))


def resizer(method, old, size=None, scale=None):
    """The method with its size: `old` and `size` are (width, height); the returned method takes (C, H, W)."""
    if (size is None) == (scale is None):
        raise ParameterError("resize: exactly one of size and scale must be given")
    name, _, given = method.partition(":")
    info = registry.describe(name.strip())
    params = {p["name"]: p for p in info["params"]}
    if len(info["inputs"]) != 1 or not {"size", "scale"} & set(params):
        usable = [n for n in registry.methods() if is_resizer(registry.describe(n))]
        raise ParameterError(f"resize: '{name}' does not resize pictures by itself; allowed: {', '.join(usable)}")
    if scale is not None:
        factors = _pair(scale, "scale", float)
    else:
        size = _pair(size, "size", int)
        factors = (size[0] / old[0], size[1] / old[1])
    if any(not math.isfinite(f) or f <= 0 for f in factors):
        asked = f"scale = {scale!r}" if scale is not None else f"size = {size}"
        raise ParameterError(f"resize: {asked} is not allowed; allowed: numbers above 0")
    items = {"layout": "CX"}
    if scale is not None and "scale" in params:
        items["scale"] = [int(f) if params["scale"]["kind"] == "ints" and f == int(f) else f for f in factors[::-1]]
    elif "size" in params:
        size = size if size is not None else [max(1, math.floor(n * f)) for n, f in zip(old, factors)]
        items["size"] = list(size)[::-1]
    else:
        items["scale"] = [int(f) if f == int(f) else f for f in factors[::-1]]
    if "antialias" in params and min(factors) < 1 and "antialias" not in given:
        items["antialias"] = True
    text = ",".join(([given] if given else []) + [f"{k}={registry.value_text(v)}" for k, v in items.items()])
    return registry.from_config(f"{name.strip()}:{text}")


def is_resizer(info):
    """Whether a described method resizes pictures by itself: one input, keeps the channels, takes a size or a scale."""
    return info["family"] == "resample" and len(info["inputs"]) == 1 and "gradient" not in info["flags"] and info["rank"] in (None, 2)


def _pair(value, name, kind):
    try:
        pair = (value, value) if np.ndim(value) == 0 else tuple(value)
        x, y = (kind(v) for v in pair)
    except (TypeError, ValueError, OverflowError):
        raise ParameterError(f"resize: {name} = {value!r} is not allowed; allowed: one number, or one for the width and one for the height") from None
    return x, y


def resize_picture(path_in, path_out, method="bilinear", size=None, scale=None, linear_light=False):
    """Reads, resizes and writes one picture; returns (old size, new size), each (width, height). See `resize`."""
    picture = read(path_in)
    resized = resize(picture, method, size, scale, linear_light)
    os.makedirs(os.path.dirname(os.path.abspath(path_out)), exist_ok=True)
    write(path_out, resized)
    return picture.size, resized.size
