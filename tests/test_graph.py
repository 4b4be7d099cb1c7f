"""The graph runner: chains, builders, keep, fusing, reuse of memory, gradients, files, initialisers."""

import json

import numpy as np
import pytest

import upreg

CHAIN = "conv_transpose:channels=6,kernel=4,stride=2,padding=1 | leaky_relu:slope=0.2 | conv:channels=3,kernel=3,padding=1 | tanh"


def chain(dtype="float32", seed=0):
    return upreg.Graph(CHAIN, input=(2, 5, 7, 6), dtype=dtype).init("he", seed=seed)


def data(shape, dtype="float32", seed=1):
    return np.random.default_rng(seed).standard_normal(shape).astype(dtype)


def by_hand(g, x, **how):
    w = g.weights
    h = upreg.run("conv_transpose", x, w["conv_transpose.weight"], w["conv_transpose.bias"], stride=2, padding=1, **how)
    h = upreg.run("leaky_relu", h, slope=0.2)
    return upreg.run("tanh", upreg.run("conv", h, w["conv.weight"], w["conv.bias"], padding=1, **how))


def test_a_chain_equals_its_methods_one_by_one():
    g, x = chain(), data((2, 5, 7, 6))
    assert g.infer() == (2, 3, 14, 12)
    assert np.array_equal(g(x), by_hand(g, x))
    assert np.array_equal(g.run({"x": x}, exact=True)["tanh"], by_hand(g, x, exact=True))


@pytest.mark.parametrize("more", [{}, {"upscale": 2}])
def test_exact_runs_sum_plain_products(more):
    x, w = data((1, 16, 12, 40)), data((16, 16, 3, 3), seed=2)
    g = upreg.Graph()
    g.output(g.add("conv", g.input("x", x.shape), g.constant(w), padding=1, name="y", **more))
    direct = upreg.run("conv", x, w, padding=1, exact=True, algorithm="direct", **more)
    assert np.array_equal(g.run({"x": x}, exact=True)["y"], direct)
    assert not np.array_equal(g.run({"x": x})["y"], direct)  # Winograd's sums, or weights added beforehand


def test_keep_gives_inner_values_and_the_same_bits():
    g, x = chain(), data((2, 5, 7, 6))
    plain = g(x)
    for keep in ("conv_transpose", ("leaky_relu", "conv"), ("conv_transpose", "leaky_relu", "conv", "tanh", "x")):
        out = g.run({"x": x}, keep=keep)
        assert np.array_equal(out["tanh"], plain)
        assert set(out) == {"tanh", *([keep] if isinstance(keep, str) else keep)}
    assert np.array_equal(out["leaky_relu"], np.where(out["conv_transpose"] > 0, out["conv_transpose"], out["conv_transpose"] * np.float32(0.2)))
    assert np.array_equal(out["x"], x)


def skip_graph(dtype="float32"):
    g = upreg.Graph()
    x = g.input("x", (None, 3, 8, 8), dtype)
    down = g.add("conv2d", x, channels=4, kernel=3, padding=1, name="enc")
    act = g.add("relu", g.add("batch_norm", down, name="bn"), name="act")
    pooled, indices = g.add("max_pool", act, kernel=2, return_indices=True, name="pool")
    deep = g.add("conv2d", pooled, channels=4, kernel=3, padding=1, name="deep")
    up = g.add("max_unpool", deep, indices, kernel=2, name="up")
    joined = g.add("concat", up, act, name="join")
    y = g.add("conv2d", joined, channels=4, kernel=1, name="head")
    total = g.add("add", y, act, name="residual")
    g.output(g.add("crop", total, crop=1, name="out"))
    return g.init("he", seed=3)


def test_skips_concat_add_crop_and_unpooling():
    g, x = skip_graph(), data((2, 3, 8, 8))
    assert g.infer((2, 3, 8, 8)) == (2, 4, 6, 6)
    out = g.run({"x": x}, keep=("act", "pool", "pool.indices", "up", "join", "head", "residual"))
    assert np.array_equal(out["residual"], out["head"] + out["act"])
    assert np.array_equal(out["join"], np.concatenate([out["up"], out["act"]], axis=1))
    assert np.array_equal(out["out"], out["residual"][:, :, 1:-1, 1:-1])
    assert out["pool.indices"].dtype == np.int64
    assert np.array_equal(g(x), out["out"])
    for threads in (1, 2, 3):
        assert np.array_equal(g(x, num_threads=threads), out["out"])
    assert g(data((1, 3, 8, 8))).shape == (1, 4, 6, 6), "the batch axis is free"


@pytest.mark.parametrize("make, shape", [(lambda d: chain(d), (2, 5, 7, 6)), (skip_graph, (2, 3, 8, 8))], ids=["chain", "skips"])
def test_vjp_against_differences(make, shape):
    g, x = make("float64"), data(shape, "float64")
    y = g(x)
    gy = data(y.shape, "float64", 5)
    gradients = g.vjp(x, gy)
    assert set(gradients) >= {"x"} and len(gradients) > 4
    rng = np.random.default_rng(6)
    for name, gradient in gradients.items():
        step = rng.standard_normal(gradient.shape)
        step *= 1e-5 / np.abs(step).max()

        def value(sign):
            other = make("float64")
            if name == "x":
                return np.sum(gy * other(x + sign * step))
            other.bind({name: other.weights[name] + sign * step})
            return np.sum(gy * other(x))

        difference = (value(1) - value(-1)) / 2
        assert np.isclose(np.sum(gradient * step), difference, rtol=2e-5, atol=1e-11), name
    assert np.array_equal(g.vjp(x, gy, wrt="x"), gradients["x"])
    with pytest.raises(upreg.ParameterError, match="nothing"):
        g.vjp(x, gy, wrt="nothing")
    with pytest.raises(upreg.ShapeError):
        g.vjp(x, gy[..., 1:])


def test_files_round_trip(tmp_path):
    g, x = skip_graph(), data((2, 3, 8, 8))
    path = tmp_path / "net.upg"
    g.save(path)
    assert np.array_equal(upreg.Graph.load(path)(x), g(x))
    g.save(tmp_path / "net.json")
    bare = upreg.Graph.load(tmp_path / "net.json")
    with pytest.raises(upreg.GraphError, match="enc.weight"):
        bare(x)
    assert np.array_equal(bare.bind(g.weights)(x), g(x))
    header = json.loads(path.read_bytes()[8:8 + int.from_bytes(path.read_bytes()[:8], "little")])
    assert header["enc.weight"]["dtype"] == "F32" and "upreg" in header["__metadata__"]
    assert (8 + int.from_bytes(path.read_bytes()[:8], "little")) % 64 == 0, "numbers begin aligned, so that the file can be mapped"


def test_c_reads_what_python_wrote(tmp_path):
    from upreg import _core

    g, x = skip_graph(), data((2, 3, 8, 8))
    g.save(tmp_path / "net.upg")
    loaded = _core.Graph.load(str(tmp_path / "net.upg").encode())
    plan = _core.GraphPlan(loaded, [(x.shape, "float32")], [loaded.find("out")], [])
    assert np.array_equal(plan.run([x])[0][0], g(x))


def test_broken_files_are_refused(tmp_path):
    path = tmp_path / "net.upg"
    chain().save(path)
    whole = path.read_bytes()
    with pytest.raises(upreg.GraphError):
        upreg.Graph.load(tmp_path / "absent.upg")
    with pytest.raises(upreg.GraphError):
        upreg.Graph.load(tmp_path / "net.txt")
    for cut in (0, 4, 8, 100, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:cut])
        with pytest.raises(upreg.GraphError, match="net.upg"):
            upreg.Graph.load(path)
    rng = np.random.default_rng(0)
    for _ in range(300):
        broken = bytearray(whole[:900])
        broken[rng.integers(0, 900)] ^= 1 << rng.integers(0, 8)
        path.write_bytes(bytes(broken) + whole[900:])
        try:
            upreg.Graph.load(path)
        except upreg.UpregError:
            pass
    with pytest.raises(upreg.GraphError):
        chain().save(tmp_path / "net.txt")


def test_mistakes_in_building():
    with pytest.raises(upreg.GraphError):
        upreg.Graph("relu")
    with pytest.raises(upreg.UnknownMethodError):
        upreg.Graph("reluu", input=(1, 2, 3))
    with pytest.raises(upreg.GraphError, match="empty part"):
        upreg.Graph("relu | | tanh", input=(1, 2, 3))
    with pytest.raises(upreg.GraphError, match="init"):
        upreg.Graph(CHAIN, input=(2, 5, 7, 6))(data((2, 5, 7, 6)))
    g = upreg.Graph()
    x = g.input("x", (1, 3, 8, 8))
    with pytest.raises(upreg.ShapeError, match="conv"):
        g.add("conv2d", x, np.ones((4, 2, 3, 3), np.float32))
    with pytest.raises(upreg.ParameterError, match="channels"):
        g.add("conv2d", x, kernel=3)
    assert not g.nodes and not g.constants, "a refused node leaves nothing behind"
    with pytest.raises(upreg.GraphError, match="taken"):
        g.input("x", (1,))
    with pytest.raises(upreg.GraphError, match="another graph"):
        upreg.Graph().add("relu", x)
    with pytest.raises(upreg.GraphError, match="output"):
        g(data((1, 3, 8, 8)))
    h = chain()
    for wrong in (data((2, 4, 7, 6)), data((2, 5, 7))):
        with pytest.raises(upreg.ShapeError, match="x"):
            h(wrong)
    with pytest.raises(upreg.DTypeError):
        h(data((2, 5, 7, 6), "float64"))
    with pytest.raises(upreg.GraphError):
        h.run({"y": data((2, 5, 7, 6))})
    with pytest.raises(upreg.GraphError, match="keep"):
        h.run({"x": data((2, 5, 7, 6))}, keep="nowhere")
    with pytest.raises(upreg.ShapeError, match="conv.weight"):
        h.bind({"conv.weight": np.ones(3)})
    with pytest.raises(upreg.GraphError, match="conv.w8"):
        h.bind({"conv.w8": np.ones(3)})


def test_memory_is_reused_and_constants_are_folded():
    g = upreg.Graph(" | ".join(["sigmoid"] * 10), input=(1, 4, 16, 16))
    plan = g.plan_for({"x": ((1, 4, 16, 16), "float32")}, ())
    assert plan.core.arena_bytes <= 2 * 4 * 16 * 16 * 4, "ten layers in place need no more than two maps"
    g = upreg.Graph()
    x = g.input("x", (1, 2, 4, 4))
    k = g.add("mul", g.constant(np.full((2, 2, 3, 3), 2, np.float32)), g.constant(np.full((2, 2, 3, 3), 0.5, np.float32)), name="k")
    g.output(g.add("conv2d", x, k, padding=1))
    ones = np.ones((1, 2, 4, 4), np.float32)
    assert g(ones)[0, 0, 1, 1] == 18
    nodes = {n["name"]: n for n in g.plan_for({"x": ((1, 2, 4, 4), "float32")}, ()).core.nodes()}
    assert nodes["k"]["folded"] and nodes["conv2d"]["packed_bytes"] > 0


def test_epilogues_are_fused_bit_for_bit():
    rng = np.random.default_rng(0)
    for act in ("relu", "leaky_relu:slope=0.3", "sigmoid", "tanh"):
        for layout, shape in (("NCX", (2, 3, 9, 11)), ("NXC", (2, 9, 11, 3))):
            g = upreg.Graph()
            x = g.input("x", shape)
            h = g.add("conv_transpose", x, channels=5, kernel=3, stride=2, layout=layout, name="up")
            h = g.add("batch_norm", h, layout=layout, name="bn")
            other = g.input("skip", g.infer_value(h))
            g.output(g.add(upreg.from_config(act), g.add("add", other, h, name="sum"), name="y"))
            g.init("he", seed=1)
            g.bind({"bn.mean": rng.standard_normal(5), "bn.var": rng.uniform(0.5, 2, 5), "bn.weight": rng.standard_normal(5), "bn.bias": rng.standard_normal(5)})
            feeds = {"x": data(shape), "skip": data(g.infer_value(h), seed=4)}
            fused = g.run(feeds)["y"]
            kept = g.run(feeds, keep=("up", "bn", "sum"))["y"]
            nodes = g.plan_for({n: (a.shape, "float32") for n, a in feeds.items()}, ()).core.nodes()
            assert [n["fused_into"] for n in nodes] == [None, 0, 0, 0], act
            assert np.array_equal(fused, kept), (act, layout)


ACTIVATIONS = ["relu", "leaky_relu:slope=0.3", "sigmoid", "tanh", "swish", "clip:min=-0.5,max=0.6", "clip:max=1", "hard_sigmoid", "hard_swish"]
CONVOLUTIONS = {
    "staged": ("conv:padding=1,algorithm=direct", (6, 4, 3, 3), (2, 4, 9, 20)),
    "in place": ("conv", (6, 4, 1, 1), (2, 4, 3, 16)),
    "swapped": ("conv", (40, 4, 1, 1), (2, 4, 1, 2)),
    "winograd": ("conv:padding=1,algorithm=winograd", (4, 4, 3, 3), (2, 4, 10, 33)),
    "depthwise": ("conv:padding=1,groups=4", (4, 1, 3, 3), (2, 4, 9, 20)),
    "pixels": ("conv:padding=1,groups=16,layout=NXC", (16, 1, 3, 3), (2, 9, 5, 16)),
    "woven": ("conv_transpose:stride=2", (4, 3, 2, 2), (2, 4, 5, 17)),
}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("kind", CONVOLUTIONS)
def test_activations_and_residuals_join_convolutions_bit_for_bit(kind, activation, dtype):
    method, weight, shape = CONVOLUTIONS[kind]
    x = 3 * data(shape, dtype)
    x.flat[:4] = np.nan, np.inf, -np.inf, -0.0
    for last in (False, True):
        g = upreg.Graph()
        made = g.add(upreg.from_config(method), g.input("x", shape, dtype), data(weight, dtype), name="conv")
        other = g.input("other", g.infer_value(made), dtype)
        steps = [("act", upreg.from_config(activation), ()), ("sum", "add", (other,))]
        for name, step, more in steps if last else steps[::-1]:
            made = g.add(step, made, *more, name=name)
        g.output(made, "y")
        feeds = {"x": x, "other": data(g.infer_value(other), dtype, 2)}
        apart = g.run(feeds, keep=("conv", "act", "sum"))["y"]
        nodes = g.plan_for({n: (a.shape, dtype) for n, a in feeds.items()}, ()).core.nodes()
        assert [n["fused_into"] for n in nodes] == [None, 0, 0], last
        assert np.array_equal(g.run(feeds)["y"], apart, equal_nan=True), last


def test_initialisers():
    g = upreg.Graph("conv_transpose:channels=3,kernel=4,stride=2,padding=1,groups=3", input=(1, 3, 6, 6)).init("bilinear")
    up = upreg.run("bilinear", data((1, 3, 6, 6)), scale=2)
    assert np.allclose(g(data((1, 3, 6, 6)))[..., 1:-1, 1:-1], up[..., 1:-1, 1:-1], atol=1e-6)
    g = upreg.Graph("conv:channels=12,kernel=3,padding=1 | pixel_shuffle:scale=2", input=(1, 2, 5, 5)).init("icnr", seed=2, scale=2)
    y = g(data((1, 2, 5, 5)))
    assert np.array_equal(y, upreg.run("nearest", y[..., ::2, ::2], scale=2)), "ICNR starts as a nearest resize"
    weights = upreg.Graph("conv:channels=64,kernel=3", input=(1, 64, 9, 9)).init("normal", std=0.05).weights["conv.weight"]
    assert abs(weights.std() - 0.05) < 0.002
    he = upreg.Graph("conv:channels=64,kernel=3", input=(1, 64, 9, 9)).init("he").weights["conv.weight"]
    assert abs(he.std() - np.sqrt(2 / (64 * 9))) < 0.002
    assert (upreg.Graph("conv:channels=4,kernel=3", input=(1, 2, 9, 9)).init("ones").weights["conv.weight"] == 1).all()
    with pytest.raises(upreg.ParameterError, match="bilinear"):
        upreg.Graph("conv:channels=4,kernel=3", input=(1, 2, 9, 9)).init("magic")
    a, b = (upreg.Graph(CHAIN, input=(2, 5, 7, 6)).init("he", seed=s).weights["conv.weight"] for s in (1, 1))
    assert np.array_equal(a, b)


def test_summary_and_profile():
    g = chain()
    text = g.summary()
    assert "conv_transpose" in text and "parameters" in text and max(map(len, text.splitlines())) <= 100
    rows = g.profile(data((2, 5, 7, 6)), repeat=2)
    assert [r["name"] for r in rows] == ["conv_transpose", "leaky_relu", "conv", "tanh"]
    assert rows[1]["fused_into"] == "conv_transpose" and rows[0]["macs"] > 0 and rows[0]["seconds"] > 0
    assert max(map(len, str(rows).splitlines())) <= 100


def test_methods_written_in_python_run_between_c_segments():
    @upreg.register_method
    class Negate:
        name = "test.negate"
        summary = "-x"
        params = {"factor": 1.0}

        def __init__(self, factor):
            self.factor = factor

        def infer(self, x):
            return x

        def run(self, x):
            return (-self.factor * x).astype(x.dtype)

        def vjp(self, arrays, grad_y, place):
            return (-self.factor * grad_y).astype(grad_y.dtype)

    assert "test.negate" in upreg.methods("test.*") and upreg.describe("test.negate")["params"][0]["name"] == "factor"
    with pytest.raises(upreg.PluginError, match="already"):
        upreg.register_method(Negate)
    with pytest.raises(upreg.ParameterError, match="factr"):
        upreg.get("test.negate", factr=2)
    g = upreg.Graph("conv:channels=4,kernel=3,padding=1 | relu | test.negate:factor=2.0 | sigmoid | pixel_shuffle:scale=2", input=(1, 2, 5, 5)).init()
    x = data((1, 2, 5, 5))
    out = g.run({"x": x}, keep=("relu", "test.negate"))
    assert np.array_equal(out["test.negate"], -2 * out["relu"])
    assert np.array_equal(out["pixel_shuffle"], g(x))
    assert g.vjp(x, np.ones_like(g(x)), wrt="x").shape == x.shape
    with pytest.raises(upreg.GraphError, match="Python"):
        g.save("net.upg")


def test_progress_and_cancel():
    g = upreg.Graph(" | ".join(["conv:channels=64,kernel=3,padding=1"] * 4), input=(1, 64, 128, 128)).init()
    x, seen = data((1, 64, 128, 128)), []
    g.run({"x": x}, progress=lambda done, total: seen.append((done, total)) or False)
    assert seen and seen[-1][0] == seen[-1][1] and all(a[0] <= b[0] for a, b in zip(seen, seen[1:]))
    with pytest.raises(upreg.Cancelled):
        g.run({"x": x}, progress=lambda done, total: True)
    with pytest.raises(ZeroDivisionError):
        g.run({"x": x}, progress=lambda done, total: 1 / 0)
    assert np.array_equal(g(x), g(x)), "a cancelled graph runs again"


# ---- many shapes of graphs ----


def random_graph(rng, nodes=24):
    """A graph of small steps with skips, branches, views and residuals, and its values computed node by node."""
    g = upreg.Graph()
    shape = (1, 4, int(rng.integers(3, 40)), int(rng.integers(3, 40)))
    x = rng.standard_normal(shape).astype(np.float32)
    values = {"x": x}
    handles = [g.input("x", shape)]
    for i in range(nodes):
        a, b = (handles[int(k)] for k in rng.integers(max(0, len(handles) - 6), len(handles), 2))
        kind = rng.integers(7)
        w = rng.standard_normal((4, 4, 1, 1) if kind == 5 else (4, 4, 3, 3)).astype(np.float32) / 4
        call = [("relu", [a], {}), ("add", [a, b], {}), ("leaky_relu", [a], {"slope": 0.2}), ("mul", [a, b], {}), ("conv", [a, w], {"padding": 1}), ("conv", [a, w], {}),
                ("reshape", [a], {"shape": list(shape)})][kind]
        name = f"n{i}"
        handles.append(g.add(call[0], *call[1], name=name, **call[2]))
        values[name] = upreg.run(call[0], *(values[v.name] if isinstance(v, upreg.graph.Value) else v for v in call[1]), num_threads=1, **call[2])
    for handle in {handles[-1].name: handles[-1], **{h.name: h for h in (handles[int(k)] for k in rng.integers(1, len(handles), 2))}}.values():
        g.output(handle)
    return g, x, values


@pytest.mark.parametrize("seed", range(60))
def test_the_order_of_steps_and_shared_memory_change_no_bit(seed):
    """Steps side by side, memory used again, fused steps: every value is what its method makes of its inputs."""
    rng = np.random.default_rng(seed)
    g, x, values = random_graph(rng)
    some = tuple(n.name for n in g.nodes if rng.random() < 0.3)
    for threads in (1, 2, 3):
        for keep in ((), some):
            for name, y in g.run({"x": x}, keep=keep, num_threads=threads).items():
                assert np.array_equal(y, values[name], equal_nan=True), (name, threads)


def test_branches_run_side_by_side():
    """Eight branches of small steps: with two threads in one run each, with the bits of one thread."""
    rng = np.random.default_rng(0)
    g = upreg.Graph()
    x = g.input("x", (1, 16, 24, 24))
    ends = []
    for branch in range(8):
        h = x
        for layer in range(3):
            h = g.add("conv", h, rng.standard_normal((16, 16, 3, 3)).astype(np.float32) / 12, padding=1, name=f"b{branch}.{layer}")
        ends.append(h)
    g.output(g.add("concat", *ends, axis=1, name="y"))
    x = rng.standard_normal((1, 16, 24, 24)).astype(np.float32)
    one = g.run({"x": x}, num_threads=1)["y"]
    for threads in (2, 5):
        assert np.array_equal(g.run({"x": x}, num_threads=threads)["y"], one)
    done = []
    g.run({"x": x}, num_threads=2, progress=lambda now, total: done.append(now / total) and None)
    assert done == sorted(done) and done[-1] == 1
    with pytest.raises(upreg.Cancelled):
        g.run({"x": x}, num_threads=2, progress=lambda now, total: True)


@pytest.mark.parametrize("first", [True, False])
def test_paths_pass_a_product_with_a_constant(first):
    g = upreg.Graph()
    x, factor = g.input("x", (1, 1, 6)), g.constant(np.float32(3))
    g.output(g.add("conv_transpose", g.add("mul", *((factor, x) if first else (x, factor))), channels=1, kernel=3, stride=2))
    assert g.overlap().total.tolist() == [1, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 1]
