"""A gallery: one contact sheet a scene, each picture a draw of its own with the caption that goes with it."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from PIL import Image, ImageDraw

from pairforge.datasets.files import disk_errors, write_atomic
from pairforge.datasets.report_colours import FAINT, INK, PAPER
from pairforge.datasets.report_panels import font
from pairforge.errors import PairforgeError, SpecError
from pairforge.pipeline import keyframes, prepare
from pairforge.registry import RENDERERS
from pairforge.renderers.protocol import Quality, Renderer
from pairforge.scenes.spec import Camera, Scene

COLUMNS, GAP_PX, TEXT_PX, LINES = 2, 10, 15, 3


@dataclass(frozen=True, eq=False)
class Tile:
    """A picture with a title and a caption below it."""

    picture: Image.Image
    title: str
    caption: str


@dataclass(frozen=True)
class Draw:
    """What one tile shows: a scene at a seed, at a moment in 0..1 of its keyframes."""

    scene: Scene
    seed: int
    title: str
    moment: float = 0.5


def sheet(draws: Sequence[Draw], renderer: Renderer, quality: Quality, width_px: int = 480) -> Image.Image:
    """The contact sheet of these draws, in two columns."""
    return _laid_out([tile(draw, renderer, quality, width_px) for draw in draws], width_px)


def tile(draw: Draw, renderer: Renderer, quality: Quality, width_px: int) -> Tile:
    """The picture of the scene's first camera. Raises SpecError for a scene without one."""
    cameras = [s for s in draw.scene.sensors if isinstance(s, Camera)]
    if not cameras:
        raise SpecError(f'scene "{draw.scene.name}" has no camera to show it')
    scene = replace(draw.scene, sensors=(_as_wide(cameras[0], width_px),))
    ready = prepare(scene, draw.seed, 0)
    count = len(ready.concrete.keyframe_times_ns)
    k = min(int(draw.moment * count), count - 1)
    (frame,) = keyframes(ready, renderer, quality, only=(k,))
    rgb = Image.fromarray(frame.cameras[cameras[0].name].rgb)
    size = (width_px, round(width_px * rgb.height / rgb.width))
    texts = {c.kind: c.text for c in reversed(frame.captions)}
    text = next((texts[kind] for kind in ("inspection", "short") if kind in texts), "")
    return Tile(rgb.resize(size, Image.Resampling.LANCZOS), draw.title, text)


def _as_wide(camera: Camera, width_px: int) -> Camera:
    """A camera given by its angle, with as many pixels as the tile has: of more one would see nothing, of fewer each
    one."""
    if camera.focal_px is not None or camera.principal_px is not None:
        return camera
    return replace(camera, width_px=width_px, height_px=round(width_px * camera.height_px / camera.width_px))


def _laid_out(tiles: Sequence[Tile], width_px: int) -> Image.Image:
    letters = font(TEXT_PX)
    below = TEXT_PX + 6 + LINES * (TEXT_PX + 4) + GAP_PX
    tall = max(t.picture.height for t in tiles) + below
    rows = -(-len(tiles) // COLUMNS)
    across = min(COLUMNS, len(tiles))
    image = Image.new("RGB", (across * (width_px + GAP_PX) + GAP_PX, rows * tall + GAP_PX), PAPER)
    pen = ImageDraw.Draw(image)
    for k, one in enumerate(tiles):
        x, y = GAP_PX + k % COLUMNS * (width_px + GAP_PX), GAP_PX + k // COLUMNS * tall
        image.paste(one.picture, (x, y))
        y += one.picture.height + 4
        pen.text((x, y), one.title, fill=FAINT, font=letters)
        for n, line in enumerate(_wrapped(one.caption, width_px, letters.getlength)[:LINES]):
            pen.text((x, y + TEXT_PX + 6 + n * (TEXT_PX + 4)), line, fill=INK, font=letters)
    return image


def _wrapped(text: str, width_px: int, length: Callable[[str], float]) -> list[str]:
    lines: list[str] = []
    for word in text.split():
        if lines and length(f"{lines[-1]} {word}") <= width_px:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def make_gallery(
    sheets: Mapping[str, Sequence[Draw]],
    out: Path,
    renderer: str = "blender",
    quality: Quality = "standard",
    tick: Callable[[str, str], None] = lambda name, what: None,
    keep: bool = True,
) -> dict[str, str]:
    """Writes ``out``/NAME.jpg for every sheet; returns name -> why it could not be made.

    ``keep``: a sheet that is there already stays, whatever it was made from. ``tick`` is told each sheet's name and
    "made", "kept" or "failed". Raises MachineError when the disk refuses.
    """
    with disk_errors(f"create {out}"):
        out.mkdir(parents=True, exist_ok=True)
    failed: dict[str, str] = {}
    made = RENDERERS.load(renderer)()
    try:
        for name, draws in sheets.items():
            path = out / f"{name}.jpg"
            if keep and path.exists():
                tick(name, "kept")
                continue
            try:
                write_atomic(out, path, _jpeg(sheet(draws, made, quality)))
                tick(name, "made")
            except PairforgeError as error:
                failed[name] = str(error)
                tick(name, "failed")
    finally:
        made.close()
    return failed


def _jpeg(image: Image.Image) -> bytes:
    data = io.BytesIO()
    image.save(data, "JPEG", quality=88, optimize=True)
    return data.getvalue()
