"""The scene in BlenderProc, as its examples write one: load, light, poses, outputs, render, write HDF5.

Run by plain Python on the ``bpy`` wheel: BlenderProc itself looks for a whole Blender, downloads one where there is
none, and installs its packages into it. The lines before its import say that it is inside already, and stand in for
what the wheel leaves out.
"""

from __future__ import annotations

import os
import sys
import tempfile
from typing import Any

import numpy as np
from given import Asked, asked, follow_light

ask = asked()
os.environ["INSIDE_OF_THE_INTERNAL_BLENDER_PYTHON_ENVIRONMENT"] = "1"


def _as_if_inside() -> None:
    """BlenderProc's set-up without its installer: its package is where it is, its temporary folder is in memory."""
    import importlib.util
    import types

    home = importlib.util.find_spec("blenderproc").submodule_search_locations[0]  # type: ignore[union-attr,index]
    sys.path.append(os.path.abspath(os.path.join(home, "..")))  # it removes one such entry
    quiet = types.ModuleType("blenderproc.python.utility.SetupUtility")

    class SetupUtility:
        main_setup_called = True

        @staticmethod
        def setup(*_: Any, **__: Any) -> list[str]:
            return sys.argv

        @staticmethod
        def setup_pip(*_: Any, **__: Any) -> str:
            return ""

    quiet.SetupUtility = SetupUtility  # type: ignore[attr-defined]
    sys.modules[quiet.__name__] = quiet


_as_if_inside()
import blenderproc as bproc  # noqa: E402
import bpy  # noqa: E402
from blenderproc.python.utility.Initializer import _Initializer  # noqa: E402
from blenderproc.python.utility.Utility import Utility  # noqa: E402
from mathutils import Matrix, Vector  # noqa: E402


def main(ask: Asked) -> None:
    world = ask.world
    Utility.temp_dir = tempfile.mkdtemp(prefix="blenderproc-", dir="/dev/shm")
    _init()
    things = {o["name"]: _add_object(ask, o) for o in world["objects"]}
    _add_light(ask, world["light"])
    _add_camera(world, things)
    _outputs(world, ask)
    data = bproc.renderer.render()
    bproc.writer.write_hdf5(str(ask.out), data)


def _init() -> None:
    """What ``bproc.init()`` does but for choosing English, of which the wheel has no list of languages."""
    bproc.clean_up(clean_up_camera=True)
    bpy.context.scene.render.engine = "CYCLES"
    bproc.renderer.set_render_devices()
    _Initializer.set_default_parameters()


def _add_object(ask: Asked, given: dict[str, Any]) -> Any:
    (thing,) = bproc.loader.load_obj(str(ask.exchange / given["file"]), forward_axis="Y", up_axis="Z")
    thing.set_local2world_mat(given["world_from_object"])
    thing.set_cp("category_id", given["class_id"])
    thing.set_cp("given_id", given["instance_id"])
    material = bproc.material.create(given["name"])
    material.set_principled_shader_value("Base Color", [*given["colour"], 1.0])
    material.set_principled_shader_value("Roughness", given["roughness"])
    material.set_principled_shader_value("IOR", given["ior"])
    if given["coat"]:
        material.set_principled_shader_value("Coat Weight", given["coat"])
        material.set_principled_shader_value("Coat Roughness", 0.02)
    thing.replace_materials(material)
    return thing


def _add_light(ask: Asked, given: dict[str, Any]) -> None:
    sun = bproc.types.Light("SUN", name="sun")
    sun.set_energy(max(given["sun"]))
    sun.set_color([c / max(given["sun"]) for c in given["sun"]])
    sun.set_rotation_mat(np.array(Vector(given["to_sun"]).to_track_quat("Z", "Y").to_matrix()))
    sun.blender_obj.data.angle = given["sun_angle_rad"]
    bproc.world.set_world_background_hdr_img(str(ask.exchange / given["sky"]))


def _add_camera(world: dict[str, Any], things: dict[str, Any]) -> None:
    camera = world["camera"]
    # Its pixel (0, 0) has its centre at (0, 0), ours at (0.5, 0.5).
    k = [[camera["fx"], 0.0, camera["cx"] - 0.5], [0.0, camera["fy"], camera["cy"] - 0.5], [0.0, 0.0, 1.0]]
    bproc.camera.set_intrinsics_from_K_matrix(
        np.array(k), camera["width_px"], camera["height_px"], 0.02, 5000.0
    )
    for k, frame in enumerate(world["frames"]):
        for name, matrix in frame["moved"].items():
            things[name].set_local2world_mat(matrix)
            things[name].set_location(np.array(matrix)[:3, 3], frame=k)
            things[name].set_rotation_euler(np.array(Matrix(matrix).to_euler()), frame=k)
        turned = bproc.math.change_source_coordinate_frame_of_transformation_matrix(
            np.array(frame["world_from_camera"]), ["X", "-Y", "-Z"]
        )
        bproc.camera.add_camera_pose(turned)


def _outputs(world: dict[str, Any], ask: Asked) -> None:
    bproc.renderer.set_max_amount_of_samples(ask.samples)
    bproc.renderer.set_noise_threshold(0.0)
    bproc.renderer.set_output_format(view_transform="AgX")
    bpy.context.scene.view_settings.look = "AgX - Medium High Contrast"
    if ask.settings == "same":
        bproc.renderer.set_denoiser(None)
        bpy.context.view_layer.cycles.use_denoising = True
        follow_light(bpy.context.scene, world["light"], ask.samples)
    bproc.renderer.enable_depth_output(activate_antialiasing=False)
    bproc.renderer.enable_normals_output()
    defaults = {"category_id": 0, "given_id": 0}
    bproc.renderer.enable_segmentation_output(map_by=["given_id", "category_id"], default_values=defaults)


main(ask)
