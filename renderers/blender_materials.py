"""World materials as Cycles node set-ups (worker only)."""

from __future__ import annotations

from typing import Any

import bpy

from pairforge.scenes.world import Material, Sky


class MaterialShop:
    """Makes each distinct material once."""

    def __init__(self, sky: Sky) -> None:
        self._sky = sky
        self._made: dict[Material, Any] = {}

    def get(self, material: Material) -> Any:
        """The Blender material of a world material."""
        if material not in self._made:
            self._made[material] = self._make(material, f"material{len(self._made)}")
        return self._made[material]

    def _make(self, material: Material, name: str) -> Any:
        out = bpy.data.materials.new(name)
        shader = out.node_tree.nodes["Principled BSDF"]
        shader.inputs["Base Color"].default_value = (*material.colour, 1.0)
        shader.inputs["Roughness"].default_value = material.roughness
        shader.inputs["Metallic"].default_value = material.metallic
        shader.inputs["IOR"].default_value = material.ior
        shader.inputs["Coat Weight"].default_value = material.coat
        return out
