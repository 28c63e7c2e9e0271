"""Sun, sky, exposure and tone in Blender (worker only)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import bpy
import numpy as np
from mathutils import Matrix, Vector

from pairforge.renderers.blender_backdrop import F32, Backdrop
from pairforge.renderers.blender_nodes import Graph
from pairforge.renderers.darkness import gloom
from pairforge.renderers.lamps import Beam
from pairforge.scenes.world import Sky

_SUN_ANGLE_RAD = 0.0093
_GREY_LEVEL = 2.9
"""What level ground of albedo 1 is exposed to, in AgX's scene units, on a clear noon."""
_ADAPTATION = 0.85
"""How far the camera makes up for less light: 1 would show dusk as bright as noon."""
_WHITE_K = 7000.0
"""Between sunlight and the blue of open shade, as a camera's own balance falls on a street."""
_NOON, _STREET_ALBEDO = 4.6, 0.22
"""The light on level ground, and what a street's surfaces give back of it, that the grey level is set for."""


def light(scene: Any, sky: Sky, day: Backdrop, albedo: float) -> None:
    """Adds the sun lamp and the sky image, and sets exposure and tone for surfaces of that mean albedo; exposure is
    lowered by as much as light is raised."""
    _add_sun(scene, sky, day)
    _add_sky(scene, day)
    view = scene.view_settings
    view.view_transform, view.look = "AgX", "AgX - Medium High Contrast"
    view.use_white_balance, view.white_balance_temperature, view.white_balance_tint = True, _WHITE_K, 10.0
    relative = day.level / _NOON * max(albedo, 0.05) / _STREET_ALBEDO
    stops = float(np.log2(_GREY_LEVEL * np.pi / _NOON / relative**_ADAPTATION / day.gain))
    view.exposure = stops - gloom(sky)


def add_beams(scene: Any, beams: Sequence[Beam], gain: float) -> list[tuple[int, Any, Any]]:
    """A spot lamp for each beam: (part id, lamp object, its matrix in the part's frame)."""
    made = []
    for k, beam in enumerate(beams):
        lamp = bpy.data.lights.new(f"beam{k}", "SPOT")
        strongest = float(beam.intensity.max())
        lamp.energy = 4.0 * np.pi * strongest * gain
        lamp.color = beam.intensity / strongest
        lamp.spot_size, lamp.spot_blend, lamp.shadow_soft_size = 2 * beam.half_angle, 1.0, beam.radius_m
        thing = bpy.data.objects.new(f"beam{k}", lamp)
        local = Vector(beam.towards).to_track_quat("-Z", "Y").to_matrix().to_4x4()
        # Scaling a spot lamp flattens its cone.
        local = local @ Matrix.Diagonal((1.0, beam.flatness, 1.0, 1.0))
        local.translation = beam.at_m
        scene.collection.objects.link(thing)
        made.append((beam.part_id, thing, local))
    return made


def choose(scene: Any, shines: bool) -> None:
    """Switches the light tree off where there is one lamp at most for shadow rays to go to: it would weigh the sun
    against nothing at every hit. ``shines`` says that they also go to surfaces."""
    lamps = sum(thing.type == "LIGHT" for thing in scene.objects)
    lamps += scene.world.cycles.sampling_method != "NONE"
    if lamps <= 1 and not shines:
        scene.cycles.use_light_tree = False


def _add_sun(scene: Any, sky: Sky, day: Backdrop) -> None:
    strength = float(day.sun.max()) * day.gain
    if strength <= 0.0:
        return
    lamp = bpy.data.lights.new("sun", "SUN")
    # Cloud widens the sun's glow, so shadows soften as they pale.
    lamp.energy, lamp.angle = strength, _SUN_ANGLE_RAD + 0.25 * sky.cloudiness**3
    lamp.color = day.sun * day.gain / strength
    thing = bpy.data.objects.new("sun", lamp)
    thing.rotation_mode = "QUATERNION"
    thing.rotation_quaternion = Vector(day.to_sun).to_track_quat("Z", "Y")
    scene.collection.objects.link(thing)


def _add_sky(scene: Any, day: Backdrop) -> None:
    """The sky as the camera sees it, and a coarser one, of the same light, for all that lights or is mirrored."""
    world = bpy.data.worlds.new("sky")
    scene.world = world
    world.cycles.sample_map_resolution = 256
    graph = Graph(world.node_tree)
    mix = graph.node("MixShader")
    graph.put(mix.inputs[0], graph.node("LightPath").outputs["Is Camera Ray"])
    # Cycles reckons the chosen one alone.
    graph.put(mix.inputs[1], _background(graph, "coarse sky", day.coarse))
    graph.put(mix.inputs[2], _background(graph, "sky", day.sky))
    graph.put(world.node_tree.nodes["World Output"].inputs["Surface"], mix.outputs[0])


def _background(graph: Graph, name: str, radiance: F32) -> Any:
    """The shader of an equirectangular picture (H, W, 3), row 0 straight up."""
    rows, columns = radiance.shape[:2]
    image = bpy.data.images.new(name, columns, rows, float_buffer=True)
    image.colorspace_settings.name = "Linear Rec.709"
    pixels = np.ones((rows, columns, 4), dtype=np.float32)
    pixels[..., :3] = radiance[::-1]
    image.pixels.foreach_set(pixels.ravel())
    texture, background = graph.node("TexEnvironment", image=image), graph.node("Background")
    graph.put(background.inputs["Color"], texture.outputs["Color"])
    return background.outputs[0]
