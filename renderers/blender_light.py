"""Sun, sky, exposure and tone in Blender (worker only)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import bpy
import numpy as np
from mathutils import Matrix, Vector

from pairforge.frames import F64
from pairforge.renderers.blender_nodes import Graph
from pairforge.renderers.blender_scene import SceneData
from pairforge.renderers.blender_sky import Daylight
from pairforge.renderers.darkness import gloom, raised
from pairforge.renderers.lamps import Beam, metered
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
_COARSER = 4
"""How much, each way, the sky is coarser that lights and is mirrored: 0.7 degrees a pixel, 512 around the horizon."""


def light(scene: Any, data: SceneData, day: Daylight, albedo: float) -> float:
    """Adds the sun lamp and the sky image, and sets exposure and tone for surfaces of that mean albedo.

    Returns the factor by which all light is raised (and exposure lowered), so that a night's faint radiances lie
    where clamps and denoiser expect radiances to lie.
    """
    level = metered(data.sky, day.horizontal, data.beams)
    gain = raised(level)
    _add_sun(scene, data.sky, day, gain)
    _add_sky(scene, day, gain)
    view = scene.view_settings
    view.view_transform, view.look = "AgX", "AgX - Medium High Contrast"
    view.use_white_balance, view.white_balance_temperature, view.white_balance_tint = True, _WHITE_K, 10.0
    relative = level / _NOON * max(albedo, 0.05) / _STREET_ALBEDO
    view.exposure = float(np.log2(_GREY_LEVEL * np.pi / _NOON / relative**_ADAPTATION / gain)) - gloom(
        data.sky
    )
    return gain


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


def _add_sun(scene: Any, sky: Sky, day: Daylight, gain: float) -> None:
    strength = float(day.sun.max()) * gain
    if strength <= 0.0:
        return
    lamp = bpy.data.lights.new("sun", "SUN")
    # Cloud widens the sun's glow, so shadows soften as they pale.
    lamp.energy, lamp.angle = strength, _SUN_ANGLE_RAD + 0.25 * sky.cloudiness**3
    lamp.color = day.sun * gain / strength
    thing = bpy.data.objects.new("sun", lamp)
    thing.rotation_mode = "QUATERNION"
    thing.rotation_quaternion = Vector(day.to_sun).to_track_quat("Z", "Y")
    scene.collection.objects.link(thing)


def _add_sky(scene: Any, day: Daylight, gain: float) -> None:
    """The sky as the camera sees it, and a coarser one, of the same light, for all that lights or is mirrored."""
    world = bpy.data.worlds.new("sky")
    scene.world = world
    world.cycles.sample_map_resolution = 256
    graph = Graph(world.node_tree)
    mix = graph.node("MixShader")
    graph.put(mix.inputs[0], graph.node("LightPath").outputs["Is Camera Ray"])
    # Cycles reckons the chosen one alone.
    graph.put(mix.inputs[1], _background(graph, "coarse sky", _coarse(day.image), gain))
    graph.put(mix.inputs[2], _background(graph, "sky", day.image, gain))
    graph.put(world.node_tree.nodes["World Output"].inputs["Surface"], mix.outputs[0])


def _background(graph: Graph, name: str, radiance: F64, gain: float) -> Any:
    """The shader of an equirectangular picture (H, W, 3), row 0 straight up."""
    rows, columns = radiance.shape[:2]
    image = bpy.data.images.new(name, columns, rows, float_buffer=True)
    image.colorspace_settings.name = "Linear Rec.709"
    pixels = np.ones((rows, columns, 4), dtype=np.float32)
    pixels[..., :3] = radiance[::-1] * gain
    image.pixels.foreach_set(pixels.ravel())
    texture, background = graph.node("TexEnvironment", image=image), graph.node("Background")
    graph.put(background.inputs["Color"], texture.outputs["Color"])
    return background.outputs[0]


def _coarse(radiance: F64) -> F64:
    """Means of squares of pixels: few enough to stay in a core's cache, since rays leave every way."""
    rows, columns = radiance.shape[:2]
    squares = radiance.reshape(rows // _COARSER, _COARSER, columns // _COARSER, _COARSER, 3)
    return np.asarray(squares.mean((1, 3)))
