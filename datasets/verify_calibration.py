"""Is the calibration table the concrete scene's, and what it tells the truth times the declared error?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from scipy.spatial.transform import Rotation

from pairforge.datasets.finding import Problem
from pairforge.datasets.verify_scene_view import SceneView
from pairforge.frames import rotation
from pairforge.scenes.concrete import ConcreteSensor

TOLERANCE = 1e-9


def calibration_table(scene: SceneView) -> Iterator[Problem]:
    """One row a sensor; what is told differs from the truth by the error that the concrete scene declares."""
    table = scene.table("calibration")
    rows = {r["sensor"]: r for r in scene.dataset.table("calibration", scene.index).to_pylist()}
    due = {s.name: s for s in scene.concrete.sensors}
    if rows.keys() != due.keys():
        yield Problem(table, f"its sensors are {sorted(rows)}, the concrete scene has {sorted(due)}")
    for name in sorted(rows.keys() & due.keys()):
        for what in _wrong(rows[name], due[name]):
            yield Problem(table, f"{name}: {what}")


def _wrong(row: dict[str, Any], sensor: ConcreteSensor) -> Iterator[str]:
    if (row["kind"], row["mount"]) != (sensor.kind, sensor.mount):
        yield f"is a {row['kind']} on {row['mount']}, not a {sensor.kind} on {sensor.mount}"
    if not _same(row["position_m"], sensor.position_m) or not _same(
        rotation(row["quaternion_wxyz"]).as_matrix(), rotation(sensor.quaternion_wxyz).as_matrix()
    ):
        yield "its extrinsics are not the concrete scene's"
    error = sensor.settings.get("calibration_error", {})
    turn = Rotation.from_rotvec(np.radians(error.get("rotation_deg", (0.0, 0.0, 0.0))))
    own = rotation(sensor.quaternion_wxyz)
    shifted = np.asarray(sensor.position_m) + own.apply(error.get("translation_m", (0.0, 0.0, 0.0)))
    if not _same(row["told_position_m"], shifted):
        yield "the told position is not the true one and its declared error"
    if not _same(rotation(row["told_quaternion_wxyz"]).as_matrix(), (own * turn).as_matrix()):
        yield "the told rotation is not the true one and its declared error"
    if row["told_time_ns"] != round(error.get("time_s", 0.0) * 1e9):
        yield "the told clock is not off by its declared error"
    if sensor.kind == "camera":
        yield from _wrong_lens(row, sensor, error)


def _wrong_lens(row: dict[str, Any], sensor: ConcreteSensor, error: dict[str, Any]) -> Iterator[str]:
    names = ("fx", "fy", "cx", "cy")
    truth, said = ([(row[k] or {}).get(n, np.nan) for n in names] for k in ("intrinsics", "told_intrinsics"))
    stated = [sensor.settings[n] for n in names]
    if not _same(truth, stated):
        yield "its intrinsics are not the concrete scene's"
    share, (du, dv) = 1.0 + error.get("focal_share", 0.0), error.get("principal_px", (0.0, 0.0))
    fx, fy, cx, cy = stated
    if not _same(said, [fx * share, fy * share, cx + du, cy + dv]):
        yield "the told intrinsics are not the true ones and their declared error"


def _same(a: Any, b: Any) -> bool:
    return bool(np.abs(np.asarray(a, dtype=np.float64) - np.asarray(b, dtype=np.float64)).max() <= TOLERANCE)


SCENE_CHECKS = (calibration_table,)
