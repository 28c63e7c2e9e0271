"""Sun, sky, exposure and tone in Blender (worker only)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy
import numpy as np
from mathutils import Vector

from pairforge.scenes.world import Sky


def light(scene: Any, sky: Sky, folder: Path) -> None:
    """Adds the sun lamp and the sky, and sets the film."""
    direction = np.array(
        [
            np.cos(sky.sun_elevation) * np.cos(sky.sun_azimuth),
            np.cos(sky.sun_elevation) * np.sin(sky.sun_azimuth),
            np.sin(sky.sun_elevation),
        ]
    )
    lamp = bpy.data.lights.new("sun", "SUN")
    lamp.energy, lamp.angle = 4.5 * sky.sun_strength, 0.0093
    lamp.color = (1.0, 0.93, 0.82)
    thing = bpy.data.objects.new("sun", lamp)
    thing.rotation_euler = Vector(direction).to_track_quat("Z", "Y").to_euler()
    scene.collection.objects.link(thing)
    world = bpy.data.worlds.new("sky")
    scene.world = world
    background = world.node_tree.nodes["Background"]
    background.inputs["Color"].default_value = (0.35, 0.55, 0.9, 1.0)
    background.inputs["Strength"].default_value = 1.0 * sky.sky_strength
    scene.view_settings.view_transform = "AgX"
    scene.view_settings.look = "AgX - Medium High Contrast"
