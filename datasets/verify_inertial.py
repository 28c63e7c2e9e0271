"""Do inertial samples integrate to the track that they were taken on, within the noise that their datasheet says?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.spatial.transform import Rotation

from pairforge.datasets.finding import Problem
from pairforge.datasets.verify_clip import GRAVITY, KNOT_S, Clip, clips
from pairforge.datasets.verify_scene_view import SceneView
from pairforge.frames import F64, rotation

TRUE_TOLERANCE_M = 1e-3
TRUE_TOLERANCE_RAD = 1e-4
SIGMAS = 4.0
NOISE_SIGMAS = 6.0
REST_MPS2 = 0.02
STANDARD_G = 9.80665


@dataclass(frozen=True, eq=False)
class Strapdown:
    """States at every sample, integrated from the first one's: (N, 3) metres, (N, 3) m/s, N rotations."""

    position_m: F64
    velocity_mps: F64
    turn: Rotation


def strapdown(clip: Clip, force: F64, rate: F64) -> Strapdown:
    """From the stored first state: turn by w dt; gain (R half-turned f - g) dt; move by the mean velocity."""
    dt = np.diff(clip.times_ns) * 1e-9
    turn = rotation(clip.all("quaternion_wxyz")[0])
    step = Rotation.from_rotvec(rate[1:] * dt[:, None])
    half = Rotation.from_rotvec(rate[1:] * dt[:, None] / 2.0)
    turns = [turn.as_quat()]
    for k in range(len(dt)):
        turn = turn * step[k]
        turns.append(turn.as_quat())
    whole = Rotation.from_quat(np.array(turns))
    middle = whole[:-1] * half if len(dt) else whole[:0]
    gain = (middle.apply(force[1:]) - [0.0, 0.0, GRAVITY]) * dt[:, None] if len(dt) else np.zeros((0, 3))
    velocity = clip.all("velocity_mps")[0] + np.concatenate([np.zeros((1, 3)), np.cumsum(gain, axis=0)])
    moved = np.cumsum((velocity[1:] + velocity[:-1]) / 2.0 * dt[:, None], axis=0)
    position = clip.all("position_m")[0] + np.concatenate([np.zeros((1, 3)), moved])
    return Strapdown(position, velocity, whole)


def imu_truth(scene: SceneView) -> Iterator[Problem]:
    """The noise-free columns, integrated over the clip, are the track: to 1 mm and 0.1 mrad, beyond what smooth
    motion bends off a track's chords."""
    for clip in clips(scene, "imu"):
        force, rate = clip.all("true_specific_force_mps2"), clip.all("true_turn_rate_radps")
        found, (where, turn) = strapdown(clip, force, rate), clip.placed
        slack_m, slack_rad = _bend(clip, force, rate)
        off = np.linalg.norm(found.position_m - where, axis=1)
        angle = (turn.inv() * found.turn).magnitude()
        scene.measured.add("imu_truth_integrated_m", off)
        scene.measured.add("imu_truth_integrated_rad", angle)
        yield from clip.problem(
            "true_specific_force_mps2.npy",
            ~(off <= TRUE_TOLERANCE_M + slack_m),
            f"integrate to {np.nanmax(off):.3g} m off the track (at most {TRUE_TOLERANCE_M + slack_m:.2g})",
        )
        yield from clip.problem(
            "true_turn_rate_radps.npy",
            ~(angle <= TRUE_TOLERANCE_RAD + slack_rad),
            f"integrate to {np.nanmax(angle):.3g} rad off the track (at most {TRUE_TOLERANCE_RAD + slack_rad:.2g})",
        )
        state = np.linalg.norm(clip.all("position_m") - where, axis=1)
        yield from clip.problem("position_m.npy", ~(state <= TRUE_TOLERANCE_M + slack_m), "are off the track")
        off_turn = (turn.inv() * rotation(clip.all("quaternion_wxyz"))).magnitude()
        yield from clip.problem(
            "quaternion_wxyz.npy", ~(off_turn <= TRUE_TOLERANCE_RAD + slack_rad), "are turned off the track"
        )
        drift = np.linalg.norm(found.velocity_mps - clip.all("velocity_mps"), axis=1)
        yield from clip.problem(
            "velocity_mps.npy", ~(drift <= TRUE_TOLERANCE_M), "are not what their forces give"
        )


def _bend(clip: Clip, force: F64, rate: F64) -> tuple[float, float]:
    """How far smooth motion leaves the chords between knots, and a mean of velocities the true way, in m and rad."""
    dt = 1.0 / float(clip.settings["rate_hz"])
    acceleration = float(np.linalg.norm(force, axis=1).max()) + GRAVITY
    alpha = float(np.linalg.norm(np.diff(rate, axis=0), axis=1).max()) / dt if len(rate) > 1 else 0.0
    arm = float(np.linalg.norm(clip.sensor.position_m))
    turning = alpha * (1.0 + float(np.linalg.norm(rate, axis=1).max()) * dt)
    bend = turning * max(KNOT_S, dt) ** 2 / 4.0
    return (acceleration * (KNOT_S**2 / 8.0 + dt * dt / 6.0) + arm * bend, bend)


def imu_noise(scene: SceneView) -> Iterator[Problem]:
    """Measured less what is told of its errors is the truth with white noise of the density declared; integrated it
    returns the track within 4 sigma of what that density grows to."""
    for clip in clips(scene, "imu"):
        s, rate_hz = clip.settings, float(clip.settings["rate_hz"])
        force, rate = clip.all("true_specific_force_mps2"), clip.all("true_turn_rate_radps")
        g_error = np.radians(np.reshape(s["gyro_g_error_deg_s_g"], (3, 3))) / STANDARD_G
        triads = (
            ("turn_rate_radps", "gyro", rate, clip.all("gyro_bias_radps") + force @ g_error.T, np.pi / 180.0),
            ("specific_force_mps2", "accelerometer", force, clip.all("accelerometer_bias_mps2"), 1.0),
        )
        units = {
            "gyro": ("deg_s_sqrt_hz", "deg_s", "deg_s"),
            "accelerometer": ("mps2_sqrt_hz", "mps2", "mps2"),
        }
        corrected, densities, cut = [], [], False
        for array, who, true, bias, unit in triads:
            noise, limit, step = (
                float(s[f"{who}_{what}_{said}"]) * unit
                for what, said in zip(("noise", "range", "resolution"), units[who], strict=True)
            )
            matrix = np.eye(3) + np.diag(s[f"{who}_scale_error"])
            matrix[[0, 0, 1, 1, 2, 2], [1, 2, 0, 2, 0, 1]] += s[f"{who}_axis_error"]
            measured = clip.all(array)
            at_limit = np.abs(measured) >= limit - step if limit > 0.0 else np.zeros(measured.shape, np.bool_)
            cut = cut or bool(at_limit.any())
            left = np.where(at_limit, 0.0, measured - true @ matrix.T - bias)
            spread = np.sqrt(noise**2 * rate_hz + step**2 / 12.0)
            densities.append(spread / np.sqrt(rate_hz))
            corrected.append(np.linalg.solve(matrix, (measured - bias).T).T)
            yield from clip.problem(
                f"{array}.npy",
                ~(np.abs(left) <= NOISE_SIGMAS * spread + step / 2.0 + 1e-9).all(axis=1),
                f"leave the truth by more than their noise ({float(np.abs(left).max()):.3g}, sigma {spread:.3g})",
            )
            count = int((~at_limit).sum())
            if noise * np.sqrt(rate_hz) > step and count > 1:
                ratio = float(np.sqrt((left**2).sum() / count)) / spread
                scene.measured.add(f"imu_{who}_noise_over_declared", np.array(ratio))
                if abs(ratio - 1.0) > NOISE_SIGMAS / np.sqrt(2.0 * count):
                    yield clip.blame(
                        f"{array}.npy", clip.frames[0], f"its noise is {ratio:.3f} of what is declared"
                    )
        if not cut:
            yield from _within_noise(clip, corrected[1], corrected[0], densities[1], densities[0])


def _within_noise(
    clip: Clip, force: F64, rate: F64, force_density: float, rate_density: float
) -> Iterator[Problem]:
    """White noise of these densities grows to sigma_turn = N t^1/2, sigma_v^2 = N_a^2 t + (f N_g)^2 t^3 / 3 and
    sigma_p^2 = N_a^2 t^3 / 3 + (f N_g)^2 t^5 / 20 (Titterton and Weston 2004, chapter 12)."""
    found, (where, turn) = strapdown(clip, force, rate), clip.placed
    slack_m, slack_rad = _bend(clip, clip.all("true_specific_force_mps2"), clip.all("true_turn_rate_radps"))
    t = (clip.times_ns - clip.times_ns[0]) * 1e-9
    tilt = float(np.linalg.norm(force, axis=1).max()) * rate_density
    sigma = np.sqrt(force_density**2 * t**3 / 3.0 + tilt**2 * t**5 / 20.0)
    sigma_turn = rate_density * np.sqrt(t)
    off = np.linalg.norm(found.position_m - where, axis=1)
    angle = (turn.inv() * found.turn).magnitude()
    wide, wide_turn = SIGMAS * np.sqrt(3.0) * sigma, SIGMAS * np.sqrt(3.0) * sigma_turn
    clip.scene.measured.add("imu_integrated_m", off[-1:])
    clip.scene.measured.add(
        "imu_integrated_over_sigma", off[-1:] / np.maximum(sigma[-1:] * np.sqrt(3.0), 1e-12)
    )
    yield from clip.problem(
        "specific_force_mps2.npy",
        ~(off <= 2 * (TRUE_TOLERANCE_M + slack_m) + wide),
        f"integrate to {np.nanmax(off):.3g} m off the track, beyond {SIGMAS:g} sigma of their noise",
    )
    yield from clip.problem(
        "turn_rate_radps.npy",
        ~(angle <= 2 * (TRUE_TOLERANCE_RAD + slack_rad) + wide_turn),
        f"integrate to {np.nanmax(angle):.3g} rad off the track, beyond {SIGMAS:g} sigma of their noise",
    )


def imu_at_rest(scene: SceneView) -> Iterator[Problem]:
    """What stands still feels g upwards, on the average of a keyframe, and does not turn."""
    for clip in clips(scene, "imu"):
        where, turn = clip.placed
        upwards = turn.apply(clip.all("true_specific_force_mps2"))
        for k in clip.frames:
            own = clip.frame_of == k
            if own.sum() < 2 or np.ptp(where[own], axis=0).max() > 1e-5:
                continue
            off = float(np.abs(upwards[own].mean(axis=0) - [0.0, 0.0, GRAVITY]).max())
            scene.measured.add("imu_rest_off_g_mps2", np.array(off))
            if not off <= REST_MPS2:
                yield clip.blame(
                    "true_specific_force_mps2.npy", k, f"at rest, it is {off:.3g} m/s^2 off g upwards"
                )


CHECKS = (imu_truth, imu_noise, imu_at_rest)
