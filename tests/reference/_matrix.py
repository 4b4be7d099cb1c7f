"""Stacks of matrices and vectors."""

from . import _broadcast


def draw_stacks(rng, span, count=2):
    """Shapes of at most three axes that broadcast together."""
    return [shape[-3:] for shape in _broadcast.draw_shapes(rng, count, span)] if span <= 9 else [[2], [2]]


def draw_sizes(rng, span, count):
    return [int(n) for n in rng.integers(1, span + 1, count)] if span <= 9 else [span + 5 * i for i in range(count)]
