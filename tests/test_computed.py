"""Graphs whose parameters and branches follow from shapes: computed when the graph is planned, for every input shape anew."""

import numpy as np
import pytest

import upreg


def half_size_graph():
    """Enlarges the first input to the size of the second, less one."""
    g = upreg.Graph()
    x, like = g.input("x", (1, 2, None, None)), g.input("like", (1, 1, None, None))
    size = g.add("shape", like, start=2)
    one = g.constant(np.array([-1, -1], np.int64))
    size = g.add("add", size, one, name="size")
    g.output(g.add("nearest", x, size=size, name="y"))
    return g


@pytest.fixture
def x():
    return np.arange(24, dtype=np.float32).reshape(1, 2, 3, 4)


def test_parameters_are_computed_for_every_shape(x, tmp_path):
    g = half_size_graph()
    for path in (None, tmp_path / "g.upg"):
        if path:
            g.save(path)
            g = upreg.Graph.load(path)
        for h, w in ((6, 9), (4, 4), (3, 2)):
            like = np.zeros((1, 1, h, w), np.float32)
            y = g(x, like)
            assert np.array_equal(y, upreg.run("nearest", x, size=[h - 1, w - 1]))
            assert g.infer(x.shape, like.shape) == y.shape
            assert set(g.run({"x": x, "like": like}, keep=("size",))) == {"y", "size"}
    assert g.nodes[-1].method.text == "nearest:size=?" and g.nodes[-1].method.computed == ("size",)


def test_gradients_go_through_computed_parameters(x):
    g = half_size_graph()
    like = np.zeros((1, 1, 7, 5), np.float32)
    gy = np.random.default_rng(0).standard_normal((1, 2, 6, 4)).astype(np.float32)
    wanted = upreg.get("nearest", size=[6, 4]).vjp(x, gy, wrt="x")
    assert np.array_equal(g.vjp((x, like), gy, wrt="x"), wanted)


def test_overlap_of_a_computed_size():
    g = upreg.Graph()
    x = g.input("x", (1, 1, None))
    doubled = g.add("mul", g.add("shape", x, start=2), g.constant(np.array([2], np.int64)))
    up = g.add("nearest", x, size=doubled, name="up")
    g.output(g.add("conv_transpose", up, channels=1, kernel=3, stride=2, name="y"))
    o = g.init("ones").overlap((1, 1, 4))
    assert o.total.shape[-1] == 17 and set(o.layers) == {"up", "y"}


def test_inputs_may_decide_shapes(x):
    """A plan is made for their numbers."""
    g = upreg.Graph()
    data, size = g.input("x", x.shape), g.input("size", (2,), "int64")
    g.output(g.add("nearest", data, size=size, name="y"))
    assert g.deciding_inputs() == ["size"]
    for wanted in ([6, 8], [3, 9], [6, 8]):
        sizes = np.array(wanted, np.int64)
        y = g(x, sizes)
        assert np.array_equal(y, upreg.run("nearest", x, size=wanted))
        gx = g.vjp((x, sizes), np.ones_like(y), wrt="x")
        assert np.array_equal(gx, upreg.get("nearest", size=wanted).vjp(x, np.ones_like(y), wrt="x"))
    assert len(g._plans) == 4  # two sizes, with and without all values kept
    with pytest.raises(upreg.GraphError, match="'y': a parameter of nearest is computed from 'size', which depends on the numbers of an input"):
        g.infer(x.shape, (2,))


def test_a_computed_parameter_needs_a_graph(x):
    m = upreg.get("nearest", size="?")
    assert repr(m) == "nearest:size=?" and m.config() == {"method": "nearest", **{k: v for k, v in m.params.items()}}
    with pytest.raises(upreg.ParameterError, match=r"parameter 'size' is '\?': only a graph can compute it"):
        m(x)
    with pytest.raises(upreg.GraphError, match="the computed parameters are size; got values for none"):
        g = upreg.Graph()
        g.add(m, g.input("x", x.shape))


@pytest.mark.parametrize(
    "shape, dtype, words", [((2, 3), np.int64, r"of shape \(2, 3\)"), ((17,), np.int64, "at most 16 numbers"), ((2,), np.float16, "float16")]
)
def test_computed_numbers_must_fit_the_parameter(shape, dtype, words, x):
    g = upreg.Graph()
    with pytest.raises(upreg.GraphError, match=words):
        g.add("nearest", g.input("x", x.shape), size=g.constant(np.ones(shape, dtype)))


def test_pairs_and_numbers_are_computed(x):
    g = upreg.Graph()
    value = g.input("x", x.shape)
    pairs = g.constant(np.array([[1, 0], [0, 2]], np.int64))
    padded = g.add("pad", value, amount=pairs)
    g.output(g.add("concat", padded, padded, axis=g.constant(np.array(1, np.int64))))
    wanted = upreg.run("pad", x, amount=[[1, 0], [0, 2]])
    assert np.array_equal(g(x), np.concatenate([wanted, wanted], 1))


def branching():
    """Squeezes the channel axis where there is one channel, else sums over it."""
    g = upreg.Graph()
    x = g.input("x", (1, None, 4))
    channels = g.add("shape", x, start=1, stop=2)
    less = g.add("add", channels, g.constant(np.array([-1], np.int64)))
    g.output(g.add("if_else", less, g.add("sum_to", x, shape=[1, 4], name="summed"), g.add("squeeze", x, axis=1, name="squeezed"), name="y"))
    return g


def test_only_the_branch_that_is_taken_must_fit():
    g = upreg.Graph()
    x = g.input("x", (1, None, 4))
    channels = g.add("shape", x, start=1, stop=2)
    less = g.add("add", channels, g.constant(np.array([-1], np.int64)))
    g.append("squeezed", upreg.get("squeeze", axis=1), ["x"])
    g.append("flat", upreg.get("flatten", axis=1), ["x"])
    g.append("y", upreg.get("if_else"), [less.name, "flat", "squeezed"])
    g.output("y")
    one, two = np.ones((1, 1, 4), np.float32), np.ones((1, 2, 4), np.float32)
    assert g.infer(one.shape) == (1, 4) and g.infer(two.shape) == (1, 8)
    assert g(one).shape == (1, 4) and g(two).shape == (1, 8)
    assert np.array_equal(g.vjp(two, np.full((1, 8), 3, np.float32), wrt="x"), 3 * two)
    g.outputs.clear()
    g.output("squeezed")
    with pytest.raises(upreg.ShapeError, match="node 'squeezed'"):
        g.infer(two.shape)


def test_views_share_memory_inside_a_graph(x):
    """Reshaping costs nothing: the arena has no room for a second copy, and no step copies."""
    g = upreg.Graph()
    h = g.add("relu", g.input("x", (1, 2, 300, 400)))
    for shape in ([2, 300, 400], [600, 400], [1, 2, 300, 400]):
        h = g.add("reshape", h, shape=shape)
    g.output(g.add("relu", g.add("leaky_relu", h, slope=0.5)))
    x = np.random.default_rng(0).standard_normal((1, 2, 300, 400)).astype(np.float32)
    assert np.array_equal(g(x), np.maximum(x, 0))
    plan = g.plan_for({"x": (x.shape, "float32")}, ()).core
    assert plan.arena_bytes == x.nbytes
    kept = g.run({"x": x}, keep=("reshape_2",))["reshape_2"]
    assert kept.shape == (600, 400) and np.array_equal(kept.ravel(), np.maximum(x, 0).ravel())


def test_strided_inputs_of_views():
    g = upreg.Graph()
    g.output(g.add("relu", g.add("reshape", g.input("x", (4, 6)), shape=[24])))
    x = np.random.default_rng(0).standard_normal((6, 4)).astype(np.float32).T
    assert np.array_equal(g(x), np.maximum(x.reshape(24), 0))


def test_constants_that_are_results_or_residuals_are_kept():
    g = upreg.Graph()
    x = g.input("x", (1, 1, 4, 4))
    base = g.add("expand", g.constant(np.float32([[2]])), shape=[1, 1, 4, 4], name="base")
    g.output(g.add("add", g.add("conv", x, np.ones((1, 1, 1, 1), np.float32)), base, name="y"))
    g.output(base)
    y, b = g(np.ones((1, 1, 4, 4), np.float32))
    assert (y == 3).all() and (b == 2).all()


def test_truth_values_are_uint8():
    assert np.array_equal(upreg.run("identity", np.array([True, False])), np.uint8([1, 0]))
