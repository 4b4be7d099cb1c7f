"""Draws the pictures of the README again: docs/pictures/*."""

from pathlib import Path

from PIL import Image

from upreg import demo, images, render
from upreg.artifacts import overlap_of_layers

FOLDER = Path(__file__).parent / "pictures"


def main():
    render.DPI = 90
    photo = images.sample_photo((384, 448)).pixels
    sheet = FOLDER / "restored.png"
    render.contact_sheet(demo.restorations(photo, demo.upsampling_names()), sheet, columns=6)
    Image.open(sheet).convert("RGB").save(sheet.with_suffix(".jpg"), quality=85)
    sheet.unlink()
    overlap_of_layers([(3, 2)] * 2, size=6, dims=2).save(FOLDER / "overlap.png")
    decoded = {label: demo.decode(photo[:, :384], count) for label, count in demo.DECODERS.items()}
    render.artifacts(decoded, FOLDER / "artifacts.png", zoom=demo.ZOOM)
    for name in ("overlap.png", "artifacts.png"):
        Image.open(FOLDER / name).convert("RGB").quantize(256, dither=Image.Dither.NONE).save(FOLDER / name, optimize=True)


if __name__ == "__main__":
    main()
