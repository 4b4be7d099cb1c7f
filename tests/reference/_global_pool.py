"""The spatial axes of an image."""

from . import _common as c


def axes_of(params, x):
    first = {"NCX": 2, "NXC": 1, "CX": 1, "XC": 0, "X": 0}[params["layout"]]
    return tuple(range(first, x.ndim - (params["layout"] in ("NXC", "XC"))))


def count_of(params, x):
    n = 1
    for axis in axes_of(params, x):
        n *= x.shape[axis]
    return max(n, 1)


def draw(rng, dtype, kind, layout, span):
    layout, n, channels, sizes = c.draw_image(rng, span, layout)
    return dict(layout=layout), c.data(rng, c.shape_of(layout, n, channels, sizes), dtype, kind)


LARGE = [({}, [(2, 3, 200, 300)]), ({"layout": "NXC"}, [(2, 60, 50, 3)]), ({"layout": "NXC"}, [(1, 30, 40, 600)]), ({}, [(2, 600, 7, 7)])]


def rejects(name):
    return [({}, [(2, 3)], "ShapeError", [name, "NCX"])]
