"""What the references share: layouts, parameter expansion, padding, test data.  Nothing here is fast, everything is meant to be read.

Every reference module offers
  DEFAULTS                 every parameter and its default (REQUIRED where there is none)
  run(params, *inputs)     the result in float64 or exact integers; params holds every parameter, absent inputs are None
  draw(rng, dtype, kind="normal", layout=None, span=9) -> (params, inputs)   a random valid case
  REJECTS                  (params, input shapes, exception, words of the message)
and where it helps
  bound(params, *inputs)   (sum of |a||b|, number of products) of each output element (a tuple of sums: of several outputs); else ULPS
                           units in the last place (4 if not given)
  EXACT = False            where small integers do not give exact results
  DIFFERENTIABLE = False   where the method has no gradient; differentiable(params) -> bool where it depends on the parameters
  SAME_IMAGES = False      where image n of the output is not made from image n of the input
  LOSES_NAN = True         where not-a-number becomes a number
  LONG                     (params, shapes) whose sums are long enough to show how they are accumulated
  LARGE                    (params, shapes) that are more than one block of channels, rows or pixels
"""

import numpy as np

LAYOUTS = ("NCX", "NXC", "CX", "XC", "X")
WITH_CHANNELS = LAYOUTS[:4]
PADDING_MODES = ("zeros", "constant", "reflect", "symmetric", "replicate", "circular")
REQUIRED = "required"
NAMED_PADS = ("valid", "same_upper", "same_lower", "full", "causal")


def wide(x):
    """The array in the type that references compute in."""
    return None if x is None else np.asarray(x).astype(np.float64 if np.asarray(x).dtype.kind == "f" else np.int64)


# ---- layouts ----


def to_ncx(x, layout):
    if layout == "NXC":
        return np.moveaxis(x, -1, 1)
    if layout == "CX":
        return x[None]
    if layout == "XC":
        return np.moveaxis(x, -1, 0)[None]
    if layout == "X":
        return x[None, None]
    return x


def from_ncx(y, layout):
    if layout == "NXC":
        return np.moveaxis(y, 1, -1)
    if layout == "CX":
        return y[0]
    if layout == "XC":
        return np.moveaxis(y[0], 0, -1)
    if layout == "X":
        return y[0, 0]
    return y


def shape_of(layout, n, c, sizes):
    sizes = tuple(sizes)
    return {"NCX": (n, c) + sizes, "NXC": (n,) + sizes + (c,), "CX": (c,) + sizes, "XC": sizes + (c,), "X": sizes}[layout]


# ---- parameters with one value per axis ----


def per_axis(value, rank):
    """One number, or one per axis, as a list of one per axis."""
    return [value] * rank if not isinstance(value, (list, tuple)) else list(value) * (rank if len(value) == 1 else 1)


def pairs(value, rank):
    """One number, one per axis, nested pairs, or in 1-D a flat pair, as [(begin, end)] per axis."""
    if not isinstance(value, (list, tuple)):
        return [(value, value)] * rank
    if isinstance(value[0], (list, tuple)):
        return [tuple(pair) for pair in value] * (rank if len(value) == 1 else 1)
    if rank == 1 and len(value) == 2:
        return [tuple(value)]
    return [(number, number) for number in per_axis(value, rank)]


def extent(kernel, dilation):
    return dilation * (kernel - 1) + 1


def conv_pads(padding, sizes, kernel, stride, dilation):
    """[(begin, end)] per axis of a convolution's or a pool's padding, named or explicit."""
    rank = len(sizes)
    if not isinstance(padding, str):
        return pairs(padding, rank)
    result = []
    for m, k, s, d in zip(sizes, per_axis(kernel, rank), per_axis(stride, rank), per_axis(dilation, rank)):
        ke = extent(k, d)
        total = max((-(-m // s) - 1) * s + ke - m, 0)
        result.append(
            {
                "valid": (0, 0),
                "full": (ke - 1, ke - 1),
                "causal": (ke - 1, 0),
                "same_upper": (total // 2, total - total // 2),
                "same_lower": (total - total // 2, total // 2),
            }[padding]
        )
    return result


# ---- what stands outside an image ----


def source(i, m, mode):
    """Which element of a row of m stands at position i of the row extended on both sides; None: the fill value."""
    if 0 <= i < m:
        return i
    if mode in ("zeros", "constant"):
        return None
    if mode == "replicate":
        return 0 if i < 0 else m - 1
    if mode == "circular":
        return i % m
    if mode == "symmetric":
        i %= 2 * m
        return min(i, 2 * m - 1 - i)
    if m == 1:
        return 0
    i %= 2 * m - 2  # reflect: the edge itself is not repeated
    return min(i, 2 * m - 2 - i)


def reach_of(mode, m):
    """How far outside a row of m a mode is defined: at most one reflection or turn."""
    return {"reflect": m - 1, "symmetric": m, "circular": m}.get(mode, 1 << 30)


def extend(x, ranges, mode, fill=0):
    """NCX array x on the positions [lo, hi) of every spatial axis."""
    for axis, (lo, hi) in enumerate(ranges, start=2):
        m = x.shape[axis]
        shape = list(x.shape)
        shape[axis] = max(hi - lo, 0)
        y = np.full(shape, fill if mode == "constant" else 0, x.dtype)
        for place, i in enumerate(range(lo, hi)):
            where = source(i, m, mode)
            if where is not None:
                np.moveaxis(y, axis, 0)[place] = np.moveaxis(x, axis, 0)[where]
        x = y
    return x


# ---- adjoints of linear maps ----


def adjoint(forward, shape, gy):
    """The transpose of a linear map applied to gy, one unit vector at a time."""
    gx = np.zeros(shape)
    zero = forward(np.zeros(shape))  # takes out what does not depend on x: a bias, a constant padding
    for place in np.ndindex(*shape):
        unit = np.zeros(shape)
        unit[place] = 1
        gx[place] = np.sum((forward(unit) - zero) * gy)
    return gx


# ---- drawing cases ----

KINDS = ("normal", "constant", "positive", "spike", "integers")


def data(rng, shape, dtype, kind="normal"):
    """Test data: normal, constant, one-signed, one single spike, or integers so small that float32 sums of them are exact."""
    dtype = np.dtype(dtype)
    if dtype.kind in "iu":
        low = 0 if dtype.kind == "u" else -100
        high = 3 if kind == "integers" else 256 if dtype.kind == "u" else 101
        if kind == "integers" and low < 0:
            low = -3
        x = rng.integers(low, high, shape)
        if kind == "positive":
            x = abs(x)
    elif kind == "integers":
        x = rng.integers(-4, 5, shape)
    elif kind == "positive":
        x = rng.uniform(0.1, 1.1, shape)
    else:
        x = rng.standard_normal(shape)
    x = np.asarray(x)
    if kind == "constant" and x.size:
        x = np.full(shape, x.flat[0])
    if kind == "spike" and x.size:
        place = rng.integers(x.size)
        spike = np.zeros(shape, x.dtype)
        spike.flat[place] = x.flat[place]
        x = spike
    return np.ascontiguousarray(x.astype(dtype)).reshape(shape)


def weights(rng, shape, dtype, kind="normal"):
    """As data, but never a spike: one spike in the image shows the whole kernel."""
    return data(rng, shape, dtype, "normal" if kind == "spike" else kind)


def tile_maximum(x, layout, dilation):
    """The largest magnitude among the neighbours that Winograd's F(2, n) mixes with each number of x: its sums are of them, not of x alone."""
    x = abs(wide(x))
    first = x.ndim - (1 if layout in ("XC", "NXC") else 0) - (rank := x.ndim - (2 if layout in ("NCX", "NXC") else 1))
    for axis, d in zip(range(first, first + rank), per_axis(dilation, rank)):
        x = np.max([np.roll(x, d * i, axis) for i in range(-3, 4)], 0)
    return x


def choose(rng, options):
    return options[int(rng.integers(len(options)))]


def flip_coin(rng, chance=0.5):
    return bool(rng.random() < chance)


def draw_sizes(rng, rank, span):
    """Spatial sizes.  span 9: small, for the slow references; more: large enough that work is split among threads; 1: all ones."""
    if span > 9:
        top = (span * 16, span, max(span // 4, 4))[rank - 1]
        return [int(rng.integers(top // 2, top + 1)) for _ in range(rank)]
    top = min(span, (9, 7, 4)[rank - 1])
    return [int(rng.integers(1, top + 1)) for _ in range(rank)]


def draw_image(rng, span=9, layout=None, layouts=LAYOUTS, rank=None):
    """(layout, n, c, sizes) of a random image."""
    rank = rank or int(rng.integers(1, 4))
    layout = layout or choose(rng, layouts)
    n = int(rng.integers(1, 4)) if "N" in layout else 1
    c = int(rng.integers(1, 5)) if "C" in layout else 1
    return layout, n, c, draw_sizes(rng, rank, span)


def draw_axes(rng, rank, low, high):
    """A number or one number per axis, of [low, high]."""
    if flip_coin(rng):
        return int(rng.integers(low, high + 1))
    return [int(rng.integers(low, high + 1)) for _ in range(rank)]


def draw_pairs(rng, rank, low, high):
    """Any of the forms that begin/end amounts may take, numbers of [low, high] or of [low, high[axis]]."""
    top = per_axis(high, rank)
    form = int(rng.integers(3))
    if form == 0:
        return int(rng.integers(low, min(top) + 1))
    if form == 1 and rank > 1:
        return [int(rng.integers(low, t + 1)) for t in top]
    nested = [[int(rng.integers(low, t + 1)) for _ in range(2)] for t in top]
    return nested[0] if rank == 1 and flip_coin(rng) else nested


def only_set(params, defaults):
    """The parameters that differ from their defaults."""
    return {key: value for key, value in params.items() if value != defaults[key]}


# ---- how much error is allowed ----


def tolerance(module, params, inputs, expected, dtype, output=0):
    """The largest error per element that `dtype` excuses.  `dtype` is the type computed in."""
    eps = np.finfo(dtype).eps
    totals, count = module.bound(params, *inputs) if hasattr(module, "bound") else ((), 0)
    totals = totals if isinstance(totals, tuple) else (totals,)
    if output < len(totals):
        total = totals[output]
        return (8 + np.sqrt(count)) * eps * total + np.finfo(dtype).tiny
    ulps = getattr(module, "ULPS", 4)
    with np.errstate(over="ignore", invalid="ignore"):
        unit = np.spacing(np.abs(np.asarray(expected, np.float64)).astype(dtype)).astype(np.float64)
    floor = np.finfo(dtype).tiny if ulps else 0
    return ulps * np.where(np.isfinite(unit), unit, 0) + floor
