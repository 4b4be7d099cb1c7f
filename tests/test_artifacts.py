"""Overlap maps against the numbers in the documentation and against counting by hand."""
import itertools
import json
import math

import numpy as np
import pytest

import upreg
from upreg.artifacts import Overlap, interior, overlap_of_layers, period, periodic_share


def test_one_layer():
    o = overlap_of_layers([(3, 2)], size=8)
    assert o.total.tolist() == [1, 1] + [2, 1] * 7 + [1]
    assert o.period == (2,) and o.interior.tolist() == [2, 1] and o.even is False


def test_two_dimensions_multiply():
    o = overlap_of_layers([(3, 2)], size=8, dims=2)
    line = overlap_of_layers([(3, 2)], size=8).total
    assert np.array_equal(o.total, np.multiply.outer(line, line))
    assert o.period == (2, 2) and o.interior.tolist() == [[4, 2], [2, 1]]


def test_two_layers_from_five():
    o = overlap_of_layers([(3, 2), (3, 2)], size=5)
    assert o.total.tolist() == [1, 1, 2, 1, 3, 2, 3, 1, 3, 2, 3, 1, 3, 2, 3, 1, 3, 2, 3, 1, 2, 1, 1]
    assert list(o.layers) == list(o.cumulative) and len(o.layers) == 2
    first, second = o.layers.values()
    assert first.tolist() == [1, 1] + [2, 1] * 4 + [1] and second.tolist() == [1, 1] + [2, 1] * 10 + [1]
    assert o.period == (4,)


def test_a_multiple_of_the_stride_is_even():
    o = overlap_of_layers([(4, 2, 1)] * 3, size=16)
    assert o.even is True and o.period == (1,)
    assert "even" in o.summary() and "uneven" not in o.summary()


@pytest.mark.parametrize("k, s, d", list(itertools.product(range(1, 8), range(1, 6), range(1, 5))))
def test_counts_per_phase(k, s, d):
    """Inside, phase r collects the taps t with t * d = r modulo s; even exactly where gcd(d, s) = 1 and s divides k, or s = 1."""
    reach = d * (k - 1) // s + 1
    g = upreg.Graph(f"conv_transpose:channels=1,kernel={k},stride={s},dilation={d}", input=(1, 1, 4 * reach + 8))
    total = g.overlap().total
    begin = reach * s
    inside = total[begin : begin + s]
    wanted = [sum(t * d % s == r for t in range(k)) for r in range(s)]
    assert inside.tolist() == wanted
    assert (len(set(wanted)) == 1) == (s == 1 or (math.gcd(d, s) == 1 and k % s == 0))


def test_channels_and_groups_are_averaged():
    for groups, channels in ((1, 6), (2, 4), (3, 3)):
        g = upreg.Graph(f"conv_transpose:channels={channels},kernel=3,stride=2,groups={groups}", input=(2, 12, 8))
        assert np.array_equal(g.overlap().total, overlap_of_layers([(3, 2)], size=8).total)


def test_resize_convolution_has_an_even_inside():
    g = upreg.Graph("nearest:scale=2 | conv:channels=4,kernel=3,padding=1 | relu | batch_norm", input=(1, 8, 12, 12))
    o = g.overlap()
    assert o.even and o.interior.tolist() == [[9]] and "relu" not in o.layers


def test_other_layouts():
    line = overlap_of_layers([(3, 2)], size=6).total
    for layout, shape in (("NXC", (1, 6, 4)), ("CX", (4, 6)), ("XC", (6, 4))):
        g = upreg.Graph(f"conv_transpose:channels=2,kernel=3,stride=2,layout={layout} | relu", input=shape)
        o = g.overlap()
        assert np.array_equal(o.layers["conv_transpose"], line), layout
        assert np.array_equal(o.total, line), layout


def test_a_long_chain():
    """More values than a graph has room for at first."""
    chain = " | ".join(["conv:channels=1,kernel=3,padding=1 | relu"] * 20)
    assert upreg.Graph(chain, input=(1, 1, 90)).overlap().interior.tolist() == [3.0**20]
    assert (upreg.Graph(chain, input=(1, 1, 9)).init("ones")(np.ones((1, 1, 9), np.float32)) >= 1).all()


def test_free_shapes():
    g = upreg.Graph("conv_transpose:channels=1,kernel=3,stride=2", input=(1, 1, None))
    assert len(g.overlap((1, 1, 8)).total) == 17
    with pytest.raises(upreg.ShapeError):
        g.overlap()


def test_period_of_maps():
    assert period(np.tile([1.0, 2, 3], 8)) == (3,)
    assert period(np.ones((5, 6))) == (1, 1)
    assert period(np.arange(12.0)) == (None,) and interior(np.arange(12.0)) is None
    assert period(np.ones(1)) == (None,)


def test_files_and_dict(tmp_path):
    o = overlap_of_layers([(3, 2)] * 2, size=5)
    o.save(tmp_path / "o.json")
    saved = json.loads((tmp_path / "o.json").read_text())
    assert saved["total"] == o.total.tolist() and saved["period"] == [4] and saved["even"] is False
    assert isinstance(saved["total"][0], int)
    o.save(tmp_path / "o.npz")
    with np.load(tmp_path / "o.npz") as arrays:
        assert np.array_equal(arrays["total"], o.total) and len(arrays.files) == 5
    for suffix in ("png", "svg", "pdf"):
        o.save(tmp_path / f"o.{suffix}")
        assert (tmp_path / f"o.{suffix}").stat().st_size > 1000
    with pytest.raises(upreg.ParameterError, match="png"):
        o.save(tmp_path / "o.bmp")


def test_summary_is_a_table():
    text = overlap_of_layers([(3, 2)] * 2, size=5, dims=2).summary()
    assert all(len(line) <= 80 for line in text.splitlines())
    assert "conv_transpose_2" in text and "uneven: the inside repeats every 4 x 4 with counts from 1 to 9" in text


def test_bad_arguments():
    for layers in ([], [(3,)], [(3, 2, 1, 0)]):
        with pytest.raises(upreg.ParameterError):
            overlap_of_layers(layers)
    with pytest.raises(upreg.ParameterError):
        overlap_of_layers([(3, 2)], dims=4)
    with pytest.raises(upreg.UpregError):
        overlap_of_layers([(0, 2)])
    assert upreg.Overlap is Overlap


# ---- the fixed pattern of an error ----


def test_periodic_share():
    rng = np.random.default_rng(0)
    pattern = np.tile(rng.standard_normal((4, 4)), (3, 16, 16))[:, :63, :62]
    noise = rng.standard_normal(pattern.shape)
    noise *= pattern.std() / noise.std()
    assert periodic_share(pattern, 4) == pytest.approx(1) and periodic_share(pattern + 7, 8) == pytest.approx(1)
    assert periodic_share(noise, 4) == pytest.approx(16 / (60 * 60), abs=0.004)
    assert periodic_share(pattern + noise, 4) == pytest.approx(0.5, abs=0.05)
    assert periodic_share(np.ones((2, 9, 9)), 3) == 0


@pytest.mark.parametrize("period", [1, 10, 2.0, True])
def test_periodic_share_refuses(period):
    with pytest.raises(upreg.ParameterError, match="whole numbers from 2 to the size"):
        periodic_share(np.ones((9, 9)), period)
