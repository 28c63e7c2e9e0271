"""BOP (Hodan et al., BOP: Benchmark for 6D Object Pose Estimation, 2018): rigid objects with depth and poses.

    PART/SCENE/{rgb,depth,mask,mask_visib}/…png, scene_camera.json, scene_gt.json, scene_gt_info.json
    models/obj_000001.ply …, models/models_info.json, camera.json, PART_targets_bop19.json

All in millimetres. An image is one camera at one keyframe. See docs/exports/bop.md.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from pairforge.datasets.export import WORK
from pairforge.datasets.exporters.bop_models import MM, Model, models
from pairforge.datasets.exporters.pictures import (
    VAL_EVERY,
    WHOLE,
    Picture,
    every,
    full_mask_box,
    need_pictures,
    part_of,
    pictures,
)
from pairforge.datasets.exporters.protocol import ExportError, Option, Part
from pairforge.datasets.exporters.target import Target
from pairforge.datasets.files import read_bytes
from pairforge.datasets.reader import Dataset
from pairforge.frames import Intrinsics, Pose
from pairforge.renderers.png import encode_png
from pairforge.sample import SceneRecord
from pairforge.scenes.build import build
from pairforge.scenes.concrete import ConcreteScene
from pairforge.scenes.taxonomy import semantic

Row = dict[str, Any]
PARTS = {WHOLE: "train", "validation": "val"}
SCALES_MM = (0.1, 1.0, 10.0)
"""Millimetres that one step of a depth image may stand for: the finest whose 65,535 steps reach far enough."""
TARGET_VISIBLE = 0.1
"""Objects that show at least this much are to be found in evaluations."""


class Bop:
    """See the module."""

    name: ClassVar[str] = "bop"
    summary: ClassVar[str] = "rigid objects with 6D poses, depth, masks and models, for BOP's toolkit"
    needs: ClassVar[str] = ""
    options: ClassVar[Mapping[str, Option]] = {
        "classes": Option("object", 'classes of the objects to be found, as in "object,furniture"'),
        "val_every": VAL_EVERY,
    }

    def __init__(self, options: Mapping[str, str]) -> None:
        self._classes = frozenset(semantic(name).name for name in options["classes"].split(",") if name)
        self._val_every = every(options["val_every"])

    def check(self, dataset: Dataset) -> None:
        need_pictures(dataset, self.name)
        found: set[str] = set()
        for i in dataset.scenes:
            found |= set(dataset.table("instances", i)["semantic"].to_pylist())
            for row in dataset.table("sensors", i).select(["sensor", "kind", "model"]).to_pylist():
                if row["kind"] == "camera" and row["model"] != "pinhole":
                    raise ExportError(
                        f'BOP knows pinholes alone, and camera "{row["sensor"]}" is {row["model"]}. '
                        "Make the scene with a pinhole."
                    )
        if not found & self._classes:
            raise ExportError(
                f"nothing here is of class {', '.join(sorted(self._classes)) or 'none'}; there are "
                f"{', '.join(sorted(found)) or 'no things'}. Choose with --set classes=NAME,NAME."
            )

    def scene(self, dataset: Dataset, scene_index: int, target: Target) -> Part:
        record = dataset.record(scene_index)
        part = part_of(dataset, scene_index, self._val_every)
        part = PARTS.get(part, part)
        views = list(pictures(dataset, scene_index))
        world = build(ConcreteScene.from_json(dict(record.concrete)))
        times = sorted({int(p.row["time_ns"]) for p in views})
        objects = models(world, record, times, self._classes)
        images = [
            _image(dataset, record, p, objects, f"{part}/{scene_index:06d}", n, target)
            for n, p in enumerate(views)
        ]
        return {
            "folder": f"{part}/{scene_index:06d}",
            "part": part,
            "scene": scene_index,
            "images": images,
            "models": [_waiting(m, scene_index, target) for m in objects],
        }

    def finish(self, dataset: Dataset, parts: Iterator[Part], target: Target) -> None:
        """Objects of one and the same mesh have one number, from 1, in order of scene and instance."""
        numbers: dict[str, int] = {}
        infos: dict[str, Row] = {}
        targets: dict[str, list[Row]] = {}
        camera: Row = {}
        for part in parts:
            named: dict[int, int] = {}
            for model in part["models"]:
                number = numbers.setdefault(model["sha256"], len(numbers) + 1)
                named[model["instance_id"]] = number
                if str(number) not in infos:
                    infos[str(number)] = model["info"]
                    ply = read_bytes(target.path(model["waiting"]))
                    target.write(f"models/obj_{number:06d}.ply", ply)
            camera = camera or _camera(part["images"])
            targets.setdefault(part["part"], []).extend(_scene_files(part, named, target))
        target.write_json("models/models_info.json", infos)
        target.write_json("camera.json", camera)
        for name, rows in sorted(targets.items()):
            target.write_rows(f"{name}_targets_bop19.json", rows)


def _image(
    dataset: Dataset,
    record: SceneRecord,
    picture: Picture,
    objects: list[Model],
    folder: str,
    n: int,
    target: Target,
) -> Row:
    """Write the files of one image; returns its rows."""
    depth = picture.array("depth")
    scale = _scale(depth)
    steps = np.where(np.isfinite(depth), np.rint(np.nan_to_num(depth, posinf=0.0) * MM / scale), 0)
    target.write(f"{folder}/rgb/{n:06d}.png", picture.image())
    target.write(f"{folder}/depth/{n:06d}.png", encode_png(np.clip(steps, 0, 65535).astype(np.uint16)))
    instance = picture.array("instance")
    shown: list[Row] = []
    for model in objects:
        visible = instance == model.instance_id
        if not visible.any():
            continue
        body = record.world_from_body(model.instance_id, int(picture.row["time_ns"]))
        camera_from_model = picture.world_from_camera.inverse @ body @ model.body_from_model
        whole, left, top = model.silhouette(picture.intrinsics, camera_from_model)
        inside = _within(whole, left, top, visible.shape)
        stem = f"{n:06d}_{len(shown):06d}.png"
        target.write(f"{folder}/mask/{stem}", encode_png(inside.astype(np.uint8) * np.uint8(255)))
        target.write(f"{folder}/mask_visib/{stem}", encode_png(visible.astype(np.uint8) * np.uint8(255)))
        shown.append(
            {
                "instance_id": model.instance_id,
                **_pose("m2c", camera_from_model),
                "info": _info(visible, whole, left, top, inside & (steps > 0)),
            }
        )
    lens = picture.intrinsics
    camera = {"cam_K": _matrix(lens), "depth_scale": scale, **_pose("w2c", picture.world_from_camera.inverse)}
    return {"camera": camera, "shown": shown, "size": [lens.width_px, lens.height_px]}


def _scale(depth: NDArray[np.float32]) -> float:
    """Millimetres a step: what lies beyond the coarsest is cut to its reach."""
    hit = depth[np.isfinite(depth)]
    far = float(hit.max()) * MM if hit.size else 0.0
    return next((s for s in SCALES_MM if far <= 65535 * s), SCALES_MM[-1])


def _within(whole: NDArray[np.bool_], left: int, top: int, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """The share of a silhouette that lies in the picture (H, W)."""
    found = np.zeros(shape, dtype=bool)
    y0, x0 = max(top, 0), max(left, 0)
    y1, x1 = min(top + whole.shape[0], shape[0]), min(left + whole.shape[1], shape[1])
    if y1 > y0 and x1 > x0:
        found[y0:y1, x0:x1] = whole[y0 - top : y1 - top, x0 - left : x1 - left]
    return found


def _info(
    visible: NDArray[np.bool_], whole: NDArray[np.bool_], left: int, top: int, valid: NDArray[np.bool_]
) -> Row:
    box, count = full_mask_box(whole), int(whole.sum())
    shown = int(visible.sum())
    return {
        "bbox_obj": [box[0] + left, box[1] + top, box[2], box[3]] if box else [-1] * 4,
        "bbox_visib": list(full_mask_box(visible) or [-1] * 4),
        "px_count_all": count,
        "px_count_valid": int(valid.sum()),
        "px_count_visib": shown,
        "visib_fract": min(shown / count, 1.0) if count else 0.0,
    }


def _pose(name: str, pose: Pose) -> Row:
    """``cam_R_…`` by rows, ``cam_t_…`` in mm."""
    turn, shift = pose.rotation.ravel().tolist(), (pose.position_m * MM).tolist()
    return {f"cam_R_{name}": turn, f"cam_t_{name}": shift}


def _matrix(lens: Intrinsics) -> list[float]:
    """K by rows, for OpenCV's pixels, whose centres are whole numbers."""
    return [lens.fx, 0.0, lens.cx - 0.5, 0.0, lens.fy, lens.cy - 0.5, 0.0, 0.0, 1.0]


def _waiting(model: Model, scene_index: int, target: Target) -> Row:
    """A model, put aside until its number is known."""
    ply, name = model.ply(), f"{WORK}/models/{scene_index:06d}-{model.instance_id:06d}.ply"
    target.write(name, ply)
    return {
        "instance_id": model.instance_id,
        "waiting": name,
        "sha256": hashlib.sha256(ply).hexdigest(),
        "info": model.info(),
    }


def _camera(images: list[Row]) -> Row:
    """The dataset's camera.json: its first camera."""
    if not images:
        return {}
    k, (width, height) = images[0]["camera"]["cam_K"], images[0]["size"]
    scale = images[0]["camera"]["depth_scale"]
    return {
        "cx": k[2],
        "cy": k[5],
        "depth_scale": scale,
        "fx": k[0],
        "fy": k[4],
        "width": width,
        "height": height,
    }


def _scene_files(part: Part, named: Mapping[int, int], target: Target) -> list[Row]:
    """Write the three files of a scene; returns what is to be found in it."""
    cameras, truths, infos, targets = {}, {}, {}, []
    for n, image in enumerate(part["images"]):
        cameras[str(n)] = image["camera"]
        truths[str(n)] = [
            {k: s[k] for k in ("cam_R_m2c", "cam_t_m2c")} | {"obj_id": named[s["instance_id"]]}
            for s in image["shown"]
        ]
        infos[str(n)] = [s["info"] for s in image["shown"]]
        clear = [
            named[s["instance_id"]] for s in image["shown"] if s["info"]["visib_fract"] >= TARGET_VISIBLE
        ]
        targets += [
            {"im_id": n, "inst_count": clear.count(k), "obj_id": k, "scene_id": part["scene"]}
            for k in sorted(set(clear))
        ]
    target.write_json(f"{part['folder']}/scene_camera.json", cameras)
    target.write_json(f"{part['folder']}/scene_gt.json", truths)
    target.write_json(f"{part['folder']}/scene_gt_info.json", infos)
    return targets
