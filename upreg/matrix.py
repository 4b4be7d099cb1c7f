"""The matrix of a linear method: one row per output element, one column per input element."""

from __future__ import annotations

import math

import numpy as np

from upreg.errors import DTypeError, ParameterError, ShapeError
from upreg.registry import as_array, check_shape, describe, from_config

MOST_ELEMENTS = 1 << 27  # outputs probed in all; beyond that the caller meant something else


class LinearMatrix:
    """A sparse matrix as triplets: `data[i]` stands at row `row[i]`, column `col[i]`. What is returned where SciPy is not installed."""

    def __init__(self, data, row, col, shape):
        self.data, self.row, self.col, self.shape = data, row, col, tuple(shape)

    rows = property(lambda self: self.row)
    cols = property(lambda self: self.col)
    values = property(lambda self: self.data)
    nnz = property(lambda self: len(self.data))
    dtype = property(lambda self: self.data.dtype)
    ndim = 2

    @property
    def T(self):
        """The transpose, sharing the numbers."""
        return LinearMatrix(self.data, self.col, self.row, self.shape[::-1])

    def toarray(self):
        """The dense matrix."""
        dense = np.zeros(self.shape, self.dtype)
        np.add.at(dense, (self.row, self.col), self.data)
        return dense

    def __matmul__(self, other):
        other = np.asarray(other)
        if other.ndim not in (1, 2) or other.shape[0] != self.shape[1]:
            raise ShapeError(f"a {self.shape[0]}x{self.shape[1]} matrix takes {self.shape[1]} rows, got shape {other.shape}")
        result = np.zeros((self.shape[0], *other.shape[1:]), np.result_type(self.dtype, other.dtype))
        np.add.at(result, self.row, self.data.reshape((-1,) + (1,) * (other.ndim - 1)) * other[self.col])
        return result

    def __repr__(self):
        return f"<{self.shape[0]}x{self.shape[1]} LinearMatrix of {self.dtype} with {self.nnz} elements>"


def linear_matrix(m, x_shape, *weights, dtype="float64"):
    """The sparse matrix A of a linear method: `m(x, *weights).ravel() == A @ x.ravel()`.

    m: a method, or its text form. x_shape: shape of the first input. weights: the other inputs in port order, without bias (a matrix has no place
    for one). dtype: float64 or float32. Returns `scipy.sparse.coo_array` where SciPy is installed, else a `LinearMatrix`; both have
    `row, col, data, shape, toarray(), T, @`. Rows and columns count the flattened output and input in C order; the order of the triplets is
    column by column.
    ParameterError when the method is not linear in its first input; ShapeError when the shapes do not fit.
    """
    if isinstance(m, str):
        m = from_config(m)
    if "linear" not in describe(m.name)["flags"]:
        raise ParameterError(f"{m.name}: this method is not linear in its first input, so it has no matrix")
    dtype = np.dtype(dtype)
    if dtype not in (np.float32, np.float64):
        raise DTypeError(f"linear_matrix: dtype = {dtype} is not allowed; allowed: float32, float64")
    x_shape = check_shape(x_shape, m.name, m.info["inputs"][0]["name"])
    others = [_weight(m, place, w, dtype) for place, w in enumerate(weights, 1)]
    rows, columns = (math.prod(s) for s in (m.infer(x_shape, *[None if w is None else w.shape for w in others], dtype=dtype), x_shape))
    if rows * columns > MOST_ELEMENTS:
        raise ShapeError(f"{m.name}: a matrix of {rows} x {columns} is too large to probe; allowed: {MOST_ELEMENTS} elements")
    x = np.zeros(x_shape, dtype)
    zero = m(x, *others)
    if zero.any():
        raise ParameterError(f"{m.text}: zeros do not give zeros (a bias, or what lies outside the input): a matrix has no place for that")
    return _sparse(*_probe(m, x, others, zero), (zero.size, x.size))


def _weight(m, place, weight, dtype):
    port = m._port(place)
    array = as_array(weight, m.name, port)
    return array if array is None or port["dtype"] == "i64" else array.astype(dtype)


def _probe(m, x, others, y):
    """One column at a time: what each input element alone gives."""
    flat, results, rows, cols = x.reshape(-1), [], [], []
    for column in range(x.size):
        flat[column] = 1
        m(x, *others, out=y)
        flat[column] = 0
        found = np.flatnonzero(y)
        rows.append(found)
        cols.append(np.full(len(found), column))
        results.append(y.reshape(-1)[found])
    joined = [np.concatenate(v) if v else np.zeros(0) for v in (results, rows, cols)]
    return joined[0].astype(x.dtype), joined[1].astype(np.int64), joined[2].astype(np.int64)


def _sparse(data, row, col, shape):
    try:
        from scipy.sparse import coo_array
    except ImportError:
        return LinearMatrix(data, row, col, shape)
    return coo_array((data, (row, col)), shape=shape)
