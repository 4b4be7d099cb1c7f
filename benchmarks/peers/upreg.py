"""upreg itself: plans with the weights bound, as a peer among peers."""

import upreg
from benchmarks.peers import Run, arrange, reader


def prepare(workload, data, threads, layout):
    upreg.set_num_threads(threads)
    x = arrange(data.x, layout)
    if workload.key == "O1m":
        method = upreg.get(workload.method, **workload.params)
        return Run(lambda: method(x, data.w), reader(layout))
    if workload.kind == "resize_conv":
        return _resize_conv(workload, x, data, threads, layout)
    if workload.kind.endswith("_grad"):
        return _gradients(workload, x, data, threads, layout)
    inputs = [x] if data.indices is None else [x, arrange(data.indices, layout)]
    bound = {} if data.w is None else {"weight": data.w}
    plan = upreg.get(workload.method, layout=layout, **workload.params).plan(tuple(a.shape for a in inputs), x.dtype, num_threads=threads, **bound)
    return Run(lambda: plan(*inputs), reader(layout), (plan,))


def _resize_conv(workload, x, data, threads, layout):
    if workload.method == "nearest":
        plan = upreg.get("conv", upscale=2, layout=layout, **workload.params).plan(x.shape, x.dtype, weight=data.w, num_threads=threads)
        return Run(lambda: plan(x), reader(layout), (plan,))
    graph = upreg.Graph()
    large = graph.add(workload.method, graph.input("x", x.shape, x.dtype), scale=2, layout=layout)
    graph.output(graph.add("conv", large, data.w, layout=layout, **workload.params))
    return Run(lambda: graph(x), reader(layout))


def _gradients(workload, x, data, threads, layout):
    """The calls that `Method.vjp` makes, planned: of the input, with the weight bound, and of the weight."""
    grad, p = arrange(data.grad, layout), {**workload.params, "layout": layout}
    if workload.kind == "bilinear_grad":
        plan = upreg.get("linear_grad", input_size=list(workload.x[2:]), **p).plan(grad.shape, grad.dtype, num_threads=threads)
        return Run(lambda: plan(grad), reader(layout), (plan,))
    forward = workload.kind == "conv_grad"
    of_x = upreg.get("conv_transpose" if forward else "conv", **p).plan(grad.shape, grad.dtype, weight=data.w, num_threads=threads)
    pair = (x, grad) if forward else (grad, x)
    of_w = upreg.get("conv_grad_weight", kernel=list(data.w.shape[2:]), **p).plan(tuple(a.shape for a in pair), x.dtype, num_threads=threads)

    def read(result):
        return [reader(layout)(result[0])[0], result[1]]

    return Run(lambda: (of_x(grad), of_w(*pair)), read, (of_x, of_w))
