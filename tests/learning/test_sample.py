"""Samples become tensors that torch computes with, and nothing of them is lost on the way."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import torch

from pairforge.frames import Intrinsics
from pairforge.learning.sample import Boxes2D, Sample, View, tensors
from pairforge.sample import Caption


def a_sample() -> Sample:
    ids = np.array([70, 65535], np.int64)
    boxes = Boxes2D(ids, ids, ids, ids, np.zeros((2, 4)), np.zeros((2, 4)), np.zeros(2), np.zeros(2))
    arrays = {"instance": np.array([[0, 65535]], np.uint16), "depth": np.array([[1.5, np.inf]], np.float32)}
    k = Intrinsics(2, 1, 1.0, 1.0, 1.0, 0.5)
    view = View("front", "camera", 5, np.arange(3.0), np.array([1.0, 0, 0, 0]), arrays, k, boxes=boxes)
    words = Caption("short", "en", "front", "A car.", (), (), "t")
    return Sample("000000-000001", 0, 1, 5, {"front": view}, {"front": (view,)}, captions=(words,))


def test_tensors_keep_every_value_in_dtypes_that_torch_computes_with():
    before = a_sample()
    after = tensors(before)
    view = after.views["front"]
    assert after["front", "instance"].dtype == torch.int32
    assert after["front", "instance"].tolist() == [[0, 65535]]
    assert view.position_m.dtype == torch.float32
    assert view.boxes.instance_id.tolist() == [70, 65535]
    assert after.sweeps["front"][0].arrays["depth"].tolist() == [[1.5, float("inf")]]
    assert (after.captions, after.key, view.intrinsics) == (
        before.captions,
        before.key,
        before.views["front"].intrinsics,
    )


def test_tensors_of_read_only_arrays_are_copies_that_may_be_written():
    sample = a_sample()
    kept = sample["front", "depth"]
    kept.flags.writeable = False
    tensors(sample)["front", "depth"][0, 0] = 7
    assert kept[0, 0] == 1.5


def test_samples_need_no_torch():
    code = "import sys, pairforge.learning.sample; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
