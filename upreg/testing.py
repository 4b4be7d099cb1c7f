"""Checks for methods of one's own: `check_method` holds a method, built in or of a plugin, against the rules that all methods share."""

import numpy as np

from upreg import registry


def _outputs(result):
    return result if isinstance(result, tuple) else (result,)


def _same(a, b):
    return all(x.shape == y.shape and x.tobytes() == y.tobytes() for x, y in zip(_outputs(a), _outputs(b)))


def _spread(x):
    """The same numbers with other strides."""
    wide = np.zeros(tuple(2 * n for n in x.shape), x.dtype)
    view = wide[tuple(slice(None, None, 2) for _ in x.shape)]
    view[...] = x
    return view


def check_method(method, inputs, reference=None, tolerance=1e-5):
    """Checks one method on given inputs; AssertionError says which rule it breaks.

    method: from `upreg.get`; inputs: arrays in port order; reference: a function of float64 arrays that gives the expected first output, held
    within `tolerance` of its largest magnitude. Checked: the inferred shape, the reference, the same bits for strided inputs, for every number
    of threads and for `out=`, the config and text round trip, linearity where the method says so, and its gradient against differences.
    """
    inputs = tuple(inputs)
    y = method(*inputs)
    first = _outputs(y)[0]
    inferred = method.infer(*[None if x is None else x.shape for x in inputs])
    assert first.shape == (inferred if isinstance(y, np.ndarray) else inferred[0]), f"{method}: infer said {inferred}, run gave {first.shape}"
    if reference is not None:
        wanted = np.asarray(reference(*[None if x is None else x.astype(np.float64) if x.dtype.kind == "f" else x for x in inputs]))
        error = np.abs(first - wanted).max(initial=0)
        assert first.shape == wanted.shape and error <= tolerance * max(1.0, np.abs(wanted).max(initial=0)), (
            f"{method}: error {error:.3g} to the reference"
        )
    assert _same(method(*[x if x is None or x.ndim == 0 else _spread(x) for x in inputs]), y), f"{method}: strided inputs give other bits"
    for threads in (1, 2, 3):
        assert _same(method(*inputs, num_threads=threads), y), f"{method}: {threads} threads give other bits"
    out = tuple(np.empty_like(a) for a in _outputs(y))
    method(*inputs, out=out if isinstance(y, tuple) else out[0])
    assert _same(out, y), f"{method}: out= gives other bits"
    assert registry.from_config(method.config()) == method == registry.from_config(repr(method)), f"{method}: the config does not give it back"
    if "linear" in method.info["flags"] and first.dtype.kind == "f":
        double = _outputs(method(inputs[0] * 2, *inputs[1:]))[0]
        zero = _outputs(method(inputs[0] * 0, *inputs[1:]))[0]
        assert np.allclose(double - zero, 2 * (first - zero), rtol=tolerance, atol=tolerance), f"{method}: says that it is linear and is not"
    if method.info["differentiable"] and first.dtype.kind == "f":
        _check_gradient(method, inputs)


def _check_gradient(method, inputs, step=1e-6):
    """Central differences in float64 along one random direction per input, where the method takes float64."""
    if "float64" not in method.info["dtypes"]:
        return
    rng = np.random.default_rng(0)
    wide = [x.astype(np.float64) if x is not None and x.dtype.kind == "f" else x for x in inputs]
    y = _outputs(method(*wide))[0]
    gy = rng.standard_normal(y.shape)
    for place, x in enumerate(wide):
        if x is None or x.dtype.kind != "f" or method._port(place)["role"] not in ("data", "param"):
            continue
        gradient = method.vjp(tuple(wide), gy, wrt=(place,))[0]
        direction = rng.standard_normal(x.shape)

        def value(t):
            moved = [*wide[:place], x + t * direction, *wide[place + 1 :]]
            return float(np.sum(gy * _outputs(method(*moved))[0]))

        difference = (value(step) - value(-step)) / (2 * step)
        assert np.isclose(np.sum(gradient * direction), difference, rtol=1e-4, atol=1e-6), f"{method}: the gradient of input {place} is wrong"
