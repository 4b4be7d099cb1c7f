"""The machine, and where upreg's own files are."""

from pathlib import Path

from upreg import _core
from upreg.registry import get_num_threads


def cpu_info():
    """The CPU tier in use, all that this computer can run, processors, threads, and the version."""
    return {
        "tier": _core.cpu_tier(),
        "tiers": _core.cpu_tiers(),
        "processors": _core.processors(),
        "threads": get_num_threads(),
        "tiny_blocks": _core.tiny_blocks(),
        "cached_bytes": _core.cached_bytes(),
        "version": _core.version(),
    }


def get_include():
    """The folder of `upreg.h`."""
    here = Path(__file__).parent
    return str(here / "include" if (here / "include" / "upreg.h").exists() else here.parent / "src_c" / "include")


def get_library_dir():
    """The folder of the compiled extension module; its capsule `upreg._core.api_capsule()` reaches the C functions."""
    return str(Path(_core.__file__).parent)
