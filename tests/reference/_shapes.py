"""Random shapes for methods that take any."""


def draw_shape(rng, span, low=0, high=5, most=6):
    """The lengths of `low` to `high` axes."""
    if span > 9:
        return [3, span, span * 4][: max(low, 3)]
    return [int(n) for n in rng.integers(1, (most if span > 1 else 1) + 1, rng.integers(low, high + 1))]
