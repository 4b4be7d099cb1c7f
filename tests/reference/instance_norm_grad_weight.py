"""gw = sum of gy * (x - mean) / sqrt(var + eps) per channel, with the statistics of every image."""

from . import batch_norm_grad_weight as batch

DEFAULTS = dict(eps=1e-5, layout="NCX")
EXACT = False
draw = batch.draw


def run(params, x, gy):
    return batch.weight_gradient(params, x, gy, per_image=True)


def bound(params, x, gy):
    return batch.weight_bound(params, x, gy, per_image=True)


REJECTS = []
