"""Sun, sky, exposure and tone in Blender (worker only)."""

from __future__ import annotations

from typing import Any

import bpy
import numpy as np
from mathutils import Vector

from pairforge.renderers.blender_sky import Daylight
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


def light(scene: Any, sky: Sky, day: Daylight, albedo: float) -> None:
    """Adds the sun lamp and the sky image, and sets exposure and tone for surfaces of that mean albedo."""
    _add_sun(scene, sky, day)
    _add_sky(scene, day)
    view = scene.view_settings
    view.view_transform, view.look = "AgX", "AgX - Medium High Contrast"
    view.use_white_balance, view.white_balance_temperature, view.white_balance_tint = True, _WHITE_K, 10.0
    relative = max(day.horizontal, 1e-3) / _NOON * max(albedo, 0.05) / _STREET_ALBEDO
    view.exposure = float(np.log2(_GREY_LEVEL * np.pi / _NOON / relative**_ADAPTATION))


def _add_sun(scene: Any, sky: Sky, day: Daylight) -> None:
    strength = float(day.sun.max())
    if strength <= 0.0:
        return
    lamp = bpy.data.lights.new("sun", "SUN")
    # Cloud widens the sun's glow, so shadows soften as they pale.
    lamp.energy, lamp.angle = strength, _SUN_ANGLE_RAD + 0.25 * sky.cloudiness**3
    lamp.color = day.sun / strength
    thing = bpy.data.objects.new("sun", lamp)
    thing.rotation_mode = "QUATERNION"
    thing.rotation_quaternion = Vector(day.to_sun).to_track_quat("Z", "Y")
    scene.collection.objects.link(thing)


def _add_sky(scene: Any, day: Daylight) -> None:
    rows, columns = day.image.shape[:2]
    image = bpy.data.images.new("sky", columns, rows, float_buffer=True)
    image.colorspace_settings.name = "Linear Rec.709"
    pixels = np.ones((rows, columns, 4), dtype=np.float32)
    pixels[..., :3] = day.image[::-1]
    image.pixels.foreach_set(pixels.ravel())
    world = bpy.data.worlds.new("sky")
    scene.world = world
    world.cycles.sampling_method, world.cycles.sample_map_resolution = "MANUAL", 256
    nodes, links = world.node_tree.nodes, world.node_tree.links
    texture = nodes.new("ShaderNodeTexEnvironment")
    texture.image = image
    links.new(texture.outputs["Color"], nodes["Background"].inputs["Color"])
