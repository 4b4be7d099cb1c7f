"""The documentation: its examples run, its links lead somewhere, its reference pages are those of the registry."""
import doctest
import importlib.util
import os
import pathlib
import re
import shutil
import subprocess
import sys

import pytest

import upreg

ROOT = pathlib.Path(__file__).resolve().parents[1]
HERE = {**os.environ, "PYTHONPATH": os.path.dirname(os.path.dirname(upreg.__file__))}  # other processes find upreg installed or not
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def named(path):
    return str(path.relative_to(ROOT))


def generator():
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("path", [p for p in PAGES if ">>> " in p.read_text()], ids=named)
def test_examples(path):
    text = path.read_text()
    blocks = "\n".join(re.findall(r"^```pycon\n(.*?)^```", text, re.MULTILINE | re.DOTALL))
    # A page may register methods: in a process of its own, so that no other test sees them.
    code = ("import doctest, sys\n"
            "test = doctest.DocTestParser().get_doctest(sys.stdin.read(), {}, sys.argv[1], sys.argv[1], 0)\n"
            "result = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE).run(test)\n"
            "sys.exit(result.failed > 0 or result.attempted == 0)")
    done = subprocess.run([sys.executable, "-c", code, path.name], input=blocks, capture_output=True, text=True, env=HERE)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("module", ["artifacts", "compare", "matrix", "registry", "render", "images"])
def test_docstring_examples(module):
    assert doctest.testmod(importlib.import_module(f"upreg.{module}") if module != "compare" else sys.modules["upreg.compare"]).failed == 0


@pytest.mark.parametrize("path", PAGES, ids=named)
def test_links(path):
    for target in re.findall(r"\]\(([^)\s]+)\)", path.read_text()):
        if not target.startswith(("http", "#", "mailto:")):
            assert (path.parent / target.partition("#")[0]).exists(), f"{named(path)} links to {target}"


def test_reference_pages_are_up_to_date():
    module = generator()
    for name, text in module.pages().items():
        page = module.FOLDER / name
        assert page.exists() and page.read_text() == text, f"docs/methods/{name} is out of date: run `make docs`"


def test_every_method_is_in_the_index():
    index = (ROOT / "docs" / "methods" / "README.md").read_text()
    for name in upreg.methods():
        assert "." in name or f"`{name}`" in index


def test_typed_names():
    stub = (ROOT / "upreg" / "__init__.pyi").read_text()
    public = {name for name in dir(upreg) if not name.startswith("_") and not hasattr(sys.modules.get(f"upreg.{name}"), "__path__")}
    modules = {name for name in public if type(getattr(upreg, name)).__name__ == "module"} - {"artifacts", "images", "render"}
    for name in sorted(public - modules):
        assert re.search(rf"^(def|class) {name}\b|^{name}:", stub, re.MULTILINE), f"upreg.{name} is not in __init__.pyi"


needs_cc = pytest.mark.skipif(shutil.which("cc") is None, reason="no C compiler")


@needs_cc
def test_the_example_plugin(tmp_path):
    """Built, loaded and held against its formula in numpy, in a process of its own."""
    library = tmp_path / "scale2x.so"
    subprocess.run(["cc", "-O2", "-std=gnu11", "-Wall", "-Wextra", "-Werror", "-fPIC", "-shared", "-fvisibility=hidden", f"-I{upreg.get_include()}",
                    str(ROOT / "examples" / "plugin" / "scale2x.c"), "-o", str(library)], check=True)
    code = """
import sys, numpy as np, upreg
upreg.load_plugin(sys.argv[1])
rng = np.random.default_rng(0)
for dtype in ("float32", "float64", "uint8", "float16"):
    for edges, mode in (("replicate", "edge"), ("wrap", "wrap")):
        x = rng.integers(0, 3, (2, 3, 17, 9)).astype(dtype)
        p = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)), mode=mode)
        b, h, d, f = p[..., :-2, 1:-1], p[..., 2:, 1:-1], p[..., 1:-1, :-2], p[..., 1:-1, 2:]
        corner, wanted = (b != h) & (d != f), np.zeros((2, 3, 34, 18), dtype)
        for y, x0, pair in ((0, 0, (d, b)), (0, 1, (f, b)), (1, 0, (d, h)), (1, 1, (f, h))):
            wanted[..., y::2, x0::2] = np.where(corner & (pair[0] == pair[1]), pair[0], x)
        for threads in (1, 2):
            assert np.array_equal(upreg.run("example.scale2x", x, edges=edges, num_threads=threads), wanted), (dtype, edges)
assert upreg.get("example.epx").info["family"] == "pixel_art"
for wrong in (lambda: upreg.run("example.scale2x", np.zeros((3, 4), "float32")), lambda: upreg.get("example.scale2x", edges="no")):
    try:
        wrong()
    except upreg.UpregError as error:
        assert "example.scale2x" in str(error)
    else:
        raise AssertionError
try:
    upreg.load_plugin(sys.argv[1])
except upreg.PluginError as error:
    assert "already" in str(error)
"""
    subprocess.run([sys.executable, "-c", code, str(library)], check=True, env=HERE)


@needs_cc
def test_the_embedding_example(tmp_path):
    library = pathlib.Path(upreg.get_library_dir()) / "libupreg.a"
    if not library.exists():
        pytest.skip("this build has no libupreg.a")
    graph = upreg.Graph("relu | nearest:scale=2", input=(1, 1, 4, 4))
    graph.save(tmp_path / "net.upg")
    program = tmp_path / "embed"
    subprocess.run(["cc", "-O1", "-Wall", "-Wextra", "-Werror", f"-I{upreg.get_include()}", str(ROOT / "examples" / "embed.c"), str(library),
                    "-ldl", "-lpthread", "-lm", "-o", str(program)], check=True)
    printed = subprocess.run([str(program), str(tmp_path / "net.upg")], check=True, capture_output=True, text=True).stdout
    assert "-9 -10   8   4" in printed and "2 nodes, 1 inputs, 1 outputs" in printed


def test_the_tour(tmp_path):
    done = subprocess.run([sys.executable, str(ROOT / "examples" / "upsampling_tour.py"), str(tmp_path)], capture_output=True, text=True, env=HERE)
    assert done.returncode == 0, done.stderr
    assert "20   200  2030   300  3000" in done.stdout and len(list(tmp_path.glob("*.png"))) == 5
