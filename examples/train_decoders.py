"""Trains three small autoencoders that differ only in how they upsample, on photographs, and shows what each decoder leaves in a picture.

python examples/train_decoders.py [--out FOLDER] [--epochs 40] [--crops 1600] [--seed 0]

Needs scikit-image for its photographs (all free of rights: NASA, SpaceX and CC0). Minutes on two cores. FOLDER (default `decoders`) gets
decoders.npz, the weights as float16 (those that upreg.networks.trained_autoencoder reads were made by this program), and decoders.png:
a photograph that was not trained on, through each network.
"""

import argparse
from pathlib import Path

import numpy as np

import upreg
from upreg import demo, images

SIZE = 64
PHOTOS = ("astronaut", "chelsea", "coffee", "rocket")


def crops(count, seed):
    """Random SIZE x SIZE crops of the photographs at full and half size, mirrored or not: (count, 3, SIZE, SIZE), 0 to 1."""
    from skimage import data

    sources = []
    for name in PHOTOS:
        photo = np.ascontiguousarray(getattr(data, name)().transpose(2, 0, 1), np.float32) / np.float32(255)
        sources += [photo, upreg.run("avg_pool", photo[None], kernel=2)[0]]
    rng = np.random.default_rng(seed)
    out = np.empty((count, 3, SIZE, SIZE), np.float32)
    for i, target in enumerate(out):
        photo = sources[i % len(sources)]
        y, x = (rng.integers(n - SIZE + 1) for n in photo.shape[1:])
        crop = photo[:, y : y + SIZE, x : x + SIZE]
        target[:] = crop[:, :, ::-1] if rng.integers(2) else crop
    return out


def train(up, x, epochs, seed):
    """A network with this upsampler, its rate lowered for the last quarter of the epochs; prints what it reaches."""
    g = upreg.networks.autoencoder(3, **upreg.networks.TRAINED[up]).init("he", seed=seed)
    late = max(1, epochs // 4)
    for rate, part in ((2e-3, epochs - late), (3e-4, late)):
        history = upreg.train.fit(g, x, x, optimizer=upreg.train.Adam(rate), epochs=part, batch_size=32, seed=seed)
    print(f"{up:12} {sum(a.size for a in g.weights.values()):7,} weights, mean squared error {history[-1]:.5f}", flush=True)
    return g


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("decoders"))
    parser.add_argument("--epochs", type=int, default=40)
    parser.add_argument("--crops", type=int, default=1600)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    x = crops(options.crops, options.seed)
    trained = {up: train(up, x, options.epochs, options.seed) for up in upreg.networks.TRAINED}
    weights = {f"{up}/{name}": array.astype(np.float16) for up, g in trained.items() for name, array in g.weights.items()}
    np.savez_compressed(options.out / "decoders.npz", **weights)
    found = demo.trained_sheet(images.sample_photo((384, 448)).pixels, trained, options.out / "decoders.png")
    for label, (db, share) in found.items():
        print(f"{label:12} PSNR {db:.1f} dB; of the sky's error {share:.1%} repeats every 8 pixels")


if __name__ == "__main__":
    main()
