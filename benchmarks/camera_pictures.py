"""The pictures of docs/sensors/camera.md: one place, one moment, several cameras side by side.

python -m benchmarks.camera_pictures [--only exposure,lenses] [--quality standard] [--out docs/images/camera]
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from PIL import Image, ImageDraw

from pairforge.datasets.report_colours import INK, PAPER
from pairforge.datasets.report_panels import font
from pairforge.pipeline import keyframes, prepare
from pairforge.renderers.blender import BlenderRenderer
from pairforge.renderers.protocol import Quality
from pairforge.scenes.library.driving import STREET
from pairforge.scenes.library.tabletop import DROP
from pairforge.scenes.optics import Imager, Lens, Shutter
from pairforge.scenes.spec import Camera, Scene, Weather

_TEXT_PX, _GAP_PX = 15, 8
_SIZE = {"width_px": 640, "height_px": 360}
_AHEAD = Camera(name="front", mount="ego", position_m=(1.7, 0.0, 1.55), fov_deg=70.0, **_SIZE)
_ASIDE = replace(_AHEAD, position_m=(1.7, 0.0, 2.6), yaw_deg=-70.0, fov_deg=85.0)
_TABLE = Camera(
    name="front",
    look_at=(0.6, 0.6, 0.8),
    distance_m=0.85,
    azimuth_deg=205.0,
    elevation_deg=14.0,
    fov_deg=45.0,
    **_SIZE,
)


@dataclass(frozen=True)
class Sheet:
    """A scene at a seed and a keyframe, and its cameras by what stands below their pictures."""

    scene: Scene
    seed: int
    keyframe: int
    cameras: Mapping[str, Camera]
    columns: int = 2


def _lens(f_number: float, focus_m: float) -> Lens:
    return Lens(f_number=f_number, focus_m=focus_m, focal_length_mm=50.0)


SHEETS: dict[str, Sheet] = {
    "exposure": Sheet(
        STREET,
        7,
        3,
        {
            "an instant": _AHEAD,
            "exposure_s=1 / 30": replace(_AHEAD, shutter=Shutter(exposure_s=1 / 30)),
        },
    ),
    "rolling": Sheet(
        STREET,
        7,
        3,
        {
            "all rows at once": _ASIDE,
            "readout_s=0.06, exposure_s=0.002": replace(
                _ASIDE, shutter=Shutter(exposure_s=0.002, readout_s=0.06)
            ),
        },
    ),
    "lenses": Sheet(
        STREET,
        7,
        3,
        {
            "pinhole, 110 degrees": replace(_AHEAD, fov_deg=110.0),
            "brown_conrady, k1 = -0.2, k2 = 0.035": replace(
                _AHEAD, fov_deg=100.0, model="brown_conrady", distortion=(-0.2, 0.035, 0.0, 0.0)
            ),
            "kannala_brandt, 190 degrees": replace(
                _AHEAD,
                position_m=(2.4, 0.0, 1.4),
                fov_deg=190.0,
                model="kannala_brandt",
                distortion=(0.02, -0.003, 0.0, 0.0),
                circle_deg=190.0,
                height_px=400,
            ),
            "equirectangular, 360 degrees": replace(
                _AHEAD, position_m=(0.9, 0.0, 2.9), fov_deg=360.0, model="equirectangular", height_px=320
            ),
        },
    ),
    "focus": Sheet(
        DROP,
        3,
        9,
        {
            "f_number=2, focus_m=0.72": replace(_TABLE, lens=_lens(2.0, 0.72)),
            "f_number=2, focus_m=1.05": replace(_TABLE, lens=_lens(2.0, 1.05)),
        },
    ),
    "night": Sheet(
        replace(STREET, weather=Weather(sun_elevation_deg=-12.0)),
        7,
        3,
        {
            "the light": replace(_AHEAD, fov_deg=50.0),
            "exposure_ev=2, full_well_e=600, read_noise_e=8": replace(
                _AHEAD,
                fov_deg=50.0,
                imager=Imager(
                    exposure_ev=2.0, full_well_e=600.0, read_noise_e=8.0, vignetting=0.3, jpeg_quality=85
                ),
            ),
        },
    ),
}


def drawn(sheet: Sheet, renderer: BlenderRenderer, quality: Quality, width_px: int = 480) -> Image.Image:
    """The sheet: pictures ``width_px`` wide, what they are below."""
    cameras = [replace(c, name=f"camera_{k}") for k, c in enumerate(sheet.cameras.values())]
    ready = prepare(replace(sheet.scene, sensors=cameras, captions=[]), sheet.seed, 0)
    (frame,) = keyframes(ready, renderer, quality, only=(sheet.keyframe,))
    pictures = [Image.fromarray(frame.cameras[c.name].rgb) for c in cameras]
    return laid_out([_resized(p, width_px) for p in pictures], list(sheet.cameras), sheet.columns)


def laid_out(pictures: Sequence[Image.Image], texts: Sequence[str], columns: int) -> Image.Image:
    """Pictures of one width in columns, each with a line of text below."""
    rows = [range(k, min(k + columns, len(pictures))) for k in range(0, len(pictures), columns)]
    tall = [max(pictures[k].height for k in row) + _TEXT_PX + 2 * _GAP_PX for row in rows]
    wide = pictures[0].width + _GAP_PX
    sheet = Image.new("RGB", (columns * wide + _GAP_PX, sum(tall) + _GAP_PX), PAPER)
    pen, y = ImageDraw.Draw(sheet), _GAP_PX
    for row, height in zip(rows, tall, strict=True):
        for n, k in enumerate(row):
            x = _GAP_PX + n * wide
            sheet.paste(pictures[k], (x, y))
            pen.text((x, y + pictures[k].height + 4), texts[k], fill=INK, font=font(_TEXT_PX))
        y += height
    return sheet


def _resized(picture: Image.Image, width_px: int) -> Image.Image:
    size = (width_px, round(width_px * picture.height / picture.width))
    return picture.resize(size, Image.Resampling.LANCZOS)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", default=",".join(SHEETS))
    parser.add_argument("--quality", default="standard", choices=("draft", "standard", "high"))
    parser.add_argument("--out", type=Path, default=Path("docs/images/camera"))
    asked = parser.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    renderer = BlenderRenderer()
    try:
        for name in asked.only.split(","):
            sheet = drawn(SHEETS[name], renderer, asked.quality)
            sheet.save(asked.out / f"{name}.jpg", quality=86, optimize=True)
            print(f"{name}: {sheet.width} x {sheet.height}", flush=True)
    finally:
        renderer.close()


if __name__ == "__main__":
    main()
