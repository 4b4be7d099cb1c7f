"""Resampling by the discrete Fourier transform."""

from . import _resample as r

DEFAULTS = dict(**r.TARGET, coordinates="asymmetric", layout="NCX")
U8_ERROR = 0.625
EXACT = False  # the weights are not fractions of few bits


def run(params, x):
    return r.forward(params, x, r.FOURIER)


def bound(params, x):
    return r.forward_bound(params, x, r.FOURIER)


def draw(rng, dtype, kind="normal", layout=None, span=9):
    return r.draw_plain(
        rng, dtype, kind, layout, span, DEFAULTS, {"coordinates": "asymmetric" if rng.integers(2) else str(rng.choice(r.COORDINATES[:-1]))}
    )


LARGE = [case for case in r.LARGE if "antialias" not in case[0]] + [({"size": [3, 77]}, [(1, 1, 9, 900)])]
REJECTS = [case for case in r.rejects("fourier") if not {"none", "reducing_gap", "antialias"} & set(case[0])]
