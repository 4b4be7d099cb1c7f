"""Graphs in tiles: the bits of the whole run, for every network that can be cut, and a clear error for those that cannot."""
import os
import pathlib
import pickle
import subprocess
import sys
import textwrap

import numpy as np
import pytest
import trained
from cases import seeded

import upreg
from upreg import Graph, GraphError, networks

STACKS = {
    "strided and transposed": "conv:channels=6,kernel=3,stride=2,padding=1 | relu | conv_transpose:channels=5,kernel=4,stride=2,padding=1 | tanh",
    "kernel below stride": "conv_transpose:channels=4,kernel=2,stride=3,output_padding=1 | leaky_relu:slope=0.1 | conv:channels=2,kernel=1",
    "odd kernel, even stride": "conv:channels=4,kernel=5,stride=2,padding=same_upper | "
                               "conv_transpose:channels=3,kernel=3,stride=2,crop=[[1,0],[0,1]]",
    "dilated": "conv:channels=6,kernel=3,dilation=2,padding=2 | relu | conv:channels=4,kernel=3,dilation=3,padding=3 | sigmoid",
    "reflect": "conv:channels=6,kernel=5,padding=2,padding_mode=reflect | relu | conv:channels=3,kernel=3,padding=1,padding_mode=replicate",
    "symmetric pad": "pad:amount=3,padding_mode=symmetric | conv:channels=4,kernel=5 | pad:amount=1 | conv:channels=2,kernel=2",
    "circular": "conv:channels=4,kernel=3,padding=1,padding_mode=circular | relu | conv:channels=2,kernel=3,padding=1",
    "many channels": "conv:channels=40,kernel=3,padding=1 | prelu | conv:channels=37,kernel=3,padding=1 | "
                     "batch_norm | relu | conv:channels=3,kernel=3,padding=1",
    "depthwise": "conv:channels=16,kernel=3,padding=1 | conv:channels=16,kernel=5,padding=2,groups=16 | relu | conv:channels=4,kernel=1,groups=4",
    "depthwise transposed": "conv:channels=8,kernel=1 | conv_transpose:channels=8,kernel=16,stride=8,padding=4,groups=8",
    "folded resize": "conv:channels=8,kernel=3,padding=1,upscale=2 | relu | conv:channels=3,kernel=5,padding=2,upscale=3",
    "bilinear 3": "conv:channels=5,kernel=3,padding=1 | bilinear:scale=3 | conv:channels=3,kernel=3,padding=1 | relu",
    "bicubic 1.5": "bicubic:scale=1.5 | conv:channels=3,kernel=3,padding=1 | bicubic:scale=0.7,antialias=true",
    "linear, two scales": "bilinear:scale=[2,1.3],align_corners=true | relu | nearest:scale=[1.7,2.5] | lanczos:scale=1.2 | area:scale=0.6",
    "nearest decoders": "nearest:scale=2 | conv:channels=6,kernel=3,padding=1 | relu | nearest:scale=2 | conv:channels=3,kernel=3,padding=1",
    "pools": "max_pool:kernel=3,stride=2,padding=1 | conv:channels=4,kernel=3,padding=1 | avg_pool:kernel=2 | bilinear:scale=4",
    "uneven pools": "avg_pool:kernel=3,stride=2,padding=1,ceil_mode=true | max_pool:kernel=2,stride=1 | "
                    "avg_pool:kernel=5,stride=3,padding=2,count_include_pad=false",
    "shuffles": "conv:channels=27,kernel=3,padding=1 | pixel_shuffle:scale=3 | pixel_unshuffle:scale=1 | "
                "conv:channels=4,kernel=3,padding=1 | softmax:axis=1",
    "nails, crop, slice": "bed_of_nails:scale=2,corner=1 | crop:crop=[[1,2],[3,0]] | "
                          "slice:axis=[2,3],start=[2,1],step=[2,1] | conv:channels=2,kernel=3",
    "winograd asked for": "conv:channels=5,kernel=3,padding=1,algorithm=winograd | "
                          "conv_transpose:channels=4,kernel=4,stride=2,padding=1,algorithm=winograd",
}
STACKS |= {
    "views": "conv:channels=6,kernel=3,padding=1 | unsqueeze:axis=2 | reshape:shape=[0,2,3,0,0] | relu | transpose:axis=[0,3,4,1,2] | "
             "reshape:shape=[0,0,0,6] | transpose:axis=[0,3,1,2] | unsqueeze:axis=1 | squeeze:axis=1 | conv:channels=2,kernel=3,padding=1",
    "over channels": "conv:channels=300,kernel=1 | reduce_mean:axis=1 | expand:shape=[1,5,1,1] | conv:channels=3,kernel=3,padding=1 | "
                     "reduce_l2:axis=1,keepdims=false | unsqueeze:axis=1 | reduce_log_sum_exp:axis=1",
    "channels last": "conv:channels=20,kernel=3,padding=1 | transpose:axis=[0,2,3,1] | layer_norm | linear_layer:channels=300 | rms_norm:axis=3 | "
                     "linear_layer:channels=7 | reduce_max:axis=-1 | transpose:axis=[0,3,1,2] | conv:channels=2,kernel=3",
}
SIZES = [((1, 3, 61, 50), 24), ((2, 3, 48, 33), (17, 9)), ((1, 3, 37, 41), 100), ((1, 3, 30, 128), (64, 31))]


def numbers(name, shape, dtype=np.float32):
    return seeded(name, *shape).standard_normal(shape).astype(dtype)


def check(graph, xs, tile, **how):
    wanted, got = graph(*xs), graph.run_tiled(xs, tile, **how)
    for ours, truth in zip(*[v if isinstance(v, tuple) else (v,) for v in (got, wanted)], strict=True):
        assert ours.shape == truth.shape and ours.dtype == truth.dtype and np.array_equal(ours, truth), f"{graph} in tiles of {tile}"


@pytest.mark.parametrize("shape, tile", SIZES)
@pytest.mark.parametrize("stack", STACKS)
def test_stacks(stack, shape, tile):
    for dtype in (np.float32, np.float64):
        graph = Graph(STACKS[stack], input=(None, 3, None, None), dtype=np.dtype(dtype).name).init("he", seed=1)
        check(graph, (numbers(stack, shape, dtype),), tile, num_threads=2)


NETWORKS = {
    "unet, same": (lambda: networks.unet(padding="same", base=8, levels=3, norm=True), (1, 1, 96, 80), 33),
    "unet, valid": (lambda: networks.unet(base=8, levels=2), (1, 1, 92, 92), 20),
    "fsrcnn": (networks.fsrcnn, (1, 1, 45, 52), 50),
    "edsr": (lambda: networks.edsr(features=16, blocks=3), (1, 3, 33, 40), 31),
    "espcn": (networks.espcn, (1, 1, 40, 33), 40),
    "two outputs": (lambda: networks.lapsrn(depth=3, features=16), (1, 1, 20, 23), 27),
    "decoder": (lambda: networks.resize_conv_decoder(base=8), (1, 100, 1, 1), 24),
    "deconvolutions": (lambda: networks.dcgan(base=8), (1, 100, 1, 1), 24),
    "autoencoder": (networks.autoencoder, (1, 1, 64, 48), 20),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_networks(name):
    make, shape, tile = NETWORKS[name]
    graph = make().init("he", seed=2)
    shape = graph.specs_at(64)[next(iter(graph.inputs))][0] if name in ("decoder", "deconvolutions") else shape
    check(graph, (numbers(name, shape),), tile)


@pytest.mark.parametrize("layout, shape", [("NXC", (1, 40, 30, 3)), ("XC", (40, 30, 3)), ("CX", (3, 40, 30))])
def test_layouts(layout, shape):
    chain = f"conv:channels=6,kernel=3,padding=1,layout={layout} | relu | bilinear:scale=2,layout={layout}"
    chain += f" | conv_transpose:channels=2,kernel=4,stride=2,layout={layout}"
    check(Graph(chain, input=shape).init("he"), (numbers(layout, shape),), 37)


def test_other_ranks():
    line = Graph("conv:channels=4,kernel=9,padding=4 | linear:scale=2.5 | conv:channels=1,kernel=3", input=(1, 2, 301))
    check(line.init("he"), (numbers("1", (1, 2, 301)),), 100)
    chain = "conv:channels=4,kernel=3,padding=1 | relu | trilinear:scale=2 | max_pool:kernel=2 | conv_transpose:channels=2,kernel=2,stride=2"
    check(Graph(chain, input=(1, 2, 9, 14, 11)).init("he"), (numbers("3", (1, 2, 9, 14, 11)),), (5, 12, 7))
    plane = Graph("bilinear:scale=2,layout=X | nearest:scale=1.5,layout=X", input=(33, 40), dtype="uint8")
    check(plane, (numbers("x", (33, 40)).astype(np.uint8),), 21)


def test_uint8_pictures():
    chain = "bicubic:scale=1.5,layout=XC | lanczos:scale=2,layout=XC | bilinear:scale=0.4,antialias=true,layout=XC"
    picture = seeded("picture").integers(0, 256, (70, 55, 3)).astype(np.uint8)
    check(Graph(chain, input=picture.shape, dtype="uint8"), (picture,), 19)


def test_skips_broadcasts_and_constants():
    g = Graph()
    x, y = g.input("x", (1, 3, 44, 38)), g.input("y", (1, 1, 44, 38))
    ramp = g.constant(numbers("ramp", (1, 1, 44, 1)), "ramp")
    weight = g.add("mul", g.constant(numbers("w", (4, 3, 3, 3)), "w"), g.constant(np.float32(0.5), "half"))
    h = g.add("conv2d", x, weight, padding=1, name="a")
    h = g.add("mul", h, y, name="times")
    h = g.add("add", h, g.add("neg", ramp), name="plus")
    low = g.add("max_pool", h, kernel=2, name="low")
    up = g.add("nearest", low, scale=2, name="up")
    joined = g.add("concat", up, g.add("crop", h, up, name="crop"), axis=1, name="joined")
    flipped = g.add("transpose", joined, axis=[0, 1, 3, 2], name="flipped")
    g.output(g.add("conv2d", flipped, channels=2, kernel=3, name="out"))
    g.output("low", "second")
    g.init("he")
    check(g, (numbers("x", (1, 3, 44, 38)), numbers("y", (1, 1, 44, 38))), 15)


def test_sizes_that_are_computed():
    g = Graph()
    x = g.input("x", (1, 3, None, None))
    h = g.add("conv2d", x, channels=4, kernel=3, stride=2, padding=1, name="down")
    size = g.add("slice", g.add("shape", x), start=2)
    g.output(g.add("bilinear", h, size=size, name="up"))
    check(g.init("he"), (numbers("sizes", (1, 3, 45, 38)),), 16)


def test_products_of_two_images():
    """Rows of one by columns of the other, over stacks that broadcast."""
    g = Graph()
    x, y = g.input("x", (2, 3, 40, 33)), g.input("y", (3, 33, 50))
    g.output(g.add("matmul", g.add("relu", x), g.add("tanh", y), name="out"))
    check(g, (numbers("x", (2, 3, 40, 33)), numbers("y", (3, 33, 50))), (16, 20))
    g = Graph()
    x, w = g.input("x", (1, 40, 33, 600)), g.constant(numbers("w", (600, 2)))
    g.output(g.add("matmul", x, w, name="out"))
    check(g, (numbers("x", (1, 40, 33, 600)),), 16, axes=[1, 2])


@pytest.mark.parametrize("size", [1, 9])
def test_branches_on_shapes(size):
    """The branch that is taken, the other need not fit."""
    g = Graph()
    x = g.input("x", (1, None, 20, 24))
    channels = g.add("slice", g.add("shape", x), axis=0, start=1, stop=2)
    h = g.add("conv2d", x, g.constant(np.ones((4, size, 3, 3), np.float32)), padding=1, name="h") if size == 9 else x
    wide = g.add("expand", x, shape=[1, 4, 1, 1], name="wide")
    h = g.add("if_else", g.add("equal", channels, g.constant(np.int64([1]))), wide, h, name="chosen")
    g.output(g.add("max_pool", h, kernel=2, name="out"))
    check(g, (numbers("branch", (1, size, 20, 24)),), 5)


def test_plans_are_kept_between_calls():
    graph, x = Graph(STACKS["dilated"], input=(1, 3, None, None)).init("he"), numbers("kept", (1, 3, 40, 41))
    graph.run_tiled(x, 16)
    (first,) = graph._tilings.values()
    plans = dict(first._plans)
    graph.run_tiled(x, 16)
    assert list(graph._tilings.values()) == [first] and all(first._plans[k] is p for k, p in plans.items())
    for tile in (9, 11, 13):
        graph.run_tiled(x, tile)
    assert len(graph._tilings) == 2
    wanted = graph.bind({"conv.weight": graph.constants["conv.weight"] * 2})(x)
    assert not graph._tilings and np.array_equal(graph.run_tiled(x, 16), wanted)


def test_tiles_and_their_halo():
    graph = Graph("conv:channels=4,kernel=5,padding=2,algorithm=direct,exact=true | max_pool:kernel=2", input=(1, 3, 40, 40)).init("he")
    tiles = graph.tiles((1, 3, 40, 40), tile=8)
    assert len(tiles) == 9 and len(list(tiles)) == 9
    first, middle = list(tiles)[0], list(tiles)[4]
    out = next(iter(graph.outputs))
    assert middle.out[out][2:] == (slice(8, 16), slice(8, 16))
    assert middle.reads["x"][2].start <= 14 and middle.reads["x"][2].stop >= 34 and middle.reads["x"][2].stop - middle.reads["x"][2].start <= 24
    assert first.reads["x"][2].start == 0
    covered = np.zeros((1, 4, 20, 20), int)
    for tile in tiles:
        covered[tile.out[out]] += 1
    assert (covered == 1).all()


def test_tiles_inside_share_one_plan():
    chain = "conv:channels=4,kernel=3,padding=1 | relu | conv_transpose:channels=4,kernel=4,stride=2,padding=1 | bilinear:scale=2"
    chain += " | pixel_shuffle:scale=2"
    graph = Graph(chain, input=(1, 3, 64, 64)).init("he")
    tiles = graph.tiles((1, 3, 64, 64), tile=64)
    assert len({tile.recipe.kind for tile in tiles}) == 9 < len(tiles)


@pytest.mark.parametrize("chain, node", [
    ("conv:channels=2,kernel=3 | instance_norm", "instance_norm"),
    ("conv:channels=2,kernel=3 | global_avg_pool", "global_avg_pool"),
    ("conv:channels=2,kernel=3 | softmax:axis=-1", "softmax"),
    ("reduce_mean:axis=[2,3],keepdims=true", "reduce_mean"),
    ("conv:channels=2,kernel=3 | flatten | linear_layer:channels=30", "linear_layer"),
    ("batch_norm:training=true", "batch_norm"),
    ("group_norm:groups=1", "group_norm"),
])
def test_what_needs_the_whole_input_is_named(chain, node):
    graph = Graph(chain, input=(1, 3, 20, 20)).init("he")
    with pytest.raises(GraphError, match=f"node '{node}' cannot be computed in parts: {node}"):
        graph.run_tiled(numbers("whole", (1, 3, 20, 20)), 8, axes=None if graph.infer()[2:] else [1])


@pytest.mark.parametrize("kernel, stride, padding", [(2, 2, 0), (3, 2, 1), (3, 1, [[0, 1], [1, 0]]), (2, 3, 0)])
def test_unpooling(kernel, stride, padding):
    """Indices are those of the whole image, where windows overlap too."""
    g = Graph()
    x = g.input("x", (2, 3, None, None))
    h = g.add("conv2d", x, channels=4, kernel=3, padding=1, name="h")
    pooled, indices = g.add("max_pool", h, kernel=kernel, stride=stride, padding=padding, return_indices=True, indices="global_flat", name="pooled")
    h = g.add("conv2d", pooled, channels=4, kernel=3, padding=1, name="h2")
    back = upreg.get("max_unpool", kernel=kernel, stride=stride, padding=padding, indices="global_flat", output_size=[37, 42])
    h = g.add(back, h, indices, name="up")
    g.output(g.add("conv2d", h, channels=2, kernel=3, padding=1, name="out"))
    g.output(indices, "places")
    check(g.init("he"), (numbers("unpool", (2, 3, 37, 42)),), 16)


@pytest.mark.parametrize("how, words", [
    (dict(tile=0), "tile = 0"), (dict(tile=(4, 4, 4)), "one for each of 2 axes"), (dict(tile="x"), "tile = 'x'"), (dict(axes=[2, 2]), "axes = "),
    (dict(axes=[5]), "from -4 to 3"), (dict(out=np.zeros((1, 2, 3, 3), np.float32)), "allowed: float32 of shape"),
    (dict(out={"z": None}), "out has z"),
])
def test_misuse(how, words):
    graph = Graph("conv:channels=2,kernel=3", input=(1, 3, 20, 20)).init("he")
    with pytest.raises(upreg.UpregError) as error:
        graph.run_tiled(np.zeros((1, 3, 20, 20), np.float32), **how)
    assert words in str(error.value)


def test_input_types_are_checked():
    graph = Graph("conv:channels=2,kernel=3", input=(1, 3, 20, 20)).init("he")
    with pytest.raises(upreg.DTypeError):
        graph.run_tiled(np.zeros((1, 3, 20, 20)))
    with pytest.raises(upreg.ShapeError):
        graph.run_tiled(np.zeros((1, 3, 20, 21), np.float32))
    with pytest.raises(GraphError, match="weights without numbers"):
        Graph("conv:channels=2,kernel=3", input=(1, 3, 20, 20)).tiles((1, 3, 20, 20))


def test_progress_and_cancelling():
    graph, seen = Graph("conv:channels=2,kernel=3,padding=1", input=(1, 3, 20, 20)).init("he"), []
    graph.run_tiled(np.zeros((1, 3, 20, 20), np.float32), 10, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(1, 4), (2, 4), (3, 4), (4, 4)]
    with pytest.raises(upreg.Cancelled):
        graph.run_tiled(np.zeros((1, 3, 20, 20), np.float32), 10, progress=lambda done, total: done == 2)


def test_empty_outputs():
    graph = Graph("conv:channels=2,kernel=3,padding=1", input=(0, 3, 20, 20)).init("he")
    assert graph.run_tiled(np.zeros((0, 3, 20, 20), np.float32), 8).shape == (0, 2, 20, 20)


def test_graphs_travel():
    graph = Graph(STACKS["many channels"], input=(1, 3, None, None)).init("he")
    x = numbers("travel", (1, 3, 20, 21))
    assert np.array_equal(pickle.loads(pickle.dumps(graph))(x), graph(x))
    tiling = graph.tiles(x.shape, 9)
    copy = pickle.loads(pickle.dumps(tiling))
    for a, b in zip(tiling, copy, strict=True):
        arrays = {"x": x[a.reads["x"]]}
        assert all(np.array_equal(y, copy.run(b, arrays)[n]) for n, y in tiling.run(a, arrays).items())


def test_files_larger_than_memory(tmp_path):
    """Input and output of 1 GiB together, in a process that may not have more than 400 MiB beyond what its libraries take."""
    code = """
        import resource, sys
        import numpy as np, upreg
        folder = sys.argv[1]
        n = 8192
        x = np.lib.format.open_memmap(folder + "/x.npy", "w+", np.uint8, (1, 1, n, n))
        for i in range(0, n, 512):
            x[0, 0, i:i + 512] = np.arange(i, i + 512, dtype=np.uint32)[:, None] * np.arange(n, dtype=np.uint32) % 251
        y = np.lib.format.open_memmap(folder + "/y.npy", "w+", np.float32, (1, 1, 2 * n, 2 * n))
        graph = upreg.Graph("cast:to=float32 | conv:channels=4,kernel=3,padding=1 | relu | conv_transpose:channels=1,kernel=4,stride=2,padding=1",
                            input=(1, 1, n, n), dtype="uint8").init("he")
        private = lambda: next(int(line.split()[1]) >> 10 for line in open("/proc/self/status") if line.startswith("RssAnon"))
        before, most = private(), 0
        def watch(done, total):
            global most
            most = max(most, private())
        graph.run_tiled(x, tile=1024, out=y, progress=watch)
        assert most - before < 400, f"{most - before} MiB"
        part = graph.__class__.__new__(graph.__class__)
        part.__setstate__({**graph.__getstate__(), "inputs": {"x": ((1, 1, 300, 300), "uint8")}})
        assert np.array_equal(part(np.array(x[:, :, :300, :300]))[:, :, :590, :590], y[:, :, :590, :590])
    """
    if not os.path.exists("/proc/self/status"):
        pytest.skip("the memory of a process is read from /proc")
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(code), str(tmp_path)], capture_output=True, text=True,
                          env={**os.environ, "PYTHONPATH": str(pathlib.Path(upreg.__file__).parents[1])})
    assert done.returncode == 0, done.stderr


WHOLE = {"instance_norm", "global_avg_pool"}


@pytest.mark.parametrize("name", [path.stem for path in trained.FOUND] + trained.ABSENT)
def test_models(name):
    if name in trained.ABSENT:
        pytest.skip(trained.WHY)
    pytest.importorskip("onnx")
    graph = Graph.load(pathlib.Path(trained.FOLDER) / f"{name}.onnx")
    largest = max(max(shape) for shape, _ in graph.specs_at(192).values())
    specs = graph.specs_at(192 if largest > 192 or "enet" in name or "det" in name else 96)
    xs = tuple(seeded(f"{name}.onnx").random(shape).astype(dtype) for shape, dtype in specs.values())
    try:
        check(graph, xs, 61)
    except GraphError as error:
        assert str(error).split(": ")[2].split(":")[0] in WHOLE, str(error)
