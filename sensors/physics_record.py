"""What is written down of a body at each knot, and the tracks that come of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from scipy.spatial.transform import Rotation

from pairforge.frames import F64, I64, Pose, Track, compose, rotation, times, wxyz

ACCELERATION_WINDOW_KNOTS = 5
NO_RISE_M = 1e-3


class BodyLog:
    """A body's origin pose and velocity at every knot.

    ``positions_m`` (T, 3), ``quaternions_wxyz`` (T, 4), ``velocities_mps`` (T, 3), all of the body frame in the
    world.
    """

    def __init__(self, knots: int) -> None:
        self.positions_m: F64 = np.zeros((knots, 3))
        self.quaternions_wxyz: F64 = np.zeros((knots, 4))
        self.velocities_mps: F64 = np.zeros((knots, 3))
        self._inertial: F64 = np.zeros((knots, 13))

    def write(
        self,
        knot: int,
        position: tuple[float, ...],
        orientation_xyzw: tuple[float, ...],
        linear: tuple[float, ...],
        angular: tuple[float, ...],
    ) -> None:
        """Notes the inertial frame's state as PyBullet tells it."""
        self._inertial[knot] = (*position, *orientation_xyzw, *linear, *angular)

    def finish(self, inertial_from_body: Pose) -> None:
        """Carries the noted states from the inertial frame to the body origin, all knots at once."""
        turn = Rotation.from_quat(self._inertial[:, 3:7])
        arm = np.asarray(turn.apply(inertial_from_body.position_m), dtype=np.float64)
        self.positions_m = self._inertial[:, :3] + arm
        self.quaternions_wxyz = wxyz(times(turn, rotation(inertial_from_body.quaternion_wxyz)))
        self.velocities_mps = self._inertial[:, 7:10] + np.cross(self._inertial[:, 10:13], arm)

    def rise(self, by_m: F64, times_ns: I64) -> None:
        """Carries the body's origin up along its own z axis, by so much (T,) metres at each knot; by less than 1 mm
        never."""
        if np.abs(by_m).max() < NO_RISE_M:
            return
        shift = rotation(self.quaternions_wxyz).apply([0.0, 0.0, 1.0]) * by_m[:, None]
        self.positions_m = self.positions_m + shift
        self.velocities_mps = self.velocities_mps + mean_rate(shift, times_ns, 1)

    def track(self, times_ns: I64) -> Track:
        return Track(times_ns, self.positions_m, self.quaternions_wxyz)

    def accelerations(self, times_ns: I64) -> F64:
        """(T, 3) m/s^2: the mean over a window of +-50 ms, shorter at the ends.

        Contact forces act within a step; the mean is what an accelerometer with that bandwidth would give.
        """
        return mean_rate(self.velocities_mps, times_ns, ACCELERATION_WINDOW_KNOTS)


def mean_rate(values: F64, times_ns: I64, window: int) -> F64:
    """Difference quotient (T, k) over ``window`` knots to either side, cut at the ends."""
    index = np.arange(len(times_ns))
    low, high = np.maximum(index - window, 0), np.minimum(index + window, len(times_ns) - 1)
    seconds = (times_ns[high] - times_ns[low]).astype(np.float64) * 1e-9
    return np.asarray((values[high] - values[low]) / np.maximum(seconds, 1e-9)[:, None], dtype=np.float64)


def about_axis(axis: Sequence[float], angles: F64) -> Rotation:
    """T rotations by ``angles`` (T,) radians about a unit axis (3,)."""
    return Rotation.from_rotvec(angles[:, None] * np.asarray(axis, dtype=np.float64))


def part_tracks(times_ns: I64, body: Track, parts: Mapping[int, Pose]) -> dict[int, Track]:
    """part id -> track of parts fixed to a body at a ``body_from_part`` each; those at one pose share one track."""
    turn = rotation(body.quaternions_wxyz)
    tracks: dict[bytes, Track] = {}
    found = {}
    for part_id, pose in parts.items():
        key = pose.position_m.tobytes() + pose.quaternion_wxyz.tobytes()
        if key not in tracks:
            where = compose(body.positions_m, turn, pose.position_m, rotation(pose.quaternion_wxyz))
            tracks[key] = Track(times_ns, where[0], wxyz(where[1]))
        found[part_id] = tracks[key]
    return found
