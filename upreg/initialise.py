"""Initial weights: normal, he, bilinear, icnr, ones."""

import numpy as np

from upreg.errors import ParameterError

NAMES = ("normal", "he", "bilinear", "icnr", "ones")


def initialise(how, shape, dtype, rng, fan_in=1.0, groups=1, transposed=False, std=0.02, scale=2):
    """A weight of `shape` (torch's layout: out, in / groups, kernel...; transposed: in, out / groups, kernel...).

    normal: N(0, std). he: N(0, sqrt(2 / fan_in)) (He et al., arXiv 1502.01852). bilinear: the interpolation kernel on matching channels, zero
    elsewhere (Long et al., arXiv 1411.4038). icnr: he for one in scale^N output channels, repeated, so that a pixel shuffle by `scale` starts
    as a nearest resize (Aitken et al., arXiv 1707.02937). ones: 1.
    """
    if how not in NAMES:
        raise ParameterError(f"init: '{how}' is not an initialiser; allowed: {', '.join(NAMES)}")
    if how == "normal":
        return rng.normal(0, std, shape).astype(dtype)
    if how == "ones":
        return np.ones(shape, dtype)
    if how == "bilinear" and len(shape) > 2:
        return bilinear(shape, groups, transposed).astype(dtype)
    if how == "icnr":
        return icnr(shape, rng, fan_in, scale).astype(dtype)
    return rng.normal(0, np.sqrt(2 / max(fan_in, 1)), shape).astype(dtype)


def bilinear_kernel(size):
    """The 1-D interpolation kernel of a transposed convolution: 1 - |x - c| / f."""
    f = (size + 1) // 2
    c = f - 1 if size % 2 else f - 0.5
    return 1 - abs(np.arange(size) - c) / f


def bilinear(shape, groups=1, transposed=True):
    kernel = np.ones(())
    for size in shape[2:]:
        kernel = np.multiply.outer(kernel, bilinear_kernel(size))
    weight = np.zeros(shape)
    for i in range(shape[0]):
        j = i % (shape[0] // groups)  # the channel of the same number inside the group
        if j < shape[1]:
            weight[i, j] = kernel
    return weight


def icnr(shape, rng, fan_in, scale):
    rank = len(shape) - 2
    repeat = int(scale) ** max(rank, 1)
    if shape[0] % repeat:
        raise ParameterError(f"init: icnr with scale = {scale} needs output channels divisible by {repeat}, got {shape[0]}")
    base = rng.normal(0, np.sqrt(2 / max(fan_in, 1)), (shape[0] // repeat, *shape[1:]))
    return np.repeat(base, repeat, axis=0)
