"""Triangles as Blender meshes (worker only): the same triangles, with shading normals on top."""

from __future__ import annotations

from typing import Any

import bpy
import numpy as np
from mathutils import Matrix
from numpy.typing import DTypeLike, NDArray

from pairforge.renderers.blender_materials import MaterialShop
from pairforge.renderers.blender_scene import APART_FROM
from pairforge.renderers.lamps import panes
from pairforge.scenes.world import Mesh

UV_LAYER = "uv"
_SHARP_RAD = np.radians(38.0)
"""Smooth faces that meet at more than this keep a crisp edge (a car's bonnet line, a kerb)."""
_DEEP_M = 3000.0


def blender_mesh(name: str, mesh: Mesh, shop: MaterialShop) -> Any:
    """The mesh with its materials; smooth faces interpolate normals except over sharp edges."""
    vertices, faces = _welded(mesh) if mesh.smooth.any() else (mesh.vertices, mesh.faces)
    out = bpy.data.meshes.new(name)
    count = len(faces)
    out.vertices.add(len(vertices))
    out.loops.add(3 * count)
    out.polygons.add(count)
    out.polygons.foreach_set("loop_start", np.arange(0, 3 * count, 3, dtype=np.int32))
    for material in mesh.materials:
        out.materials.append(shop.get(material))
    # Attributes take an array in one copy; `vertices`, `loops` and `polygons` take it number by number.
    _fill(out.attributes["position"], "vector", vertices, np.float32)
    _fill(out.attributes[".corner_vert"], "value", faces, np.int32)
    _fill(out.attributes.new("material_index", "INT", "FACE"), "value", mesh.face_material, np.int32)
    if mesh.uv is not None:
        layer = out.uv_layers.new(name=UV_LAYER)
        layer.uv.foreach_set("vector", np.ascontiguousarray(mesh.uv, np.float32).ravel())
    rooms = panes(mesh) if shop.dark else None
    if rooms is not None and rooms.any():
        _fill(out.attributes.new("pane", "FLOAT", "FACE"), "value", rooms, np.float32)
    out.update(calc_edges=True)
    if mesh.smooth.any():
        # It forgets which faces are flat.
        out.set_sharp_from_angle(angle=float(_SHARP_RAD))
    _fill(out.attributes.new("sharp_face", "BOOLEAN", "FACE"), "value", ~mesh.smooth, np.bool_)
    return out


def keep_apart(scene: Any) -> None:
    """Has Cycles keep a ray structure for each mesh from picture to picture, in a world of many triangles.

    Cycles bakes a mesh that only one object shows into one structure of the whole world, which it builds anew
    whenever anything moves. A second object of the mesh, tiny and far below the ground, that no ray of ours can meet,
    prevents it: then only matrices are handed over. See docs/decisions/0006-one-structure-a-mesh.md.
    """
    alone = [m for m in bpy.data.meshes if m.users == 1 and len(m.polygons)]
    if sum(len(m.polygons) for m in alone) < APART_FROM:
        return
    for mesh in alone:
        twin = bpy.data.objects.new(f"twin of {mesh.name}", mesh)
        twin.visible_camera = twin.visible_diffuse = twin.visible_glossy = False
        twin.visible_transmission = twin.visible_shadow = False
        # Left visible in volumes, of which there are none: Cycles would drop an object that nothing sees.
        twin.visible_volume_scatter = True
        twin.matrix_world = Matrix.Translation((0.0, 0.0, -_DEEP_M)) @ Matrix.Scale(1e-3, 4)
        scene.collection.objects.link(twin)


def _fill(attribute: Any, field: str, values: NDArray[Any], dtype: DTypeLike) -> None:
    attribute.data.foreach_set(field, np.ascontiguousarray(values, dtype).ravel())


def _welded(mesh: Mesh) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    """Vertices at one place made one, so that neighbouring faces share normals. Triangles keep their places."""
    # Adding 0 turns -0.0 into 0.0: places that compare equal then have the same bytes too.
    vertices = mesh.vertices + np.float32(0)
    order = np.lexsort(vertices.T[::-1])
    ordered = vertices[order]
    first = np.ones(len(ordered), dtype=np.bool_)
    np.any(ordered[1:] != ordered[:-1], axis=1, out=first[1:])
    where = np.empty(len(ordered), dtype=np.int32)
    where[order] = np.cumsum(first, dtype=np.int32) - 1
    return ordered[first], where[mesh.faces]
