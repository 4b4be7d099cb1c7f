"""Operators that a graph spells out in pieces, put together again: faster, and easier to read.

Each pattern is a function of a `Scan` and a node; where the node ends the pattern it returns the node that does the work of all, as (method, inputs)
or (method, inputs, computed), or the name of a value that the node's output equals. What lies between and is read by nothing else goes away:
`graph.swallowed` says into which node it went.
"""

import numpy as np

from upreg import quantised, registry
from upreg.registry import Method, get

PATTERNS = [*quantised.PATTERNS]
CLOSE = 1e-6
EXAMPLES = (48, 64)  # sizes for free axes: a rearrangement must be right for both


def pattern(function):
    PATTERNS.append(function)
    return function


class Scan:
    """Who makes and who reads what, and the numbers of constants."""

    def __init__(self, graph):
        self.graph = graph
        self.maker, self.readers = {}, {}
        for node in graph.nodes:
            self.maker.update(dict.fromkeys(node.outputs, node))
            for name in node.reads:
                self.readers.setdefault(name, []).append(node)
        self.results = set(graph.outputs.values())

    def made(self, name, *methods, **params):
        """The node that makes a value with one of these methods and these parameters, else None."""
        node = self.maker.get(name)
        if node is None or node.method.name not in methods or node.computed or name != node.outputs[0]:
            return None
        given = node.method.params
        return node if all(given.get(k) == v for k, v in params.items()) else None

    def inner(self, name, *methods, **params):
        """As `made`, for a value that one node reads and that is no result."""
        node = self.made(name, *methods, **params)
        return node if node and name not in self.results and len(self.readers.get(name, [])) == 1 else None

    def constant(self, name):
        return self.graph.constants.get(name)

    def number(self, name):
        """The one number of a constant, else None."""
        array = self.constant(name)
        return float(array.ravel()[0]) if array is not None and array.size == 1 and array.dtype.kind in "fiu" else None

    def with_number(self, node, number=None):
        """(other input, number) of a commutative node of which one input is a constant number."""
        if len(node.inputs) != 2:
            return None, None
        for a, b in (node.inputs, node.inputs[::-1]):
            found = self.number(b)
            if found is not None and (number is None or abs(found - number) <= CLOSE * abs(number)):
                return a, found
        return None, None

    def insert_before(self, node, name, method, inputs):
        """A new node before another; the name of its value."""
        name = self.graph._free_name(name)
        made = type(node)(name, method, inputs, [name])
        self.graph.nodes.insert(self.graph.nodes.index(node), made)
        return name

    def new_constant(self, array, name):
        return self.graph.constant(array, self.graph._free_name(name)).name

    def per_channel(self, name, channels, rank):
        """A constant that broadcasts along axis 1 only, as one number per channel; else None."""
        array = self.constant(name)
        if array is None or array.dtype.kind != "f" or array.ndim > rank:
            return None
        shape = (1,) * (rank - array.ndim) + array.shape
        if any(n != 1 for i, n in enumerate(shape) if i != 1) or shape[1] not in (1, channels):
            return None
        return np.ascontiguousarray(np.broadcast_to(array.reshape(-1), (channels,)))

    def weight_of(self, name):
        """(node, channels, rank) of a convolution with a constant weight that makes this inner value."""
        node = self.inner(name, "conv", "conv_transpose")
        weight = node and self.constant(node.inputs[1])
        if weight is None or node.method.params["layout"] != "NCX":
            return None, 0, 0
        channels = weight.shape[0] if node.method.name == "conv" else weight.shape[1] * node.method.params["groups"]
        return node, channels, weight.ndim


def _changed(method, **params):
    """The method with some parameters changed."""
    return get(method.name, **{**{k: v for k, v in method.params.items() if v is not None}, **params})


# ---- activations ----


@pattern
def prelu_in_pieces(scan, node):
    """relu(x) + slope * (x - |x|) / 2, and relu(x) - slope * relu(-x)."""
    if node.method.name != "add" or len(node.inputs) != 2:
        return None
    for a, b in (node.inputs, node.inputs[::-1]):
        positive, negative = scan.inner(a, "relu"), scan.inner(b, "mul")
        if positive is None or negative is None:
            continue
        x = positive.inputs[0]
        slope = _slope_of_half(scan, negative, x)
        if slope is None:
            slope = _slope_of_relu(scan, negative, x)
        if slope is not None and slope.ndim == 1:
            return get("prelu"), [x, scan.new_constant(slope, f"{node.name}.slope")]
    return None


def _as_slope(array, factor):
    """A constant that broadcasts along the channels of (N, C, X...), as one number per channel."""
    if array is None or array.dtype.kind != "f" or array.size < 1:
        return None
    shape = (1,) * max(0, 3 - array.ndim) + array.shape if array.ndim < 3 else array.shape[-3:]
    long = [i for i, n in enumerate(array.shape) if n != 1]
    if len(shape) > 3 or (long and (len(long) > 1 or array.ndim - long[0] < 2)):
        return None
    return np.ascontiguousarray((array * array.dtype.type(factor)).reshape(-1))


def _slope_of_half(scan, node, x):
    """slope of slope * (x - |x|) * 0.5, in any order."""
    rest, half = scan.with_number(node, 0.5)
    inner = rest and scan.inner(rest, "mul")
    for a, b in (inner.inputs, inner.inputs[::-1]) if inner else ():
        less = scan.inner(b, "sub")
        size = less and scan.inner(less.inputs[1], "abs")
        if size and less.inputs[0] == x and size.inputs[0] == x:
            return _as_slope(scan.constant(a), 2 * half)
    return None


def _slope_of_relu(scan, node, x):
    for a, b in (node.inputs, node.inputs[::-1]):
        below = scan.inner(b, "relu")
        turned = below and scan.inner(below.inputs[0], "neg")
        if turned and turned.inputs[0] == x:
            return _as_slope(scan.constant(a), -1)
    return None


@pattern
def hard_sigmoid_in_pieces(scan, node):
    """clip(x + 3, 0, 6) / 6, not yet multiplied by x."""
    x, sixth = _times_sixth(scan, node)
    raised = x and _raised(scan, x)
    return (get("hard_sigmoid", alpha=1 / 6, beta=0.5), [raised]) if raised else None


def _times_sixth(scan, node):
    """(x, 1/6) where the node is x / 6 or x * (1 / 6)."""
    if node.method.name == "mul":
        return scan.with_number(node, 1 / 6)
    if node.method.name == "div" and scan.number(node.inputs[1]) == 6:
        return node.inputs[0], 1 / 6
    return None, None


def _raised(scan, name):
    """x of clip(x + 3, 0, 6)."""
    clipped = scan.inner(name, "clip", min=0, max=6)
    plus = clipped and scan.inner(clipped.inputs[0], "add")
    return scan.with_number(plus, 3)[0] if plus else None


@pattern
def hard_swish_in_pieces(scan, node):
    """x * clip(x + 3, 0, 6) / 6, and x * hard_sigmoid(x) with slope 1/6."""
    product, _ = _times_sixth(scan, node)
    times = product and scan.inner(product, "mul")
    for a, b in (times.inputs, times.inputs[::-1]) if times and len(times.inputs) == 2 else ():
        if _raised(scan, b) == a:
            return get("hard_swish"), [a]
    if node.method.name != "mul" or len(node.inputs) != 2:
        return None
    for a, b in (node.inputs, node.inputs[::-1]):
        gate = scan.inner(b, "hard_sigmoid", beta=0.5)
        if gate and gate.inputs[0] == a and abs(gate.method.params["alpha"] - 1 / 6) < CLOSE:
            return get("hard_swish"), [a]
    return None


@pattern
def gated_by_itself(scan, node):
    """x * sigmoid(x) is swish, x * tanh(softplus(x)) is mish."""
    if node.method.name != "mul" or len(node.inputs) != 2:
        return None
    for a, b in (node.inputs, node.inputs[::-1]):
        gate = scan.inner(b, "sigmoid", "tanh")
        if gate and gate.method.name == "sigmoid" and gate.inputs[0] == a:
            return get("swish"), [a]
        soft = gate and gate.method.name == "tanh" and scan.inner(gate.inputs[0], "softplus")
        if soft and soft.inputs[0] == a:
            return get("mish"), [a]
    return None


# ---- normalisation ----


def _normalised(scan, name):
    """(x, axes, eps) where a value is (x - mean) / sqrt(variance + eps) over axes that stay."""
    node = scan.inner(name, "div", "mul")
    if not node or len(node.inputs) != 2:
        return None
    for top, bottom in (node.inputs, node.inputs[::-1]) if node.method.name == "mul" else (node.inputs,):
        if node.method.name == "mul":  # times 1 / sqrt
            one = scan.inner(bottom, "div", "reciprocal")
            if not one or (one.method.name == "div" and scan.number(one.inputs[0]) != 1):
                continue
            bottom = one.inputs[-1]
        apart = scan.made(top, "sub")
        root = scan.inner(bottom, "sqrt")
        raised = root and scan.inner(root.inputs[0], "add")
        mean = apart and scan.made(apart.inputs[1], "reduce_mean", keepdims=True)
        if not (raised and mean) or mean.inputs[0] != apart.inputs[0]:
            continue
        variance, eps = scan.with_number(raised)
        spread = variance and scan.inner(variance, "reduce_mean", keepdims=True)
        square = spread and scan.inner(spread.inputs[0], "pow", "mul")
        if not square or square.inputs[0] != top or spread.method.params["axis"] != mean.method.params["axis"]:
            continue
        if square.inputs[1] != top if square.method.name == "mul" else scan.number(square.inputs[1]) != 2:
            continue
        axes = mean.method.params["axis"]
        return apart.inputs[0], [axes] if isinstance(axes, int) else axes, eps
    return None


@pattern
def instance_norm_in_pieces(scan, node):
    """scale * (x - mean) / sqrt(variance + eps) + shift over the spatial axes, scale and shift one number per channel (constants or not)."""
    if node.method.name != "add" or len(node.inputs) != 2:
        return None
    for scaled, shift in (node.inputs, node.inputs[::-1]):
        times = scan.inner(scaled, "mul")
        for normal, scale in (times.inputs, times.inputs[::-1]) if times and len(times.inputs) == 2 else ():
            found = _normalised(scan, normal)
            if not found:
                continue
            x, axes, eps = found
            weights = [_channels_of(scan, name, len(axes) + 2) for name in (scale, shift)]
            if sorted(axes) == list(range(2, len(axes) + 2)) and None not in weights:
                return get("instance_norm", eps=eps), [x, *weights]
    return None


def _channels_of(scan, name, rank):
    """A value of shape (1, C, 1...) as one of shape (C,): a constant, or what was reshaped into it."""
    array = scan.constant(name)
    if array is not None:
        shape = (1,) * (rank - array.ndim) + array.shape
        if len(shape) == rank and array.size == shape[1] and array.size > 1:
            return scan.new_constant(array.reshape(-1), f"{name}.channels")
        return None
    node = scan.made(name, "reshape", "unsqueeze")
    if node and node.method.name == "reshape" and node.method.params["shape"] == [1, -1] + [1] * (rank - 2):
        shape = scan.shape(node.inputs[0])
        return node.inputs[0] if shape is not None and len(shape) == 1 else None
    return None


# ---- rearranging ----


@pattern
def shuffle_in_pieces(scan, node):
    """reshape, transpose, reshape: pixel shuffles and their inverses, whatever sizes the reshapes name."""
    if node.method.name != "reshape":
        return None
    turned = scan.inner(node.inputs[0], "transpose")
    apart = turned and scan.any_inner(turned.inputs[0], "reshape")
    if not apart:
        return None
    shapes = [[scan.shape(n, size) for n in (apart.inputs[0], apart.name, node.name)] for size in EXAMPLES]
    if any(s is None or len(s[0]) != 4 or len(s[1]) != 6 or len(s[2]) != 4 for s in shapes):
        return None
    order = turned.method.params["axis"]
    for x, six, y in shapes:
        if order in ([0, 1, 4, 2, 5, 3], [0, 3, 4, 1, 5, 2]):
            r = y[2] // x[2] if x[2] else 0
            inside = (x[0], y[1], r, r, x[2], x[3]) if order[1] == 1 else (x[0], r, r, y[1], x[2], x[3])
            wanted, fits = (x[0], x[1] // (r * r) if r else 0, x[2] * r, x[3] * r), six == inside
        elif order in ([0, 1, 3, 5, 2, 4], [0, 3, 5, 1, 2, 4]):
            r = x[2] // y[2] if y[2] else 0
            inside = (x[0], x[1], y[2], r, y[3], r)
            wanted, fits = (x[0], x[1] * r * r, x[2] // r if r else 0, x[3] // r if r else 0), six == inside
        else:
            return None
        if not fits or y != wanted or r < 2:
            return None
    method = "pixel_shuffle" if order in ([0, 1, 4, 2, 5, 3], [0, 3, 4, 1, 5, 2]) else "pixel_unshuffle"
    return get(method, scale=r, order="crd" if order[1] == 1 else "dcr"), [apart.inputs[0]]


# ---- convolutions and what is around them ----


@pattern
def pad_into_conv(scan, node):
    """Zeros that are padded before a convolution are its padding; other borders too where it adds none of its own."""
    if node.method.name != "conv" or node.computed or node.method.params["upscale"] not in (1, None):
        return None
    pad = scan.inner(node.inputs[0], "pad", layout="NCX")
    params = node.method.params
    weight = scan.constant(node.inputs[1])
    if not pad or weight is None or params["layout"] != "NCX" or isinstance(params["padding"], str):
        return None
    rank = weight.ndim - 2
    added, own = _pairs(pad.method.params["amount"], rank), _pairs(params["padding"], rank)
    mode, has_own = pad.method.params["padding_mode"], any(map(any, own))
    if any(n < 0 for pair in added for n in pair) or (has_own and (mode != "zeros" or params["padding_mode"] != "zeros")):
        return None
    total = [[a + b for a, b in zip(*pairs)] for pairs in zip(added, own)]
    value = dict(value=pad.method.params["value"]) if mode == "constant" else {}
    return _changed(node.method, padding=total, padding_mode=mode, **value), [pad.inputs[0], *node.inputs[1:]]


def _pairs(value, rank):
    if isinstance(value, int):
        return [[value, value]] * rank
    if isinstance(value[0], list):
        return value * (rank if len(value) == 1 else 1)
    return [value] if rank == 1 and len(value) == 2 else [[n, n] for n in value]


@pattern
def nearest_into_conv(scan, node):
    """Nearest resizing by whole numbers before a convolution with stride 1: one convolution of the small map with folded weights."""
    if node.method.name != "conv" or node.computed or node.method.params["upscale"] not in (1, None):
        return None
    resize = scan.inner(node.inputs[0], "nearest", layout="NCX", size=None)
    params, weight = node.method.params, scan.constant(node.inputs[1])
    if not resize or weight is None or params["layout"] != "NCX" or params["stride"] not in (1, [1] * (weight.ndim - 2)):
        return None
    rank, coordinates, rounding = weight.ndim - 2, resize.method.params["coordinates"], resize.method.params["rounding"]
    scale = resize.method.params["scale"]
    scale = [scale] * rank if isinstance(scale, (int, float)) else scale
    repeats = (coordinates, rounding) in (("asymmetric", "floor"), ("tf_half_pixel_for_nn", "floor")) or (
        coordinates in ("half_pixel", "half_pixel_symmetric") and rounding in ("round_prefer_floor", "round_prefer_ceil")
    )
    if not repeats or len(scale) != rank or any(s != int(s) or s < 1 for s in scale) or params["dilation"] not in (1, [1] * rank):
        return None
    if params["padding_mode"] != "zeros" or isinstance(params["padding"], str):
        return None
    if scan.made(resize.inputs[0], "fake_quantize"):
        return None  # folded weights change last bits, which a quantised model shows: a number may be rounded to another step
    return _changed(node.method, upscale=[int(s) for s in scale]), [resize.inputs[0], *node.inputs[1:]]


@pattern
def bias_of_conv(scan, node):
    """A constant per channel that is added to a convolution without a bias is its bias."""
    if node.method.name != "add" or len(node.inputs) != 2:
        return None
    for a, b in (node.inputs, node.inputs[::-1]):
        conv, channels, rank = scan.weight_of(a)
        bias = conv and len(conv.inputs) == 2 and not conv.computed and scan.per_channel(b, channels, rank)
        if bias is not None and bias is not False and conv:
            return conv.method, [*conv.inputs[:2], scan.new_constant(bias, f"{node.name}.bias")]
    return None


@pattern
def bias_of_linear_layer(scan, node):
    if node.method.name != "add" or len(node.inputs) != 2:
        return None
    for a, b in (node.inputs, node.inputs[::-1]):
        layer, bias = scan.inner(a, "linear_layer"), scan.constant(b)
        weight = layer and scan.constant(layer.inputs[1])
        if weight is not None and bias is not None and len(layer.inputs) == 2 and bias.shape == (weight.shape[0],):
            return layer.method, [*layer.inputs, b]
    return None


@pattern
def scale_and_shift(scan, node):
    """x * a + b with constants per channel after a convolution: a batch norm of mean 0 and variance 1, which the convolution then does itself."""
    if node.method.name != "add" or len(node.inputs) != 2:
        return None
    for scaled, shift in (node.inputs, node.inputs[::-1]):
        times = scan.inner(scaled, "mul")
        for x, scale in (times.inputs, times.inputs[::-1]) if times and len(times.inputs) == 2 else ():
            conv, channels, rank = scan.weight_of(x)
            numbers = [scan.per_channel(n, channels, rank) for n in (scale, shift)] if conv and 3 <= rank <= 5 else [None]
            if any(n is None for n in numbers):
                continue
            numbers += [np.zeros_like(numbers[0]), np.ones_like(numbers[0])]
            names = ("weight", "bias", "mean", "var")
            return get("batch_norm", eps=0), [x, *(scan.new_constant(n, f"{node.name}.{part}") for n, part in zip(numbers, names))]
    return None


# ---- the walk ----


class _Scan(Scan):
    """With shapes, found when first asked for."""

    def __init__(self, graph, shapes):
        super().__init__(graph)
        self._shapes = shapes

    def shape(self, name, size=EXAMPLES[0]):
        if size not in self._shapes:
            self._shapes[size] = _example_shapes(self.graph, size)
        return self._shapes[size].get(name)

    def any_inner(self, name, *methods):
        """As `inner`, whether or not parameters are computed."""
        node = self.maker.get(name)
        fits = node and node.method.name in methods and name not in self.results and len(self.readers.get(name, [])) == 1
        return node if fits else None


def _example_shapes(graph, size):
    """{value name: shape} with `size` for free axes, free first axes 1; nothing where that cannot be found."""
    specs = {n: (tuple((size if i else 1) if m is None else m for i, m in enumerate(s)), d) for n, (s, d) in graph.inputs.items()}
    try:
        return {name: spec[0] for name, spec in graph._infer_specs(specs).items() if spec is not None}
    except registry.UpregError:
        return {}


def simplify(graph):
    """Applies every pattern until none applies; returns the graph, changed in place. What it was before is kept in `graph.written`."""
    written = graph.part(())
    written.nodes = [type(n)(n.name, n.method, list(n.inputs), n.outputs, list(n.computed)) for n in graph.nodes]
    written.constants, written.weight_info, shapes = graph.constants.copy(), dict(graph.weight_info), {}
    changed = True
    while changed:
        changed, scan = False, _Scan(graph, shapes)
        for node in list(graph.nodes):
            if scan.maker.get(node.outputs[0]) is not node or not isinstance(node.method, Method) or len(node.outputs) != 1:
                continue
            found = next(filter(None, (p(scan, node) for p in PATTERNS)), None)
            if found:
                _put(graph, node, found)
                changed, scan = True, _Scan(graph, shapes)
    graph.written = written if graph.swallowed else None
    graph._changed()
    return graph


def _put(graph, node, found):
    """What a pattern found, in place of the node."""
    if not isinstance(found, str):
        graph.nodes[graph.nodes.index(node)] = type(node)(node.name, found[0], found[1], node.outputs, *found[2:])
        _drop_unread(graph, node.name)
        return
    for other in graph.nodes:
        other.inputs = [found if n == node.name else n for n in other.inputs]
        other.computed = [found if n == node.name else n for n in other.computed]
    graph.outputs.update({name: found for name, value in graph.outputs.items() if value == node.name})
    _drop_unread(graph, found)


def _drop_unread(graph, into):
    """Nodes and constants that nothing reads any more."""
    read = set(graph.outputs.values())
    kept = []
    for node in reversed(graph.nodes):
        if any(o in read for o in node.outputs):
            kept.append(node)
            read.update(node.reads)
        else:
            graph.swallowed.update(dict.fromkeys(node.outputs, into))
    graph.nodes = kept[::-1]
    for name in [n for n in graph.constants if n not in read]:
        del graph.constants[name], graph.weight_info[name]
