"""OpenCV's resize: pictures, and maps as planes (channels first) or as one picture of many channels."""

import cv2
import numpy as np

from benchmarks.peers import Run, arrange

FLAGS = {
    "nearest": cv2.INTER_NEAREST,
    "bilinear": cv2.INTER_LINEAR,
    "bicubic": cv2.INTER_CUBIC,
    "lanczos": cv2.INTER_LANCZOS4,
    "area": cv2.INTER_AREA,
}


def prepare(workload, data, threads, layout):
    p = workload.params
    if workload.kind not in ("resize", "image") or workload.rank != 2 or p.get("align_corners") or p.get("antialias") or data.x.dtype == np.float64:
        return None
    cv2.setNumThreads(threads)
    flag, x = FLAGS[workload.method], data.x
    if layout == "NCX":
        planes, y = list(x[0]), np.empty((*x.shape[:2], *(int(n * p["scale"]) for n in x.shape[2:])), x.dtype)

        def call():
            for plane, large in zip(planes, y[0]):
                cv2.resize(plane, large.shape[::-1], large, interpolation=flag)
            return y

        return Run(call, lambda y: [y])
    picture = x if layout == "XC" else arrange(x, layout)[0]
    size = [int(n * p["scale"]) for n in picture.shape[1::-1]]
    y = np.empty((*size[::-1], picture.shape[2]), x.dtype)
    return Run(lambda: cv2.resize(picture, size, y, interpolation=flag), lambda y: [y if layout == "XC" else np.moveaxis(y, 2, 0)[None]])
