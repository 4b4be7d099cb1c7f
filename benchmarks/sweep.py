"""Does cost grow as the arithmetic does? One parameter at a time, against torch, channels first.

Reported: where upreg takes longer than 1 / 0.9 of torch's time, and where a multiply-add costs more than twice what it costs next door.
"""

from dataclasses import dataclass, field

import numpy as np

from benchmarks import measure, peers
from benchmarks.workloads import Workload

SLOWER = 0.9
JUMP = 2.0
FEW_CHANNELS = 16  # below, vectors are not full and a multiply-add costs what it costs
SHORT_CALL = 20e-6  # below, the call costs more than the arithmetic
ROUNDS = 3

CHANNELS = (1, 2, 3, 5, 8, 13, 16, 17, 24, 31, 32, 47, 48, 64, 67, 96, 127, 128, 131, 192, 256, 257, 384, 509, 512)
SIZES = (1, 2, 3, 4, 5, 7, 8, 11, 14, 15, 16, 17, 23, 28, 31, 32, 33, 47, 56, 63, 64, 65, 97, 112, 127, 128, 129, 200, 255, 256, 384, 511, 512)
BATCHES = (1, 2, 3, 4, 8, 16, 32)


@dataclass(frozen=True)
class Point:
    """One convolution of a line along which only `value` changes."""

    line: str
    value: int
    method: str
    channels: int = 32
    size: int = 32
    settings: dict = field(default_factory=dict)
    kernel: int = 3
    batch: int = 1

    @property
    def workload(self):
        groups = self.settings.get("groups", 1)
        inner = self.channels // groups
        params = {"padding": self.settings.get("dilation", 1) * (self.kernel - 1) // 2, **self.settings}
        shape, weight = (self.batch, self.channels, self.size, self.size), (self.channels, inner, self.kernel, self.kernel)
        return Workload(f"{self.method} {self.line}", f"{self.line} {self.value}", "sweep", self.method, self.method, shape, weight, params)


def points(method):
    """Every line of a method, in order."""
    for value in CHANNELS:
        yield Point("channels", value, method, channels=value)
        if value <= 128:
            yield Point("depthwise channels", value, method, channels=value, settings={"groups": value})
    for value in SIZES:
        yield Point("size", value, method, size=value)
        yield Point("size, stride 2", value, method, size=value, settings={"stride": 2})
    for value in range(1, 12):
        yield Point("kernel", value, method, kernel=value)
    for value in range(1, 5):
        yield Point("stride", value, method, settings={"stride": value}, kernel=4)
        yield Point("dilation", value, method, settings={"dilation": value})
    for value in (1, 2, 4, 8, 16, 32):
        yield Point("groups", value, method, channels=64, settings={"groups": value})
    for value in BATCHES:
        yield Point("batch", value, method, channels=64, size=14, batch=value)


def time_point(point, threads, rounds=ROUNDS):
    """{"line", "value", "ours", "theirs", "macs", ...}, or None when a library refuses."""
    workload = point.workload
    data = workload.data()
    runs = {name: peers.prepare(name, workload, data, threads, "NCX") for name in ("upreg", "torch")}
    got, wanted = (run.read(run.call())[0] for run in runs.values())
    allowed = 1e-4 * max(1.0, float(np.abs(wanted).max()))
    right = got.shape == wanted.shape and float(np.abs(got - wanted).max()) <= allowed
    times = measure.take_turns({name: run.call for name, run in runs.items()}, rounds)
    return {
        "line": f"{point.method}, {point.line}",
        "value": point.value,
        "ours": times["upreg"][0],
        "theirs": times["torch"][0],
        "macs": runs["upreg"].plans[0].info()["macs"],
        "channels": workload.weight[1],
        "algorithm": runs["upreg"].plans[0].info()["algorithm"],
        "right": right,
    }


def findings(results):
    """[(text, places of the results it is about)]: wrong results, slower than torch, dearer than a neighbour."""
    found = []
    for place, result in enumerate(results):
        where = f"{result['line']} {result['value']} ({result['algorithm']})"
        if not result["right"]:
            found.append((f"{where}: the results differ", [place]))
        if result["theirs"] / result["ours"] < SLOWER:
            found.append((f"{where}: torch / upreg = {result['theirs'] / result['ours']:.2f}, {result['ours'] * 1e6:.0f} us", [place]))
    lines = {}
    for place, result in enumerate(results):
        lines.setdefault(result["line"], []).append(place)
    for line in lines.values():
        for i, place in enumerate(line):
            result = results[place]
            if result["channels"] < FEW_CHANNELS or result["ours"] < SHORT_CALL:
                continue
            cost = result["ours"] / result["macs"]
            for next_door in line[max(i - 1, 0) : i] + line[i + 1 : i + 2]:
                other = results[next_door]
                ratio = cost / (other["ours"] / other["macs"])
                if ratio > JUMP and other["channels"] >= FEW_CHANNELS:
                    text = f"{result['line']} {result['value']}: a multiply-add costs {ratio:.1f} times that at {other['value']}"
                    found.append((text, [place, next_door]))
    return found


def run(threads, only=None):
    """(results, lines of text) of both methods. What looks wrong is timed once more, for longer."""
    from tqdm import tqdm

    chosen = [p for method in ("conv", "conv_transpose") for p in points(method) if only is None or p.line in only]
    results = [time_point(point, threads) for point in tqdm(chosen, desc="sweep", ncols=80)]
    for place in {place for _, places in findings(results) for place in places}:
        again = time_point(chosen[place], threads, 3 * ROUNDS)
        for side in ("ours", "theirs"):
            results[place][side] = min(results[place][side], again[side])
    return results, [text for text, _ in findings(results)]
