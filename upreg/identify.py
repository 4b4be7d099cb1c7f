"""Which registered method made this output of that input?

>>> for match in upreg.identify(small, large)[:3]:
...     print(match)

People ask it when the numbers of two libraries do not agree. Every resampling method and preset is run with the choices that libraries make
(coordinates, antialias, rounding), in the arrays' own type and, for uint8, also in floats that are rounded at the end.
"""

from __future__ import annotations

import itertools
from dataclasses import asdict, dataclass, replace

import numpy as np

from upreg import registry
from upreg.compare import compare
from upreg.errors import DTypeError, ParameterError, ShapeError, UpregError
from upreg.registry import as_array

ROUNDED = "computed in floats, then rounded"
SHIFTS = 10  # so many of the first are looked at for a shift
CLOSE = 2e-6  # of the output's range: what single precision leaves open

# What is tried where a method leaves it open. A cubic's other a has its own line: libraries differ there.
LAYOUTS = ("NCX", "NXC", "CX", "XC", "X")
CHOICES = {
    "coordinates": ("half_pixel", "asymmetric", "align_corners", "tf_half_pixel_for_nn"),
    "rounding": ("floor", "ceil", "round_prefer_floor", "round_prefer_ceil"),
    "antialias": (False, True),
    "border": ("auto", "renormalize", "reflect"),
    "rule": ("exact", "adaptive", "opencv"),
    "a": (-0.75, -0.5),
    "version": (2013, 2021),
    "prefilter": (True, False),
}


@dataclass(frozen=True)
class Match:
    """One candidate: its text form, how it was computed, and how far it is off.

    equal: share of equal elements; max_abs, mean_abs: of the error; range: of the output; shift: as in `upreg.compare`, for the first few.
    """

    method: str
    how: str  # "" or ROUNDED
    equal: float
    max_abs: float
    mean_abs: float
    range: float
    shift: tuple[int, int] | None = None

    @property
    def exact(self):
        """Whether every element is equal."""
        return self.equal == 1

    @property
    def close(self):
        """Whether the largest error is within what single precision leaves open."""
        return self.max_abs <= CLOSE * self.range

    def __str__(self):
        name = f"{self.method} ({self.how})" if self.how else self.method
        if self.exact:
            return f"{name}: equal"
        moved = f"; shifted by {self.shift[1]:+d} along axis {self.shift[0]}" if self.shift else ""
        return f"{name}: {100 * self.equal:.1f}% equal, off by at most {self.max_abs:.4g}, on average {self.mean_abs:.3g}{moved}"

    def to_dict(self):
        """A JSON-able dict."""
        return {**asdict(self), "exact": self.exact, "close": self.close}


def identify(x, y, layout="NCX", family="resample"):
    """Candidates for y = method(x), best first: exact ones, then by the mean error; each method only with its best parameters.

    x, y: arrays of one element type, float32, float64 or uint8, of 1 to 3 spatial axes in this layout. Returns a list of `Match`.
    """
    x, y = (as_array(value, "identify", {"name": name, "dtype": "T"}) for name, value in (("x", x), ("y", y)))
    if x.dtype != y.dtype or x.dtype.name not in ("float32", "float64", "uint8"):
        raise DTypeError(f"identify: the element types are {x.dtype} and {y.dtype}; allowed: twice float32, float64 or uint8")
    if x.ndim != y.ndim:
        raise ShapeError(f"identify: the numbers of axes are {x.ndim} and {y.ndim}; allowed: the same")
    if layout not in LAYOUTS:
        raise ParameterError(f"identify: layout = {layout!r} is not allowed; allowed: {', '.join(LAYOUTS)}")
    rank = x.ndim - len(layout) + 1
    if not 1 <= rank <= 3:
        raise ShapeError(f"identify: {x.ndim} axes with layout {layout} are {rank} spatial ones; allowed: 1 to 3")
    first = layout.index("X")
    spatial = range(first, first + rank)
    if any(x.shape[axis] != y.shape[axis] for axis in range(x.ndim) if axis not in spatial):
        raise ShapeError(f"identify: {x.shape} and {y.shape} differ in more than spatial axes (layout {layout})")
    extent = float(np.ptp(y.astype(np.float64))) if y.size else 1.0
    best = {}
    shrinks = any(y.shape[axis] < x.shape[axis] for axis in spatial)
    for method in _candidates(family, rank, [y.shape[axis] for axis in spatial], shrinks, layout):
        for how, got in _results(method, x):
            match = _match(method, how, got, y, extent or 1.0)
            if method.name not in best or _order(match) < _order(best[method.name][0]):
                best[method.name] = match, got
    found = sorted(best.values(), key=lambda pair: _order(pair[0]))
    return [match if match.exact or place >= SHIFTS else replace(match, shift=compare(got, y).shift) for place, (match, got) in enumerate(found)]


def _match(method, how, got, y, extent):
    error = np.abs(got.astype(np.float64) - y)
    error = np.where(np.isnan(got) & np.isnan(y), 0, error) if got.dtype.kind == "f" else error
    error = np.nan_to_num(error, nan=np.inf)
    return Match(str(method), how, float(np.mean(error == 0)) if error.size else 1.0, float(error.max(initial=0)), float(np.mean(error)), extent)


def _order(match):
    """Exact ones first, libraries' names before what they stand for, short forms before long ones."""
    return (not match.exact, 0 if match.close else match.mean_abs, bool(match.how), "." not in match.method, len(match.method), match.method)


def _candidates(family, rank, size, shrinks, layout):
    """Every method of the family that takes one array and a size, with each combination of what it leaves open."""
    for name in registry.methods(family=family):
        info = registry.describe(name)
        params = {p["name"]: p for p in info["params"]}
        if "size" not in params or len(info["inputs"]) != 1 or (info["rank"] or rank) != rank or "gradient" in info["flags"]:
            continue
        tried = {key: _allowed(values, params[key]) for key, values in CHOICES.items() if key in params}
        if info["method"] == "lanczos" and "a" in tried:
            tried["a"] = [3, 4, 5, 2]
        if info["method"] == "bspline":
            tried.pop("antialias", None)
        if info["method"] == "fourier":
            tried.pop("coordinates", None)
        if not shrinks:  # there antialias only renormalises, which is tried as a border
            tried["antialias"] = [False] if "antialias" in tried else []
        tried = {key: values for key, values in tried.items() if values}
        for values in itertools.product(*tried.values()):
            try:
                yield registry.get(name, size=size, layout=layout, **dict(zip(tried, values)))
            except UpregError:
                continue  # values that do not go together


def _allowed(values, param):
    return [v for v in values if param["choices"] is None or v in param["choices"] or str(v) in param["choices"]]


def _results(method, x):
    """(how, result) of a method: in x's type, and for uint8 in floats too."""
    try:
        if x.dtype.name in method.info["dtypes"]:
            yield "", method(x)
        if x.dtype == np.uint8 and "rounding" not in method.params:
            yield ROUNDED, np.clip(np.rint(method(x.astype(np.float32))), 0, 255).astype(np.uint8)
    except UpregError:
        return
