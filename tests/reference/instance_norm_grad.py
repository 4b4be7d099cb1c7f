"""gx of instance_norm."""

from . import _common as c
from . import _norm, batch_norm_grad

DEFAULTS = dict(eps=1e-5, layout="NCX")
EXACT = False


def run(params, x, weight, gy):
    return c.from_ncx(_norm.gradient(*batch_norm_grad.operands(params, x, weight, gy), per_image=True), params["layout"])


def bound(params, x, weight, gy):
    total, count = _norm.gradient_bound(*batch_norm_grad.operands(params, x, weight, gy), per_image=True)
    return c.from_ncx(total, params["layout"]), count


draw = batch_norm_grad.draw
REJECTS = []
