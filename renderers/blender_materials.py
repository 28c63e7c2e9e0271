"""World materials as Cycles node set-ups (worker only)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import bpy
import numpy as np

from pairforge.frames import F64
from pairforge.renderers import blender_textures
from pairforge.renderers.blender_finish import FINISHES, finished
from pairforge.renderers.blender_nodes import Graph, Step, pixel_image, texture_image
from pairforge.renderers.blender_repeat import PartedError, Repeat
from pairforge.renderers.blender_textures import PATTERNS, Image4
from pairforge.renderers.darkness import lamps_on
from pairforge.renderers.lamps import EMISSION_BY_NIGHT, LENSES, ROOMS, room_colour
from pairforge.renderers.snow import FLATTEST, SNOW_RGB, SNOW_ROUGHNESS, STEEPEST, Tracks
from pairforge.scenes.air import extinction_per_m
from pairforge.scenes.world import Material, Sky

_GROUND = frozenset({"asphalt", "concrete", "grass"})
_FARMED = frozenset({"field", "hill"})
_WEAR_TILE_M = 23.0
_STAINS = {"asphalt": 0.2, "concrete": 0.24, "grass": 0.30}
"""How much darker and lighter stains make the ground; walls less."""
_SLAB_M = 3.0
"""Concrete is poured in slabs so large."""
_DRY_GRASS = (1.55, 1.08, 0.9)
_EMISSION_GAIN = 0.1
"""Lamps are photographed against a sun of about 6 units; this keeps a lit lamp readable by day."""

_LIGHTS_FROM_W_M2 = 20.0
"""What glows less, a signal or a shop's sign, lights nothing by day that one would see: no shadow ray is spent on it
that could have gone to sun or sky."""
_THIN_WALL = 0.35
"""A palette colour is that of a thick block: a wall of 2 to 3 mm lets more through, by this power of it."""

_surface = lru_cache(maxsize=None)(blender_textures.surface)
_mottle = lru_cache(maxsize=None)(blender_textures.mottle)


def surfaces() -> Iterator[str]:
    """Draws the surface images, one a step, for worlds to come: the work of a worker that waits for its first."""
    for blots in (0.7, 0.0):
        _mottle(blots)
        yield f"mottle{blots}"
    for name in PATTERNS:
        _surface(name)
        yield name


class MaterialShop:
    """Makes each distinct material once."""

    def __init__(self, sky: Sky, haze: F64, tracks: Tracks | None = None) -> None:
        self._sky, self._tracks = sky, tracks
        self._extinction = extinction_per_m(sky)
        self.dark = lamps_on(sky)
        self._haze: tuple[float, float, float] = (float(haze[0]), float(haze[1]), float(haze[2]))
        self._made: dict[Material, Any] = {}
        self._known: dict[tuple[Any, ...], tuple[Any, list[Step]]] = {}
        self.shines = False
        """Whether shadow rays go to a surface made so far."""

    def get(self, material: Material) -> Any:
        """The Blender material of a world material."""
        if material not in self._made:
            self._made[material] = self._make(material, f"material{len(self._made)}")
        return self._made[material]

    def _make(self, material: Material, name: str) -> Any:
        alike = _alike(material)
        if (known := self._known.get(alike)) is not None:
            out = known[0].copy()
            out.name = name
            graph = Repeat(out.node_tree, known[1])
            try:
                self._draw(out, graph, material)
                graph.finish()
                return out
            except PartedError:
                bpy.data.materials.remove(out)
        out = bpy.data.materials.new(name)
        fresh = Graph(out.node_tree)
        self._draw(out, fresh, material)
        self._known[alike] = out, fresh.steps
        return out

    def _draw(self, out: Any, graph: Graph, material: Material) -> None:
        """Gives the Blender material ``out`` its nodes."""
        shader = out.node_tree.nodes["Principled BSDF"]
        colour, roughness = self._surface(graph, material)
        metallic: Any = material.metallic
        coat: Any = material.coat
        if self._sky.snow_cover > 0.0 and material.transmission <= 0.0:
            white = self._snow(graph, material)
            colour, roughness = (
                graph.blend("MIX", colour, SNOW_RGB, white),
                graph.lerp(roughness, SNOW_ROUGHNESS, white),
            )
            bare = graph.math("SUBTRACT", 1.0, white)
            metallic = graph.math("MULTIPLY", bare, metallic) if metallic > 0.0 else 0.0
            coat = graph.math("MULTIPLY", bare, coat) if coat > 0.0 else 0.0
        graph.put(shader.inputs["Base Color"], colour)
        graph.put(shader.inputs["Roughness"], roughness)
        graph.put(shader.inputs["Metallic"], metallic)
        graph.put(shader.inputs["IOR"], material.ior)
        if material.pattern == "grass":
            # Blades stand on end: seen along the ground they do not shine as a rough plane would.
            graph.put(shader.inputs["Specular IOR Level"], 0.0)
        self._relieved(graph, shader, material)
        if material.pattern in FINISHES:
            finished(graph, shader, material)
        if material.coat > 0.0:
            graph.put(shader.inputs["Coat Weight"], coat)
            graph.put(shader.inputs["Coat Roughness"], 0.02)
        self._glow(out, graph, shader, material)
        surface = shader.outputs[0]
        if material.pattern == "leaves":
            surface = _translucent(graph, surface, colour)
        if material.transmission > 0.0:
            surface = _clear_glass(graph, material)
        if self._extinction > 0.0:
            surface = self._fogged(graph, surface)
        graph.put(out.node_tree.nodes["Material Output"].inputs["Surface"], surface)

    def _glow(self, out: Any, graph: Graph, shader: Any, material: Material) -> None:
        """What the surface sends out: always, or when its lamp is lit.

        Lenses are seen by cameras and mirrors alone; what they light is left to lamps, which do it without noise.
        """
        strength, colour = self._lamp(graph, material)
        if strength is None:
            return
        if self.dark or material.emission_w_m2 < _LIGHTS_FROM_W_M2:
            out.cycles.emission_sampling = "NONE"
        else:
            self.shines = True
        # The emission of things that are no lamps lights what is around them as before.
        if self.dark or material.emission_w_m2 <= 0.0:
            path = graph.node("LightPath")
            seen = graph.math("MAXIMUM", path.outputs["Is Camera Ray"], path.outputs["Is Glossy Ray"])
            strength = graph.math("MULTIPLY", strength, seen)
        graph.put(shader.inputs["Emission Color"], colour)
        graph.put(shader.inputs["Emission Strength"], strength)

    def _lamp(self, graph: Graph, material: Material) -> tuple[Any, Any]:
        """Strength of the emission, None for none, and its colour."""
        if material.lamp in ROOMS and self.dark:
            share, strength = ROOMS[material.lamp]
            seed = graph.node("Attribute", attribute_type="OBJECT", attribute_name="seed").outputs["Fac"]
            pane = graph.node("Attribute", attribute_type="GEOMETRY", attribute_name="pane").outputs["Fac"]
            drawn = graph.math("FRACT", graph.math("ADD", pane, seed))
            bright = graph.math("FRACT", graph.math("ADD", graph.math("MULTIPLY", drawn, 97.0), 0.5))
            bright = graph.math("ADD", graph.math("MULTIPLY", bright, 0.65), 0.35)
            lit = graph.math("MULTIPLY", graph.math("LESS_THAN", drawn, share), bright)
            return graph.math("MULTIPLY", lit, strength), room_colour(material)
        if material.lamp in LENSES:
            lit = graph.node("Attribute", attribute_type="OBJECT", attribute_name="lit").outputs["Fac"]
            strength, colour = LENSES[material.lamp]
            return graph.math("MULTIPLY", lit, strength), colour
        if material.emission_w_m2 > 0.0:
            gain = EMISSION_BY_NIGHT if self.dark else _EMISSION_GAIN
            return material.emission_w_m2 * gain, material.colour
        return None, None

    def _snow(self, graph: Graph, material: Material) -> Any:
        """How much of the surface is snow, 0..1: by its slope, in patches, worn off by wheels, less on what moves."""
        split = graph.node("SeparateXYZ")
        graph.put(split.inputs[0], graph.node("NewGeometry").outputs["Normal"])
        lies = graph.ramp(split.outputs[2], STEEPEST, FLATTEST, 0.0, 1.0)
        cover = self._sky.snow_cover
        wear = graph.image(
            _image("mottle0.7", _mottle(0.7)), _WEAR_TILE_M / (1.0 if material.pattern in _GROUND else 6.0)
        )
        edge = 1.0 - 1.2 * cover
        patches = graph.ramp(wear.outputs["Alpha"], edge - 0.06, edge + 0.06, 0.0, 1.0)
        rests = graph.node("Attribute", attribute_type="OBJECT", attribute_name="rests").outputs["Fac"]
        white = graph.math(
            "MULTIPLY", graph.math("MULTIPLY", lies, patches), graph.ramp(rests, 0.0, 1.0, 0.12, 1.0)
        )
        if self._tracks is not None and (material.pattern in _GROUND or material.name.startswith("paint_")):
            white = graph.math("MULTIPLY", white, graph.math("SUBTRACT", 1.0, self._worn_by_wheels(graph)))
        return white

    def _worn_by_wheels(self, graph: Graph) -> Any:
        """0..1 where the world's wheel tracks are."""
        assert self._tracks is not None
        rows, columns = self._tracks.worn.shape
        pixels = np.ones((rows, columns, 4), dtype=np.float32)
        pixels[..., :3] = self._tracks.worn[..., None]
        place = graph.node("VectorMath", operation="MULTIPLY_ADD")
        cell, (x, y) = self._tracks.cell_m, self._tracks.origin_m
        graph.put(place.inputs[0], graph.node("NewGeometry").outputs["Position"])
        graph.put(place.inputs[1], (1.0 / (columns * cell), 1.0 / (rows * cell), 0.0))
        graph.put(place.inputs[2], (-x / (columns * cell), -y / (rows * cell), 0.0))
        texture = graph.node("TexImage", image=_image("snow-tracks", pixels), extension="CLIP")
        graph.put(texture.inputs["Vector"], place.outputs[0])
        return graph.math("MULTIPLY", texture.outputs["Color"], 0.85)

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
        if material.name in _FARMED:
            colour = self._farmed(graph, material, colour)
        if material.pattern in _GROUND or material.pattern in {"brick", "plaster"}:
            return self._worn(graph, material, colour)
        return colour, material.roughness

    def _relieved(self, graph: Graph, shader: Any, material: Material) -> None:
        """Tilts the normal as creases and strands do, where one is near enough to see them."""
        pattern = PATTERNS.get(material.pattern)
        if pattern is None or pattern.relief_m <= 0.0 or material.texture is not None:
            return
        tile_m = min(pattern.tile_m * material.scale_m, pattern.longest_m)
        texture = graph.image(_image(material.pattern, _surface(material.pattern)), tile_m)
        bump = graph.node("Bump")
        bump.inputs["Distance"].default_value = pattern.relief_m
        distance = graph.node("CameraData").outputs["View Distance"]
        graph.put(bump.inputs["Strength"], graph.ramp(distance, 6.0, 30.0, 1.0, 0.3))
        graph.put(bump.inputs["Height"], texture.outputs["Alpha"])
        graph.put(shader.inputs["Normal"], bump.outputs[0])

    def _farmed(self, graph: Graph, material: Material, colour: Any) -> Any:
        """Land as fields divide it, in their tones."""
        fields = PATTERNS["fields"]
        texture = graph.image(_image("fields", _surface("fields")), fields.tile_m)
        toned = graph.scaled(graph.blend("MULTIPLY", colour, texture.outputs["Color"]), 2.0)
        return graph.blend("MIX", toned, fields.second, texture.outputs["Alpha"])

    def _worn(self, graph: Graph, material: Material, colour: Any) -> tuple[Any, Any]:
        """Stains and cracks over tens of metres; water on the ground."""
        blots = 0.7 if material.pattern in _GROUND else 0.0
        wear = graph.image(_image(f"mottle{blots}", _mottle(blots)), _WEAR_TILE_M)
        split = graph.node("SeparateColor")
        graph.put(split.inputs[0], wear.outputs["Color"])
        stains, cracks, patches = split.outputs[0], split.outputs[1], split.outputs[2]
        strong = 0.10 if material.name == "screed" else _STAINS.get(material.pattern, 0.12)
        tone = graph.ramp(stains, 0.0, 1.0, 1.0 - strong, 1.0 + strong)
        if material.pattern == "asphalt":
            tone = graph.math("MULTIPLY", tone, graph.ramp(patches, 0.70, 0.74, 1.0, 0.86))
            tone = graph.math("MULTIPLY", tone, graph.ramp(cracks, 0.2, 0.8, 1.0, 0.45))
        if material.name == "screed":
            tone = graph.math("MULTIPLY", tone, self._joints(graph))
        if material.name.startswith("wall_"):
            # Rain splashes house walls at their feet.
            height = graph.node("SeparateXYZ")
            graph.put(height.inputs[0], graph.coordinates)
            reach = graph.math("ADD", height.outputs[2], graph.ramp(patches, 0.0, 1.0, 0.35, -0.9))
            tone = graph.math("MULTIPLY", tone, graph.ramp(reach, -0.3, 0.9, 0.62, 1.0))
        colour = graph.scaled(colour, tone)
        if material.name == "grass":
            dry = graph.ramp(patches, 0.3, 0.9, 0.0, 0.8)
            colour = graph.blend("MULTIPLY", colour, _DRY_GRASS, dry)
        wet = self._sky.wetness if material.pattern in _GROUND else 0.0
        if wet <= 0.0:
            return colour, material.roughness
        edge = 1.0 - 0.2 * wet
        puddle = graph.ramp(wear.outputs["Alpha"], edge - 0.06, edge + 0.02, 0.0, 1.0)
        if material.pattern == "grass":
            puddle = 0.0
        colour = graph.scaled(colour, graph.lerp(1.0 - 0.42 * wet, 0.45, puddle))
        film = material.roughness + (0.28 - material.roughness) * wet
        return colour, graph.lerp(film, 0.02, puddle)

    def _joints(self, graph: Graph) -> Any:
        """1, and less where the slabs of a poured floor meet: what shows how far things are on an empty plain."""
        split = graph.node("SeparateXYZ")
        graph.put(split.inputs[0], graph.scaled(graph.coordinates, 1.0 / _SLAB_M))
        off = [
            graph.math("ABSOLUTE", graph.math("SUBTRACT", graph.math("FRACT", split.outputs[k]), 0.5))
            for k in (0, 1)
        ]
        seam = graph.math("MAXIMUM", *off)
        return graph.ramp(seam, 0.5 - 0.018 / _SLAB_M, 0.5 - 0.008 / _SLAB_M, 1.0, 0.42)

    def _fogged(self, graph: Graph, surface: Any) -> Any:
        """Beer-Lambert towards the haze along the camera's line of sight; other rays see no fog."""
        distance = graph.node("CameraData").outputs["View Distance"]
        clear = graph.math("EXPONENT", graph.math("MULTIPLY", distance, -self._extinction))
        hidden = graph.math("SUBTRACT", 1.0, clear)
        seen = graph.math("MULTIPLY", hidden, graph.node("LightPath").outputs["Is Camera Ray"])
        glow = graph.node("Emission")
        graph.put(glow.inputs["Color"], self._haze)
        return _mixed(graph, surface, glow.outputs[0], seen)


def _alike(material: Material) -> tuple[Any, ...]:
    """What materials have in common whose nodes are likely to be the same, all but numbers; and surely all that is no
    number of a node, such as whether shadow rays go to them."""
    m = material
    part = m.name.partition("_")[0]
    named = part if part in ("wall", "paint", "grass", *_FARMED) else ""
    likely = m.pattern, m.metallic > 0.0, m.coat > 0.0, m.transmission > 0.0, named
    return *likely, m.texture, m.emission_w_m2, m.lamp


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
    """Thin clear glass: mirror by Schlick's Fresnel, else straight through, tinted. No refraction, hence no caustic
    noise; but a ray that grazes a wall has more glass to pass, and darkens: that draws the outline of a real vessel.
    """
    mirror = graph.node("BsdfGlossy")
    graph.put(mirror.inputs["Roughness"], material.roughness)
    # LayerWeight's facing is 1 - |cosine|, the same on both sides of a wall; its Fresnel would mirror from within.
    weight = graph.node("LayerWeight")
    graph.put(weight.inputs["Blend"], 0.5)
    facing = weight.outputs["Facing"]
    tint = tuple(c**_THIN_WALL for c in material.colour)
    edge = tuple(0.42 * t * t for t in tint)
    through = graph.node("BsdfTransparent")
    grazing = graph.math("POWER", facing, 5.0)
    graph.put(through.inputs["Color"], graph.blend("MIX", tint, edge, grazing))
    normal = ((material.ior - 1.0) / (material.ior + 1.0)) ** 2
    share = graph.lerp(normal, 1.0, graph.math("POWER", facing, 5.0))
    return _mixed(graph, through.outputs[0], mirror.outputs[0], share)
