"""The scene in Kubric 0.1.1, the release on PyPI, on ``bpy`` 4.2, rendered and post-processed as in its examples.

That release is of 2021: it was written for Blender 2.93 and imports TensorFlow for paths and files alone. The first
half stands in for the few calls of TensorFlow that it makes, and for what Blender has renamed or dropped since.
"""

from __future__ import annotations

import io
import logging
import sys
import types
from pathlib import Path
from typing import Any

import bpy
from given import Asked, asked, follow_light
from mathutils import Matrix, Quaternion, Vector


class GFile(io.FileIO):
    """A file that takes text too."""

    def write(self, data: Any) -> int:
        return super().write(data.encode() if isinstance(data, str) else data)


def _stand_in_for_tensorflow() -> None:
    """``tf.io.gfile`` as plain files, ``tfds.core.as_path`` as ``pathlib``; nothing else is touched on this way."""

    def module(name: str, **members: Any) -> types.ModuleType:
        made = types.ModuleType(name)
        vars(made).update(members)
        sys.modules[name] = made
        return made

    gfile = types.SimpleNamespace(GFile=GFile)
    module("tensorflow", io=types.SimpleNamespace(gfile=gfile))
    core = types.SimpleNamespace(as_path=Path, ReadWritePath=Path)
    public = module("tensorflow_datasets.public_api", core=core)
    module("tensorflow_datasets", public_api=public)
    module("tensorflow_datasets.core", utils=None)
    module("tensorflow_datasets.core.utils")
    module("tensorflow_datasets.core.utils.generic_path", as_path=Path)


_stand_in_for_tensorflow()
import imageio.plugins.tifffile  # noqa: E402
import kubric as kb  # noqa: E402
from kubric import utils as kubric_utils  # noqa: E402
from kubric.renderer import blender as kubric_blender  # noqa: E402

if not hasattr(imageio.plugins.tifffile, "load_lib"):
    imageio.plugins.tifffile.load_lib = lambda: None


_writer = kubric_utils.png.Writer
# It gives the writer the height for the width, and so can keep square pictures only.
kubric_utils.png.Writer = lambda height, width, **options: _writer(width, height, **options)
_activate = kubric_blender.blender_utils.activate_render_passes


def _with_depth(**passes: bool) -> None:
    """Depth was on by default."""
    _activate(**passes)
    bpy.context.scene.view_layers[0].use_pass_z = True


kubric_blender.blender_utils.activate_render_passes = _with_depth


class Blender(kubric_blender.Blender):
    """Kubric's renderer without the denoiser that Blender has dropped."""

    @property
    def use_denoising(self) -> bool:
        return bool(self.blender_scene.cycles.use_denoising)

    @use_denoising.setter
    def use_denoising(self, value: bool) -> None:
        self.blender_scene.cycles.use_denoising = value


@kubric_blender.blender_utils.prepare_blender_object
def _add_material(self: Any, asset: Any) -> Any:
    """A principled material with the names that its sockets have today."""
    material = bpy.data.materials.new(asset.uid)
    material.use_nodes = True
    inputs = material.node_tree.nodes["Principled BSDF"].inputs
    for trait, socket in (("color", "Base Color"), ("roughness", "Roughness"), ("ior", "IOR")):
        asset.observe(kubric_blender.AttributeSetter(inputs[socket], "default_value"), trait)
    return material


@kubric_blender.blender_utils.prepare_blender_object
def _add_file(self: Any, asset: Any) -> Any:
    """An OBJ file by the importer that there is today."""
    bpy.ops.wm.obj_import(filepath=asset.render_filename, **asset.render_import_kwargs)
    (thing,) = bpy.context.selected_objects
    kubric_blender.register_object3d_setters(asset, thing)
    material = kubric_blender.AttributeSetter(
        thing, "active_material", converter=self._convert_to_blender_object
    )
    asset.observe(material, "material")
    return thing


kubric_blender.Blender.__dict__["add_asset"].register(kb.PrincipledBSDFMaterial, _add_material)
kubric_blender.Blender.__dict__["add_asset"].register(kb.FileBasedObject, _add_file)


def main(ask: Asked) -> None:
    logging.disable(logging.INFO)
    world = ask.world
    camera = world["camera"]
    scene = kb.Scene(
        resolution=(camera["width_px"], camera["height_px"]), frame_start=1, frame_end=len(world["frames"])
    )
    renderer = Blender(
        scene, scratch_dir=ask.out / "scratch", samples_per_pixel=ask.samples, adaptive_sampling=False
    )
    things = {o["name"]: _thing(scene, ask, o) for o in world["objects"]}
    _light(scene, renderer, ask, world["light"])
    scene.camera = kb.PerspectiveCamera(
        focal_length=36.0 * camera["fx"] / camera["width_px"], sensor_width=36.0, name="camera"
    )
    for k, frame in enumerate(world["frames"], 1):
        posed = Matrix(frame["world_from_camera"]) @ Matrix.Diagonal((1.0, -1.0, -1.0, 1.0))
        _pose(scene.camera, posed, k)
        for name, matrix in frame["moved"].items():
            _pose(things[name], Matrix(matrix), k)
    bpy.context.scene.view_settings.view_transform = "AgX"
    bpy.context.scene.view_settings.look = "AgX - Medium High Contrast"
    if ask.settings == "same":
        follow_light(bpy.context.scene, world["light"], ask.samples)
        bpy.context.scene.render.use_persistent_data = True
    renderer.render()
    (ask.out / "frames").mkdir()
    renderer.postprocess(from_dir=ask.out / "scratch", to_dir=ask.out / "frames")


def _thing(scene: Any, ask: Asked, given: dict[str, Any]) -> Any:
    position, turned, _ = Matrix(given["world_from_object"]).decompose()
    thing = kb.FileBasedObject(
        asset_id=given["name"],
        render_filename=str(ask.exchange / given["file"]),
        simulation_filename=None,
        bounds=((-1.0, -1.0, -1.0), (1.0, 1.0, 1.0)),
        render_import_kwargs={"forward_axis": "Y", "up_axis": "Z"},
        position=tuple(position),
        quaternion=tuple(turned),
        background=given["instance_id"] == 0,
        segmentation_id=given["instance_id"] or None,
        material=kb.PrincipledBSDFMaterial(
            color=kb.Color(*given["colour"], 1.0), roughness=given["roughness"], ior=given["ior"]
        ),
    )
    scene.add(thing)
    if given["coat"]:
        made = bpy.data.materials[thing.material.uid].node_tree.nodes["Principled BSDF"].inputs
        made["Coat Weight"].default_value, made["Coat Roughness"].default_value = given["coat"], 0.02
    return thing


def _light(scene: Any, renderer: Any, ask: Asked, given: dict[str, Any]) -> None:
    strongest = max(given["sun"])
    turned: Quaternion = Vector(given["to_sun"]).to_track_quat("Z", "Y")
    sun = kb.DirectionalLight(
        name="sun",
        color=kb.Color(*(c / strongest for c in given["sun"])),
        intensity=strongest,
        quaternion=tuple(turned),
    )
    scene.add(sun)
    sun.linked_objects[renderer].data.angle = given["sun_angle_rad"]
    renderer._set_ambient_light_hdri(str(ask.exchange / given["sky"]))
    renderer._set_background_hdri(str(ask.exchange / given["sky"]))


def _pose(thing: Any, matrix: Matrix, frame: int) -> None:
    position, turned, _ = matrix.decompose()
    thing.position, thing.quaternion = tuple(position), tuple(turned)
    thing.keyframe_insert("position", frame)
    thing.keyframe_insert("quaternion", frame)


main(asked())
