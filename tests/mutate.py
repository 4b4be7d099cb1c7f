"""Does the suite notice a wrong operator?

Flips one operator at a time in the kernel and method files of a copy of the tree, rebuilds what includes the file, and runs the tests of the
methods that use it: the conformance tests on the normal build, then on the one with tiny blocks, then (kernels) in every CPU tier, then the
tests of graphs, examples and bad input.  A flip that passes all of them has survived: a test is missing, or the flip changes nothing.

    python tests/mutate.py                              one flip in every file
    python tests/mutate.py --files conv.c gemm_t.h      in these only
    python tests/mutate.py --files conv.c:120 --flips 9 up to nine flips, in this line
    python tests/mutate.py --seed 3 --limit 5           other flips, five of them
"""
import argparse
import functools
import os
import pathlib
import random
import re
import resource
import runpy
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
from unittest import mock

ROOT = pathlib.Path(__file__).resolve().parents[1]

# Tried on code inside functions only, never in comments, strings or preprocessor lines.
FLIPS = {
    " + ": " - ", " - ": " + ", " * ": " + ", " / ": " * ", " % ": " / ", " += ": " -= ", " -= ": " += ", " *= ": " += ",
    " < ": " <= ", " <= ": " < ", " > ": " >= ", " >= ": " > ", " == ": " != ", " != ": " == ", " && ": " || ", " || ": " && ",
}

# Flips that change no result, (file, part of the line, operators): why.
EQUIVALENT = {
    ("map_engine.c", "n < 2 || m < 1 || n == m", "< =="): "a row without a kernel of its own is moved run by run, to the same result",
    ("prelu_grad_weight.c", "double bytes = ug_norm_count", "*"): "how much a thread takes at once is a matter of speed",
    ("shuffle.c", "ug_add_stage(p, ug_rows_units(&plan->rows), (double)", "*"): "how much a thread takes at once is a matter of speed",
    ("method.c", "grain < (double)units ? (int64_t)grain : units", "<"): "of two equal numbers either is the smaller",
    ("conv_engine.c", "plan->rows * plan->columns > 8 * lanes)", "*"): "into how many rows the work is split is a matter of speed",
    ("conv_engine.c", "(plan->problem.algorithm == UG_CONV_AUTO", "=="): "which algorithm is chosen is a matter of speed",
    ("depthwise_t.h", "n >= LANES ? N(ug_load)", ">="): "a part that is a whole vector is loaded as one",
    ("norm_t.h", "(x[i] > best)", ">"): "of two equal numbers either is the larger",
    ("pool_t.h", "y[i] = (x[i] > y[i])", ">"): "of two equal numbers either is the larger",
    ("pool_t.h", "(x[i] > y[place[i]]", ">"): "of two equal numbers either is the larger",
}

CONFORMANCE = "tests/test_conformance.py"
OTHERS = ["tests/test_graph.py", "tests/test_examples.py", "tests/test_bad_input.py"]
HARD_LIMIT = 16 << 30  # bytes of address space; a wrong size must not take the machine down


# ---- what to flip ----


def blanked(text):
    """The text with comments, strings and preprocessor lines replaced by spaces of the same length."""
    def spaces(match):
        return re.sub(r"[^\n]", " ", match.group())
    code = r"/\*.*?\*/|//[^\n]*|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])+'|^[ \t]*#(?:[^\n\\]|\\\n|\\[^\n])*"
    return re.sub(code, spaces, text, flags=re.DOTALL | re.MULTILINE)


def inside_functions(code):
    """(start, end) of every function body: braces that open after a closing parenthesis at the outermost level."""
    depth, start, spans = 0, None, []
    for at, letter in enumerate(code):
        if letter == "{":
            if depth == 0:
                start = at if code[:at].rstrip().endswith(")") else None
            depth += 1
        elif letter == "}":
            depth -= 1
            if depth == 0 and start is not None:
                spans.append((start, at))
    return spans


def candidates(text):
    """The positions and operators of every possible flip."""
    code = blanked(text)
    operators = "|".join(f"{re.escape(operator[:-1])}(?= )" for operator in FLIPS)
    inside = {at for start, end in inside_functions(code) for at in range(start, end)}
    return [(match.start(), match.group() + " ") for match in re.finditer(operators, code) if match.start() in inside]


def line_of(text, at):
    return text.count("\n", 0, at) + 1


def chosen(options, root):
    """[(path, position, operator)] of this run."""
    files = sorted(path for folder in ("kernels", "methods") for path in (root / "src_c" / folder).glob("*.[ch]"))
    wanted = {path.name: set() for path in files}  # lines; none: all
    if options.files:
        wanted = {}
        for text in options.files:
            name, _, line = text.partition(":")
            wanted.setdefault(name, set()).update([int(line)] if line else [])
        unknown = set(wanted) - {path.name for path in files}
        if unknown:
            raise SystemExit(f"no such kernel or method file: {', '.join(sorted(unknown))}")
    flips = []
    for path in files:
        if path.name in wanted:
            text = path.read_text()
            lines = wanted[path.name]
            places = [place for place in candidates(text) if not lines or line_of(text, place[0]) in lines]
            picked = random.Random(f"{options.seed} {path.name}").sample(places, min(options.flips, len(places)))
            flips += [(path, *place) for place in sorted(picked)]
    if options.limit is not None and options.limit < len(flips):
        flips = sorted(random.Random(options.seed).sample(flips, options.limit))
    return flips


def outdated(root):
    """Entries of EQUIVALENT that no line has any more."""
    files = {path.name: path for folder in ("kernels", "methods") for path in (root / "src_c" / folder).glob("*.[ch]")}
    return [(name, part) for name, part, _ in EQUIVALENT if name not in files or part not in files[name].read_text()]


def why_equivalent(path, text, at, operator):
    line = text.splitlines()[line_of(text, at) - 1]
    known = [why for (name, part, flipped), why in EQUIVALENT.items() if name == path.name and part in line and operator.strip() in flipped.split()]
    return known[0] if known else None


# ---- who is affected ----


@functools.cache
def included(path):
    """The files below src_c that a file includes, itself among them."""
    found, waiting, top = set(), [path], path.parents[1]
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            waiting += [top / name for name in re.findall(r'^#include "([^"]+)"', path.read_text(), re.MULTILINE) if (top / name).exists()]
    return found


@functools.cache
def parts(path):
    """The method files that a method is made of: what its file includes, and the .c file of every header of those."""
    found, waiting = set(), [path]
    while waiting:
        path = waiting.pop()
        if path not in found and path.parent.name == "methods" and path.exists():
            found.add(path)
            waiting += included(path) | {path.with_suffix(".c")}
    return found


def served(path):
    """The methods that a file serves."""
    methods = path.parents[1] / "methods"
    every = {name: parts(methods / f"{name}.c") for name in re.findall(r"UG_METHOD\((\w+)\)", (methods / "methods.def").read_text())}
    if path.parent == methods:
        return [name for name, files in every.items() if path in files]
    families = "|".join(source.stem for source in path.parent.glob("*.c") if path in included(source))
    uses = re.compile(rf"->(?:{families})\b|\bug_(?:{families})_(?:kernels|f32|f64)\b")
    return [name for name, files in every.items() if any(uses.search(file.read_text()) for file in files)] or list(every)


def expression(path):
    """The -k expression of the conformance tests of those methods and their presets."""
    methods = served(path)
    presets = re.findall(r'^UG_PRESET\("(\w+)", "(\w+)"', (path.parents[1] / "methods" / "presets.def").read_text(), re.MULTILINE)
    names = methods + [preset for preset, method in presets if method in methods]
    return " or ".join(f"[{name}] or [{name}-" for name in names)


# ---- building and testing ----


class Tree:
    """A copy of the checkout, built twice: as it is and with tiny blocks."""

    def __init__(self, folder):
        self.root = folder
        skip = shutil.ignore_patterns(".git", ".venv*", "demo", "build-*", "__pycache__", "*.so", ".pytest_cache", "*.egg-info")
        shutil.copytree(ROOT, folder, ignore=skip)
        self.tiny = folder / "build" / "tiny"
        self.temp = {False: self.tiny.parent / "mutants", True: self.tiny / "temp"}
        for old in self.tiny.parent.glob("temp*"):
            old.rename(self.temp[False])
        self.setup("--inplace")
        self.setup("--build-lib", self.tiny, UPREG_TINY_BLOCKS="1")
        for path in (folder / "upreg").glob("*.py"):
            shutil.copy(path, self.tiny / "upreg")
        with mock.patch("setuptools.setup"):
            self.flags = runpy.run_path(str(folder / "setup.py"))
        self.tiers = [name for name in self.flags["TIERS"] if (self.temp[False] / name).is_dir()]
        for tiny in (False, True):
            asserted = "import sys, upreg, upreg._core as c; assert all(m.__file__.startswith(sys.argv[1]) for m in (upreg, c)), (upreg, c)"
            subprocess.run([sys.executable, "-P", "-c", asserted, self.package(tiny)], env=self.environment(tiny), cwd=folder, check=True)

    def package(self, tiny):
        return str(self.tiny if tiny else self.root)

    def environment(self, tiny, **more):
        own = {"PYTHONPATH": self.package(tiny), "PYTHONDONTWRITEBYTECODE": "1", **({"UPREG_EXPECT_TINY": "1"} if tiny else {})}
        return {**{key: value for key, value in os.environ.items() if key != "UPREG_CPU"}, **own, **more}

    def setup(self, *arguments, **environment):
        tiny = "UPREG_TINY_BLOCKS" in environment
        command = [sys.executable, "setup.py", "-q", "build_ext", "--build-temp", self.temp[tiny], *arguments]
        done = subprocess.run(command, cwd=self.root, env={**os.environ, **environment}, capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(f"the unchanged tree does not build:\n{done.stdout}{done.stderr}"[-3000:])

    def compiled(self, tiny):
        """(source, object below the build's folder, flags) of every C file, kernels once per tier."""
        common = self.flags["COMMON"] + [f"-I{self.root / place}" for place in self.flags["INCLUDE"]] + (["-DUPREG_TINY_BLOCKS"] if tiny else [])
        once = [f"-DUG_HAVE_{name.upper()}" for name in self.tiers if name != "base"]
        tiers = {tier: [f"-DUG_TIER={tier}", *self.flags["TIERS"][tier]] for tier in self.tiers}
        variants = {"kernels": tiers, "core": {"once": once}, "methods": {"once": once}}
        for folder, kinds in variants.items():
            for source in sorted((self.root / "src_c" / folder).glob("*.c")):
                for kind, flags in kinds.items():
                    yield source, pathlib.Path(kind) / source.relative_to(self.root).with_suffix(".o"), common + flags

    def build(self, path, text, tiny):
        """Links an extension with this text in place of a file's.  False: it does not compile.  The objects of the build stay as they are."""
        before, objects = path.read_text(), [self.temp[tiny] / "upreg" / "_core.o"]
        with tempfile.TemporaryDirectory() as folder:
            path.write_text(text)
            try:
                for source, made, flags in self.compiled(tiny):
                    objects.append(self.temp[tiny] / made)
                    if path in included(source):
                        objects[-1] = pathlib.Path(folder) / f"{len(objects)}.o"
                        command = [*sysconfig.get_config_var("CC").split(), "-fPIC", "-DNDEBUG", *flags, "-w", "-c", source, "-o", objects[-1]]
                        if subprocess.run(command, capture_output=True).returncode:
                            return False
            finally:
                path.write_text(before)
            target = pathlib.Path(self.package(tiny)) / "upreg" / f"_core{sysconfig.get_config_var('EXT_SUFFIX')}"
            target.unlink(missing_ok=True)
            subprocess.run([*sysconfig.get_config_var("LDSHARED").split(), *objects, "-ldl", "-lpthread", "-lm", "-o", target], check=True)
            return True

    def killed_by(self, tests, seconds, tiny=False, **environment):
        """The first test that fails, "hangs", "crashes", or None.  A build that pytest cannot even import crashes."""
        command = [sys.executable, "-P", "-m", "pytest", "-q", "-x", "--tb=no", "-p", "no:cacheprovider", *tests]
        try:
            done = subprocess.run(command, cwd=self.root, env=self.environment(tiny, **environment), stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                  text=True, timeout=seconds, preexec_fn=limited)
        except subprocess.TimeoutExpired:
            return "hangs"
        if done.returncode == 5:
            raise SystemExit(f"no test matches {tests}")
        failed = re.search(r"^(?:FAILED|ERROR) \S*?::(.*?)(?: - .*)?$", done.stdout, re.MULTILINE)
        return None if done.returncode == 0 else failed.group(1) if failed else "crashes"

    def must_pass(self, seconds):
        """Stops unless the tests pass as long as nothing is flipped."""
        path = self.root / "src_c" / "methods" / "method.h"
        for tiny in (False, True):
            self.build(path, path.read_text(), tiny)
            killer = self.killed_by([CONFORMANCE, "-k", "not test_tier"], seconds, tiny)
            if killer:
                raise SystemExit(f"the unchanged tree {'with tiny blocks ' if tiny else ''}does not pass {CONFORMANCE}: {killer}")
        killer = self.killed_by(OTHERS, seconds)
        if killer:
            raise SystemExit(f"the unchanged tree does not pass {' '.join(OTHERS)}: {killer}")

    def verdict(self, path, text, seconds):
        """(what became of a flip, by which test)"""
        if not self.build(path, text, tiny=False):
            return "does not compile", ""
        conformance = [CONFORMANCE, "-k", expression(path)]
        killer = self.killed_by(conformance, seconds)
        if killer is None:
            self.build(path, text, tiny=True)
            killer = self.killed_by(conformance, seconds, tiny=True)
        if path.parent.name == "kernels":
            for tier in self.tiers:
                killer = killer or self.killed_by(conformance, seconds, UPREG_CPU=tier)
        killer = killer or self.killed_by(OTHERS, seconds)
        return ("survived", "") if killer is None else ("killed", killer)


def limited():
    resource.setrlimit(resource.RLIMIT_AS, (HARD_LIMIT, HARD_LIMIT))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", nargs="+", metavar="NAME[:LINE]", help="names of kernel and method files (default: all)")
    parser.add_argument("--flips", type=int, default=1, help="in each file (default 1)")
    parser.add_argument("--seed", type=int, default=0, help="another choice of operators")
    parser.add_argument("--limit", type=int, help="at most so many in all")
    parser.add_argument("--seconds", type=int, default=90, help="after which a run counts as hanging")
    parser.add_argument("--list", action="store_true", help="show the flips and the methods they concern, and stop")
    options = parser.parse_args()

    if outdated(ROOT):
        raise SystemExit(f"EQUIVALENT names lines that have gone: {outdated(ROOT)}")
    if options.list:
        for path, at, operator in chosen(options, ROOT):
            text = path.read_text()
            print(f"{path.name}:{line_of(text, at)}: {operator.strip()} to {FLIPS[operator].strip()}, for {', '.join(served(path))}")
        return 0
    counts, survivors = dict.fromkeys(("killed", "survived", "equivalent", "does not compile"), 0), []
    with tempfile.TemporaryDirectory() as folder:
        tree = Tree(pathlib.Path(folder) / "tree")
        flips = chosen(options, tree.root)
        tree.must_pass(3 * options.seconds)
        for number, (path, at, operator) in enumerate(flips, 1):
            text, started = path.read_text(), time.monotonic()
            line = text.splitlines()[line_of(text, at) - 1].strip()
            shown = f"{path.name}:{line_of(text, at)}: {operator.strip()} to {FLIPS[operator].strip()}"
            if why_equivalent(path, text, at, operator):
                result, killer = "equivalent", why_equivalent(path, text, at, operator)
            else:
                result, killer = tree.verdict(path, text[:at] + FLIPS[operator] + text[at + len(operator):], options.seconds)
            counts[result] += 1
            if result == "survived":
                survivors.append(f"{shown}    {line}")
            print(f"[{number}/{len(flips)}] {result:9} {shown}  {killer or line}  ({time.monotonic() - started:.0f} s)", flush=True)
    print(f"{len(flips)} flips: " + ", ".join(f"{count} {result}" for result, count in counts.items()))
    for survivor in survivors:
        print("  " + survivor)
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
