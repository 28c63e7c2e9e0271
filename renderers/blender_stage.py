"""The scene inside Blender (worker only): built once a world, then only matrices move."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import bpy
import numpy as np
from mathutils import Matrix
from numpy.typing import NDArray
from PIL import Image

from pairforge.frames import F64, Intrinsics
from pairforge.renderers import blender_devices, blender_light, blender_motion, blender_passes_stage
from pairforge.renderers.blender_camera import add_camera, aim
from pairforge.renderers.blender_materials import MaterialShop
from pairforge.renderers.blender_mesh import blender_mesh, keep_apart
from pairforge.renderers.blender_presets import PRESETS, Preset
from pairforge.renderers.blender_scene import BLENDER_CAMERA, MotionData, SceneData, ViewData, lit_scene
from pairforge.renderers.devices import CPU


class Stage:
    """One Blender file in memory. ``open`` empties and builds it; ``render`` and ``passes`` move it and look."""

    def __init__(self, threads: int, device: str = CPU) -> None:
        self._threads, self._device, self._preset = threads, device, PRESETS["draft"]
        self._folder = Path(tempfile.mkdtemp(prefix="frames-"))
        self._objects: dict[int, Any] = {}
        self._rest: dict[int, F64] = {}
        self._moved: set[int] = set()
        self._beams: list[tuple[int, Any, Any]] = []

    def open(self, data: SceneData, preset: Preset) -> float:
        """Builds the world; returns the seconds it took."""
        start = time.perf_counter()
        self._preset = preset
        bpy.ops.wm.read_factory_settings(use_empty=True)
        bpy.context.preferences.filepaths.use_scripts_auto_execute = False  # no file's scripts or drivers run
        scene = bpy.context.scene
        self._objects, self._rest, self._moved = {}, {}, set()
        lit = data.lit or lit_scene(data)
        blender_light.light(scene, data.sky, lit.backdrop, lit.albedo)
        gain = lit.backdrop.gain
        shop = MaterialShop(data.sky, lit.backdrop.haze * gain, data.tracks)
        meshes = [blender_mesh(f"mesh{i}", mesh, shop) for i, mesh in enumerate(data.meshes)]
        for part in data.parts:
            thing = bpy.data.objects.new(f"part{part.part_id:05d}", meshes[part.mesh])
            thing.pass_index = part.part_id if part.part_id < 32768 else 0
            thing.matrix_world = Matrix(part.world_from_part)
            thing.cycles.use_motion_blur = thing.cycles.use_deform_motion = False
            thing["lit"], thing["seed"], thing["rests"] = part.lit, part.seed, part.rests
            scene.collection.objects.link(thing)
            self._objects[part.part_id] = thing
            self._rest[part.part_id] = part.world_from_part
        keep_apart(scene)
        self._beams = blender_light.add_beams(scene, data.beams, gain)
        self._hang_beams()
        add_camera(scene)
        _settings(scene, preset, self._threads)
        blender_light.choose(scene, shop.shines)
        blender_devices.switch_on(scene, self._device)
        return time.perf_counter() - start

    def render(self, view: ViewData) -> NDArray[np.uint8]:
        """(H, W, 3) uint8 sRGB."""
        scene = bpy.context.scene
        path = self._folder / "frame.png"
        scene.render.filepath = str(path)
        with self._posed(scene, view, view.motion):
            bpy.ops.render.render(write_still=True)
        with Image.open(path) as image:
            pixels = np.array(image.convert("RGB"))
        path.unlink()
        return pixels

    def passes(self, view: ViewData) -> tuple[NDArray[np.float32], NDArray[np.uint16]]:
        """Depth (H, W) float32, inf for nothing, and part ids (H, W) uint16, all in focus and each row at the middle
        of its exposure. Depth is along z for a pinhole, along the ray for any other camera."""
        scene = bpy.context.scene
        with self._posed(scene, replace(view, lens=None), view.motion and view.motion.sharp):
            return blender_passes_stage.passes(scene, self._folder)

    def probe(self, picture: bool = True) -> dict[str, Any]:
        """The version, the devices Cycles sees, and with ``picture`` the seconds of one 16x16 frame."""
        from pairforge.scenes.world import Sky

        devices = [(device.kind, device.name) for device in blender_devices.listed()]
        seen = {"version": bpy.app.version_string, "devices": devices}
        if not picture:
            return seen
        self.open(SceneData((), (), Sky()), PRESETS["draft"])
        view = ViewData(Intrinsics.from_fov(16, 16, 60.0), np.eye(4), {})
        start = time.perf_counter()
        pixels = self.render(view)
        took = time.perf_counter() - start
        shape = "x".join(str(n) for n in pixels.shape)
        return {**seen, "frame_s": took, "frame_shape": shape}

    @contextmanager
    def _posed(self, scene: Any, view: ViewData, motion: MotionData | None) -> Iterator[None]:
        """The scene as the view has it, the shutter open if things move while it is."""
        self._pose(scene, view)
        soft = view.lens is not None or (motion is not None and motion.exposure_s > 0.0)
        scene.cycles.samples = self._preset.soft_samples if soft else self._preset.samples
        things = {0: scene.camera, **self._objects}
        try:
            if motion is not None:
                blender_motion.start(scene, motion, view.intrinsics.height_px, things)
            yield
        finally:
            if motion is not None:
                blender_motion.stop(scene, motion, things)
                # What was animated is posed by hand again, to the last bit.
                self._moved |= motion.poses.keys() - {0}

    def _pose(self, scene: Any, view: ViewData) -> None:
        """Puts every part where the view has it; what an earlier view moved goes back to rest."""
        for part_id in sorted(self._moved - view.part_matrices.keys()):
            self._objects[part_id].matrix_world = Matrix(self._rest[part_id])
        for part_id, matrix in sorted(view.part_matrices.items()):
            self._objects[part_id].matrix_world = Matrix(matrix)
        self._moved = set(view.part_matrices)
        self._hang_beams()
        scene.camera.matrix_world = Matrix(view.world_from_camera @ BLENDER_CAMERA.matrix)
        aim(scene, view.intrinsics, view.lens)

    def _hang_beams(self) -> None:
        """Lamps go where their parts go."""
        for part_id, lamp, local in self._beams:
            lamp.matrix_world = self._objects[part_id].matrix_world @ local


def _settings(scene: Any, preset: Preset, threads: int) -> None:
    render, cycles = scene.render, scene.cycles
    render.engine = "CYCLES"
    render.use_persistent_data = preset.keeps
    render.use_file_extension, render.dither_intensity = False, 0.0
    render.use_compositing = render.use_sequencer = False
    render.threads_mode = "FIXED" if threads else "AUTO"
    if threads:
        render.threads = threads
    image = render.image_settings
    image.file_format, image.color_mode, image.color_depth, image.compression = "PNG", "RGB", "8", 0
    cycles.seed = 0
    scene.world.cycles.sampling_method = "MANUAL" if preset.aims_at_sky else "NONE"
    for name, value in preset.cycles.items():
        setattr(cycles, name, value)
