"""Pictures in files, and resizing them: orientation, alpha, bits, light."""
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

import upreg
from upreg import images, png16

RNG = np.random.default_rng(0)
RGB = RNG.integers(0, 256, (6, 9, 3)).astype(np.uint8)


def save(path, array, mode=None, **options):
    image = Image.fromarray(array)
    (image.convert(mode) if mode else image).save(path, **options)
    return path


def as_uint8(picture):
    return np.rint(picture.pixels * 255).astype(np.uint8).transpose(1, 2, 0)


# ---- files ----


@pytest.mark.parametrize("channels, mode", [(1, "L"), (2, "LA"), (3, "RGB"), (4, "RGBA")])
def test_8_bits_there_and_back(tmp_path, channels, mode):
    pixels = RNG.integers(0, 256, (5, 7, channels)).astype(np.uint8)
    picture = images.read(save(tmp_path / "a.png", pixels[:, :, 0] if channels == 1 else pixels))
    assert picture.mode == mode and picture.size == (7, 5) and picture.bits == 8
    assert np.array_equal(as_uint8(picture), pixels)
    images.write(tmp_path / "b.png", picture)
    assert np.array_equal(as_uint8(images.read(tmp_path / "b.png")), pixels)


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_16_bits_there_and_back(tmp_path, channels):
    pixels = RNG.integers(0, 65536, (8, 5, channels)).astype(np.uint16)
    png16.write(tmp_path / "a.png", pixels)
    picture = images.read(tmp_path / "a.png")
    assert picture.bits == 16 and picture.pixels.dtype == np.float32
    images.write(tmp_path / "b.png", picture)
    assert np.array_equal(png16.read(tmp_path / "b.png")[0], pixels)
    with Image.open(tmp_path / "b.png") as image:  # a whole PNG in the eyes of another reader
        image.load()
        assert image.size == (5, 8)


def test_16_bit_grey_as_pillow_writes_it(tmp_path):
    grey = (np.add.outer(np.arange(40) * 700, np.arange(60) * 500) % 65536).astype(np.uint16)  # smooth: all row filters occur
    Image.fromarray(grey).save(tmp_path / "g.png")
    assert np.array_equal(png16.read(tmp_path / "g.png")[0][:, :, 0], grey)


@pytest.mark.parametrize("kind", range(5))
def test_row_filters(kind):
    """Each PNG filter, applied here byte by byte as its specification says, is undone."""
    raw = RNG.integers(0, 256, (4, 6, 6)).astype(int)
    padded = np.zeros((5, 7, 6), int)
    padded[1:, 1:] = raw
    left, up, corner = padded[1:, :-1], padded[:-1, 1:], padded[:-1, :-1]
    guess = left + up - corner
    distance = np.abs(np.stack([left, up, corner]) - guess)
    paeth = np.choose(np.argmin(distance, axis=0), [left, up, corner])
    filtered = (raw - [np.zeros_like(raw), left, up, (left + up) // 2, paeth][kind]) % 256
    assert np.array_equal(png16._unfilter(np.full(4, kind, np.uint8), filtered.astype(np.uint8)), raw)


@pytest.mark.parametrize("height, width", [(11, 13), (1, 1), (3, 2), (8, 8)])
def test_interlaced_16_bits(tmp_path, height, width):
    """A file written here pass by pass, as the PNG specification orders an interlaced picture."""
    pixels = RNG.integers(0, 65536, (height, width, 3)).astype(np.uint16)
    raw = b""
    for y, x, dy, dx in ((0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1)):
        part = pixels[y::dy, x::dx].astype(">u2")
        raw += b"".join(b"\0" + row.tobytes() for row in part) if part.shape[1] else b""
    header = struct.pack(">IIBBBBB", width, height, 16, 2, 0, 0, 1)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(raw)), (b"IEND", b"")]
    data = b"".join(struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in chunks)
    (tmp_path / "i.png").write_bytes(png16.SIGNATURE + data)
    assert np.array_equal(png16.read(tmp_path / "i.png")[0], pixels)
    with Image.open(tmp_path / "i.png") as image:  # the high bytes, as Pillow sees them
        assert np.abs(np.asarray(image).astype(int) - (pixels >> 8)).max() <= 1


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation(tmp_path, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    turned = {1: RGB, 2: RGB[:, ::-1], 3: RGB[::-1, ::-1], 4: RGB[::-1], 5: RGB.swapaxes(0, 1), 6: np.rot90(RGB, -1),
              7: np.rot90(RGB.swapaxes(0, 1), 2), 8: np.rot90(RGB)}[orientation]
    picture = images.read(save(tmp_path / "a.png", RGB, exif=exif))
    assert np.array_equal(as_uint8(picture), turned)
    images.write(tmp_path / "b.png", picture)
    assert np.array_equal(np.asarray(Image.open(tmp_path / "b.png")), turned)
    assert Image.open(tmp_path / "b.png").getexif().get(0x0112) in (None, 1)


def test_palettes_and_one_bit(tmp_path):
    palette = Image.fromarray(RGB).quantize(8)
    palette.save(tmp_path / "p.png")
    assert np.array_equal(as_uint8(images.read(tmp_path / "p.png")), np.asarray(palette.convert("RGB")))
    palette.save(tmp_path / "t.gif", transparency=0)
    assert images.read(tmp_path / "t.gif").mode == "RGBA"
    Image.fromarray(RGB[:, :, 0] > 99).save(tmp_path / "1.png")
    assert set(np.unique(images.read(tmp_path / "1.png").pixels)) <= {0.0, 1.0}
    Image.fromarray(RGB).convert("CMYK").save(tmp_path / "c.jpg")
    assert images.read(tmp_path / "c.jpg").mode == "RGB"


def test_bad_files(tmp_path):
    (tmp_path / "text.png").write_text("no picture")
    with pytest.raises(upreg.DataError, match="text.png"):
        images.read(tmp_path / "text.png")
    whole = save(tmp_path / "a.png", RNG.integers(0, 256, (64, 64, 3)).astype(np.uint8)).read_bytes()
    (tmp_path / "half.png").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(upreg.DataError, match="half.png"):
        images.read(tmp_path / "half.png")
    png16.write(tmp_path / "b.png", RNG.integers(0, 65536, (64, 64, 3)).astype(np.uint16))
    deep = (tmp_path / "b.png").read_bytes()
    for cut in range(0, len(deep), 1999):
        (tmp_path / "cut.png").write_bytes(deep[:cut])
        with pytest.raises(upreg.DataError):
            images.read(tmp_path / "cut.png")
    with pytest.raises(FileNotFoundError):
        images.read(tmp_path / "none.png")
    with pytest.raises(upreg.DataError, match="transparency"):
        images.write(tmp_path / "a.jpg", np.zeros((4, 2, 2)))
    with pytest.raises(upreg.DataError, match="extension"):
        images.write(tmp_path / "a.what", np.zeros((3, 2, 2)))
    for bad in (np.zeros((5, 2, 2)), np.zeros(3), np.zeros((3, 0, 2))):
        with pytest.raises(upreg.ShapeError):
            images.write(tmp_path / "a.png", bad)
    with pytest.raises(upreg.DTypeError):
        images.write(tmp_path / "a.png", np.zeros((3, 2, 2), np.int64))


def test_colour_profiles_are_kept(tmp_path):
    from PIL import ImageCms

    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    images.write(tmp_path / "b.png", images.read(save(tmp_path / "a.png", RGB, icc_profile=profile)))
    assert Image.open(tmp_path / "b.png").info["icc_profile"] == profile
    png16.write(tmp_path / "c.png", np.zeros((3, 3, 3), np.uint16), profile)
    assert images.read(tmp_path / "c.png").icc == profile


# ---- light and alpha ----


def test_linear_light_there_and_back():
    v = np.linspace(0, 1, 4096, dtype=np.float32)
    assert np.abs(images.from_linear(images.to_linear(v)) - v).max() < 1e-6
    assert images.to_linear(np.float64(0.5)) == pytest.approx(0.21404114, abs=1e-8)
    assert images.to_linear(np.float64(0.04)) == pytest.approx(0.04 / 12.92)


def test_linear_light_matters():
    half = images.Picture(np.tile(np.float32([0, 1]), (1, 4, 4)), 16)
    plain, light = (images.resize(half, "bilinear", size=(1, 1), linear_light=on).pixels.ravel()[0] for on in (False, True))
    assert plain == pytest.approx(0.5, abs=1e-3) and light == pytest.approx(0.735, abs=1e-3)


def test_what_is_transparent_does_not_bleed():
    pixels = np.zeros((4, 4, 4), np.float32)
    pixels[:, :, :2] = np.float32([1, 0, 0, 1])[:, None, None]  # left: opaque red
    pixels[:3, :, 2:] = np.float32([0, 1, 0])[:, None, None]  # right: invisible green
    resized = images.resize(images.Picture(pixels), "bilinear", scale=2).pixels
    seen = resized[3] > 0
    assert resized[0][seen].min() > 0.999 and resized[1].max() < 1e-6
    assert 0 < resized[3][0, 4] < 1


def test_premultiply_there_and_back():
    pixels = RNG.random((4, 5, 6)).astype(np.float32)
    pixels[3, 0, 0] = 0
    back = images.unpremultiply(images.premultiply(pixels))
    assert np.allclose(back[:, 1:], pixels[:, 1:], atol=1e-6) and (back[:3, 0, 0] == 0).all()


# ---- resizing ----


@pytest.mark.parametrize("method", ["nearest", "nearest_exact", "bilinear", "bicubic", "linear", "cubic"])
def test_resizing_is_the_method(method):
    picture = images.Picture(RNG.random((3, 6, 8)).astype(np.float32), 16)
    wanted = upreg.run(method, picture.pixels[None], size=[9, 13])[0]
    assert np.array_equal(images.resize(picture, method, size=(13, 9)).pixels, np.clip(wanted, 0, 1))
    plain = images.Picture(RGB.transpose(2, 0, 1) / np.float32(255))
    wanted = upreg.run(method, np.ascontiguousarray(RGB.transpose(2, 0, 1))[None], scale=2)[0]
    assert np.array_equal(np.rint(images.resize(plain, method, scale=2).pixels * 255), wanted)


def test_antialias_when_smaller():
    assert "antialias=true" in repr(images.resizer("bilinear", (8, 8), scale=0.5))
    assert "antialias" not in repr(images.resizer("bilinear", (8, 8), scale=2))
    assert "antialias" not in repr(images.resizer("bilinear:antialias=false", (8, 8), scale=0.5))
    assert "antialias" not in repr(images.resizer("nearest", (8, 8), scale=0.5))


def test_size_and_scale():
    assert images.resizer("bicubic:a=-0.5", (10, 20), scale=(2, 3)).infer((1, 20, 10)) == (1, 60, 20)
    assert images.resizer("bilinear", (10, 20), size=(5, 7)).infer((1, 20, 10)) == (1, 7, 5)
    assert images.resizer("bed_of_nails", (10, 20), size=(20, 60)).infer((1, 20, 10)) == (1, 60, 20)


@pytest.mark.parametrize("arguments, error, text", [
    (("conv", (4, 4), None, 2), upreg.ParameterError, "bilinear"), (("bilinear", (4, 4)), upreg.ParameterError, "exactly one"),
    (("bilinear", (4, 4), (0, 4)), upreg.ParameterError, "size"), (("bilinear", (4, 4), None, -1), upreg.ParameterError, "scale"),
    (("bilinear", (4, 4), None, float("nan")), upreg.ParameterError, "scale"), (("bilinearr", (4, 4), None, 2), upreg.UnknownMethodError, "bilinear"),
    (("bilinear:b=3", (4, 4), None, 2), upreg.ParameterError, "'b'"), (("bed_of_nails", (4, 4), None, 1.5), upreg.ParameterError, "scale"),
    (("bilinear", (4, 4), (1, 2, 3)), upreg.ParameterError, "size"),
])  # fmt: skip
def test_bad_resizes(arguments, error, text):
    with pytest.raises(error, match=text):
        images.resizer(*arguments)


def test_resize_picture(tmp_path):
    sizes = images.resize_picture(save(tmp_path / "a.png", RGB), tmp_path / "new" / "b.png", "nearest", scale=3)
    assert sizes == ((9, 6), (27, 18))
    assert np.array_equal(np.asarray(Image.open(tmp_path / "new" / "b.png")), RGB.repeat(3, 0).repeat(3, 1))


def test_sample_photo():
    assert images.sample_photo().size == (512, 600)
    assert images.sample_photo((64, 48)).pixels.shape == (3, 48, 64)
    with pytest.raises(upreg.ParameterError):
        images.sample_photo((5000, 5000))
