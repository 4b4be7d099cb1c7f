"""PNG with 16 bits per channel, which Pillow reads and writes for grey only (colour loses its low bytes there).

Covers greyscale, RGB, each with or without alpha, plain and interlaced. Everything else is Pillow's.
"""

from __future__ import annotations

import struct
import zlib

import numpy as np

from upreg.errors import DataError

SIGNATURE = b"\x89PNG\r\n\x1a\n"
CHANNELS = {0: 1, 2: 3, 4: 2, 6: 4}  # of a colour type
COLOUR_TYPES = {channels: kind for kind, channels in CHANNELS.items()}
MOST_PIXELS = 1 << 28
ADAM7 = ((0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1))  # y, x, step y, step x


def is_png16(path):
    """Whether the file is a PNG with 16 bits per channel and no palette."""
    with open(path, "rb") as file:
        head = file.read(26)
    return head[:8] == SIGNATURE and len(head) == 26 and head[24] == 16 and head[25] in CHANNELS


def read(path):
    """(H, W, C) uint16 pixels and a dict of what else was found: "icc" (bytes or None), "transparent" (a colour or None)."""
    with open(path, "rb") as file:
        data = file.read()
    header, packed, extra = None, [], {"icc": None, "transparent": None}
    place = 8
    while place + 12 <= len(data):
        size, kind = struct.unpack(">I4s", data[place : place + 8])
        body = data[place + 8 : place + 8 + size]
        if kind == b"IHDR":
            header = struct.unpack(">IIBBBBB", body)
        elif kind == b"IDAT":
            packed.append(body)
        elif kind == b"tRNS":
            extra["transparent"] = np.frombuffer(body, ">u2").astype(np.uint16)
        elif kind == b"iCCP":
            extra["icc"] = zlib.decompress(body[body.index(b"\0") + 2 :])
        elif kind == b"IEND":
            break
        place += 12 + size
    if header is None or 0 in header[:2] or header[0] * header[1] > MOST_PIXELS:
        raise DataError(f"{path}: not a readable PNG: {'no header' if header is None else f'{header[0]} x {header[1]} pixels'}")
    width, height, channels, interlaced = header[0], header[1], CHANNELS[header[3]], header[6]
    passes = ADAM7 if interlaced else ((0, 0, 1, 1),)
    sizes = [(max(0, -(-(height - y) // dy)), max(0, -(-(width - x) // dx))) for y, x, dy, dx in passes]
    needed = sum(h * (1 + 2 * channels * w) for h, w in sizes if w)
    try:
        raw = zlib.decompressobj().decompress(b"".join(packed), needed)
    except zlib.error as error:
        raise DataError(f"{path}: the pixels of the PNG are damaged: {error}") from None
    if len(raw) < needed:
        raise DataError(f"{path}: the PNG ends early: {len(raw)} of {needed} bytes of pixels")
    pixels, place = np.empty((height, width, channels), np.uint16), 0
    for (y, x, dy, dx), (h, w) in zip(passes, sizes):
        if h and w:
            size = h * (1 + 2 * channels * w)
            rows = np.frombuffer(raw, np.uint8, size, place).reshape(h, -1)
            if rows[:, 0].max() > 4:
                raise DataError(f"{path}: the pixels of the PNG are damaged: row filter {rows[:, 0].max()}")
            pixels[y::dy, x::dx] = _unfilter(rows[:, 0], rows[:, 1:].reshape(h, w, 2 * channels)).view(">u2")
            place += size
    return pixels, extra


def _unfilter(filters, raw):
    """Undoes PNG's row filters. Pixel (y, x) needs its left, upper and upper left neighbours, so one diagonal x + y is done at a time."""
    height, width, depth = raw.shape
    done = np.zeros((height + 1, width + 1, depth), np.int16)  # a border of zeros at the top and the left
    for t in range(height + width - 1):
        y = np.arange(max(0, t - width + 1), min(height, t + 1))
        x = t - y
        left, up, corner = done[y + 1, x], done[y, x + 1], done[y, x]
        guess = left + up - corner
        a, b, c = abs(guess - left), abs(guess - up), abs(guess - corner)
        paeth = np.where((a <= b) & (a <= c), left, np.where(b <= c, up, corner))
        kind = filters[y][:, None]
        done[y + 1, x + 1] = (raw[y, x] + np.choose(kind, (np.int16(0), left, up, (left + up) >> 1, paeth))) & 255
    return np.ascontiguousarray(done[1:, 1:].astype(np.uint8))


def write(path, pixels, icc=None):
    """Writes (H, W, C) uint16 pixels, C = 1 grey, 2 grey and alpha, 3 RGB, 4 RGBA."""
    height, width, channels = pixels.shape
    rows = np.ascontiguousarray(pixels.astype(">u2")).view(np.uint8).reshape(height, width, 2 * channels)
    sub = rows.copy()
    sub[:, 1:] -= rows[:, :-1]  # filter 1: the difference from the left pixel, modulo 256
    lines = np.concatenate([np.ones((height, 1), np.uint8), sub.reshape(height, -1)], axis=1)
    chunks = [(b"IHDR", struct.pack(">IIBBBBB", width, height, 16, COLOUR_TYPES[channels], 0, 0, 0))]
    if icc:
        chunks.append((b"iCCP", b"icc\0\0" + zlib.compress(icc)))
    chunks += [(b"IDAT", zlib.compress(lines.tobytes(), 6)), (b"IEND", b"")]
    with open(path, "wb") as file:
        file.write(SIGNATURE)
        for kind, body in chunks:
            file.write(struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)))
