"""The bird's-eye view: lanes, trajectories, boxes, LiDAR and what the camera covers, seen from above."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from pairforge.datasets.report_colours import AWAY, EGO, FAINT, NEARER, PAPER, STILL, Rgb, instance_colour
from pairforge.datasets.report_panels import corners_m, font
from pairforge.frames import F64, Intrinsics, Pose
from pairforge.sample import CameraFrame, Keyframe, SceneRecord
from pairforge.scenes.taxonomy import BY_NAME

SECONDS = 3.0
"""How far trajectories look back and ahead."""
_SUPER = 2
_DRIVING_M = 72.0


class Ground:
    """Metres on the ground to pixels: ``centre`` in the middle, the heading to the right."""

    def __init__(
        self, frame: Keyframe, record: SceneRecord, camera: CameraFrame, width: int, height: int
    ) -> None:
        self.width, self.height = width * _SUPER, height * _SUPER
        ego = next((i.instance_id for i in record.instances if i.name == record.ego), 0)
        if ego:
            self._view_from(record.world_from_body(ego, frame.time_ns), 0.32, _DRIVING_M, width)
        else:
            self._view_all(frame, camera, width, height)

    def _view_from(self, pose: Pose, ahead_of: float, span_m: float, width: int) -> None:
        self._yaw, self.scale = pose.yaw, width * _SUPER / span_m
        forward = np.array([np.cos(pose.yaw), np.sin(pose.yaw)])
        self._centre = pose.position_m[:2] + forward * span_m * (0.5 - ahead_of)

    def _view_all(self, frame: Keyframe, camera: CameraFrame, width: int, height: int) -> None:
        """All boxes and the camera itself, the camera looking to the right."""
        look = camera.world_from_camera.vectors([0.0, 0.0, 1.0])
        self._yaw = float(np.arctan2(look[1], look[0]))
        self.scale, self._centre = 1.0, np.zeros(2)
        pieces = [corners_m(b) for b in frame.boxes] + [camera.world_from_camera.position_m[None]]
        xy = self._turned(np.concatenate(pieces))
        low, high = xy.min(axis=0), xy.max(axis=0)
        span = np.maximum(high - low, 0.5) * 1.25
        middle = (low + high) / 2
        c, s = np.cos(self._yaw), np.sin(self._yaw)
        self._centre = np.array([c * middle[0] - s * middle[1], s * middle[0] + c * middle[1]])
        self.scale = _SUPER * min(width / span[0], height / span[1])

    def _turned(self, xyz: F64) -> F64:
        c, s = np.cos(self._yaw), np.sin(self._yaw)
        d = np.asarray(xyz, dtype=np.float64)[:, :2] - self._centre
        return np.stack([c * d[:, 0] + s * d[:, 1], -s * d[:, 0] + c * d[:, 1]], axis=1)

    def pixels(self, xyz: F64) -> list[tuple[float, float]]:
        xy = self._turned(xyz) * self.scale
        return [(float(self.width / 2 + x), float(self.height / 2 - y)) for x, y in xy]


def bird(frame: Keyframe, record: SceneRecord, camera: CameraFrame, width: int, height: int) -> Image.Image:
    """The view from above, drawn at twice its size and made smooth."""
    ground = Ground(frame, record, camera, width, height)
    image = Image.new("RGB", (ground.width, ground.height), PAPER)
    draw = ImageDraw.Draw(image, "RGBA")
    _grid(draw, ground)
    _lanes(draw, ground, record)
    _cone(draw, ground, camera)
    _points(draw, ground, frame, record)
    for box in frame.boxes:
        _trail(draw, ground, record, box.instance_id, frame.time_ns, instance_colour(box.instance_id))
    for box in frame.boxes:
        _body(
            draw,
            ground,
            corners_m(box),
            instance_colour(box.instance_id),
            record.instance(box.instance_id).has_front,
        )
    _radars(draw, ground, frame)
    _ego(draw, ground, record, frame.time_ns)
    _bar(draw, ground)
    return image.resize((width, height), Image.Resampling.LANCZOS)


def _grid(draw: ImageDraw.ImageDraw, ground: Ground) -> None:
    step = ground.scale * _nice(ground)
    for k in range(-40, 41):
        x, y = ground.width / 2 + k * step, ground.height / 2 + k * step
        draw.line((x, 0, x, ground.height), fill=(255, 255, 255, 10), width=_SUPER)
        draw.line((0, y, ground.width, y), fill=(255, 255, 255, 10), width=_SUPER)


def _lanes(draw: ImageDraw.ImageDraw, ground: Ground, record: SceneRecord) -> None:
    for _, width_m, centre in record.lanes:
        if len(centre) < 2:
            continue
        along = np.gradient(centre[:, :2], axis=0)
        along /= np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-9)
        side = np.column_stack([-along[:, 1], along[:, 0], np.zeros(len(along))]) * width_m / 2
        left, right = ground.pixels(centre + side), ground.pixels(centre - side)
        draw.polygon([*left, *right[::-1]], fill=(120, 136, 156, 46))
        for edge in (left, right):
            draw.line(edge, fill=(200, 210, 225, 90), width=_SUPER, joint="curve")


def _cone(draw: ImageDraw.ImageDraw, ground: Ground, camera: CameraFrame) -> None:
    """What the camera covers, out to a fading distance."""
    eye = camera.world_from_camera.position_m
    sides = list(camera.world_from_camera.vectors(_borders(camera.intrinsics)))
    for share in (0.2, 0.4, 0.6, 0.8, 1.0):
        reach = share * 0.62 * ground.width / ground.scale
        ends = [eye + d / max(float(np.hypot(d[0], d[1])), 1e-6) * reach for d in sides]
        draw.polygon(ground.pixels(np.stack([eye, *ends])), fill=(255, 226, 140, 9))


def _borders(k: Intrinsics) -> F64:
    """Directions (N, 3), in camera axes, at which what a camera covers begins and ends, and some between where that
    is more than half a turn."""
    if k.is_pinhole:
        return np.array([[(u - k.cx) / k.fx, 0.0, 1.0] for u in (0.0, float(k.width_px))])
    row = k.rays_at(np.stack([np.linspace(0.0, k.width_px, 97), np.full(97, k.cy)], axis=1))
    seen = row[np.isfinite(row[:, 0])]
    return seen[np.linspace(0, len(seen) - 1, 13).astype(int)] if len(seen) else np.array([[0.0, 0.0, 1.0]])


def _points(draw: ImageDraw.ImageDraw, ground: Ground, frame: Keyframe, record: SceneRecord) -> None:
    """Returns in the colour of what they hit; of the street around in grey, the higher the brighter."""
    boxed = {r.instance_id for r in record.instances if BY_NAME[r.semantic].boxed}
    for lidar in frame.lidars.values():
        world = lidar.world_from_lidar.points(lidar.deskewed)
        height = world[:, 2]
        for (x, y), z, i in zip(ground.pixels(world), height, lidar.touched, strict=True):
            if 0 <= x < ground.width and 0 <= y < ground.height:
                shade = int(np.clip(70 + 40 * z, 60, 190))
                colour = (
                    (*instance_colour(int(i)), 230)
                    if int(i) in boxed
                    else (shade, shade + 12, shade + 30, 150)
                )
                draw.rectangle((x - 1, y - 1, x + 1, y + 1), fill=colour)


def _radars(draw: ImageDraw.ImageDraw, ground: Ground, frame: Keyframe) -> None:
    """What radars detect as rings, hollow where it is no thing; things with a second of their range rate without the
    radar's own motion: towards the radar in red, away in blue."""
    for reading in frame.readings.values():
        if reading.kind != "radar":
            continue
        at = reading.arrays["position_m"].astype(np.float64)
        rate = np.pad(reading.arrays["velocity_compensated_mps"].astype(np.float64), ((0, 0), (0, 1)))
        ends = ground.pixels(reading.world_from_sensor.points(np.concatenate([at, at + rate])))
        nearer = np.einsum("ij,ij->i", at, rate) < 0.0
        for k, (x, y) in enumerate(ends[: len(at)]):
            colour = NEARER if nearer[k] else AWAY
            thing = reading.arrays["kind"][k] == 0
            if np.hypot(*rate[k, :2]) <= 0.5:
                colour = STILL
            elif thing:
                draw.line((x, y, *ends[len(at) + k]), fill=(*colour, 200), width=_SUPER)
            ring = (x - 3 * _SUPER, y - 3 * _SUPER, x + 3 * _SUPER, y + 3 * _SUPER)
            draw.ellipse(
                ring, outline=(*colour, 255 if thing else 130), fill=(*colour, 150) if thing else None
            )


def _trail(
    draw: ImageDraw.ImageDraw,
    ground: Ground,
    record: SceneRecord,
    instance_id: int,
    time_ns: int,
    colour: Rgb,
) -> None:
    """The path behind (thin) and ahead (thick, fading)."""
    track = record.instance_tracks.get(instance_id)
    if track is None:
        return
    first, last = int(track.times_ns[0]), int(track.times_ns[-1])
    reach = int(SECONDS * 1e9)
    times = np.linspace(max(first, time_ns - reach), min(last, time_ns + reach), 60).astype(np.int64)
    positions, _ = track.sample(times)
    path = ground.pixels(positions)
    for k in range(len(path) - 1):
        ahead = times[k] >= time_ns
        fade = 1 - abs(int(times[k]) - time_ns) / reach
        alpha = int((60 + 180 * fade) if ahead else 110 * fade)
        draw.line((*path[k], *path[k + 1]), fill=(*colour, alpha), width=_SUPER * (2 if ahead else 1))


def _body(draw: ImageDraw.ImageDraw, ground: Ground, corners: F64, colour: Rgb, has_front: bool) -> None:
    base = corners[[0, 2, 6, 4]]
    draw.polygon(ground.pixels(base), fill=(*colour, 120), outline=(*colour, 255), width=_SUPER)
    if has_front:
        middle, nose = corners.mean(axis=0), corners[[4, 6]].mean(axis=0)
        draw.line([*ground.pixels(np.stack([middle, nose]))], fill=(*colour, 255), width=2 * _SUPER)


def _ego(draw: ImageDraw.ImageDraw, ground: Ground, record: SceneRecord, time_ns: int) -> None:
    row = next((i for i in record.instances if i.name == record.ego), None)
    if row is None:
        return
    _trail(draw, ground, record, row.instance_id, time_ns, EGO)
    signs = np.array([(x, y, z) for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)]) / 2
    local = np.array(row.centre_m) + signs * np.array(row.size_m)
    _body(draw, ground, record.world_from_body(row.instance_id, time_ns).points(local), EGO, True)


def _bar(draw: ImageDraw.ImageDraw, ground: Ground) -> None:
    """A scale bar of one grid step."""
    step = _nice(ground)
    length = step * ground.scale
    x, y = ground.width - 14 * _SUPER, ground.height - 12 * _SUPER
    draw.line((x - length, y, x, y), fill=(*FAINT, 255), width=2 * _SUPER)
    text = f"{step:g} m"
    draw.text((x - length, y - 17 * _SUPER), text, font=font(12 * _SUPER), fill=FAINT)


def _nice(ground: Ground) -> float:
    """A round number of metres that spans about a seventh of the view."""
    wish = ground.width / ground.scale / 7
    power = 10 ** np.floor(np.log10(wish))
    return float(min((m * power for m in (1, 2, 5, 10)), key=lambda s: abs(s - wish)))
