"""Training, small: mini-batches, SGD or Adam, a progress bar, checkpoints.

>>> history = upreg.train.fit(g, x, y, loss="mse", optimizer=upreg.train.Adam(1e-3), epochs=20, batch_size=16)

Gradients are those of `Graph.vjp`. Batch norms use the statistics of the batch while training and keep running averages for later. The same
seed gives the same bits, for every number of threads.
"""

import io
import os
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from upreg import gradient, registry
from upreg.errors import GraphError, ParameterError, ShapeError
from upreg.files import write_whole
from upreg.graph import Graph, Node
from upreg.registry import get

STATISTICS = ("mean", "var")


# ---- losses: (prediction, target) -> (value, gradient with respect to the prediction) ----


def mse(y, target):
    """Mean of (y - target)^2."""
    d = y - target
    return float(np.mean(np.square(d, dtype=np.float64))), (2 / d.size) * d


def l1(y, target):
    """Mean of |y - target|."""
    d = y - target
    return float(np.mean(np.abs(d), dtype=np.float64)), np.sign(d) / d.dtype.type(d.size)


def bce(y, target):
    """Binary cross-entropy of logits y with targets from 0 to 1, mean over all elements."""
    value = np.maximum(y, 0) - y * target + np.log1p(np.exp(-np.abs(y)))
    return float(np.mean(value, dtype=np.float64)), (1 / (1 + np.exp(-y)) - target) / y.dtype.type(y.size)


def cross_entropy(y, target):
    """Softmax cross-entropy of logits y (N, C, ...) with whole-number classes (N, ...), mean over all places."""
    shifted = y - y.max(1, keepdims=True)
    logs = shifted - np.log(np.exp(shifted).sum(1, keepdims=True))
    classes = np.expand_dims(target, 1)
    grad = np.exp(logs)
    np.put_along_axis(grad, classes, np.take_along_axis(grad, classes, 1) - 1, 1)
    return -float(np.mean(np.take_along_axis(logs, classes, 1), dtype=np.float64)), grad / y.dtype.type(target.size)


LOSSES = {"mse": mse, "l1": l1, "bce": bce, "cross_entropy": cross_entropy}


# ---- optimizers ----


class SGD:
    """w -= lr * v, v = momentum * v + gradient + weight_decay * w (torch's SGD)."""

    def __init__(self, lr=0.01, momentum=0.0, weight_decay=0.0):
        self.lr, self.momentum, self.weight_decay = _positive("lr", lr), _share("momentum", momentum), _positive("weight_decay", weight_decay)
        self.state = {}

    def step(self, name, weight, grad):
        """The new weight."""
        if self.weight_decay:
            grad = grad + weight.dtype.type(self.weight_decay) * weight
        if self.momentum:
            old = self.state.get(name)
            grad = self.state[name] = grad if old is None else weight.dtype.type(self.momentum) * old + grad
        return weight - weight.dtype.type(self.lr) * grad

    def end_step(self):
        """Called when every weight had its step."""


class Adam:
    """Adam (Kingma and Ba, arXiv 1412.6980), with decoupled weight decay (Loshchilov and Hutter, arXiv 1711.05101)."""

    def __init__(self, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0):
        self.lr, self.eps, self.weight_decay = _positive("lr", lr), _positive("eps", eps), _positive("weight_decay", weight_decay)
        self.betas = tuple(_share("betas", b) for b in betas)
        self.state = {"steps": np.zeros((), np.int64)}

    def step(self, name, weight, grad):
        """The new weight."""
        t = int(self.state["steps"]) + 1
        first, second = (self.state.get(f"{name}/{k}", np.zeros_like(weight)) for k in ("first", "second"))
        kind = weight.dtype.type
        first += kind(1 - self.betas[0]) * (grad - first)
        second += kind(1 - self.betas[1]) * (grad * grad - second)
        self.state[f"{name}/first"], self.state[f"{name}/second"] = first, second
        rate = self.lr / (1 - self.betas[0] ** t)
        size = np.sqrt(second) / kind(np.sqrt(1 - self.betas[1] ** t)) + kind(self.eps)
        return weight * kind(1 - self.lr * self.weight_decay) - kind(rate) * first / size

    def end_step(self):
        """Called when every weight had its step."""
        self.state["steps"] = self.state["steps"] + 1


def _positive(name, value):
    if not (isinstance(value, (int, float)) and 0 <= value < float("inf")):
        raise ParameterError(f"train: {name} = {value!r} is not allowed; allowed: a number of 0 or more")
    return float(value)


def _share(name, value):
    if not (isinstance(value, (int, float)) and 0 <= value < 1):
        raise ParameterError(f"train: {name} = {value!r} is not allowed; allowed: from 0 to below 1")
    return float(value)


# ---- the graph that is trained ----


class _Trainer:
    """A copy of a graph whose weights are inputs, so that one plan serves every step."""

    def __init__(self, graph, frozen):
        graph._check_ready()
        roles = {name: info[4] for name, info in graph.weight_info.items()}
        floats = [n for n, a in graph.constants.items() if a.dtype.kind == "f" and n not in frozen]
        self.weights = {n: graph.constants[n].copy() for n in floats if roles[n] not in STATISTICS}
        self.graph, self.norms = Graph(), {}
        self.graph.inputs = {**graph.inputs, **{n: (a.shape, a.dtype.name) for n, a in self.weights.items()}}
        self.graph.constants = {n: a for n, a in graph.constants.items() if n not in self.weights}
        self.graph.weight_info, self.graph.outputs = dict(graph.weight_info), dict(graph.outputs)
        for node in graph.nodes:
            self.graph.nodes.append(self._training_norm(node, graph) or node)

    def _training_norm(self, node, graph):
        """A batch norm with statistics of its own as one that uses the batch's; None for other nodes."""
        if node.method.info["method"] != "batch_norm" or node.method.params["training"] or len(node.inputs) < 5:
            return None
        if any(n not in graph.constants for n in node.inputs[3:5]):
            return None
        self.norms[node.name] = {key: (name, graph.constants[name].copy()) for key, name in zip(STATISTICS, node.inputs[3:5])}
        method = get(node.method.name, **{**node.method.params, "training": True})
        return Node(node.name, method, node.inputs[:3], node.outputs)

    def _move_statistics(self, values, momentum):
        """Running mean and (unbiased) variance, as torch keeps them."""
        for node in self.graph.nodes:
            if node.name not in self.norms:
                continue
            x = values[node.inputs[0]]
            channel = x.ndim - 1 if node.method.params["layout"] in ("NXC", "XC") else 0 if node.method.params["layout"] == "CX" else 1
            axes = tuple(a for a in range(x.ndim) if a != channel)
            count = x.size // x.shape[channel]
            moments = {"mean": x.mean(axes, dtype=np.float64), "var": x.var(axes, dtype=np.float64) * count / max(count - 1, 1)}
            for key, (weight, old) in self.norms[node.name].items():
                self.norms[node.name][key] = weight, (old + momentum * (moments[key] - old)).astype(old.dtype)

    def step(self, feeds, loss, momentum, num_threads):
        """(loss, {name: gradient}); moves the running statistics."""
        found = {}

        def start(values):
            outputs = {o: values[v] for o, v in self.graph.outputs.items()}
            found["loss"], grads = loss(outputs)
            self._move_statistics(values, momentum)
            return grads

        arrays = self.graph._feeds({**feeds, **self.weights})
        grads = gradient.graph_vjp(self.graph, arrays, start, tuple(self.weights), num_threads)
        return found["loss"], grads

    def all_weights(self):
        statistics = {name: array for norm in self.norms.values() for name, array in norm.values()}
        return {**self.weights, **statistics}


# ---- training ----


def fit(graph, x, y, loss="mse", optimizer=None, epochs=1, batch_size=32, seed=0, frozen=(), norm_momentum=0.1, checkpoint=None, resume=True,
        progress=True, num_threads=None, callback=None):  # fmt: skip
    """Trains the graph's weights on arrays; returns the mean loss of every epoch. The graph has the trained weights afterwards, also after Ctrl-C.

    x: an array, or {input name: array}; y: an array, or {output name: array}; examples along the first axis.
    loss: "mse", "l1", "bce", "cross_entropy", or a function (prediction, target) -> (value, gradient); of several outputs the losses are added.
    optimizer: `SGD` or `Adam` (default). frozen: names of weights that stay as they are.
    checkpoint: an .npz file, written whole after every epoch; resume=True goes on from it when it is there. callback(epoch, loss): a
        true result stops.
    """
    loss = LOSSES.get(loss, loss)
    if not callable(loss):
        raise ParameterError(f"train: loss = {loss!r} is not allowed; allowed: {', '.join(LOSSES)}, or a function")
    inputs, targets = _named(x, graph.inputs, "x"), _named(y, graph.outputs, "y")
    count = _examples({**inputs, **{f"target {n}": t for n, t in targets.items()}})
    if not isinstance(batch_size, int) or batch_size < 1 or not isinstance(epochs, int) or epochs < 0:
        raise ParameterError(f"train: batch_size = {batch_size!r}, epochs = {epochs!r}; allowed: whole numbers of 1 or more, and of 0 or more")
    unknown = set(frozen) - set(graph.constants)
    if unknown:
        raise GraphError(f"train: frozen names '{sorted(unknown)[0]}', which is no weight of the graph")
    threads = registry._check_threads(num_threads)
    trainer, optimizer = _Trainer(graph, set(frozen)), optimizer or Adam()
    first, history = 0, []
    if checkpoint and resume and os.path.exists(checkpoint):
        first, history = _read_checkpoint(checkpoint, trainer, optimizer)

    def sum_of_losses(batch):
        def value(outputs):
            total, grads = 0.0, {}
            for name, target in targets.items():
                part, grads[name] = loss(outputs[name], target[batch])
                total += part
            return total, grads

        return value

    try:
        for epoch in range(first, epochs):
            order = np.random.default_rng([seed, epoch]).permutation(count)
            batches = [np.sort(order[i : i + batch_size]) for i in range(0, count, batch_size)]
            total = 0.0
            for batch in _bar(batches, f"epoch {epoch + 1}/{epochs}", progress):
                feeds = {n: a[batch] for n, a in inputs.items()}
                value, grads = trainer.step(feeds, sum_of_losses(batch), norm_momentum, threads)
                for name, grad in grads.items():
                    trainer.weights[name] = optimizer.step(name, trainer.weights[name], grad)
                optimizer.end_step()
                total += value * len(batch)
            history.append(total / count)
            if checkpoint:
                _write_checkpoint(checkpoint, trainer, optimizer, history)
            if callback and callback(epoch, history[-1]):
                break
    finally:
        graph.bind(trainer.all_weights())
    return history


def _named(given, names, what):
    """{name: array}, checked against the graph's inputs or outputs."""
    given = given if isinstance(given, dict) else dict(zip(names, given if isinstance(given, (tuple, list)) else (given,)))
    if set(given) != set(names):
        raise GraphError(f"train: {what} has {', '.join(map(str, given)) or 'nothing'}; the graph has {', '.join(names)}")
    return {name: np.asarray(array) for name, array in given.items()}


def _examples(arrays):
    counts = {name: len(a) if a.ndim else 0 for name, a in arrays.items()}
    if len(set(counts.values())) != 1 or 0 in counts.values():
        raise ShapeError(f"train: the numbers of examples differ, or are 0: {', '.join(f'{n} {c}' for n, c in counts.items())}")
    return next(iter(counts.values()))


def _bar(items, label, progress):
    if not progress:
        return items
    from tqdm import tqdm

    return tqdm(items, desc=label, ncols=80, leave=False)


# ---- checkpoints ----


def _write_checkpoint(path, trainer, optimizer, history):
    """Everything that training needs to go on, in one file that is whole or not there."""
    file = io.BytesIO()
    state = {f"optimizer/{name}": array for name, array in optimizer.state.items()}
    weights = {f"weight/{name}": array for name, array in trainer.all_weights().items()}
    np.savez(file, history=np.array(history), kind=np.array(type(optimizer).__name__), **state, **weights)
    write_whole(Path(path), [file.getvalue()])


def _read_checkpoint(path, trainer, optimizer):
    """(epochs done, history); fills trainer and optimizer."""
    try:
        with np.load(path, allow_pickle=False) as file:
            saved = dict(file)
        kind, history = str(saved.pop("kind")), saved.pop("history").tolist()
    except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
        raise GraphError(f"{path}: not a checkpoint: {error}") from None
    weights = {name[7:]: array for name, array in saved.items() if name.startswith("weight/")}
    wanted = {name: array.shape for name, array in trainer.all_weights().items()}
    if kind != type(optimizer).__name__ or {name: array.shape for name, array in weights.items()} != wanted:
        raise GraphError(f"{path}: the checkpoint is of another network or optimizer ({kind})")
    for name in trainer.weights:
        trainer.weights[name] = weights[name]
    for norm in trainer.norms.values():
        for key, (name, _) in norm.items():
            norm[key] = name, weights[name]
    optimizer.state.update({name[10:]: array for name, array in saved.items() if name.startswith("optimizer/")})
    return len(history), history
