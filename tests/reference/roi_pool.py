"""The largest element of every bin of a rounded box; a bin has all pixels that it touches, and is 0 where there are none."""

import itertools

import numpy as np

from . import _common as c
from . import _roi

DEFAULTS = _roi.DEFAULTS
SAME_IMAGES = False
ULPS = 0


def bins(params, rois, batch, sizes):
    """(box, image, output, its pixels) of every bin."""
    size = c.per_axis(params["size"], len(sizes))
    for k, (n, begins, ends) in enumerate(_roi.boxes(params, rois, batch, len(sizes))):
        for o in np.ndindex(*size):
            pixels = []
            for i, count, begin, end, m in zip(o, size, begins, ends, sizes):
                begin, end = (int(np.trunc(v + np.copysign(v.dtype.type(0.5), v))) for v in (begin, end))
                bin_ = begins.dtype.type(max(end - begin + 1, 1)) / begins.dtype.type(count)
                first, last = np.floor(begins.dtype.type(i) * bin_), np.ceil(begins.dtype.type(i + 1) * bin_)
                pixels.append(range(min(max(int(first) + begin, 0), m), min(max(int(last) + begin, 0), m)))
            yield k, n, o, list(itertools.product(*pixels))


def run(params, x, rois, batch=None):
    x = c.to_ncx(c.wide(x), params["layout"])
    y = np.zeros((len(rois), x.shape[1], *c.per_axis(params["size"], x.ndim - 2)))
    for k, n, o, places in bins(params, rois, batch, x.shape[2:]):
        if places:
            values = np.stack([x[(n, slice(None)) + at] for at in places])
            y[(k, slice(None)) + o] = values.max(0)
    return c.from_ncx(y, params["layout"])


def draw(rng, dtype, kind="normal", layout=None, span=9):
    params, shape, rois, batch = _roi.draw_boxes(rng, dtype, layout, span)
    return c.only_set(params, DEFAULTS), [c.data(rng, shape, dtype, kind), rois, batch]


REJECTS = _roi.rejects("roi_pool")
