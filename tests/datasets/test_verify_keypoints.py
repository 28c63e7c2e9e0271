# ruff: noqa: E501 (a table of cases reads best with one case a line)

"""Keypoints and point tracks that are right pass; forged ones, with all hashes in order, are found out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from pairforge.datasets.reader import Dataset
from pairforge.datasets.verify import verify
from tests.datasets.labels_dataset import PEOPLE, Change, forged, generated, pixels

Array = NDArray[Any]


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return generated(tmp_path_factory.mktemp("crowd"), PEOPLE, "CROWD")


def test_keypoints_and_tracks_are_stored_and_proved(clean: Path) -> None:
    report = verify(clean)
    assert [str(f) for f in report.findings] == []
    for name, most in {
        "keypoint_error_m": 1e-5,
        "keypoint_to_mask_px": 2.0,
        "track_drift_m": 1e-7,
        "track_projection_px": 1e-3,
        "track_visibility_refuted_share": 0.02,
    }.items():
        assert report.measured[f"{name}_p999"] <= most, (name, report.measured[f"{name}_p999"])
    frame = Dataset(clean).frame(0, 1).cameras["front"]
    assert sorted(frame.extra["keypoints_kind"]) == [0, 0, 0, 1]
    states = frame.extra["keypoints"][..., 2]
    assert [int((states == s).sum() >= n) for s, n in ((0, 3), (1, 6), (2, 20))] == [1, 1, 1]
    assert (frame.extra["track_visible"] == 0).sum() >= 3


def moved(by: float) -> Any:
    """A seen keypoint somewhere else."""

    def edit(a: Array) -> Array:
        k, j = np.argwhere(a[..., 2] == 2)[3]
        a[k, j, 0] += by
        return a

    return edit


def turned(of: int, into: int) -> Any:
    """All of one visibility as another."""

    def edit(a: Array) -> Array:
        a[..., 2] = np.where(a[..., 2] == of, into, a[..., 2])
        return a

    return edit


def swapped_sides(extra: dict[str, Array]) -> dict[str, Array]:
    for name in ("keypoints", "keypoints_xyz"):
        extra[name][:, [5, 6]] = extra[name][:, [6, 5]]
    return extra


def all_moved(extra: dict[str, Array]) -> dict[str, Array]:
    """A whole person a hand's breadth aside, in image and space alike."""
    extra["keypoints_xyz"][0, :, 0] += 0.1
    seen = extra["keypoints"][0, :, 2] > 0
    extra["keypoints"][0, seen, 0] += 0.1 * 148 / extra["keypoints_xyz"][0, seen, 2]
    return extra


def first_row(change: Any) -> Any:
    def edit(a: Array) -> Array:
        a[0] = change(a[0])
        return a

    return edit


FORGERIES: dict[str, tuple[Change, str, str]] = {
    "a keypoint aside": (pixels("keypoints", moved(1.0)), "keypoints", "keypoints.npy"),
    "seen ones told hidden": (pixels("keypoints", turned(2, 1)), "keypoints", "keypoints.npy"),
    "hidden ones told seen": (pixels("keypoints", turned(1, 2)), "keypoints", "keypoints.npy"),
    "a strange visibility": (pixels("keypoints", turned(2, 3)), "keypoints", "keypoints.npy"),
    "shoulders swapped": (swapped_sides, "keypoints", "keypoints.npy"),
    "a person shifted": (all_moved, "keypoints", "keypoints.npy"),
    "a person called a vehicle": (pixels("keypoints_kind", first_row(lambda k: 1)), "keypoints", "keypoints.npy"),
    "keypoints of another": (pixels("keypoints_instance", lambda a: a[::-1]), "keypoints", "keypoints.npy"),
    "a point that drifts": (pixels("track_xyz", first_row(lambda p: p + 1e-3)), "point tracks", "track_xyz.npy"),
    "a point on another part": (pixels("track_part", first_row(lambda k: k - 1 if k > 1 else k + 1)), "point tracks", "track_xyz.npy"),
    "a point lost": (pixels("track_ids", lambda a: a + 1), "point tracks", "track_ids.npy"),
    "points aside": (pixels("track_uv", lambda a: a + 0.5), "point tracks", "track_uv.npy"),
    "all points seen": (pixels("track_visible", lambda a: a * 0 + 1), "point tracks", "track_visible.npy"),
    "all points hidden": (pixels("track_visible", lambda a: a * 0), "point tracks", "track_visible.npy"),
}  # fmt: skip


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forged_point_is_found_out(clean: Path, tmp_path: Path, name: str) -> None:
    change, check, member = FORGERIES[name]
    found = forged(clean, tmp_path, change, frame=2 if member == "track_visible.npy" else 1)
    assert not {f.check for f in found} & {"hash", "size", "manifest", "metadata"}
    assert any(f.check == check and f.file.endswith(f".front.{member}") for f in found), [
        str(f) for f in found
    ]
