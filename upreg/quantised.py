"""Patterns of quantised models: pairs of quantize_linear and dequantize_linear become one step, and fewer of them.

Each is exact: what it makes has the bits that the model as written has, for every input, not-a-number and infinities too.
"""

import numpy as np

from upreg.registry import get

# Methods whose outputs are numbers of their data inputs, or 0, which every quantised range has. {name: whether the parameters keep to that}
PICKING = {
    **dict.fromkeys(
        "concat crop expand flatten identity nearest pixel_shuffle pixel_unshuffle relu reshape slice squeeze tile transpose unsqueeze".split(),
        lambda params: True,
    ),
    "gather": lambda params: True,
    "pad": lambda params: params["padding_mode"] != "constant",
    "max_pool": lambda params: not params["ceil_mode"] and params["dilation"] in (1, [1] * 3, [1] * 2, [1]) and _less_than_kernel(params),
}
REPEATING = ("nearest", "expand", "tile")  # outputs are no fewer than inputs, and each is one of them


def _less_than_kernel(params):
    """Whether every window of a pool holds a number: a window of padding alone would make minus infinity."""
    padding, kernel = params["padding"], params["kernel"]
    if isinstance(padding, str) or padding == 0:
        return True
    return np.max(padding) < np.min(kernel)


def _equal(scan, a, b):
    """Whether two values (or two absent ones) are the same numbers."""
    if a == b:
        return True
    x, y = (scan.constant(n) if n is not None else None for n in (a, b))
    return x is not None and y is not None and x.dtype == y.dtype and x.shape == y.shape and x.tobytes() == y.tobytes()


def _scales(node):
    """(scale, zero) as value names."""
    return node.inputs[1], node.inputs[2] if len(node.inputs) > 2 else None


def _same_steps(scan, a, b):
    """Whether two fake_quantize nodes round to the same steps: one scale, a constant, of which 65535 are neither 0 nor infinite."""
    (scale, zero), (other_scale, other_zero) = _scales(a), _scales(b)
    size = scan.number(scale)
    if size is None or not 1e-30 < size < 1e30 or (zero is not None and scan.constant(zero) is None):
        return False
    if zero is None and a.method.params["to"] != b.method.params["to"]:
        return False
    return _equal(scan, scale, other_scale) and _equal(scan, zero, other_zero)


def pair(scan, node):
    """quantize_linear, dequantize_linear with the same scale and zero: one step."""
    first = scan.made(node.inputs[0], "quantize_linear") if node.method.name == "dequantize_linear" else None
    if first is None or node.computed or not all(_equal(scan, a, b) for a, b in zip(_scales(first), _scales(node))):
        return None
    keys = ("axis", "block_size")
    scale = scan.constant(first.inputs[1])
    if [first.method.params[k] for k in keys] != [node.method.params[k] for k in keys] and (scale is None or scale.size != 1):
        return None
    return get("fake_quantize", **first.method.params), list(first.inputs)


def twin(scan, node):
    """The same rounding of the same value is done once."""
    if node.method.name != "fake_quantize":
        return None
    for other in scan.readers.get(node.inputs[0], []):
        if other is node:
            return None
        if other.method.text == node.method.text and all(_equal(scan, a, b) for a, b in zip(_scales(other), _scales(node))):
            return other.outputs[0]
    return None


def settled(scan, node):
    """Numbers that were rounded to these steps, and since then only picked, stay as they are."""
    if node.method.name != "fake_quantize" or not scan.number(node.inputs[1]):
        return None
    waiting, seen = [node.inputs[0]], set()
    while waiting:
        name = waiting.pop()
        maker = scan.maker.get(name)
        if maker is None or name != maker.outputs[0]:
            return None
        if name in seen or (maker.method.name == "fake_quantize" and _same_steps(scan, node, maker)):
            continue
        seen.add(name)
        method = maker.method.info["method"]
        if method not in PICKING or not PICKING[method](maker.method.params):
            return None
        waiting += maker.inputs if method == "concat" else maker.inputs[:1]
    return node.inputs[0]


def before_repeating(scan, node):
    """Rounding before numbers are repeated, when only this node reads them."""
    if node.method.name != "fake_quantize" or scan.number(node.inputs[1]) is None or any(n not in scan.graph.constants for n in node.inputs[1:]):
        return None
    repeat = scan.any_inner(node.inputs[0], *REPEATING)
    if not repeat or repeat.inputs[0] in scan.graph.constants:
        return None
    early = scan.insert_before(repeat, f"{node.name}/early", node.method, [repeat.inputs[0], *node.inputs[1:]])
    return repeat.method, [early, *repeat.inputs[1:]], list(repeat.computed)


PATTERNS = [pair, twin, settled, before_repeating]
