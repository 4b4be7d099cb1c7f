"""Area: the mean over what an output covers, per axis."""

from . import _resample as r

DEFAULTS = dict(**r.TARGET, rule="exact", arith="upreg", layout="NCX")
U8_ERROR = 0.625


def run(params, x):
    return r.forward(params, x, r.AREA)


def bound(params, x):
    return r.forward_bound(params, x, r.AREA)


def draw(rng, dtype, kind="normal", layout=None, span=9):
    return r.draw_plain(
        rng, dtype, kind, layout, span, DEFAULTS, {"rule": "exact" if kind == "integers" else str(rng.choice(["exact", "adaptive", "opencv"]))}
    )


LARGE = [case for case in r.LARGE if "antialias" not in case[0]] + [({"size": [3, 77]}, [(1, 1, 9, 900)])]
REJECTS = [case for case in r.rejects("area") if not {"coordinates", "reducing_gap", "antialias"} & set(case[0])]
