"""The picture of docs/sensors/camera-geometry.md: one street through four camera models, with labels beside each.

python -m benchmarks.lens_labels [--renderer raycast] [--quality standard] [--out docs/images/lens_labels.jpg]
"""

from __future__ import annotations

import argparse
from dataclasses import replace

from PIL import Image, ImageDraw

from pairforge.datasets.report_colours import INK, PAPER
from pairforge.datasets.report_panels import boxes, depth, flow, font, identities, picture
from pairforge.pipeline import keyframes, prepare
from pairforge.registry import RENDERERS
from pairforge.scenes.library.driving import STREET
from pairforge.scenes.spec import Camera

_SEED, _KEYFRAME = 7, 3
_WIDE, _GAP, _TEXT = 330, 6, 15
_AHEAD = Camera(name="pinhole", mount="ego", position_m=(1.7, 0.0, 1.55), width_px=640, height_px=360)
CAMERAS = {
    "pinhole, 100 degrees": replace(_AHEAD, fov_deg=100.0),
    "brown_conrady, k1 = -0.2, k2 = 0.035": replace(
        _AHEAD, name="brown", fov_deg=100.0, model="brown_conrady", distortion=(-0.2, 0.035, 0.0, 0.0)
    ),
    "kannala_brandt, 190 degrees": replace(
        _AHEAD,
        name="fisheye",
        position_m=(2.4, 0.0, 1.4),
        fov_deg=190.0,
        circle_deg=190.0,
        model="kannala_brandt",
        distortion=(0.02, -0.003, 0.0, 0.0),
        height_px=400,
    ),
    "equirectangular, 360 degrees": replace(
        _AHEAD,
        name="sphere",
        position_m=(0.9, 0.0, 2.9),
        fov_deg=360.0,
        model="equirectangular",
        height_px=320,
    ),
}


def drawn(renderer: str, quality: str) -> Image.Image:
    """A row for each camera: picture, depth, instances, flow, boxes."""
    ready = prepare(replace(STREET, sensors=list(CAMERAS.values()), captions=[]), _SEED, 0)
    (frame,) = keyframes(ready, RENDERERS.load(renderer)(), quality, only=(_KEYFRAME,))
    rows = []
    for text, camera in CAMERAS.items():
        seen, tall = frame.cameras[camera.name], _WIDE * camera.height_px // camera.width_px
        panels = [
            picture(seen, _WIDE, tall),
            depth(seen, _WIDE, tall),
            identities(seen, ready.record, _WIDE, tall),
            flow(seen, _WIDE, tall),
            boxes(seen, frame, ready.record, _WIDE, tall),
        ]
        rows.append((f"{text}: picture, depth, instances, flow, boxes", panels))
    return _laid_out(rows)


def _laid_out(rows: list[tuple[str, list[Image.Image]]]) -> Image.Image:
    talls = [panels[0].height + _TEXT + 2 * _GAP for _, panels in rows]
    out = Image.new("RGB", (5 * (_WIDE + _GAP) + _GAP, sum(talls) + _GAP), PAPER)
    draw, y = ImageDraw.Draw(out), _GAP
    for (text, panels), tall in zip(rows, talls, strict=True):
        draw.text((_GAP, y), text, font=font(_TEXT - 2), fill=INK)
        for k, panel in enumerate(panels):
            out.paste(panel, (_GAP + k * (_WIDE + _GAP), y + _TEXT + _GAP // 2))
        y += tall
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--renderer", default="blender")
    parser.add_argument("--quality", default="standard")
    parser.add_argument("--out", default="docs/images/lens_labels.jpg")
    asked = parser.parse_args()
    drawn(asked.renderer, asked.quality).save(asked.out, quality=80, optimize=True)


if __name__ == "__main__":
    main()
