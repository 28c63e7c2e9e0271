"""A dataset with every label passes; one in which a label is forged, with all hashes in order, is found out."""

# ruff: noqa: E501 (a table of cases reads best with one case a line)

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from pairforge.datasets.reader import Dataset
from pairforge.datasets.report_labels import PANELS, sheet
from pairforge.datasets.verify import verify
from pairforge.sensors.camera_labels.protocol import LABELS
from tests.datasets.labels_dataset import BENT, TABLE, Change, forged, generated, pixels

Array = NDArray[Any]


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return generated(tmp_path_factory.mktemp("labels"), TABLE, "FALL")


def test_every_label_is_stored_and_proved(clean: Path) -> None:
    report = verify(clean)
    assert [str(f) for f in report.findings] == []
    for name, most in {
        "range_error_share": 1e-6,
        "nocs_error_m": 2e-4,
        "scene_flow_error_m": 1e-5,
        "backward_flow_error_px": 2e-3,
        "there_and_back_px": 0.05,
        "occlusion_mask_refuted_share": 0.25,
        "material_error_m": 1e-4,
    }.items():
        assert report.measured[f"{name}_p999"] <= most, (name, report.measured[f"{name}_p999"])
    camera = Dataset(clean).frame(0, 2).cameras["front"]
    every = {a.name for name in LABELS.names() for a in LABELS.load(name).arrays}
    assert set(camera.extra) == every - {"disparity"}  # which is of stereo pairs
    assert (camera.extra["backward_flow_occluded"] == 1).sum() > 60
    assert len(camera.extra["occlusion_order"]) >= 2


def some(where: slice = slice(20, 30)) -> tuple[slice, slice]:
    return where, slice(40, 70)


def shifted(by: float) -> Any:
    def edit(a: Array) -> Array:
        a[some()] = a[some()] + by
        return a

    return edit


def first_hidden_seen(a: Array) -> Array:
    return np.where(a == 1, 0, a)


def swapped_order(a: Array) -> Array:
    return a[:, [1, 0, 2]]


def drop(name: str) -> Change:
    def change(extra: dict[str, Array]) -> dict[str, Array]:
        del extra[name]
        return extra

    return change


def cut_a_mask(a: Array) -> Array:
    """Moves two pixels of the first mask's first run inside to the run outside before it."""
    a[0], a[1] = a[0] + 2, a[1] - 2
    return a


FORGERIES: dict[str, tuple[Change, str, str]] = {
    "a range a millimetre off": (pixels("range", shifted(1e-3)), "range is depth", "range.npy"),
    "another instance": (pixels("panoptic", shifted(1)), "panoptic ids", "panoptic.png"),
    "coordinates shifted by a hundredth": (pixels("nocs", shifted(0.01)), "object coordinates", "nocs.npy"),
    "coordinates mirrored": (pixels("nocs", lambda a: 1 - a), "object coordinates", "nocs.npy"),
    "a motion more": (pixels("scene_flow", shifted(0.002)), "scene flow", "scene_flow.npy"),
    "a flow of a pixel more": (pixels("backward_flow", shifted(1.0)), "backward flow", "backward_flow.npy"),
    "the flow turned round": (pixels("backward_flow", lambda a: -a), "backward flow", "backward_flow.npy"),
    "nothing hidden": (pixels("flow_occluded", first_hidden_seen), "both flows", "flow_occluded.png"),
    "everything hidden": (
        pixels("flow_occluded", lambda a: np.where(a == 0, 1, a)), "both flows", "flow_occluded.png"
    ),
    "nothing was hidden": (
        pixels("backward_flow_occluded", first_hidden_seen), "both flows", "backward_flow_occluded.png"
    ),
    "a strange mark": (pixels("flow_occluded", lambda a: np.where(a == 1, 2, a)), "hidden masks", "flow_occluded.png"),
    "another material": (
        pixels("material", lambda a: np.where(a == np.unique(a)[-1], np.unique(a)[-2], a)), "materials", "material.png"
    ),
    "a material that is not": (pixels("material", lambda a: a + 900), "materials", "material.png"),
    "another colour": (pixels("albedo", shifted(9)), "base colours", "albedo.png"),
    "a mask cut": (pixels("amodal_counts", cut_a_mask), "whole masks", "amodal_counts.npy"),
    "masks of others": (pixels("amodal_ids", lambda a: a[::-1]), "whole masks", "amodal_ids.npy"),
    "runs that do not fill the image": (pixels("amodal_counts", lambda a: a[:-1]), "whole masks", "amodal_counts.npy"),
    "front and behind swapped": (pixels("occlusion_order", swapped_order), "occlusion order", "occlusion_order.npy"),
    "a pixel more hidden": (pixels("occlusion_order", lambda a: a + np.array([0, 0, 1])), "occlusion order", "occlusion_order.npy"),
    "another in front": (
        pixels("occlusion_order", lambda a: np.where([True, False, False], (a + 2) % 5, a)),
        "occlusion order",
        "occlusion_order.npy",
    ),
    "a label lost": (drop("range"), "asked labels", "range.npy"),
}  # fmt: skip


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forged_label_is_found_out(clean: Path, tmp_path: Path, name: str) -> None:
    change, check, member = FORGERIES[name]
    found = forged(
        clean, tmp_path, change, frame=1 if check == "both flows" and "backward" not in member else 2
    )
    assert not {f.check for f in found} & {"hash", "size", "manifest", "metadata"}
    assert any(f.check == check and f.file.endswith(f".front.{member}") for f in found), [
        str(f) for f in found
    ]


def test_another_list_of_materials_is_found_out(clean: Path, tmp_path: Path) -> None:
    extra = dict(Dataset(clean).record(0).extra)
    extra["materials"] = extra["materials"][::-1]
    found = forged(clean, tmp_path, lambda extra: extra, extra=extra)
    assert any(f.check == "materials" and "scenes" in f.file for f in found)


@pytest.mark.slow
def test_all_labels_hold_for_rolling_rows_and_bent_rays(tmp_path: Path) -> None:
    report = verify(generated(tmp_path, BENT, "FALL"))
    assert [str(f) for f in report.findings] == []
    for name, most in {
        "nocs_error_m": 2e-4,
        "backward_flow_error_px": 5e-3,
        "there_and_back_px": 0.2,
    }.items():
        assert report.measured[f"{name}_p999"] <= most, (name, report.measured[f"{name}_p999"])


def test_a_sheet_shows_every_label_that_a_camera_has(clean: Path) -> None:
    clip = [f.cameras["front"] for f in Dataset(clean).frames(0)]
    assert set(LABELS.names()) - {"disparity"} <= set(PANELS)  # which wants a second camera
    page = sheet(clip, across=4, width=112)
    assert page.width == 4 * 120 + 8
    assert page.height == 4 * (63 + 22 + 8) + 8
    for k, panel in enumerate(PANELS):
        x, y = 8 + k % 4 * 120, 8 + k // 4 * 93 + 22
        assert np.asarray(page.crop((x, y, x + 112, y + 63))).std() > 2, panel
