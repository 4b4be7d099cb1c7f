"""Threads, fork, Ctrl-C, output memory, import: how the library behaves inside a process."""

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time

import numpy as np
import pytest

import upreg

X = np.random.default_rng(0).standard_normal((1, 32, 96, 96)).astype(np.float32)
W = np.random.default_rng(1).standard_normal((32, 32, 3, 3)).astype(np.float32)
CONV = upreg.get("conv", padding=1)


def python(code, **environment):
    return subprocess.run([sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, timeout=120, env={**os.environ, **environment},
                          check=False)


def test_number_of_threads():
    before = upreg.get_num_threads()
    upreg.set_num_threads(3)
    assert upreg.get_num_threads() == 3
    with upreg.threads(2):
        assert upreg.get_num_threads() == 2
        seen = []
        other = threading.Thread(target=lambda: seen.append(upreg.get_num_threads()))
        other.start()
        other.join()
        assert seen == [3], "threads() is of this context only"
    assert upreg.get_num_threads() == 3
    upreg.set_num_threads(None)
    assert upreg.get_num_threads() == before
    for wrong in (0, -1, 1025, 1.5, "2", True):
        with pytest.raises(upreg.ParameterError):
            upreg.set_num_threads(wrong)
        with pytest.raises(upreg.ParameterError):
            CONV(X, W, num_threads=wrong)
    assert python("import upreg; print(upreg.get_num_threads())", UPREG_NUM_THREADS="7").stdout.strip() == "7"


def test_many_python_threads_share_a_plan():
    plan = CONV.plan(X.shape, X.dtype, weight=W)
    wanted, results = plan(X, num_threads=1), []
    workers = [threading.Thread(target=lambda: results.extend(np.array_equal(plan(X), wanted) for _ in range(5))) for _ in range(6)]
    for w in workers:
        w.start()
    for w in workers:
        w.join()
    assert len(results) == 30 and all(results)


def test_a_forked_child_computes():
    wanted = CONV(X, W, num_threads=4)
    child = os.fork()
    if child == 0:
        os._exit(0 if np.array_equal(CONV(X, W, num_threads=4), wanted) else 1)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            assert os.waitstatus_to_exitcode(status) == 0
            return
        time.sleep(0.01)
    os.kill(child, signal.SIGKILL)
    raise AssertionError("the child hangs")


def test_ctrl_c_stops_a_long_run_soon():
    code = """
        import os, signal, threading, time, numpy as np, upreg
        x, w = np.ones((8, 128, 128, 128), np.float32), np.ones((128, 128, 11, 11), np.float32)
        plan = upreg.get("conv", padding=5).plan(x.shape, x.dtype, weight=w, num_threads=2)
        sent = []
        def press():
            sent.append(time.monotonic())
            os.kill(os.getpid(), signal.SIGINT)
        threading.Timer(0.3, press).start()
        try:
            plan(x)
            print("never stopped")
        except KeyboardInterrupt:
            print("stopped after", time.monotonic() - sent[0])
        y = upreg.run("relu", -x[0])
        print("usable", y.max())
    """
    run = python(code)
    assert run.stdout.startswith("stopped after"), run.stdout + run.stderr
    assert float(run.stdout.split()[2]) < 2.0  # a twentieth of a second on a quiet machine; the whole run takes several
    assert "usable 0.0" in run.stdout


def test_large_outputs_come_from_memory_that_is_used_again():
    upreg.empty_cache()  # other tests may have left blocks of the same size
    upreg.run("relu", X)
    y = upreg.run("nearest", X, scale=2)
    first = y.ctypes.data
    view = y[0, 0]
    del y
    z = upreg.run("nearest", X, scale=2)
    assert z.ctypes.data != first, "a view keeps its memory"
    assert np.array_equal(view, np.repeat(np.repeat(X[0, 0], 2, 0), 2, 1))
    del view, z
    assert first in {upreg.run("nearest", X, scale=2).ctypes.data for _ in range(2)}
    assert upreg.cpu_info()["cached_bytes"] > 0
    upreg.empty_cache()
    assert upreg.cpu_info()["cached_bytes"] == 0
    assert z_is_plain_array(upreg.run("nearest", X, scale=2))
    done = python("import numpy as np, upreg\nx = np.ones((64, 256, 256), np.float32)\nupreg.run('relu', x)\nprint(upreg.cpu_info()['cached_bytes'])", UPREG_CACHE_MB="0")
    assert done.stdout.strip() == "0", done.stderr


def z_is_plain_array(y):
    return type(y) is np.ndarray and y.flags.writeable and y.flags.c_contiguous and y.ctypes.data % 64 == 0


def test_repeated_calls_do_not_leak():
    code = """
        import resource, numpy as np, upreg
        x, w = np.ones((1, 8, 64, 64), np.float32), np.ones((8, 8, 3, 3), np.float32)
        g = upreg.Graph("conv:channels=8,kernel=3,padding=1 | relu", input=(1, 8, 64, 64)).init()
        def once(i):
            upreg.run("conv", x[:, :, :32 + i % 30], w)
            g(x)
            g.vjp(x, x)
            try:
                upreg.run("conv", x, w, stride=-1)
            except upreg.ParameterError:
                pass
        for i in range(100):
            once(i)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        for i in range(600):
            once(i)
        print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
    """
    run = python(code)
    assert run.returncode == 0 and int(run.stdout) < 16, run.stdout + run.stderr


def test_import_is_light():
    code = """
        import sys, numpy
        import upreg
        heavy = sorted({"matplotlib", "PIL", "onnx", "scipy", "importlib.metadata", "tqdm"} & set(sys.modules))
        print(heavy)
    """
    assert python(code).stdout.strip() == "[]"


def test_out_of_memory_is_a_memory_error():
    with pytest.raises((MemoryError, upreg.ShapeError)):
        upreg.run("nearest", np.ones((1, 1, 4, 4), np.float32), size=[2 ** 30, 2 ** 20])


def test_forced_tiers_differ_only_within_rounding():
    code = """
        import numpy as np, upreg, sys
        x, w = (np.random.default_rng(i).standard_normal(s).astype(np.float32) for i, s in enumerate([(1, 16, 20, 20), (16, 16, 3, 3)]))
        print(upreg.cpu_info()["tier"])
        np.save(sys.argv[1] if len(sys.argv) > 1 else "/dev/null", upreg.run("conv", x, w))
    """
    for tier in upreg.cpu_info()["tiers"]:
        assert python(code, UPREG_CPU=tier).stdout.strip() == tier
