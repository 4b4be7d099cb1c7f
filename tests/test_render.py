"""Pictures: what is drawn, as arrays and text boxes. Never the bytes of a PNG."""
import os
import subprocess
import sys

import numpy as np
import pytest

import upreg
from upreg import render
from upreg.artifacts import overlap_of_layers

HERE = {**os.environ, "PYTHONPATH": os.path.dirname(os.path.dirname(upreg.__file__))}  # other processes find upreg installed or not
BOARD = np.indices((64, 64)).sum(axis=0) % 2 * 1.0


def drawn_texts(figure):
    """(text, box in pixels) of everything written in a figure."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    texts = list(figure.texts)
    for axes in figure.axes:
        texts += axes.texts + [axes.title, axes._left_title, axes._right_title]
        if axes.axison:
            for axis in (axes.xaxis, axes.yaxis):
                texts += [axis.label, *(tick.label1 for tick in axis._update_ticks()), *(tick.label2 for tick in axis._update_ticks())]
    texts = [t for t in texts if t.get_visible() and t.get_text().strip()]
    return [(t.get_text(), t.get_window_extent(canvas.get_renderer())) for t in texts]


FIGURES = {
    "one layer, 1-D": lambda: render.overlap(overlap_of_layers([(3, 2)], size=8)),
    "three layers, 1-D": lambda: render.overlap(overlap_of_layers([(3, 2)] * 3, size=5)),
    "two layers, 2-D": lambda: render.overlap(overlap_of_layers([(3, 2)] * 2, size=6, dims=2)),
    "3-D": lambda: render.overlap(overlap_of_layers([(3, 2)], size=5, dims=3)),
    "grid 1-D": lambda: render.overlap_grid((2, 3, 4), (1, 2)),
    "grid 2-D": lambda: render.overlap_grid((2, 3, 4), (1, 2), dims=2),
    "errors": lambda: render.artifacts({"board": BOARD, "grey": np.full_like(BOARD, 0.5)}, zoom=(8, 8, 16), reference="board"),
    "artifacts": lambda: render.artifacts({"board": BOARD, "noise": np.random.default_rng(0).random((3, 64, 64))}, zoom=(8, 8, 16)),
    "contact sheet": lambda: render.contact_sheet({f"method {i}": (BOARD, "PSNR 31.2 dB\nnote") for i in range(7)}, title="all of them"),
    "matrix": lambda: render.matrix(upreg.linear_matrix("conv", (1, 1, 4, 4), np.arange(1.0, 10).reshape(1, 1, 3, 3))),
}


@pytest.mark.parametrize("name", FIGURES)
def test_no_text_overlaps(name):
    figure = FIGURES[name]()
    boxes = drawn_texts(figure)
    assert len(boxes) > 4
    width, height = figure.get_size_inches() * figure.dpi
    for i, (text, box) in enumerate(boxes):
        for other, second in boxes[i + 1 :]:
            both = min(box.x1, second.x1) - max(box.x0, second.x0), min(box.y1, second.y1) - max(box.y0, second.y0)
            assert min(both) < 1.5, f"{text!r} and {other!r} overlap"
        assert box.x0 > -2 and box.x1 < width + 2 and box.y0 > -2 and box.y1 < height + 2, f"{text!r} leaves the picture"


def test_bars_show_the_counts():
    figure = render.overlap(overlap_of_layers([(3, 2)], size=8))
    bars = figure.axes[0].patches
    assert [bar.get_height() for bar in bars] == [1, 1] + [2, 1] * 7 + [1]
    assert len({bar.get_facecolor() for bar in bars}) == 2


def test_images_show_the_counts():
    o = overlap_of_layers([(3, 2)] * 2, size=6, dims=2)
    figure = render.overlap(o)
    shown = [axes.images[0].get_array() for axes in figure.axes if axes.images]
    assert any(np.array_equal(array, o.total) for array in shown)
    assert any(array.shape == (4, 4) and array[0].tolist() == [9, 6, 9, 3] for array in shown)


def test_colour_bars_have_whole_ticks():
    figure = render.overlap(overlap_of_layers([(3, 2)] * 3, size=6, dims=2))
    figure.draw_without_rendering()
    bars = [axes for axes in figure.axes if axes.get_ylabel() == "paths"]
    assert len(bars) == 6
    for axes in bars:
        assert all(float(tick).is_integer() for tick in axes.get_yticks())


def test_verdicts_of_the_grid():
    figure = render.overlap_grid((1, 2, 3, 4, 6), (1, 2, 3))
    verdicts = {axes.get_title("left") for axes in figure.axes}
    assert {"k 4, s 1: even", "k 1, s 2: gaps", "k 3, s 2: uneven", "k 4, s 2: even", "k 4, s 3: uneven", "k 6, s 3: even"} <= verdicts


def test_spectrum_of_a_checkerboard():
    spectrum = render.log_spectrum(BOARD)
    assert spectrum.shape == (64, 64)
    peak = np.unravel_index(np.argmax(spectrum), spectrum.shape)
    assert peak == (0, 0)  # half a cycle per pixel in both directions
    assert spectrum[0, 0] > np.median(spectrum) + 2
    assert np.isfinite(render.log_spectrum(np.ones((8, 8)))).all()


def test_spectrum_of_a_period():
    columns = np.tile(np.array([1.0, 0, 0, 0]), 16)[None].repeat(64, 0)
    line = render.log_spectrum(columns)[32]
    assert {16, 48} <= set(np.argsort(line)[-8:])  # a quarter of a cycle per pixel


@pytest.mark.parametrize("suffix, magic", [("png", b"\x89PNG"), ("svg", b"<?xml"), ("pdf", b"%PDF")])
def test_files(tmp_path, suffix, magic):
    path = render.contact_sheet({"board": BOARD}, tmp_path / "new" / f"sheet.{suffix}")
    assert path.read_bytes().startswith(magic)


def test_bad_arguments(tmp_path):
    with pytest.raises(upreg.ParameterError, match="Overlap"):
        render.overlap(np.ones(4))
    with pytest.raises(upreg.ParameterError, match=".png"):
        render.contact_sheet({"a": BOARD}, tmp_path / "a.txt")
    with pytest.raises(upreg.ParameterError, match="no images"):
        render.contact_sheet({})
    with pytest.raises(upreg.ParameterError, match="zoom"):
        render.artifacts({"a": BOARD}, zoom=(60, 0, 8))
    with pytest.raises(upreg.ParameterError, match="reference = 'b' is not allowed"):
        render.artifacts({"a": BOARD}, reference="b")
    with pytest.raises(upreg.ShapeError):
        render.contact_sheet({"a": np.zeros((2, 2, 2, 2))})


def test_import_leaves_matplotlib_alone():
    code = "import sys, upreg; upreg.render; upreg.images; print([m for m in ('matplotlib', 'PIL', 'tqdm', 'scipy') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=HERE).stdout.strip() == "[]"
