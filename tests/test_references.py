"""The references check one another: every gradient reference is the derivative of its forward reference."""
import importlib

import numpy as np
import pytest
from reference import _common as c

# gradient method: (forward method, which of its inputs is differentiated, how (inputs, gy) become the gradient's inputs)
GRADIENTS = {
    "nearest_grad": ("nearest", 0, lambda inputs, y, gy: [gy]),
    "avg_pool_grad": ("avg_pool", 0, lambda inputs, y, gy: [gy]),
    "pad_grad": ("pad", 0, lambda inputs, y, gy: [gy]),
    "bed_of_nails_grad": ("bed_of_nails", 0, lambda inputs, y, gy: [gy]),
    "max_unpool_grad": ("max_unpool", 0, lambda inputs, y, gy: [*inputs, gy]),
    "conv_grad_weight": ("conv", 1, lambda inputs, y, gy: [inputs[0], gy]),
    "channel_sum": ("conv", 2, lambda inputs, y, gy: [gy]),
    "linear_layer_grad": ("linear_layer", 0, lambda inputs, y, gy: [gy, inputs[1]]),
    "linear_layer_grad_weight": ("linear_layer", 1, lambda inputs, y, gy: [inputs[0], gy]),
    "leaky_relu_grad": ("leaky_relu", 0, lambda inputs, y, gy: [inputs[0], gy]),
    "prelu_grad": ("prelu", 0, lambda inputs, y, gy: [*inputs, gy]),
    "prelu_grad_weight": ("prelu", 1, lambda inputs, y, gy: [*inputs, gy]),
    "sigmoid_grad": ("sigmoid", 0, lambda inputs, y, gy: [y, gy]),
    "tanh_grad": ("tanh", 0, lambda inputs, y, gy: [y, gy]),
    "softmax_grad": ("softmax", 0, lambda inputs, y, gy: [y, gy]),
    "log_softmax_grad": ("log_softmax", 0, lambda inputs, y, gy: [y, gy]),
    "batch_norm_grad": ("batch_norm", 0, lambda inputs, y, gy: [inputs[0], inputs[1], gy]),
    "batch_norm_grad_weight": ("batch_norm", 1, lambda inputs, y, gy: [inputs[0], gy]),
    "instance_norm_grad": ("instance_norm", 0, lambda inputs, y, gy: [inputs[0], inputs[1], gy]),
    "layer_norm_grad": ("layer_norm", 0, lambda inputs, y, gy: [inputs[0], inputs[1], gy]),
    "rms_norm_grad": ("rms_norm", 0, lambda inputs, y, gy: [inputs[0], inputs[1], gy]),
    "group_norm_grad": ("group_norm", 0, lambda inputs, y, gy: [inputs[0], inputs[1], gy]),
    "lp_normalize_grad": ("lp_normalize", 0, lambda inputs, y, gy: [inputs[0], gy]),
    "lrn_grad": ("lrn", 0, lambda inputs, y, gy: [inputs[0], gy]),
    "grid_sample_grad": ("grid_sample", 0, lambda inputs, y, gy: [gy, inputs[1]]),
    "grid_sample_grad_grid": ("grid_sample", 1, lambda inputs, y, gy: [*inputs, gy]),
    "affine_grid_grad": ("affine_grid", 0, lambda inputs, y, gy: [gy]),
    "warp_affine_grad": ("warp_affine", 0, lambda inputs, y, gy: [gy, inputs[1]]),
    "resample_poly_grad": ("resample_poly", 0, lambda inputs, y, gy: [gy]),
    "instance_norm_grad_weight": ("instance_norm", 1, lambda inputs, y, gy: [inputs[0], gy]),
}


def derivative(run, inputs, which, gy, step=1e-6):
    """Central differences of sum(run(inputs) * gy)."""
    gradient = np.zeros(inputs[which].shape)
    for at in np.ndindex(*gradient.shape):
        ends = []
        for move in (step, -step):
            moved = list(inputs)
            moved[which] = inputs[which].copy()
            moved[which][at] += move
            ends.append(np.sum(run(*moved) * gy))
        gradient[at] = (ends[0] - ends[1]) / (2 * step)
    return gradient


@pytest.mark.parametrize("name", GRADIENTS)
def test_gradient_reference(name):
    forward_name, which, arrange = GRADIENTS[name]
    forward, gradient = importlib.import_module(f"reference.{forward_name}"), importlib.import_module(f"reference.{name}")
    checked = 0
    for seed in range(40):
        rng = np.random.default_rng([seed, 1])
        params, inputs = forward.draw(rng, np.float64, **({"enlarge": False} if name == "conv_grad_weight" else {}))
        full = {**forward.DEFAULTS, **params}
        if inputs[which] is None or inputs[which].size > 200 or (name.startswith("batch_norm") and not full["training"]):
            continue
        y = forward.run(full, *inputs)
        gy = rng.standard_normal(y.shape)
        given = {**gradient.DEFAULTS, **{key: value for key, value in params.items() if key in gradient.DEFAULTS}}
        if "input_size" in gradient.DEFAULTS:
            given["input_size"] = list(c.to_ncx(inputs[0], full["layout"]).shape[2:])
        if name == "conv_grad_weight":
            given["kernel"] = list(inputs[1].shape[2:])
        got = gradient.run(given, *arrange(inputs, y, gy))
        wanted = derivative(lambda *moved: forward.run(full, *moved), inputs, which, gy)
        assert np.allclose(got, wanted, rtol=1e-5, atol=1e-6 * max(1, np.max(abs(wanted), initial=0))), f"{params}\n{got}\n{wanted}"
        checked += 1
    assert checked >= 5


KERNELS = importlib.import_module("reference.resample_grad").KINDS


@pytest.mark.parametrize("kernel", KERNELS)
def test_resample_gradient_reference(kernel):
    forward, gradient = (importlib.import_module(f"reference.{name}") for name in (kernel, "resample_grad"))
    checked = 0
    for seed in range(40):
        params, (x,) = forward.draw(np.random.default_rng([seed, 1]), np.float64)
        if x.size > 200:
            continue
        full = {**forward.DEFAULTS, **params}
        gy = np.random.default_rng(seed).standard_normal(forward.run(full, x).shape)
        given = {**gradient.DEFAULTS, **full, "kernel": kernel, "input_size": list(c.to_ncx(x, full["layout"]).shape[2:])}
        wanted = derivative(lambda moved: forward.run(full, moved), [x], 0, gy)
        assert np.allclose(gradient.run(given, gy), wanted, rtol=1e-5, atol=1e-6 * max(1, np.max(abs(wanted), initial=0))), params
        checked += 1
    assert checked >= 5


FUNCTIONS = importlib.import_module("reference.elementwise_grad").DERIVATIVES


@pytest.mark.parametrize("of", FUNCTIONS)
def test_elementwise_gradient_reference(of):
    gradient, forward = (importlib.import_module(f"reference.{name}") for name in ("elementwise_grad", of.removesuffix("_tanh")))
    values, rng = FUNCTIONS[of][0], np.random.default_rng(3)
    params = {**forward.DEFAULTS, **dict(zip(forward.DEFAULTS, ("tanh",) if of == "gelu_tanh" else values))}
    while True:
        given, (x, gy) = gradient.draw(rng, np.float64)
        if given["of"] == of and 3 < x.size < 100:
            break
    wanted = derivative(lambda x: forward.run(params, x), [x], 0, gy)
    assert np.allclose(gradient.run({**gradient.DEFAULTS, **given}, x, gy), wanted, rtol=1e-5, atol=1e-6)


def test_pow_gradient_reference():
    gradient, forward = (importlib.import_module(f"reference.{name}") for name in ("pow_grad", "pow"))
    _, inputs = forward.draw(np.random.default_rng(5), np.float64)
    inputs = np.broadcast_arrays(np.maximum(inputs[0], 0.5), inputs[1])
    for place, of in enumerate(("base", "exponent")):
        wanted = derivative(lambda a, b: forward.run({}, a, b), inputs, place, np.ones(inputs[0].shape))
        assert np.allclose(gradient.run(dict(of=of), *inputs), wanted, rtol=1e-5, atol=1e-6)


def test_slice_and_broadcast_references():
    rng = np.random.default_rng(0)
    x, gy = rng.standard_normal((4, 5)), rng.standard_normal((4, 2))
    forward, gradient = importlib.import_module("reference.slice"), importlib.import_module("reference.slice_grad")
    y = forward.run(dict(axis=1, start=2, stop=4, step=1), x)
    assert np.isclose(np.sum(y * gy), np.sum(x * gradient.run(dict(axis=1, start=2, step=1, length=5), gy)))
    small, big = rng.standard_normal((4, 1)), rng.standard_normal((3, 4, 5))
    forward, gradient = importlib.import_module("reference.broadcast_to"), importlib.import_module("reference.sum_to")
    assert np.isclose(np.sum(forward.run(dict(shape=[3, 4, 5]), small) * big), np.sum(small * gradient.run(dict(shape=[4, 1]), big)))
