"""Calls go down only.  Read from the `#include` and `import` lines."""
import ast
import pathlib
import re

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[1]
C = ROOT / "src_c"
PACKAGE = ROOT / "upreg"

# What the files of a C layer may include, by the folder of the included header; "" is the public header upreg.h.
MAY_INCLUDE = {
    "kernels": {"kernels"},
    "methods": {"methods", "kernels", "core", ""},
    "core": {"core", "kernels", ""},
    "include": set(),
}
CORE_READS = {"methods/methods.def", "methods/presets.def"}  # the only lines by which core knows methods

# The Python layers, lowest first.  Modules of one layer may import one another.
LAYERS = [
    {"_core"},
    {"registry", "errors", "testing", "tensors", "system", "compare", "identify", "matrix", "initialise"},
    {"graph", "execute", "files", "gradient", "inspect_graph", "tiling"},
    {"simplify", "quantised"},
    {"onnx_io", "onnx_ops", "onnx_export", "networks", "train", "dask"},
    {"artifacts"},
    {"images", "png16", "render", "report", "repair"},
    {"cli", "demo", "timing", "__main__"},
]
LEVEL = {module: level for level, modules in enumerate(LAYERS) for module in modules}
# Convenience methods that call upward, importing inside the function: (module, imported module).
UPWARD = {("graph", "artifacts"), ("graph", "onnx_io"), ("graph", "onnx_export"), ("artifacts", "render"), ("artifacts", "report")}


def includes(path):
    return re.findall(r'^\s*#\s*include\s+"([^"]+)"', path.read_text(), re.MULTILINE)


def c_files(layer):
    return sorted(path for path in (C / layer).rglob("*") if path.suffix in (".c", ".h", ".inc", ".def"))


@pytest.mark.parametrize("layer", MAY_INCLUDE)
def test_c_layers(layer):
    wrong = []
    for path in c_files(layer):
        for header in includes(path):
            folder = header.rpartition("/")[0]
            if folder not in MAY_INCLUDE[layer] and not (layer == "core" and header in CORE_READS):
                wrong.append(f"{path.relative_to(ROOT)} includes {header}")
    assert not wrong, "\n".join(wrong)


def test_core_knows_no_method_by_name():
    names = method_names()
    words = re.compile(r'"(%s)"' % "|".join(sorted(names, key=len, reverse=True)))
    wrong = [f"{path.name}: {match}" for path in c_files("core") for match in words.findall(without_comments(path.read_text()))]
    assert not wrong, "\n".join(wrong)


def without_comments(text):
    text = re.sub(r"//[^\n]*", "", re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL))
    return re.sub(r"ug_json_\w+\(\w+(, \w+)?, \"\w+\"\)", "", text)  # keys of a file's header are no methods


def method_names():
    return re.findall(r"^UG_METHOD\((\w+)\)", (C / "methods" / "methods.def").read_text(), re.MULTILINE)


def test_every_method_file_is_listed():
    """A method is one file with one line in methods.def, both of the method's name."""
    listed = set(method_names())
    defined = {}
    for path in c_files("methods"):
        for name in re.findall(r"^const upreg_method ug_method_(\w+)\s*=", path.read_text(), re.MULTILINE):
            defined[name] = path.stem
    assert set(defined) == listed
    assert all(name == stem for name, stem in defined.items()), defined
    assert len(method_names()) == len(listed), "a method is listed twice"


def test_method_names_in_their_structs():
    for name in method_names():
        text = (C / "methods" / f"{name}.c").read_text()
        assert re.search(r'\.name = "%s"' % name, text), f"{name}.c does not say .name = \"{name}\""


def imported(node):
    """The modules of the package that an import statement names."""
    if isinstance(node, ast.Import):
        return [alias.name.split(".")[1] for alias in node.names if alias.name.startswith("upreg.")]
    if node.level == 1 or node.module == "upreg":
        return [node.module.split(".")[0]] if node.level == 1 and node.module else [alias.name for alias in node.names]
    if node.module and node.module.startswith("upreg."):
        return [node.module.split(".")[1]]
    return []


def python_imports(path):
    """(module, inside a function) for every import of a module of the package."""
    tree = ast.parse(path.read_text())
    functions = [node for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]
    inner = {id(child) for function in functions for child in ast.walk(function)}
    for node in ast.walk(tree):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            for module in imported(node):
                if (PACKAGE / f"{module}.py").exists() or (PACKAGE / f"{module}.pyx").exists():
                    yield module, id(node) in inner


def test_python_layers():
    wrong = []
    for path in sorted(PACKAGE.glob("*.py")):
        if path.stem == "__init__":
            continue
        assert path.stem in LEVEL, f"{path.name} has no layer: add it to LAYERS"
        for module, inside in python_imports(path):
            allowed = LEVEL[module] <= LEVEL[path.stem] or (inside and (path.stem, module) in UPWARD)
            if not allowed:
                wrong.append(f"{path.name} imports {module}")
    assert not wrong, "\n".join(wrong)


def test_only_core_touches_c():
    for path in sorted(PACKAGE.glob("*.py")):
        assert "ctypes" not in path.read_text() and "cffi" not in path.read_text(), path.name
    for path in sorted(PACKAGE.glob("*.pyx")):
        assert path.stem == "_core", f"{path.name}: C is touched in _core.pyx only"


def test_core_pyx_names_no_method():
    text = re.sub(r"#[^\n]*", "", (PACKAGE / "_core.pyx").read_text())
    text = re.sub(r'"""(.*?)"""', "", text, flags=re.DOTALL)
    text = re.sub(r"_flags = \(.*?\)\)\n", "", text, flags=re.DOTALL)  # the flag "linear" is no method
    wrong = re.findall(r"""["'](%s)["']""" % "|".join(sorted(method_names(), key=len, reverse=True)), text)
    assert not wrong, wrong
