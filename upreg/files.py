"""Graph files: `.upg` is a safetensors file whose metadata holds the graph; `.json` holds the structure only."""

import json
import os
import struct
import tempfile
from pathlib import Path

import numpy as np

from upreg.errors import GraphError, UpregError
from upreg.registry import Method, from_config

FORMAT = 1
MOST_HEADER = 100 << 20
_TYPES = {
    "float32": "F32",
    "float64": "F64",
    "float16": "F16",
    "bfloat16": "BF16",
    "uint8": "U8",
    "int8": "I8",
    "uint16": "U16",
    "int16": "I16",
    "int32": "I32",
    "int64": "I64",
}
_NAMES = {v: k for k, v in _TYPES.items()}


def structure(graph):
    """The graph without its numbers, as JSON-able data."""
    for node in graph.nodes:
        if not isinstance(node.method, Method):
            raise GraphError(f"node '{node.name}': a method written in Python cannot be saved")
    return {
        "upreg": FORMAT,
        "inputs": [{"name": n, "shape": list(s), "dtype": d} for n, (s, d) in graph.inputs.items()],
        "weights": [
            {"name": n, "shape": [int(v) for v in i[0]], "dtype": i[1], "fan_in": i[2], "fan_out": i[3], "role": i[4]}
            for n, i in ((n, graph.weight_info[n]) for n in graph.constants)
        ],
        "nodes": [{"name": n.name, "method": n.method.text, "inputs": n.inputs + n.computed} for n in graph.nodes],
        "outputs": [{"name": n, "value": v, **({"dtype": "bool"} if n in graph.truths else {})} for n, v in graph.outputs.items()],
    }


def save(graph, path):
    path = Path(path)
    if path.suffix == ".json":
        write_whole(path, [json.dumps(structure(graph), indent=1).encode() + b"\n"])
    elif path.suffix == ".upg":
        graph._check_ready()
        write_whole(path, _safetensors(graph))
    else:
        raise GraphError(f"{path}: the name must end in .upg or .onnx (with weights) or .json (structure only)")


def _safetensors(graph):
    header, at, blocks = {"__metadata__": {"upreg": json.dumps(structure(graph), separators=(",", ":"))}}, 0, []
    for name, array in graph.constants.items():
        array = np.asarray(array if array.dtype.isnative and array.dtype.byteorder != ">" else array.astype(array.dtype.newbyteorder("<")), order="C")
        header[name] = {"dtype": _TYPES[array.dtype.name], "shape": list(array.shape), "data_offsets": [at, at + array.nbytes]}
        at += array.nbytes
        blocks.append(array.tobytes())
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 64 + 56) if len(text) % 64 != 56 else b""  # numbers begin at a multiple of 64
    return [struct.pack("<Q", len(text)), text, *blocks]


def write_whole(path, blocks):
    """Written beside, then renamed: the file is whole or not there."""
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                for block in blocks:
                    file.write(block)
            os.chmod(temporary, 0o644)
            os.replace(temporary, path)
        except BaseException:
            os.unlink(temporary)
            raise
    except OSError as error:
        raise GraphError(f"{path}: cannot be written: {error.strerror}") from None


def load(cls, path):
    path = Path(path)
    if path.suffix not in (".upg", ".json"):
        raise GraphError(f"{path}: the name must end in .upg, .json or .onnx")
    try:
        data = path.read_bytes()
    except OSError as error:
        raise GraphError(f"{path}: cannot be read: {error.strerror}") from None
    try:
        if path.suffix == ".json":
            return _build(cls, _json(data), {})
        return _build(cls, *_read_safetensors(data))
    except (KeyError, TypeError, IndexError, AttributeError) as error:
        raise GraphError(f"{path}: not a graph file of upreg: {type(error).__name__} {error}") from None
    except UpregError as error:
        raise GraphError(f"{path}: {error}") from None


def _json(data):
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        raise GraphError(f"the JSON cannot be read: {error}") from None


def _read_safetensors(data):
    if len(data) < 8:
        raise GraphError("the file is too short")
    (length,) = struct.unpack("<Q", data[:8])
    if length > MOST_HEADER or 8 + length > len(data):
        raise GraphError(f"the header is said to have {length} bytes, the file has {len(data)}")
    header = _json(data[8 : 8 + length])
    body = memoryview(data)[8 + length :]
    graph = _json(header["__metadata__"]["upreg"])
    arrays = {}
    for name, info in header.items():
        if name == "__metadata__":
            continue
        begin, end = info["data_offsets"]
        if info["dtype"] not in _NAMES:
            raise GraphError(f"'{name}' has the element type {info['dtype']!r}; allowed: {', '.join(_NAMES)}")
        if _NAMES[info["dtype"]] == "bfloat16":
            import ml_dtypes

            dtype = np.dtype(ml_dtypes.bfloat16)
        else:
            dtype = np.dtype(_NAMES[info["dtype"]])
        count = 1
        for n in info["shape"]:
            if not isinstance(n, int) or n < 0:
                raise GraphError(f"'{name}' has the shape {info['shape']}")
            count *= n
        if not (isinstance(begin, int) and isinstance(end, int) and 0 <= begin <= end <= len(body)) or end - begin != count * dtype.itemsize:
            raise GraphError(f"'{name}' of shape {info['shape']} lies at {begin}..{end} in {len(body)} bytes")
        arrays[name] = np.frombuffer(body[begin:end], dtype).reshape(info["shape"])
    return graph, arrays


def _build(cls, data, arrays):
    if data.get("upreg") != FORMAT:
        raise GraphError(f"format {data.get('upreg')!r} cannot be read; this upreg reads format {FORMAT}")
    graph = cls()
    for i in data["inputs"]:
        graph.input(i["name"], [None if n is None else n for n in i["shape"]], i["dtype"])
    for w in data["weights"]:
        graph._check_name(w["name"])
        array = arrays.get(w["name"])
        if arrays and (array is None or list(array.shape) != list(w["shape"]) or array.dtype.name != w["dtype"]):
            raise GraphError(f"the weight '{w['name']}' does not agree with the graph")
        graph.constants[w["name"]] = array
        graph.weight_info[w["name"]] = (tuple(w["shape"]), w["dtype"], w["fan_in"], w["fan_out"], w["role"])
    for n in data["nodes"]:
        graph.append(n["name"], from_config(n["method"]), n["inputs"])
    for o in data["outputs"]:
        graph.output(o["value"], o["name"])
        if o.get("dtype") == "bool":
            graph.truths.add(o["name"])
    shapes, is_open = graph._example_shapes()
    if not is_open:
        graph._infer_specs(shapes)
    return graph
