"""upreg: every upsampling and convolution variant by name.

>>> import numpy as np, upreg
>>> upreg.run("bilinear", np.ones((1, 3, 8, 8), np.float32), scale=2).shape
(1, 3, 16, 16)
"""

from upreg.compare import Comparison, compare
from upreg.errors import (
    Cancelled,
    DataError,
    DTypeError,
    GraphError,
    ParameterError,
    PluginError,
    ShapeError,
    UnknownMethodError,
    UpregError,
)
from upreg.graph import Graph
from upreg.identify import Match, identify
from upreg.matrix import LinearMatrix, linear_matrix
from upreg.registry import (
    describe,
    families,
    from_config,
    get,
    get_num_threads,
    load_plugin,
    methods,
    register_method,
    run,
    set_num_threads,
    threads,
)
from upreg.system import cpu_info, empty_cache, get_include, get_library_dir

__version__ = "0.1.0"

_LAZY = {"artifacts", "images", "networks", "render", "train"}  # matplotlib and Pillow are loaded when they are needed
_OPTIONAL = {"dask"}  # needs packages that upreg does not bring


def __getattr__(name):
    if name in _LAZY | _OPTIONAL:
        import importlib

        return importlib.import_module(f"upreg.{name}")
    if name == "Overlap":
        from upreg.artifacts import Overlap

        return Overlap
    raise AttributeError(f"module 'upreg' has no attribute {name!r}")


def __dir__():
    return sorted({*globals(), *_LAZY, "Overlap"})
