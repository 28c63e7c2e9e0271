"""World materials as Cycles node set-ups (worker only)."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import bpy

from pairforge.frames import F64
from pairforge.renderers import blender_textures
from pairforge.renderers.blender_finish import FINISHES, finished
from pairforge.renderers.blender_nodes import Graph, pixel_image, texture_image
from pairforge.renderers.blender_textures import PATTERNS, Image4
from pairforge.scenes.world import Material, Sky

_GROUND = frozenset({"asphalt", "concrete", "grass"})
_WEAR_TILE_M = 23.0
_EMISSION_GAIN = 0.1
"""Lamps are photographed against a sun of about 6 units; this keeps a lit lamp readable by day."""

_surface = lru_cache(maxsize=None)(blender_textures.surface)
_mottle = lru_cache(maxsize=None)(blender_textures.mottle)


class MaterialShop:
    """Makes each distinct material once."""

    def __init__(self, sky: Sky, haze: F64) -> None:
        self._sky = sky
        self._haze: tuple[float, float, float] = (float(haze[0]), float(haze[1]), float(haze[2]))
        self._made: dict[Material, Any] = {}

    def get(self, material: Material) -> Any:
        """The Blender material of a world material."""
        if material not in self._made:
            self._made[material] = self._make(material, f"material{len(self._made)}")
        return self._made[material]

    def _make(self, material: Material, name: str) -> Any:
        out = bpy.data.materials.new(name)
        graph = Graph(out.node_tree)
        shader = out.node_tree.nodes["Principled BSDF"]
        colour, roughness = self._surface(graph, material)
        graph.put(shader.inputs["Base Color"], colour)
        graph.put(shader.inputs["Roughness"], roughness)
        graph.put(shader.inputs["Metallic"], material.metallic)
        graph.put(shader.inputs["IOR"], material.ior)
        if material.pattern in FINISHES:
            finished(graph, shader, material)
        if material.coat > 0.0:
            graph.put(shader.inputs["Coat Weight"], material.coat)
            graph.put(shader.inputs["Coat Roughness"], 0.02)
        if material.emission_w_m2 > 0.0:
            graph.put(shader.inputs["Emission Color"], material.colour)
            graph.put(shader.inputs["Emission Strength"], material.emission_w_m2 * _EMISSION_GAIN)
        surface = shader.outputs[0]
        if material.pattern == "leaves":
            surface = _translucent(graph, surface, colour)
        if material.transmission > 0.0 and max(material.colour) > 0.3:
            surface = _clear_glass(graph, material)
        if self._sky.fog_per_m > 0.0:
            surface = self._fogged(graph, surface)
        graph.put(out.node_tree.nodes["Material Output"].inputs["Surface"], surface)
        return out

    def _surface(self, graph: Graph, material: Material) -> tuple[Any, Any]:
        """Colour and roughness, with the pattern's grain, wear and wetness."""
        if material.texture is not None:
            image = graph.node("TexImage", image=texture_image(material.texture))
            return graph.blend("MULTIPLY", image.outputs["Color"], material.colour), material.roughness
        if material.pattern == "glass":
            return tuple(0.5 * c for c in material.colour), min(material.roughness, 0.04)
        pattern = PATTERNS.get(material.pattern)
        if pattern is None:
            return material.colour, material.roughness
        tile_m = min(pattern.tile_m * material.scale_m, pattern.longest_m)
        texture = graph.image(_image(material.pattern, _surface(material.pattern)), tile_m)
        # Grain finer than a pixel only makes noise: let it fade to its mean with distance.
        near = graph.ramp(
            graph.node("CameraData").outputs["View Distance"], 6.0 * tile_m, 32.0 * tile_m, 1.0, 0.1
        )
        grain = graph.blend("MIX", (0.5, 0.5, 0.5), texture.outputs["Color"], near)
        colour = graph.scaled(graph.blend("MULTIPLY", grain, material.colour), 2.0)
        if any(pattern.second):
            second = tuple(0.5 * c for c in material.colour) if "roof" in material.name else pattern.second
            seen = graph.lerp(0.22, texture.outputs["Alpha"], near)
            colour = graph.blend("MIX", colour, second, seen)
        if material.pattern in _GROUND or material.pattern in {"brick", "plaster"}:
            return self._worn(graph, material, colour)
        return colour, material.roughness

    def _worn(self, graph: Graph, material: Material, colour: Any) -> tuple[Any, Any]:
        """Stains and cracks over tens of metres; water on the ground."""
        blots = 0.7 if material.pattern in _GROUND else 0.0
        wear = graph.image(_image(f"mottle{blots}", _mottle(blots)), _WEAR_TILE_M)
        split = graph.node("SeparateColor")
        graph.put(split.inputs[0], wear.outputs["Color"])
        stains, cracks, patches = split.outputs[0], split.outputs[1], split.outputs[2]
        strong = 0.30 if material.pattern in _GROUND else 0.12
        tone = graph.ramp(stains, 0.0, 1.0, 1.0 - strong, 1.0 + strong)
        if material.pattern == "asphalt":
            tone = graph.math("MULTIPLY", tone, graph.ramp(patches, 0.70, 0.74, 1.0, 0.86))
            tone = graph.math("MULTIPLY", tone, graph.ramp(cracks, 0.2, 0.8, 1.0, 0.45))
        colour = graph.scaled(colour, tone)
        wet = self._sky.wetness if material.pattern in _GROUND else 0.0
        if wet <= 0.0:
            return colour, material.roughness
        edge = 1.0 - 0.25 * wet
        puddle = graph.ramp(wear.outputs["Alpha"], edge - 0.06, edge + 0.02, 0.0, 1.0)
        if material.pattern == "grass":
            puddle = 0.0
        colour = graph.scaled(colour, graph.lerp(1.0 - 0.42 * wet, 0.45, puddle))
        film = material.roughness + (0.28 - material.roughness) * wet
        return colour, graph.lerp(film, 0.02, puddle)

    def _fogged(self, graph: Graph, surface: Any) -> Any:
        """Beer-Lambert towards the haze along the camera's line of sight; other rays see no fog."""
        distance = graph.node("CameraData").outputs["View Distance"]
        clear = graph.math("EXPONENT", graph.math("MULTIPLY", distance, -self._sky.fog_per_m))
        hidden = graph.math("SUBTRACT", 1.0, clear)
        seen = graph.math("MULTIPLY", hidden, graph.node("LightPath").outputs["Is Camera Ray"])
        glow = graph.node("Emission")
        graph.put(glow.inputs["Color"], self._haze)
        return _mixed(graph, surface, glow.outputs[0], seen)


def _image(name: str, pixels: Image4) -> Any:
    return pixel_image(f"texture-{name}", pixels)


def _mixed(graph: Graph, a: Any, b: Any, share: Any) -> Any:
    mix = graph.node("MixShader")
    graph.put(mix.inputs[0], share)
    graph.put(mix.inputs[1], a)
    graph.put(mix.inputs[2], b)
    return mix.outputs[0]


def _translucent(graph: Graph, surface: Any, colour: Any) -> Any:
    """Leaves let light through: a crown seen against the sun glows."""
    through = graph.node("BsdfTranslucent")
    graph.put(through.inputs["Color"], graph.blend("MULTIPLY", colour, (1.5, 1.6, 0.8)))
    return _mixed(graph, surface, through.outputs[0], 0.35)


def _clear_glass(graph: Graph, material: Material) -> Any:
    """Thin clear glass: mirror by Fresnel, else straight through, tinted. No refraction, hence no caustic noise."""
    mirror = graph.node("BsdfGlossy")
    graph.put(mirror.inputs["Roughness"], material.roughness)
    through = graph.node("BsdfTransparent")
    graph.put(through.inputs["Color"], material.colour)
    fresnel = graph.node("Fresnel")
    graph.put(fresnel.inputs["IOR"], material.ior)
    return _mixed(graph, through.outputs[0], mirror.outputs[0], fresnel.outputs[0])
