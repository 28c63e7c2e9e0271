"""Radars and ultrasonic sensors go the whole way; forged readings of theirs are named though every hash agrees."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pairforge.datasets import verify_radar, verify_ultrasonic
from pairforge.datasets.manifest import finish
from pairforge.datasets.measurements import Measurements
from pairforge.datasets.reader import Dataset
from pairforge.datasets.report_bird import bird
from pairforge.datasets.store import write_scene
from pairforge.datasets.verify import verify
from pairforge.datasets.verify_scene_view import SceneView
from pairforge.datasets.verify_view import FrameView
from pairforge.generate import Request, generate
from pairforge.sample import Keyframe
from tests.farm.here import Here

SPEC = """
from pairforge.scenes.placement import At
from pairforge.scenes.settings import Empty
from pairforge.scenes.spec import Camera, Prop, Scene
from pairforge.sensors.radar import Radar
from pairforge.sensors.ultrasonic import Ultrasonic

YARD = Scene(
    name="yard",
    props=[
        Prop(name="ball", shape="sphere", size_m=0.5, place=At((3.0, 0.0, 2.0))),
        Prop(name="crate", shape="crate", size_m=1.0, place=At((6.0, 1.5, 0.0)), moves=False),
        Prop(name="screen", shape="box", size_m=4.0, place=At((9.0, -4.0, 0.0)), moves=False),
    ],
    sensors=[
        Camera(name="front", look_at="ball", width_px=48, height_px=27),
        Radar(name="mast", position_m=(0.0, 0.0, 1.0), max_range_m=40.0, chirps=32, azimuth_channels=12,
              bandwidth_mhz=600.0, false_alarm=1e-4, rate_hz=8.0, sweeps=True, raw=True),
        Ultrasonic(name="park", position_m=(4.6, 1.5, 0.5), rays=300),
    ],
    duration_s=1.0,
    captions=[],
)
"""
FRAME = 1
Change = Callable[[dict[str, Any]], object]


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("yard")
    (folder / "yard.py").write_text(SPEC)
    request = Request(f"{folder / 'yard.py'}:YARD", folder / "out", renderer="raycast", quality="draft")
    assert not generate(request, Here()).failed
    return folder / "out"


def readings(root: Path) -> dict[str, Any]:
    return dict(Dataset(root).frame(0, FRAME).readings)


def test_a_dataset_with_both_is_proved_and_says_what_it_measured(clean: Path) -> None:
    report = verify(clean)
    assert [str(f) for f in report.findings] == []
    assert report.measured["radar_doppler_to_tracks_mps_p999"] < 1e-4
    assert report.measured["radar_range_error_m_median"] < 0.25
    assert report.measured["ultrasonic_range_error_m_median"] < 0.05
    found = readings(clean)["mast"].arrays
    assert {0, 3} <= set(found["kind"].tolist())
    assert len(Dataset(clean).frame(0, FRAME).sweeps["mast"]) == 3
    assert set(readings(clean)["park"].arrays["kind"].tolist()) == {1}


def test_the_view_from_above_shows_what_the_radar_detects(clean: Path) -> None:
    dataset = Dataset(clean)
    frame, record = dataset.frame(0, FRAME), dataset.record(0)
    camera = frame.cameras["front"]
    with_radar, without = (
        np.asarray(bird(f, record, camera, 480, 270)).astype(int)
        for f in (frame, replace(frame, readings={"park": frame.readings["park"]}))
    )
    changed = np.abs(with_radar - without).max(axis=2) > 60
    assert changed.sum() > 20
    at = np.argwhere(changed)
    assert with_radar[at[:, 0], at[:, 1]].mean() > without[at[:, 0], at[:, 1]].mean()


def first(a: dict[str, Any], kind: int = 0) -> int:
    return int(np.flatnonzero(a["kind"] == kind)[0])


def shift(name: str, by: float, kind: int = 0) -> Change:
    def change(a: dict[str, Any]) -> None:
        a[name][first(a, kind)] += by

    return change


def put(name: str, value: Any, kind: int = 0) -> Change:
    def change(a: dict[str, Any]) -> None:
        a[name][first(a, kind)] = value

    return change


def farther(a: dict[str, Any]) -> None:
    """A detection moved out by 9 m, all that says so in step."""
    k = first(a)
    a["position_m"][k] *= (a["range_m"][k] + 9.0) / a["range_m"][k]
    a["range_m"][k] += 9.0


def aside(a: dict[str, Any]) -> None:
    k = first(a)
    a["azimuth_rad"][k] += 0.6 if a["azimuth_rad"][k] < 0 else -0.6
    towards = np.array([np.cos(a["azimuth_rad"][k]), np.sin(a["azimuth_rad"][k])])
    a["position_m"][k, :2] = a["range_m"][k] * towards
    a["velocity_mps"][k] = a["doppler_mps"][k] * towards


def faster(a: dict[str, Any]) -> None:
    k = first(a)
    towards = np.array([np.cos(a["azimuth_rad"][k]), np.sin(a["azimuth_rad"][k])])
    a["doppler_mps"][k] += 12.0
    for name in ("velocity_mps", "velocity_compensated_mps"):
        a[name][k] += 12.0 * towards


FORGERIES: dict[str, tuple[str, Change, str, str]] = {
    "a detection beyond reach": ("mast", put("range_m", 45.0), "radar limits", "range_m"),
    "a detection outside the field of view": ("mast", put("azimuth_rad", 1.2), "radar limits", "azimuth_rad"),
    "a position elsewhere": ("mast", shift("position_m", 0.5), "radar limits", "position_m"),
    "a velocity that is not the range rate": ("mast", shift("velocity_mps", 1.0), "radar limits", "velocity_mps"),
    "a fold too many": ("mast", shift("fold", 1), "radar limits", "fold"),
    "a detection of another time": ("mast", shift("times_ns", 1), "radar limits", "times_ns"),
    "the radar's motion made up": (
        "mast", shift("velocity_compensated_mps", 1.0), "radar motion", "velocity_compensated_mps"
    ),
    "a range rate that no track gives": ("mast", shift("true_doppler_mps", 0.1), "radar motion", "true_doppler_mps"),
    "a thing nine metres farther": ("mast", farther, "radar on things", "range_m"),
    "a range cells away from the truth": ("mast", farther, "radar cells", "range_m"),
    "a thing aside": ("mast", aside, "radar cells", "azimuth_rad"),
    "a thing that goes faster": ("mast", faster, "radar cells", "doppler_mps"),
    "a scatterer outside its thing": ("mast", shift("true_position_m", 3.0), "radar on things", "true_position_m"),
    "a path longer than its legs": ("mast", shift("true_range_m", 0.1), "radar paths", "true_range_m"),
    "a thing called a ghost": ("mast", put("kind", 1), "radar paths", "kind"),
    "a mirror on a straight way": ("mast", put("via_part", 1), "radar paths", "via_part"),
    "a thing called clutter": ("mast", put("kind", 2), "radar kinds", "kind"),
    "a thing called noise": ("mast", put("kind", 3), "radar kinds", "kind"),
    "noise called a thing": ("mast", put("kind", 0, kind=3), "radar kinds", "kind"),
    "a part that does not exist": ("mast", put("part", 999), "radar kinds", "part"),
    "another instance": ("mast", shift("instance", 1), "radar kinds", "instance"),
    "another class": ("mast", shift("semantic", 1), "radar kinds", "semantic"),
    "a raw map of other cells": (
        "mast", lambda a: a.update(range_doppler=a["range_doppler"][:, :-1]), "radar cells", "range_doppler"
    ),
    "a ping at another time": ("park", shift("times_ns", -1, 1), "ultrasonic pings", "times_ns"),
    "a range without an echo": ("park", put("kind", 0, 1), "ultrasonic pings", "range_m"),
    "an echo beyond reach": ("park", put("range_m", 7.0, 1), "ultrasonic pings", "range_m"),
    "an echo a hand farther": ("park", shift("range_m", 0.12, 1), "ultrasonic pings", "range_m"),
    "cross talk that there is not": ("park", put("kind", 2, 1), "ultrasonic pings", "kind"),
    "an echo of nothing": ("park", put("part", 0, 1), "ultrasonic things", "part"),
    "an echo of another thing": ("park", shift("instance", 1, 1), "ultrasonic things", "instance"),
    "an echo from outside its thing": (
        "park", shift("true_position_m", -0.4, 1), "ultrasonic things", "true_position_m"
    ),
    "an echo from farther than its range": (
        "park", shift("true_range_m", -0.05, 1), "ultrasonic things", "true_range_m"
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FORGERIES)
def test_forged_readings_are_named(clean: Path, name: str) -> None:
    sensor, change, check, array = FORGERIES[name]
    dataset = Dataset(clean)
    scene, frame = SceneView(dataset, 0, dataset.record(0)), dataset.frame(0, FRAME)
    view = FrameView(scene, forged(frame, sensor, change), Measurements())
    checks = {c.__name__.replace("_", " "): c for c in (*verify_radar.CHECKS, *verify_ultrasonic.CHECKS)}
    found = [p.file for p in checks[check](view)]
    assert any(f"{sensor}.{array}" in file for file in found), found


@pytest.mark.parametrize("name", ["a thing aside", "an echo a hand farther"])
def test_forged_datasets_are_named_though_every_hash_agrees(clean: Path, tmp_path: Path, name: str) -> None:
    sensor, change, check, array = FORGERIES[name]
    root = Path(shutil.copytree(clean, tmp_path / "out"))
    dataset = Dataset(root)
    record, frames = dataset.record(0), [dataset.frame(0, k) for k in range(2)]
    write_scene(root, dataset.scene(0).slug, record, [frames[0], forged(frames[FRAME], sensor, change)])
    finish(root)
    found = verify(root).findings
    assert {(f.check, f.frame) for f in found} == {(check, FRAME)}
    assert all(f"{sensor}.{array}" in f.file for f in found)


def forged(frame: Keyframe, sensor: str, change: Change) -> Keyframe:
    arrays = {n: a.copy() for n, a in frame.readings[sensor].arrays.items()}
    change(arrays)
    reading = replace(frame.readings[sensor], arrays=arrays)
    return replace(frame, readings={**frame.readings, sensor: reading})
