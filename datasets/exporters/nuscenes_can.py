"""nuScenes' CAN bus files of a scene: what its ``NuScenesCanBus`` reads, as far as the scene has it.

``pose`` and ``route`` follow from the ego's track alone. ``ms_imu`` needs an IMU, ``steeranglefeedback`` and
``vehicle_monitor`` a bus. Accelerations are specific force: a car at rest has 9.81 m/s^2 upwards.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from pairforge.frames import F64, I64, Track, rotation
from pairforge.sample import Keyframe, Reading
from pairforge.sensors.can_messages import INDEX

POSE_NS = 20_000_000
ROUTE_M = 0.5
GRAVITY_MPS2 = 9.81
MONITOR_NS = 500_000_000
_THROTTLE_MOST, _BRAKE_MOST = 1000, 126

Stamp = Callable[[int], int]
Row = dict[str, Any]
WANTED = {
    "steering_deg": "steering_wheel_angle_deg",
    "steering_speed": "steering_wheel_rate_deg_s",
    "vehicle_speed": "speed_kmh",
    "yaw_rate": "yaw_rate_deg_s",
    "throttle": "throttle_percent",
    "brake": "brake_percent",
    "brake_light": "brake_light",
    "gear": "gear",
}


class CanBus:
    """Gathers a scene's readings; ``files`` gives message name -> rows."""

    def __init__(self, track: Track, offset_m: F64, stamp: Stamp) -> None:
        self._track, self._offset, self._stamp = track, offset_m, stamp
        self._imu: list[Row] = []
        self._signals: dict[str, tuple[list[I64], list[F64]]] = {n: ([], []) for n in WANTED}

    def add(self, frame: Keyframe) -> None:
        """The samples since the keyframe before; of several units of a kind, those of the first by name."""
        kinds: dict[str, Reading] = {}
        for _, reading in sorted(frame.readings.items()):
            kinds.setdefault(reading.kind, reading)
        if (imu := kinds.get("imu")) is not None:
            self._imu += self._of_imu(imu.arrays)
        if (bus := kinds.get("can_bus")) is not None:
            for name, signal in WANTED.items():
                own = bus.arrays["signal"] == INDEX[signal]
                self._signals[name][0].append(bus.arrays["times_ns"][own])
                self._signals[name][1].append(bus.arrays["value"][own])

    def files(self, first_ns: int, last_ns: int) -> dict[str, Any]:
        poses = self._poses(first_ns, last_ns)
        found: dict[str, Any] = {"pose": poses, "route": self._route(poses)}
        if self._imu:
            found["ms_imu"] = self._imu
        times, values = self._signal("steering_deg")
        if len(times):
            found["steeranglefeedback"] = [
                {"utime": self._stamp(int(t)), "value": float(np.radians(v))}
                for t, v in zip(times, values, strict=True)
            ]
            found["vehicle_monitor"] = self._monitor(int(times[0]), int(times[-1]))
        found["meta"] = {name: _meta(rows) for name, rows in found.items() if name != "route"}
        return found

    def _of_imu(self, arrays: Mapping[str, Any]) -> Iterable[Row]:
        for k, time_ns in enumerate(arrays["times_ns"]):
            yield {
                "linear_accel": arrays["specific_force_mps2"][k].tolist(),
                "q": arrays["quaternion_wxyz"][k].tolist(),
                "rotation_rate": arrays["turn_rate_radps"][k].tolist(),
                "utime": self._stamp(int(time_ns)),
            }

    def _poses(self, first_ns: int, last_ns: int) -> list[Row]:
        """The ego's pose, and how it changes over 20 ms to either side."""
        low, high = (int(t) for t in self._track.times_ns[[0, -1]])
        times = np.arange(max(first_ns, low + POSE_NS), min(last_ns, high - POSE_NS) + 1, POSE_NS)
        seconds = 2e-9 * POSE_NS
        here, quaternions = self._track.sample(times)
        before, turned_before = self._track.sample(times - POSE_NS)
        after, turned_after = self._track.sample(times + POSE_NS)
        turned = rotation(quaternions)
        velocity = turned.inv().apply((after - before) / seconds)
        force = (after - 2 * here + before) / (seconds / 2) ** 2 + [0.0, 0.0, GRAVITY_MPS2]
        force = turned.inv().apply(force)
        rate = (rotation(turned_before).inv() * rotation(turned_after)).as_rotvec() / seconds
        return [
            {
                "accel": force[k].tolist(),
                "orientation": quaternions[k].tolist(),
                "pos": (here[k] + self._offset).tolist(),
                "rotation_rate": rate[k].tolist(),
                "utime": self._stamp(int(times[k])),
                "vel": velocity[k].tolist(),
            }
            for k in range(len(times))
        ]

    def _route(self, poses: list[Row]) -> list[list[float]]:
        """The way it took, a point every half metre."""
        points = np.array([row["pos"][:2] for row in poses]).reshape(-1, 2)
        kept: list[list[float]] = []
        for point in points:
            if not kept or float(np.hypot(*(point - kept[-1]))) >= ROUTE_M:
                kept.append(point.tolist())
        return kept

    def _signal(self, name: str) -> tuple[I64, F64]:
        times, values = self._signals[name]
        return np.concatenate([np.zeros(0, np.int64), *times]), np.concatenate([np.zeros(0), *values])

    def _monitor(self, first_ns: int, last_ns: int) -> list[Row]:
        """Twice a second, what the bus said last."""
        rows = []
        for time_ns in range(last_ns, first_ns - 1, -MONITOR_NS)[::-1]:
            said = {name: self._last(name, time_ns) for name in WANTED}
            rows.append(
                {
                    "brake": round(said["brake"] / 100 * _BRAKE_MOST),
                    "brake_switch": 2 if said["brake_light"] else 1,
                    "gear_position": round(said["gear"]),
                    "steering": said["steering_deg"],
                    "steering_speed": said["steering_speed"],
                    "throttle": round(said["throttle"] / 100 * _THROTTLE_MOST),
                    "utime": self._stamp(time_ns),
                    "vehicle_speed": said["vehicle_speed"],
                    "yaw_rate": said["yaw_rate"],
                }
            )
        return rows

    def _last(self, name: str, time_ns: int) -> float:
        times, values = self._signal(name)
        at = int(np.searchsorted(times, time_ns, side="right")) - 1
        return float(values[max(at, 0)]) if len(values) else 0.0


def _meta(rows: list[Row]) -> Row:
    """As nuScenes': per field, how many there are and what they span."""
    found: Row = {}
    for key in rows[0] if rows else ():
        values = np.array([row[key] for row in rows], dtype=np.float64)
        found[key] = {
            "count": len(values),
            "min": values.min(axis=0).tolist(),
            "max": values.max(axis=0).tolist(),
            "mean": values.mean(axis=0).tolist(),
        }
    return found
