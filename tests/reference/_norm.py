"""What the norms share: (x - mean) / sqrt(var + eps), mean and variance over some axes of an NCX array."""

import numpy as np

from . import _common as c


def channel(v, x):
    """One number per channel, to broadcast over NCX."""
    return np.asarray(c.wide(v)).reshape([-1] + [1] * (x.ndim - 2))


def axes(x, per_image):
    return tuple(range(2 if per_image else 0, x.ndim)) if per_image else (0,) + tuple(range(2, x.ndim))


def statistics(x, per_image):
    """mean and biased variance over the image, or over the batch as well"""
    over = axes(x, per_image)
    return x.mean(over, keepdims=True), x.var(over, keepdims=True)


def count(x, per_image):
    return int(np.prod([x.shape[axis] for axis in axes(x, per_image)]))


def gradient(x, gy, weight, eps, per_image):
    """The gradient of the normalised output with respect to x, mean and variance being functions of x."""
    over, (mean, var) = axes(x, per_image), statistics(x, per_image)
    centred, inverse = x - mean, 1 / np.sqrt(var + eps)
    g = gy * weight
    return inverse * (g - g.mean(over, keepdims=True) - centred * inverse**2 * (g * centred).mean(over, keepdims=True))


def gradient_bound(x, gy, weight, eps, per_image):
    """The same with every term made positive."""
    over, (mean, var) = axes(x, per_image), statistics(x, per_image)
    centred, inverse = abs(x) + abs(mean), 1 / np.sqrt(var + eps)
    g = abs(gy * weight)
    return inverse * (g + g.mean(over, keepdims=True) + centred * inverse**2 * (g * centred).mean(over, keepdims=True)), count(x, per_image)
