"""Blender's camera: lens, shift, pixel aspect and aperture, or the lens shader (worker only)."""

from __future__ import annotations

from typing import Any

import bpy

from pairforge.frames import Intrinsics
from pairforge.renderers.blender_lens import aperture_m, bend
from pairforge.renderers.protocol import ThinLens

_SENSOR_MM = 36.0


def add_camera(scene: Any) -> None:
    """The scene's only camera, to be aimed."""
    data = bpy.data.cameras.new("camera")
    data.sensor_fit, data.sensor_width = "HORIZONTAL", _SENSOR_MM
    data.clip_start, data.clip_end = 0.02, 5000.0
    camera = bpy.data.objects.new("camera", data)
    scene.collection.objects.link(camera)
    scene.camera = camera


def aim(scene: Any, k: Intrinsics, lens: ThinLens | None) -> None:
    """Sets Blender's lens, shift and pixel aspect so that fx, fy, cx, cy are exact (sensor fit is horizontal), and
    depth of field; a camera that bends rays gets the lens shader instead of the first three."""
    render, camera = scene.render, scene.camera.data
    render.resolution_x, render.resolution_y, render.resolution_percentage = k.width_px, k.height_px, 100
    camera.lens = k.fx * _SENSOR_MM / k.width_px
    if k.model == "pinhole":
        tall = k.fx / k.fy
        camera.type = "PERSP"
        camera.shift_x = (k.width_px / 2 - k.cx) / k.width_px
        camera.shift_y = (k.cy - k.height_px / 2) * tall / k.width_px
    else:
        tall, camera.shift_x, camera.shift_y = 1.0, 0.0, 0.0
        bend(camera, k, lens)
    # Blender takes aspects of at least 1 only; their ratio is what counts.
    render.pixel_aspect_x, render.pixel_aspect_y = (1.0, tall) if tall >= 1.0 else (1.0 / tall, 1.0)
    _open_aperture(camera, lens)


def _open_aperture(camera: Any, lens: ThinLens | None) -> None:
    """The aperture's diameter is what counts; Blender wants it as a share of its own lens, which is not ours."""
    camera.dof.use_dof = lens is not None
    if lens is not None:
        camera.dof.focus_distance = lens.focus_m
        camera.dof.aperture_fstop = 1e-3 * camera.lens / aperture_m(lens)
