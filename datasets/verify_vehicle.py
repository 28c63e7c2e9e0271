"""Do encoders, the path reckoned from them and the signals of a bus agree with the tracks of body and wheels?

Tracks are taken knot by knot, and slopes of them by differences over one knot either side; the bus's layout is
written out here once more.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.spatial.transform import Rotation

from pairforge.datasets.finding import Problem
from pairforge.datasets.verify_clip import GRAVITY, Clip, clips
from pairforge.datasets.verify_scene_view import SceneView
from pairforge.frames import F64, I64, Track, rotation

TICKS = 2.0
TURN_SHARE = 2e-3
"""Share of a wheel's turning that adding up its turns knot by knot, while its body turns, may be off by."""
SPEED_MPS, SPEED_SHARE = 0.08, 0.02
"""Smooth motion against difference quotients over 20 ms, where tyres grip and let go."""
PATH_M = 1e-6
SIGMAS = 4.0
MODEL_SHARE, MODEL_RAD_M = 0.01, 2e-3
"""What arcs of a bicycle model miss of a car's way: a share of the metres, and radians a metre."""
KMH = 3.6
LAYOUT = {
    0x0C4: (("steering_wheel_angle_deg", "h", 0.1), ("steering_wheel_rate_deg_s", "h", 0.5)),
    0x0D0: (
        ("speed_kmh", "h", 0.01),
        ("yaw_rate_deg_s", "h", 0.01),
        ("longitudinal_acceleration_mps2", "h", 0.01),
        ("lateral_acceleration_mps2", "h", 0.01),
    ),
    0x0D4: tuple((f"wheel_speed_{w}_kmh", "h", 0.02) for w in ("fl", "fr", "rl", "rr")),
    0x0E0: (("throttle_percent", "B", 0.5), ("brake_percent", "B", 0.5)),
    0x1A0: (("gear", "b", 1.0),),
    0x1B0: (("brake_light", "B", 1.0),),
}
NAMES = tuple(name for signals in LAYOUT.values() for name, _, _ in signals)


@dataclass(frozen=True, eq=False)
class _Body:
    """The carrier's own track and its slopes at its knots."""

    track: Track
    seconds: F64

    @staticmethod
    def of(clip: Clip) -> _Body | None:
        track = clip.scene.record.instance_tracks.get(clip.scene.mount_id(clip.sensor))
        return None if track is None else _Body(track, (track.times_ns - track.times_ns[0]) * 1e-9)

    def velocity(self, arm: F64) -> F64:
        """(T, 3) of a point of the body, by differences over a knot either side."""
        points = self.track.positions_m + rotation(self.track.quaternions_wxyz).apply(arm)
        return np.asarray(np.gradient(points, self.seconds, axis=0))

    def along(self, values: F64, times_ns: I64) -> F64:
        """(N,) values (T,) at times, linear between knots."""
        return np.interp((times_ns - self.track.times_ns[0]) * 1e-9, self.seconds, values)


def encoders(scene: SceneView) -> Iterator[Problem]:
    """Ticks add up to what the tracks of the wheels turn; rates, hub speeds and slip are the tracks' own."""
    for clip in clips(scene, "wheel_odometry"):
        body = _Body.of(clip)
        ticks, rate, ground = (clip.all(a) for a in ("ticks", "true_wheel_speed_radps", "ground_speed_mps"))
        radius, slip, t = clip.first("wheel_radius_m"), clip.all("slip"), clip.times_ns
        rim = rate * radius
        due = (rim - ground) / np.maximum(np.maximum(np.abs(rim), np.abs(ground)), 0.1)
        yield from clip.problem(
            "slip.npy", ~(np.abs(slip - due) <= 1e-9).all(axis=1), "are not (rim - ground) / larger"
        )
        scene.measured.add("wheel_slip", np.abs(slip))
        if body is None:
            continue
        turn = rotation(body.track.quaternions_wxyz)
        for k, part_id in enumerate(clip.first("wheel_part")):
            wheel = rotation(scene.record.part_tracks[int(part_id)].quaternions_wxyz)
            step, carried = (
                (wheel[:-1].inv() * wheel[1:]).as_rotvec(),
                (turn[:-1].inv() * turn[1:]).as_rotvec(),
            )
            # The axle is the y axis of wheel and hub; what the body turns about it is not the wheel's own turning.
            axle = wheel.apply([0.0, 1.0, 0.0])
            own = step[:, 1] - np.einsum("tk,tk->t", axle[:-1], turn[:-1].apply(carried))
            spin = body.along(np.concatenate([[0.0], np.cumsum(own)]), t)
            per_turn = float(clip.settings["ticks_per_turn"]) / (2 * np.pi)
            off = np.abs((ticks[:, k] - ticks[0, k]) - (spin - spin[0]) * per_turn)
            scene.measured.add("encoder_off_ticks", off)
            slack = TICKS + TURN_SHARE * np.abs(spin - spin[0]) * per_turn
            yield from clip.problem(
                "ticks.npy", ~(off <= slack), f"count other turns than part {part_id} makes"
            )
            quotient = body.along(np.gradient(np.concatenate([[0.0], np.cumsum(own)]), body.seconds), t)
            rim_off = np.abs(rate[:, k] - quotient) * radius[k]
            speed = body.velocity(clip.first("wheel_centre_m")[k])
            up = turn.apply([0.0, 0.0, 1.0])
            ahead = np.cross(axle, up)
            hub = body.along(
                np.einsum("tk,tk->t", speed, ahead / np.linalg.norm(ahead, axis=1, keepdims=True)), t
            )
            hub_off = np.abs(ground[:, k] - hub)
            scene.measured.add("wheel_rim_off_track_mps", rim_off)
            scene.measured.add("wheel_hub_off_track_mps", hub_off)
            slack = SPEED_MPS + SPEED_SHARE * np.abs(hub)
            yield from clip.problem(
                "true_wheel_speed_radps.npy", ~(rim_off <= slack), f"are not how fast part {part_id} turns"
            )
            yield from clip.problem(
                "ground_speed_mps.npy",
                ~(hub_off <= slack),
                f"are not how fast the hub of part {part_id} goes",
            )


def odometry(scene: SceneView) -> Iterator[Problem]:
    """The path is what ticks and steering give, arc by arc; it leaves the track by no more than the errors declared
    (4 sigma), the slip stored and what a bicycle model misses add up to."""
    for clip in clips(scene, "wheel_odometry"):
        body, path = _Body.of(clip), clip.all("path")
        if body is None or not len(clip.first("wheel_part")):
            continue
        again = _reckoned(clip)
        off = np.linalg.norm(path[:, :2] - again[:, :2], axis=1) + np.abs(path[:, 2] - again[:, 2])
        scene.measured.add("odometry_reckoned_apart_m", off)
        yield from clip.problem("path.npy", ~(off <= PATH_M), "are not what ticks and steering give")
        where, _ = body.track.sample(clip.times_ns)
        # Drift begins with the clock, the clip with its first sample: distances count from there.
        metres = np.linalg.norm(np.diff(body.track.positions_m[:, :2], axis=0), axis=1)
        driven = body.along(np.concatenate([[0.0], np.cumsum(metres)]), clip.times_ns)
        drift = np.linalg.norm(path[:, :2] - where[:, :2], axis=1)
        bound = _drift_bound_m(clip, driven)
        scene.measured.add("odometry_drift_m", drift[-1:])
        scene.measured.add("odometry_drift_over_bound", drift[-1:] / bound[-1:])
        yield from clip.problem(
            "path.npy",
            ~(drift <= bound),
            f"are {np.nanmax(drift):.3g} m off the track after {driven[-1]:.3g} m (at most {bound[-1]:.3g})",
        )


def _reckoned(clip: Clip) -> F64:
    """(N, 3) x, y, yaw by the bicycle model, one step after another from the first sample on."""
    ticks, steering, path = clip.all("ticks"), clip.all("steering_rad"), clip.all("path")
    centre, steered = clip.first("wheel_centre_m"), clip.first("steered") > 0
    fixed = ~steered if (~steered).any() else np.ones(len(steered), np.bool_)
    per_tick = clip.first("believed_radius_m") * (2 * np.pi / float(clip.settings["ticks_per_turn"]))
    y, axle = centre[fixed, 1], float(centre[fixed, 0].mean())
    base = float(centre[steered, 0].max()) - axle if steered.any() else 0.0
    x, side, yaw = path[0]
    out = [path[0]]
    for n in range(1, len(path)):
        rolled = (ticks[n] - ticks[n - 1])[fixed] * per_tick[fixed]
        if clip.settings["yaw_from"] == "wheels" and np.ptp(y) > 0.0:
            turned = -float(np.polyfit(y, rolled, 1)[0])
        else:
            turned = float(rolled.mean()) * np.tan(steering[n]) / base if base > 0.0 else 0.0
        middle, before = yaw + turned / 2.0, yaw
        yaw += turned
        x += float(rolled.mean()) * np.cos(middle) - axle * (np.cos(yaw) - np.cos(before))
        side += float(rolled.mean()) * np.sin(middle) - axle * (np.sin(yaw) - np.sin(before))
        out.append(np.array([x, side, yaw]))
    return np.array(out)


def _drift_bound_m(clip: Clip, driven: F64) -> F64:
    s = clip.settings
    centre, steered = clip.first("wheel_centre_m"), clip.first("steered") > 0
    radius, slipped = float(s["radius_error"]), float(np.abs(clip.all("slip")).mean())
    share = SIGMAS * radius + MODEL_SHARE + slipped
    tick = 2 * np.pi * float(clip.first("wheel_radius_m").max()) / float(s["ticks_per_turn"])
    base = float(np.ptp(centre[:, 0])) or 1.0
    wide = float(np.ptp(centre[~steered, 1])) or 1.0
    if s["yaw_from"] == "wheels":
        yaw_m = (SIGMAS * radius * np.sqrt(2.0) + slipped) / wide + MODEL_RAD_M
        still = tick / wide
    else:
        yaw_m = (
            SIGMAS * np.radians(float(s["steering_offset_deg"]) + float(s["steering_noise_deg"]) / 10) / base
        )
        yaw_m, still = yaw_m + MODEL_RAD_M, 0.0
    return np.asarray(0.1 + tick + share * driven + (yaw_m * driven / 2.0 + still) * driven)


def bus_truth(scene: SceneView) -> Iterator[Problem]:
    """True signals are those of the tracks and of the controls stored with the keyframes; what is sent is them,
    within its step and declared error."""
    for clip in clips(scene, "can_bus"):
        body, s = _Body.of(clip), clip.settings
        for k, name in enumerate(NAMES):
            own = clip.all("signal") == k
            if not own.any():
                continue
            t, value, true = clip.times_ns[own], clip.all("value")[own], clip.all("true_value")[own]
            step = next(x[2] for signals in LAYOUT.values() for x in signals if x[0] == name)
            wrong = np.zeros(len(clip.times_ns), np.bool_)
            wrong[own] = ~(np.abs(value - true) <= step / 2 + _declared(name, s, true) + 1e-9)
            yield from clip.problem(
                "value.npy", wrong, f"of {name} are not its truth within its declared error"
            )
            if body is None:
                continue
            due, slack = _due(clip, body, name, t)
            if due is not None:
                off = np.abs(true - due)
                scene.measured.add(f"can_{name}_off_track", off)
                wrong[own] = ~(off <= slack)
                yield from clip.problem(
                    "true_value.npy", wrong, f"of {name} are up to {off.max():.3g} off the track's"
                )
        yield from _by_controls(clip)


def _declared(name: str, s: dict[str, object], true: F64) -> F64:
    """How far a signal may be off its truth."""
    if name == "speed_kmh":
        return np.abs(true) * SIGMAS * 1.5 * float(str(s["speed_error"]))
    if name == "yaw_rate_deg_s":
        spread = np.hypot(float(str(s["yaw_rate_offset_deg_s"])), float(str(s["yaw_rate_noise_deg_s"])))
        return np.full(len(true), SIGMAS * 1.5 * spread)
    if name.endswith("acceleration_mps2"):
        return np.full(len(true), SIGMAS * 1.5 * float(str(s["acceleration_noise_mps2"])))
    return np.zeros(len(true))


def _due(clip: Clip, body: _Body, name: str, t: I64) -> tuple[F64 | None, float]:
    """What the tracks say of a signal at times (N,), and how far it may be off; None for what they do not tell."""
    turn = rotation(body.track.quaternions_wxyz)
    if name == "speed_kmh":
        ahead = np.einsum("tk,tk->t", turn.apply([1.0, 0.0, 0.0]), body.velocity(np.zeros(3)))
        return body.along(ahead, t) * KMH, SPEED_MPS * KMH
    if name in ("yaw_rate_deg_s", "longitudinal_acceleration_mps2", "lateral_acceleration_mps2"):
        before = t - 20_000_000
        _, q0 = clip.scene.world_from_sensor_over(clip.sensor, before)
        _, q1 = clip.scene.world_from_sensor_over(clip.sensor, t)
        if name == "yaw_rate_deg_s":
            return np.degrees((q0.inv() * q1).as_rotvec()[:, 2] / 0.02), 0.02
        speed = body.velocity(np.asarray(clip.sensor.position_m))
        gain = [body.along(speed[:, k], t) - body.along(speed[:, k], before) for k in range(3)]
        force = np.stack(gain, axis=1) / 0.02 + [0.0, 0.0, GRAVITY]
        middle: Rotation = q0 * Rotation.from_rotvec((q0.inv() * q1).as_rotvec() / 2.0)
        felt = middle.inv().apply(force)
        return felt[:, 0 if name.startswith("long") else 1], 0.75
    return None, 0.0


def _by_controls(clip: Clip) -> Iterator[Problem]:
    """Steering wheel and pedals against the controls of the keyframes, which only the ego has."""
    if clip.scene.mount_id(clip.sensor) != clip.scene.ego_id:
        return
    ratio = np.degrees(float(clip.settings["steering_ratio"]))
    for frame, reading in zip(clip.frames, clip.readings, strict=True):
        controls = clip.scene.controls.get(frame)
        if controls is None:
            continue
        for name, due, slack in (
            (
                "steering_wheel_angle_deg",
                controls.steering * ratio,
                0.05 + 0.01 * abs(controls.steering) * ratio,
            ),
            ("throttle_percent", controls.throttle * 100.0, 1e-6),
            ("brake_percent", controls.brake * 100.0, 1e-6),
        ):
            own = (reading.arrays["signal"] == NAMES.index(name)) & (
                reading.arrays["times_ns"] == reading.time_ns
            )
            off = np.abs(reading.arrays["true_value"][own] - due)
            clip.scene.measured.add(f"can_{name}_off_controls", off)
            if off.size and not off.max() <= slack:
                yield clip.blame(
                    "true_value.npy", frame, f"{name} is {off.max():.3g} off the controls at the keyframe"
                )


def bus_frames(scene: SceneView) -> Iterator[Problem]:
    """Raw frames, taken apart, are the signals, each with its frame's time stamp."""
    for clip in clips(scene, "can_bus"):
        for frame, reading in zip(clip.frames, clip.readings, strict=True):
            a = reading.arrays
            said = {
                (int(t), int(k)): float(v)
                for t, k, v in zip(a["times_ns"], a["signal"], a["value"], strict=True)
            }
            sent: dict[tuple[int, int], float] = {}
            for t, i, data in zip(a["frame_times_ns"], a["frame_id"], a["frame_data"], strict=True):
                signals = LAYOUT.get(int(i), ())
                raw = struct.unpack_from("<" + "".join(c for _, c, _ in signals), data.tobytes())
                for (name, _, step), number in zip(signals, raw, strict=True):
                    sent[int(t), NAMES.index(name)] = number * step
            # A signal that its vehicle does not have leaves its bytes filled.
            extra = {key[1] for key in sent.keys() - said.keys()}
            if said.keys() - sent.keys() or extra & set(a["signal"].tolist()):
                yield clip.blame("frame_times_ns.npy", frame, "frames and signals are of other times")
            elif any(abs(sent[key] - value) > 1e-9 for key, value in said.items()):
                yield clip.blame("frame_data.npy", frame, "frames do not hold the signals' values")


CHECKS = (encoders, odometry, bus_truth, bus_frames)
