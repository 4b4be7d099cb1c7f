"""The node tests of the `onnx` package through the importer: all whose operators and element types are imported, none skipped silently."""

import collections
import pathlib
import re

import numpy as np
import onnx
import pytest
from onnx.backend.test.case.node import collect_testcases

import upreg
from upreg.onnx_io import OLDEST_OPSET
from upreg.onnx_ops import OPERATORS

# Why a test is not among the supported ones, though its operators are imported. A pattern that matches no test fails.
UNSUPPORTED = {
    r"training_dropout": "dropout in training is random",
    r"resize_downsample_scales_(linear|cubic)_align_corners": "align_corners counts whole pixels here, as the specification's text says; the test divides by the fractional size",
}
TYPES = {onnx.TensorProto.DataType.Value(n) for n in "FLOAT DOUBLE FLOAT16 BFLOAT16 UINT8 INT8 UINT16 INT16 INT32 INT64 BOOL".split()}


def operators(graph):
    for node in graph.node:
        yield node.op_type, node.domain
        for attribute in node.attribute:
            if attribute.HasField("g"):
                yield from operators(attribute.g)


def why_not(case):
    """Why a test is outside, or None."""
    model = case.model
    unknown = sorted({op for op, domain in operators(model.graph) if op not in OPERATORS or domain not in ("", "ai.onnx")})
    if unknown:
        return f"operators {', '.join(unknown)}" if len(unknown) < 4 else "several operators"
    values = [*model.graph.input, *model.graph.output]
    if not all(v.type.HasField("tensor_type") for v in values):
        return "sequences and optional values"
    if any(v.type.tensor_type.elem_type not in TYPES for v in values):
        return "element types that upreg does not have"
    if model.opset_import[0].version < OLDEST_OPSET:
        return f"an opset before {OLDEST_OPSET}"
    made = {
        a.t.data_type if a.name == "value" else a.i
        for n in model.graph.node
        for a in n.attribute
        if (n.op_type, a.name) in (("Cast", "to"), ("Constant", "value"))
    }
    if any(t not in TYPES for t in made):
        return "element types that upreg does not have"
    return next((reason for pattern, reason in UNSUPPORTED.items() if re.fullmatch(f"test_{pattern}.*", case.name)), None)


CASES = collect_testcases(None)
OUTSIDE = {case.name: why_not(case) for case in CASES}
SUPPORTED = [case for case in CASES if OUTSIDE[case.name] is None]


def array_of(value):
    return onnx.numpy_helper.to_array(value) if isinstance(value, onnx.TensorProto) else np.asarray(value)


@pytest.mark.parametrize("case", SUPPORTED, ids=lambda case: case.name)
@pytest.mark.parametrize("patterns", [True, False], ids=["simplified", "as written"])
def test_node(case, patterns, tmp_path):
    path = tmp_path / "model.onnx"
    onnx.save(case.model, path)
    graph = upreg.Graph.load(path, patterns=patterns)
    for inputs, outputs in case.data_sets:
        results = graph.run({i.name: array_of(a) for i, a in zip(case.model.graph.input, inputs)})
        for info, wanted in zip(case.model.graph.output, map(array_of, outputs)):
            got = results[info.name]
            assert got.shape == wanted.shape and got.dtype == wanted.dtype
            half = (
                wanted.dtype.itemsize == 2 and wanted.dtype.kind not in "iu"
            )  # computed in float32, where the expected result was rounded at every step
            rtol, atol = (0.05, 0.02) if half and wanted.dtype.name == "bfloat16" else (4e-3, 2e-3) if half else (case.rtol, case.atol)
            np.testing.assert_allclose(got.astype(np.float64), wanted.astype(np.float64), rtol=rtol, atol=atol)


def test_the_count():
    """Every reason is used, and the table in the documentation is of these numbers."""
    for pattern in UNSUPPORTED:
        assert any(re.fullmatch(f"test_{pattern}.*", case.name) for case in CASES), pattern
    reasons = collections.Counter(reason for reason in OUTSIDE.values() if reason)
    print(f"\nonnx {onnx.__version__}: {len(SUPPORTED)} of {len(CASES)} node tests; " + "; ".join(f"{n} {why}" for why, n in reasons.most_common(12)))
    assert len(SUPPORTED) > 1090
    page = (pathlib.Path(__file__).resolve().parents[2] / "docs" / "onnx.md").read_text().replace("\u00a0", " ")
    assert f"{len(SUPPORTED)} of {len(CASES)} node tests" in page.replace("\n", " ")
    listed = set(re.findall(r"\b([A-Z]\w+) \d+(?:/\d+)?(?= ·|\n)", page))
    assert listed == set(OPERATORS), listed ^ set(OPERATORS)
    covered = {op for case in SUPPORTED for op, _ in operators(case.model.graph)}
    untested = sorted(set(OPERATORS) - covered)
    assert set(untested) <= {"Crop", "GlobalLpPool", "MaxRoiPool", "Upsample", "LpNormalization"}, untested
