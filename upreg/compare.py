"""How far two arrays are apart, and whether one is only a shifted copy of the other."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass

import numpy as np

from upreg.errors import DTypeError
from upreg.registry import as_array

MOST_SHIFT = 3
SHIFT_GAIN = 64  # a shift is reported when it makes the error this many times smaller


@dataclass(frozen=True)
class Comparison:
    """What `compare(a, b)` found; `str()` is a short report, `bool()` is `equal`.

    Elements are compared where both arrays have them (`compared` pairs, from index 0 on). A NaN in both arrays at the same place counts as
    equal; in one array only it is an infinite error. `max_ulp` counts representable numbers between the two, in the coarser of the two types.
    """

    shapes: tuple[tuple[int, ...], tuple[int, ...]]
    dtypes: tuple[str, str]
    compared: int
    equal_count: int
    max_abs: float
    max_ulp: float
    mean_abs: float
    where: tuple[int, ...] | None  # of the largest absolute error
    values: tuple[float, float] | None  # a and b there
    nan_only_a: int
    nan_only_b: int
    nan_both: int
    shift: tuple[int, int] | None  # (axis, amount): b[i + amount] == a[i] along that axis

    @property
    def same_shape(self):
        """Whether the shapes agree."""
        return self.shapes[0] == self.shapes[1]

    @property
    def same_dtype(self):
        """Whether the element types agree."""
        return self.dtypes[0] == self.dtypes[1]

    @property
    def equal(self):
        """Whether the shapes agree and every element is equal (element types may differ)."""
        return self.same_shape and self.equal_count == self.compared

    def __bool__(self):
        return self.equal

    def to_dict(self):
        """A JSON-able dict; numbers that are not finite become text."""
        plain = {key: _plain(value) for key, value in asdict(self).items()}
        return {**plain, "equal": self.equal, "same_shape": self.same_shape, "same_dtype": self.same_dtype}

    def __str__(self):
        lines = []
        if not self.same_shape:
            lines.append(f"shapes differ: {self.shapes[0]} and {self.shapes[1]}; compared where both have elements")
        if not self.same_dtype:
            lines.append(f"element types differ: {self.dtypes[0]} and {self.dtypes[1]}")
        if not self.compared:
            lines.append("no elements to compare")
        elif self.equal_count == self.compared:
            lines.append(f"equal: all {self.compared} elements")
        else:
            lines.append(f"{self.equal_count} of {self.compared} elements equal")
            lines.append(f"largest error {_short(self.max_abs)} ({_short(self.max_ulp)} ulp), mean {_short(self.mean_abs)}")
            lines.append(f"at {self.where}: {_short(self.values[0])} and {_short(self.values[1])}")
        if self.nan_only_a or self.nan_only_b:
            lines.append(f"NaN in the first only: {self.nan_only_a}, in the second only: {self.nan_only_b}, in both: {self.nan_both}")
        if self.shift is not None:
            axis, amount = self.shift
            lines.append(f"the second is the first shifted by {amount:+d} along axis {axis}")
        return "\n".join(lines)


def _plain(value):
    if isinstance(value, tuple):
        return [_plain(v) for v in value]
    return value if not isinstance(value, float) or math.isfinite(value) else repr(value)


def _short(value):
    return str(value) if isinstance(value, int) else f"{value:.6g}"


def compare(a, b):
    """Compares two arrays of real numbers -> Comparison.

    a, b: any buffer, DLPack producer or sequence. Shapes and element types that differ are reported, not raised. Shifts of 1 to 3 elements along
    each axis are tried: peers that crop or round at the other side give the same numbers one element apart.
    DTypeError for arrays that do not hold real numbers.
    """
    a, b = (_as_numbers(v, name) for v, name in ((a, "a"), (b, "b")))
    shapes, dtypes = (a.shape, b.shape), (a.dtype.name, b.dtype.name)
    a, b = _common(a, b)
    error, nans = _errors(a, b)
    equal = int(np.count_nonzero(error == 0))
    where = values = None
    if error.size and equal < error.size:
        where = tuple(int(i) for i in np.unravel_index(np.argmax(error), error.shape))
        values = (_number(a[where]), _number(b[where]))
    largest = float(error.max(initial=0.0))
    ulp = (math.inf if nans[0] or nans[1] else _ulps(a, b)) if equal < error.size else 0
    whole = shapes[0] == shapes[1] and largest == 0
    return Comparison(
        shapes,
        dtypes,
        error.size,
        equal,
        largest,
        ulp,
        float(error.mean()) if error.size else 0.0,
        where,
        values,
        *nans,
        None if whole else _shift(a, b, float(error[np.isfinite(error)].max(initial=0.0))),
    )


def _as_numbers(value, name):
    if isinstance(value, (bool, np.bool_)) or (isinstance(value, np.ndarray) and value.dtype == bool):
        value = np.asarray(value, np.uint8)
    array = as_array(value, "compare", {"name": name, "dtype": "T"})
    if array is None:
        raise DTypeError(f"compare: {name} is None; allowed: an array of real numbers")
    return array


def _common(a, b):
    """The part that both have; the array with fewer axes gets leading ones of length 1."""
    rank = max(a.ndim, b.ndim)
    a, b = (v.reshape((1,) * (rank - v.ndim) + v.shape) for v in (a, b))
    both = tuple(slice(0, min(n, m)) for n, m in zip(a.shape, b.shape))
    return a[both], b[both]


def _wide(v):
    return v if v.dtype.kind in "iu" else v.astype(np.float64)


def _errors(a, b):
    """(absolute errors in float64 with infinity where only one is NaN, (NaN in a only, in b only, in both))."""
    if np.result_type(a, b).kind in "iu":
        high, low = np.atleast_1d(np.maximum(a, b)), np.atleast_1d(np.minimum(a, b))
        return (high.astype(np.uint64) - low.astype(np.uint64)).astype(np.float64).reshape(a.shape), (0, 0, 0)  # int64 may differ by 64 bits
    x, y = _wide(a).astype(np.float64), _wide(b).astype(np.float64)
    nan_a, nan_b = np.isnan(x), np.isnan(y)
    with np.errstate(invalid="ignore", over="ignore"):
        error = np.asarray(np.abs(x - y))
    error[(x == y) | (nan_a & nan_b)] = 0  # infinity - infinity
    error[nan_a ^ nan_b] = np.inf
    return error, tuple(int(np.count_nonzero(m)) for m in (nan_a & ~nan_b, nan_b & ~nan_a, nan_a & nan_b))


def _ulps(a, b):
    """The largest number of steps between neighbouring numbers, in the coarser type of the two."""
    if np.result_type(a, b).kind in "iu":
        return int(_errors(a, b)[0].max(initial=0))
    floats = [v.dtype for v in (a, b) if v.dtype.kind not in "iu"] or [np.dtype(np.float64)]
    coarser = min(floats, key=lambda d: d.itemsize)
    with np.errstate(over="ignore", invalid="ignore"):
        x, y = (np.ascontiguousarray(v.astype(coarser)) for v in (a, b))
    known = ~(np.isnan(x.astype(np.float64)) | np.isnan(y.astype(np.float64)))
    x, y = _ordered(x[known]), _ordered(y[known])
    return int((np.maximum(x, y) - np.minimum(x, y)).max(initial=0))


def _ordered(v):
    """Maps floating-point numbers to unsigned integers in the same order, neighbours to neighbours, both zeros to one."""
    bits = v.view({2: np.uint16, 4: np.uint32, 8: np.uint64}[v.dtype.itemsize]).astype(np.uint64)
    sign = np.uint64(1) << np.uint64(8 * v.dtype.itemsize - 1)
    magnitude = bits & (sign - np.uint64(1))
    return np.where(bits & sign, sign - magnitude, sign + magnitude)


def _shift(a, b, unshifted):
    """The (axis, amount) with the smallest error, where that explains the difference; None otherwise."""
    best = None
    for axis in range(a.ndim):
        for amount in sorted(range(-MOST_SHIFT, MOST_SHIFT + 1), key=abs):
            if amount == 0 or abs(amount) >= a.shape[axis]:
                continue
            ends = (slice(0, a.shape[axis] - abs(amount)), slice(abs(amount), None))
            take = ends if amount > 0 else ends[::-1]
            part_a, part_b = (v[(slice(None),) * axis + (t,)] for v, t in zip((a, b), take))
            error, _ = _errors(part_a, part_b)
            largest = float(error.max(initial=0.0))
            varies = part_a.size > 1 and not np.array_equal(part_a, np.broadcast_to(part_a.flat[0], part_a.shape))
            if error.size and varies and largest * SHIFT_GAIN < unshifted and (best is None or largest < best[0]):
                best = (largest, (axis, amount))
    return best[1] if best else None


def _number(value):
    return int(value) if value.dtype.kind in "iu" else float(value)
