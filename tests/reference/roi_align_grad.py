"""gx of roi_align: gy by weights over the corners of all samples, or to the corner with the largest part."""

import numpy as np

from . import _common as c
from . import _roi
from . import roi_align as forward

DEFAULTS = forward.DEFAULTS
SAME_IMAGES = False


def run(params, x, rois, gy, batch=None):
    x, gy = c.to_ncx(c.wide(x), params["layout"]), c.to_ncx(c.wide(gy), params["layout"])
    gx = np.zeros(x.shape)
    for k, n, o, samples, count in forward.bins(params, rois, batch, x.shape[2:]):
        g = gy[(k, slice(None)) + o]
        if params["mode"] == "avg":
            for at, weight in (corner for sample in samples if sample for corner in sample):
                gx[(n, slice(None)) + at] += g * weight / count
            continue
        found = [corner for sample in samples for corner in (sample or [(None, 0)])]
        for ch in range(x.shape[1] if found else 0):
            at, weight = found[int(np.argmax([0 if at is None else x[(n, ch) + at] * weight for at, weight in found]))]
            if at is not None:
                gx[(n, ch) + at] += g[ch] * weight
    return c.from_ncx(gx, params["layout"])


def bound(params, x, rois, gy, batch=None):
    return abs(c.wide(gy)).max() * 60 + 0 * c.wide(x), 16


def draw(rng, dtype, kind="normal", layout=None, span=9):
    while True:
        params, (x, rois, batch) = forward.draw(rng, dtype, kind, layout, span)
        if params.get("mode") != "max" or kind in ("normal", "positive"):  # equal parts are told apart by rounding
            break
    y = forward.run({**DEFAULTS, **params}, x, rois, batch)
    return params, [x, rois, c.weights(rng, y.shape, dtype, kind), batch]


REJECTS = _roi.rejects("roi_align_grad", grad=True)
