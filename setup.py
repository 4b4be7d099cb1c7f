"""Builds upreg/_core from src_c.  All metadata is in pyproject.toml.

The kernels are compiled once per CPU tier with that tier's flags; the tier is chosen at run time, never here.
UPREG_TINY_BLOCKS=1 makes the test build, in which every block boundary occurs at small sizes.
"""

import os
import platform
import sysconfig
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

ROOT = Path("src_c")
COMMON = ["-O3", "-std=gnu11", "-ffp-contract=off", "-fno-math-errno", "-fvisibility=hidden", "-g0", "-Wall", "-Wextra"]
TIERS = {
    "base": [],
    "avx2": ["-DUG_TIER_AVX2", "-mavx2", "-mfma"],
    "avx512": ["-DUG_TIER_AVX512", "-mavx2", "-mfma", "-mavx512f", "-mavx512vl", "-mavx512bw", "-mavx512dq", "-mprefer-vector-width=512"],
}


def target_is_x86():
    return "x86_64" in os.environ.get("ARCHFLAGS", sysconfig.get_platform() + platform.machine()).lower().replace("amd64", "x86_64")


class BuildTiers(build_ext):
    """Compiles each kernel file once per tier, then the rest once, into one extension."""

    def build_extension(self, ext):
        tiers = TIERS if target_is_x86() else {"base": []}
        have = [f"-DUG_HAVE_{name.upper()}" for name in tiers if name != "base"]
        tiny = ["-DUPREG_TINY_BLOCKS"] if os.environ.get("UPREG_TINY_BLOCKS") == "1" else []
        include = ["src_c", "src_c/include"]
        self.mkpath(self.build_temp)
        for name, flags in tiers.items():
            objects = self.compiler.compile(
                sorted(str(p) for p in (ROOT / "kernels").glob("*.c")),
                output_dir=str(Path(self.build_temp) / name),
                include_dirs=include,
                extra_postargs=COMMON + tiny + [f"-DUG_TIER={name}", *flags],
                depends=ext.depends,
            )
            ext.extra_objects.extend(objects)
        ext.extra_compile_args = COMMON + have + tiny + ["-Wno-unused-function"]
        super().build_extension(ext)


sources = sorted(str(p) for folder in ("core", "methods") for p in (ROOT / folder).glob("*.c"))
headers = sorted(str(p) for pattern in ("*.h", "*.def") for p in ROOT.rglob(pattern))
setup(
    ext_modules=[
        Extension("upreg._core", ["upreg/_core.pyx", *sources], include_dirs=["src_c", "src_c/include"], depends=headers, libraries=["dl", "pthread", "m"])
    ],
    cmdclass={"build_ext": BuildTiers},
)
