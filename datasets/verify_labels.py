"""Are the labels that cameras were asked for what depth, ids, tracks and the built shapes give?

Object coordinates, materials and colours are compared with the shapes that the stored concrete scene builds.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from pairforge.datasets.finding import Problem
from pairforge.datasets.shard_arrays import arrays_of
from pairforge.datasets.verify_camera import pixels
from pairforge.datasets.verify_view import CameraView, FrameView
from pairforge.frames import F64, Pose
from pairforge.scenes.world import World
from pairforge.sensors.camera_labels.protocol import LABELS

RANGE_SHARE = 2e-6
"""Of the range: float32 rounds once in depth and once in range."""
NOCS_SHARE, NOCS_M = 2.6e-4, 1e-3
"""Of the box's diagonal (float16 keeps 0..1 to 2.44e-4), and metres more for float32 depth."""
SCENE_FLOW_M, SCENE_FLOW_SHARE = 1e-4, 1e-5
MATERIAL_M, MATERIAL_SHARE = 2e-3, 2e-5
"""A point lies so near to a triangle of its material, metres and share of the distance."""
SAMPLE = 150
"""Pixels a picture whose material is looked up triangle by triangle."""


def asked_labels(view: FrameView) -> Iterator[Problem]:
    """A camera has the arrays of the labels it was asked for, and no others."""
    optional = {s.name: s.suffix for s in arrays_of("camera") if s.optional}
    for cam in view.cameras:
        due = {a.name for label in _asked(view, cam) for a in LABELS.load(label).arrays}
        have = set(cam.camera.extra) & set(optional)
        for name in sorted(due ^ have):
            what = "is missing, though the camera was asked for it" if name in due else "was not asked for"
            yield Problem(cam.member(optional[name]), f"{name} {what}")


def _asked(view: FrameView, cam: CameraView) -> tuple[str, ...]:
    sensor = view.scene.sensor(cam.camera.sensor)
    return tuple(sensor.settings.get("labels", ())) if sensor else ()


def labelled(view: FrameView, *names: str) -> Iterator[CameraView]:
    """The cameras that have all of these arrays."""
    return (cam for cam in view.cameras if all(name in cam.camera.extra for name in names))


def range_is_depth(view: FrameView) -> Iterator[Problem]:
    """Range is depth along the ray: the length of the surface point in the camera's axes."""
    for cam in labelled(view, "range"):
        stored = cam.camera.extra["range"].astype(np.float64)
        due = np.where(cam.hit, np.linalg.norm(cam.points_camera, axis=-1), np.inf)
        with np.errstate(invalid="ignore"):
            off = np.abs(stored - due) / due
        wrong = np.where(cam.hit, ~(off <= RANGE_SHARE), stored != np.inf)
        yield from pixels(cam, "range.npy", wrong, "have a range that is not depth times the ray's length")
        view.measured.add("range_error_share", off[cam.hit])


def panoptic_ids(view: FrameView) -> Iterator[Problem]:
    """A panoptic pixel is its class and instance."""
    for cam in labelled(view, "panoptic"):
        r, g, b = np.moveaxis(cam.camera.extra["panoptic"].astype(np.int64), -1, 0)
        due = cam.camera.semantic.astype(np.int64) * 65536 + cam.camera.instance
        wrong = r + 256 * g + 65536 * b != due
        yield from pixels(
            cam, "panoptic.png", wrong, "have a panoptic id other than their class and instance"
        )


def object_coordinates(view: FrameView) -> Iterator[Problem]:
    """Object coordinates lead back to the surface: from the box to the part at rest, and along its track."""
    for cam in labelled(view, "nocs"):
        stored, own = cam.camera.extra["nocs"].astype(np.float64), cam.camera.instance > 0
        yield from pixels(
            cam,
            "nocs.npy",
            np.isnan(stored).any(axis=-1) == own,
            "have coordinates without a thing, or none on one",
        )
        with np.errstate(invalid="ignore"):
            outside = own & ((stored < -2e-3) | (stored > 1 + 2e-3)).any(axis=-1)
        yield from pixels(cam, "nocs.npy", outside, "have coordinates outside the box, 0..1")
        off, limit = np.zeros(own.shape), np.ones(own.shape)
        for part_id, here in of_parts(cam, own):
            rest, size, centre = _rest(view.scene.world, part_id)
            local = rest.inverse.points((stored[here] - 0.5) * size + centre)
            off[here] = np.linalg.norm(local - cam.local[here], axis=-1)
            limit[here] = NOCS_SHARE * float(np.linalg.norm(size)) + NOCS_M
        yield from pixels(
            cam, "nocs.npy", own & ~(off <= limit), "have coordinates that lead elsewhere than depth"
        )
        view.measured.add("nocs_error_m", off[own])


def of_parts(cam: CameraView, where: NDArray[np.bool_]) -> Iterator[tuple[int, NDArray[np.bool_]]]:
    """Part id and its pixels (H, W), of the pixels ``where`` something is hit."""
    part = np.where(where & cam.hit, cam.camera.part, 0)
    for part_id in np.unique(part[part > 0]):
        yield int(part_id), part == part_id


def _rest(world: World, part_id: int) -> tuple[Pose, F64, F64]:
    """body_from_part at rest; size and centre (3,) of the instance's box."""
    instance = world.instance(world.part(part_id).instance_id)
    piece = instance.shape.parts[instance.part_ids.index(part_id)]
    return piece.body_from_part, np.array(instance.size_m), np.array(instance.centre_m)


def scene_flow(view: FrameView) -> Iterator[Problem]:
    """Scene flow is the difference of the tracks, in the camera's axes."""
    for cam in labelled(view, "scene_flow"):
        c, stored = cam.camera, cam.camera.extra["scene_flow"].astype(np.float64)
        empty = np.isnan(stored).any(axis=-1)
        yield from pixels(
            cam, "scene_flow.npy", empty != ~cam.hit, "have a motion without a surface, or none on one"
        )
        due, size = cam.shift(c.flow_dt_ns), np.abs(cam.points_camera).max(axis=-1)
        off = np.linalg.norm(stored - due, axis=-1)
        wrong = cam.hit & ~empty & ~(off <= SCENE_FLOW_M + SCENE_FLOW_SHARE * size)
        yield from pixels(cam, "scene_flow.npy", wrong, "have a motion that the tracks do not give")
        view.measured.add("scene_flow_error_m", off[cam.hit & ~empty])


def materials(view: FrameView) -> Iterator[Problem]:
    """Material ids are those of the scene's list, and of the triangle that each of some pixels lies on."""
    for cam in labelled(view, "material"):
        stored, world = cam.camera.extra["material"], view.scene.world
        rows = view.record.extra.get("materials", [])
        if [r.get("name") for r in rows] != [m.name for m in world.materials]:
            yield Problem(view.scene.table("scenes"), "its materials are not those of the concrete scene")
        yield from pixels(
            cam, "material.png", (stored > 0) != cam.hit, "have a material without a surface, or none on one"
        )
        yield from pixels(cam, "material.png", stored > len(rows), "have a material that is not listed")
        off, reach, where = _off_their_material(cam, world, stored)
        bad = ~(off <= MATERIAL_M + MATERIAL_SHARE * reach)
        if bad.any():
            row, column = (int(x) for x in where[bad][0])
            yield Problem(
                cam.member("material.png"),
                f"{int(bad.sum())} of {len(bad)} pixels looked up lie on no triangle of their material, the first at "
                f"row {row}, column {column}",
            )
        view.measured.add("material_error_m", off[np.isfinite(off)])


def _off_their_material(
    cam: CameraView, world: World, stored: NDArray[np.uint16]
) -> tuple[F64, F64, NDArray[np.int64]]:
    """Of pixels spread over the picture: distance (K,) to the nearest triangle of their part that has their material
    (inf: none has), distance (K,) to the camera, row and column (K, 2)."""
    seen = np.argwhere(cam.hit & (stored > 0) & (stored <= len(world.materials)))
    chosen = seen[np.unique(np.linspace(0, len(seen) - 1, SAMPLE).astype(int))] if len(seen) else seen
    off = np.full(len(chosen), np.inf)
    for k, (row, column) in enumerate(chosen):
        mesh = world.part(int(cam.camera.part[row, column])).mesh
        wanted = world.materials[stored[row, column] - 1]
        slots = [s for s, m in enumerate(mesh.materials) if m == wanted]
        faces = mesh.faces[np.isin(mesh.face_material, slots)]
        if len(faces):
            off[k] = _to_triangles(cam.local[row, column], mesh.vertices[faces].astype(np.float64))
    return off, np.linalg.norm(cam.points_camera[tuple(chosen.T)], axis=-1), chosen


def _to_triangles(point: F64, corners: F64) -> float:
    """Least over triangles (F, 3, 3): distance to the plane, plus how far outside the triangle the foot lies."""
    a, b, c = (corners[:, k] for k in range(3))
    normal = np.cross(b - a, c - a)
    area = np.linalg.norm(normal, axis=1)
    unit = normal / np.maximum(area, 1e-12)[:, None]
    out = np.zeros(len(corners))
    for p, q in ((a, b), (b, c), (c, a)):
        side = np.cross(unit, q - p)
        length = np.maximum(np.linalg.norm(side, axis=1), 1e-12)
        out = np.maximum(out, -np.einsum("fk,fk->f", point - p, side) / length)
    return float((np.abs(np.einsum("fk,fk->f", point - a, unit)) + out)[area > 1e-12].min(initial=np.inf))


def base_colours(view: FrameView) -> Iterator[Problem]:
    """Untextured surfaces have the colour of one of their part's materials: their own where it is labelled."""
    for cam in labelled(view, "albedo"):
        stored, world = cam.camera.extra["albedo"], view.scene.world
        material = cam.camera.extra.get("material")
        wrong = ~cam.hit & stored.any(axis=-1)
        for part_id, here in of_parts(cam, cam.hit):
            owned = [m for m in world.part(part_id).mesh.materials if m.texture is None]
            if len(owned) < len(world.part(part_id).mesh.materials) and material is None:
                continue
            if material is not None:
                for k in np.unique(material[here]):
                    made = world.materials[k - 1] if 0 < k <= len(world.materials) else None
                    if made is not None and made.texture is None:
                        own = here & (material == k)
                        wrong |= own & (np.abs(stored.astype(int) - _srgb(made.colour)) > 1).any(axis=-1)
            else:
                codes = np.array([_srgb(m.colour) for m in owned])
                near = np.abs(stored[here][:, None].astype(int) - codes).max(axis=-1).min(axis=1) <= 1
                wrong[here] |= ~near
        yield from pixels(cam, "albedo.png", wrong, "have a colour that their material has not")


def _srgb(linear: tuple[float, float, float]) -> NDArray[np.int64]:
    """(3,) 0..255, by the curve of IEC 61966-2-1."""
    coded = [12.92 * x if x <= 0.0031308 else 1.055 * x ** (1 / 2.4) - 0.055 for x in linear]
    return np.array([round(255 * min(max(x, 0.0), 1.0)) for x in coded], dtype=np.int64)


SWEEP_CHECKS = (asked_labels, range_is_depth, panoptic_ids, object_coordinates, scene_flow)
CHECKS = (*SWEEP_CHECKS, materials, base_colours)
