"""The adjoint of bed_of_nails: gx[i] = gy[i*scale + corner]."""

from . import _common as c
from . import bed_of_nails

DEFAULTS = bed_of_nails.DEFAULTS
ULPS = 0


def run(params, gy):
    gy = c.to_ncx(c.wide(gy), params["layout"])
    return c.from_ncx(gy[(slice(None), slice(None)) + tuple(bed_of_nails.places(params, gy.ndim - 2))], params["layout"])


def draw(rng, dtype, kind="normal", layout=None, span=9):
    params, layout_, n, channels, sizes = bed_of_nails.draw_params(rng, layout, span)
    sizes = [m * s for m, s in zip(sizes, c.per_axis(params["scale"], len(sizes)))]
    return c.only_set(params, DEFAULTS), [c.data(rng, c.shape_of(layout_, n, channels, sizes), dtype, kind)]


REJECTS = [({"scale": 2}, [(1, 2, 5, 4)], "ShapeError", ["bed_of_nails_grad", "5", "2"])]
