"""Triangles as Blender meshes (worker only): the same triangles, with shading normals on top."""

from __future__ import annotations

from typing import Any

import bpy
import numpy as np
from numpy.typing import NDArray

from pairforge.renderers.blender_materials import MaterialShop
from pairforge.renderers.lamps import panes
from pairforge.scenes.world import Mesh

UV_LAYER = "uv"
_SHARP_RAD = np.radians(38.0)
"""Smooth faces that meet at more than this keep a crisp edge (a car's bonnet line, a kerb)."""


def blender_mesh(name: str, mesh: Mesh, shop: MaterialShop) -> Any:
    """The mesh with its materials; smooth faces interpolate normals except over sharp edges."""
    vertices, faces = _welded(mesh) if mesh.smooth.any() else (mesh.vertices, mesh.faces)
    out = bpy.data.meshes.new(name)
    count = len(faces)
    out.vertices.add(len(vertices))
    out.loops.add(3 * count)
    out.polygons.add(count)
    out.vertices.foreach_set("co", np.ascontiguousarray(vertices, np.float32).ravel())
    out.loops.foreach_set("vertex_index", np.ascontiguousarray(faces, np.int32).ravel())
    out.polygons.foreach_set("loop_start", np.arange(0, 3 * count, 3, dtype=np.int32))
    out.polygons.foreach_set("material_index", mesh.face_material.astype(np.int32))
    for material in mesh.materials:
        out.materials.append(shop.get(material))
    if mesh.uv is not None:
        layer = out.uv_layers.new(name=UV_LAYER)
        layer.uv.foreach_set("vector", np.ascontiguousarray(mesh.uv, np.float32).ravel())
    rooms = panes(mesh) if shop.dark else None
    if rooms is not None and rooms.any():
        out.attributes.new("pane", "FLOAT", "FACE").data.foreach_set("value", rooms)
    out.update(calc_edges=True)
    out.polygons.foreach_set("use_smooth", np.ascontiguousarray(mesh.smooth, dtype=np.bool_))
    if mesh.smooth.any():
        out.set_sharp_from_angle(angle=float(_SHARP_RAD))
    return out


def _welded(mesh: Mesh) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    """Vertices at one place made one, so that neighbouring faces share normals. Triangles keep their places."""
    # Adding 0 turns -0.0 into 0.0, which compares equal but has other bytes.
    unique, where = np.unique(mesh.vertices + np.float32(0), axis=0, return_inverse=True)
    return unique, where.reshape(-1).astype(np.int32)[mesh.faces]
