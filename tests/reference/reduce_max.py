"""The largest number along any axes."""

from . import _reduce as r

DEFAULTS = r.DEFAULTS
ULPS = 0
run = r.plain("max")
draw = r.draw
LARGE = r.FILLED
REJECTS = r.rejects("reduce_max")
