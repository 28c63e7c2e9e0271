"""What the other renderers load: the built world as OBJ files, one JSON and a picture of the sky.

``world.json`` holds the camera (OpenCV axes), its pose and that of the carrier in every frame, each object's file,
rest pose, ids and surface, and the light. The sun and the sky stand there as pairforge's camera develops them: its
exposure and white balance are in the light, since Blender 4.2 has no white balance, so that every contender renders
under "AgX - Medium High Contrast" with exposure 0.
"""

from __future__ import annotations

import json
import os
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.peers.spec import scene
from pairforge.frames import F64
from pairforge.pipeline import Stage, prepare, view
from pairforge.renderers.blender_presets import PRESETS
from pairforge.renderers.blender_scene import metered_albedo, scene_data
from pairforge.renderers.blender_sky import daylight
from pairforge.renderers.darkness import raised
from pairforge.renderers.lamps import metered
from pairforge.scenes.world import Mesh, Part

_SHARP_RAD = np.radians(38.0)
"""Faces that meet at more keep a crisp edge, as in pairforge's pictures."""


def write_exchange(folder: Path, frames: int) -> Path:
    """Writes the scene's first ``frames`` frames to a new ``folder``, and returns it."""
    ready = prepare(scene(frames), 0, 0)
    (folder / "meshes").mkdir(parents=True)
    views = [view(ready, _camera(ready), t) for t in ready.concrete.keyframe_times_ns]
    k = views[0].intrinsics
    document = {
        "camera": {n: getattr(k, n) for n in ("width_px", "height_px", "fx", "fy", "cx", "cy")},
        "frames": [
            {
                "world_from_camera": v.world_from_camera.matrix.tolist(),
                "moved": {_name(ready, p): pose.matrix.tolist() for p, pose in sorted(v.part_poses.items())},
            }
            for v in views
        ],
        "objects": [_object(ready, part, folder) for part in ready.world.parts],
        "light": _light(ready, folder),
    }
    (folder / "world.json").write_text(json.dumps(document))
    return folder


def _camera(ready: Stage) -> Any:
    return next(s for s in ready.concrete.sensors if s.kind == "camera")


def _name(ready: Stage, part_id: int) -> str:
    return f"part{part_id:03d}"


def _object(ready: Stage, part: Part, folder: Path) -> dict[str, Any]:
    (surface,) = part.mesh.materials
    name = _name(ready, part.part_id)
    path = folder / "meshes" / f"{name}.obj"
    path.write_text(_obj(part.mesh))
    return {
        "name": name,
        "file": f"meshes/{path.name}",
        "world_from_object": part.world_from_part.matrix.tolist(),
        "instance_id": part.instance_id,
        "class_id": part.semantic_id,
        "colour": list(surface.colour),
        "roughness": surface.roughness,
        "coat": surface.coat,
        "ior": surface.ior,
    }


def _obj(mesh: Mesh) -> str:
    """Triangles with a normal at every corner."""
    normals = corner_normals(mesh).reshape(-1, 3)
    lines = [f"v {x:.9g} {y:.9g} {z:.9g}" for x, y, z in mesh.vertices]
    lines += [f"vn {x:.6f} {y:.6f} {z:.6f}" for x, y, z in normals]
    for k, (a, b, c) in enumerate(mesh.faces + 1):
        lines.append(f"f {a}//{3 * k + 1} {b}//{3 * k + 2} {c}//{3 * k + 3}")
    return "\n".join(lines) + "\n"


def corner_normals(mesh: Mesh) -> F64:
    """(F, 3, 3) unit normals of each face's corners: the face's own where it is flat, else the mean, by angle, of the
    smooth faces at that place that are turned less than an edge's worth from it."""
    corners = mesh.vertices.astype(np.float64)[mesh.faces]
    across = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    flat = across / np.linalg.norm(across, axis=1, keepdims=True)
    ahead, behind = np.roll(corners, -1, axis=1) - corners, np.roll(corners, 1, axis=1) - corners
    cosine = (ahead * behind).sum(-1) / np.linalg.norm(ahead, axis=-1) / np.linalg.norm(behind, axis=-1)
    angle = np.arccos(np.clip(cosine, -1.0, 1.0))
    out = np.repeat(flat[:, None, :], 3, axis=1)
    _, place = np.unique(
        mesh.vertices[mesh.faces].reshape(-1, 3) + np.float32(0), axis=0, return_inverse=True
    )
    place = place.reshape(-1, 3)
    order = np.argsort(place.ravel(), kind="stable")
    starts = np.searchsorted(place.ravel()[order], np.arange(place.max() + 2))
    for begin, end in pairwise(starts):
        here = order[begin:end]
        faces = here // 3
        near = (flat[faces] @ flat[faces].T > np.cos(_SHARP_RAD)) & mesh.smooth[faces][None, :]
        near &= mesh.smooth[faces][:, None]
        total = near @ (flat[faces] * angle.ravel()[here][:, None])
        smooth = mesh.smooth[faces]
        length = np.linalg.norm(total, axis=1, keepdims=True)
        out.reshape(-1, 3)[here[smooth]] = (total / np.maximum(length, 1e-12))[smooth]
    return out


def _light(ready: Stage, folder: Path) -> dict[str, Any]:
    os.environ["OPENCV_IO_ENABLE_OPENEXR"] = "1"
    import cv2

    data = scene_data(ready.world)
    day = daylight(data.sky)
    developed = _developed(ready, day.horizontal)
    sky = np.asarray(day.image @ developed.T, dtype=np.float32)
    cv2.imwrite(str(folder / "sky.exr"), np.ascontiguousarray(sky[..., ::-1]))
    sun = developed @ day.sun
    return {
        "sky": "sky.exr",
        "to_sun": day.to_sun.tolist(),
        "sun": sun.tolist(),
        "sun_angle_rad": 0.0093 + 0.25 * data.sky.cloudiness**3,
        "cycles": cycles_settings(),
    }


def cycles_settings() -> dict[str, Any]:
    """pairforge's own settings for ``standard``, but for the samples, as names and values of ``scene.cycles``."""
    return dict(PRESETS["standard"].cycles)


def _developed(ready: Stage, horizontal: float) -> F64:
    """(3, 3): exposure and white balance as one matrix upon linear light."""
    data = scene_data(ready.world)
    level = metered(data.sky, horizontal, data.beams)
    assert raised(level) == 1.0, "the peers' scene is a day's"
    relative = level / 4.6 * max(metered_albedo(data), 0.05) / 0.22
    exposure = 2.9 * np.pi / 4.6 / relative**0.85
    return exposure * WHITE_BALANCE


WHITE_BALANCE = np.array([[1.0148, 0.0213, 0.0035], [-0.0010, 0.9955, 0.0012], [-0.0012, -0.0060, 0.9374]])
"""What Blender 5.0's white balance of 7000 K, tint 10, makes of linear light, as measured on pure colours."""
