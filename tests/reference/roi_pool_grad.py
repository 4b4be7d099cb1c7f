"""gy of every bin goes to its largest element, the first of equals."""

import numpy as np

from . import _common as c
from . import _roi
from . import roi_pool as forward

DEFAULTS = _roi.DEFAULTS
SAME_IMAGES = False


def run(params, x, rois, gy, batch=None, size=lambda v: v):
    x, gy = c.to_ncx(c.wide(x), params["layout"]), size(c.to_ncx(c.wide(gy), params["layout"]))
    gx = np.zeros(x.shape)
    for k, n, o, places in forward.bins(params, rois, batch, x.shape[2:]):
        for ch in range(x.shape[1] if places else 0):
            best = int(np.argmax([x[(n, ch) + at] for at in places]))
            gx[(n, ch) + places[best]] += gy[(k, ch) + o]
    return c.from_ncx(gx, params["layout"])


def bound(params, x, rois, gy, batch=None):
    return run(params, x, rois, gy, batch, abs), 16


def draw(rng, dtype, kind="normal", layout=None, span=9):
    params, (x, rois, batch) = forward.draw(rng, dtype, kind, layout, span)
    y = forward.run({**DEFAULTS, **params}, x, rois, batch)
    return params, [x, rois, c.weights(rng, y.shape, dtype, kind), batch]


REJECTS = _roi.rejects("roi_pool_grad", grad=True) + [
    ({"size": 2}, [(1, 2, 5, 5), (1, 5), (1, 2, 2, 3)], "ShapeError", ["roi_pool_grad", "gy", "1, 2, 2, 2"]),
]
