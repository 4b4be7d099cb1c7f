"""The command line. Every command prints text of at most 80 columns, or JSON with --json; errors are one line on stderr."""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
import textwrap
from pathlib import Path

import numpy as np

import upreg
from upreg import registry
from upreg.errors import DataError, GraphError, ParameterError, UnknownMethodError, UpregError
from upreg.initialise import NAMES as INITIALISERS
from upreg.inspect_graph import node_table, number_text

DONE, FAILED, MISUSED, INTERRUPTED = 0, 1, 2, 130
WIDTH = 80


class Misused(Exception):
    """The command line itself is wrong."""


class Parser(argparse.ArgumentParser):
    """Reports misuse as one line, without a usage block."""

    def error(self, message):
        raise Misused(f"{message} (see {self.prog} --help)")


def _formatter(prog):
    return argparse.HelpFormatter(prog, width=WIDTH, max_help_position=26)


# ---- values on the command line ----


def axes_sugar(text):
    """2x3 -> [2,3] in the values of a text form: the command line only."""
    return re.sub(r"(?<==)(\d+(?:x\d+)+)(?=$|[,|\s])", lambda m: "[" + m.group(1).replace("x", ",") + "]", text)


def size_of(text):
    """640x480 -> (640, 480): width, height."""
    found = re.fullmatch(r"(\d+)x(\d+)", text)
    if not found or 0 in (int(found.group(1)), int(found.group(2))):
        raise argparse.ArgumentTypeError(f"{text!r} is not a size; allowed: WIDTHxHEIGHT, such as 640x480")
    return int(found.group(1)), int(found.group(2))


def scale_of(text):
    """2 -> 2.0, 2x1.5 -> (2.0, 1.5): along the width and the height."""
    try:
        numbers = tuple(float(part) for part in text.split("x"))
    except ValueError:
        numbers = ()
    if len(numbers) not in (1, 2) or not all(0 < n < float("inf") for n in numbers):
        raise argparse.ArgumentTypeError(f"{text!r} is not a scale; allowed: a number above 0, or two such as 2x1.5")
    return numbers[0] if len(numbers) == 1 else numbers


def count_of(text):
    """A whole number of 1 or more."""
    if not re.fullmatch(r"\d+", text) or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not allowed; allowed: a whole number of 1 or more")
    return int(text)


def shape_of(text):
    """1x3x32x32 -> (1, 3, 32, 32)."""
    if not re.fullmatch(r"\d+(x\d+)*", text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a shape; allowed: sizes such as 1x3x32x32")
    return tuple(int(n) for n in text.split("x"))


def ints_of(text):
    """3 or 3,5,7 -> [3] or [3, 5, 7]."""
    if not re.fullmatch(r"\d+(,\d+)*", text):
        raise argparse.ArgumentTypeError(f"{text!r} is not allowed; allowed: whole numbers such as 3 or 3,5")
    return [int(n) for n in text.split(",")]


def assignment(text):
    """NAME=FILE -> (name, file); FILE alone -> (None, file)."""
    name, equals, file = text.partition("=")
    return (name, file) if equals and "/" not in name else (None, text)


# ---- output ----


def _print_json(value):
    print(json.dumps(value, indent=1, default=str))


def _wrapped(text, indent=""):
    return "\n".join(textwrap.fill(line, WIDTH, initial_indent=indent, subsequent_indent=indent) for line in text.splitlines())


def paragraphs(doc):
    """A method's doc with the line breaks inside its paragraphs taken out: a line that was full goes on in the next."""
    joined = before = ""
    for line in doc.splitlines():
        joined += ("" if not joined else " " if len(before) > 100 else "\n") + line
        before = line
    return joined


def _cut(text, width):
    return text if len(text) <= width else text[: width - 3].rstrip() + "..."


def _relative(path):
    """The path as a person in this folder would write it."""
    path = os.path.relpath(path)
    return path if not path.startswith("..") else os.path.abspath(path)


# ---- commands ----


def methods(args):
    names = upreg.methods(args.pattern, family=args.family)
    if args.family is not None and args.family not in upreg.families():
        raise Misused(f"unknown family '{args.family}'; allowed: {', '.join(upreg.families())}")
    if not names:
        raise UpregError(f"no method matches '{args.pattern}'" + (f" in family {args.family}" if args.family else ""))
    infos = [upreg.describe(name) for name in names]
    if args.json:
        return _print_json([{key: i[key] for key in ("name", "family", "summary", "preset", "peer", "flags")} for i in infos])
    column = max(len(name) for name in names) + 4
    for family in sorted({i["family"] for i in infos}, key=lambda f: (f == "gradient", f)):  # gradients are asked for less often
        print(family)
        for i in infos:
            if i["family"] == family:
                print(_cut(f"  {i['name']:{column - 2}}{i['summary']}", WIDTH))
    print(f"{len(names)} method{'s' * (len(names) != 1)}")


def describe(args):
    info = upreg.describe(args.name)
    if args.json:
        return _print_json(info)
    print(_wrapped(f"{info['name']}: {info['summary']}"))
    rank = f", rank {info['rank']}" if info["rank"] else ""
    preset = f", preset of {info['method']}: {info['preset'] or 'its defaults'}" if info["name"] != info["method"] else ""
    print(_wrapped(f"family {info['family']}{rank}{preset}"))
    if info["peer"]:
        print(f"as in {info['peer']}")
    if info["aliases"]:
        print(_wrapped("also called " + ", ".join(info["aliases"])))
    if info["doc"]:
        print("\n" + _wrapped(paragraphs(info["doc"])))
    print("\ninputs")
    for port in info["inputs"]:
        notes = [port["role"]] + ["optional"] * port["optional"] + ["any number"] * port["variadic"]
        print(f"  {port['name']}: {port['dtype']} ({', '.join(notes)})")
    print("outputs")
    for port in info["outputs"]:
        print(f"  {port['name']}: {port['dtype']}")
    if info["params"]:
        print("parameters")
    for p in info["params"]:
        default = "required" if p["required"] else registry.value_text(p["default"])
        limits = f"; {p['min']:g} to {p['max']:g}" if p["min"] is not None and p["max"] is not None and abs(p["max"]) < 2**30 else ""
        print(_wrapped(f"{p['name']} = {default} ({p['kind']}{limits})", "  "))
        choices = [f"one of {', '.join(p['choices'])}"] if p["choices"] else []
        print(_wrapped("; ".join([p["help"]] * bool(p["help"]) + choices), "      "))
    print(_wrapped("element types: " + ", ".join(info["dtypes"])))
    if info["source"]:
        print(_wrapped("source: " + info["source"]))


def cpu(args):
    info = upreg.cpu_info()
    if args.json:
        return _print_json(info)
    for key, value in info.items():
        print(f"{key.replace('_', ' '):14} {', '.join(value) if isinstance(value, (list, tuple)) else value}")


def demo(args):
    from upreg import demo as module

    written = module.run(Path(args.out), quiet=args.json)
    if args.json:
        return _print_json({"pictures": [_relative(path) for path in written]})
    print("pictures:")
    for path in written:
        print(f"  {_relative(path)}")


def identify(args):
    from upreg import images
    from upreg.identify import identify

    x, y = (images.samples(path) for path in (args.small, args.large))
    matches = identify(x, y, layout="X" if x.ndim == 2 else "XC")[: args.top]
    if args.json:
        return _print_json([match.to_dict() for match in matches])
    exact = [match for match in matches if match.exact]
    if exact:
        print("methods that make exactly this output:")
    else:
        print("no method makes exactly this output; the nearest ones:")
    for match in exact or matches:
        print(_wrapped(f"  {match}", "  ").replace("    ", "  ", 1))
    return DONE


def resize(args):
    from upreg import images

    *sources, target = args.files
    if not sources:
        raise Misused("resize takes one or more input files and then the output file or folder")
    if (args.scale is None) == (args.size is None):
        raise Misused("exactly one of --scale and --size must be given")
    into = target.endswith("/") or os.path.isdir(target) or len(sources) > 1
    if len(sources) > 1 and os.path.exists(target) and not os.path.isdir(target):
        raise Misused(f"{len(sources)} input files need a folder as the last argument; '{target}' is a file")
    if into and args.suffix and not re.fullmatch(r"\.?\w+", args.suffix):
        raise Misused(f"--suffix {args.suffix!r} is not a file suffix")
    method = axes_sugar(args.method)
    images.resizer(method, (64, 64), args.size, args.scale)  # wrong parameters are reported before the first file is read
    jobs = []
    for source in sources:
        name = Path(source).with_suffix("." + args.suffix.lstrip(".")).name if args.suffix else Path(source).name
        jobs.append((source, os.path.join(target, name) if into else target))
    targets = [os.path.abspath(out) for _, out in jobs]
    twice = next((out for out in targets if targets.count(out) > 1), None)
    if twice:
        raise Misused(f"two inputs would be written to '{_relative(twice)}'")
    done, failures = [], []
    for source, out in _progress(jobs, "resize", args.json or len(jobs) == 1):
        try:
            old, new = images.resize_picture(source, out, method, args.size, args.scale, args.linear_light)
            done.append({"in": source, "out": out, "old_size": list(old), "size": list(new)})
        except (UpregError, OSError, MemoryError) as error:
            if len(jobs) == 1:
                raise
            failures.append({"in": source, "error": _one_line(error)})
    if args.json:
        _print_json({"done": done, "failed": failures})
    elif len(jobs) == 1:
        print(f"{_relative(done[0]['out'])}: {done[0]['size'][0]} x {done[0]['size'][1]}")
    else:
        print(f"{len(done)} of {len(jobs)} pictures written to {_relative(target)}")
    for failure in failures:
        _complain(f"{failure['in']}: {failure['error']}")
    return FAILED if failures else DONE


def _progress(items, label, quiet):
    from tqdm import tqdm

    return tqdm(items, desc=label, unit="file", ncols=WIDTH, disable=quiet or None, file=sys.stderr, leave=False)


def _graph_of(text, shape, dtype="float32"):
    """A graph of a file (.upg, .json, .onnx) or of a text chain."""
    if text.endswith((".upg", ".json", ".onnx")) and "|" not in text:
        return upreg.Graph.load(text)
    if text.lower().endswith((".pt", ".pb")):
        raise Misused(f"'{text}': graphs are read from .onnx, .upg and .json files, or given as a text chain")
    return upreg.Graph(axes_sugar(text), input=shape, dtype=dtype)


def _feed(path):
    """An array of a .npy file, or a picture as (1, C, H, W) float32 from 0 to 1."""
    if path.lower().endswith(".npy"):
        try:
            return np.load(path, allow_pickle=False)
        except (ValueError, EOFError) as error:
            raise DataError(f"{path}: not a readable .npy file: {error}") from None
    from upreg import images

    return images.read(path).pixels[None]


def _store(path, array):
    os.makedirs(os.path.dirname(os.path.abspath(path)), exist_ok=True)
    if path.lower().endswith(".npy"):
        np.save(path, array)
        return
    from upreg import images

    images.write(path, array)


def run(args):
    given = [assignment(text) for text in args.input]
    arrays = [(name, _feed(path)) for name, path in given]
    graph = _graph_of(args.graph, arrays[0][1].shape, arrays[0][1].dtype)
    names = list(graph.inputs)
    feeds = {}
    for place, (name, array) in enumerate(arrays):
        name = name or (names[place] if place < len(names) else None)
        if name not in names or name in feeds:
            raise Misused(f"--input {name or '?'}: the inputs of the graph are {', '.join(names)}, each once")
        feeds[name] = array.astype(graph.inputs[name][1], copy=False) if array.dtype.kind == "f" else array
    missing = [name for name in names if name not in feeds]
    if missing:
        raise Misused(f"--input {missing[0]}=FILE is missing")
    if any(array is None for array in graph.weights.values()):
        graph.init(args.init, seed=args.seed)
    keeps = [assignment(text) if "=" in text else (text, None) for text in args.keep]
    outputs = [assignment(text) for text in args.output]
    results = graph.run(feeds, keep=tuple(name for name, _ in keeps), num_threads=args.threads)
    free = [name for name in graph.outputs if name not in dict(outputs)]
    written = []
    for name, path in outputs:
        name = name or (free.pop(0) if free else None)
        if name not in graph.outputs:
            raise Misused(f"--output {name or path}: the outputs of the graph are {', '.join(graph.outputs)}")
        written.append((name, path))
    first = Path(outputs[0][1])
    for name, path in keeps:
        written.append((name, path or str(first.with_name(f"{first.stem}.{name}.npy"))))
    for name, path in written:
        _store(path, results[name])
    if args.json:
        return _print_json([{"name": n, "file": p, "shape": list(results[n].shape), "dtype": str(results[n].dtype)} for n, p in written])
    for name, path in written:
        print(f"{name} -> {_relative(path)}: {' x '.join(map(str, results[name].shape))} {results[name].dtype}")


def graph(args):
    is_model = args.graph.lower().endswith(".onnx")
    limit = {"max_bytes": args.max_bytes} if is_model else {}
    loaded = upreg.Graph.load(args.graph, **limit)
    specs = loaded.specs_at(args.size, dict(assignment(text) for text in args.shape))
    tables = {"as written": upreg.Graph.load(args.graph, patterns=False, **limit)} if is_model else {}
    tables["as it runs"] = loaded
    found = {title: node_table(each, specs) for title, each in tables.items()}
    rows, arena = found["as it runs"]
    totals = {key: sum(r[key] for r in rows) for key in ("params", "macs", "packed")} | {"nodes": len(rows), "arena": arena}
    if args.json:
        inputs = {name: list(shape) for name, (shape, _) in specs.items()}
        return _print_json({"inputs": inputs, **totals, **({} if args.check else {title: rows for title, (rows, _) in found.items()})})
    for name, (shape, dtype) in specs.items():
        print(_cut(f"{name}: {'x'.join(map(str, shape))} {dtype}", WIDTH))
    for title, (rows, _) in found.items() if not args.check else ():
        print(f"\n{title}: {len(rows)} nodes")
        print(f"{'node':19} {'method':24} {'output':14} {'params':>6} {'macs':>6} {'bytes':>6}")
        for r in rows:
            shape = "x".join(map(str, r["shape"])) if r["shape"] is not None else "-"
            numbers = " ".join(f"{number_text(r[key]):>6}" for key in ("params", "macs", "bytes"))
            print(f"{_cut(r['name'], 19):19} {_cut(r['method'], 24):24} {_cut(shape, 14):14} {numbers}")
            if title == "as it runs":
                print(f"{'':19} {_cut(r['runs'], 60)}")
    memory = f"arena {number_text(totals['arena'])}B, packed weights {number_text(totals['packed'])}B"
    print(f"\n{totals['nodes']} nodes, {totals['params']:,} parameters, {number_text(totals['macs'])} multiply-adds, {memory}")
    if args.check:
        print("the model can be run")


def overlap(args):
    from upreg.artifacts import overlap_of_layers

    if args.graph is not None:
        graph = _graph_of(args.graph, args.shape or (1, args.channels) + (args.size,) * args.dims)
        specs = graph.specs_at(max(args.size, 64), {None: args.shape})  # files have free sizes
        o = graph.overlap(*(shape for shape, _ in specs.values()))
    else:
        count = args.layers or max(len(args.kernel), len(args.stride))
        lists = [values * count if len(values) == 1 else values for values in (args.kernel, args.stride, args.padding)]
        if any(len(values) != count for values in lists):
            raise Misused(f"--kernel, --stride and --padding take one number, or one for each of the {count} layers")
        o = overlap_of_layers(zip(*lists), args.size, args.dims)
    if args.out:
        os.makedirs(os.path.dirname(os.path.abspath(args.out)), exist_ok=True)
        o.save(args.out)
    if args.json:
        return _print_json({**o.to_dict(), "file": args.out})
    print(o.summary())
    if args.out:
        print(f"-> {_relative(args.out)}")


def bench(args):
    if args.peers:
        return _bench_peers(args)
    from upreg.timing import method_times

    rows = method_times(quiet=args.json)
    if args.json:
        return _print_json(rows)
    print(f"{'method':46}{'output':>22}{'ms':>12}")
    for row in rows:
        print(f"{_cut(row['method'], 45):46}{'x'.join(map(str, row['shape'])):>22}{row['ms']:12.3f}")


def _bench_peers(args):
    """Hands over to the folder `benchmarks` of a source checkout."""
    import contextlib
    import tempfile

    root = Path(upreg.__file__).parents[1]
    if not (root / "benchmarks" / "__main__.py").exists():
        raise UpregError("--peers needs the folder `benchmarks` of a source checkout; without --peers upreg's own times are measured")
    sys.path.insert(0, str(root))
    from benchmarks import __main__ as benchmarks
    from benchmarks import peers

    names = [name.strip() for name in args.peers.split(",") if name.strip()]
    for name in names:
        if name not in peers.PEERS:
            raise Misused(f"--peers: '{name}' is not known; allowed: {', '.join(peers.PEERS)}")
    try:
        if not args.json:
            return benchmarks.main(["--peers", ",".join(names)])
        with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(sys.stderr):
            code = benchmarks.main(["--peers", ",".join(names), "--json", os.path.join(folder, "rows.json")])
            found = json.loads(Path(folder, "rows.json").read_text())
    except ImportError as error:
        raise UpregError(f"--peers {args.peers}: {error}; install the peers first (see `make bench`)") from None
    _print_json(found)
    return code


# ---- the parser ----


def build_parser():
    """The whole command line as an argparse parser."""
    parser = Parser(
        prog="upreg",
        formatter_class=_formatter,
        description="Every upsampling and convolution variant by name, and the artifacts they leave.",
        epilog="Exit codes: 0 done, 1 failed, 2 misused. `upreg COMMAND --help` explains a command.",
    )
    parser.add_argument("--version", action="store_true", help="print the version")
    parser.add_argument("--cflags", action="store_true", help="print the compiler flags for programs that use the C library")
    parser.add_argument("--libs", action="store_true", help="print the linker flags")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", parser_class=Parser)

    def command(name, function, summary, **more):
        sub = commands.add_parser(name, help=summary, description=summary[0].upper() + summary[1:] + ".", formatter_class=_formatter, **more)
        sub.add_argument("--json", action="store_true", help="print JSON")
        sub.set_defaults(function=function)
        return sub

    sub = command("methods", methods, "list the registered methods")
    sub.add_argument("pattern", nargs="?", default="*", metavar="PATTERN", help="names to list; may hold * and ?")
    sub.add_argument("--family", help="only this family")

    sub = command("describe", describe, "explain one method: inputs, parameters, formula, source")
    sub.add_argument("name", metavar="NAME")

    command("cpu", cpu, "show the CPU tier and the threads in use")

    sub = command("demo", demo, "draw the demonstration pictures from a real photograph")
    sub.add_argument("--out", default="demo", metavar="DIR", help="folder to write to (default: demo)")

    sub = command(
        "resize",
        resize,
        "resize pictures",
        epilog="EXIF orientation is applied, alpha premultiplied, 16-bit PNG kept. Methods with "
        "antialias use it when the picture gets smaller; turn it off with --method bilinear:antialias=false.",
    )
    sub.add_argument("files", nargs="+", metavar="IN", help="input pictures, then the output file or folder")
    sub.add_argument("--method", default="bicubic", help="name or text form of the method (default: bicubic)")
    sub.add_argument("--scale", type=scale_of, metavar="S", help="factor, or one for the width and one for the height: 2x1.5")
    sub.add_argument("--size", type=size_of, metavar="WxH", help="new width and height in pixels")
    sub.add_argument("--linear-light", action="store_true", help="resample light intensities, not sRGB samples")
    sub.add_argument("--suffix", metavar="EXT", help="file type of the outputs in a folder, such as png")

    sub = command(
        "identify",
        identify,
        "say which method made a picture of another",
        epilog="Samples are taken as they are in the files: uint8 pictures, or .npy arrays (H, W) or (H, W, C) of uint8, float32 or float64.",
    )
    sub.add_argument("small", metavar="IN", help="the picture that was resized")
    sub.add_argument("large", metavar="OUT", help="what came out")
    sub.add_argument("--top", type=count_of, default=5, metavar="N", help="how many candidates to name (default: 5)")

    sub = command("run", run, "run a graph on arrays or pictures")
    sub.add_argument("graph", metavar="GRAPH", help=".onnx, .upg or .json file, or a text chain such as 'nearest:scale=2 | relu'")
    sub.add_argument("--input", action="append", required=True, metavar="[NAME=]FILE", help=".npy file or picture; one for each input")
    sub.add_argument("--output", action="append", required=True, metavar="[NAME=]FILE", help=".npy file or picture to write")
    sub.add_argument("--keep", action="append", default=[], metavar="NODE[=FILE]", help="write the value of this node too")
    sub.add_argument("--init", default="he", choices=INITIALISERS, help="how weights without numbers are filled (default: he)")
    sub.add_argument("--seed", type=int, default=0, help="seed of random weights (default: 0)")
    sub.add_argument("--threads", type=count_of, metavar="N", help="threads to use")

    sub = command("graph", graph, "show the nodes of a graph as written and as it runs, or check a model")
    sub.add_argument("graph", metavar="GRAPH", help=".onnx, .upg or .json file")
    sub.add_argument("--check", action="store_true", help="only say whether the model can be run; nothing is run")
    sub.add_argument("--shape", action="append", default=[], metavar="[NAME=]NxCxHxW", help="shape of an input (default: free sizes as --size)")
    sub.add_argument("--size", type=count_of, default=224, metavar="N", help="length of free axes but the first, which is 1 (default: 224)")
    sub.add_argument("--max-bytes", type=count_of, metavar="N", help="refuse larger files, weights and constants")

    sub = command("overlap", overlap, "count the paths that end in each output element")
    sub.add_argument("graph", nargs="?", metavar="GRAPH", help="graph file or text chain; without it: --layers transposed convolutions")
    sub.add_argument("--kernel", type=ints_of, default=[3], metavar="K[,K...]", help="kernel size, or one per layer (default: 3)")
    sub.add_argument("--stride", type=ints_of, default=[2], metavar="S[,S...]", help="stride, or one per layer (default: 2)")
    sub.add_argument("--padding", type=ints_of, default=[0], metavar="P[,P...]", help="padding, or one per layer (default: 0)")
    sub.add_argument("--layers", type=count_of, metavar="N", help="number of layers (default: as many as kernels or strides)")
    sub.add_argument("--size", type=count_of, default=8, metavar="N", help="input elements along each axis (default: 8)")
    sub.add_argument("--dims", type=int, default=2, choices=(1, 2, 3), help="number of axes (default: 2)")
    sub.add_argument("--channels", type=count_of, default=1, metavar="C", help="channels of a chain's input (default: 1)")
    sub.add_argument("--shape", type=shape_of, metavar="NxCxHxW", help="whole shape of a graph's input")
    sub.add_argument("-o", "--out", metavar="FILE", help="picture (.png .svg .pdf), .npz or .json to write")

    sub = command("bench", bench, "measure the speed of the methods")
    sub.add_argument("--peers", metavar="LIST", help="compare with other libraries that are installed: torch,onnxruntime,... (source checkout only)")
    return parser


def _information(args):
    if args.version:
        print(upreg.__version__)
    flags = [f"-I{upreg.get_include()}"] if args.cflags else []
    flags += [f"-L{upreg.get_library_dir()}", "-lupreg", "-ldl", "-lpthread", "-lm"] if args.libs else []
    if flags:
        print(" ".join(flags))


def _one_line(error):
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    if isinstance(error, MemoryError):
        return str(error) or "out of memory"
    return " ".join(str(error).split())


def _complain(text):
    print(f"upreg: {' '.join(text.split())}", file=sys.stderr)


def main(arguments=None):
    """Runs one command line (default: sys.argv); returns the exit code: 0 done, 1 failed, 2 misused."""
    parser = build_parser()
    try:
        args = parser.parse_args(arguments)
        if args.version or args.cflags or args.libs:
            _information(args)
            return DONE
        if args.command is None:
            raise Misused("no command; allowed: methods, describe, cpu, demo, resize, identify, run, graph, overlap, bench (see upreg --help)")
        return args.function(args) or DONE
    except Misused as error:
        _complain(str(error))
        return MISUSED
    except (UnknownMethodError, ParameterError) as error:  # names and values come from the command line
        _complain(_one_line(error))
        return MISUSED
    except (UpregError, GraphError, OSError, MemoryError, ImportError) as error:
        if isinstance(error, BrokenPipeError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader left; nothing more to say
            return DONE
        _complain(_one_line(error))
        return FAILED
    except KeyboardInterrupt:
        _complain("interrupted")
        return INTERRUPTED
