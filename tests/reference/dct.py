"""Resampling by the discrete cosine transform."""

from . import _resample as r

DEFAULTS = dict(**r.TARGET, layout="NCX")
U8_ERROR = 0.625
EXACT = False  # the weights are not fractions of few bits


def run(params, x):
    return r.forward(params, x, r.COSINE)


def bound(params, x):
    return r.forward_bound(params, x, r.COSINE)


def draw(rng, dtype, kind="normal", layout=None, span=9):
    return r.draw_plain(rng, dtype, kind, layout, span, DEFAULTS, None)


LARGE = [case for case in r.LARGE if "antialias" not in case[0]] + [({"size": [3, 77]}, [(1, 1, 9, 900)])]
REJECTS = [case for case in r.rejects("dct") if not {"coordinates", "reducing_gap", "antialias"} & set(case[0])]
