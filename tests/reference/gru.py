"""The gated recurrent unit over sequences, in one direction of time or both."""

import numpy as np

from . import _common as c

DEFAULTS = dict(hidden=None, direction="forward", linear_before_reset=False, batch_first=False)
EXACT = False


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def steps_of(x, w, r, bias, h, after):
    """The states of one sequence after every step."""
    n = len(h)
    b, own = bias[: 3 * n], bias[3 * n :]
    states = []
    for now in x:
        a, u = w @ now + b, r @ h + own
        z, reset = sigmoid(a[:n] + u[:n]), sigmoid(a[n : 2 * n] + u[n : 2 * n])
        new = np.tanh(a[2 * n :] + (reset * u[2 * n :] if after else r[2 * n :] @ (reset * h) + own[2 * n :]))
        h = (1 - z) * new + z * h
        states.append(h)
    return states


def run(params, x, w, r, bias=None, initial=None, lengths=None):
    x, w, r, bias, initial = (c.wide(v) for v in (x, w, r, bias, initial))
    if params["batch_first"]:
        x, initial = np.swapaxes(x, 0, 1), None if initial is None else np.swapaxes(initial, 0, 1)
    steps, batch = x.shape[:2]
    directions, _, n = r.shape
    y, last = np.zeros((steps, directions, batch, n)), np.zeros((directions, batch, n))
    for d in range(directions):
        back = params["direction"] == "reverse" or d == 1
        for b in range(batch):
            length = steps if lengths is None else int(lengths[b])
            h = np.zeros(n) if initial is None else initial[d, b]
            times = np.arange(length)[::-1] if back else np.arange(length)
            states = steps_of(x[times, b], w[d], r[d], np.zeros(6 * n) if bias is None else bias[d], h, params["linear_before_reset"])
            for t, state in zip(times, states):
                y[t, d, b] = state
            last[d, b] = states[-1] if states else h
    return (y.transpose(2, 0, 1, 3), last.swapaxes(0, 1)) if params["batch_first"] else (y, last)


def bound(params, x, w, r, bias=None, initial=None, lengths=None):
    """States are below 1 or below the initial one, and errors of the gates are those of sums of these many terms; steps keep them small."""
    size = 1 + sum(abs(c.wide(v)).sum(-1).max(initial=0) for v in (w, r)) * max(1, abs(c.wide(x)).max(initial=0))
    return tuple(np.full(y.shape, 4 * size) for y in run(params, x, w, r, bias, initial, lengths)), x.shape[-1] + r.shape[-1]


def draw(rng, dtype, kind="normal", layout=None, span=9):
    steps, batch, n_in, hidden = (20, 11, span, 30) if span > 9 else (int(n) for n in rng.integers(1, (6 if span > 1 else 1) + 1, 4))
    params = dict(
        direction=c.choose(rng, ("forward", "reverse", "bidirectional")),
        linear_before_reset=c.flip_coin(rng),
        batch_first=c.flip_coin(rng),
        hidden=hidden if c.flip_coin(rng) else None,
    )
    d = 2 if params["direction"] == "bidirectional" else 1
    first = params["batch_first"]
    x = c.data(rng, (batch, steps, n_in) if first else (steps, batch, n_in), dtype, kind)
    w, r = (c.weights(rng, (d, 3 * hidden, n), dtype) * np.asarray(0.5 / np.sqrt(n), dtype) for n in (n_in, hidden))
    bias = c.weights(rng, (d, 6 * hidden), dtype) if c.flip_coin(rng) else None
    initial = c.weights(rng, (batch, d, hidden) if first else (d, batch, hidden), dtype) if c.flip_coin(rng) else None
    lengths = rng.integers(0, steps + 1, batch) if c.flip_coin(rng) else None
    return c.only_set(params, DEFAULTS), [x, w, r, bias, initial, lengths]


REJECTS = [
    ({}, [(2, 3), (1, 6, 4), (1, 6, 2)], "ShapeError", ["gru", "x", "(2, 3)"]),
    ({}, [(2, 3, 4), (1, 6, 5), (1, 6, 2)], "ShapeError", ["gru", "'w'", "(1, 6, 5)", "(1, 6, 4)"]),
    ({"direction": "bidirectional"}, [(2, 3, 4), (1, 6, 4), (1, 6, 2)], "ShapeError", ["gru", "'w'", "(2, 6, 4)"]),
    ({"hidden": 3}, [(2, 3, 4), (1, 6, 4), (1, 6, 2)], "ShapeError", ["gru", "hidden", "3", "2"]),
    ({}, [(2, 3, 4), (1, 6, 4), (1, 6, 2), (1, 6)], "ShapeError", ["gru", "bias", "(1, 12)"]),
    ({}, [(2, 3, 4), (1, 6, 4), (1, 6, 2), None, None, (2,)], "ShapeError", ["gru", "lengths", "(3,)"]),
]
