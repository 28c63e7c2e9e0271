"""Plots of the pages on inertial units, receivers, odometry and buses, and how fast those sensors are.

``python -m benchmarks.inertial [folder]`` draws them (needs matplotlib and allantools, which ``dev`` brings).
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import allantools
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.patches import Polygon

from benchmarks.measuring import took
from pairforge.pipeline import Stage, stage
from pairforge.scenes.aim import settings_of
from pairforge.scenes.concrete import ConcreteSensor
from pairforge.scenes.conditions import CLEAR, SNOW
from pairforge.scenes.draws import Draws
from pairforge.scenes.library.driving import STREET, TOWN
from pairforge.scenes.library.roads import MOTORWAY
from pairforge.scenes.library.scenarios import HARD_BRAKE
from pairforge.scenes.placement import OnLane
from pairforge.scenes.resolve import resolve
from pairforge.scenes.scripts import After, Brake, When
from pairforge.scenes.spec import Actor, Behaviour, Device, Scene
from pairforge.seeding import Stream
from pairforge.sensors.can_bus import CanBus
from pairforge.sensors.can_messages import series
from pairforge.sensors.gnss import Gnss
from pairforge.sensors.imu import Imu
from pairforge.sensors.imu_errors import Triad, biases
from pairforge.sensors.protocol import SENSORS, Sensing
from pairforge.sensors.wheel_odometry import WheelOdometry

IMAGES = Path("docs/images")
ROOF = (0.5, 0.0, 1.6)
RED, BLUE, GREEN, GREY = "#c0392b", "#2c6fbb", "#2e8b57", "#888888"


def prepared(scene: Scene, seed: int, *devices: Device) -> Stage:
    """The scene with these sensors alone, simulated."""
    return stage(resolve(replace(scene, sensors=devices, captions=(), require=()), seed), 0)


def whole(ready: Stage, name: str) -> dict[str, Any]:
    """All that a sensor senses, from the clock's start to the last keyframe."""
    sensor = next(s for s in ready.concrete.sensors if s.name == name)
    asked = Sensing(
        ready.engine,
        ready.timeline,
        ready.concrete,
        sensor,
        ready.concrete.keyframe_times_ns[-1],
        0,
        Stream(ready.concrete.seed, f"frame/{name}"),
        Stream(ready.concrete.seed, f"scene/{name}"),
    )
    return dict(SENSORS.load(sensor.kind).sense(asked).arrays)


def allan(path: Path) -> None:
    """A resting unit's Allan deviation beside the three lines of its datasheet."""
    s, rate, count = settings_of(Imu(name="imu"), Draws(Stream(1))), 100.0, 1_000_000
    drift = biases(s, count, 1.0 / rate, Stream(1, "allan"))
    figure, panels = plt.subplots(1, 2, figsize=(9.5, 3.9), constrained_layout=True)
    tau = np.logspace(-2, 3.3, 40)
    for axes, who, part, triad, lines in (
        (
            panels[0],
            "gyroscope (deg/h)",
            drift[:, :3],
            Triad.gyroscope(s),
            (
                s["gyro_noise_deg_s_sqrt_hz"] * 3600,
                s["gyro_bias_instability_deg_h"],
                s["gyro_bias_walk_deg_h_sqrt_h"] / 60,
            ),
        ),
        (
            panels[1],
            "accelerometer (m/s^2)",
            drift[:, 3:],
            Triad.accelerometer(s),
            tuple(
                s[f"accelerometer_{n}"]
                for n in ("noise_mps2_sqrt_hz", "bias_instability_mps2", "bias_walk_mps2_sqrt_s")
            ),
        ),
    ):
        unit = np.degrees(3600.0) if "gyro" in who else 1.0
        still = triad.measured(np.zeros((count, 3)), part, rate, Stream(2, who)) * unit
        for axis, name in enumerate("xyz"):
            at, deviation, _, _ = allantools.oadev(still[:, axis], rate=rate, data_type="freq", taus=tau)
            axes.loglog(
                at, deviation, color=BLUE, alpha=0.45 + 0.2 * axis, label=f"{name}, {count:,} samples"
            )
        white, floor, walk = lines
        axes.loglog(tau, white / np.sqrt(tau), "--", color=GREY, label="white noise, N / sqrt(t)")
        axes.loglog(tau, np.full(len(tau), floor), ":", color=GREEN, label="bias instability, B")
        axes.loglog(tau, walk * np.sqrt(tau / 3), "-.", color=RED, label="bias walk, K sqrt(t / 3)")
        axes.set(xlabel="averaging time t (s)", title=f"Allan deviation, {who}", ylim=(floor / 8, white * 15))
        axes.grid(True, which="both", alpha=0.15)
    panels[0].legend(fontsize=7.5)
    save(figure, path)


def receivers(path: Path) -> None:
    """The same receivers between houses and on an open road, over the plan of what stands there."""
    devices = (
        Gnss(name="gnss", mount="ego", position_m=ROOF, time_of_week_s=215_000.0, rate_hz=5.0),
        Gnss(name="rtk", mount="ego", position_m=ROOF, time_of_week_s=215_000.0, rate_hz=5.0, mode="rtk"),
    )
    figure, panels = plt.subplots(2, 2, figsize=(9.5, 6.4), width_ratios=(2.2, 1), constrained_layout=True)
    for row, (title, scene) in enumerate((("Between houses", STREET), ("On an open road", MOTORWAY))):
        ready = prepared(replace(scene, weather=CLEAR, duration_s=8.0), 5, *devices)
        axes, a, r = panels[row, 0], whole(ready, "gnss"), whole(ready, "rtk")
        plan(axes, ready, a["true_enu_m"])
        axes.plot(*a["true_enu_m"][:, :2].T, color="black", lw=1.5, label="truth")
        for n in range(len(a["fix"])):
            axes.plot(*np.stack([a["true_enu_m"][n, :2], a["enu_m"][n, :2]], 1), color=RED, lw=0.5, alpha=0.5)
        axes.plot(*a["enu_m"][:, :2].T, "o", ms=3.5, color=RED, label="single fixes")
        fixed = r["fix"] == 2
        axes.plot(*r["enu_m"][fixed, :2].T, "+", ms=6, color=BLUE, label="RTK, fixed")
        error = np.linalg.norm(a["enu_m"] - a["true_enu_m"], axis=1)
        said = (
            f"{title}: {np.median(a['satellites']):.0f} satellites, PDOP {np.nanmedian(a['dop'][:, 2]):.1f}, "
            f"error {np.nanmedian(error):.1f} m in the median, RTK fixed {fixed.mean():.0%}"
        )
        axes.set_title(said, fontsize=9)
        axes.set(xlabel="east (m)", ylabel="north (m)", aspect="equal")
        axes.legend(fontsize=7.5, loc="upper left")
        sky(figure, panels[row, 1], a, len(a["fix"]) // 2)
    save(figure, path)


def plan(axes: Any, ready: Stage, track: Any) -> None:
    """Houses and trees around a track, as the upright boxes of their bodies."""
    middle, wide = track[:, :2].mean(axis=0), max(45.0, float(np.ptp(track[:, :2], axis=0).max()) / 2 + 15.0)
    for instance in ready.world.instances:
        kind = {6: "#d8d2c8", 7: "#bfd8b0"}.get(instance.semantic_id)
        if kind is None:
            continue
        size, centre = np.asarray(instance.size_m) / 2, np.asarray(instance.centre_m)
        corners = centre + np.array([[1, 1], [1, -1], [-1, -1], [-1, 1]]) @ np.diag(size[:2]) @ np.eye(2, 3)
        axes.add_patch(
            Polygon(
                instance.world_from_body.points(corners)[:, :2], facecolor=kind, edgecolor="#b5ada0", lw=0.5
            )
        )
    for lane in ready.world.lanes:
        axes.plot(*lane.centre_m[:, :2].T, color="#e4e4ea", lw=5, zorder=0, solid_capstyle="butt")
    axes.set(
        xlim=(middle[0] - wide, middle[0] + wide), ylim=(middle[1] - 0.45 * wide, middle[1] + 0.45 * wide)
    )


def sky(figure: Any, old: Any, a: dict[str, Any], n: int) -> None:
    """Which satellites come how, seen upwards with north on top."""
    axes = figure.add_subplot(old.get_subplotspec(), projection="polar")
    old.remove()
    axes.set_theta_zero_location("N")
    axes.set_theta_direction(-1)
    kinds = (
        (2, "o", GREEN, "straight"),
        (3, "s", "#9acd32", "through leaves"),
        (4, "^", "#e08a00", "mirrored"),
        (1, "x", RED, "blocked"),
    )
    for kind, mark, colour, name in kinds:
        own = a["signal"][n] == kind
        angle, far = np.radians(a["azimuth_deg"][n, own]), 90.0 - a["elevation_deg"][n, own]
        axes.plot(angle, far, mark, color=colour, ms=6, label=f"{name} ({int(own.sum())})")
    axes.set(rlim=(0, 90), rticks=[30, 60, 80], yticklabels=["60°", "30°", "10°"])
    axes.tick_params(labelsize=7)
    axes.legend(fontsize=7, loc="upper center", bbox_to_anchor=(0.5, -0.08), ncols=2)


def odometry(path: Path) -> None:
    """Braking as hard as can be asked for, on snow and on a dry road: rims, ground and the path's drift."""
    script = [When(After(2.0), Brake(mps2=7.0), called="brakes")]
    ego = Actor(
        name="ego",
        shape="hatchback",
        place=OnLane(lane=0, s_m=40.0),
        behaviour=Behaviour(kind="drive", speed_mps=12.0, script=script),
    )
    scene = Scene(name="brakes", setting=TOWN, actors=[ego], duration_s=7.0)
    exact = {
        "radius_error": 0.0,
        "steering_offset_deg": 0.0,
        "steering_noise_deg": 0.0,
        "ticks_per_turn": 4096,
    }
    devices = (
        WheelOdometry(name="perfect", mount="ego", rate_hz=100.0, **exact),  # type: ignore[arg-type]
        WheelOdometry(name="usual", mount="ego", rate_hz=100.0),
    )
    figure, panels = plt.subplots(1, 3, figsize=(10.5, 3.4), constrained_layout=True)
    for axes, name, weather in zip(panels[:2], ("snow", "dry road"), (SNOW, CLEAR), strict=True):
        ready = prepared(replace(scene, weather=weather), 1, *devices)
        a, b = whole(ready, "perfect"), whole(ready, "usual")
        t = a["times_ns"] * 1e-9
        axes.plot(t, a["true_wheel_speed_radps"] * a["wheel_radius_m"], color=RED, lw=0.9, alpha=0.8)
        axes.plot([], [], color=RED, label="rims of the four wheels")
        axes.plot(t, a["ground_speed_mps"].mean(axis=1), color="black", lw=1.6, label="ground under them")
        axes.set(title=f"7 m/s² asked for on {name}", xlabel="time (s)", ylabel="m/s", ylim=(-0.5, 13))
        axes.legend(fontsize=8)
        axes.grid(alpha=0.2)
        own = next(i.instance_id for i in ready.world.instances if i.name == "ego")
        where = ready.timeline.bodies[own].sample(a["times_ns"])[0][:, :2]
        for found, line, what in ((a, "-", "no errors but slip"), (b, "--", "usual errors")):
            drift = np.linalg.norm(found["path"][:, :2] - where, axis=1)
            colour = BLUE if name == "snow" else "#c98a00"
            panels[2].plot(t, drift, line, color=colour, label=f"{name}, {what}")
    panels[2].set(title="drift of the reckoned path", xlabel="time (s)", ylabel="m")
    panels[2].legend(fontsize=8)
    panels[2].grid(alpha=0.2)
    save(figure, path)


def bus(path: Path) -> None:
    """What the ego's bus says while the car ahead brakes hard."""
    a = whole(prepared(HARD_BRAKE, 3, CanBus(name="can", mount="ego")), "can")
    groups: Sequence[tuple[str, tuple[str, ...]]] = (
        ("km/h", ("wheel_speed_fl_kmh", "speed_kmh")),
        ("%", ("throttle_percent", "brake_percent")),
        ("m/s²", ("longitudinal_acceleration_mps2", "lateral_acceleration_mps2")),
        ("deg, deg/s", ("steering_wheel_angle_deg", "yaw_rate_deg_s")),
        ("", ("gear", "brake_light")),
    )
    figure, panels = plt.subplots(len(groups), 1, figsize=(9.5, 7.0), sharex=True, constrained_layout=True)
    for axes, (label, names) in zip(panels, groups, strict=True):
        for name, colour in zip(names, (BLUE, RED), strict=True):
            t, value = series(a["times_ns"], a["signal"], a["value"], name)
            wide = 3.0 if name.startswith("wheel") else 1.1
            axes.step(t * 1e-9, value, where="post", color=colour, lw=wide, label=name)
        axes.set_ylabel(label, fontsize=8)
        axes.legend(fontsize=7.5, loc="center left", bbox_to_anchor=(1.0, 0.5))
        axes.grid(alpha=0.2)
    panels[0].set_title("scenarios.hard_brake, seed 3: the ego's bus", fontsize=10)
    panels[-1].set_xlabel("time (s)")
    save(figure, path)


def speeds() -> None:
    """CPU seconds for half a second of each sensor on a street."""
    devices = (
        Imu(name="imu", mount="ego", rate_hz=1000.0),
        Gnss(name="gnss", mount="ego", position_m=ROOF),
        WheelOdometry(name="odo", mount="ego"),
        CanBus(name="can", mount="ego"),
    )
    ready = prepared(STREET, 2, *devices)
    times = ready.concrete.keyframe_times_ns
    for sensor in ready.concrete.sensors:
        seconds = took(lambda s=sensor: _sense(ready, s, times[5]), 3).cpu_s
        print(f"{sensor.kind}: {1e3 * seconds:.1f} CPU ms a keyframe of 0.5 s")


def _sense(ready: Stage, sensor: ConcreteSensor, time_ns: int) -> Any:
    draws = Stream(ready.concrete.seed)
    asked = Sensing(
        ready.engine,
        ready.timeline,
        ready.concrete,
        sensor,
        time_ns,
        time_ns - 500_000_000,
        draws / "a",
        draws / "b",
    )
    return SENSORS.load(sensor.kind).sense(asked)


def save(figure: Any, path: Path) -> None:
    figure.savefig(path, dpi=100)
    plt.close(figure)
    print(path)


def main(folder: Path = IMAGES) -> None:
    allan(folder / "imu_allan.png")
    bus(folder / "can.png")
    odometry(folder / "odometry.png")
    receivers(folder / "gnss.png")
    speeds()


if __name__ == "__main__":
    main(*(Path(a) for a in sys.argv[1:]))
