"""Peak memory of one call beyond its inputs and its result, each in a process of its own (Linux).

`python -m benchmarks.memory KEY LIBRARY THREADS` prints the bytes.
"""

import os
import subprocess
import sys
from pathlib import Path

from benchmarks import peers
from benchmarks.workloads import WORKLOADS


def measure(key, name, threads):
    """Bytes, or None where the system does not tell."""
    if not Path("/proc/self/clear_refs").exists():
        return None
    here = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run([sys.executable, "-P", "-m", "benchmarks.memory", key, name, str(threads)], capture_output=True, text=True, env=here)
    return int(done.stdout) if done.returncode == 0 else None


def _status(name):
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(name))
    return int(line.split()[1]) * 1024


def _main(key, name, threads):
    known = {w.key: w for w in WORKLOADS}
    warm, workload = known["O1"], known[key].against(name)
    peers.prepare(name, warm, warm.data(), threads, "NCX").call()  # libraries set themselves up in their first call
    run = peers.prepare(name, workload, workload.data(), threads, workload.layouts[0])
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins here
    before = _status("VmRSS")
    result = run.call()
    peak = _status("VmHWM") - before
    print(max(0, peak - sum(a.nbytes for a in run.read(result))))


if __name__ == "__main__":
    _main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
