"""The mean, or the largest part, of samples by linear interpolation in every bin of a box."""

import itertools

import numpy as np

from . import _common as c
from . import _roi

DEFAULTS = dict(size=1, spatial_scale=1, sampling_ratio=0, aligned=False, mode="avg", layout="NCX")
SAME_IMAGES = False


def corners(x, m):
    """[(pixel, weight)] of a coordinate; None outside."""
    if x < -1 or x > m:
        return None
    x = max(x, 0)
    low = min(int(x), m - 1)
    x = min(x, m - 1)
    return [(low, 1 - (x - low)), (min(low + 1, m - 1), x - low)]


def bins(params, rois, batch, sizes):
    """(box, image, output, its samples as lists of (pixel, weight), what the sum is divided by) of every bin."""
    size = c.per_axis(params["size"], len(sizes))
    for k, (n, begins, ends) in enumerate(_roi.boxes(params, rois, batch, len(sizes))):
        kind = begins.dtype.type
        axes = []
        for begin, end, count, m in zip(begins.astype(float), ends.astype(float), size, sizes):
            shift = 0.5 if params["aligned"] else 0
            begin, end = begin - shift, end - shift
            length = end - begin if params["aligned"] else max(end - begin, 1)
            samples = params["sampling_ratio"] or int(np.ceil(kind(length) / kind(count)))
            step = length / count / max(samples, 1)
            axes.append([[corners(begin + i * length / count + (j + 0.5) * step, m) for j in range(samples)] for i in range(count)])
        for o in np.ndindex(*size):
            samples = list(itertools.product(*[axis[i] for axis, i in zip(axes, o)]))
            found = [None if None in s else [(tuple(p for p, _ in at), np.prod([w for _, w in at])) for at in itertools.product(*s)] for s in samples]
            yield k, n, o, found, max(len(samples), 1)


def parts(x, n, sample):
    """What every corner of a sample has in it, (corners, channels)."""
    if sample is None:
        return np.zeros((1, x.shape[1]))
    return np.stack([x[(n, slice(None)) + at] * weight for at, weight in sample])


def run(params, x, rois, batch=None, size=lambda v: v):
    x = size(c.to_ncx(c.wide(x), params["layout"]))
    y = np.zeros((len(rois), x.shape[1], *c.per_axis(params["size"], x.ndim - 2)))
    for k, n, o, samples, count in bins(params, rois, batch, x.shape[2:]):
        values = [parts(x, n, s) for s in samples]
        if params["mode"] == "avg":
            y[(k, slice(None)) + o] = sum(v.sum(0) for v in values) / count
        elif values:
            y[(k, slice(None)) + o] = np.concatenate(values).max(0)
    return c.from_ncx(y, params["layout"])


def bound(params, x, rois, batch=None):
    """Weights err as the coordinates do, which are as large as the image."""
    return abs(c.wide(x)).max() * 20 + 0 * run(params, x, rois, batch, abs), 16


def draw(rng, dtype, kind="normal", layout=None, span=9):
    params, shape, rois, batch = _roi.draw_boxes(rng, dtype, layout, min(span, 9))
    params |= dict(sampling_ratio=c.choose(rng, (0, 1, 2)), aligned=c.flip_coin(rng), mode=c.choose(rng, ("avg", "avg", "max")))
    return c.only_set(params, DEFAULTS), [c.data(rng, shape, dtype, kind), rois, batch]


REJECTS = _roi.rejects("roi_align") + [
    ({"sampling_ratio": -1}, [(1, 2, 5, 5), (1, 5)], "ParameterError", ["roi_align", "sampling_ratio", "-1"]),
    ({"mode": "min"}, [(1, 2, 5, 5), (1, 5)], "ParameterError", ["roi_align", "mode", "min", "avg"]),
]
