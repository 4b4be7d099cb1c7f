"""Does the suite notice a wrong operator?

Flips one operator per kernel and method file in a copy of the tree, rebuilds there, runs the conformance tests of the methods that the file
serves, and lists the changes that no test noticed.

    python tests/mutate.py                         one change in every file
    python tests/mutate.py --files conv.c gemm.c   in these only
    python tests/mutate.py --seed 3 --limit 5      another choice, five files
"""
import argparse
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[1]

# pattern -> replacement; each is tried on code only, never in comments, strings, includes or tables.
FLIPS = [
    (r" \+ ", " - "),
    (r" - ", " + "),
    (r" \* ", " + "),
    (r" / ", " * "),
    (r" < ", " <= "),
    (r" <= ", " < "),
    (r" > ", " >= "),
    (r" >= ", " > "),
    (r" == ", " != "),
    (r" != ", " == "),
    (r" && ", " || "),
    (r" \|\| ", " && "),
    (r" \+= ", " -= "),
]

# Which tests a kernel file answers to; a method file answers to the methods whose name begins with its own.
SERVES = {
    "activation": "relu or sigmoid or tanh or softmax",
    "conv": "conv",
    "convert": "float16",
    "dense": "linear_layer",
    "elementwise": "relu or sigmoid or tanh or add or mul or norm or softmax",
    "gemm": "conv or linear_layer",
    "map": "nearest or pad or crop or nails or shuffle",
    "move": "nearest or pad or crop or concat or slice or shuffle or nails",
    "norm": "norm",
    "pointwise": "relu or sigmoid or tanh",
    "pool": "pool",
    "resample": "linear or cubic or nearest",
    "resize": "nearest or linear or cubic or nails",
    "rows": "concat or slice or pad or crop",
    "spatial": "conv or pool or pad or linear",
}


def blanked(text):
    """The text with comments, strings and preprocessor lines replaced by spaces of the same length."""
    def spaces(match):
        return re.sub(r"[^\n]", " ", match.group())
    return re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|^[ \t]*#(?:[^\n\\]|\\[^\n])*', spaces, text, flags=re.DOTALL | re.MULTILINE)


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
    """Every possible change: (position, length, replacement)."""
    code = blanked(text)
    spans = inside_functions(code)
    found = []
    for pattern, replacement in FLIPS:
        for match in re.finditer(pattern, code):
            if any(start < match.start() < end for start, end in spans):
                found.append((match.start(), match.end() - match.start(), replacement))
    return sorted(found)


def expression(path):
    """The -k expression of the tests that a file answers to."""
    stem = re.sub(r"(_t|_engine|_family|_run_t)$", "", path.stem)
    if path.parent.name == "methods" and (path.parent / f"{path.stem}.c").exists() and f"UG_METHOD({path.stem})" in methods_def():
        return path.stem.removesuffix("_grad_weight").removesuffix("_grad")
    return SERVES.get(stem, stem)


def methods_def():
    return (ROOT / "src_c" / "methods" / "methods.def").read_text()


def copy_tree(to):
    """What a build and the tests need, with what has been compiled so far."""
    skip = shutil.ignore_patterns(".git", ".venv", "demo", "__pycache__", "*.so", ".pytest_cache")
    shutil.copytree(ROOT, to, ignore=skip)


def build(tree):
    done = subprocess.run([sys.executable, "setup.py", "build_ext", "--inplace"], cwd=tree, capture_output=True, text=True)
    return done.returncode == 0, (done.stdout + done.stderr)[-1500:]


def noticed(tree, chosen, seconds):
    """Whether a test fails.  A crash and an endless loop are noticed too."""
    test = ["tests/test_conformance.py", "-k", f"({chosen}) and not test_tier"]
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *test]
    try:
        done = subprocess.run(command, cwd=tree, env={**os.environ, "PYTHONPATH": str(tree)}, capture_output=True, text=True, timeout=seconds)
    except subprocess.TimeoutExpired:
        return True
    if done.returncode == 5:
        raise SystemExit(f"no test matches {chosen!r}")
    return done.returncode != 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--files", nargs="*", help="names of kernel and method files (default: all)")
    parser.add_argument("--seed", type=int, default=0, help="another choice of operators")
    parser.add_argument("--limit", type=int, help="at most so many files")
    parser.add_argument("--seconds", type=int, default=300, help="after which a run counts as hanging")
    options = parser.parse_args()

    files = sorted(path for folder in ("kernels", "methods") for path in (ROOT / "src_c" / folder).glob("*") if path.suffix in (".c", ".h"))
    if options.files:
        files = [path for path in files if path.name in options.files]
    files = [path for path in files if candidates(path.read_text())]
    random.Random(options.seed).shuffle(files)
    files = sorted(files[:options.limit])
    survivors = []
    with tempfile.TemporaryDirectory() as folder:
        tree = pathlib.Path(folder) / "tree"
        copy_tree(tree)
        works, log = build(tree)
        if not works:
            raise SystemExit(f"the unchanged tree does not build:\n{log}")
        for number, path in enumerate(files, 1):
            text = path.read_text()
            at, length, replacement = random.Random(f"{options.seed} {path.name}").choice(candidates(text))
            line = text.count("\n", 0, at) + 1
            shown = f"{path.relative_to(ROOT)}:{line}:{text[at:at + length]}->{replacement}"
            copy = tree / path.relative_to(ROOT)
            copy.write_text(text[:at] + replacement + text[at + length:])
            works, _ = build(tree)
            caught = not works or noticed(tree, expression(path), options.seconds)
            print(f"[{number}/{len(files)}] {'noticed ' if caught else 'SURVIVED'} {shown}", flush=True)
            if not caught:
                survivors.append(shown + "    " + text.splitlines()[line - 1].strip())
            copy.write_text(text)
    print(f"{len(survivors)} of {len(files)} changes survived")
    for survivor in survivors:
        print("  " + survivor)
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
