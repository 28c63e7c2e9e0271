"""The pictures of a contact sheet that look through a camera."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from pairforge.datasets.report_colours import (
    FAINT,
    PANEL,
    Rgb,
    instance_colour,
    log_share,
    near_to_far,
    rainbow,
    wheel,
)
from pairforge.frames import F64, Pose, rotation
from pairforge.sample import Box3D, CameraFrame, InstanceRow, Keyframe, LidarFrame, SceneRecord
from pairforge.scenes.taxonomy import BY_NAME, CLASSES

NEAR_M = 0.05
LABEL_AT_LEAST_PX = 0.0012
"""Share of the picture an instance must fill to be named."""
FULL_PX = 1.0
"""The shortest flow that is drawn at full strength: what trembles by less is faint."""
STILL_PX = 0.05
_EDGES = ((0, 1), (1, 3), (3, 2), (2, 0), (4, 5), (5, 7), (7, 6), (6, 4), (0, 4), (1, 5), (2, 6), (3, 7))


def font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Pillow's own font."""
    return ImageFont.load_default(size)


def picture(camera: CameraFrame, width: int, height: int) -> Image.Image:
    """The RGB picture at a panel's size."""
    return Image.fromarray(camera.rgb).resize((width, height), Image.Resampling.LANCZOS)


def depth(camera: CameraFrame, width: int, height: int) -> Image.Image:
    """z-depth from bright (near) to dark (far), logarithmic."""
    hit = np.isfinite(camera.depth)
    near, far = _reach(camera.depth[hit].astype(np.float64))
    rgb = near_to_far(log_share(camera.depth.astype(np.float64), near, far))
    rgb[~hit] = (6, 7, 12)
    return Image.fromarray(rgb).resize((width, height), Image.Resampling.LANCZOS)


def identities(camera: CameraFrame, record: SceneRecord, width: int, height: int) -> Image.Image:
    """Instances in their own colours, their defects in a bright one, stuff in muted ones, shaded by the normals."""
    table = np.zeros((1 << 16, 3))
    for row in record.instances:
        table[row.instance_id] = instance_colour(row.instance_id)
    muted = 0.45 * np.array([c.colour for c in CLASSES], dtype=np.float64) + 12
    muted[BY_NAME["defect"].semantic_id] = BY_NAME["defect"].colour
    known = np.minimum(camera.semantic, len(CLASSES) - 1)
    boxed = np.array([c.boxed for c in CLASSES])[known] & (camera.instance > 0)
    rgb = np.where(boxed[..., None], table[camera.instance], muted[known])
    facing = np.abs(np.einsum("hwk,k->hw", camera.normal.astype(np.float64), np.array([0.25, -0.75, -0.6])))
    light = np.where(camera.part > 0, 0.72 + 0.38 * facing, 1.0)[..., None]
    rgb[np.isnan(camera.intrinsics.rays()[..., 0])] = 0.0
    return Image.fromarray(np.clip(rgb * light, 0, 255).astype(np.uint8)).resize(
        (width, height), Image.Resampling.LANCZOS
    )


def flow(camera: CameraFrame, width: int, height: int) -> Image.Image:
    """Optical flow: hue for direction, strength for length. What moves less than ``STILL_PX`` is still."""
    there = np.isfinite(camera.flow).all(axis=-1)
    vectors = np.where(there[..., None], camera.flow, 0.0).astype(np.float64)
    length = np.hypot(vectors[..., 0], vectors[..., 1])[there]
    rgb = wheel(vectors, max(float(np.quantile(length, 0.9)) if length.size else 0.0, FULL_PX))
    rgb[~there] = (6, 7, 12)
    panel = Image.fromarray(rgb).resize((width, height), Image.Resampling.LANCZOS)
    if not (length > STILL_PX).any():
        words, face = "nothing moves in the picture", font(14)
        left = (width - ImageDraw.Draw(panel).textlength(words, font=face)) / 2
        ImageDraw.Draw(panel).text((left, height / 2 - 8), words, font=face, fill=FAINT)
    return panel


def points(
    camera: CameraFrame, lidar: LidarFrame, record: SceneRecord, width: int, height: int
) -> Image.Image:
    """The sweep over the dimmed picture, coloured by range, each point where its part is at the camera's time."""
    base = Image.blend(picture(camera, width, height), Image.new("RGB", (width, height), (8, 10, 14)), 0.55)
    seen = camera.world_from_camera.inverse.points(_carried(lidar, record, camera.time_ns))
    depth = camera.intrinsics.depth_of(seen)
    ahead = depth > NEAR_M
    uv = camera.intrinsics.project(seen[ahead]) * _zoom(camera, width, height)
    z = depth[ahead]
    inside = (uv[:, 0] >= 0) & (uv[:, 1] >= 0) & (uv[:, 0] < width) & (uv[:, 1] < height)
    uv, z = uv[inside], z[inside]
    near, far = _reach(z)
    colours = rainbow(log_share(z, near, far))
    draw = ImageDraw.Draw(base)
    radius = width / 420
    for i in np.argsort(-z, kind="stable"):
        x, y = (float(v) for v in uv[i])
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=_three(colours[i]))
    return base


def boxes(camera: CameraFrame, frame: Keyframe, record: SceneRecord, width: int, height: int) -> Image.Image:
    """3D boxes as wire frames, 2D boxes as thin frames, each with what it holds."""
    base = Image.blend(picture(camera, width, height), Image.new("RGB", (width, height), (8, 10, 14)), 0.12)
    draw = ImageDraw.Draw(base)
    zoom = _zoom(camera, width, height)
    seen = {b.instance_id: b for b in camera.boxes}
    labels: list[tuple[float, float, str, Rgb]] = []
    for box in sorted(frame.boxes, key=lambda b: -_distance(camera, b)):
        flat = seen.get(box.instance_id)
        if flat is None:
            continue
        colour = instance_colour(box.instance_id)
        for a, b in _wires(camera, box):
            draw.line((*(a * zoom), *(b * zoom)), fill=colour, width=max(1, round(width / 320)))
        x0, y0, x1, y1 = (float(v) for v in np.array(flat.visible_box) * np.tile(zoom, 2))
        draw.rectangle((x0, y0, max(x1 - 1, x0), max(y1 - 1, y0)), outline=colour, width=1)
        if flat.visible_px >= LABEL_AT_LEAST_PX * camera.depth.size:
            # No distance: the caption's is between outlines, and a second, to the centre, would seem to deny it.
            labels.append((x0, y0, named(record.instance(box.instance_id)), colour))
    _write_labels(draw, labels, width)
    return base


def corners_m(box: Box3D) -> F64:
    """(8, 3) corners in the world; x varies slowest, z fastest."""
    signs = np.array([(x, y, z) for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)]) / 2
    return Pose(np.array(box.centre_m), np.array(box.quaternion_wxyz)).points(signs * np.array(box.size_m))


def _wires(camera: CameraFrame, box: Box3D) -> Iterator[tuple[F64, F64]]:
    """Image ends (2,) of the edges, cut at the near plane."""
    xyz = camera.world_from_camera.inverse.points(corners_m(box))
    if not camera.intrinsics.is_pinhole:
        yield from _bent_wires(camera, xyz)
        return
    for i, j in _EDGES:
        a, b = xyz[i], xyz[j]
        if max(a[2], b[2]) <= NEAR_M:
            continue
        if a[2] < NEAR_M:
            a = b + (a - b) * (b[2] - NEAR_M) / (b[2] - a[2])
        if b[2] < NEAR_M:
            b = a + (b - a) * (a[2] - NEAR_M) / (a[2] - b[2])
        ends = camera.intrinsics.project(np.stack([a, b]))
        yield ends[0], ends[1]


def _bent_wires(camera: CameraFrame, xyz: F64) -> Iterator[tuple[F64, F64]]:
    """The edges between corners (8, 3) in the camera's frame in short pieces, without those that leave the model, or
    jump around it."""
    share = np.linspace(0.0, 1.0, 25)[:, None]
    for i, j in _EDGES:
        uv = camera.intrinsics.project(xyz[i] + share * (xyz[j] - xyz[i]))
        for a, b in pairwise(uv):
            if np.isfinite([a, b]).all() and abs(a[0] - b[0]) < camera.intrinsics.width_px / 4:
                yield a, b


def _write_labels(draw: ImageDraw.ImageDraw, labels: list[tuple[float, float, str, Rgb]], width: int) -> None:
    """Nearest last, each moved up until it covers no other."""
    size = max(11, width // 44)
    # The corner of the panel bears its title.
    taken: list[tuple[float, float, float, float]] = [(0.0, 0.0, width * 0.36, width * 0.075)]
    for x, y, text, colour in reversed(labels):
        x0, y0, x1, y1 = draw.textbbox((0, 0), text, font=font(size))
        w, h = x1 - x0 + 8, y1 - y0 + 6
        left, top = min(max(x, 0.0), width - w), max(y - h - 1, 0.0)
        step = -4
        while any(left < r and top < b and left + w > m and top + h > t for m, t, r, b in taken):
            top += step
            step = 4 if top <= 0 else step
        taken.append((left, top, left + w, top + h))
        draw.rounded_rectangle((left, top, left + w, top + h), radius=3, fill=PANEL)
        draw.rectangle((left, top + 2, left + 2, top + h - 2), fill=colour)
        draw.text((left + 6 - x0, top + 3 - y0), text, font=font(size), fill=colour)


def _carried(lidar: LidarFrame, record: SceneRecord, time_ns: int) -> F64:
    """(N, 3) hits in the world where their parts are at ``time_ns``; without ghosts and stray light."""
    world = lidar.world_from_lidar.points(lidar.deskewed)
    for part in np.unique(lidar.part):
        track = record.part_tracks.get(int(part))
        if track is not None:
            own = lidar.part == part
            positions, quaternions = track.sample(lidar.times_ns[own])
            local = rotation(quaternions).inv().apply(world[own] - positions)
            world[own] = track.at(time_ns).points(local)
    return np.asarray(world[~np.isin(lidar.kind, (2, 3))])


def named(row: InstanceRow) -> str:
    """Colour and noun of an instance; people wear their colour."""
    if row.semantic in ("pedestrian", "cyclist") and row.colour:
        return f"{row.noun} in {row.colour}"
    return f"{row.colour} {row.noun}".strip()


def _distance(camera: CameraFrame, box: Box3D) -> float:
    return float(np.linalg.norm(np.array(box.centre_m) - camera.world_from_camera.position_m))


def _zoom(camera: CameraFrame, width: int, height: int) -> F64:
    return np.array([width / camera.intrinsics.width_px, height / camera.intrinsics.height_px])


def _reach(metres: F64) -> tuple[float, float]:
    """Nearest and farthest worth telling apart."""
    if not metres.size:
        return 1.0, 2.0
    near, far = (max(float(x), 0.05) for x in np.quantile(metres, [0.01, 0.99]))
    return near, max(far, near * 1.05)


def _three(rgb: NDArray[np.uint8]) -> Rgb:
    return int(rgb[0]), int(rgb[1]), int(rgb[2])
