"""One keyframe of one camera as a contact sheet: picture, captions, and all that belongs to them."""

from __future__ import annotations

from collections.abc import Iterator

from PIL import Image, ImageDraw

from pairforge.datasets.report_bird import bird
from pairforge.datasets.report_colours import FAINT, INK, PAPER, Rgb, instance_colour
from pairforge.datasets.report_panels import boxes, depth, flow, font, identities, picture, points
from pairforge.sample import CameraFrame, Caption, Keyframe, SceneRecord

BIG_PX = 960
GAP_PX = 6
_SMALL = ("3D and 2D boxes", "LiDAR by range", "depth", "instances", "optical flow", "bird's-eye view")
_ORDER = ("driving", "dense", "short")

Panels = dict[str, Image.Image]


def panels(frame: Keyframe, camera: CameraFrame, record: SceneRecord) -> Panels:
    """Title -> picture; the first is twice the size of the others."""
    ratio = camera.intrinsics.height_px / camera.intrinsics.width_px
    w, h = BIG_PX // 2, round(BIG_PX * ratio / 2)
    made = {
        "camera": picture(camera, BIG_PX, 2 * h),
        "3D and 2D boxes": boxes(camera, frame, record, w, h),
        "depth": depth(camera, w, h),
        "instances": identities(camera, record, w, h),
        "optical flow": flow(camera, w, h),
        "bird's-eye view": bird(frame, record, camera, w, h),
    }
    for lidar in frame.lidars.values():
        made["LiDAR by range"] = points(camera, lidar, record, w, h)
        break
    return made


def sheet(frame: Keyframe, camera: CameraFrame, record: SceneRecord, made: Panels) -> Image.Image:
    """The big picture with captions below it, the other panels in two columns beside them."""
    big = made["camera"]
    order = (
        "3D and 2D boxes",
        "LiDAR by range",
        "depth",
        "instances",
        "optical flow",
        "bird's-eye view",
    )
    small = [(t, made[t]) for t in order if t in made]
    w, h = small[0][1].size
    height = 3 * h + 2 * GAP_PX
    image = Image.new("RGB", (BIG_PX + 2 * (w + GAP_PX), height), PAPER)
    image.paste(big, (0, 0))
    for k, (title, panel) in enumerate(small):
        column, row = k % 2, k // 2
        x, y = BIG_PX + GAP_PX + column * (w + GAP_PX), row * (h + GAP_PX)
        image.paste(panel, (x, y))
        _chip(image, title, x + 8, y + 8)
    top = big.size[1] + GAP_PX
    _captions(image, frame, record, camera, (24, top + 14, BIG_PX - 24, height - 10))
    return image


def chosen(frame: Keyframe, camera: CameraFrame) -> list[Caption]:
    """The captions about this camera, the fullest first."""
    own = [c for c in frame.captions if c.sensor in (camera.sensor, "")]
    return sorted(own, key=lambda c: _ORDER.index(c.kind) if c.kind in _ORDER else len(_ORDER))


def pieces(caption: Caption) -> Iterator[tuple[str, tuple[int, ...]]]:
    """The text cut at its phrases: each piece with the instances it names."""
    at = 0
    for phrase in sorted(caption.phrases, key=lambda p: p.start):
        if phrase.start > at:
            yield caption.text[at : phrase.start], ()
        yield caption.text[max(phrase.start, at) : phrase.end], phrase.instance_ids
        at = max(at, phrase.end)
    if at < len(caption.text):
        yield caption.text[at:], ()


def _chip(image: Image.Image, text: str, x: int, y: int) -> None:
    draw = ImageDraw.Draw(image, "RGBA")
    x0, y0, x1, y1 = draw.textbbox((0, 0), text, font=font(14))
    draw.rounded_rectangle((x, y, x + x1 - x0 + 14, y + y1 - y0 + 10), radius=5, fill=(8, 10, 14, 190))
    draw.text((x + 7 - x0, y + 5 - y0), text, font=font(14), fill=INK)


def _captions(
    image: Image.Image,
    frame: Keyframe,
    record: SceneRecord,
    camera: CameraFrame,
    area: tuple[int, int, int, int],
) -> None:
    """As many captions as fit, the words of each phrase in its instance's colour."""
    draw = ImageDraw.Draw(image)
    left, y, right, bottom = area
    seconds = frame.time_ns / 1e9
    draw.text(
        (left, y),
        f"{record.scene}   {frame.key}   {camera.sensor}   t = {seconds:.2f} s",
        font=font(15),
        fill=FAINT,
    )
    y += 30
    captions = chosen(frame, camera)
    for size in (23, 21, 19, 17, 15):
        if _height(draw, captions[:1], right - left, size) <= bottom - y:
            break
    for caption in captions:
        need = _height(draw, [caption], right - left, size)
        if y + need > bottom:
            continue
        draw.text((left, y), caption.kind, font=font(13), fill=FAINT)
        y += 19
        y = _flowed(draw, caption, (left, y), right - left, size, paint=True) + 12


def _height(draw: ImageDraw.ImageDraw, captions: list[Caption], width: int, size: int) -> int:
    return sum(19 + _flowed(draw, c, (0, 0), width, size, paint=False) for c in captions)


def _flowed(
    draw: ImageDraw.ImageDraw, caption: Caption, at: tuple[int, int], width: int, size: int, paint: bool
) -> int:
    """Write the text word by word; returns the y below its last line."""
    face, line = font(size), round(size * 1.4)
    x, y = float(at[0]), at[1]
    space = draw.textlength(" ", font=face)
    for text, colour, glued, inner in _words(caption):
        length = draw.textlength(text, font=face)
        joined = x
        if not glued and x > at[0]:
            x += space
            if x + length > at[0] + width:
                x, y = float(at[0]), y + line
                joined = x
        start = joined if inner else x
        if paint:
            draw.text((x, y), text, font=face, fill=colour or INK)
            if colour:
                draw.line((start, y + size * 1.22, x + length, y + size * 1.22), fill=colour, width=2)
        x += length
    return y + line


def _words(caption: Caption) -> Iterator[tuple[str, Rgb | None, bool, bool]]:
    """Words with their colour, whether each is glued to the one before, and whether it goes on with its phrase."""
    glued = True
    for text, ids in pieces(caption):
        colour = instance_colour(ids[0]) if ids else None
        glued = glued and not text.startswith((" ", "\n"))
        for k, word in enumerate(text.split()):
            yield word, colour, glued, k > 0
            glued = False
        glued = not text.endswith((" ", "\n"))
