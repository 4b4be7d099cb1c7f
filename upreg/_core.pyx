# cython: language_level=3, embedsignature=True
"""The only file that touches C: handles, tensors, plans and graphs.  No mathematics, no method names."""

import numpy as np

from cpython.bytes cimport PyBytes_AS_STRING
from cpython.buffer cimport PyBUF_FORMAT, PyBUF_STRIDES, PyBUF_WRITABLE, PyBuffer_Release, PyObject_CheckBuffer, PyObject_GetBuffer
from cpython.mem cimport PyMem_Calloc, PyMem_Free
from cpython.pycapsule cimport PyCapsule_GetPointer, PyCapsule_New
from libc.string cimport memset

from upreg import errors as _errors

cdef extern from "Python.h":
    int PyErr_CheckSignals() except -1

cdef object _ndarray = np.ndarray
cdef object _float32 = np.dtype(np.float32), _float64 = np.dtype(np.float64)
cdef Py_ssize_t POOL_BYTES = 1 << 20  # outputs of this size and more come from the pool

cdef dict _status_errors = {
    <int>UPREG_E_METHOD: _errors.UnknownMethodError,
    <int>UPREG_E_PARAMETER: _errors.ParameterError,
    <int>UPREG_E_SHAPE: _errors.ShapeError,
    <int>UPREG_E_DTYPE: _errors.DTypeError,
    <int>UPREG_E_DATA: _errors.DataError,
    <int>UPREG_E_GRAPH: _errors.GraphError,
    <int>UPREG_E_PLUGIN: _errors.PluginError,
    <int>UPREG_E_MEMORY: MemoryError,
    <int>UPREG_E_CANCELLED: _errors.Cancelled,
    <int>UPREG_E_USAGE: _errors.UpregError,
}


cdef object _raise(upreg_status status, upreg_error *err):
    raise _status_errors.get(<int>status, _errors.UpregError)((<bytes>err.text).decode("utf-8", "replace"))


# ---- element types ----

cdef object _empty = np.empty
cdef dict _numpy_types = {name: np.dtype(name) for name in ("float32", "float64", "float16", "uint8", "int8", "uint16", "int16", "int32", "int64")}
cdef dict _type_of_name = {}
cdef list _name_of_type = []


def _fill_types():
    cdef int i
    for i in range(11):
        name = upreg_type_name(<upreg_type>i).decode()
        _type_of_name[name] = i
        _name_of_type.append(name)


_fill_types()


cdef upreg_type _type_from_buffer(Py_buffer *view) except? UPREG_NONE:
    """The element type of a buffer; DTypeError when upreg has no such type."""
    cdef upreg_dtype d
    cdef char c
    cdef const char *f = b"B"
    if view.format != NULL:
        f = view.format
    d.lanes = 1
    d.bits = <uint8_t>(view.itemsize * 8)
    if f[0] == c'<' or f[0] == c'=' or f[0] == c'@':
        f += 1
    c = f[0]
    if f[1] != 0 or c == c'?' or c == c'>' or c == c'!':
        d.bits = 0
    elif c == c'e' or c == c'f' or c == c'd':
        d.code = 2
    elif c == c'b' or c == c'h' or c == c'i' or c == c'l' or c == c'q' or c == c'n':
        d.code = 0
    elif c == c'B' or c == c'H' or c == c'I' or c == c'L' or c == c'Q':
        d.code = 1
    else:
        d.bits = 0
    cdef upreg_type t = upreg_type_of(d)
    if t == UPREG_NONE:
        raise _errors.DTypeError(f"arrays of element type {(<bytes>view.format).decode()!r} are not taken; allowed: {', '.join(_name_of_type[1:])}")
    return t


class _Bfloat16Type:
    """Stands for a dtype, since NumPy has no bfloat16 of its own."""
    name, kind, itemsize, isnative, byteorder = "bfloat16", "V", 2, True, "="

    def newbyteorder(self, order="="):
        return self

    def __repr__(self):
        return "bfloat16"


class _Relabelled:
    """A DLPack capsule that says uint16 where its maker said bfloat16: the bits, for NumPy."""

    def __init__(self, capsule, device):
        self.capsule, self.device = capsule, device

    def __dlpack__(self, **options):
        return self.capsule

    def __dlpack_device__(self):
        return self.device


class Bfloat16Array:
    """bfloat16 numbers that came through DLPack, or the result of such: `bits` holds them as uint16. Give it on with `from_dlpack`."""

    dtype = _Bfloat16Type()

    def __init__(self, bits):
        self.bits = bits

    shape = property(lambda self: self.bits.shape)
    ndim = property(lambda self: self.bits.ndim)

    def __dlpack__(self, **options):
        capsule = self.bits.__dlpack__()
        (<upreg_tensor *>PyCapsule_GetPointer(capsule, "dltensor")).dtype.code = 4
        return capsule

    def __dlpack_device__(self):
        return self.bits.__dlpack_device__()

    def float32(self):
        """The numbers as a float32 array."""
        return (self.bits.astype(np.uint32) << 16).view(np.float32)

    def __repr__(self):
        return f"Bfloat16Array({self.float32()!r})"


def bfloat16_from_dlpack(producer):
    """The array of a DLPack producer when it holds bfloat16, else None."""
    capsule = producer.__dlpack__()
    cdef upreg_tensor *t = <upreg_tensor *>PyCapsule_GetPointer(capsule, "dltensor")
    if t.dtype.code != 4 or t.dtype.bits != 16 or t.dtype.lanes != 1:
        return None
    t.dtype.code = 1
    return Bfloat16Array(np.from_dlpack(_Relabelled(capsule, producer.__dlpack_device__())))


cdef bint _is_bfloat16(object array):
    """dtype.name is slow to ask, and bfloat16 is of kind V."""
    if type(array) is _ndarray:
        dtype = array.dtype
        return not (dtype is _float32 or dtype is _float64) and dtype.kind == "V" and dtype.name == "bfloat16"
    return type(array) is Bfloat16Array


cdef class Tensor:
    """One array as the C side sees it; holds the buffer while it lives."""
    cdef Py_buffer view
    cdef bint held
    cdef upreg_tensor t
    cdef int64_t shape[8]
    cdef int64_t strides[8]
    cdef upreg_type type
    cdef object owner

    def __dealloc__(self):
        if self.held:
            PyBuffer_Release(&self.view)

    cdef int fill(self, object array, bint writable) except -1:
        cdef int i
        cdef Py_ssize_t width
        cdef bint is_bfloat16 = _is_bfloat16(array)
        if is_bfloat16:
            array = array.view(np.uint16) if type(array) is _ndarray else array.bits
        PyObject_GetBuffer(array, &self.view, PyBUF_FORMAT | PyBUF_STRIDES | (PyBUF_WRITABLE if writable else 0))
        self.held = True
        self.owner = array
        if self.view.ndim > UPREG_MAX_DIMS:
            raise _errors.ShapeError(f"arrays of {self.view.ndim} dimensions are not taken; allowed: 0 to {UPREG_MAX_DIMS}")
        self.type = UPREG_BF16 if is_bfloat16 else _type_from_buffer(&self.view)
        width = self.view.itemsize
        for i in range(self.view.ndim):
            self.shape[i] = self.view.shape[i]
            if self.view.strides[i] % width and self.view.shape[i] > 1:
                return 1
            self.strides[i] = self.view.strides[i] // width
        self.t.data = self.view.buf
        self.t.device.type = 1
        self.t.device.id = 0
        self.t.ndim = self.view.ndim
        self.t.dtype = upreg_dtype_of(self.type)
        self.t.shape = self.shape
        self.t.strides = self.strides
        self.t.byte_offset = 0
        return 0

    @property
    def spec(self):
        return tuple([self.shape[i] for i in range(self.t.ndim)]), _name_of_type[<int>self.type]


cdef bint _is_big_endian(object array):
    if type(array) is not _ndarray:
        return False
    dtype = array.dtype
    return not (dtype is _float32 or dtype is _float64) and dtype.byteorder == ">"


cdef Tensor _input(object array):
    """Views an array; one that DLPack cannot express (big-endian, odd byte strides) is copied."""
    cdef Tensor t = Tensor.__new__(Tensor)
    if _is_big_endian(array):
        array = array.astype(array.dtype.newbyteorder("="))
    if t.fill(array, False):
        t = Tensor.__new__(Tensor)
        t.fill(np.ascontiguousarray(array), False)
    return t


cdef Tensor _output(object array, str name):
    cdef Tensor t = Tensor.__new__(Tensor)
    if _is_big_endian(array):
        raise _errors.DTypeError(f"{name}: out= is big-endian; allowed: native byte order")
    try:
        odd = t.fill(array, True)
    except (BufferError, ValueError) as error:
        raise _errors.DTypeError(f"{name}: out= cannot be written to: {error}") from None
    if odd:
        raise _errors.DTypeError(f"{name}: out= has strides that are not whole elements")
    return t


def tensor(array):
    return _input(array)


cdef class PoolBuffer:
    """Memory of upreg's pool; it returns there when the last view of it is gone."""
    cdef void *memory
    cdef size_t actual
    cdef Py_ssize_t bytes

    def __cinit__(self, Py_ssize_t bytes):
        self.bytes = bytes
        self.memory = upreg_pool_take(<size_t>bytes, &self.actual)
        if self.memory == NULL:
            raise MemoryError(f"out of memory: {bytes} bytes could not be had")

    def __dealloc__(self):
        upreg_pool_give(self.memory, self.actual)

    def __getbuffer__(self, Py_buffer *view, int flags):
        view.buf = self.memory
        view.obj = self
        view.len = self.bytes
        view.itemsize = 1
        view.readonly = 0
        view.ndim = 1
        view.format = NULL
        if flags & PyBUF_FORMAT:
            view.format = b"B"
        view.shape = &self.bytes
        view.strides = &view.itemsize
        view.suboffsets = NULL
        view.internal = NULL


def empty(tuple shape, str dtype, like=None):
    """A new array; large ones from memory that is used again. bfloat16: a NumPy array where `like` is one (of ml_dtypes), else a Bfloat16Array."""
    if dtype == "bfloat16":
        bits = empty(shape, "uint16")
        return bits.view(like.dtype) if type(like) is _ndarray and _is_bfloat16(like) else Bfloat16Array(bits)
    numpy_type = _numpy_types[dtype]
    cdef object bytes = numpy_type.itemsize
    for n in shape:
        bytes *= n
    if bytes < POOL_BYTES:
        return _empty(shape, numpy_type)
    return np.frombuffer(PoolBuffer(bytes), np.uint8).view(numpy_type).reshape(shape)


# ---- specs ----

cdef int _fill_spec(upreg_spec *spec, object given, str name) except -1:
    """given: None (absent), "unknown" (a weight to be shaped), or (shape, dtype name)."""
    memset(spec, 0, sizeof(upreg_spec))
    if given is None:
        return 0
    if given == "unknown":
        spec.type = UPREG_F32
        return 0
    shape, dtype = given
    if len(shape) > UPREG_MAX_DIMS:
        raise _errors.ShapeError(f"{name}: {len(shape)} dimensions are not taken; allowed: 0 to {UPREG_MAX_DIMS}")
    spec.known = 1
    spec.ndim = <int>len(shape)
    spec.type = <upreg_type><int>_type_of_name[dtype]
    for i, n in enumerate(shape):
        try:
            spec.dim[i] = n
        except OverflowError:
            raise _errors.ShapeError(f"{name}: the size {n} of axis {i} does not fit 64 bits") from None
    return 0


cdef object _spec_tuple(const upreg_spec *spec):
    if spec.type == UPREG_NONE:
        return None
    return tuple([spec.dim[i] for i in range(spec.ndim)]), _name_of_type[<int>spec.type]


# ---- the registry ----

cdef str _text(const char *s):
    return s.decode() if s != NULL else None


cdef list _ports(const upreg_port *ports, int n):
    return [{"name": ports[i].name.decode(), "dtype": ports[i].dtype.decode(), "role": ports[i].role.decode(), "optional": bool(ports[i].optional),
             "variadic": bool(ports[i].variadic)} for i in range(n)]


_kinds = {<int>UPREG_INT: "int", <int>UPREG_FLOAT: "float", <int>UPREG_BOOL: "bool", <int>UPREG_CHOICE: "choice", <int>UPREG_INTS: "ints",
          <int>UPREG_PAIRS: "pairs", <int>UPREG_FLOATS: "floats"}
_flags = (("linear", UPREG_LINEAR), ("taps", UPREG_HAS_TAPS), ("elementwise", UPREG_ELEMENTWISE), ("in_place", UPREG_IN_PLACE),
          ("epilogue", UPREG_EPILOGUE), ("upsamples", UPREG_UPSAMPLES), ("gradient", UPREG_GRADIENT), ("overlap_identity", UPREG_OVERLAP_IDENTITY),
          ("overlap_refuse", UPREG_OVERLAP_REFUSE), ("nan_tilewise", UPREG_NAN_TILEWISE), ("shape_only", UPREG_SHAPE_ONLY), ("view", UPREG_VIEW),
          ("chooses", UPREG_CHOOSES))


cdef dict _describe(upreg_method_info *info):
    cdef const upreg_method *m = info.method
    cdef uint32_t types = m.types
    if types & (1 << <int>UPREG_F32):
        types |= (1 << 3) | (1 << 4)
    cdef const upreg_param *p
    params = []
    for i in range(m.n_params):
        p = &m.params[i]
        params.append({"name": p.name.decode(), "kind": _kinds[<int>p.kind], "default": p.default_text.decode(), "min": p.min, "max": p.max,
                       "choices": p.choices.decode().split("|") if p.choices != NULL else None, "help": p.help.decode()})
    return {
        "name": info.name.decode(), "method": info.base.decode(), "family": m.family.decode(),
        "aliases": m.aliases.decode().split("|") if m.aliases != NULL else [], "summary": info.summary.decode(), "doc": _text(m.doc) or "",
        "source": _text(m.source) or "", "version": m.version, "preset": _text(info.preset), "peer": _text(info.peer), "rank": info.rank or None,
        "inputs": _ports(info.in_, info.n_in), "outputs": _ports(info.out, info.n_out), "params": params,
        "dtypes": [_name_of_type[i] for i in range(1, 11) if types & (1 << i)],
        "flags": [name for name, bit in _flags if m.flags & bit], "differentiable": m.vjp != NULL, "tiles": m.tile != NULL,
    }


def method_infos():
    """One dict per registered name, in the order of registration."""
    cdef upreg_method_info info
    result = []
    for i in range(upreg_method_count()):
        upreg_method_at(i, &info)
        result.append(_describe(&info))
    return result


def method_count():
    return upreg_method_count()


def find(str name):
    """The dict of one name or alias."""
    cdef upreg_method_info info
    cdef upreg_error err
    cdef upreg_status status = upreg_method_find(name.encode(), &info, &err)
    if status != UPREG_OK:
        _raise(status, &err)
    return _describe(&info)


def load_plugin(path):
    cdef upreg_error err
    cdef bytes encoded = path
    cdef const char *c_path = encoded
    cdef upreg_status status
    with nogil:
        status = upreg_plugin_load(c_path, &err)
    if status != UPREG_OK:
        _raise(status, &err)


def api_capsule():
    """The C function table, for C extensions: a capsule named "upreg.api"."""
    return PyCapsule_New(<void *>upreg_get_api(), "upreg.api", NULL)


# ---- ops ----

cdef class Op:
    """A method with its parameters."""
    cdef upreg_op *op
    cdef readonly str text
    cdef readonly str name

    def __cinit__(self, str text):
        cdef upreg_error err
        cdef bytes encoded = text.encode()
        if b"\0" in encoded:
            raise _errors.ParameterError("the text form holds a NUL character")
        cdef upreg_status status = upreg_op_create(encoded, &self.op, &err)
        if status != UPREG_OK:
            _raise(status, &err)
        self.text = upreg_op_text(self.op).decode()
        self.name = upreg_op_info(self.op).name.decode()

    def __dealloc__(self):
        upreg_op_free(self.op)

    def param_texts(self):
        """JSON text of every parameter, in table order."""
        cdef char text[1024]
        cdef const upreg_method_info *info = upreg_op_info(self.op)
        result = []
        for i in range(info.method.n_params):
            upreg_op_param(self.op, i, text, sizeof(text))
            result.append((info.method.params[i].name.decode(), text.decode()))
        return result

    def infer(self, list inputs):
        """(completed input specs, output specs); a weight given as "unknown" comes back with its shape and fans."""
        cdef upreg_error err
        cdef int n = <int>len(inputs), most = max(n, UPREG_MAX_PORTS), n_out = upreg_op_info(self.op).n_out
        cdef upreg_spec *specs = <upreg_spec *>PyMem_Calloc(most, sizeof(upreg_spec))
        cdef upreg_spec out[8]
        if specs == NULL:
            raise MemoryError()
        try:
            for i in range(n):
                _fill_spec(&specs[i], inputs[i], self.name)
            status = upreg_op_infer(self.op, specs, n, out, 8, &err)
            if status != UPREG_OK:
                _raise(status, &err)
            completed = [(_spec_tuple(&specs[i]), specs[i].fan_in, specs[i].fan_out) for i in range(n)]
            return completed, [_spec_tuple(&out[i]) for i in range(n_out)]
        finally:
            PyMem_Free(specs)

    def vjp(self, list inputs, list outputs, int wrt):
        """(steps, result): steps are (text, [refs]); a ref is (source, index, output) with source input, output, grad, step or None."""
        cdef upreg_error err
        cdef int n = <int>len(inputs)
        cdef upreg_spec *specs = <upreg_spec *>PyMem_Calloc(max(n, UPREG_MAX_PORTS), sizeof(upreg_spec))
        cdef upreg_spec out[8]
        cdef upreg_vjp result
        if specs == NULL:
            raise MemoryError()
        try:
            for i in range(n):
                _fill_spec(&specs[i], inputs[i], self.name)
            for i in range(len(outputs)):
                _fill_spec(&out[i], outputs[i], self.name)
            status = upreg_op_vjp(self.op, specs, n, out, <int>len(outputs), wrt, &result, &err)
            if status != UPREG_OK:
                _raise(status, &err)
            steps = [(result.step[i].text.decode(), [_ref(&result.step[i].in_[k]) for k in range(result.step[i].n_in)]) for i in range(result.n_steps)]
            return steps, _ref(&result.result)
        finally:
            PyMem_Free(specs)

    def reach(self, list inputs, list outputs, int port, list begin, list end):
        """The range of input `port` that a range of the first output reads: (begin, end) lists."""
        cdef upreg_error err
        cdef int n = <int>len(inputs)
        cdef upreg_spec *specs = <upreg_spec *>PyMem_Calloc(max(n, UPREG_MAX_PORTS), sizeof(upreg_spec))
        cdef upreg_spec out[8]
        cdef upreg_reach reach
        if specs == NULL:
            raise MemoryError()
        memset(&reach, 0, sizeof(reach))
        reach.struct_size = sizeof(reach)
        try:
            for i in range(n):
                _fill_spec(&specs[i], inputs[i], self.name)
            for i in range(len(outputs)):
                _fill_spec(&out[i], outputs[i], self.name)
            reach.port = port
            for i in range(len(begin)):
                reach.out_begin[i], reach.out_end[i] = begin[i], end[i]
            status = upreg_op_reach(self.op, specs, n, out, <int>len(outputs), &reach, &err)
            if status != UPREG_OK:
                _raise(status, &err)
            return [reach.in_begin[i] for i in range(specs[port].ndim)], [reach.in_end[i] for i in range(specs[port].ndim)]
        finally:
            PyMem_Free(specs)


    def tile(self, list inputs, list outputs, list begin, list end):
        """The op that makes a range of the first output, with the same bits: (op, range, ranges of the inputs, kind).

        A range is (begin, end) tuples; it may be wider than the one asked for. Ops of the same kind make tiles of the same sizes by the same plan.
        GraphError where an output needs all of an axis.
        """
        cdef upreg_error err
        cdef int n = <int>len(inputs), most = max(n, UPREG_MAX_PORTS)
        cdef upreg_spec *specs = <upreg_spec *>PyMem_Calloc(most, sizeof(upreg_spec))
        cdef upreg_range *ranges = <upreg_range *>PyMem_Calloc(most, sizeof(upreg_range))
        cdef upreg_spec out[8]
        cdef upreg_tiling wanted
        cdef upreg_op *made = NULL
        cdef Op result
        memset(&wanted, 0, sizeof(wanted))
        try:
            if specs == NULL or ranges == NULL:
                raise MemoryError()
            for i in range(n):
                _fill_spec(&specs[i], inputs[i], self.name)
            for i in range(len(outputs)):
                _fill_spec(&out[i], outputs[i], self.name)
            for i in range(len(begin)):
                wanted.range.begin[i], wanted.range.end[i] = begin[i], end[i]
            n = max(n, 1 if upreg_op_info(self.op).in_[0].variadic else upreg_op_info(self.op).n_in)
            status = upreg_op_tile(self.op, specs, n, out, <int>len(outputs), &wanted, ranges, &made, &err)
            if status != UPREG_OK:
                _raise(status, &err)
            result = Op.__new__(Op, self.text)
            upreg_op_free(result.op)
            result.op = made
            made_range = _range_tuple(&wanted.range, out[0].ndim)
            reads = [_range_tuple(&ranges[i], specs[i].ndim) for i in range(len(inputs))]
            return result, made_range, reads, _tile_kind(&wanted, &ranges[0], out[0].ndim) if wanted.told else ()
        finally:
            PyMem_Free(specs)
            PyMem_Free(ranges)


cdef tuple _tile_kind(const upreg_tiling *t, const upreg_range *read, int ndim):
    """Per axis: where the outputs and the inputs lie, up to a shift that makes no difference."""
    kind = ["by sizes"] if t.told == 2 else []
    for i in range(0 if kind else ndim):
        steps = t.range.begin[i] // t.period[i] if t.period[i] else 0
        kind.append((t.range.begin[i] - steps * t.period[i], read.begin[i] - steps * t.shift[i]))
    return tuple(kind)


cdef object _range_tuple(const upreg_range *r, int ndim):
    return tuple([r.begin[i] for i in range(ndim)]), tuple([r.end[i] for i in range(ndim)])


_sources = {<int>UPREG_FROM_INPUT: "input", <int>UPREG_FROM_OUTPUT: "output", <int>UPREG_FROM_GRAD: "grad", <int>UPREG_FROM_STEP: "step",
            <int>UPREG_FROM_NOTHING: None}


cdef object _ref(upreg_ref *ref):
    return _sources[ref.source], ref.index, ref.output


# ---- running ----

cdef class _Watch:
    """What a run asks now and then: has Ctrl-C been pressed, does the caller's progress function want to stop?"""
    cdef object progress
    cdef object error


cdef int _poll(void *host, int64_t done, int64_t total) noexcept nogil:
    with gil:
        watch = <_Watch>host
        try:
            PyErr_CheckSignals()
            return 1 if watch.progress is not None and watch.progress(done, total) else 0
        except BaseException as error:
            watch.error = error
            return 1


cdef void _fill_options(upreg_run_options *options, int threads, _Watch watch):
    memset(options, 0, sizeof(upreg_run_options))
    options.struct_size = sizeof(upreg_run_options)
    options.threads = threads
    options.host = <void *>watch
    options.progress = _poll


cdef class Plan:
    """An op prepared for one geometry."""
    cdef upreg_plan *plan
    cdef readonly Op op
    cdef readonly list inputs   # specs in port order, None where absent
    cdef readonly list outputs  # specs
    cdef readonly tuple free    # places of the inputs that are not bound
    cdef int threads

    def __cinit__(self, Op op, list inputs, dict bound, int threads=0, bint exact=False):
        """bound: {place: array}; inputs: specs of every place."""
        cdef upreg_error err
        cdef int n = <int>len(inputs)
        cdef upreg_plan_options options
        cdef upreg_status status
        cdef upreg_spec *specs = <upreg_spec *>PyMem_Calloc(max(n, 1), sizeof(upreg_spec))
        cdef const upreg_tensor **constants = <const upreg_tensor **>PyMem_Calloc(max(n, 1), sizeof(void *))
        memset(&options, 0, sizeof(options))
        options.struct_size = sizeof(options)
        options.exact = exact
        self.op, self.inputs, self.threads = op, inputs, threads
        keep = []
        try:
            if specs == NULL or constants == NULL:
                raise MemoryError()
            for i in range(n):
                _fill_spec(&specs[i], inputs[i], op.name)
            for place, array in bound.items():
                keep.append(_input(array))
                constants[place] = &(<Tensor>keep[-1]).t
            with nogil:
                status = upreg_plan_create(op.op, specs, n, constants, &options, &self.plan, &err)
            if status != UPREG_OK:
                _raise(status, &err)
        finally:
            PyMem_Free(specs)
            PyMem_Free(constants)
        self.outputs = [_spec_tuple(upreg_plan_output(self.plan, i)) for i in range(upreg_plan_outputs(self.plan))]
        self.free = tuple(i for i in range(n) if inputs[i] is not None and i not in bound)

    def __dealloc__(self):
        upreg_plan_free(self.plan)

    def info(self):
        cdef upreg_plan_info info
        info.struct_size = sizeof(info)
        upreg_plan_get_info(self.plan, &info)
        return {"algorithm": info.algorithm.decode(), "cpu_tier": info.cpu_tier.decode(), "macs": info.macs, "packed_bytes": info.packed_bytes,
                "state_bytes": info.state_bytes, "scratch_bytes": info.scratch_bytes, "workspace_bytes": info.workspace_bytes, "stages": info.n_stages}

    def run(self, tuple arrays, out, int threads=0, progress=None):
        """arrays: one per free input; out: None, an array, or a tuple of arrays.  Returns the array or the tuple."""
        cdef upreg_error err
        cdef upreg_run_options options
        cdef upreg_tensor *tensors
        cdef upreg_tensor results[8]
        cdef upreg_status status
        cdef int n = <int>len(self.inputs), n_out = <int>len(self.outputs), i
        cdef Tensor t
        cdef _Watch watch = _Watch()
        cdef list keep = []
        if len(arrays) != len(self.free):
            raise _errors.ShapeError(f"{self.op.name}: got {len(arrays)} arrays, this plan takes {len(self.free)}")
        if out is None:
            out = tuple([empty(spec[0], spec[1], arrays[0] if arrays else None) for spec in self.outputs])
        else:
            if n_out == 1 and not isinstance(out, tuple):
                out = (out,)
            if not isinstance(out, tuple) or len(out) != n_out:
                raise _errors.ParameterError(f"{self.op.name}: out= must be a tuple of {n_out} arrays")
        tensors = <upreg_tensor *>PyMem_Calloc(max(n, 1), sizeof(upreg_tensor))
        if tensors == NULL:
            raise MemoryError()
        try:
            for place, array in zip(self.free, arrays):
                t = _input(array)
                keep.append(t)
                tensors[<int>place] = t.t
            for i in range(n_out):
                t = _output(out[i], self.op.name)
                keep.append(t)
                results[i] = t.t
            watch.progress = progress
            _fill_options(&options, threads or self.threads, watch)
            with nogil:
                status = upreg_plan_run(self.plan, tensors, n, results, n_out, &options, &err)
        finally:
            PyMem_Free(tensors)
        if watch.error is not None:
            raise watch.error
        if status != UPREG_OK:
            _raise(status, &err)
        return out[0] if n_out == 1 else out


# ---- graphs ----

cdef class Graph:
    """A C graph under construction; values are numbers."""
    cdef upreg_graph *graph
    cdef list keep  # borrowed constants

    def __cinit__(self, bint create=True):
        cdef upreg_error err
        self.keep = []
        if create:
            status = upreg_graph_create(&self.graph, &err)
            if status != UPREG_OK:
                _raise(status, &err)

    def __dealloc__(self):
        upreg_graph_free(self.graph)

    @staticmethod
    def load(path):
        """A graph read by the C library from a `.upg` file."""
        cdef upreg_error err
        cdef Graph result = Graph(False)
        cdef bytes encoded = path
        cdef const char *c_path = encoded
        cdef upreg_status status
        with nogil:
            status = upreg_graph_load(c_path, &result.graph, &err)
        if status != UPREG_OK:
            _raise(status, &err)
        return result

    def find(self, str name):
        """The number of a value, -1 when there is none."""
        return upreg_graph_find(self.graph, name.encode())

    def input(self, str name):
        cdef upreg_error err
        cdef int value = -1
        status = upreg_graph_input(self.graph, name.encode(), &value, &err)
        if status != UPREG_OK:
            _raise(status, &err)
        return value

    def constant(self, str name, array):
        cdef upreg_error err
        cdef int value = -1
        cdef Tensor t = _input(array)
        self.keep.append(t)
        status = upreg_graph_constant(self.graph, name.encode(), &t.t, 0, &value, &err)
        if status != UPREG_OK:
            _raise(status, &err)
        return value

    def add(self, Op op, str name, list inputs):
        """inputs: value numbers, -1 where absent.  Returns the list of output values."""
        cdef upreg_error err
        cdef int n = <int>len(inputs), n_out = upreg_op_info(op.op).n_out
        cdef int *numbers = <int *>PyMem_Calloc(max(n, 1), sizeof(int))
        cdef int values[8]
        if numbers == NULL:
            raise MemoryError()
        try:
            for i in range(n):
                numbers[i] = inputs[i]
            status = upreg_graph_add(self.graph, op.op, name.encode(), numbers, n, values, &err)
            if status != UPREG_OK:
                _raise(status, &err)
            return [values[i] for i in range(n_out)]
        finally:
            PyMem_Free(numbers)

    def output(self, int value, str name):
        cdef upreg_error err
        status = upreg_graph_output(self.graph, value, name.encode(), &err)
        if status != UPREG_OK:
            _raise(status, &err)

    def infer(self, list inputs):
        """Specs of every value, None for absent optional outputs."""
        cdef upreg_error err
        cdef int n = <int>len(inputs), count = upreg_graph_values(self.graph)
        cdef upreg_spec *specs = <upreg_spec *>PyMem_Calloc(n + count + 1, sizeof(upreg_spec))
        if specs == NULL:
            raise MemoryError()
        try:
            for i in range(n):
                _fill_spec(&specs[i], inputs[i], "graph")
            status = upreg_graph_infer(self.graph, specs, n, specs + n, &err)
            if status != UPREG_OK:
                _raise(status, &err)
            return [_spec_tuple(&specs[n + i]) for i in range(count)]
        finally:
            PyMem_Free(specs)

    def overlap(self, list inputs):
        """The counting graph; same value numbers."""
        cdef upreg_error err
        cdef int n = <int>len(inputs)
        cdef upreg_spec *specs = <upreg_spec *>PyMem_Calloc(n + 1, sizeof(upreg_spec))
        cdef Graph result = Graph(False)
        if specs == NULL:
            raise MemoryError()
        try:
            for i in range(n):
                _fill_spec(&specs[i], inputs[i], "graph")
            status = upreg_graph_overlap(self.graph, specs, n, &result.graph, &err)
            if status != UPREG_OK:
                _raise(status, &err)
        finally:
            PyMem_Free(specs)
        return result


cdef class GraphPlan:
    """A graph prepared for concrete input shapes."""
    cdef upreg_graph_plan *plan
    cdef readonly Graph graph
    cdef readonly list inputs
    cdef readonly list outputs  # specs of the outputs, then of the kept values

    def __cinit__(self, Graph graph, list inputs, list outputs, list keep, bint exact=False, bint fusion=True, size_t max_bytes=0):
        """outputs, keep: value numbers.  max_bytes: 0 or the most that intermediate values and results may take."""
        cdef upreg_error err
        cdef int n = <int>len(inputs), n_keep = <int>len(keep)
        cdef upreg_graph_options options
        cdef upreg_status status
        cdef upreg_spec *specs = <upreg_spec *>PyMem_Calloc(n + 1, sizeof(upreg_spec))
        cdef int *kept = <int *>PyMem_Calloc(n_keep + 1, sizeof(int))
        memset(&options, 0, sizeof(options))
        try:
            if specs == NULL or kept == NULL:
                raise MemoryError()
            for i in range(n):
                _fill_spec(&specs[i], inputs[i], "graph")
            for i in range(n_keep):
                kept[i] = keep[i]
            options.struct_size = sizeof(options)
            options.exact = exact
            options.no_fusion = not fusion
            options.keep = kept
            options.n_keep = n_keep
            options.max_bytes = max_bytes
            with nogil:
                status = upreg_graph_plan_create(graph.graph, specs, n, &options, &self.plan, &err)
            if status != UPREG_OK:
                _raise(status, &err)
        finally:
            PyMem_Free(specs)
            PyMem_Free(kept)
        self.graph, self.inputs = graph, inputs
        self.outputs = [_spec_tuple(upreg_graph_plan_value(self.plan, v)) for v in outputs + keep]

    def __dealloc__(self):
        upreg_graph_plan_free(self.plan)

    @property
    def arena_bytes(self):
        return upreg_graph_plan_arena(self.plan)

    def nodes(self):
        cdef upreg_node_info info
        result = []
        for i in range(upreg_graph_nodes(self.graph.graph)):
            memset(&info, 0, sizeof(info))
            info.struct_size = sizeof(info)
            upreg_graph_plan_node(self.plan, i, &info)
            result.append({"name": info.name.decode(), "text": info.text.decode(), "algorithm": info.algorithm.decode() if info.algorithm != NULL else "",
                           "fused_into": info.fused_into if info.fused_into >= 0 else None, "folded": bool(info.folded), "macs": info.macs,
                           "bytes": info.bytes, "packed_bytes": info.packed_bytes, "scratch_bytes": info.scratch_bytes})
        return result

    def run(self, list arrays, int threads=0, progress=None, bint timed=False):
        """Returns (list of result arrays, seconds per node or None)."""
        cdef upreg_error err
        cdef upreg_run_options options
        cdef upreg_status status
        cdef int n = <int>len(arrays), n_out = <int>len(self.outputs), n_nodes = upreg_graph_nodes(self.graph.graph), i
        cdef upreg_tensor *tensors = <upreg_tensor *>PyMem_Calloc(n + n_out + 1, sizeof(upreg_tensor))
        cdef double *seconds = <double *>PyMem_Calloc(n_nodes + 1, sizeof(double)) if timed else NULL
        cdef _Watch watch = _Watch()
        cdef Tensor t
        keep = []
        results = []
        try:
            if tensors == NULL or (timed and seconds == NULL):
                raise MemoryError()
            for i in range(n):
                t = _input(arrays[i])
                keep.append(t)
                tensors[i] = t.t
            for i in range(n_out):
                results.append(empty(self.outputs[i][0], self.outputs[i][1], arrays[0] if arrays else None))
                t = _output(results[i], "graph")
                keep.append(t)
                tensors[n + i] = t.t
            watch.progress = progress
            _fill_options(&options, threads, watch)
            with nogil:
                status = upreg_graph_plan_run(self.plan, tensors, n, tensors + n, n_out, &options, seconds, &err)
            if watch.error is not None:
                raise watch.error
            if status != UPREG_OK:
                _raise(status, &err)
            return results, [seconds[i] for i in range(n_nodes)] if timed else None
        finally:
            PyMem_Free(tensors)
            PyMem_Free(seconds)


# ---- the machine ----

def version():
    return upreg_version().decode()


def cpu_tier():
    return upreg_cpu_tier().decode()


def cpu_tiers():
    return upreg_cpu_tiers().decode().split("|")


def processors():
    return upreg_processors()


def get_threads():
    return upreg_get_threads()


def set_threads(int n):
    cdef upreg_error err
    if upreg_set_threads(n, &err) != UPREG_OK:
        _raise(UPREG_E_PARAMETER, &err)


def tiny_blocks():
    return bool(upreg_tiny_blocks())


def empty_cache():
    upreg_pool_empty()


def cached_bytes():
    return upreg_pool_idle()
