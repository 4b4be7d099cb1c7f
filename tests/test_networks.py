"""Networks by name: parameter counts and shapes from the papers' own tables, and that they run."""

import numpy as np
import pytest

import upreg
from upreg import demo, images, networks
from upreg.artifacts import periodic_share


def parameters(g, statistics=False):
    return sum(int(np.prod(info[0])) for info in g.weight_info.values() if statistics or info[4] not in ("mean", "var"))


def conv_weights(pairs, kernel, bias=True):
    return sum(kernel * kernel * a * b + b * bias for a, b in pairs)


def vgg_pairs(channels=3):
    widths = [w for stage in networks.VGG16 for w in stage]
    return list(zip([channels, *widths], widths))


def test_vgg16():
    g = networks.vgg16()
    assert parameters(g) == 138_357_544 == conv_weights(vgg_pairs(), 3) + (25088 + 1) * 4096 + 4097 * 4096 + 4097 * 1000
    assert g.infer((2, 3, 224, 224)) == (2, 1000)


# 500 pixels: 698 after padding 100, pools of ceil sizes 349, 175, 88, 44, 22, fc6 16; then the sizes of the enlargements
@pytest.mark.parametrize(
    "name, sizes, crops",
    [
        ("fcn32s", {"upscore32": 544}, {"score": 19}),
        ("fcn16s", {"upscore2": 34, "score_pool4": 44, "upscore_final16": 560}, {"score_pool4c": 5, "score": 27}),
        ("fcn8s", {"upscore2": 34, "upscore4": 70, "score_pool3": 88, "upscore_final8": 568}, {"score_pool4c": 5, "score_pool3c": 9, "score": 31}),
    ],
)
def test_fcn(name, sizes, crops):
    g = getattr(networks, name)()
    values = g.infer((1, 3, 500, 500), values=True)
    expected = {"pool1": 349, "pool2": 175, "pool3": 88, "pool4": 44, "pool5": 22, "fc6": 16, "score": 500, **sizes}
    assert {n: values[n][2:] for n in expected} == {n: (m, m) for n, m in expected.items()}
    offsets = {n.name: n.method.params["offset"] for n in g.nodes if n.method.name == "crop"}
    assert offsets == crops
    fixed = [n for n, a in g.weights.items() if a is not None]
    for weight in (g.weights[n] for n in fixed):
        stride = weight.shape[-1] // 2
        assert np.allclose([weight[0, 0, i::stride, j::stride].sum() for i in range(stride) for j in range(stride)], 1)  # every phase interpolates
    trained = parameters(g) - sum(g.weights[n].size for n in fixed)
    scores = {"fcn32s": 0, "fcn16s": 513 * 21, "fcn8s": 513 * 21 + 257 * 21}[name]
    assert trained == conv_weights(vgg_pairs(), 3) + conv_weights([(512, 4096)], 7) + conv_weights([(4096, 4096), (4096, 21)], 1) + scores


def test_fcn_at_once_scales_the_pools():
    once = networks.fcn8s(at_once=True)
    scales = {n.name: float(once.weights[n.inputs[1]]) for n in once.nodes if n.method.name == "mul"}
    assert scales == {"scale_pool4": pytest.approx(0.01), "scale_pool3": pytest.approx(0.0001)}


def test_unet_as_published():
    """572: 570 568 | 284 282 280 | 140 138 136 | 68 66 64 | 32 30 28, then 54 52, 102 100, 198 196, 390 388; 31,030,658 parameters, 23 convolutions."""
    g = networks.unet()
    values = g.infer((1, 1, 572, 572), values=True)
    names = [
        "down1.conv1",
        "down1.conv2",
        "pool1",
        "down2.conv2",
        "pool2",
        "down3.conv2",
        "pool3",
        "down4.conv2",
        "pool4",
        "bottom.conv1",
        "bottom.conv2",
        "up4",
        "up4.block.conv1",
        "up4.block.conv2",
        "up3.block.conv2",
        "up2.block.conv2",
        "up1.block.conv1",
        "up1.block.conv2",
        "head",
    ]
    assert [values[n][2] for n in names] == [570, 568, 284, 280, 140, 136, 68, 64, 32, 30, 28, 56, 54, 52, 100, 196, 390, 388, 388]
    assert [values[f"up{i}.crop"][2] for i in (4, 3, 2, 1)] == [56, 104, 200, 392]
    assert parameters(g) == 31_030_658 and sum(n.method.info["family"] in ("conv", "transposed_conv") for n in g.nodes) == 23
    assert g.infer((1, 1, 380, 444)) == (1, 2, 196, 260)


@pytest.mark.parametrize("up", ["deconv", "bilinear"])
@pytest.mark.parametrize("norm", [False, True])
def test_unet_modern(up, norm):
    g = networks.unet(classes=3, channels=2, base=4, levels=3, padding="same", up=up, norm=norm).init("he")
    assert g(np.ones((2, 2, 16, 24), np.float32)).shape == (2, 3, 16, 24)


def test_segnet():
    g = networks.segnet()
    values = g.infer((1, 3, 360, 480), values=True)
    assert [values[f"pool{i}"][2] for i in range(1, 6)] == [180, 90, 45, 23, 12]
    assert [values[f"unpool{i}"][2:] for i in (5, 4, 3)] == [(23, 30), (45, 60), (90, 120)]
    assert values["conv1_1_D"] == (1, 11, 360, 480) and sum(n.method.name == "conv" for n in g.nodes) == 26
    decoder = [
        ("conv5_3_D", 512),
        ("conv5_1_D", 512),
        ("conv4_1_D", 256),
        ("conv3_2_D", 256),
        ("conv3_1_D", 128),
        ("conv2_1_D", 64),
        ("conv1_2_D", 64),
    ]
    assert [values[n][1] for n, _ in decoder] == [c for _, c in decoder]
    small = networks.segnet(classes=2, stages=((4, 4), (6,), (8,))).init("he")
    assert small(np.random.default_rng(0).standard_normal((1, 3, 21, 30)).astype(np.float32)).shape == (1, 2, 21, 30)


@pytest.mark.parametrize("variant, overlap", [("port", "1 to 4"), ("paper", "4 to 9")])
def test_dcgan(variant, overlap):
    g = networks.dcgan(variant=variant)
    sizes = g.infer((2, 100, 1, 1), values=True)
    assert [sizes[f"up{i}"][1:] for i in range(2, 6)] == [(256, 8, 8), (128, 16, 16), (64, 32, 32), (3, 64, 64)]
    if variant == "port":  # the count that PyTorch's DCGAN tutorial prints, and the last layer's bias
        assert parameters(g) == 3_576_704 + 3
    y = g.init("normal")(np.random.default_rng(0).standard_normal((1, 100, 1, 1)).astype(np.float32))
    assert abs(y).max() < 1


def test_the_papers_dcgan_overlaps_unevenly_and_the_port_does_not():
    ratios = {}
    for variant in ("port", "paper"):
        g = networks.dcgan(z=4, base=2, variant=variant)
        middle = g.overlap((1, 4, 1, 1)).layers["up5"][16:48, 16:48]
        ratios[variant] = middle.max() / middle.min()
    assert ratios == {"port": 1, "paper": pytest.approx(2.25)}


@pytest.mark.parametrize(
    "name, count, shape, wanted",
    [
        ("espcn", 22_729, (1, 1, 20, 30), (1, 1, 60, 90)),
        (
            "fsrcnn",
            12_464 + 113 + 120 + 112,
            (1, 1, 20, 30),
            (1, 1, 60, 90),
        ),  # the paper counts weights only: + biases 56+12+48+56+1 and PReLU slopes 56+12+48+56
        ("edsr", 1_369_859, (1, 3, 12, 14), (1, 3, 24, 28)),
    ],
)
def test_super_resolution(name, count, shape, wanted):
    g = getattr(networks, name)()
    assert g.infer(shape) == wanted
    if name == "fsrcnn":
        weights = sum(int(np.prod(i[0])) for i in g.weight_info.values() if len(i[0]) == 4)
        assert weights == 12_464 and parameters(g) == 12_464 + (56 + 12 + 4 * 12 + 56 + 1) + (56 + 12 + 4 * 12 + 56)
    else:
        assert parameters(g) == count


def test_lapsrn_has_one_output_per_level():
    g = networks.lapsrn(8, depth=2, features=4).init("he")
    y = g(np.ones((1, 1, 5, 6), np.float32))
    assert [a.shape for a in y] == [(1, 1, 10, 12), (1, 1, 20, 24), (1, 1, 40, 48)]


@pytest.mark.parametrize(
    "g, shape, wanted",
    [
        (networks.autoencoder(base=4), (2, 1, 16, 24), (2, 1, 16, 24)),
        (networks.autoencoder(base=4, kernel=4), (1, 1, 16, 16), (1, 1, 16, 16)),
        (networks.autoencoder(channels=3, base=4, up="resize_conv"), (1, 3, 16, 8), (1, 3, 16, 8)),
        (networks.resize_conv_decoder(z=5, base=4), (3, 5, 1, 1), (3, 3, 64, 64)),
        (networks.edsr(3, features=8, blocks=2, residual_scale=0.1), (1, 3, 7, 6), (1, 3, 21, 18)),
        (networks.edsr(4, features=8, blocks=1), (1, 3, 7, 6), (1, 3, 28, 24)),
    ],
)
def test_small_ones_run(g, shape, wanted):
    assert g.init("he")(np.ones(shape, np.float32)).shape == wanted


def test_a_resize_conv_decoder_has_no_checkerboard():
    assert "even" in networks.resize_conv_decoder(z=4, base=4).overlap((1, 4, 1, 1)).summary().splitlines()[-1]


@pytest.mark.parametrize(
    "call, words",
    [
        (lambda: networks.unet(padding="full"), "padding = 'full'"),
        (lambda: networks.edsr(5), "scale = 5"),
        (lambda: networks.dcgan(variant="tf"), "variant = 'tf'"),
    ],
)
def test_bad_arguments(call, words):
    with pytest.raises(upreg.ParameterError, match=words):
        call()


# ---- weights ----


def test_weights_by_name(tmp_path):
    source = networks.espcn(2).init("he", seed=5)
    path = tmp_path / "w.npz"
    np.savez(path, **{f"model.{n}": a for n, a in source.weights.items()})
    g = networks.load_weights(networks.espcn(2), path, rename=lambda n: n.removeprefix("model."))
    x = np.random.default_rng(0).random((1, 1, 9, 8)).astype(np.float32)
    assert np.array_equal(g(x), source(x))
    with pytest.raises(upreg.GraphError, match="missing: conv1.bias"):
        networks.load_weights(networks.espcn(2), path)
    some = {"conv1.weight": source.weights["conv1.weight"]}
    assert networks.load_weights(networks.espcn(2), some, strict=False).weights["conv1.weight"] is not None
    with pytest.raises(upreg.ShapeError, match="conv1.weight"):
        networks.load_weights(networks.espcn(2), {"conv1.weight": np.zeros((1, 2, 3, 3))}, strict=False)
    for bad, words in (("none.npz", "cannot be read"), ("w.bin", "must end in")):
        with pytest.raises(upreg.GraphError, match=words):
            networks.read_weights(tmp_path / bad)


# ---- trained weights ----


def test_trained_autoencoders():
    """Transposed convolutions leave a fixed pattern in a smooth sky, also where they overlap evenly; resize-convolutions do not."""
    photo = images.sample_photo((384, 448)).pixels
    y, x, size = demo.SKY
    shares = {}
    for up in networks.TRAINED:
        error = networks.trained_autoencoder(up)(photo[None])[0] - photo
        assert -10 * np.log10(np.mean(error**2)) > 24
        shares[up] = periodic_share(error[:, y : y + size, x : x + size], 8)
    assert shares["k3"] > 0.4 and shares["k4"] > 0.4 and shares["resize_conv"] < 0.05
    with pytest.raises(upreg.ParameterError, match="k3, k4, resize_conv"):
        networks.trained_autoencoder("k5")
