"""The sum along any axes."""

from . import _reduce as r

DEFAULTS = r.DEFAULTS
run = r.plain("sum")
bound = r.sum_bound
draw = r.draw
LONG = r.LONG
LARGE = r.LARGE
REJECTS = r.rejects("reduce_sum")
