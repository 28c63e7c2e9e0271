"""A robot's dataset holds; forged events, depths, joints, forces and touches are each named by the right check."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pairforge.datasets.manifest import Identity, create_or_check, finish, slug_of
from pairforge.datasets.reader import Dataset
from pairforge.datasets.store import write_scene
from pairforge.datasets.verify import verify
from pairforge.generate import Request, generate
from tests.farm.here import Here

pytestmark = pytest.mark.slow

SPEC = """
from dataclasses import replace
from pairforge.scenes.library.robot import PICK
from pairforge.scenes.spec import Camera
from pairforge.sensors.contact import ContactSensor
from pairforge.sensors.event_camera import EventCamera
EYE = dict(look_at=(0.52, 0.6, 0.9), distance_m=1.3, azimuth_deg=205.0, elevation_deg=22.0, fov_deg=40.0,
           width_px=120, height_px=90)
SMALL = replace(
    PICK,
    name="robot.small",
    sensors=[
        *(replace(s, width_px=96, height_px=54) if isinstance(s, Camera) else s for s in PICK.sensors),
        EventCamera(name="events", **EYE),
        Camera(name="beside", **EYE),
        ContactSensor(name="weight", mount="tin"),
    ],
    require=[],
    captions=[],
    duration_s=2.5,
)
"""
LAST = 4
Arrays = dict[str, Any]


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("robot")
    (home / "small.py").write_text(SPEC)
    request = Request(f"{home / 'small.py'}:SMALL", home / "out", renderer="raycast", quality="draft")
    assert not generate(request, Here()).failed
    return home / "out"


def test_the_dataset_holds_and_its_proofs_are_measured(clean: Path) -> None:
    report = verify(clean)
    assert [str(f) for f in report.findings] == []
    m = report.measured
    assert m["event_picture_error_p999"] < 1e-5
    assert m["event_residual_thresholds_median"] < 1.0
    assert m["depth_spread_over_model_median"] == pytest.approx(1.0, abs=0.05)
    assert m["joint_position_error_p999"] < 1e-4
    assert m["wrist_force_n_error_over_weight_median"] < 0.02
    assert m["weight_error_share_median"] < 0.01


@dataclass(frozen=True)
class Forgery:
    """``change`` spoils the arrays of one sensor at the last keyframe; ``check`` must blame ``array``."""

    name: str
    sensor: str
    change: Callable[[Arrays], Arrays]
    check: str
    array: str


def scaled(name: str, factor: float) -> Callable[[Arrays], Arrays]:
    return lambda a: {**a, name: (a[name] * factor).astype(a[name].dtype)}


def added(name: str, much: Any, where: Any = np.s_[:]) -> Callable[[Arrays], Arrays]:
    def change(a: Arrays) -> Arrays:
        new = a[name].copy()
        new[where] = (new[where] + np.asarray(much)).astype(new.dtype)
        return {**a, name: new}

    return change


def put(name: str, value: Any, where: Any) -> Callable[[Arrays], Arrays]:
    def change(a: Arrays) -> Arrays:
        new = a[name].copy()
        new[where] = value
        return {**a, name: new}

    return change


def without_noise(a: Arrays) -> Arrays:
    keep = a["kind"] != 2
    return {n: v[keep] if v.shape[:1] == keep.shape else v for n, v in a.items()}


def measured(a: Arrays, factor: float) -> Arrays:
    """Depths whose errors are so many times as great."""
    own = a["status"] == 0
    true, depth = (a[n].astype(np.float64) for n in ("true_depth_m", "depth_m"))
    error = 1 / depth[own] - 1 / true[own]
    new = a["depth_m"].copy()
    new[own] = 1 / (1 / true[own] + factor * error)
    return {**a, "depth_m": new}


def filled(a: Arrays) -> Arrays:
    """The shadow is given the true depth."""
    hidden = (a["status"] == 5) & np.isfinite(a["true_depth_m"]) & (a["true_depth_m"] > 0.11)
    return {
        **a,
        "depth_m": np.where(hidden, a["true_depth_m"], a["depth_m"]),
        "status": np.where(hidden, 0, a["status"]).astype(np.uint8),
    }


FORGERIES = (
    Forgery("polarities turned round", "events", scaled("polarity", -1), "brightness change", "polarity"),
    Forgery("a brighter last picture", "events", added("log_last", 0.5), "brightness change", "polarity"),
    Forgery("another last picture", "events", added("log_last", 0.02), "same picture", "log_last"),
    Forgery("events before their window", "events", added("times_ns", -40_000_000), "event clock", "times_ns"),
    Forgery("events beside the image", "events", put("x", 500, 0), "event clock", "x"),
    Forgery("an instance that is not", "events", put("instance", 99, 0), "event ids", "instance"),
    Forgery("shot noise left out", "events", without_noise, "noise rate", "kind"),
    Forgery("a pixel that never rests", "events", lambda a: {**a, "x": a["x"] * 0, "y": a["y"] * 0}, "refractory",
            "times_ns"),
    Forgery("depths too good", "depth", lambda a: measured(a, 0.5), "depth noise", "depth_m"),
    Forgery("depths too bad", "depth", lambda a: measured(a, 1.5), "depth noise", "depth_m"),
    Forgery("a patch off by 2 cm", "depth", added("depth_m", 0.02, np.s_[20:40, 200:260]), "depth noise", "depth_m"),
    Forgery("the shadow filled in", "depth", filled, "depth shadow", "status"),
    Forgery("a gap with a depth", "depth", put("status", 6, np.s_[30, 200]), "depth status", "status"),
    Forgery("the true depth farther", "depth", scaled("true_depth_m", 1.3), "depth truth", "true_depth_m"),
    Forgery("another colour pose", "depth", added("colour_from_depth", 0.01, np.s_[0, 3]), "depth in colour",
            "colour_from_depth"),
    Forgery("depth shifted in the colour image", "depth",
            lambda a: {**a, "depth_in_colour": np.roll(a["depth_in_colour"], 30, 0)}, "depth in colour",
            "depth_in_colour"),
    Forgery("a joint off a degree", "joints", added("position", 0.0175, np.s_[5:9, 1]), "joint states", "position"),
    Forgery("a joint's rate doubled", "joints", lambda a: {**a, "velocity": a["velocity"] * 2 + 0.1},
            "joint states", "velocity"),
    Forgery("a true force that is not", "wrist_force", added("true_force_n", (0.0, 9.0, 0.0)), "force torque",
            "force_n"),
    Forgery("a force beyond its range", "wrist_force", put("force_n", 900.0, np.s_[3, 0]), "force torque", "force_n"),
    Forgery("a sum that does not add up", "touch_left", added("force_n", 1.0), "touches", "force_n"),
    Forgery("a stranger's touch", "touch_left", put("other_instance", 99, 0), "touches", "other_instance"),
    Forgery("a touch by what is far", "touch_left", put("other_instance", 5, np.s_[:]), "touches", "touch_sample"),
    Forgery("a touch in the air", "touch_left", added("point_m", (0.0, 0.3, 0.0)), "touches", "point_m"),
    Forgery("a squeeze above the peak", "touch_left", scaled("normal_force_n", 30.0), "touches", "normal_force_n"),
    Forgery("a weight too light", "weight", lambda a: {**a, "force_n": a["force_n"] * 0.9,
            "touch_force_n": a["touch_force_n"] * 0.9}, "weight at rest", "force_n"),
)  # fmt: skip


def rounds() -> list[list[Forgery]]:
    """One forgery of each sensor at a time: sensors do not meet in any check, so each must be named all the same."""
    by_sensor: dict[str, list[Forgery]] = {}
    for forgery in FORGERIES:
        by_sensor.setdefault(forgery.sensor, []).append(forgery)
    most = max(len(f) for f in by_sensor.values())
    return [[f[k] for f in by_sensor.values() if k < len(f)] for k in range(most)]


def forged(clean: Path, root: Path, forgeries: list[Forgery], frame: int = LAST) -> Path:
    """The dataset stored anew with some sensors' arrays changed: hashes, sizes and offsets agree."""
    dataset = Dataset(clean)
    frames = [dataset.frame(0, k) for k in range(dataset.scene(0).frames)]
    for forgery in forgeries:
        old = frames[frame].readings[forgery.sensor]
        new = replace(old, arrays=forgery.change(dict(old.arrays)))
        frames[frame] = replace(frames[frame], readings={**frames[frame].readings, forgery.sensor: new})
    identity: Identity = dataset.manifest.identity
    create_or_check(root, identity, 1)
    write_scene(root, slug_of(identity.scene, 0), dataset.record(0), frames)
    finish(root)
    return root


@pytest.mark.parametrize("forgeries", rounds(), ids=lambda r: "; ".join(f.name for f in r))
def test_forgeries_are_named(clean: Path, tmp_path: Path, forgeries: list[Forgery]) -> None:
    found = verify(forged(clean, tmp_path / "forged", forgeries)).findings
    for forgery in forgeries:
        blamed = f".{forgery.sensor}.{forgery.array}"
        assert any(f.check == forgery.check and blamed in f.file and f.frame == LAST for f in found), (
            forgery.name,
            [str(f) for f in found],
        )


def test_a_force_that_no_mass_explains_is_named_while_nothing_touches(clean: Path, tmp_path: Path) -> None:
    def heavier(a: Arrays) -> Arrays:
        return {**a, **{n: a[n] * 1.2 for n in ("force_n", "true_force_n", "torque_nm", "true_torque_nm")}}

    forgery = Forgery("heavier", "wrist_force", heavier, "force torque", "")
    root = forged(clean, tmp_path / "forged", [forgery], 1)
    assert {(f.check, f.frame) for f in verify(root).findings} == {("force torque", 1)}
