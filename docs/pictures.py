"""Draws the pictures of the README again: docs/pictures/*."""

from pathlib import Path

import numpy as np
from PIL import Image

import upreg
from upreg import demo, images, networks, render
from upreg.artifacts import overlap_of_layers

FOLDER = Path(__file__).parent / "pictures"


def method_pictures():
    """For every upsampling method a small picture: a part of the photograph enlarged by 4, and what it makes of a single pixel of 1."""
    photo = images.sample_photo((384, 448)).pixels[:, 100:268, 108:276]
    pixel = np.zeros((1, 1, 11, 11), np.float32)
    pixel[0, 0, 5, 5] = 1
    for name in demo.upsampling_names():
        enlarged, answer = (demo.restorer(name, x, indices)() for x, indices in (pooled(photo), (pixel, corners(pixel.shape))))
        answer = answer[0] / np.abs(answer).max()
        grey = np.stack([np.clip(1 + answer, 0, 1), 1 - np.abs(answer), np.clip(1 - answer, 0, 1)])  # white 0, red below, blue above
        side = enlarged.shape[1]
        large = np.asarray(Image.fromarray(bytes_of(grey)).resize((side, side), Image.Resampling.NEAREST)) / 255
        both = np.concatenate([enlarged.transpose(1, 2, 0), np.ones((side, 8, 3)), large], axis=1)
        Image.fromarray(bytes_of(both.transpose(2, 0, 1))).save(FOLDER / "methods" / f"{name}.jpg", quality=85)


def pooled(photo):
    """Max-pooled by 4, with the places of the maxima."""
    return upreg.run("max_pool", photo[None], kernel=demo.FACTOR, return_indices=True)


def corners(shape):
    """For unpooling: every value in the corner of its cell."""
    n, c, h, w = shape
    return np.broadcast_to(demo.FACTOR * (np.arange(h)[:, None] * demo.FACTOR * w + np.arange(w)), shape).astype(np.int64)


def bytes_of(picture):
    return np.clip(np.rint(255 * picture), 0, 255).astype(np.uint8).transpose(1, 2, 0)


def main():
    (FOLDER / "methods").mkdir(exist_ok=True)
    method_pictures()
    render.DPI = 90
    photo = images.sample_photo((384, 448)).pixels
    render.contact_sheet(demo.restorations(photo, demo.upsampling_names()), FOLDER / "restored.png", columns=6)
    overlap_of_layers([(3, 2)] * 2, size=6, dims=2).save(FOLDER / "overlap.png")
    decoded = {label: demo.decode(photo[:, :384], count) for label, count in demo.DECODERS.items()}
    render.artifacts(decoded, FOLDER / "artifacts.png", zoom=demo.ZOOM)
    demo.trained_sheet(photo, {up: networks.trained_autoencoder(up) for up in networks.TRAINED}, FOLDER / "trained.png")
    for name in ("overlap.png", "artifacts.png"):
        Image.open(FOLDER / name).convert("RGB").quantize(256, dither=Image.Dither.NONE).save(FOLDER / name, optimize=True)
    for name in ("restored.png", "trained.png"):
        Image.open(FOLDER / name).convert("RGB").save((FOLDER / name).with_suffix(".jpg"), quality=85)
        (FOLDER / name).unlink()


if __name__ == "__main__":
    main()
