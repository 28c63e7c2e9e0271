"""A report to look at: one HTML file that needs nothing else, and contact sheets as PNG."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined
from PIL import Image

from pairforge.datasets.files import write_atomic
from pairforge.datasets.place import place_of
from pairforge.datasets.reader import Dataset
from pairforge.datasets.report_colours import instance_colour
from pairforge.datasets.report_sheet import Panels, chosen, panels, pieces, sheet
from pairforge.datasets.store import sensor_slug
from pairforge.sample import CameraFrame, Keyframe, SceneRecord

REPORT = "report"
FIRST = 12
"""Scenes shown when nobody says which: a page of thousands would be made for hours, and open for as long."""


def show(
    root: Path | str,
    out: Path | str | None = None,
    only: Sequence[int] | None = None,
    plan: Callable[[int], None] = lambda _: None,
    tick: Callable[[], None] = lambda: None,
) -> Path:
    """Write ``index.html`` and a PNG contact sheet for each keyframe and camera; returns the HTML's path.

    ``out`` is a folder, by default ``report`` in the dataset, which the verifier leaves alone. ``only`` are the
    scenes to show, by default the first ``FIRST``. ``plan`` is told how many they are, ``tick`` that
    one more is drawn.
    Raises DatasetError when the dataset is damaged or has no such scene, MachineError when the disk refuses.
    """
    dataset = Dataset(root)
    folder = place_of(out) if out is not None else dataset.root / REPORT
    chosen = dataset.scenes[:FIRST] if only is None else tuple(only)
    plan(len(chosen))
    scenes = []
    for index in chosen:
        scenes.append(_scene(dataset, index, folder))
        tick()
    template = (files("pairforge.datasets") / "templates" / "report.html.j2").read_text(encoding="utf-8")
    page = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    html = page.from_string(template).render(
        manifest=dataset.manifest,
        scenes=scenes,
        keyframes=len(dataset),
        left_out=len(dataset.scenes) - len(chosen),
    )
    target = folder / "index.html"
    write_atomic(folder, target, html.encode())
    return target


def _scene(dataset: Dataset, index: int, folder: Path) -> dict[str, Any]:
    record = dataset.record(index)
    shots = [s for frame in dataset.frames(index) for s in _shots(frame, record, folder)]
    moving = sum(r.moves for r in record.instances)
    return {
        "index": index,
        "name": record.scene,
        "seed": record.seed,
        "instances": len(record.instances),
        "moving": moving,
        "draws": _draws(record.concrete),
        "shots": shots,
    }


def _draws(concrete: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Name and value of every draw, as ``do={name: value}`` takes them."""
    return [(name, json.dumps(value)) for name, value in sorted(concrete.get("draws", {}).items())]


def _shots(frame: Keyframe, record: SceneRecord, folder: Path) -> Iterator[dict[str, Any]]:
    for camera in frame.cameras.values():
        made = panels(frame, camera, record)
        name = f"{frame.key}.{sensor_slug(camera.sensor)}.png"
        png = io.BytesIO()
        sheet(frame, camera, record, made).save(png, "PNG", compress_level=4)
        write_atomic(folder, folder / name, png.getvalue())
        yield _shot(frame, camera, record, made, name)


def _shot(
    frame: Keyframe, camera: CameraFrame, record: SceneRecord, made: Panels, name: str
) -> dict[str, Any]:
    """What the template shows of one picture."""
    k = camera.intrinsics
    distances = {b.instance_id: b for b in frame.boxes}
    boxes = [
        {
            "id": b.instance_id,
            "x": b.visible_box[0],
            "y": b.visible_box[1],
            "w": b.visible_box[2] - b.visible_box[0],
            "h": b.visible_box[3] - b.visible_box[1],
            "colour": _css(b.instance_id),
            "label": " ".join(
                w for w in (record.instance(b.instance_id).colour, record.instance(b.instance_id).noun) if w
            ),
            "points": distances[b.instance_id].lidar_points if b.instance_id in distances else 0,
            "pixels": b.visible_px,
        }
        for b in camera.boxes
    ]
    captions = [
        {
            "kind": c.kind,
            "pieces": [
                {"text": text, "ids": " ".join(str(i) for i in ids), "colour": _css(ids[0]) if ids else ""}
                for text, ids in pieces(c)
            ],
        }
        for c in chosen(frame, camera)
    ]
    return {
        "key": frame.key,
        "camera": camera.sensor,
        "seconds": frame.time_ns / 1e9,
        "png": name,
        "width": k.width_px,
        "height": k.height_px,
        "boxes": boxes,
        "captions": captions,
        "facts": len(frame.facts),
        "images": [{"title": t, "url": _embedded(p)} for t, p in made.items()],
    }


def _embedded(image: Image.Image) -> str:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=86, subsampling=0)
    return "data:image/jpeg;base64," + base64.b64encode(out.getvalue()).decode()


def _css(instance_id: int) -> str:
    return "#{:02x}{:02x}{:02x}".format(*instance_colour(instance_id))
