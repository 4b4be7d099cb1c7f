"""grid_sample and affine_grid against torch, warp_affine against OpenCV."""

import cv2
import numpy as np
import onnxruntime
import pytest
import torch
import torch.nn.functional as F
from _check import agree, close, reference
from _check import common as c

import upreg


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_grid_sample(dtype):
    """Forward and both gradients, 2-D and 3-D; torch computes positions in the type of the picture, so float32 is less exact there."""
    module, ran = reference("grid_sample"), 0
    for seed in range(160):
        params, (x, grid) = module.draw(np.random.default_rng([seed, 5]), dtype, layout="NCX")
        full = {**module.DEFAULTS, **params}
        rank, cubic = x.ndim - 2, full["mode"] == "cubic"
        if rank == 1 or (rank == 3 and cubic):
            continue  # torch has neither
        mode = {"linear": "bilinear", "cubic": "bicubic"}.get(full["mode"], full["mode"])
        tx, tg = (torch.from_numpy(a).requires_grad_() for a in (x, grid))
        ty = F.grid_sample(tx, tg, mode, full["padding_mode"], full["align_corners"])
        agree("grid_sample", params, [x, grid], ty.detach().numpy(), dtype)
        gy = np.random.default_rng(seed).standard_normal(ty.shape).astype(dtype)
        ty.backward(torch.from_numpy(gy))
        gx, gg = upreg.get("grid_sample", **params).vjp((x, grid), gy)
        close(gx, tx.grad.numpy(), dtype, f"gradient for x of {params}")
        if dtype == "float64":
            close(gg, tg.grad.numpy(), dtype, f"gradient for grid of {params} on {x.shape}")
        ran += 1
    assert ran > 40


def test_affine_grid():
    module, ran = reference("affine_grid"), 0
    for seed in range(60):
        params, (theta,) = module.draw(np.random.default_rng([seed, 5]), np.float64)
        rank = theta.shape[1]
        if rank == 1:
            continue
        full = {**module.DEFAULTS, **params}
        t = torch.from_numpy(theta).requires_grad_()
        grid = F.affine_grid(t, [theta.shape[0], 1, *c.per_axis(full["size"], rank)], full["align_corners"])
        agree("affine_grid", params, [theta], grid.detach().numpy(), "float64")
        gy = np.random.default_rng(seed).standard_normal(grid.shape)
        grid.backward(torch.from_numpy(gy))
        close(upreg.get("affine_grid", **params).vjp((theta,), gy)[0], t.grad.numpy(), "float64", f"gradient of {params}")
        ran += 1
    assert ran > 30


BORDERS = {"zeros": cv2.BORDER_CONSTANT, "replicate": cv2.BORDER_REPLICATE, "reflect": cv2.BORDER_REFLECT_101, "symmetric": cv2.BORDER_REFLECT}
FIXED_POINT = 1 / 64  # OpenCV rounds positions to 1/32 of a pixel: by at most this, along both axes


@pytest.mark.parametrize("inverse", [False, True])
@pytest.mark.parametrize("border", BORDERS)
@pytest.mark.parametrize("mode, flag", [("linear", cv2.INTER_LINEAR), ("cubic", cv2.INTER_CUBIC)])
def test_warp_affine(mode, flag, border, inverse):
    """A position that is off by d changes a sum by no more than d times the largest slope: of cubic 1.5 times that of linear."""
    rng = np.random.default_rng(4)
    x = rng.standard_normal((17, 23)).astype(np.float32)
    matrix = np.array([[0.9, 0.3, -2.3], [-0.2, 1.1, 1.7]])
    flags = flag | (cv2.WARP_INVERSE_MAP if inverse else 0)
    wanted = cv2.warpAffine(x, matrix, (29, 21), flags=flags, borderMode=BORDERS[border])
    got = upreg.run("warp_affine", x.astype(np.float64), matrix, size=[21, 29], mode=mode, padding_mode=border, inverse_map=inverse, layout="X")
    steepest = 2 * np.abs(x).max() * (1.5 if mode == "cubic" else 1)
    assert np.abs(got - wanted).max() <= 2 * FIXED_POINT * steepest * 1.1
    assert np.sqrt(np.mean((got - wanted) ** 2)) < 0.02 * np.std(x)


@pytest.mark.parametrize("mode", ["linear", "nearest", "cubic"])
@pytest.mark.parametrize("align_corners", [False, True])
def test_written_as_onnx(mode, align_corners, tmp_path):
    """A spatial transformer, run by ONNX Runtime."""
    rng = np.random.default_rng(6)
    x, theta = rng.standard_normal((2, 3, 7, 9)).astype(np.float32), rng.uniform(-0.8, 0.8, (2, 2, 3)).astype(np.float32)
    g = upreg.Graph()
    picture, matrix = g.input("x", x.shape), g.input("theta", theta.shape)
    grid = g.add("affine_grid", matrix, size=[5, 6], align_corners=align_corners)
    g.output(g.add("grid_sample", picture, grid, mode=mode, align_corners=align_corners, name="y"))
    g.save(tmp_path / "net.onnx")
    feeds = {"x": x, "theta": theta}
    wanted = onnxruntime.InferenceSession(tmp_path / "net.onnx", providers=["CPUExecutionProvider"]).run(None, feeds)[0]
    close(g.run(feeds)["y"], wanted, "float32", f"{mode}, align_corners {align_corners}")
