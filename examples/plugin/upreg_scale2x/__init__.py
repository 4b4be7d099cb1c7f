"""The upreg plugin "example.scale2x"; `upreg.get("example.scale2x")` finds it once this package is installed."""

from pathlib import Path


def library():
    """The plugin's shared library: what the entry point gives to upreg."""
    return next(Path(__file__).parent.glob("_scale2x*"))
