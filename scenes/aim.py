"""Sensors of a spec -> concrete sensors: intrinsics, and extrinsics relative to their mount."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
from scipy.spatial.transform import Rotation

from pairforge.errors import SpecError
from pairforge.frames import CAMERA_AXES_IN_BODY, F64, Intrinsics, Pose, look_at, wxyz
from pairforge.scenes.beams import Raster, Rosette, Spin, check_bounds, pattern_json
from pairforge.scenes.concrete import ConcreteSensor, Json
from pairforge.scenes.draws import Draws, floats, plain, unit
from pairforge.scenes.intrinsics import intrinsics
from pairforge.scenes.mounts import mount_pose, split_mount
from pairforge.scenes.spec import Aimed, Camera, Device, Framed, Lidar, Sensor
from pairforge.scenes.stage import MisfitError, Stage
from pairforge.scenes.typecheck import label
from pairforge.sensors.camera_labels.protocol import chosen

CAMERA_IN_BODY = Pose.of((0.0, 0.0, 0.0), wxyz(Rotation.from_matrix(CAMERA_AXES_IN_BODY)))
"""``body_from_camera`` of a camera that looks along its body's x axis."""


MAX_M = 1e4


def aim(sensor: Sensor, draw: Draws, stage: Stage) -> ConcreteSensor:
    """Draws a sensor's pose and settings. Raises SpecError, and MisfitError for one fixed inside a thing."""
    pose, settings = _pose(sensor, draw, stage), settings_of(sensor, draw)
    if (eye := settings.get("stereo")) is not None and eye["right"]:
        pose = pose @ Pose.of((eye["baseline_m"], 0.0, 0.0))
    if sensor.mount is not None:
        mount_pose(
            sensor, stage
        )  # a part that is not there is an error, whatever the sensor does with its pose
        name, part = split_mount(sensor.mount)
        settings |= plain(sensor.settings_on(stage.body(name).shape, part))
    if sensor.calibration_error is not None:
        settings["calibration_error"] = sensor.calibration_error.drawn(draw.under("calibration_error"))
    if sensor.mount is None and (buried := stage.inside(pose.position_m)) is not None:
        raise MisfitError(f"{label(sensor)} {buried}")
    if (far := float(abs(pose.position_m).max())) > MAX_M:
        raise SpecError(f"{label(sensor)} is {far:g} m from what it is fixed to; {MAX_M:g} m is the most")
    return ConcreteSensor(
        name=sensor.name,
        kind=sensor.KIND,
        mount=sensor.mount,
        position_m=floats(pose.position_m),
        quaternion_wxyz=unit(pose),
        settings=settings,
    )


def draws_of(sensor: Sensor, draws: Draws) -> Draws:
    """A sensor's own draws; those of the pair, which both share, of a stereo camera."""
    eye = sensor.stereo if isinstance(sensor, Camera) else None
    return draws.under(sensor.name if eye is None else eye.pair)


def settings_of(sensor: Sensor, draw: Draws) -> Json:
    """``ConcreteSensor.settings`` of a sensor."""
    if isinstance(sensor, Camera):
        return _camera_settings(sensor, draw)
    if isinstance(sensor, Lidar):
        return _lidar_settings(sensor, draw)
    settings: Json = plain(sensor.settings(draw))
    return _image_settings(intrinsics(sensor, draw)) | settings if isinstance(sensor, Aimed) else settings


def _pose(sensor: Sensor, draw: Draws, stage: Stage) -> Pose:
    """``mount_from_sensor``, or ``world_from_sensor`` of a sensor without a mount."""
    if isinstance(sensor, Aimed):
        return _camera_pose(sensor, draw, stage)
    if isinstance(sensor, Device | Lidar):
        return _device_pose(sensor, draw)
    raise SpecError(
        f"{label(sensor)} is neither Aimed, as cameras are, nor a Lidar, nor a Device; make it one of them"
    )


def _lidar_settings(lidar: Lidar, draw: Draws) -> Json:
    return {
        **_scan(lidar),
        "rate_hz": float(lidar.rate_hz),
        "max_range_m": float(lidar.max_range_m),
        "range_noise_m": float(lidar.range_noise_m),
        "dropout": float(lidar.dropout),
        **_timing(lidar),
        **_given(lidar, ("beam", "receiver", "surfaces", "doppler"), draw),
        **({"labels": list(lidar.labels)} if lidar.labels else {}),
    }


def _scan(lidar: Lidar) -> Json:
    """Where the beams look. ``beams`` fire at once, ``columns`` times a frame (of a raster: rows, points a row)."""
    pattern, span = lidar.pattern, [float(v) for v in lidar.elevation_deg]
    beams, columns = lidar.beams, lidar.columns
    if isinstance(pattern, Spin):
        beams, span = len(pattern.elevations_deg), [pattern.elevations_deg[0], pattern.elevations_deg[-1]]
    elif isinstance(pattern, Raster):
        beams, columns, span = pattern.rows, pattern.columns, list(pattern.elevation_deg)
    elif isinstance(pattern, Rosette):
        beams, columns = pattern.lines, round(pattern.points_per_s / (pattern.lines * lidar.rate_hz))
        high = pattern.fov_deg / 2 + pattern.line_deg * (pattern.lines - 1) / 2
        span = [-high, high]
    scan: Json = {"beams": beams, "elevation_deg": [float(v) for v in span], "columns": columns}
    return scan if pattern is None else {**scan, "pattern": pattern_json(pattern)}


def _device_pose(device: Device | Lidar, draw: Draws) -> Pose:
    angles = [draw("yaw_deg", device.yaw_deg), -draw("pitch_deg", device.pitch_deg)]
    turn = wxyz(Rotation.from_euler("ZYX", [*angles, draw("roll_deg", device.roll_deg)], degrees=True))
    return Pose.of(draw("position_m", device.position_m), turn)


def _camera_settings(camera: Camera, draw: Draws) -> Json:
    lens = intrinsics(camera, draw)
    return {
        **_image_settings(lens),
        "rate_hz": float(camera.rate_hz),
        **_timing(camera),
        **_optics(camera, lens, draw),
    }


def _image_settings(lens: Intrinsics) -> Json:
    """The image's size and its pinhole."""
    return {name: getattr(lens, name) for name in ("width_px", "height_px", "fx", "fy", "cx", "cy")}


def _timing(sensor: Framed) -> Json:
    """When its frames are, where that is not the rule."""
    found: Json = {} if sensor.phase_s is None else {"phase_s": float(sensor.phase_s)}
    return {**found, "sweeps": True} if sensor.sweeps else found


def _optics(camera: Camera, fitted: Intrinsics, draw: Draws) -> Json:
    """What the camera is beyond a pinhole: only what it is given stands in its settings."""
    found: Json = {}
    if camera.model != "pinhole":
        found |= {"model": fitted.model, "distortion": list(fitted.distortion)}
    if fitted.circle_deg < 360.0:
        found["circle_deg"] = fitted.circle_deg
    found |= _given(camera, ("shutter", "lens", "imager"), draw)
    if camera.stereo is not None:
        found["stereo"] = {
            "other": camera.stereo.other,
            "right": camera.stereo.right,
            "baseline_m": float(draw("baseline_m", camera.stereo.baseline_m)),
        }
    if camera.labels:
        names = chosen(camera.labels)
        found["labels"] = [n for n in names if n != "disparity" or camera.stereo is not None]
    return found


def _given(sensor: Sensor, parts: tuple[str, ...], draw: Draws) -> Json:
    """Those parts of a sensor that it is given, their fields drawn below the part's name."""
    found: Json = {}
    for part in parts:
        spec = getattr(sensor, part)
        if spec is not None:
            drawn = {f.name: draw(f"{part}.{f.name}", getattr(spec, f.name)) for f in fields(spec)}
            check_bounds(label(sensor), replace(spec, **drawn))  # what ``do`` put in its place, too
            found[part] = plain(drawn)
    return found


def _camera_pose(camera: Aimed, draw: Draws, stage: Stage) -> Pose:
    """``mount_from_camera``, or ``world_from_camera`` of a camera without a mount."""
    if camera.roll_deg is not None:
        level = _camera_pose(replace(camera, roll_deg=None), draw, stage)
        # About the way it looks, its own z: right turns towards down.
        return level @ Pose.of(yaw=float(np.radians(draw("roll_deg", camera.roll_deg))))
    mount = mount_pose(camera, stage)
    if camera.look_at is None:
        assert camera.position_m is not None
        yaw, pitch = draw("yaw_deg", camera.yaw_deg), draw("pitch_deg", camera.pitch_deg)
        turn = wxyz(Rotation.from_euler("ZY", [yaw, -pitch], degrees=True))
        return Pose.of(draw("position_m", camera.position_m), turn) @ CAMERA_IN_BODY
    target = _target(camera.look_at, stage)
    if camera.position_m is not None:
        eye = mount.points(draw("position_m", camera.position_m))
    else:
        eye = target + _orbit(camera, draw)
    if np.linalg.norm(eye - target) < 1e-6:
        raise SpecError(f"{label(camera)} stands on the very point it looks at; move it")
    return mount.inverse @ look_at(eye, target)


def _orbit(camera: Aimed, draw: Draws) -> F64:
    """The offset (3,) from the target to the camera."""
    distance_m = draw("distance_m", camera.distance_m)
    if distance_m <= 0.0:
        raise SpecError(f"{label(camera)}: distance_m is {distance_m:g}; it must be above 0")
    azimuth = np.radians(draw("azimuth_deg", camera.azimuth_deg))
    elevation_deg = draw("elevation_deg", camera.elevation_deg)
    if not -90.0 <= elevation_deg <= 90.0:
        raise SpecError(f"{label(camera)}: elevation_deg is {elevation_deg:g}; it must lie in -90..90")
    elevation = np.radians(elevation_deg)
    flat = np.cos(elevation)
    return distance_m * np.array([flat * np.cos(azimuth), flat * np.sin(azimuth), np.sin(elevation)])


def _target(what: str | tuple[float, float, float], stage: Stage) -> F64:
    """A point (3,): given, or the middle of a surface, or of a thing's box."""
    if not isinstance(what, str):
        return np.asarray(what, dtype=np.float64)
    return stage.middle(what)
