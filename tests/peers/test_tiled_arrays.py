"""Tiles over zarr arrays, and as a dask graph: by threads, by processes, and with a worker that is killed half-way."""
import os
import signal
import time

import numpy as np
import pytest

import upreg
import upreg.dask

da = pytest.importorskip("dask.array")
distributed = pytest.importorskip("dask.distributed")
zarr = pytest.importorskip("zarr")
RNG = np.random.default_rng(6)


def stack(shape, chain="conv:channels=12,kernel=3,padding=1 | relu | bilinear:scale=3 | conv_transpose:channels=2,kernel=4,stride=2,padding=1"):
    graph = upreg.Graph(chain, input=(1, shape[1], None, None)).init("he")
    x = RNG.standard_normal(shape).astype(np.float32)
    return graph, x, graph(x)


def test_zarr_in_and_out(tmp_path):
    graph, x, wanted = stack((1, 3, 70, 83))
    source = zarr.open(str(tmp_path / "x.zarr"), mode="w", shape=x.shape, chunks=(1, 3, 32, 32), dtype="f4")
    source[...] = x
    target = zarr.open(str(tmp_path / "y.zarr"), mode="w", shape=wanted.shape, chunks=(1, 2, 128, 128), dtype="f4")
    assert graph.run_tiled(source, tile=128, out=target) is target
    assert np.array_equal(target[...], wanted)


def test_dask_array_from_arrays_of_any_kind(tmp_path):
    graph, x, wanted = stack((1, 3, 50, 61))
    source = zarr.open(str(tmp_path / "x.zarr"), mode="w", shape=x.shape, chunks=(1, 3, 32, 32), dtype="f4")
    source[...] = x
    for given in (x, source, da.from_array(x, chunks=(1, 2, 17, 29))):
        y = upreg.dask.run_tiled(graph, given, tile=100)
        assert y.shape == wanted.shape and y.dtype == wanted.dtype and y.chunks[2] == (100, 100, 100)
        assert np.array_equal(y.compute(scheduler="threads"), wanted)
    assert np.array_equal(y[:, :, 120:130, 33:40].compute(scheduler="sync"), wanted[:, :, 120:130, 33:40])


def test_several_outputs():
    graph = upreg.networks.lapsrn(depth=2, features=8).init("he")
    x = RNG.standard_normal((1, 1, 20, 23)).astype(np.float32)
    for y, truth in zip(upreg.dask.run_tiled(graph, x, tile=27), graph(x), strict=True):
        assert np.array_equal(y.compute(scheduler="sync"), truth)


def test_what_needs_the_whole_input_is_said_at_once():
    graph, x, _ = stack((1, 3, 20, 20), "conv:channels=3,kernel=3 | instance_norm")
    with pytest.raises(upreg.GraphError, match="instance_norm"):
        upreg.dask.run_tiled(graph, x, tile=8)
    with pytest.raises(upreg.GraphError, match="the inputs are x"):
        upreg.dask.run_tiled(graph, {"z": x})


def tiles_done(dask_scheduler):
    states = [task.state for key, task in dask_scheduler.tasks.items() if "upreg-tile" in str(key)]
    return sum(state in ("memory", "released") for state in states)


def test_processes_and_a_killed_worker():
    graph, x, wanted = stack((1, 3, 120, 130))
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as cluster:
        with distributed.Client(cluster) as client:
            assert np.array_equal(upreg.dask.run_tiled(graph, x, tile=256).compute(), wanted)
            workers = client.run(os.getpid)
            assert len(set(workers.values())) == 2 and os.getpid() not in workers.values()
            future = client.compute(upreg.dask.run_tiled(graph, x, tile=48))
            while client.run_on_scheduler(tiles_done) < 10:
                time.sleep(0.01)
            assert future.status == "pending"
            os.kill(next(iter(workers.values())), signal.SIGKILL)
            assert np.array_equal(future.result(timeout=300), wanted)
            assert set(client.run(os.getpid).values()) != set(workers.values())
