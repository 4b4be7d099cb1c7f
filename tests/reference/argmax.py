"""Where the largest number along one axis is."""

from . import _arg

DEFAULTS = _arg.DEFAULTS
draw = _arg.draw
LARGE = _arg.LARGE
REJECTS = _arg.rejects("argmax")


def run(params, x):
    return _arg.run(params, x, "argmax")
