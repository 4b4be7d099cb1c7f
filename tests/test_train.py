"""Training: it learns, it is torch's arithmetic, it goes on where it stopped."""

import numpy as np
import pytest

import upreg
from upreg import train


def data(count=48, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((count, 1, 6, 6)).astype(np.float32)
    return x, upreg.run("bilinear", x, scale=2)


def small(norm=False):
    g = upreg.Graph()
    h = g.add("conv", g.input("x", (None, 1, None, None)), channels=6, kernel=3, padding=1, name="first")
    h = g.add("relu", g.add("batch_norm", h, name="norm") if norm else h)
    g.output(g.add("conv_transpose", h, channels=1, kernel=4, stride=2, padding=1, name="up"), "y")
    return g.init("he", seed=1)


@pytest.mark.parametrize("optimizer", [train.Adam(1e-2), train.SGD(0.05, momentum=0.9)])
@pytest.mark.parametrize("loss", ["mse", "l1"])
def test_it_learns_to_interpolate(optimizer, loss):
    x, y = data()
    g = small()
    history = train.fit(g, x, y, loss=loss, optimizer=type(optimizer)(optimizer.lr), epochs=12, batch_size=8, progress=False)
    assert len(history) == 12 and history[-1] < 0.6 * history[0] and np.isfinite(history).all()


def test_the_same_seed_gives_the_same_bits_for_every_number_of_threads():
    x, y = data(16)
    results = []
    for threads in (1, 2):
        g = small(norm=True)
        train.fit(g, x, y, epochs=2, batch_size=4, num_threads=threads, progress=False)
        results.append(g.weights)
    assert all(np.array_equal(a, results[1][n]) for n, a in results[0].items())


@pytest.mark.parametrize("loss", train.LOSSES)
def test_losses_against_differences(loss):
    rng = np.random.default_rng(3)
    y = rng.standard_normal((2, 4, 3))
    target = rng.integers(0, 4, (2, 3)) if loss == "cross_entropy" else rng.random((2, 4, 3))
    value, grad = train.LOSSES[loss](y, target)
    for place in np.ndindex(y.shape):
        ends = []
        for move in (1e-6, -1e-6):
            moved = y.copy()
            moved[place] += move
            ends.append(train.LOSSES[loss](moved, target)[0])
        assert abs((ends[0] - ends[1]) / 2e-6 - grad[place]) < 1e-6
    assert value == pytest.approx(train.LOSSES[loss](y, target)[0])


def test_running_statistics_are_kept_for_later():
    x, y = data(32)
    g = small(norm=True)
    before = {n: a.copy() for n, a in g.weights.items()}
    train.fit(g, x, y, epochs=30, batch_size=32, optimizer=train.SGD(0.0), progress=False)
    h = upreg.run("conv", x, before["first.weight"], before["first.bias"], padding=1)
    assert np.allclose(g.weights["norm.mean"], h.mean((0, 2, 3)) * (1 - 0.9**30), atol=1e-4)
    assert np.array_equal(g.weights["first.weight"], before["first.weight"])


def test_frozen_weights_stay():
    x, y = data(8)
    g = small()
    before = g.weights["first.weight"].copy()
    train.fit(g, x, y, epochs=1, frozen=("first.weight",), progress=False)
    assert np.array_equal(g.weights["first.weight"], before)


def test_checkpoints_are_whole_and_go_on_where_training_stopped(tmp_path):
    x, y = data(16)
    whole = small(norm=True)
    wanted = train.fit(whole, x, y, epochs=4, batch_size=4, progress=False)
    path = tmp_path / "run.npz"
    stopped = small(norm=True)
    train.fit(stopped, x, y, epochs=4, batch_size=4, progress=False, checkpoint=path, callback=lambda epoch, loss: epoch == 1)
    resumed = small(norm=True)
    history = train.fit(resumed, x, y, epochs=4, batch_size=4, progress=False, checkpoint=path)
    assert history == wanted and [p.name for p in tmp_path.iterdir()] == ["run.npz"]
    assert all(np.array_equal(a, resumed.weights[n]) for n, a in whole.weights.items())
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(upreg.GraphError, match="not a checkpoint"):
        train.fit(resumed, x, y, checkpoint=path, progress=False)


def test_weights_survive_an_interruption():
    x, y = data(16)
    g = small()

    def stop(epoch, loss):
        raise KeyboardInterrupt

    before = g.weights["up.weight"].copy()
    with pytest.raises(KeyboardInterrupt):
        train.fit(g, x, y, epochs=3, progress=False, callback=stop)
    assert not np.array_equal(g.weights["up.weight"], before)
    g(x)


@pytest.mark.parametrize(
    "how, error, words",
    [
        (dict(loss="huber"), upreg.ParameterError, "loss = 'huber'"),
        (dict(batch_size=0), upreg.ParameterError, "batch_size = 0"),
        (dict(frozen=("none",)), upreg.GraphError, "frozen names 'none'"),
    ],
)
def test_bad_calls(how, error, words):
    x, y = data(4)
    with pytest.raises(error, match=words):
        train.fit(small(), x, y, progress=False, **how)
    with pytest.raises(upreg.ShapeError, match="the numbers of examples differ"):
        train.fit(small(), x, y[:3], progress=False)
    with pytest.raises(upreg.ParameterError, match="lr"):
        train.Adam(-1)
