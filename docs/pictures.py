"""Draws the pictures of the README again: docs/pictures/*."""

from pathlib import Path

from PIL import Image

from upreg import demo, images, networks, render
from upreg.artifacts import overlap_of_layers

FOLDER = Path(__file__).parent / "pictures"


def main():
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
