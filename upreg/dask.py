"""Tiles as a dask graph: work past one process or one machine runs on an existing engine. Needs `pip install 'upreg[dask]'`.

>>> y = upreg.dask.run_tiled(graph, x, tile=512)      # a dask array; nothing runs yet
>>> y.to_zarr("large.zarr")
"""

import numpy as np

from upreg import tiling
from upreg.errors import GraphError

try:
    import dask
    import dask.array
    from dask.highlevelgraph import HighLevelGraph
except ImportError:
    raise ImportError("upreg.dask needs the package dask: pip install 'upreg[dask]'") from None


def run_tiled(graph, x, tile=512, axes=None, num_threads=1):
    """The output of `graph` on `x` as a dask array, every chunk one tile, with the same bits as `graph(x)`; several outputs: a tuple.

    x: a dask array, or anything that `dask.array.from_array` takes; several inputs: a tuple or {name: array}. Every tile reads its part of x, halo
    included. The graph travels to a worker once, where tiles of the same kind share a plan. num_threads: of one tile; dask runs tiles side by side.
    """
    arrays = x if isinstance(x, dict) else dict(zip(graph.inputs, x if isinstance(x, tuple) else (x,)))
    if set(arrays) != set(graph.inputs):
        raise GraphError(f"the inputs are {', '.join(graph.inputs)}; got {', '.join(map(str, arrays)) or 'none'}")
    decided = {n: np.asarray(arrays[n]) for n in graph.deciding_inputs()}
    arrays = {n: a if isinstance(a, dask.array.Array) else dask.array.from_array(a) for n, a in arrays.items()}
    work = tiling.tiling_of(graph, {**arrays, **decided}, tile, axes)
    token = dask.base.tokenize(*arrays.values(), work.lengths, *map(np.asarray, graph.constants.values()), str(graph.nodes), *decided.values())
    shipped = dask.delayed(work, name=f"upreg-graph-{token}", traverse=False)
    run = dask.delayed(_run, pure=True)
    pieces = {name: {} for name in graph.outputs}
    for place in np.ndindex(*work.grid()):
        part = work.at(place)
        made = run(shipped, place, {n: arrays[n][where] for n, where in part.reads.items()}, num_threads, dask_key_name=f"upreg-tile-{token}-{place}")
        for name in graph.outputs:
            pieces[name][_index(work, name, place)] = made[name]
    results = tuple(_assemble(work, name, pieces[name], token) for name in graph.outputs)
    return results[0] if len(results) == 1 else results


def _run(work, place, arrays, num_threads):
    """{output name: array} of one tile, on a worker."""
    made = work.run(work.at(place), arrays, num_threads)
    for name in work.sizes.keys() - made.keys():  # of an output so small that this tile has none of it
        shape, dtype = work.result_spec(name)
        sizes = {a: np.diff(work.bounds(name, k))[place[k]] for k, a in enumerate(work.axes[name])}
        made[name] = np.empty([sizes.get(a, n) for a, n in enumerate(shape)], dtype)
    return made


def _index(work, name, place):
    """The chunk of an output that a tile is."""
    index = [0] * len(work.sizes[name])
    for k, axis in enumerate(work.axes[name]):
        index[axis] = place[k]
    return tuple(index)


def _assemble(work, name, pieces, token):
    shape, dtype = work.result_spec(name)
    chunks = [(n,) for n in shape]
    for k, axis in enumerate(work.axes[name]):
        chunks[axis] = tuple(int(n) for n in np.diff(work.bounds(name, k)))
    key = f"upreg-{name}-{token}"
    layer = {(key, *index): piece.key for index, piece in pieces.items()}
    joined = HighLevelGraph.from_collections(key, layer, dependencies=list(pieces.values()))
    return dask.array.Array(joined, key, tuple(chunks), dtype=dtype)
