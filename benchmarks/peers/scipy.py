"""SciPy's ndimage.zoom: linear only (its cubic is a spline), one thread."""

from scipy import ndimage

from benchmarks.peers import Run


def prepare(workload, data, threads, layout):
    p = workload.params
    if workload.kind not in ("resize", "image") or workload.method not in ("bilinear", "trilinear") or layout == "NXC":
        return None
    if p.get("align_corners") or p.get("antialias"):
        return None
    factors = [p["scale"]] * workload.rank
    factors = (*factors, 1) if workload.kind == "image" else (1, 1, *factors)
    return Run(lambda: ndimage.zoom(data.x, factors, order=1, mode="nearest", grid_mode=True), lambda y: [y])
