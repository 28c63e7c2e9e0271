"""A window of a picture: its pixels, its principal point, its boxes and their truncation; what is cut away is
not said
any more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from pairforge.errors import SpecError
from pairforge.learning.augment.boxes import Bounds, Reboxing
from pairforge.learning.augment.clip import AugmentError, Clip, with_sensors
from pairforge.learning.augment.labels import PIXEL_LABELS, carried, only_labels_held
from pairforge.learning.augment.protocol import Transform, to_json
from pairforge.sample import CameraFrame, SceneRecord
from pairforge.seeding import Stream

Window = tuple[int, int, int, int]
"""First column, first row, width and height, in pixels."""


@dataclass(frozen=True)
class Crop:
    """Of each camera named, its window; other cameras stay whole. All keyframes of a clip are cropped alike."""

    windows: Mapping[str, Window] = field(default_factory=dict)

    NAME: ClassVar[str] = "crop"

    def __call__(self, clip: Clip) -> Clip:
        for f in clip.frames:
            for name, window in self.windows.items():
                _check(name, window, f.cameras.get(name))
        frames = clip.cameras(lambda c: self._camera(clip.record, c))
        record = with_sensors(clip.record, self._sensor)
        return clip.after(to_json(self), only_labels_held(record, frames[0].cameras), frames)

    def _camera(self, record: SceneRecord, c: CameraFrame) -> CameraFrame:
        return cropped(record, c, self.windows[c.sensor]) if c.sensor in self.windows else c

    def _sensor(self, sensor: dict[str, Any]) -> dict[str, Any]:
        if sensor["name"] in self.windows:
            x, y, width, height = self.windows[sensor["name"]]
            s = sensor["settings"]
            s |= {"width_px": width, "height_px": height, "cx": s["cx"] - x, "cy": s["cy"] - y}
        return sensor


@dataclass(frozen=True)
class RandomCrop:
    """A window of a ``share`` of each side, drawn from least to most, anywhere in the picture; for every camera its
    own, or for ``cameras`` alone."""

    share: tuple[float, float] = (0.6, 0.95)
    cameras: tuple[str, ...] = ()

    def draw(self, clip: Clip, stream: Stream) -> Transform | None:
        views = clip.frames[0].cameras
        chosen = sorted(n for n in views if n in self.cameras or not self.cameras)
        windows = {}
        for name in chosen:
            if _rolls(clip.record, name) or not views[name].intrinsics.z_depth:
                continue
            rng, k = (stream / name).rng(), views[name].intrinsics
            share = rng.uniform(*self.share)
            width, height = max(round(k.width_px * share), 1), max(round(k.height_px * share), 1)
            x = int(rng.integers(k.width_px - width + 1))
            y = int(rng.integers(k.height_px - height + 1))
            windows[name] = (x, y, width, height)
        return Crop(windows) if windows else None


def _rolls(record: SceneRecord, camera: str) -> bool:
    """Whether its rows are exposed one after another: a crop's first row would not be its first any more."""
    sensors = (s for s in record.concrete.get("sensors", ()) if s["name"] == camera)
    return any(float(s["settings"].get("shutter", {}).get("readout_s", 0.0)) > 0.0 for s in sensors)


def _check(name: str, window: Window, camera: CameraFrame | None) -> None:
    if camera is None:
        raise SpecError(f'crop: the clip has no camera "{name}"')
    k, (x, y, width, height) = camera.intrinsics, window
    if not (x >= 0 and y >= 0 and 0 < width <= k.width_px - x and 0 < height <= k.height_px - y):
        raise SpecError(
            f"crop: window {tuple(window)} is not within the {k.width_px} x {k.height_px} pixels of {name}"
        )
    if not k.z_depth:
        raise AugmentError(f"crop: {name} sees all around; a window of it is no camera of its kind")


def cropped(record: SceneRecord, c: CameraFrame, window: Window) -> CameraFrame:
    """A camera's frame within a window."""
    if _rolls(record, c.sensor):
        raise AugmentError(f"crop: {c.sensor} exposes its rows one after another; crop cameras that do not")
    x, y, width, height = window

    def cut(array: NDArray[Any]) -> NDArray[Any]:
        return np.ascontiguousarray(array[y : y + height, x : x + width])

    k = replace(
        c.intrinsics, width_px=width, height_px=height, cx=c.intrinsics.cx - x, cy=c.intrinsics.cy - y
    )
    new = replace(
        c,
        intrinsics=k,
        rgb=cut(c.rgb),
        depth=cut(c.depth),
        normal=cut(c.normal),
        part=cut(c.part),
        instance=cut(c.instance),
        semantic=cut(c.semantic),
        flow=cut(c.flow),
        extra=carried(c, cut, PIXEL_LABELS, cut),
    )
    new = replace(new, extra={**new.extra, **_left(new)})

    def moved(box: Bounds) -> Bounds:
        return box[0] - x, box[1] - y, box[2] - x, box[3] - y

    return replace(new, boxes=Reboxing(record, c, new, moved, exact=True).boxes()) if c.boxes else new


def _left(c: CameraFrame) -> dict[str, NDArray[Any]]:
    """The masks of what cannot be seen in the other picture, with what the smaller picture does not hold added."""
    found: dict[str, NDArray[Any]] = {}
    rows, columns = np.indices(c.part.shape) + 0.5
    flows = {"flow_occluded": c.flow, "backward_flow_occluded": c.extra.get("backward_flow")}
    for name, flow in flows.items():
        if name in c.extra and flow is not None:
            u, v = columns + flow[..., 0], rows + flow[..., 1]
            inside = (u >= 0) & (u < c.part.shape[1]) & (v >= 0) & (v < c.part.shape[0])
            found[name] = np.where((c.extra[name] == 0) & ~inside, 1, c.extra[name]).astype(np.uint8)
    return found
