"""onnxruntime: channels first only; input and output stay in its own memory, so that no copy and no fresh page is timed."""

import onnxruntime

from benchmarks.peers import Run
from benchmarks.peers.onnx_model import model


def prepare(workload, data, threads, layout):
    if layout == "NXC":
        return None
    made = model(workload, data)
    if made is None:
        return None
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    options.log_severity_level = 4
    try:
        session = onnxruntime.InferenceSession(made[0].SerializeToString(), options, ["CPUExecutionProvider"])
    except (onnxruntime.capi.onnxruntime_pybind11_state.NotImplemented, onnxruntime.capi.onnxruntime_pybind11_state.Fail):
        return None
    binding = session.io_binding()
    for name, array in made[1].items():
        binding.bind_ortvalue_input(name, onnxruntime.OrtValue.ortvalue_from_numpy(array))
    names = [output.name for output in session.get_outputs()]
    for name in names:
        binding.bind_output(name)
    session.run_with_iobinding(binding)
    for name, value in zip(names, binding.get_outputs()):
        binding.bind_ortvalue_output(name, value)
    return Run(lambda: session.run_with_iobinding(binding), lambda _: [binding.get_outputs()[0].numpy()])
