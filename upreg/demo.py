"""The demonstration: one real photograph, every upsampling method, and the artifacts of the stacks that use them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

import upreg
from upreg import artifacts, images, networks, render
from upreg.errors import UpregError
from upreg.initialise import bilinear_kernel
from upreg.timing import best_time

FACTOR = 4
SEED = 7
CODE_CHANNELS = 24
DECODERS = {"last two layers transposed": 2, "last layer transposed": 1, "resize-convolution only": 0}
ZOOM = (160, 168, 48)  # y, x, size: the cheek
SKY = (80, 328, 48)  # smooth: what is seen there is the decoder's


def run(out, quiet=False):
    """Writes the pictures to the folder `out` with a progress bar; returns their paths."""
    from tqdm import tqdm

    out = Path(out)
    out.mkdir(parents=True, exist_ok=True)
    photo = images.sample_photo((384, 448)).pixels
    ways = upsampling_names()
    stacks = [(layers, dims) for layers in (1, 2, 3) for dims in (1, 2)]
    written = []
    with tqdm(total=len(ways) + 1 + 2 + len(stacks) + 5, desc="demo", unit="step", ncols=80, disable=quiet or None) as bar:

        def step(what):
            bar.set_description_str(f"demo: {what:.28}")
            bar.update()

        sheet = restorations(photo, ways, step)
        written.append(
            render.contact_sheet(
                sheet,
                out / "restored.png",
                columns=6,
                title=f"A photograph max-pooled by {FACTOR} and restored by every registered upsampling method",
            )
        )
        step("contact sheet")
        for dims in (1, 2):
            written.append(render.overlap_grid(path=out / f"overlap_grid_{dims}d.png", dims=dims))
            step(f"overlap grid {dims}-D")
        for layers, dims in stacks:
            o = artifacts.overlap_of_layers([(3, 2)] * layers, size={1: 8, 2: 5, 3: 6}[layers], dims=dims)
            name = f"overlap_{layers}_layer{'s' * (layers > 1)}_{dims}d.png"
            written.append(render.overlap(o, out / name))
            step(f"overlap, {layers} layers, {dims}-D")
        decoded = {}
        for label, count in DECODERS.items():
            decoded[label] = decode(photo[:, :384], count)
            step("decoder")
        written.append(render.artifacts(decoded, out / "artifacts.png", zoom=ZOOM))
        step("artifact pictures")
        trained_sheet(photo, {up: networks.trained_autoencoder(up) for up in networks.TRAINED}, out / "trained.png")
        written.append(out / "trained.png")
        step("trained decoders")
    return written


# ---- every method by name ----


def upsampling_names():
    """Names of the registered methods that make a map larger; libraries' names for them are left out."""
    found = {name: upreg.describe(name) for name in upreg.methods()}
    return [
        name
        for name, info in found.items()
        if "upsamples" in info["flags"] and "gradient" not in info["flags"] and not info["peer"] and name not in SMALLER
    ]


def restorations(photo, names, step=lambda what: None):
    """{label: (picture, caption)}: the photograph, the pooled one, and what each method makes of it."""
    pooled, indices = upreg.run("max_pool", photo[None], kernel=FACTOR, return_indices=True)
    sheet = {
        "the photograph": (photo, f"{photo.shape[2]} x {photo.shape[1]} pixels"),
        "max_pool": (pooled[0], f"{pooled.shape[3]} x {pooled.shape[2]} pixels, enlarged here"),
    }
    for name in names:
        step(name)
        try:
            restore = restorer(name, pooled, indices)
            y = restore()
        except UpregError as error:  # a plugin's method that needs more than this
            sheet[name] = (np.full_like(photo, 0.92), f"not shown: {str(error)[:40]}")
            continue
        seconds = best_time(restore)
        sheet[name] = (y, f"PSNR {psnr(y, photo):.1f} dB  ·  {1e3 * seconds:.2f} ms\n{note(name)}".rstrip())
    return sheet


def note(name):
    """How a method was put to use on a picture, where that is not plain."""
    info = upreg.describe(name)
    notes = {1: ["rows, then columns"], 3: ["a volume of one slice"]}.get(info["rank"], [])
    if any(p["role"] == "param" for p in info["inputs"]):
        notes.append("bilinear weights")
    if any(p["dtype"] == "i64" for p in info["inputs"]):
        notes.append("indices from max_pool")
    if info["family"] == "rearrange":
        notes.append(f"every channel {FACTOR**2} times")
    return ", ".join(notes)


def psnr(y, wanted):
    """Peak signal-to-noise ratio in dB of pictures from 0 to 1."""
    error = float(np.mean((np.asarray(y, np.float64) - wanted) ** 2))
    return float("inf") if error == 0 else -10 * np.log10(error)


def restorer(name, pooled, indices):
    """A function without arguments that upsamples `pooled` (1, C, H, W) by FACTOR with a method of that name and returns (C, H', W')."""
    info = upreg.describe(name)
    params = {p["name"] for p in info["params"]}
    rank = info["rank"] or 2
    if name in SPECIAL:
        return SPECIAL[name](pooled)
    if any(port["dtype"] == "i64" for port in info["inputs"]):
        method = upreg.get(name, kernel=FACTOR)
        return lambda: method(pooled, indices)[0]
    if any(port["role"] == "param" and not port["optional"] for port in info["inputs"]):
        return _by_weights(name, pooled, rank)
    if "size" in params:
        height, width = pooled.shape[2] * FACTOR, pooled.shape[3] * FACTOR
        return _by_axes(upreg.get(name, size={1: width, 2: [height, width], 3: [1, height, width]}[rank]), pooled, rank)
    method = upreg.get(name, scale=FACTOR)
    # pixels out of channels: as a convolution before it would have made them
    repeated = np.tile(pooled, (1, FACTOR**2, 1, 1)) if method.params.get("order") == "dcr" else np.repeat(pooled, FACTOR**2, axis=1)
    x = repeated if info["family"] == "rearrange" else pooled
    return lambda: method(x)[0]


SMALLER = {"downsample2d", "filter2d", "pyr_down"}  # presets of a method that can enlarge, which do not
TENT = [1 - abs(i) / FACTOR for i in range(1 - FACTOR, FACTOR)]


def _rows_and_columns(name, **params):
    """A 1-D method along the rows, then along the columns."""

    def along(x):
        return upreg.run(name, x.reshape(-1, 1, x.shape[-1]), **params).reshape(*x.shape[:-1], -1)

    return lambda x: lambda: along(along(x).swapaxes(2, 3).copy()).swapaxes(2, 3)[0]


def _twice(name):
    """A method that doubles the size, twice."""
    return lambda x: lambda: upreg.run(name, upreg.run(name, x))[0]


# Methods that a plain call on a picture does not fit: pooled -> the function.
SPECIAL = {
    "repeat": lambda x: lambda: upreg.run("repeat", upreg.run("repeat", x, repeats=FACTOR, axis=2), repeats=FACTOR, axis=3)[0],
    "batch_to_space": lambda x: lambda: upreg.run("batch_to_space", np.repeat(x, FACTOR**2, axis=0), block=FACTOR)[0],
    "patch_expand": lambda x: (
        lambda: upreg.run("patch_expand", np.tile(x.transpose(0, 2, 3, 1), (1, 1, 1, FACTOR**2)), scale=FACTOR)[0].transpose(2, 0, 1)
    ),
    **{name: lambda x, name=name: lambda: upreg.run(name, x, up=FACTOR, taps=TENT, centre=True)[0] for name in ("upfirdn", "upfirdn2d")},
    "upfirdn1d": _rows_and_columns("upfirdn1d", up=FACTOR, taps=TENT, centre=True),
    "upsample2d": lambda x: lambda: upreg.run("upsample2d", x, up=FACTOR, taps=[t / FACTOR for t in TENT])[0],
    "resample_poly": lambda x: lambda: upreg.run("resample_poly", x, up=FACTOR)[0],
    "pyr_up": _twice("pyr_up"),
    "laplacian_expand": _twice("laplacian_expand"),
    "half_band": _twice("half_band"),
    "nearest_unpool": lambda x: lambda: upreg.run("nearest_unpool", x, kernel=FACTOR)[0],
    "avg_unpool": lambda x: lambda: upreg.run("avg_unpool", x * np.float32(FACTOR**2), kernel=FACTOR)[0],  # it spreads: the sum stays
}


def _by_axes(method, pooled, rank):
    """A resampler of any rank on a picture: 1-D along the rows and then the columns, 3-D as a volume of one slice."""
    if rank == 2:
        return lambda: method(pooled)[0]
    if rank == 3:
        return lambda: method(pooled[:, :, None])[0, :, 0]
    raise UpregError(f"{method.name}: no way to resize a picture with a rank {rank} method")


def _by_weights(name, pooled, rank):
    """A transposed convolution of any rank whose kernel is bilinear interpolation, one group per channel."""
    channels, taps = pooled.shape[1], bilinear_kernel(2 * FACTOR).astype(np.float32)
    if rank == 1:
        method = upreg.get(name, stride=FACTOR, padding=FACTOR // 2)
        weight = taps[None, None]

        def along(x):
            return method(x.reshape(-1, 1, x.shape[-1]), weight).reshape(*x.shape[:-1], -1)

        return lambda: np.ascontiguousarray(along(np.ascontiguousarray(along(pooled[0]).swapaxes(1, 2))).swapaxes(1, 2))
    kernel = np.multiply.outer(taps, taps)
    if rank == 3:
        method = upreg.get(name, stride=[1, FACTOR, FACTOR], padding=[0, FACTOR // 2, FACTOR // 2], groups=channels)
        weight = np.broadcast_to(kernel, (channels, 1, 1, *kernel.shape)).copy()
        return lambda: method(pooled[:, :, None], weight)[0, :, 0]
    method = upreg.get(name, stride=FACTOR, padding=FACTOR // 2, groups=channels)
    weight = np.broadcast_to(kernel, (channels, 1, *kernel.shape)).copy()
    return lambda: method(pooled, weight)[0]


# ---- a decoder with random weights ----


def decoder(transposed, shape):
    """A graph of three layers that double the size; the last `transposed` of them transposed convolutions, the rest resize-convolutions."""
    texts = []
    for layer, channels in enumerate((CODE_CHANNELS, CODE_CHANNELS, 3)):
        if layer >= 3 - transposed:
            texts.append(f"conv_transpose:channels={channels},kernel=3,stride=2,padding=1,output_padding=1")
        else:
            texts.append(f"nearest:scale=2 | conv:channels={channels},kernel=3,padding=1,padding_mode=replicate")
        texts.append("leaky_relu:slope=0.2")
    return upreg.Graph(" | ".join(texts[:-1]), input=shape)


def decode(photo, transposed):
    """The photograph's code (its averages over 8 x 8 pixels) through a decoder with random weights; colours stretched to the photograph's."""
    code = upreg.run("avg_pool", photo[None], kernel=8) - np.float32(0.5)
    y = decoder(transposed, code.shape).init("he", seed=SEED)(code)[0].astype(np.float64)
    for channel, wanted in zip(y, photo):  # only for the eye: mean and contrast of each channel, and the sign that goes with the photograph
        centred = channel - channel.mean()
        sign = np.sign((centred * (wanted - wanted.mean())).sum()) or 1
        channel[:] = wanted.mean() + sign * centred / max(centred.std(), 1e-12) * wanted.std()
    return np.clip(y, 0, 1)


# ---- trained decoders ----


def trained_sheet(photo, graphs, path=None):
    """A photograph (3, H, W) through autoencoders {label: graph}; as a picture with a crop of the sky and its error's spectrum.

    Returns {label: (PSNR in dB, share of the sky's error that repeats every 8 pixels)}.
    """
    y, x, size = SKY
    found, pictures = {}, {"the photograph": photo}
    for label, g in graphs.items():
        decoded = g(np.ascontiguousarray(photo[None]))[0]
        share = artifacts.periodic_share((decoded - photo)[:, y : y + size, x : x + size], 8)
        found[label] = float(psnr(decoded, photo)), share
        pictures[f"{label}: {found[label][0]:.1f} dB"] = decoded
    render.artifacts(pictures, path, zoom=SKY, reference="the photograph")
    return found
