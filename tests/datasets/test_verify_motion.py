"""Forged inertial units, receivers, encoders and buses: what tracks and a clip as a whole must give away."""

# ruff: noqa: RUF005 (a table of cases reads best with one case a line; + adds to arrays)

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pairforge.datasets import verify_clip, verify_gnss, verify_inertial, verify_vehicle
from pairforge.datasets.manifest import Identity, create_or_check, finish, slug_of
from pairforge.datasets.reader import Dataset
from pairforge.datasets.store import write_scene
from pairforge.datasets.verify import verify
from pairforge.datasets.verify_scene_view import SceneView
from pairforge.pipeline import keyframes, prepare
from pairforge.registry import RENDERERS
from pairforge.sample import Keyframe, SceneRecord
from pairforge.scenes.scripts import After, Brake, When
from pairforge.scenes.spec import Prop
from pairforge.sensors.can_bus import CanBus
from pairforge.sensors.gnss import Gnss
from pairforge.sensors.imu import Imu
from pairforge.sensors.wheel_odometry import WheelOdometry
from tests.plain_road import car, road

SLUG, FRAME = slug_of("road", 0), 2
BRAKING = [When(After(1.0), Brake(mps2=6.0), called="brakes")]
SCENE = replace(
    road(car("ego", 0, 40.0, kind="drive", speed_mps=11.0, script=BRAKING), seconds=2.0).plus(
        Prop(name="ball", shape="sphere", size_m=0.3),
        Imu(name="imu", mount="ego", position_m=(1.0, 0.2, 0.5), yaw_deg=15.0),
        Imu(name="ball_imu", mount="ball", rate_hz=200.0),
        Imu(name="fixed_imu"),
        Gnss(name="gnss", mount="ego", position_m=(0.5, 0.0, 1.6)),
        WheelOdometry(name="odo", mount="ego"),
        CanBus(name="can", mount="ego"),
    ),
    captions=(),
    warm_up_s=0.5,
)
Story = tuple[SceneRecord, list[Keyframe]]
Change = Callable[[Any], Any]


@pytest.fixture(scope="module")
def story() -> Story:
    ready = prepare(SCENE, 3, 0)
    renderer = RENDERERS.load("raycast")()
    try:
        return ready.record, list(keyframes(ready, renderer, "draft"))
    finally:
        renderer.close()


def written(root: Path, story: Story) -> Path:
    identity = Identity(
        scene="road", spec_source="road", spec_sha256="0" * 64, seed=3, quality="draft", renderer="raycast"
    )
    create_or_check(root, identity, 1)
    write_scene(root, SLUG, *story)
    finish(root)
    return root


def forged(story: Story, sensor: str, array: str, change: Change) -> Story:
    """``array`` of ``sensor`` at keyframe 2 as ``change`` makes it of a copy."""
    record, frames = story[0], list(story[1])
    reading = frames[FRAME].readings[sensor]
    arrays = {**reading.arrays, array: change(reading.arrays[array].copy())}
    readings = {**frames[FRAME].readings, sensor: replace(reading, arrays=arrays)}
    frames[FRAME] = replace(frames[FRAME], readings=readings)
    return record, frames


def put(index: Any, value: Any) -> Change:
    def change(a: Any) -> Any:
        a[index] = value
        return a

    return change


FORGERIES: tuple[tuple[str, str, Change, str], ...] = (
    ("imu", "times_ns", lambda a: a + 10_000_000, "sample clock"),
    ("imu", "true_specific_force_mps2", lambda a: a + [0.02, 0.0, 0.0], "imu truth"),
    ("imu", "true_turn_rate_radps", lambda a: a + [0.0, 0.0, 0.002], "imu truth"),
    ("imu", "position_m", lambda a: a + [0.0, 0.004, 0.0], "imu truth"),
    ("imu", "velocity_mps", lambda a: a + [0.003, 0.0, 0.0], "imu truth"),
    ("imu", "quaternion_wxyz", lambda a: -a[:, [0, 1, 3, 2]], "imu truth"),
    ("imu", "specific_force_mps2", put((7, 1), 5.0), "imu noise"),
    ("imu", "specific_force_mps2", lambda a: a + [0.15, 0.0, 0.0], "imu noise"),
    ("imu", "turn_rate_radps", lambda a: 2.0 * a, "imu noise"),
    ("imu", "gyro_bias_radps", lambda a: a + [0.01, 0.0, 0.0], "imu noise"),
    ("ball_imu", "true_specific_force_mps2", lambda a: -a, "imu truth"),
    ("fixed_imu", "true_specific_force_mps2", lambda a: 0.0 * a, "imu at rest"),
    ("gnss", "geodetic", lambda a: a + [1e-7, 0.0, 0.0], "gnss coordinates"),
    ("gnss", "ecef_m", lambda a: a + [0.0, 0.01, 0.0], "gnss coordinates"),
    ("gnss", "true_enu_m", lambda a: a + [0.0, 0.0, 0.01], "gnss coordinates"),
    ("gnss", "enu_m", lambda a: a + [0.01, 0.0, 0.0], "gnss solution"),
    ("gnss", "velocity_enu_mps", lambda a: a + [3.0, 0.0, 0.0], "gnss solution"),
    ("gnss", "covariance_m2", lambda a: 0.5 * a, "gnss solution"),
    ("gnss", "satellites", lambda a: a + np.uint8(1), "gnss sky"),
    ("gnss", "fix", lambda a: 0 * a, "gnss sky"),
    ("gnss", "used", lambda a: 1 + 0 * a, "gnss sky"),
    ("gnss", "signal", lambda a: np.where(a == 2, 1, a).astype(np.uint8), "gnss sight"),
    ("gnss", "extra_path_m", lambda a: a + 3.0, "gnss sky"),
    ("gnss", "range_error_m", lambda a: 30.0 * a, "gnss sky"),
    ("odo", "ticks", lambda a: a + 8, "encoders"),
    ("odo", "true_wheel_speed_radps", lambda a: 1.1 * a, "encoders"),
    ("odo", "ground_speed_mps", lambda a: 1.1 * a, "encoders"),
    ("odo", "slip", lambda a: a + 0.01, "encoders"),
    ("odo", "path", lambda a: a + [0.0, 0.01, 0.0], "odometry"),
    ("odo", "steering_rad", lambda a: a + 0.01, "odometry"),
    ("can", "value", put(5, 250.0), "bus truth"),
    ("can", "true_value", put(5, 250.0), "bus truth"),
    ("can", "frame_data", lambda a: a ^ np.uint8(1), "bus frames"),
    ("can", "frame_times_ns", lambda a: a + 1, "bus frames"),
)  # fmt: skip


WHOLE = (("imu", "specific_force_mps2"), ("gnss", "enu_m"), ("odo", "ticks"), ("can", "value"))
"""Forgeries that are stored anew and go through the whole of ``verify``; the others through these checks alone."""
CHECKS = (*verify_clip.CHECKS, *verify_inertial.CHECKS, *verify_gnss.CHECKS, *verify_vehicle.CHECKS)


@pytest.fixture(scope="module")
def honest(story: Story, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("honest") / "out", story)


def problems(honest: Path, story: Story, *sensors: str) -> set[tuple[str, int | None]]:
    """(check, frame) of all that is wrong with the readings of these sensors, by the checks of clips."""
    scene = SceneView(Dataset(honest), 0, story[0])
    for frame in story[1]:
        scene.remember(replace(frame, readings={name: frame.readings[name] for name in sensors}))
    return {(c.__name__.replace("_", " "), p.frame) for c in CHECKS for p in c(scene)}


def test_an_honest_drive_holds_and_says_how_well(honest: Path) -> None:
    report = verify(honest)
    assert [str(f) for f in report.findings] == []
    m = report.measured
    assert m["imu_truth_integrated_m_p999"] < 1e-3
    assert m["imu_integrated_over_sigma_p999"] < 4.0
    assert m["imu_rest_off_g_mps2_median"] < 1e-9  # what is bolted; a ball that lies still trembles a little
    assert m["gnss_coordinates_apart_m_p999"] < 1e-6
    assert m["encoder_off_ticks_p999"] < 1.1
    assert m["can_speed_kmh_off_track_p999"] < 0.1
    assert 0.0 < m["odometry_drift_over_bound_p999"] < 1.0


@pytest.mark.parametrize(
    ("sensor", "array", "change", "check"), FORGERIES, ids=lambda x: x if isinstance(x, str) else ""
)
def test_a_forged_array_is_named(
    honest: Path, story: Story, tmp_path: Path, sensor: str, array: str, change: Change, check: str
) -> None:
    spoilt = forged(story, sensor, array, change)
    found = problems(honest, spoilt, sensor)
    assert {(check, FRAME), (check, FRAME + 1)} & found, found
    if (sensor, array) in WHOLE:
        blamed = verify(written(tmp_path / "out", spoilt)).findings
        assert {(f.check, f.frame) for f in blamed} == found


def test_a_scene_that_says_it_lies_elsewhere_is_caught(honest: Path, story: Story) -> None:
    record, frames = story
    place = {**record.concrete["place"], "latitude_deg": 48.2}
    moved = replace(record, concrete={**record.concrete, "place": place})
    assert {check for check, _ in problems(honest, (moved, frames), "gnss", "imu")} == {"gnss coordinates"}


def test_an_imu_whose_datasheet_promises_less_noise_is_caught(honest: Path, story: Story) -> None:
    record, frames = story
    sensors = [
        {**s, "settings": {**s["settings"], "gyro_noise_deg_s_sqrt_hz": 0.007}} if s["name"] == "imu" else s
        for s in record.concrete["sensors"]
    ]
    promised = replace(record, concrete={**record.concrete, "sensors": sensors})
    assert "imu noise" in {check for check, _ in problems(honest, (promised, frames), "imu")}
