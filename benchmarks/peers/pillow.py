"""Pillow: one thread; its filters are antialiased, which only tells when shrinking. Float maps are single planes."""

import numpy as np
from PIL import Image

from benchmarks.peers import Run

FILTERS = {
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
    "lanczos": Image.Resampling.LANCZOS,
    "area": Image.Resampling.BOX,
}


def prepare(workload, data, threads, layout):
    p, x = workload.params, data.x
    if workload.kind == "image":
        picture = Image.fromarray(x)
        size = [int(n * p["scale"]) for n in picture.size]
        return Run(lambda: picture.resize(size, FILTERS[workload.method]), lambda y: [np.asarray(y)])
    if workload.kind != "resize" or not p.get("antialias") or layout != "NCX" or x.dtype != np.float32:
        return None
    planes = [Image.fromarray(plane) for plane in x[0]]
    size = [int(n * p["scale"]) for n in planes[0].size]
    return Run(lambda: [plane.resize(size, FILTERS[workload.method]) for plane in planes], lambda y: [np.stack([np.asarray(q) for q in y])[None]])
