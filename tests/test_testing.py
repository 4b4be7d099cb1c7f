"""`upreg.testing.check_method` passes for right methods and names what is wrong with others."""

import numpy as np
import pytest

import upreg
from upreg.testing import check_method

X = np.random.default_rng(0).standard_normal((2, 3, 6, 7)).astype(np.float32)


def test_right_methods_pass():
    check_method(upreg.get("nearest", scale=2), [X], lambda x: x.repeat(2, 2).repeat(2, 3))
    check_method(upreg.get("conv_transpose", stride=2), [X, np.ones((3, 2, 3, 3), np.float32)])
    check_method(upreg.get("max_pool", kernel=2, return_indices=True), [X])
    check_method(upreg.get("sigmoid"), [X], lambda x: 1 / (1 + np.exp(-x)))


def test_wrong_references_and_gradients_are_found():
    with pytest.raises(AssertionError, match="reference"):
        check_method(upreg.get("relu"), [X], np.abs)

    @upreg.register_method
    class Square:
        name = "testing.square"
        infer = staticmethod(lambda x: x)

        def run(self, x):
            return x * x

        def vjp(self, arrays, grad_y, place):
            return arrays[0] * grad_y  # the factor 2 is missing

    with pytest.raises(AssertionError, match="gradient"):
        check_method(upreg.get("testing.square"), [X])
