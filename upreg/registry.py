"""Methods by name: look-up, parameters, calling, gradients.

Everything here is general: names, parameters, shapes and texts come from the C tables (or from a class given to `register_method`).
"""

from __future__ import annotations

import contextlib
import contextvars
import fnmatch
import functools
import json
import math
import numbers
import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence

import numpy as np

from upreg import _core
from upreg.errors import DTypeError, ParameterError, PluginError, ShapeError, UnknownMethodError

PLAN_CACHE = 16
COMPUTED = "?"  # stands for a parameter whose value a graph computes

_failed_plugins: dict[str, str] = {}
_python_methods: dict[str, dict] = {}
_entry_points_read = False
_lock = threading.RLock()


# ---- threads ----

_threads: contextvars.ContextVar[int] = contextvars.ContextVar("upreg_threads", default=0)


def _check_threads(n, name="num_threads"):
    if n is None:
        return 0
    if isinstance(n, bool) or not isinstance(n, numbers.Integral) or not 1 <= n <= 1024:
        raise ParameterError(f"{name} = {n!r} is not allowed; allowed: 1 to 1024, or None for the default")
    return int(n)


def set_num_threads(n):
    """Threads of every run in this process that asks for none of its own: 1 to 1024; None: the processors this process may use."""
    _core.set_threads(_check_threads(n))


def get_num_threads():
    """How many threads a run started here would use."""
    return _threads.get() or _core.get_threads()


@contextlib.contextmanager
def threads(n):
    """`with upreg.threads(2): ...` sets the number of threads for the code inside (this context only)."""
    token = _threads.set(_check_threads(n, "threads"))
    try:
        yield
    finally:
        _threads.reset(token)


# ---- the text form ----


def _number_text(value):
    if isinstance(value, (bool, np.bool_)):
        return "true" if value else "false"
    if isinstance(value, numbers.Integral):
        return str(int(value))
    value = float(value)
    if math.isnan(value):
        raise ValueError("NaN")
    return repr(value) if math.isfinite(value) else ("inf" if value > 0 else "-inf")


def value_text(value):
    """The text form of one parameter value; ValueError when it has none."""
    if value is None:
        return "null"
    if isinstance(value, str):
        return value if value == COMPUTED or value and all(c.isalnum() or c in "_.-+" for c in value) else json.dumps(value)
    if isinstance(value, (bool, np.bool_, numbers.Real)):
        return _number_text(value)
    if isinstance(value, (Sequence, np.ndarray)):
        return "[" + ",".join(value_text(v) for v in (value.tolist() if isinstance(value, np.ndarray) else value)) + "]"
    raise ValueError(type(value).__name__)


def _text_of(name, params):
    parts = []
    for key, value in params.items():
        try:
            parts.append(f"{key}={value_text(value)}")
        except ValueError:
            allowed = next((_allowed(p) for p in describe(name)["params"] if p["name"] == key), "no such parameter")
            raise ParameterError(f"{name}: parameter '{key}' = {value!r} is not allowed; allowed: {allowed}") from None
    return f"{name}:{','.join(parts)}" if parts else name


def _allowed(param):
    kinds = {
        "int": "an integer",
        "float": "a number",
        "bool": "true or false",
        "choice": "one of " + ", ".join(param["choices"] or []),
        "ints": "an integer, or one per axis",
        "pairs": "an integer, one per axis, or [begin, end] pairs",
        "floats": "a number, or one per axis",
    }
    return kinds[param["kind"]]


# ---- look-up ----


def _read_entry_points():
    """Loads the plugins that installed packages announce (group "upreg.plugins"), once, and only when a name is missed."""
    global _entry_points_read
    with _lock:
        if _entry_points_read:
            return False
        _entry_points_read = True
        from importlib.metadata import entry_points

        for entry in entry_points(group="upreg.plugins"):
            try:
                target = entry.load()
                target = target() if callable(target) else target
                for path in [target] if isinstance(target, (str, bytes)) or hasattr(target, "__fspath__") else (target or []):
                    load_plugin(path)
            except Exception as error:  # one broken plugin must not break the rest; it is named when it matters
                _failed_plugins[entry.name] = f"{type(error).__name__}: {error}"
        return True


def load_plugin(path):
    """Loads a plugin's shared library; all of its methods register or none. PluginError says what is wrong."""
    import os

    if not isinstance(path, (str, bytes, os.PathLike)):
        raise PluginError(f"load_plugin: the path must be text, got {type(path).__name__}")
    _core.load_plugin(os.fsencode(os.path.abspath(path)))
    _find.cache_clear()


def _with_plugins(look_up):
    """Calls look_up; on an unknown name reads the entry points, and then says which plugins failed."""
    try:
        return look_up()
    except UnknownMethodError:
        if _read_entry_points():
            _find.cache_clear()
            with contextlib.suppress(UnknownMethodError):
                return look_up()
        try:
            return look_up()
        except UnknownMethodError as error:
            failed = "".join(f"; plugin '{name}' failed to load: {why}" for name, why in sorted(_failed_plugins.items()))
            raise UnknownMethodError(f"{error}{failed}") from None


@functools.lru_cache(maxsize=1024)
def _find(name):
    if name in _python_methods:
        return _python_methods[name]
    return _core.find(name)


def _check_name(name):
    if not isinstance(name, str):
        raise UnknownMethodError(f"a method's name is text, got {name!r}")


def methods(pattern="*", family=None):
    """Sorted names of methods and presets; `pattern` may hold wildcards, `family` narrows."""
    _check_name(pattern)
    infos = _core.method_infos() + list(_python_methods.values())
    return sorted(i["name"] for i in infos if fnmatch.fnmatchcase(i["name"], pattern) and (family is None or i["family"] == family))


def families():
    """Sorted names of the families."""
    return sorted({i["family"] for i in _core.method_infos()} | {i["family"] for i in _python_methods.values()})


def _default_value(text):
    return None if text in ("null", "required") else _json_value(text)


def _json_value(text):
    try:
        return json.loads(text)
    except ValueError:
        return {"inf": math.inf, "-inf": -math.inf}.get(text, text)


def describe(name):
    """Everything about a method as a JSON-able dict: inputs, outputs, params, dtypes, flags, texts, signature."""
    _check_name(name)
    info = dict(_with_plugins(lambda: _find(name)))
    fixed = {}
    if info["preset"]:
        for item in _split_items(info["preset"]):
            key, _, value = item.partition("=")
            fixed[key] = value
    params = []
    for p in info["params"]:
        p = dict(p)
        p["required"] = p["default"] == "required"
        p["default"] = _default_value(p["default"])
        if p["kind"] in ("bool", "choice"):
            p["min"] = p["max"] = None
        for bound in ("min", "max"):
            if p[bound] is not None and not math.isfinite(p[bound]):
                p[bound] = None
        if p["name"] in fixed:
            continue
        if p["name"] + "?" in fixed:
            p["default"], p["required"] = _json_value(fixed[p["name"] + "?"]), False
        params.append(p)
    info["params"] = params
    info["signature"] = _signature(info)
    return info


def _split_items(text):
    """Splits key=value items at commas outside brackets."""
    items, depth, item = [], 0, ""
    for c in text:
        depth += (c == "[") - (c == "]")
        if c == "," and depth == 0:
            items.append(item.strip())
            item = ""
        else:
            item += c
    return items + ([item.strip()] if item.strip() else [])


def _signature(info):
    inputs = [f"*{p['name']}" if p["variadic"] else f"{p['name']}=None" if p["optional"] else p["name"] for p in info["inputs"]]
    params = [p["name"] if p["required"] else f"{p['name']}={p['default']!r}" for p in info["params"]]
    star = [] if any(p["variadic"] for p in info["inputs"]) or not params else ["*"]
    return f"{info['name']}({', '.join(inputs + star + params)})"


@functools.lru_cache(maxsize=512)
def _method_of_text(text):
    name = text.partition(":")[0].strip()
    if name in _python_methods:
        return PythonMethod._of_text(_python_methods[name], text)
    return Method(_with_plugins(lambda: _core.Op(text)))


def get(name, **params):
    """A method with its parameters: immutable, hashable; its repr is its text form.

    UnknownMethodError when there is no such name, ParameterError when a parameter is unknown or not allowed.
    """
    _check_name(name)
    if any(c in ":|=\0" or c.isspace() for c in name):
        raise UnknownMethodError(f"unknown method {name!r}: a name has no spaces or punctuation; a text form goes to upreg.from_config")
    return _method_of_text(_text_of(name, params))


def from_config(config):
    """The method of a config dict ({"method": "conv", "stride": [2, 2], ...}) or of a text ("bilinear:scale=2")."""
    if isinstance(config, str):
        return _method_of_text(config)
    if not isinstance(config, Mapping) or not isinstance(config.get("method"), str):
        raise ParameterError(f"a config is a text or a dict with the key 'method', got {config!r}")
    params = {key: value for key, value in config.items() if key != "method"}
    known = {p["name"] for p in describe(config["method"])["params"]}
    return get(config["method"], **{k: v for k, v in params.items() if v is not None or k not in known or _is_nullable(config["method"], k)})


def _is_nullable(name, param):
    return not next(p["required"] for p in describe(name)["params"] if p["name"] == param)


def run(name, *inputs, out=None, num_threads=None, **params):
    """`upreg.get(name, **params)(*inputs)` in one call; named inputs may be given by keyword too."""
    ports = {p["name"] for p in describe(name)["inputs"]} if isinstance(name, str) else set()
    named = {key: params.pop(key) for key in list(params) if key in ports}
    return get(name, **params)(*inputs, out=out, num_threads=num_threads, **named)


# ---- arrays ----


_COMMON = (np.dtype(np.float32), np.dtype(np.float64))  # small calls should not pay for what others need


_port_dtypes = {"i64": "int64", "u8": "uint8"}  # of ports that do not have the call's element type
_assumed_dtypes = {**_port_dtypes, "any": "uint8"}  # where only shapes are given: every port of any type takes uint8


def as_array(obj, name, port):
    """Any buffer, DLPack producer or sequence as a numpy array; truth values as uint8."""
    if type(obj) is np.ndarray and obj.dtype in _COMMON:
        return obj
    if isinstance(obj, (np.ndarray, _core.Bfloat16Array)):
        array = obj
    elif obj is None:
        return None
    elif hasattr(obj, "__dlpack__"):
        try:
            array = np.from_dlpack(obj)
        except (RuntimeError, BufferError, TypeError, ValueError) as error:
            with contextlib.suppress(RuntimeError, BufferError, TypeError, ValueError):
                array = _core.bfloat16_from_dlpack(obj)
                if array is not None:
                    return array
            raise DTypeError(f"{name}: input '{port['name']}' cannot be viewed through DLPack: {error}") from None
    else:
        try:
            array = np.asarray(obj)
        except ValueError as error:
            raise ShapeError(f"{name}: input '{port['name']}' is not an array: {error}") from None
    if array.dtype.kind == "b":
        array = array.view(np.uint8)
    if array.dtype.kind not in "fiuV" or (array.dtype.kind == "V" and array.dtype.name != "bfloat16"):
        raise DTypeError(f"{name}: input '{port['name']}' is {array.dtype}; allowed: real numbers")
    if port["dtype"] == "i64" and array.dtype.kind == "i" and array.dtype.itemsize == 4:
        array = array.astype(np.int64)
    return array


_dtype_names: dict = {}  # dtype.name is slow to ask


def _spec(array):
    dtype = array.dtype
    name = _dtype_names.get(dtype)
    if name is None:
        name = _dtype_names[dtype] = (dtype if dtype.isnative else dtype.newbyteorder("=")).name
    return array.shape, name


def check_shape(shape, name, port):
    """A tuple of ints, or a ShapeError that says what came instead."""
    try:
        return tuple(int(n.__index__()) for n in shape)
    except (TypeError, AttributeError):
        raise ShapeError(f"{name}: the shape of '{port}' must be a tuple of integers, got {shape!r}") from None


class _PlanCache:
    """Plans of recent geometries: tables only, never contents of arrays."""

    def __init__(self, size):
        self.size, self.lock, self.plans = size, threading.Lock(), OrderedDict()

    def get(self, key, make):
        with self.lock:
            plan = self.plans.get(key)
            if plan is not None:
                self.plans.move_to_end(key)
                return plan
        plan = make()
        with self.lock:
            self.plans[key] = plan
            while len(self.plans) > self.size:
                self.plans.popitem(last=False)
        return plan


_plans = _PlanCache(PLAN_CACHE)


# ---- methods ----


class MethodFace:
    """What methods written in C and in Python share."""

    __slots__ = ()

    def __repr__(self):
        return self.text

    def __eq__(self, other):
        return isinstance(other, MethodFace) and self.text == other.text

    def __hash__(self):
        return hash(self.text)

    def __setattr__(self, key, value):
        raise AttributeError(f"{self.text} is immutable")

    def __reduce__(self):
        return from_config, (self.text,)

    @property
    def name(self):
        """The registered name."""
        return self.info["name"]

    def _place(self, name):
        for place, port in enumerate(self.info["inputs"]):
            if port["name"] == name:
                return place
        raise ParameterError(f"{self.name}: there is no input '{name}'; allowed: {', '.join(p['name'] for p in self.info['inputs'])}")

    def _port(self, place):
        ports = self.info["inputs"]
        return ports[0] if ports[0]["variadic"] else ports[min(place, len(ports) - 1)]

    def _gather(self, inputs, named):
        """Inputs by position and name -> a list in port order."""
        values = list(inputs)
        for key, value in named.items():
            place = self._place(key)
            if place < len(values) and values[place] is not None:
                raise ParameterError(f"{self.name}: input '{key}' is given twice")
            values += [None] * (place + 1 - len(values))
            values[place] = value
        return values

    def _arrays(self, inputs, named):
        values = self._gather(inputs, named) if named else inputs
        for value in values:
            if type(value) is not np.ndarray or value.dtype not in _COMMON:
                return [as_array(value, self.name, self._port(i)) for i, value in enumerate(values)]
        return values

    def _wrt(self, wrt, arrays):
        """Names or places -> places of the inputs whose gradients are asked for."""
        if wrt is None:
            return [i for i, a in enumerate(arrays) if a is not None and self._port(i)["role"] in ("data", "param") and a.dtype.kind in "fV"]
        places = []
        for item in [wrt] if isinstance(wrt, (str, numbers.Integral)) else wrt:
            place = self._place(item) if isinstance(item, str) else int(item)
            variadic = self.info["inputs"][0]["variadic"]
            if isinstance(item, str) and variadic:
                places.extend(range(len(arrays)))
                continue
            if not 0 <= place < len(arrays) or arrays[place] is None:
                raise ParameterError(f"{self.name}: wrt names the input {item!r}, which is not given")
            places.append(place)
        return places


class Method(MethodFace):
    """A method of the C library with its parameters. Call it with arrays, or `plan` it for a fixed geometry."""

    __slots__ = ("op", "info", "text", "_config")

    def __init__(self, op):
        object.__setattr__(self, "op", op)
        object.__setattr__(self, "text", op.text)
        object.__setattr__(self, "info", describe(op.name))
        object.__setattr__(self, "_config", {name: _json_value(text) for name, text in op.param_texts()})

    @property
    def params(self):
        """Every parameter's value, by name."""
        return dict(self._config)

    @property
    def computed(self):
        """Names of the parameters that are written `?`: a graph computes them."""
        return tuple(name for name, value in self._config.items() if value == COMPUTED)

    def config(self):
        """A JSON-able dict from which `upreg.from_config` makes the same method."""
        fixed = {p["name"] for p in self.info["params"]}
        return {"method": self.name, **{k: v for k, v in self._config.items() if k in fixed}}

    # -- shapes --

    def _specs(self, shapes, dtype):
        specs = []
        for i, shape in enumerate(shapes):
            port = self._port(i)
            specs.append(None if shape is None else (check_shape(shape, self.name, port["name"]), _assumed_dtypes.get(port["dtype"], dtype)))
        ports = self.info["inputs"]
        if not ports[0]["variadic"]:
            for port in ports[len(specs) :]:
                specs.append("unknown" if port["role"] == "param" and not port["optional"] else None)
        return specs

    def infer(self, *shapes, dtype="float32"):
        """Output shape for these input shapes (a tuple of shapes when there are several outputs), without running."""
        _, outputs = self.op.infer(self._specs(shapes, np.dtype(dtype).name))
        shapes = tuple(spec[0] for spec in outputs if spec is not None)
        return shapes[0] if len(shapes) == 1 else shapes

    def reach(self, shapes, begin, end, port=0, dtype="float32"):
        """([first], [past the last]) per axis: which part of input `port` the part [begin, end) of the first output reads.

        shapes: of the inputs in port order. What lies outside may be changed without changing those outputs: exact tiling, receptive fields.
        """
        specs = self._specs(shapes, np.dtype(dtype).name)
        _, outputs = self.op.infer(specs)
        return self.op.reach(specs, [o for o in outputs if o is not None], port, list(begin), list(end))

    def weight_specs(self, *shapes, dtype="float32", optional=True):
        """{name: (shape, fan_in, fan_out)} of the weights that would go with these input shapes."""
        specs = self._specs(shapes, dtype)
        for i, port in enumerate(self.info["inputs"]):
            if specs[i] is None and port["role"] in ("param", "stat") and optional:
                specs[i] = "unknown"
        completed, _ = self.op.infer(specs)
        return {
            port["name"]: (completed[i][0][0], completed[i][1], completed[i][2])
            for i, port in enumerate(self.info["inputs"])
            if specs[i] == "unknown"
        }

    # -- running --

    def __call__(self, *inputs, out=None, num_threads=None, **named):
        """Runs on arrays in port order (or by name); returns an array, or a tuple when there are several outputs.

        Arrays may be anything with the buffer or DLPack protocol. `out=`: memory to write to (a tuple for several outputs).
        """
        arrays = self._arrays(inputs, named)
        specs = tuple([None if a is None else _spec(a) for a in arrays])
        plan = _plans.get((self.text, specs), lambda: _core.Plan(self.op, list(specs), {}))
        count = _check_threads(num_threads) or _threads.get()
        return plan.run(tuple(arrays) if None not in specs else tuple([a for a in arrays if a is not None]), out, count)

    def plan(self, *shapes, num_threads=None, exact=False, **bound):
        """A plan for a fixed geometry: `m.plan(x.shape, x.dtype, weight=w, bias=b)`; inputs given by name are bound (packed now).

        Several unbound inputs: a tuple of shapes in port order, `m.plan((x.shape, i.shape), dtype)`.
        """
        dtype = "float32"
        if shapes and not _is_shape(shapes[-1]):
            *shapes, dtype = shapes
            dtype = "bfloat16" if str(dtype) == "bfloat16" else np.dtype(dtype).newbyteorder("=").name
        if len(shapes) == 1 and len(shapes[0]) and all(_is_shape(s) for s in shapes[0]):
            shapes = shapes[0]
        return MethodPlan(self, list(shapes), dtype, bound, _check_threads(num_threads), exact)

    # -- gradients --

    def vjp(self, inputs, grad_y, wrt=None):
        """Gradient of sum(grad_y * y) with respect to inputs.

        inputs: an array or a tuple in port order. wrt: a name (one array is returned) or a tuple of names (a tuple in that order);
        default: every differentiable input. grad_y belongs to the first output.
        """
        inputs = inputs if isinstance(inputs, (tuple, list)) else (inputs,)
        arrays = self._arrays(inputs, {})
        places = self._wrt(wrt, arrays)
        gradients = tuple(self._gradient(arrays, grad_y, place) for place in places)
        return gradients[0] if isinstance(wrt, (str, numbers.Integral)) and len(gradients) == 1 else gradients

    def _gradient(self, arrays, grad_y, wrt):
        specs = [None if a is None else _spec(a) for a in arrays]
        _, outputs = self.op.infer(specs + [None] * (len(self.info["inputs"]) - len(specs)))
        grad_y = as_array(grad_y, self.name, {"name": "grad_y", "dtype": "T"})
        if grad_y is None or grad_y.shape != outputs[0][0]:
            raise ShapeError(f"{self.name}: grad_y has shape {None if grad_y is None else grad_y.shape}; allowed: {outputs[0][0]}, the shape of y")
        if _spec(grad_y)[1] != outputs[0][1]:
            raise DTypeError(f"{self.name}: grad_y is {grad_y.dtype}; allowed: {outputs[0][1]}, as y")
        steps, result = self.op.vjp(specs, [o for o in outputs if o is not None], wrt)
        done, forward = [], []

        def value(ref):
            source, index, output = ref
            if source == "input":
                return arrays[index]
            if source == "grad":
                return grad_y
            if source == "step":
                return done[index][output]
            if source is None:
                return None
            if not forward:
                y = self(*arrays)
                forward.extend(y if isinstance(y, tuple) else (y,))
            return forward[index]

        for text, refs in steps:
            y = _method_of_text(text)(*[value(ref) for ref in refs])
            done.append(y if isinstance(y, tuple) else (y,))
        gradient = value(result)
        return np.zeros(arrays[wrt].shape, arrays[wrt].dtype) if gradient is None else gradient


def _is_shape(obj):
    return isinstance(obj, (tuple, list)) and not isinstance(obj, str) or obj is None


class MethodPlan:
    """A method prepared for one geometry, with its constant inputs packed. Immutable; usable from many threads."""

    __slots__ = ("method", "core", "bound", "num_threads")

    def __init__(self, method, shapes, dtype, bound, num_threads, exact):
        self.method, self.num_threads = method, num_threads
        ports = method.info["inputs"]
        self.bound = {name: as_array(value, method.name, ports[method._place(name)]) for name, value in bound.items() if value is not None}
        if ports[0]["variadic"]:
            specs = [(check_shape(s, method.name, ports[0]["name"]), dtype) for s in shapes]
            self.core = _core.Plan(method.op, specs, {}, num_threads, exact)
            return
        specs, shapes = [], list(shapes)
        for port in ports:
            if port["name"] in self.bound:
                specs.append(_spec(self.bound[port["name"]]))
            elif shapes:
                shape = shapes.pop(0)
                specs.append(None if shape is None else (check_shape(shape, method.name, port["name"]), _port_dtypes.get(port["dtype"], dtype)))
            else:
                specs.append(None)
        if shapes:
            raise ShapeError(f"{method.name}: the plan got {len(shapes)} shapes too many; inputs: {', '.join(p['name'] for p in ports)}")
        self.core = _core.Plan(method.op, specs, {method._place(k): v for k, v in self.bound.items()}, num_threads, exact)

    def __repr__(self):
        return f"<plan of {self.method.text}: {', '.join(str(s) for s in self.core.inputs)}>"

    def __call__(self, *inputs, out=None, num_threads=None):
        """Runs on the inputs that are not bound, in port order."""
        for array in inputs:
            if type(array) is not np.ndarray or array.dtype not in _COMMON:
                free = self.core.free
                known = [as_array(a, self.method.name, self.method._port(place)) for a, place in zip(inputs, free)]
                inputs = (*known, *inputs[len(free) :])
                break
        return self.core.run(inputs, out, _check_threads(num_threads) or self.num_threads or _threads.get())

    def info(self):
        """Algorithm, CPU tier, multiply-adds, packed, scratch and workspace bytes."""
        return self.core.info()

    @property
    def output_shape(self):
        """Shape of the output (a tuple of shapes when there are several)."""
        shapes = tuple(spec[0] for spec in self.core.outputs)
        return shapes[0] if len(shapes) == 1 else shapes

    def vjp(self, *arrays, wrt=None):
        """p.vjp(x, ..., grad_y, wrt=): the unbound inputs, then grad_y; bound inputs are taken from the plan."""
        if len(arrays) != len(self.core.free) + 1:
            raise ShapeError(f"{self.method.name}: vjp of this plan takes {len(self.core.free)} inputs and grad_y, got {len(arrays)} arrays")
        inputs = [None] * len(self.core.inputs)
        for place, array in zip(self.core.free, arrays):
            inputs[place] = array
        for name, array in self.bound.items():
            inputs[self.method._place(name)] = array
        return self.method.vjp(tuple(inputs), arrays[-1], wrt=wrt)


# ---- methods in Python ----


class PythonMethod(MethodFace):
    """A method written in Python, registered with `@upreg.register_method`; same face as the others."""

    __slots__ = ("info", "text", "_config", "_instance")

    @classmethod
    def _of_text(cls, info, text):
        params = {}
        for item in _split_items(text.partition(":")[2]):
            key, _, value = item.partition("=")
            params[key.strip()] = _json_value(value.strip())
        defaults = {p["name"]: _default_value(p["default"]) for p in info["params"]}
        for key in params:
            if key not in defaults:
                raise ParameterError(f"{info['name']}: unknown parameter '{key}'; allowed: {', '.join(defaults) or 'none'}")
        self = cls.__new__(cls)
        given = {k: v for k, v in params.items() if v != defaults[k]}
        object.__setattr__(self, "info", {**info, "params": describe(info["name"])["params"]})
        object.__setattr__(self, "_config", {**defaults, **params})
        object.__setattr__(self, "text", _text_of(info["name"], given))
        try:
            object.__setattr__(self, "_instance", info["class"](**{**defaults, **params}))
        except (TypeError, ValueError) as error:
            raise ParameterError(f"{info['name']}: {error}") from None
        return self

    params = property(lambda self: dict(self._config))

    def config(self):
        return {"method": self.name, **self._config}

    def infer(self, *shapes, dtype="float32"):
        return tuple(self._instance.infer(*[check_shape(s, self.name, "input") for s in shapes]))

    def __call__(self, *inputs, out=None, num_threads=None, **named):
        arrays = self._arrays(inputs, named)
        expected = self.infer(*[a.shape for a in arrays if a is not None])
        y = np.asarray(self._instance.run(*arrays))
        if y.shape != expected:
            raise ShapeError(f"{self.name}: run gave shape {y.shape}, infer said {expected}")
        if out is None:
            return y
        out[...] = y
        return out

    def vjp(self, inputs, grad_y, wrt=None):
        arrays = self._arrays(inputs if isinstance(inputs, (tuple, list)) else (inputs,), {})
        if not hasattr(self._instance, "vjp"):
            raise ParameterError(f"{self.name}: this method is not differentiable")
        gradients = tuple(self._instance.vjp(tuple(arrays), np.asarray(grad_y), place) for place in self._wrt(wrt, arrays))
        return gradients[0] if isinstance(wrt, (str, numbers.Integral)) else gradients

    def plan(self, *shapes, **bound):
        raise ParameterError(f"{self.name}: methods in Python have no plan; call the method itself")


def register_method(cls):
    """Class decorator: registers a method written in Python.

    The class has `name` ("vendor.method"), `summary`, and optionally `family`, `doc`, `source`, `inputs` (names, "w?" optional) and
    `params` ({name: default}); its constructor takes the parameters; `infer(*shapes) -> shape`, `run(*arrays) -> array`, and, where it is
    differentiable, `vjp(arrays, grad_y, place) -> array`.
    """
    name = getattr(cls, "name", None)
    reserved = {"upreg", "torch", "tf", "onnx", "pillow", "opencv", "skimage", "scipy", "onednn"}
    if not isinstance(name, str) or name.count(".") < 1 or name.partition(".")[0] in reserved or not all(name.split(".")):
        raise PluginError(f"register_method: the name {name!r} is not allowed; allowed: 'vendor.method' with a vendor of your own")
    for needed in ("infer", "run"):
        if not callable(getattr(cls, needed, None)):
            raise PluginError(f"register_method: {name} has no {needed}()")
    with _lock:
        taken = name in _python_methods
        with contextlib.suppress(UnknownMethodError):
            taken = taken or bool(_core.find(name))
        if taken:
            raise PluginError(f"register_method: '{name}' is already registered")
        inputs = [
            {"name": n.rstrip("?"), "dtype": "T", "role": "data", "optional": n.endswith("?"), "variadic": False}
            for n in getattr(cls, "inputs", ("x",))
        ]
        params = [
            {
                "name": k,
                "kind": "float" if isinstance(v, float) else "int",
                "default": value_text(v),
                "min": None,
                "max": None,
                "choices": None,
                "help": "",
            }
            for k, v in getattr(cls, "params", {}).items()
        ]
        _python_methods[name] = {
            "name": name,
            "method": name,
            "family": getattr(cls, "family", "plugin"),
            "aliases": [],
            "summary": getattr(cls, "summary", ""),
            "doc": getattr(cls, "doc", cls.__doc__ or ""),
            "source": getattr(cls, "source", ""),
            "version": 1,
            "preset": None,
            "peer": None,
            "rank": None,
            "inputs": inputs,
            "outputs": [{"name": "y", "dtype": "T", "role": "data", "optional": False, "variadic": False}],
            "params": params,
            "dtypes": ["float32", "float64"],
            "flags": [],
            "differentiable": hasattr(cls, "vjp"),
            "class": cls,
        }
        _find.cache_clear()
        _method_of_text.cache_clear()
    return cls
