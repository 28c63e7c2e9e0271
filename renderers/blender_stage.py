"""The scene inside Blender (worker only): built once a world, then only matrices move."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

import bpy
import numpy as np
from mathutils import Matrix
from numpy.typing import NDArray
from PIL import Image

from pairforge.frames import F64, Intrinsics
from pairforge.renderers import blender_light, blender_passes_stage
from pairforge.renderers.blender_materials import MaterialShop
from pairforge.renderers.blender_mesh import blender_mesh
from pairforge.renderers.blender_presets import PRESETS, Preset
from pairforge.renderers.blender_scene import SceneData, ViewData, metered_albedo
from pairforge.renderers.blender_sky import daylight

_SENSOR_MM = 36.0
_BLENDER_CAMERA_AXES = np.diag([1.0, -1.0, -1.0, 1.0])
"""OpenCV camera axes (x right, y down, z forward) from Blender's (x right, y up, z backward)."""

_GLASS_WALLS = 16
"""How many surfaces of glass a ray may pass: a vessel has four, and one may stand behind three others."""


class Stage:
    """One Blender file in memory. ``open`` empties and builds it; ``render`` and ``passes`` move it and look."""

    def __init__(self, threads: int) -> None:
        self._threads = threads
        self._folder = Path(tempfile.mkdtemp(prefix="frames-"))
        self._objects: dict[int, Any] = {}
        self._rest: dict[int, F64] = {}
        self._moved: set[int] = set()
        self._beams: list[tuple[int, Any, Any]] = []

    def open(self, data: SceneData, preset: Preset) -> float:
        """Builds the world; returns the seconds it took."""
        start = time.perf_counter()
        bpy.ops.wm.read_factory_settings(use_empty=True)
        scene = bpy.context.scene
        self._objects, self._rest, self._moved = {}, {}, set()
        day = daylight(data.sky)
        gain = blender_light.light(scene, data, day, metered_albedo(data))
        shop = MaterialShop(data.sky, day.haze * gain, data.tracks)
        meshes = [blender_mesh(f"mesh{i}", mesh, shop) for i, mesh in enumerate(data.meshes)]
        for part in data.parts:
            thing = bpy.data.objects.new(f"part{part.part_id:05d}", meshes[part.mesh])
            thing.pass_index = part.part_id if part.part_id < 32768 else 0
            thing.matrix_world = Matrix(part.world_from_part)
            thing["lit"], thing["seed"], thing["rests"] = part.lit, part.seed, part.rests
            scene.collection.objects.link(thing)
            self._objects[part.part_id] = thing
            self._rest[part.part_id] = part.world_from_part
        self._beams = blender_light.add_beams(scene, data.beams, gain)
        self._hang_beams()
        _add_camera(scene)
        _settings(scene, preset, self._threads)
        scene.cycles.use_light_tree = bool(self._beams)
        if any(m.transmission > 0.0 for mesh in data.meshes for m in mesh.materials):
            scene.cycles.transparent_max_bounces = _GLASS_WALLS
        return time.perf_counter() - start

    def render(self, view: ViewData) -> NDArray[np.uint8]:
        """(H, W, 3) uint8 sRGB."""
        scene = bpy.context.scene
        self._pose(scene, view)
        path = self._folder / "frame.png"
        scene.render.filepath = str(path)
        bpy.ops.render.render(write_still=True)
        with Image.open(path) as image:
            pixels = np.array(image.convert("RGB"))
        path.unlink()
        return pixels

    def passes(self, view: ViewData) -> tuple[NDArray[np.float32], NDArray[np.uint16]]:
        """z-depth (H, W) float32, inf for nothing, and part ids (H, W) uint16."""
        scene = bpy.context.scene
        self._pose(scene, view)
        return blender_passes_stage.passes(scene, self._folder)

    def probe(self) -> dict[str, Any]:
        """The version, the devices Cycles sees, and the seconds of one 16x16 frame."""
        from pairforge.scenes.world import Sky

        self.open(SceneData((), (), Sky()), PRESETS["draft"])
        view = ViewData(Intrinsics.from_fov(16, 16, 60.0), np.eye(4), {})
        start = time.perf_counter()
        pixels = self.render(view)
        took = time.perf_counter() - start
        preferences = bpy.context.preferences.addons["cycles"].preferences
        preferences.refresh_devices()
        devices = sorted({f"{device.type}: {device.name}" for device in preferences.devices})
        shape = "x".join(str(n) for n in pixels.shape)
        return {"version": bpy.app.version_string, "devices": devices, "frame_s": took, "frame_shape": shape}

    def _pose(self, scene: Any, view: ViewData) -> None:
        """Puts every part where the view has it; what an earlier view moved goes back to rest."""
        for part_id in sorted(self._moved - view.part_matrices.keys()):
            self._objects[part_id].matrix_world = Matrix(self._rest[part_id])
        for part_id, matrix in sorted(view.part_matrices.items()):
            self._objects[part_id].matrix_world = Matrix(matrix)
        self._moved = set(view.part_matrices)
        self._hang_beams()
        scene.camera.matrix_world = Matrix(view.world_from_camera @ _BLENDER_CAMERA_AXES)
        _aim(scene, view.intrinsics)

    def _hang_beams(self) -> None:
        """Lamps go where their parts go."""
        for part_id, lamp, local in self._beams:
            lamp.matrix_world = self._objects[part_id].matrix_world @ local


def _add_camera(scene: Any) -> None:
    data = bpy.data.cameras.new("camera")
    data.sensor_fit, data.sensor_width = "HORIZONTAL", _SENSOR_MM
    data.clip_start, data.clip_end = 0.02, 5000.0
    camera = bpy.data.objects.new("camera", data)
    scene.collection.objects.link(camera)
    scene.camera = camera


def _aim(scene: Any, k: Intrinsics) -> None:
    """Sets Blender's lens, shift and pixel aspect so that fx, fy, cx, cy are exact (sensor fit is horizontal)."""
    render, camera = scene.render, scene.camera.data
    render.resolution_x, render.resolution_y, render.resolution_percentage = k.width_px, k.height_px, 100
    tall = k.fx / k.fy
    # Blender takes aspects of at least 1 only; their ratio is what counts.
    render.pixel_aspect_x, render.pixel_aspect_y = (1.0, tall) if tall >= 1.0 else (1.0 / tall, 1.0)
    camera.lens = k.fx * _SENSOR_MM / k.width_px
    camera.shift_x = (k.width_px / 2 - k.cx) / k.width_px
    camera.shift_y = (k.cy - k.height_px / 2) * tall / k.width_px


def _settings(scene: Any, preset: Preset, threads: int) -> None:
    render, cycles = scene.render, scene.cycles
    render.engine, cycles.device = "CYCLES", "CPU"
    render.use_persistent_data = True
    render.use_file_extension, render.dither_intensity = False, 0.0
    render.use_compositing = render.use_sequencer = False
    render.threads_mode = "FIXED" if threads else "AUTO"
    if threads:
        render.threads = threads
    image = render.image_settings
    image.file_format, image.color_mode, image.color_depth, image.compression = "PNG", "RGB", "8", 0
    cycles.samples, cycles.seed, cycles.use_adaptive_sampling = preset.samples, 0, False
    cycles.max_bounces, cycles.diffuse_bounces = preset.bounces, preset.diffuse_bounces
    cycles.glossy_bounces, cycles.transmission_bounces = preset.glossy_bounces, 0
    cycles.volume_bounces, cycles.transparent_max_bounces = 0, 2
    cycles.caustics_reflective = cycles.caustics_refractive = False
    cycles.sample_clamp_indirect, cycles.blur_glossy = 4.0, 1.0
    cycles.use_auto_tile, cycles.use_light_tree = False, False
    cycles.pixel_filter_type, cycles.filter_width = "BLACKMAN_HARRIS", 1.5
    cycles.use_denoising = bool(preset.denoise)
    if preset.denoise:
        cycles.denoiser, cycles.denoising_use_gpu = "OPENIMAGEDENOISE", False
        cycles.denoising_input_passes = "RGB_ALBEDO_NORMAL"
        cycles.denoising_quality, cycles.denoising_prefilter = preset.denoise, preset.prefilter
