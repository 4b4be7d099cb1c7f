"""What elementwise methods promise of single numbers: errors, special values, whole numbers that would overflow or trap, gradients of ties."""
import math

import numpy as np
import pytest
from cases import same_bits

import upreg

LONG = np.longdouble
HAS_LONG = np.finfo(LONG).eps < 1e-18  # more digits than float64: a truth for it


def by_libm(f):
    return lambda x: np.vectorize(f, otypes=[float])(np.asarray(x, float)).astype(LONG)


def softplus(x):
    return np.maximum(x, 0) + np.log1p(np.exp(-abs(x)))


def gelu(x):
    """With the part of the argument that float64 lacks."""
    t = -x / np.sqrt(LONG(2))
    short = t.astype(float)
    erfc = np.vectorize(math.erfc, otypes=[float])(short) - (t - short) * 2 / math.sqrt(math.pi) * np.exp(-t * t)
    return x * erfc / 2


def swish(x):
    return x / (1 + np.exp(-x))


# method: (units in the last place for float32, for float64, the truth, smallest and largest argument)
ERRORS = {
    "exp": (1.1, 1.1, np.exp, -700, 700),
    "log": (1.1, 1.1, np.log, 1e-30, 1e30),
    "sqrt": (0.501, 0.501, np.sqrt, 0, 1e30),
    "reciprocal": (0.501, 0.501, lambda x: 1 / x, 1e-30, 1e30),
    "erf": (2, 3, by_libm(math.erf), -8, 8),
    "sin": (0.51, 1, np.sin, -1e5, 1e5),
    "cos": (0.51, 1, np.cos, -1e5, 1e5),
    "tan": (0.51, 2.5, np.tan, -1e5, 1e5),
    "asin": (0.51, 3, np.arcsin, -1, 1),
    "acos": (0.51, 3, np.arccos, -1, 1),
    "atan": (0.51, 2, np.arctan, -1e6, 1e6),
    "sinh": (0.51, 4, np.sinh, -700, 700),
    "cosh": (0.51, 4, np.cosh, -700, 700),
    "asinh": (0.51, 4, np.arcsinh, -1e30, 1e30),
    "acosh": (0.51, 4, np.arccosh, 1, 1e30),
    "atanh": (0.51, 4, np.arctanh, -1, 1),
    "softplus": (2, 2, softplus, -80, 700),
    "elu": (1.5, 1.5, lambda x: np.where(x > 0, x, np.expm1(np.minimum(x, 0))), -80, 700),
    "gelu": (6, 6, gelu, -30, 10),
    "mish": (5, 5, lambda x: x * np.tanh(np.log1p(np.exp(x))), -80, 80),
    "swish": (4, 4, swish, -80, 80),
}


def arguments(dtype, low, high):
    """Numbers of every magnitude, and evenly spaced ones."""
    rng = np.random.default_rng(7)
    sizes = np.exp(rng.uniform(-60, 80, 20000))
    x = np.concatenate([sizes, -sizes, rng.uniform(low, high, 20000), rng.uniform(max(low, -4), min(high, 4), 20000), [low, high]]).astype(dtype)
    return x[(x >= low) & (x <= high)]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", ERRORS)
def test_errors(name, dtype):
    if dtype == np.float64 and not HAS_LONG:
        pytest.skip("no type with more digits than float64")
    *allowed, truth, low, high = ERRORS[name]
    x = arguments(dtype, low, high)
    with np.errstate(all="ignore"):
        wanted = truth(x.astype(LONG))
        unit = np.spacing(abs(wanted).astype(dtype))
        error = abs(upreg.run(name, x).astype(LONG) - wanted) / unit
    counts = np.isfinite(unit) & (abs(wanted) >= np.finfo(dtype).tiny)
    worst = np.argmax(np.where(counts, error, 0))
    assert counts.sum() > 1000 and error[worst] <= allowed[dtype == np.float64], (x[worst], float(error[worst]))
    assert np.isinf(upreg.run(name, x)[np.isinf(unit)]).all()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_error_of_pow(dtype):
    rng = np.random.default_rng(8)
    top = 80 if dtype == np.float32 else 700
    a = np.concatenate([np.exp(rng.uniform(-top, top, 50000)), rng.uniform(0.5, 2, 50000), 1 + 1e-3 * rng.standard_normal(50000)]).astype(dtype)
    with np.errstate(divide="ignore"):
        b = np.asarray(rng.uniform(-top, top, a.size) / np.where(a == 1, 1, abs(np.log(a))), dtype)
    wanted = a.astype(LONG) ** b.astype(LONG)
    error = abs(upreg.run("pow", a, b).astype(LONG) - wanted) / np.spacing(wanted.astype(dtype))
    assert error.max() <= (0.51 if dtype == np.float32 else 1.75 if HAS_LONG else 3)


SPECIAL = np.array([0.0, -0.0, 1, -1, 2, -2, 0.5, -0.5, 2.5, 3.5, -2.5, np.inf, -np.inf, np.nan, 1e300, -1e300, 1e-310, -1e-310, 4503599627370497.5, 1e17,
                    0.49999999999999994, 7, -8, 1 / 3])


def agree(got, wanted, x):
    """Equal with signs of zeros, or within a few units in the last place where finite."""
    with np.errstate(invalid="ignore"):
        near = abs(got - wanted) <= 4 * np.spacing(abs(wanted))
        same = (got == wanted) & (np.signbit(got) == np.signbit(wanted)) | (np.isnan(got) & np.isnan(wanted)) | (near & (wanted != 0))
    assert same.all(), (x[~same], got[~same], wanted[~same])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name, numpys", [
    ("exp", np.exp), ("log", np.log), ("sqrt", np.sqrt), ("reciprocal", np.reciprocal), ("abs", np.abs), ("neg", np.negative), ("sign", np.sign),
    ("floor", np.floor), ("ceil", np.ceil), ("round", np.rint), ("asin", np.arcsin), ("acos", np.arccos), ("atan", np.arctan), ("sinh", np.sinh),
    ("cosh", np.cosh), ("asinh", np.arcsinh), ("acosh", np.arccosh), ("atanh", np.arctanh), ("is_nan", np.isnan), ("is_inf", np.isinf),
])
def test_special_values(name, numpys, dtype):
    with np.errstate(all="ignore"):
        x = SPECIAL.astype(dtype)
        wanted = numpys(x)
        if name == "sign":
            wanted = np.where(x == 0, x, wanted)  # numpy forgets the sign of 0
        agree(upreg.run(name, x).astype(dtype), wanted.astype(dtype), x)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name, numpys", [
    ("pow", np.power), ("add", np.add), ("sub", np.subtract), ("mul", np.multiply), ("div", np.divide), ("mod", np.mod), ("minimum", np.minimum),
    ("maximum", np.maximum), ("equal", np.equal), ("less", np.less), ("greater", np.greater), ("less_equal", np.less_equal),
    ("greater_equal", np.greater_equal),
])
def test_special_pairs(name, numpys, dtype):
    with np.errstate(all="ignore"):
        x = SPECIAL.astype(dtype)
        a, b = x[:, None], x[None, :]
        got, wanted = upreg.run(name, a, b).astype(dtype), numpys(a, b).astype(dtype)
        if name in ("minimum", "maximum"):
            got, wanted = got + 0, wanted + 0  # of two zeros either
        agree(got, wanted, np.broadcast_to(a, got.shape))
        if name == "mod":
            agree(upreg.run("mod", a, b, fmod=True), np.fmod(a, b), np.broadcast_to(a, got.shape))


def test_limits_of_activations():
    x = np.array([np.inf, -np.inf, 200, -200, 1e30, -1e30], np.float32)
    for name in ("softplus", "elu", "gelu", "mish", "selu", "celu"):
        y = upreg.run(name, x)
        assert np.isinf(y[0]) and y[4] > 9e29 and abs(y[3]) < 2 and abs(y[5]) < 2, (name, y)


def test_angles_far_away():
    """The nearest numbers to multiples of pi / 2, and angles up to 2^50; beyond that something between -1 and 1."""
    if not HAS_LONG:
        pytest.skip("no type with more digits than float64")
    x = np.concatenate([np.arange(1, 60000, 7) * (math.pi / 2), np.ldexp(np.random.default_rng(1).uniform(0.5, 1, 5000), np.arange(5000) % 50)])
    for name, truth in (("sin", np.sin), ("cos", np.cos)):
        wanted = truth(x.astype(LONG))
        assert (abs(upreg.run(name, x) - wanted) <= np.spacing(abs(wanted).astype(float))).all()
        far = upreg.run(name, np.array([1e16, 1e100, -1e300]))
        assert (abs(far) <= 1).all()
        assert np.isnan(upreg.run(name, np.array([np.inf, -np.inf, np.nan]))).all()


@pytest.mark.parametrize("dtype", [np.int8, np.int16, np.int32, np.int64, np.uint8, np.uint16])
def test_whole_numbers_never_trap(dtype):
    info = np.iinfo(dtype)
    x = np.array([info.min, info.min + 1, 0, 1, 2, 3, 7, info.max - 1, info.max] + ([-1, -2, -7] if info.min else []), dtype)
    a, b = x[:, None], x[None, :]
    bits, signed = info.bits, info.min < 0

    def wrapped(value):
        value %= 2**bits
        return value - 2**bits if signed and value >= 2 ** (bits - 1) else value

    def quotient(p, q):
        return 0 if q == 0 else (abs(p) // abs(q)) * (1 if (p < 0) == (q < 0) else -1)

    def power(p, q):
        return pow(p, q, 2**bits) if q >= 0 else p**-q if p in (1, -1) else 0

    exact = {
        "add": lambda p, q: p + q, "sub": lambda p, q: p - q, "mul": lambda p, q: p * q, "div": quotient, "pow": power,
        "mod": lambda p, q: p % q if q else 0, "minimum": min, "maximum": max,
    }
    for name, f in exact.items():
        wanted = [[wrapped(f(p, q)) for q in x.tolist()] for p in x.tolist()]
        assert np.array_equal(upreg.run(name, a, b), np.array(wanted, dtype)), name
    remainders = [[wrapped(p - q * quotient(p, q)) if q else 0 for q in x.tolist()] for p in x.tolist()]
    assert np.array_equal(upreg.run("mod", a, b, fmod=True), np.array(remainders, dtype))
    for name, g in {"neg": lambda p: -p, "abs": abs, "sign": lambda p: (p > 0) - (p < 0), "bitwise_not": lambda p: ~p}.items():
        assert np.array_equal(upreg.run(name, x), np.array([wrapped(g(p)) for p in x.tolist()], dtype)), name
    for name, g in {"equal": np.equal, "less": np.less, "greater_equal": np.greater_equal}.items():
        assert np.array_equal(upreg.run(name, a, b), g(a, b))


def test_where_takes_numpys_truth_values():
    x = np.arange(-3, 4, dtype=np.float64)
    assert np.array_equal(upreg.run("where", x > 0, x, -x), abs(x))
    assert np.array_equal(upreg.run("where", x > 0, x), np.maximum(x, 0))
    with pytest.raises(upreg.DTypeError, match="condition.*float64.*uint8"):
        upreg.run("where", x, x, x)
    with pytest.raises(upreg.ShapeError, match="'a' and 'b'"):
        upreg.run("where", x > 0)
    assert np.array_equal(upreg.run("logical_and", x > 0, x < 2), ((x > 0) & (x < 2)).astype(np.uint8))
    for dtype in (np.int8, np.uint16, np.int32, np.int64, np.float16):
        y = upreg.run("where", x > 0, x.astype(dtype), np.zeros((2, 1), dtype))
        assert y.dtype == dtype and np.array_equal(y, np.where(x > 0, x.astype(dtype), np.zeros((2, 1), dtype)))


def test_ties_of_extrema_go_to_the_first():
    a, b, c, gy = np.array([1.0, 2, 3, 3]), np.array([1.0, 3, 3, 2]), np.array([1.0, 3, 1, 3]), np.array([5.0, 6, 7, 8])
    for got, wanted in zip(upreg.get("maximum").vjp((a, b, c), gy), ([5, 0, 7, 8], [0, 6, 0, 0], [0, 0, 0, 0])):
        assert np.array_equal(got, wanted)
    many = tuple(np.array([float(i)]) for i in range(11))
    assert upreg.get("minimum").vjp(many, np.ones(1), wrt=(0,))[0] == 1
    with pytest.raises(upreg.ParameterError, match="input 10"):
        upreg.get("minimum").vjp(many, np.ones(1), wrt=(10,))


def test_steps_have_no_gradient():
    x = np.linspace(-2, 2, 9)
    for name in ("floor", "ceil", "round", "sign"):
        assert not upreg.get(name).vjp(x, np.full(9, np.inf))[0].any()
    with pytest.raises(upreg.ParameterError, match="not differentiable"):
        upreg.get("less").vjp((x, x), np.ones(9, np.uint8))


def test_bounds_of_whole_numbers():
    x = np.array([-128, -5, 0, 100, 127], np.int8)
    assert np.array_equal(upreg.run("clip", x, min=-1e9, max=50), [-128, -5, 0, 50, 50])
    assert np.array_equal(upreg.run("clip", x, min=2.9), [2, 2, 2, 100, 127])
    assert np.array_equal(upreg.run("clip", x.astype(np.int64), max=1e30), x)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_graph_may_write_over_the_first_input(dtype):
    """Chains whose steps take over each other's memory give the bits of single calls."""
    rng = np.random.default_rng(4)
    x, z = rng.standard_normal((3, 5, 37)).astype(dtype), rng.standard_normal((5, 1)).astype(dtype)
    g = upreg.Graph()
    value, other = g.input("x", x.shape, dtype), g.input("z", z.shape, dtype)
    value = g.add("exp", value)
    wanted = upreg.run("exp", x)
    for name in ("sub", "mul", "maximum", "div", "add", "mean", "minimum", "pow"):
        value = g.add(name, value, other)
        wanted = upreg.run(name, wanted, z)
    value = g.add("where", g.add("greater", value, other), value, other)
    g.output(g.add("hard_swish", value, name="y"))
    wanted = upreg.run("hard_swish", upreg.run("where", upreg.run("greater", wanted, z), wanted, z))
    assert same_bits(g.run({"x": x, "z": z})["y"], wanted)
