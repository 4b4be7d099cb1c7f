"""Builds upreg/_core, and the static library for embedders, from src_c.  All metadata is in pyproject.toml.

The kernels are compiled once per CPU tier with that tier's flags; the tier is chosen at run time, never here.
UPREG_TINY_BLOCKS=1 makes the test build, in which every block boundary occurs at small sizes.
"""

import os
import platform
import shutil
import sysconfig
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

ROOT = Path("src_c")
INCLUDE = ["src_c", "src_c/include"]
COMMON = ["-O3", "-std=gnu11", "-ffp-contract=off", "-fno-math-errno", "-fvisibility=hidden", "-g0", "-Wall", "-Wextra", "-Wno-unused-function"]
TIERS = {
    "base": [],
    "avx2": ["-DUG_TIER_AVX2", "-mavx2", "-mfma"],
    "avx512": ["-DUG_TIER_AVX512", "-mavx2", "-mfma", "-mavx512f", "-mavx512vl", "-mavx512bw", "-mavx512dq", "-mprefer-vector-width=512"],
}


HEADERS = sorted(str(p) for pattern in ("*.h", "*.def") for p in ROOT.rglob(pattern))
SOURCES = sorted(str(p) for folder in ("core", "methods", "kernels") for p in (ROOT / folder).glob("*.c"))


def target_is_x86():
    target = os.environ.get("ARCHFLAGS") or sysconfig.get_platform() + platform.machine()
    return "x86_64" in target or "amd64" in target.lower()


def newest(paths):
    return max(Path(p).stat().st_mtime for p in paths)


class BuildTiers(build_ext):
    """Compiles each kernel file once per tier and the rest once, in parallel; links them into the extension and libupreg.a."""

    def build_extension(self, ext):
        tiers = TIERS if target_is_x86() else {"base": []}
        have = [f"-DUG_HAVE_{name.upper()}" for name in tiers if name != "base"]
        tiny = ["-DUPREG_TINY_BLOCKS"] if os.environ.get("UPREG_TINY_BLOCKS") == "1" else []
        jobs = [(path, name, [f"-DUG_TIER={name}", *flags]) for name, flags in tiers.items() for path in sorted((ROOT / "kernels").glob("*.c"))]
        jobs += [(path, "once", have) for folder in ("core", "methods") for path in sorted((ROOT / folder).glob("*.c"))]
        headers = newest([*HEADERS, __file__])

        def compile_one(job):
            path, name, flags = job
            folder = Path(self.build_temp) / name
            target = folder / path.with_suffix(".o")
            if self.force or not target.exists() or target.stat().st_mtime < max(headers, newest([path])):
                self.compiler.compile([str(path)], output_dir=str(folder), include_dirs=INCLUDE, extra_postargs=COMMON + tiny + flags)
            return str(target)

        for path, name, _ in jobs:
            (Path(self.build_temp) / name / path.parent).mkdir(parents=True, exist_ok=True)
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            objects = list(pool.map(compile_one, jobs))
        ext.extra_objects = objects
        ext.extra_compile_args = COMMON + ["-Wno-discarded-qualifiers"]
        super().build_extension(ext)
        package = Path(self.get_ext_fullpath(ext.name)).parent
        for folder in ("lib", "include"):
            (package / folder).mkdir(parents=True, exist_ok=True)
        self.compiler.create_static_lib(objects, "upreg", output_dir=str(package / "lib"))
        shutil.copy(ROOT / "include" / "upreg.h", package / "include" / "upreg.h")

    def copy_extensions_to_source(self):
        super().copy_extensions_to_source()
        for folder in ("lib", "include"):
            shutil.copytree(Path(self.build_lib) / "upreg" / folder, Path("upreg") / folder, dirs_exist_ok=True)


setup(
    ext_modules=[Extension("upreg._core", ["upreg/_core.pyx"], include_dirs=INCLUDE, depends=HEADERS + SOURCES, libraries=["dl", "pthread", "m"])],
    cmdclass={"build_ext": BuildTiers},
)
