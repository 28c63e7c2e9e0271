"""A sheet that shows every label a camera was asked for, each as a small picture with its name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from pairforge.datasets import report_panels as panels
from pairforge.datasets.report_colours import (
    FAINT,
    INK,
    PANEL,
    PAPER,
    Rgb,
    instance_colour,
    log_share,
    near_to_far,
    rainbow,
    wheel,
)
from pairforge.frames import F64
from pairforge.sample import CameraFrame
from pairforge.scenes.keypoints import SKELETONS
from pairforge.scenes.taxonomy import CLASSES

Clip = Sequence[CameraFrame]
"""One camera's frames up to the one shown, in order."""
SEEN, HIDDEN = (90, 230, 120), (255, 80, 70)


def sheet(clip: Clip, across: int = 4, width: int = 400) -> Image.Image:
    """All panels of the last frame of ``clip`` that it has the arrays for."""
    frame = clip[-1]
    height = round(width * frame.intrinsics.height_px / frame.intrinsics.width_px)
    shown = [(name, PANELS[name](clip)) for name in PANELS if _has(frame, name)]
    gap, title = 8, 22
    down = -(-len(shown) // across)
    page = Image.new("RGB", (across * (width + gap) + gap, down * (height + title + gap) + gap), PAPER)
    draw = ImageDraw.Draw(page)
    for k, (name, image) in enumerate(shown):
        x, y = gap + k % across * (width + gap), gap + k // across * (height + title + gap)
        draw.text((x + 2, y + 3), name.replace("_", " "), font=panels.font(14), fill=INK)
        page.paste(image.resize((width, height), Image.Resampling.LANCZOS), (x, y + title))
    return page


def _has(frame: CameraFrame, name: str) -> bool:
    needs = _NEEDS.get(name, (name,))
    return all(n in frame.extra or hasattr(frame, n) for n in needs)


def _plain(rgb: NDArray[np.uint8], frame: CameraFrame) -> Image.Image:
    """Dark where nothing is hit."""
    dark = np.array(PANEL, dtype=np.uint8)
    return Image.fromarray(np.where((frame.part > 0)[..., None], rgb, dark).astype(np.uint8))


def _picture(clip: Clip) -> Image.Image:
    return Image.fromarray(clip[-1].rgb)


def _range(clip: Clip) -> Image.Image:
    metres = clip[-1].extra["range"].astype(np.float64)
    known = metres[np.isfinite(metres)]
    near, far = (float(np.quantile(known, q)) for q in (0.01, 0.99)) if len(known) else (1.0, 2.0)
    return _plain(near_to_far(log_share(metres, max(near, 1e-3), max(far, 2e-3))), clip[-1])


def _panoptic(clip: Clip) -> Image.Image:
    rgb = clip[-1].extra["panoptic"]
    instance, semantic = rgb[..., 0].astype(int) + 256 * rgb[..., 1], rgb[..., 2]
    out = np.array([c.colour for c in CLASSES], dtype=np.uint8)[semantic]
    for i in np.unique(instance[instance > 0]):
        out[instance == i] = instance_colour(int(i))
    return _plain(out, clip[-1])


def _part(clip: Clip) -> Image.Image:
    return _coded(clip[-1].part, clip[-1])


def _material(clip: Clip) -> Image.Image:
    return _coded(clip[-1].extra["material"], clip[-1])


def _coded(ids: NDArray[np.uint16], frame: CameraFrame) -> Image.Image:
    table = np.array([instance_colour(7 * k + 3) for k in range(int(ids.max()) + 1)], dtype=np.uint8)
    return _plain(table[ids], frame)


def _nocs(clip: Clip) -> Image.Image:
    nocs = clip[-1].extra["nocs"].astype(np.float64)
    out = np.where(np.isnan(nocs), np.array(PANEL) / 255, nocs)
    return Image.fromarray((255 * np.clip(out, 0, 1)).astype(np.uint8))


def _albedo(clip: Clip) -> Image.Image:
    return _plain(clip[-1].extra["albedo"], clip[-1])


def _flow(clip: Clip) -> Image.Image:
    return _arrows(clip[-1].flow)


def _backward_flow(clip: Clip) -> Image.Image:
    return _arrows(clip[-1].extra["backward_flow"])


def _arrows(flow: NDArray[np.float32]) -> Image.Image:
    shift = np.nan_to_num(flow.astype(np.float64))
    largest = float(np.quantile(np.hypot(shift[..., 0], shift[..., 1]), 0.98))
    return Image.fromarray(wheel(shift, max(largest, 0.5)))


def _mask(name: str) -> Callable[[Clip], Image.Image]:
    def draw(clip: Clip) -> Image.Image:
        mask = clip[-1].extra[name]
        grey = clip[-1].rgb.astype(np.float64).mean(axis=-1, keepdims=True).repeat(3, axis=-1) * 0.45
        out = np.where((mask == 1)[..., None], np.array((255, 170, 40)), grey)
        return Image.fromarray(out.astype(np.uint8))

    return draw


def _scene_flow(clip: Clip) -> Image.Image:
    """Red for x, green for y, blue for z, about grey."""
    flow = np.nan_to_num(clip[-1].extra["scene_flow"].astype(np.float64))
    largest = max(float(np.abs(flow).max()), 1e-6)
    moves = np.abs(flow).max(axis=-1, keepdims=True) > 0
    tone = 127 + 127 * np.clip(flow / largest, -1, 1)
    return _plain(np.where(moves, tone, 60).astype(np.uint8), clip[-1])


def _amodal(clip: Clip) -> Image.Image:
    """Seen parts in the instance's colour, hidden ones striped."""
    frame = clip[-1]
    out = frame.rgb.astype(np.float64) * 0.35
    h, w = frame.part.shape
    stripes = (np.add.outer(np.arange(h), np.arange(w)) // max(w // 160, 2)) % 2 == 0
    counts = np.split(
        frame.extra["amodal_counts"].astype(np.int64), np.cumsum(frame.extra["amodal_runs"])[:-1]
    )
    for i, own in (
        zip(frame.extra["amodal_ids"], counts, strict=True) if len(frame.extra["amodal_ids"]) else ()
    ):
        mask = np.repeat(np.arange(len(own)) % 2 == 1, own).reshape(w, h).T
        colour = np.array(instance_colour(int(i)), dtype=np.float64)
        seen = mask & (frame.instance == i)
        out[seen] = 0.3 * out[seen] + 0.7 * colour
        out[mask & ~seen & stripes] = colour
    return Image.fromarray(out.astype(np.uint8))


def _occlusion_order(clip: Clip) -> Image.Image:
    """Arrows from who hides to who is hidden, the wider the more pixels."""
    frame, image, draw, k = clip[-1], *_canvas(clip[-1])
    middle = {
        int(i): np.argwhere(frame.instance == i).mean(axis=0)[::-1] * k
        for i in np.unique(frame.instance)
        if i
    }
    for front, behind, count in frame.extra["occlusion_order"].tolist():
        if front not in middle or behind not in middle:
            continue
        a, b = middle[front], middle[behind]
        thick = int(np.clip(np.log2(count + 1) / 2, 1, 5))
        draw.line([*a, *b], fill=instance_colour(front), width=thick)
        draw.ellipse([*(b - 5), *(b + 5)], outline=INK, fill=instance_colour(behind))
    return image


def _keypoints(clip: Clip) -> Image.Image:
    frame, image, draw, k = clip[-1], *_canvas(clip[-1])
    for kind, points in zip(frame.extra["keypoints_kind"], frame.extra["keypoints"], strict=True):
        for a, b in SKELETONS[kind].edges:
            if points[a, 2] and points[b, 2]:
                draw.line(
                    [*(k * points[a, :2]), *(k * points[b, :2])],
                    fill=(255, 215, 70) if kind == 0 else (90, 200, 255),
                )
        for u, v, state in points:
            if state:
                _dot(draw, k * u, k * v, SEEN if state == 2 else HIDDEN, 2.5)
    return image


def _tracks(clip: Clip) -> Image.Image:
    """Where points were in the clip, and are: filled where seen, hollow where hidden."""
    image, draw, k = _canvas(clip[-1])
    trails: dict[int, list[F64]] = {}
    for frame in clip[-4:]:
        for i, uv in zip(frame.extra["track_ids"].tolist(), frame.extra["track_uv"], strict=True):
            trails.setdefault(i, []).append(uv)
    last = clip[-1].extra
    hues = rainbow((np.array(last["track_ids"]) * 0.61803398875) % 1.0)
    for i, uv, seen, hue in zip(
        last["track_ids"].tolist(), last["track_uv"], last["track_visible"], hues, strict=True
    ):
        colour: Rgb = (int(hue[0]), int(hue[1]), int(hue[2]))
        path = [tuple(k * p) for p in trails[i] if np.isfinite(p).all()]
        if seen and len(path) > 1:
            draw.line(path, fill=colour, width=1)
        if np.isfinite(uv).all():
            _dot(draw, k * uv[0], k * uv[1], colour, 2.5, hollow=not seen)
    return image


def _canvas(frame: CameraFrame) -> tuple[Image.Image, ImageDraw.ImageDraw, float]:
    """The dimmed picture at twice its size, what draws on it, and the 2."""
    image = Image.fromarray((frame.rgb * 0.6).astype(np.uint8))
    image = image.resize((2 * image.width, 2 * image.height))
    return image, ImageDraw.Draw(image), 2.0


def _dot(draw: ImageDraw.ImageDraw, u: float, v: float, colour: Rgb, r: float, hollow: bool = False) -> None:
    draw.ellipse(
        [u - r, v - r, u + r, v + r], fill=None if hollow else colour, outline=colour if hollow else FAINT
    )


PANELS: Mapping[str, Callable[[Clip], Image.Image]] = {
    "rgb": _picture,
    "range": _range,
    "panoptic": _panoptic,
    "part": _part,
    "nocs": _nocs,
    "material": _material,
    "albedo": _albedo,
    "amodal": _amodal,
    "flow": _flow,
    "flow_occluded": _mask("flow_occluded"),
    "backward_flow": _backward_flow,
    "backward_flow_occluded": _mask("backward_flow_occluded"),
    "scene_flow": _scene_flow,
    "occlusion_order": _occlusion_order,
    "keypoints": _keypoints,
    "tracks": _tracks,
}
_NEEDS = {"amodal": ("amodal_ids",), "tracks": ("track_ids",), "keypoints": ("keypoints",)}
