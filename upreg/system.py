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
    return str(Path(_core.__file__).parent / "include")


def get_library_dir():
    """The folder of `libupreg.a`, for programs that embed the C library."""
    return str(Path(_core.__file__).parent / "lib")


def empty_cache():
    """Gives the idle memory of the output pool back to the system."""
    _core.empty_cache()
