"""The training script that users start from runs, and learns."""

from __future__ import annotations

import runpy
from pathlib import Path

import torch

from tests.learning.conftest import CAMERA, COUNTS

SCRIPT = Path(__file__).parents[2] / "examples" / "dual_encoder.py"


def test_the_dual_encoder_trains_and_is_measured(streets: Path) -> None:
    script = runpy.run_path(str(SCRIPT), run_name="example")
    script["train"].__globals__["CAMERA"] = CAMERA
    losses: list[float] = []
    backward = torch.Tensor.backward
    try:
        torch.Tensor.backward = lambda loss, *a, **k: (
            losses.append(float(loss.detach())) or backward(loss, *a, **k)
        )
        model = script["train"](str(streets), epochs=12, batch_size=5)
    finally:
        torch.Tensor.backward = backward
    assert len(losses) == 24
    share, guess = script["found"](model, str(streets))
    assert guess == 1 / sum(COUNTS)
    assert 0 <= share <= 1
    assert sum(losses[-4:]) < sum(losses[:4])
