"""Plugins: a C one is compiled, loaded and run; entry points are read on a miss; broken ones are named."""

import os
import shutil
import subprocess
import sys
import textwrap

import numpy as np
import pytest

import upreg

SOURCE = """
#include "upreg.h"

typedef struct params { double factor; } params;
static const upreg_param table[] = {{"factor", UPREG_FLOAT, offsetof(params, factor), "2", -10, 10, 0, "what x is multiplied by"}};

static upreg_status infer(upreg_infer *ctx) { ctx->out[0] = ctx->in[0]; return UPREG_OK; }
static upreg_status prepare(upreg_prepare *p) {
    int64_t n = 1;
    for (int i = 0; i < p->in[0].ndim; i++) n *= p->in[0].dim[i];
    p->stage[p->n_stages++] = (upreg_stage){n, 1024, 0};
    return UPREG_OK;
}
static void run(const upreg_call *call, int stage, int64_t begin, int64_t end, int worker) {
    (void)stage, (void)worker;
    const float *x = call->in[0].data;
    float *y = call->out[0].data;
    for (int64_t i = begin; i < end; i++) y[i] = (float)((const params *)call->params)->factor * x[i];
}
static const upreg_method times = {
    .struct_size = sizeof(upreg_method), .version = 1, .name = NAME, .family = "acme", .summary = "x times a factor", .doc = "y = factor * x", .source = "-",
    .params = table, .n_params = 1, .params_size = sizeof(params), .types = 1u << UPREG_F32, .ports = "x:T -> y:T", .infer = infer, .prepare = prepare, .run = run};
static const upreg_method *const methods[] = {&times};
__attribute__((visibility("default"))) const upreg_plugin upreg_plugin_v1 = {UPREG_MAGIC, ABI, sizeof(upreg_plugin), 1, VENDOR, "1.0", methods, 0};
"""


def build(folder, name="acme.times", vendor="acme", abi="UPREG_ABI", source=SOURCE):
    compiler = shutil.which("cc") or shutil.which("gcc")
    (folder / "plugin.c").write_text(source)
    target = folder / f"{name.replace('.', '_')}_{vendor}_{abi}.so"
    subprocess.run([compiler, "-shared", "-fPIC", f'-DNAME="{name}"', f'-DVENDOR="{vendor}"', f"-DABI={abi}", f"-I{upreg.get_include()}", str(folder / "plugin.c"),
                    "-o", str(target)], check=True)
    return target


def test_a_c_plugin(tmp_path):
    upreg.load_plugin(build(tmp_path))
    x = np.arange(6, dtype=np.float32)
    assert np.array_equal(upreg.run("acme.times", x, factor=3), 3 * x)
    assert upreg.describe("acme.times")["params"][0]["max"] == 10 and "acme.times" in upreg.methods("acme.*")
    with pytest.raises(upreg.ParameterError, match="factor"):
        upreg.get("acme.times", factor=11)
    g = upreg.Graph("acme.times | relu", input=(2, 3))
    assert g(np.ones((2, 3), np.float32)).sum() == 12


def test_broken_plugins_are_refused_whole(tmp_path):
    with pytest.raises(upreg.PluginError, match="99"):
        upreg.load_plugin(build(tmp_path, abi="99"))
    with pytest.raises(upreg.PluginError, match="other"):
        upreg.load_plugin(build(tmp_path, name="acme.second", vendor="other"))
    with pytest.raises(upreg.PluginError, match="vendor"):
        upreg.load_plugin(build(tmp_path, name="second"))
    with pytest.raises(upreg.PluginError, match="reserved"):
        upreg.load_plugin(build(tmp_path, name="torch.second", vendor="torch"))
    with pytest.raises(upreg.PluginError, match="upreg_plugin_v1"):
        upreg.load_plugin(build(tmp_path, name="acme.none", source="int nothing;"))
    with pytest.raises(upreg.PluginError, match="absent.so"):
        upreg.load_plugin(tmp_path / "absent.so")
    (tmp_path / "text.so").write_text("not a library")
    with pytest.raises(upreg.PluginError, match="text.so"):
        upreg.load_plugin(tmp_path / "text.so")
    for wrong in (None, 3):
        with pytest.raises(upreg.PluginError):
            upreg.load_plugin(wrong)
    assert issubclass(upreg.PluginError, ImportError)
    with pytest.raises(upreg.UnknownMethodError):
        upreg.get("acme.second")


def test_entry_points_are_read_on_a_miss(tmp_path):
    library = build(tmp_path, name="entry.times", vendor="entry")
    (tmp_path / "good_plugin.py").write_text(f"print('read')\nPATH = {str(library)!r}\n")
    (tmp_path / "bad_plugin.py").write_text("raise RuntimeError('out of order')\n")
    info = tmp_path / "someone-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: someone\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[upreg.plugins]\ngood = good_plugin:PATH\nbad = bad_plugin:PATH\n")
    code = """
        import numpy as np, upreg
        upreg.run("relu", np.ones(3, np.float32))
        print("built-ins need no entry point")
        print(upreg.run("entry.times", np.ones(2, np.float32)).sum())
        try:
            upreg.get("entry.time")
        except upreg.UnknownMethodError as error:
            print(error)
    """
    package = os.path.dirname(os.path.dirname(upreg.__file__))
    run = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=False,
                         env={**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), package])})
    lines = run.stdout.splitlines()
    assert lines[:3] == ["built-ins need no entry point", "read", "4.0"], run.stdout + run.stderr
    assert "entry.times" in lines[3] and "bad" in lines[3] and "out of order" in lines[3]


def test_embedding_the_static_library(tmp_path):
    compiler = shutil.which("cc") or shutil.which("gcc")
    source = tmp_path / "main.c"
    source.write_text('#include <stdio.h>\n#include "upreg.h"\nint main(void) {\n    upreg_error err;\n    upreg_op *op;\n'
                      '    if (upreg_op_create("bilinear:scale=2", &op, &err)) return 1;\n    puts(upreg_op_text(op));\n    upreg_op_free(op);\n    return 0;\n}\n')
    subprocess.run([compiler, str(source), f"-I{upreg.get_include()}", f"-L{upreg.get_library_dir()}", "-lupreg", "-ldl", "-lpthread", "-lm", "-o",
                    str(tmp_path / "main")], check=True)
    assert subprocess.run([str(tmp_path / "main")], capture_output=True, text=True, check=True).stdout == "bilinear:scale=2\n"
