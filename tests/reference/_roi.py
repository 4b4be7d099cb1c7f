"""What the pools of boxes share."""

import numpy as np

from . import _common as c

LAYOUTS = ("NCX", "NXC")
SAME_IMAGES = False
DEFAULTS = dict(size=1, spatial_scale=1, layout="NCX")


def boxes(params, rois, batch, rank):
    """(image, begins, ends) of every box in pixels and in the type of the boxes; the first axis first."""
    rois = rois.astype(np.float32) if rois.dtype.itemsize == 2 else rois
    if batch is None:
        batch, rois = rois[:, 0].astype(int), rois[:, 1:]
    rois = rois * rois.dtype.type(params["spatial_scale"])
    return [(int(n), box[rank - 1 :: -1], box[: rank - 1 : -1]) for n, box in zip(batch, rois)]


def draw_boxes(rng, dtype, layout, span):
    """(layout, sizes, params, shape of x, rois, batch)"""
    layout_, n, channels, sizes = c.draw_image(rng, min(span, 17), layout, LAYOUTS)
    rank, count = len(sizes), int(rng.integers(1, 4))
    params = dict(size=c.draw_axes(rng, rank, 1, 3), spatial_scale=c.choose(rng, (1, 0.5, 0.25)), layout=layout_)
    corners = np.sort(rng.uniform(-1.5, np.array(sizes) + 1.5, (2, count, rank)), 0) / params["spatial_scale"]
    rois = np.concatenate([corners[0, :, ::-1], corners[1, :, ::-1]], 1)
    batch = rng.integers(0, n, count)
    if c.flip_coin(rng):
        return params, c.shape_of(layout_, n, channels, sizes), np.concatenate([batch[:, None], rois], 1).astype(dtype), None
    return params, c.shape_of(layout_, n, channels, sizes), rois.astype(dtype), batch


def rejects(name, grad=False):
    more = [(1, 2, 1, 1)] if grad else []
    return [
        ({"size": 0}, [(1, 2, 5, 5), (1, 5), *more], "ParameterError", [name, "size", "0"]),
        ({"size": [2, 2, 2]}, [(1, 2, 5, 5), (1, 5), *more], "ParameterError", [name, "size", "3"]),
        ({"spatial_scale": 0}, [(1, 2, 5, 5), (1, 5), *more], "ParameterError", [name, "spatial_scale", "0"]),
        ({"layout": "CX"}, [(1, 2, 5, 5), (1, 5), *more], "ParameterError", [name, "layout", "CX"]),
        ({}, [(1, 2, 5, 5), (1, 4), *more], "ShapeError", [name, "rois", "5"]),
        ({}, [(1, 2, 5, 5), (1, 4), *more, (2,)], "ShapeError", [name, "batch", "2", "1"]),
    ]
