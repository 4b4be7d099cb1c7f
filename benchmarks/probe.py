"""The machine's limits, measured by a small C program compiled on the fly; None where there is no compiler or another kind of processor."""

import os
import platform
import shutil
import subprocess
import tempfile
from pathlib import Path

SOURCE = Path(__file__).with_name("probe.c")


def probe(threads):
    """{"base", "avx2", "avx512": operations per second, "read", "write": bytes per second}, or None."""
    compiler = os.environ.get("CC") or shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if not compiler or platform.machine() not in ("x86_64", "AMD64"):
        return None
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder, "probe")
        done = subprocess.run([compiler, "-O2", "-pthread", str(SOURCE), "-o", str(program)], capture_output=True)
        if done.returncode:
            return None
        text = subprocess.run([str(program), str(threads)], capture_output=True, text=True, check=True).stdout
    return {name: float(value) for name, value in map(str.split, text.splitlines())}


def describe(limits, threads):
    if limits is None:
        return f"{threads} thread(s): no probe here (it needs x86-64 and a C compiler)"
    tiers = ", ".join(f"{name} {limits[name] / 1e9:.0f}" for name in ("base", "avx2", "avx512") if name in limits)
    return f"{threads} thread(s): GFLOP/s {tiers}; GB/s read {limits['read'] / 1e9:.0f}, written {limits['write'] / 1e9:.0f}"


def bound(row, limits, tier):
    """(seconds no direct computation can go below, "flop" or "bytes"). Winograd multiplies less, so it may."""
    flop = 2 * row["macs"] / limits[tier]
    moved = row["read"] / limits["read"] + row["written"] / limits["write"]
    return (flop, "flop") if flop > moved else (moved, "bytes")
