"""What reaches the sums inside the gates of gru, back through its steps, one sequence at a time."""

import numpy as np

from . import _common as c
from . import gru

DEFAULTS = {"of": "in", "direction": "forward", "linear_before_reset": False, "batch_first": False}
EXACT = False


def back_through(products, r, bias, before, gy, after):
    """(a, u, state, reset, gh) of one sequence in the order of its steps: what reaches the three sums and u, what r is multiplied with, and what
    reaches the first state."""
    n = r.shape[1]
    gh, rows = np.zeros(n), []
    for p, h, g in zip(products[::-1], before[::-1], gy[::-1]):
        gates = gru.sigmoid(p[: 2 * n] + bias[: 2 * n] + r[: 2 * n] @ h + bias[3 * n : 5 * n])
        z, reset = gates[:n], gates[n:]
        met = h if after else reset * h
        u = r[2 * n :] @ met + bias[5 * n :]
        new = np.tanh(p[2 * n :] + bias[2 * n : 3 * n] + (reset * u if after else u))
        g = g + gh
        g_new, g_z = g * (1 - z) * (1 - new**2), g * (h - new) * z * (1 - z)
        g_u = g_new * reset if after else g_new
        g_met = g_u @ r[2 * n :]
        g_r = (g_new * u if after else g_met * h) * reset * (1 - reset)
        gh = g * z + (g_met if after else g_met * reset) + g_z @ r[:n] + g_r @ r[n : 2 * n]
        rows.append((np.concatenate([g_z, g_r, g_new]), g_u, h, met))
    return rows[::-1], gh


def run(params, products, r, bias, initial, lengths, y, gy):
    products, r, bias, initial, y, gy = (c.wide(v) for v in (products, r, bias, initial, y, gy))
    first = params["batch_first"]
    if first:
        y, gy = y.transpose(1, 2, 0, 3), gy.transpose(1, 2, 0, 3)
        initial = None if initial is None else np.swapaxes(initial, 0, 1)
    steps, directions, batch, n = y.shape
    shape = (directions, batch, steps) if first else (directions, steps, batch)
    sums, outs = np.zeros((*shape, 6 * n)), [np.zeros((*shape, n)) for _ in range(3)]
    rows_of = products.reshape(*shape, 3 * n)
    g_initial = np.zeros((directions, batch, n))
    for d, b in np.ndindex(directions, batch):
        length = steps if lengths is None else int(lengths[b])
        back = params["direction"] == "reverse" or d == 1
        times = np.arange(length)[::-1] if back else np.arange(length)
        at = [(d, b, t) if first else (d, t, b) for t in times]
        start = np.zeros(n) if initial is None else initial[d, b]
        before = [start] + [y[t, d, b] for t in times[:-1]]
        found, g_initial[d, b] = back_through(
            [rows_of[p] for p in at],
            r[d],
            np.zeros(6 * n) if bias is None else bias[d],
            before[:length],
            [gy[t, d, b] for t in times],
            params["linear_before_reset"],
        )
        for place, (a, u, state, reset) in zip(at, found):
            sums[place] = np.concatenate([a, a[: 2 * n], u])
            for out, value in zip(outs, (u, state, reset)):
                out[place] = value
    flat = [v.reshape(directions, -1, v.shape[-1]) for v in (sums, *outs)]
    match params["of"]:
        case "in":
            return flat[0][..., : 3 * n]
        case "bias":
            return flat[0]
        case "r":
            return (flat[0][..., : 2 * n], *flat[1:])
    return np.swapaxes(g_initial, 0, 1) if first else g_initial


def bound(params, products, r, bias, initial, lengths, y, gy):
    """Errors of the gates are those of sums of so many terms; on their way back they grow with the weights."""
    steps, hidden = y.shape[int(params["batch_first"])], y.shape[3]
    size = sum(abs(c.wide(v)).max(initial=0) for v in (products, y, *([] if bias is None else [bias]))) + 1
    growth = (1 + abs(c.wide(r)).sum(1).max(initial=0)) * max(1, np.sqrt(steps))
    size = size * growth * (abs(c.wide(gy)).max(initial=0) * steps + 1)
    results = run(params, products, r, bias, initial, lengths, y, gy)
    results = results if isinstance(results, tuple) else (results,)
    return tuple(np.full(v.shape, 2 * size) for v in results), hidden


def draw(rng, dtype, kind="normal", layout=None, span=9):
    given, (x, w, r, bias, initial, lengths) = gru.draw(rng, dtype, kind, layout, min(span, 20))
    params = {**gru.DEFAULTS, **given}
    y = gru.run(params, x, w, r, bias, initial, lengths)[0].astype(dtype)
    products = np.matmul(c.wide(x).reshape(-1, x.shape[-1]), np.swapaxes(c.wide(w), 1, 2)).astype(dtype)
    del params["hidden"]
    params["of"] = c.choose(rng, ("in", "r", "bias", "initial"))
    return c.only_set(params, DEFAULTS), [products, r, bias, initial, lengths, y, c.data(rng, y.shape, dtype, kind)]


REJECTS = [
    ({}, [(1, 6, 6), (1, 6, 2), None, None, None, (2, 3, 2), (2, 3, 2)], "ShapeError", ["gru_grad", "'y'", "(2, 3, 2)"]),
    ({}, [(1, 5, 6), (1, 6, 2), None, None, None, (2, 1, 3, 2), (2, 1, 3, 2)], "ShapeError", ["gru_grad", "'products'", "(1, 5, 6)", "(1, 6, 6)"]),
    ({}, [(1, 6, 6), (1, 6, 2), None, None, None, (2, 1, 3, 2), (2, 1, 3, 3)], "ShapeError", ["gru_grad", "'gy'", "(2, 1, 3, 2)"]),
]
