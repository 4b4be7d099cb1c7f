"""OpenVINO, held to float32 (its default may be bfloat16); reads and writes without copies."""

import numpy as np
import openvino

from benchmarks.peers import Run, arrange, reader
from benchmarks.peers.onnx_model import model

LAYOUTS = {3: ("NCW", "NWC"), 4: ("NCHW", "NHWC"), 5: ("NCDHW", "NDHWC")}


def prepare(workload, data, threads, layout):
    made = model(workload, data)
    if made is None or (layout == "NXC" and workload.kind == "max_unpool"):
        return None
    core = openvino.Core()
    try:
        network = core.read_model(made[0].SerializeToString())
    except RuntimeError:
        return None  # no such operator
    if layout == "NXC":
        network = _channels_last(network, data.x.ndim)
    settings = {"INFERENCE_PRECISION_HINT": "f32", "INFERENCE_NUM_THREADS": threads, "PERFORMANCE_HINT": "LATENCY"}
    request = core.compile_model(network, "CPU", settings).create_infer_request()
    inputs = {name: arrange(array, layout) for name, array in made[1].items()}
    read = reader(layout)
    return Run(lambda: request.infer(inputs, share_inputs=True, share_outputs=True), lambda result: read(np.array(result[0])))


def _channels_last(network, rank):
    inner, outer = LAYOUTS[rank]
    steps = openvino.preprocess.PrePostProcessor(network)
    for port in (steps.input(), *(steps.output(i) for i in range(len(network.outputs)))):
        port.tensor().set_layout(openvino.Layout(outer))
        port.model().set_layout(openvino.Layout(inner))
    return steps.build()
