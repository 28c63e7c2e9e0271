"""Draws the pictures of docs/sensors/labels.md: ``python benchmarks/label_sheets.py [street|tabletop]``.

Each is one library scene whose first camera asks for every label, photographed by Cycles; tracks need the keyframes
before, which are sensed alone.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

from pairforge.datasets.report_labels import sheet
from pairforge.pipeline import keyframes, prepare
from pairforge.renderers.blender import BlenderRenderer
from pairforge.renderers.raycast import RaycastRenderer
from pairforge.scenes.load import load_scene
from pairforge.scenes.spec import Camera

IMAGES = Path(__file__).parent.parent / "docs" / "images"
SCENES = {"street": ("scenarios.jaywalker", 1, 6), "tabletop": ("tabletop.drop", 2, 1)}
"""Name of the picture -> library scene, seed, keyframe."""


def draw(name: str) -> Path:
    """Renders and writes one sheet."""
    scene_name, seed, last = SCENES[name]
    scene = load_scene(scene_name).scene
    camera = next(s for s in scene.sensors if isinstance(s, Camera))
    asked = replace(camera, width_px=640, height_px=360, labels="all")
    ready = prepare(replace(scene, sensors=(asked,), captions=()), seed, 0)
    before = tuple(range(max(last - 3, 0), last))
    frames = list(keyframes(ready, RaycastRenderer(), "draft", only=before)) if before else []
    renderer = BlenderRenderer()
    try:
        frames += keyframes(ready, renderer, "standard", only=(last,))
    finally:
        renderer.close()
    path = IMAGES / f"labels_{name}.jpg"
    sheet([f.cameras[camera.name] for f in frames]).save(path, quality=74)
    return path


if __name__ == "__main__":
    for chosen in sys.argv[1:] or sorted(SCENES):
        print(draw(chosen))
