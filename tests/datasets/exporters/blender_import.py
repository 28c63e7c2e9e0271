"""Run alone: Blender's own importers read a file; the vertices of named objects at a time go to an .npz.

blender_import.py FILE SECONDS OUT.npz [PICTURE.png]
"""

import sys
from pathlib import Path

import bpy
import numpy as np


def main(path: str, seconds: float, out: str, picture: str = "") -> None:
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    scene.render.fps = 60
    if path.endswith(".glb"):
        bpy.ops.import_scene.gltf(filepath=path)
    else:
        bpy.ops.wm.usd_import(filepath=path, import_materials=True)
    frame = seconds * 60.0
    scene.frame_set(int(frame), subframe=frame - int(frame))
    graph = bpy.context.evaluated_depsgraph_get()
    found = {}
    for thing in bpy.data.objects:
        if thing.type == "MESH":
            world = np.array(thing.evaluated_get(graph).matrix_world)
            local = np.empty(3 * len(thing.data.vertices), np.float32)
            thing.data.vertices.foreach_get("co", local)
            found[thing.name] = local.reshape(-1, 3).astype(np.float64) @ world[:3, :3].T + world[:3, 3]
        elif thing.type == "CAMERA":
            found[f"camera {thing.name}"] = np.array(thing.evaluated_get(graph).matrix_world)
            found[f"angle {thing.name}"] = np.array([thing.data.angle_x])
    np.savez(out, **found)
    if picture:
        _render(scene, picture)


def _render(scene: bpy.types.Scene, picture: str) -> None:
    scene.camera = next(o for o in bpy.data.objects if o.type == "CAMERA" and "FRONT" in o.name.upper())
    scene.render.engine = "CYCLES"
    scene.cycles.samples = 16
    scene.render.resolution_x, scene.render.resolution_y = 480, 270
    world = bpy.data.worlds.new("sky")
    world.use_nodes = True
    world.node_tree.nodes["Background"].inputs[0].default_value = (0.6, 0.75, 1.0, 1.0)
    scene.world = world
    sun = bpy.data.objects.new("sun", bpy.data.lights.new("sun", "SUN"))
    sun.data.energy = 3.0
    sun.rotation_euler = (0.6, 0.3, 0.0)
    scene.collection.objects.link(sun)
    scene.render.filepath = str(Path(picture).resolve())
    bpy.ops.render.render(write_still=True)


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]), *sys.argv[3:])
