"""Pictures of overlap maps, artifacts and comparisons. matplotlib is imported only here, and only when something is drawn.

Every function takes a `path` ending in .png, .svg or .pdf, writes it and returns it as a `Path`; without a path it returns the matplotlib `Figure`.
Figures are made through the object interface: no global state, no window, no backend to choose.
"""

from __future__ import annotations

import textwrap
from pathlib import Path

import numpy as np

from upreg.artifacts import Overlap, interior, number, overlap_of_layers, period
from upreg.errors import ParameterError, ShapeError

SUFFIXES = (".png", ".svg", ".pdf")
DPI = 150
INK, SOFT, FAINT, ACCENT, GOOD = "#22223a", "#6b6b80", "#e4e1da", "#c8553d", "#3a7d5c"
COUNTS = ("#fbf7ee", "#cfe3d4", "#84c0bb", "#4594ab", "#2c5f8d", "#24386b", "#171238")  # paper to ink: more paths, darker
MOST_NUMBERED = 48  # bars along an axis that still get their number
MOST_STEPS = 12  # counts that still get a colour each
STYLE = {
    "font.size": 9,
    "axes.titlesize": 9.5,
    "axes.labelsize": 8.5,
    "xtick.labelsize": 7.5,
    "ytick.labelsize": 7.5,
    "axes.titlelocation": "left",
    "axes.edgecolor": "#b9b5ab",
    "axes.linewidth": 0.7,
    "axes.labelcolor": SOFT,
    "axes.titlecolor": INK,
    "text.color": INK,
    "xtick.color": SOFT,
    "ytick.color": SOFT,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "xtick.major.size": 2.5,
    "ytick.major.size": 2.5,
    "svg.fonttype": "none",
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
}


# ---- figures ----


def _drawn(draw, path, *args):
    """Calls draw(figure, ...) in upreg's style; saves the figure where there is a path."""
    import matplotlib
    from matplotlib.figure import Figure

    if path is not None and Path(path).suffix.lower() not in SUFFIXES:
        raise ParameterError(f"{path}: pictures are written to {', '.join(SUFFIXES)}")
    with matplotlib.rc_context(STYLE):
        figure = Figure(layout="constrained")
        figure.get_layout_engine().set(w_pad=0.06, h_pad=0.07)
        draw(figure, *args)
        if path is None:
            return figure
        path = Path(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, dpi=DPI)
    return path


def _count_colours(maps):
    """(colour map, norm, ticks) for counts: one flat colour per count while there are few, else a ramp with whole ticks."""
    from matplotlib.colors import BoundaryNorm, LinearSegmentedColormap, Normalize

    high = max(float(m.max()) for m in maps)
    ramp = LinearSegmentedColormap.from_list("upreg_counts", COUNTS)
    whole = all((m == np.rint(m)).all() for m in maps)
    if whole and high <= MOST_STEPS:
        top = int(max(high, 1))
        return ramp.resampled(top + 1), BoundaryNorm(np.arange(-0.5, top + 1), top + 1), list(range(top + 1))
    return ramp, Normalize(0, high or 1), None


def _colour_bar(figure, image, axes, ticks, label):
    from matplotlib.ticker import MaxNLocator

    bar = figure.colorbar(image, ax=axes, shrink=0.92, aspect=24, pad=0.02, ticks=ticks if ticks is not None else MaxNLocator(6, integer=True))
    bar.set_label(label)
    bar.outline.set_linewidth(0.4)
    bar.ax.tick_params(length=0, which="both")
    return bar


def _plane(m):
    """A 2-D view of a map: of 3-D ones the middle slice."""
    return m if m.ndim == 2 else m[m.shape[0] // 2]


def _range_text(m):
    low, high = m.min(), m.max()
    return number(low) if low == high else f"{number(low)} to {number(high)}"


def _caption(m):
    steps, inside = period(m), interior(m)
    if inside is None:
        return f"{_range_text(m)}, too small to show a period"
    if np.ptp(inside) == 0:
        return f"even inside: {number(inside.flat[0])}"
    return f"inside {_range_text(inside)}, repeats every {' x '.join(map(str, steps))}"


# ---- overlap maps ----


def overlap(o, path=None):
    """An `Overlap`: per layer its own map and the paths from the input, as bars (1-D) or images (2-D; 3-D: the middle slice)."""
    if not isinstance(o, Overlap):
        raise ParameterError(f"render.overlap draws an Overlap (g.overlap()), got {type(o).__name__}")
    return _drawn(_overlap_bars if o.total.ndim == 1 else _overlap_images, path, o)


def _names(o):
    return [name for name in o.layers if o.layers[name].ndim == o.total.ndim] or [o.outputs[0]]


def _columns(o):
    """[(title, {name: map})]: one column when the first layer is the only one."""
    names = _names(o)
    so_far = {name: o.cumulative[name] for name in names}
    if len(names) == 1:
        return [("paths to each output element", so_far)]
    return [("this layer alone", {name: o.layers[name] for name in names}), ("all layers so far", so_far)]


def _overlap_bars(figure, o):
    columns, names = _columns(o), _names(o)
    figure.set_size_inches(7.2 if len(columns) == 1 else 11.5, 0.7 + 1.5 * len(names))
    axes = figure.subplots(len(names), len(columns), squeeze=False)
    colours, norm, _ = _count_colours([m for _, maps in columns for m in maps.values()])
    for j, (title, maps) in enumerate(columns):
        for i, name in enumerate(names):
            _bars(axes[i][j], maps[name], colours, norm)
            axes[i][j].set_title(f"{name}  ·  {_caption(maps[name])}")
        axes[-1][j].set_xlabel("output element")
        if len(columns) > 1:
            axes[0][j].set_title(f"{title.upper()}\n{axes[0][j].get_title('left')}")
    for row in axes:
        row[0].set_ylabel("paths")


def _bars(axes, m, colours, norm):
    """One 1-D map as bars in the colours of the counts, numbered while the numbers fit."""
    from matplotlib.ticker import MaxNLocator, MultipleLocator

    n, top = len(m), max(float(m.max()), 1)
    if n <= 400:
        axes.bar(np.arange(n), m, width=1.0, color=colours(norm(m)), edgecolor="white" if n <= 120 else "none", linewidth=0.5)
    else:
        axes.fill_between(np.arange(n + 1) - 0.5, np.append(m, m[-1]), step="post", color=COUNTS[4], linewidth=0)
    axes.set_xlim(-0.5, n - 0.5)
    axes.set_ylim(0, top * 1.25)
    axes.yaxis.set_major_locator(MultipleLocator(1) if top <= 5 else MaxNLocator(5, integer=True))
    axes.xaxis.set_major_locator(MaxNLocator(12, integer=True))
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.grid(axis="y", color=FAINT, linewidth=0.6)
    axes.set_axisbelow(True)
    if n <= MOST_NUMBERED and (m == np.rint(m)).all():
        for x, count in enumerate(m):
            axes.text(x, count + top * 0.03, number(count), ha="center", va="bottom", fontsize=7 if n <= 32 else 5.5, color=SOFT)


def _overlap_images(figure, o):
    columns, names = _columns(o), _names(o)
    zoom = _plane(interior(o.total)) if interior(o.total) is not None else None
    widths = [3.75] * len(columns) + [3.1] * (zoom is not None)
    figure.set_size_inches(sum(widths), 3.45 * len(names))
    axes = figure.subplots(len(names), len(widths), squeeze=False, width_ratios=widths)
    for j, (title, maps) in enumerate(columns):
        for i, name in enumerate(names):
            m = _plane(maps[name])
            colours, norm, ticks = _count_colours([m])
            image = axes[i][j].imshow(m, cmap=colours, norm=norm, interpolation="nearest")
            axes[i][j].set_title(f"{name}  ·  {title}\n{_caption(maps[name])}")
            _whole_axes(axes[i][j])
            _colour_bar(figure, image, axes[i][j], ticks, "paths")
    if zoom is not None:
        for i, name in enumerate(names):
            _numbered(axes[i][-1], o.cumulative[name])


def _whole_axes(axes):
    from matplotlib.ticker import MaxNLocator

    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(MaxNLocator(6, integer=True))
    axes.set_xlabel("column")
    axes.set_ylabel("row")


def _numbered(axes, m):
    """The inside of a map, large, with its numbers: at least one period, beginning at a multiple of it."""
    steps, m = period(m)[-2:], _plane(m)
    if None in steps or max(steps) > 10:
        axes.axis("off")
        return
    spans = [min(max(p, p * (6 // p)), n) for p, n in zip(steps, m.shape)]
    begins = [min(-(-(n // 4) // p) * p, n - span) for n, p, span in zip(m.shape, steps, spans)]
    part = m[tuple(slice(b, b + span) for b, span in zip(begins, spans))]
    colours, norm, _ = _count_colours([m])
    rows, cols = part.shape
    extent = (begins[1] - 0.5, begins[1] + cols - 0.5, begins[0] + rows - 0.5, begins[0] - 0.5)
    axes.imshow(part, cmap=colours, norm=norm, interpolation="nearest", extent=extent)
    size = min(13, 60 / max(rows, cols))
    for y in range(rows):
        for x in range(cols):
            dark = norm(part[y, x]) > (0.45 * (norm.Ncmap - 1) if hasattr(norm, "boundaries") else 0.45)
            axes.text(begins[1] + x, begins[0] + y, number(part[y, x]), ha="center", va="center", fontsize=size, color="white" if dark else INK)
    for k in range(0, cols + 1, steps[1]):
        axes.axvline(begins[1] + k - 0.5, color=ACCENT, linewidth=1.1)
    for k in range(0, rows + 1, steps[0]):
        axes.axhline(begins[0] + k - 0.5, color=ACCENT, linewidth=1.1)
    axes.set_title("the inside, enlarged\nframes: one period")
    _whole_axes(axes)


def overlap_grid(kernels=(1, 2, 3, 4, 5, 6), strides=(1, 2, 3), path=None, dims=1, size=None):
    """Overlap of one transposed convolution for every kernel x stride, as small multiples. dims: 1 bars, 2 images; size: input elements."""
    if dims not in (1, 2):
        raise ParameterError(f"overlap_grid: dims = {dims!r} is not allowed; allowed: 1, 2")
    size = size or (8 if dims == 1 else 7)
    maps = {(k, s): overlap_of_layers([(k, s)], size, dims).total for s in strides for k in kernels}
    insides = {(k, s): interior(overlap_of_layers([(k, s)], 8 + 4 * k).total) for k, s in maps}  # long enough to have one; axes are alike
    return _drawn(_grid, path, kernels, strides, maps, insides, dims)


def _grid(figure, kernels, strides, maps, insides, dims):
    from matplotlib.colors import PowerNorm

    figure.set_size_inches(max(1.85 * len(kernels), 5) + 0.8, (1.25 if dims == 1 else 1.95) * len(strides) + 0.9)
    axes = figure.subplots(len(strides), len(kernels), squeeze=False)
    colours, norm, _ = _count_colours(list(maps.values()))
    top = int(max(m.max() for m in maps.values()))
    if dims == 2:  # counts are products of two axes: the square root keeps small ones apart
        norm, ticks = PowerNorm(0.5, 0, top), [n for n in (0, 1, 2, 4, 6, 9, 12, 16, 20, 25, 30, 36, 49, 64) if n <= top]
    for i, stride in enumerate(strides):
        for j, kernel in enumerate(kernels):
            m, cell = maps[kernel, stride], axes[i][j]
            inside = insides[kernel, stride]
            verdict = "gaps" if (inside == 0).any() else "even" if np.ptp(inside) == 0 else "uneven"
            if dims == 1:
                cell.bar(np.arange(len(m)), m, width=1, color=colours(norm(m)), edgecolor="#8e8b84", linewidth=0.25)
                cell.set_xlim(-0.5, len(m) - 0.5)
                cell.set_ylim(0, top * 1.05)
                cell.set_xticks([0, len(m) - 1])
                cell.set_yticks(range(0, top + 1, max(1, top // 3)))
                cell.tick_params(labelleft=j == 0)
                cell.spines[["top", "right"]].set_visible(False)
            else:
                image = cell.imshow(m, cmap=colours, norm=norm, interpolation="nearest")
                cell.set_xticks([0, m.shape[1] - 1])
                cell.set_yticks([0, m.shape[0] - 1])
            cell.set_title(f"k {kernel}, s {stride}: {verdict}", color=GOOD if verdict == "even" else ACCENT, fontsize=8.5)
    for row in axes:
        row[0].set_ylabel("paths" if dims == 1 else "row")
    for cell in axes[-1]:
        cell.set_xlabel("output element" if dims == 1 else "column")
    if dims == 2:
        _colour_bar(figure, image, list(axes.flat), ticks, "paths")
    figure.suptitle(f"Overlap of one transposed convolution, {dims}-D: kernel k, stride s", x=0.01, ha="left", fontsize=11, fontweight="bold")


# ---- pictures ----


def _as_image(array):
    """(C, H, W), (1, C, H, W) or (H, W), 0 to 1 or uint8 -> what imshow takes."""
    array = np.asarray(array)
    array = array[0] if array.ndim == 4 else array
    if array.dtype == np.uint8:
        array = array / 255.0
    if array.ndim == 3:
        array = array[0] if len(array) == 1 else array[:3].transpose(1, 2, 0) if len(array) >= 3 else None
    if array is None or array.ndim != 2 and array.ndim != 3:
        raise ShapeError("pictures have the shape (H, W) or (C, H, W) with 1 or 3 channels")
    return np.clip(np.nan_to_num(array), 0, 1)


def _show(axes, image, **options):
    if image.ndim == 2:
        options |= {"cmap": "gray", "vmin": 0, "vmax": 1}
    return axes.imshow(image, interpolation="nearest", **options)


def log_spectrum(array):
    """log10 |FFT| of a picture's grey levels around their mean, frequency 0 in the middle, in a Hann window: float64 (H, W).

    (H, W) or (C, H, W) in, channels are averaged. A pattern that repeats every p pixels stands at the frequencies q / p.
    """
    array = np.asarray(array, np.float64)
    grey = array.reshape(-1, *array.shape[-2:]).mean(axis=0)
    window = np.hanning(grey.shape[0] + 2)[1:-1, None] * np.hanning(grey.shape[1] + 2)[1:-1]
    values = np.abs(np.fft.fftshift(np.fft.fft2((grey - grey.mean()) * window)))
    return np.log10(values + 1e-6 * max(values.max(), 1e-300))


def artifacts(images, path=None, zoom=None, reference=None):
    """Pictures with an enlarged crop and a log spectrum beside each.

    images: {label: (H, W) or (C, H, W) array, 0 to 1}; zoom: (y, x, size) of the crop, default: the middle eighth. reference: the label of the
    picture that the others should be; the spectra then are those of the crops, of the others' the error. Without one, of the whole pictures.
    """
    if not images:
        raise ParameterError("render.artifacts: there are no images")
    if reference is not None and reference not in images:
        raise ParameterError(f"render.artifacts: reference = {reference!r} is not allowed; allowed: {', '.join(map(repr, images))}")
    return _drawn(_artifacts, path, images, zoom, reference)


def _zoomed(label, image, zoom):
    """(y, x, size) of the crop, inside the picture."""
    y, x, size = zoom or (image.shape[0] * 7 // 16, image.shape[1] * 7 // 16, max(8, min(image.shape[:2]) // 8))
    if y < 0 or x < 0 or size < 1 or y + size > image.shape[0] or x + size > image.shape[1]:
        raise ParameterError(f"render.artifacts: zoom = {zoom} lies outside the picture '{label}' of {image.shape[0]} x {image.shape[1]} pixels")
    return y, x, size


def _spectra(images, zoom, reference):
    """{label: (log spectrum, title)}."""
    if reference is None:
        return {label: (log_spectrum(array), "log spectrum") for label, array in images.items()}
    found, wanted = {}, np.asarray(images[reference], np.float64)
    for label, array in images.items():
        y, x, size = _zoomed(label, _as_image(array), zoom)
        values, title = (wanted, "its log spectrum") if label == reference else (array - wanted, "log spectrum of its error")
        found[label] = log_spectrum(values[..., y : y + size, x : x + size]), title
    return found


def _artifacts(figure, images, zoom, reference):
    spectra = _spectra(images, zoom, reference)
    high = max(s.max() for s, _ in spectra.values())
    low = min(np.percentile(s, 2) for s, _ in spectra.values())
    shape = _as_image(next(iter(images.values()))).shape
    figure.set_size_inches(11.2, 3.55 * len(images) * min(1.25, max(0.8, shape[0] / shape[1])) + 0.3)
    axes = figure.subplots(len(images), 3, squeeze=False)
    for row, (label, array) in zip(axes, images.items()):
        image = _as_image(array)
        y, x, size = _zoomed(label, image, zoom)
        _show(row[0], image)
        row[0].add_patch(_frame(x, y, size))
        row[0].set_title(label, fontweight="bold")
        _show(row[1], image[y : y + size, x : x + size], extent=(x - 0.5, x + size - 0.5, y + size - 0.5, y - 0.5))
        for spine in row[1].spines.values():
            spine.set_edgecolor(ACCENT)
            spine.set_linewidth(1.4)
        row[1].set_title(f"enlarged: {size} x {size} pixels")
        for cell in row[:2]:
            _whole_axes(cell)
        shown = row[2].imshow(spectra[label][0], cmap="inferno", vmin=low, vmax=high, extent=(-0.5, 0.5, 0.5, -0.5))
        row[2].set_xticks([-0.5, -0.25, 0, 0.25, 0.5])
        row[2].set_yticks([-0.5, -0.25, 0, 0.25, 0.5])
        row[2].set_title(spectra[label][1])
        row[2].set_xlabel("cycles per pixel, across")
        row[2].set_ylabel("down")
        bar = figure.colorbar(shown, ax=row[2], shrink=0.92, aspect=24, pad=0.02)
        bar.set_label("log10 amplitude")
        bar.outline.set_linewidth(0.4)


def _frame(x, y, size):
    from matplotlib.patches import Rectangle

    return Rectangle((x - 0.5, y - 0.5), size, size, fill=False, edgecolor=ACCENT, linewidth=1.3)


def contact_sheet(images, path=None, columns=4, title=None):
    """Labelled pictures in a grid. images: {label: array} or {label: (array, caption)}; arrays (H, W) or (C, H, W), 0 to 1 or uint8."""
    if not images:
        raise ParameterError("render.contact_sheet: there are no images")
    return _drawn(_sheet, path, images, columns, title)


def _sheet(figure, images, columns, title):
    entries = [(label, *(item if isinstance(item, tuple) else (item, ""))) for label, item in images.items()]
    pictures = [(label, _as_image(array), caption) for label, array, caption in entries]
    columns = min(columns, len(pictures))
    rows = -(-len(pictures) // columns)
    lines = 1 + max(caption.count("\n") + 1 if caption else 0 for _, _, caption in pictures)
    ratio = max(image.shape[0] / image.shape[1] for _, image, _ in pictures)
    width = 2.9
    figure.set_size_inches(width * columns, rows * (width * ratio * 0.96 + 0.21 * lines) + (0.4 if title else 0.1))
    axes = figure.subplots(rows, columns, squeeze=False)
    for cell in axes.flat:
        cell.set_axis_off()
    for cell, (label, image, caption) in zip(axes.flat, pictures):
        _show(cell, image)
        caption += "\n" * (lines - 2 - caption.count("\n"))  # as many lines everywhere, so that the labels of a row stand at one height
        cell.set_title(label, fontweight="bold", fontsize=9, pad=6 + 10.5 * (lines - 1))
        if caption:
            cell.annotate(
                caption,
                (0, 1),
                (0, 3),
                xycoords="axes fraction",
                textcoords="offset points",
                fontsize=7.8,
                color=SOFT,
                va="bottom",
                ha="left",
                linespacing=1.25,
            )
    if title:
        figure.suptitle(title, x=0.01, ha="left", fontsize=12, fontweight="bold")


# ---- matrices ----


def matrix(a, path=None, title=None):
    """A (sparse) matrix as `linear_matrix` returns it: every element a cell, with its number while they fit."""
    dense = a.toarray() if hasattr(a, "toarray") else np.asarray(a)
    if dense.ndim != 2 or 0 in dense.shape:
        raise ShapeError(f"render.matrix draws a matrix with elements, got shape {dense.shape}")
    return _drawn(_matrix, path, dense, title)


def _matrix(figure, dense, title):
    from matplotlib.colors import LinearSegmentedColormap

    rows, cols = dense.shape
    cell = min(0.45, 12 / cols, 9 / rows)
    figure.set_size_inches(max(3.6, cols * cell + 1.6), max(1.6, rows * cell + 0.9))
    axes = figure.subplots()
    top = np.abs(dense).max() or 1
    colours = LinearSegmentedColormap.from_list("upreg_signed", (ACCENT, "#f0c9bd", "#fbf9f4", "#b7d3d8", COUNTS[4]))
    image = axes.imshow(dense, cmap=colours, vmin=-top, vmax=top, interpolation="nearest")
    if cell >= 0.3:
        for y, x in zip(*np.nonzero(dense)):
            axes.text(x, y, f"{dense[y, x]:.3g}", ha="center", va="center", fontsize=7.5, color="white" if abs(dense[y, x]) > 0.75 * top else INK)
    _whole_axes(axes)
    axes.set_xlabel("input element")
    axes.set_ylabel("output element")
    width, height = figure.get_size_inches()
    title = title or f"{rows} x {cols} matrix, {np.count_nonzero(dense)} elements are not zero"
    axes.set_title(textwrap.fill(title, max(12, int((width - 1.6) * 13))))
    bar = figure.colorbar(image, ax=axes, shrink=0.9, aspect=7 * height, pad=0.02)
    bar.outline.set_linewidth(0.4)
