"""Whole networks against onnxruntime, OpenVINO and torch: time, error and peak memory, in one run.

  python -m benchmarks.networks                          G1 to G4 with random weights
  python -m benchmarks.networks --models FOLDER          every .onnx model of a folder, on a photograph
  python -m benchmarks.networks --only G1 --threads 1
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from benchmarks import measure
from benchmarks.memory import _status

ROUNDS = 9


def random_network(key):
    """(graph with random weights, input shape)."""
    from upreg import networks

    graph, shape = {
        "G1": lambda: (networks.dcgan(), (16, 100, 1, 1)),
        "G2": lambda: (networks.unet(base=32, channels=3, padding="same"), (1, 3, 256, 256)),
        "G3": lambda: (networks.fcn8s(), (1, 3, 224, 224)),
        "G4": lambda: (networks.segnet(stages=((32, 32), (64, 64), (128, 128), (256, 256)), any_size=False), (1, 3, 256, 256)),
    }[key]()
    return graph.init("he", seed=0), shape


TITLES = {
    "G1": "DCGAN generator, N=16, 64x64",
    "G2": "U-Net, base 32, 4 levels @256",
    "G3": "FCN-8s on VGG-16 @224",
    "G4": "SegNet-like, base 32 @256",
}


# ---- libraries: each a function of (model file, feeds, threads) that gives a function without arguments, which returns the results ----


def run_upreg(path, feeds, threads):
    import upreg

    graph = upreg.Graph.load(path)
    return lambda: list(graph.run(feeds, num_threads=threads).values())


def run_onnxruntime(path, feeds, threads):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads, options.log_severity_level = threads, 1, 4
    session = onnxruntime.InferenceSession(str(path), options, ["CPUExecutionProvider"])
    return lambda: session.run(None, feeds)


def run_openvino(path, feeds, threads):
    import openvino

    core = openvino.Core()
    config = {"INFERENCE_PRECISION_HINT": "f32", "INFERENCE_NUM_THREADS": threads, "NUM_STREAMS": 1}
    model = core.compile_model(core.read_model(str(path)), "CPU", config)
    request = model.create_infer_request()
    return lambda: [np.array(v) for v in request.infer(feeds).values()]


def run_torch(path, feeds, threads, channels_last=False):
    import torch

    import upreg
    from benchmarks import torch_graph

    torch.set_num_threads(threads)
    graph = upreg.Graph.load(path, patterns=False)
    weights = {n: torch.from_numpy(np.array(a)) for n, a in graph.constants.items()}
    if channels_last:
        weights = {n: a.to(memory_format=torch.channels_last) if a.ndim == 4 else a for n, a in weights.items()}

    inputs = {n: torch.from_numpy(a) for n, a in feeds.items()}
    if channels_last:
        inputs = {n: a.to(memory_format=torch.channels_last) for n, a in inputs.items()}

    def call():
        with torch.inference_mode():
            return [y.contiguous().numpy() for y in torch_graph.run(graph, {**weights, **inputs}).values()]

    return call


LIBRARIES = {
    "upreg": run_upreg,
    "onnxruntime": run_onnxruntime,
    "openvino": run_openvino,
    "torch": run_torch,
    "torch, channels last": lambda *given: run_torch(*given, channels_last=True),
}


def compare(title, path, graph_path, feeds, threads, rounds=ROUNDS):
    """One row: every library's time, error against onnxruntime and peak memory. graph_path: what upreg and torch read."""
    calls, row = {}, {"title": title, "threads": threads, "runs": {}}
    wanted = None
    for name in ("onnxruntime", "upreg", "openvino", "torch", "torch, channels last"):
        if name.startswith("torch") and graph_path == path:
            continue  # a model of any operators
        try:
            call = LIBRARIES[name](graph_path if name in ("upreg", "torch", "torch, channels last") else path, feeds, threads)
            found = call()
        except Exception as error:  # a peer that cannot read the model is left out, and said so
            print(f"{title}: {name} cannot run it: {str(error).splitlines()[0][:120]}", file=sys.stderr)
            continue
        wanted = found if wanted is None else wanted
        error = max(float(np.abs(a - b).max() / max(np.ptp(b), 1e-30)) for a, b in zip(found, wanted))
        calls[name] = call
        row["runs"][name] = {"error": error}
    for name, (least, median) in measure.take_turns(calls, rounds).items():
        row["runs"][name] |= {"min": least, "median": median}
    with tempfile.NamedTemporaryFile(suffix=".npz") as file:
        np.savez(file.name, **feeds)
        for name in calls:
            row["runs"][name]["memory"] = memory_of(name, graph_path if name == "upreg" or name.startswith("torch") else path, file.name, threads)
    ours = row["runs"]["upreg"]
    peers = {n: r for n, r in row["runs"].items() if n != "upreg"}
    row["peer"] = min(peers, key=lambda n: peers[n]["median"])
    row["ratio"] = peers[row["peer"]]["median"] / ours["median"]
    return row


def memory_of(name, path, feeds, threads):
    """Peak bytes of a process that loads and runs the model, beyond what it had before loading it."""
    here = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = [sys.executable, "-P", "-m", "benchmarks.networks", "--measure-memory", name, str(path), feeds, str(threads)]
    done = subprocess.run(command, capture_output=True, text=True, env=here)
    return int(done.stdout) if done.returncode == 0 else None


def _print_memory(name, path, feeds, threads):
    with np.load(feeds) as file:
        feeds = dict(file)
    for library in {"upreg": ["upreg"], "onnxruntime": ["onnxruntime"], "openvino": ["openvino"]}.get(name, ["torch", "upreg"]):
        __import__(library)
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins here
    before = _status("VmRSS")
    call = LIBRARIES[name](path, feeds, int(threads))
    for _ in range(3):
        call()
    print(_status("VmHWM") - before)


def table(rows):
    peers = " | ".join(n for n in LIBRARIES if n != "upreg")
    lines = [f"| network | threads | best peer | ratio | error | upreg ms | {peers} | memory MB: upreg | leanest peer |"]
    lines.append("|" + " --- |" * (len(LIBRARIES) + 7))
    for row in rows:
        runs = row["runs"]
        times = " | ".join(f"{runs[n]['median'] * 1e3:.1f}" if n in runs else "-" for n in LIBRARIES if n != "upreg")
        memory = {n: r["memory"] for n, r in runs.items() if r["memory"]}
        ours = memory.pop("upreg", 0)
        lean = min(memory, key=memory.get, default=None)
        least = f"{lean} {memory[lean] / 1e6:.0f}" if lean else "-"
        lines.append(
            f"| {row['title']} | {row['threads']} | {row['peer']} | {row['ratio']:.2f} | {runs['upreg']['error']:.1e} | "
            f"{runs['upreg']['median'] * 1e3:.1f} | {times} | {ours / 1e6:.0f} | {least} |"
        )
    return "\n".join(lines)


def photo_feeds(path, size):
    """{input: array}: a photograph for picture inputs, from 0 to 255 where the name says so, else from 0 to 1."""
    from matplotlib import cbook
    from PIL import Image

    import upreg

    picture = Image.open(cbook.get_sample_data("grace_hopper.jpg", asfileobj=False))
    rng, feeds = np.random.default_rng(0), {}
    for name, (shape, _) in upreg.Graph.load(path).inputs.items():
        if len(shape) != 4 or shape[1] not in (1, 3):
            feeds[name] = rng.dirichlet(np.ones(shape[-1])).astype(np.float32)
            continue
        h, w = (size if n is None else n for n in shape[2:])
        pixels = np.asarray(picture.convert("L" if shape[1] == 1 else "RGB").resize((w, h), Image.BICUBIC), np.float32)
        pixels = pixels[None, None] if shape[1] == 1 else pixels.transpose(2, 0, 1)[None]
        feeds[name] = np.ascontiguousarray(pixels if "255" in name else pixels / 255)
    return feeds


def main(arguments=None):
    parser = argparse.ArgumentParser("python -m benchmarks.networks", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", help="keys or names of models, comma-separated")
    parser.add_argument("--threads", default="1,2")
    parser.add_argument("--models", type=Path, help="folder of .onnx models")
    parser.add_argument("--sizes", default="256,384", help="of models with free sizes")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--measure-memory", nargs=4, help=argparse.SUPPRESS)
    args = parser.parse_args(arguments)
    if args.measure_memory:
        return _print_memory(*args.measure_memory)
    only, rows = args.only and args.only.split(","), []
    with tempfile.TemporaryDirectory() as folder:
        for title, path, graph_path, feeds in _jobs(args, only, Path(folder)):
            for threads in map(int, args.threads.split(",")):
                rows.append(compare(title, path, graph_path, feeds, threads, args.rounds))
                print(table(rows).splitlines()[-1], flush=True)
    print("\n" + table(rows))
    if args.json:
        args.json.write_text(json.dumps(rows, indent=1) + "\n")
    return 0


def _jobs(args, only, folder):
    """(title, ONNX file, file for upreg and torch, feeds)."""
    if args.models:
        for path in sorted(args.models.glob("*.onnx")):
            for size in map(int, args.sizes.split(",")):
                if not only or path.stem in only:
                    yield f"{path.stem} @{size}", path, path, photo_feeds(path, size)
        return
    for key, title in TITLES.items():
        if not only or key in only:
            graph, shape = random_network(key)
            graph.save(folder / f"{key}.onnx")
            graph.save(folder / f"{key}.upg")
            x = np.random.default_rng(1).standard_normal(shape).astype(np.float32)
            yield f"{key} {title}", folder / f"{key}.onnx", folder / f"{key}.upg", {"x": x}


if __name__ == "__main__":
    sys.exit(main())
