"""Prove a dataset from what it holds: files, then scenes, then keyframes, one small check after another."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from pairforge.datasets import (
    verify_alignment,
    verify_boxes,
    verify_calibration,
    verify_camera,
    verify_causes,
    verify_clip,
    verify_depth_camera,
    verify_events,
    verify_files,
    verify_flows,
    verify_gnss,
    verify_happenings,
    verify_hidden,
    verify_inertial,
    verify_inspection,
    verify_keypoints,
    verify_labels,
    verify_lidar,
    verify_lidar_light,
    verify_normals,
    verify_pictures,
    verify_questions,
    verify_radar,
    verify_robot,
    verify_scene,
    verify_shutter,
    verify_sight,
    verify_stereo,
    verify_tracks,
    verify_ultrasonic,
    verify_vehicle,
    verify_words,
)
from pairforge.datasets.contrast_worlds import Worlds
from pairforge.datasets.finding import Finding, Problem, Report
from pairforge.datasets.manifest import Manifest, read_manifest
from pairforge.datasets.measurements import Measurements
from pairforge.datasets.place import place_of
from pairforge.datasets.reader import Dataset
from pairforge.datasets.scene_index import SceneEntry, scenes_of
from pairforge.datasets.store import shard_path
from pairforge.datasets.verify_contrasts import Contrasts
from pairforge.datasets.verify_questions import Questions
from pairforge.datasets.verify_scene_view import SceneView
from pairforge.datasets.verify_view import FrameView
from pairforge.errors import DatasetError, PairforgeError

FrameCheck = Callable[[FrameView], Iterator[Problem]]
SceneCheck = Callable[[SceneView], Iterator[Problem]]

SCENE_CHECKS: tuple[SceneCheck, ...] = (
    *verify_scene.CHECKS,
    *verify_calibration.SCENE_CHECKS,
    *verify_pictures.CHECKS,
    *verify_inspection.SCENE_CHECKS,
    *verify_clip.CHECKS,
    *verify_happenings.CHECKS,
    *verify_causes.CHECKS,
    *verify_inertial.CHECKS,
    *verify_gnss.CHECKS,
    *verify_vehicle.CHECKS,
)
FRAME_CHECKS: tuple[FrameCheck, ...] = (
    *verify_camera.CHECKS,
    *verify_alignment.CHECKS,
    *verify_normals.CHECKS,
    *verify_lidar.CHECKS,
    *verify_lidar_light.CHECKS,
    *verify_labels.CHECKS,
    *verify_flows.CHECKS,
    *verify_hidden.CHECKS,
    *verify_radar.CHECKS,
    *verify_ultrasonic.CHECKS,
    *verify_keypoints.CHECKS,
    *verify_tracks.CHECKS,
    *verify_sight.CHECKS,
    *verify_stereo.CHECKS,
    *verify_shutter.CHECKS,
    *verify_boxes.CHECKS,
    *verify_inspection.CHECKS,
    *verify_events.CHECKS,
    *verify_depth_camera.CHECKS,
    *verify_robot.CHECKS,
    *verify_words.CHECKS,
)

SWEEP_CHECKS: tuple[FrameCheck, ...] = (
    *verify_camera.SWEEP_CHECKS,
    *verify_lidar.CHECKS,
    *verify_labels.SWEEP_CHECKS,
    *verify_flows.CHECKS,
    *verify_radar.CHECKS,
    *verify_tracks.CHECKS,
)
"""Of the frames between keyframes, which have neither boxes nor words."""


CHECKS: tuple[str, ...] = (
    *("files", verify_questions.NAME, "contrasts"),
    *(str(c.__name__).replace("_", " ") for c in (*SCENE_CHECKS, *FRAME_CHECKS)),
)
"""What is checked, by the names that findings have."""


def verify(root: Path | str, progress: Callable[[str], None] | None = None, crosscheck: int = 0) -> Report:
    """Check everything, one thing after another, in this process; never raises for what is wrong with the dataset,
    but reports it. ``farm.proving.prove`` does the same in worker processes, and in parts.

    ``progress`` is told each keyframe's key when it is done. ``crosscheck``: how many keyframes, spread evenly, are
    also rebuilt from the stored concrete scene and compared with Cycles' own depth and id passes (needs Blender).
    All other checks use the stored data alone.
    """
    root, tell = place_of(root), progress or (lambda key: None)
    try:
        manifest = read_manifest(root)
    except DatasetError as error:
        return unreadable(error)
    measured = Measurements()
    questions = Questions(root, {*manifest.scenes.numbers.tolist()})
    contrasts = Contrasts(root)
    findings = [*verify_files.whole(root, manifest), *questions.faults, *contrasts.faults]
    for entry in manifest.scenes:
        findings += verify_files.scene(root, manifest, entry)
        dataset = alone(root, manifest, entry)
        findings += content(dataset, entry.scene_index, measured, tell)
        findings += questions.prove(dataset, entry.scene_index)
    worlds = Worlds(Dataset(root, manifest))
    for group in contrasts.groups:
        findings += contrasts.prove(worlds, group)
    if crosscheck:
        findings += cycles_checked(Dataset(root, manifest), crosscheck, measured)
    return Report(
        findings=tuple(sorted(set(findings))),
        scenes=len(manifest.scenes),
        frames=int(manifest.scenes.frames.sum()),
        checks=CHECKS,
        measured=measured.quantiles(),
    )


def unreadable(error: DatasetError) -> Report:
    """The report of a dataset whose manifest cannot be read."""
    return Report((Finding(-1, -1, "dataset.json", "manifest", str(error)),), 0, 0, ("manifest",))


def alone(root: Path, manifest: Manifest, entry: SceneEntry) -> Dataset:
    """A dataset of which nothing but one scene can be read."""
    return Dataset(root, replace(manifest, scenes=scenes_of([entry])))


def content(
    dataset: Dataset, index: int, measured: Measurements, progress: Callable[[str], None]
) -> Iterator[Finding]:
    """What a scene's arrays, tables and texts say, each held against the others."""
    shard = shard_path(dataset.scene(index).slug)
    try:
        scene = SceneView(dataset, index, dataset.record(index), measured)
    except (DatasetError, PairforgeError) as error:
        yield Finding(index, -1, verify_files.blamed(str(error), shard), "readable", str(error))
        return
    for k in range(dataset.scene(index).frames):
        try:
            stored = dataset.members(index, k)
            view = FrameView(scene, dataset.frame(index, k, stored), measured, stored)
        except DatasetError as error:
            yield Finding(index, k, verify_files.blamed(str(error), shard), "readable", str(error))
            continue
        for sweep in view.between():
            for check in SWEEP_CHECKS:
                yield from _run(index, k, _name(check), shard, partial(check, sweep))
        for check in FRAME_CHECKS:
            yield from _run(index, k, _name(check), shard, partial(check, view))
        scene.remember(view.frame)
        progress(view.frame.key)
    for scene_check in SCENE_CHECKS:
        yield from _run(index, -1, _name(scene_check), shard, partial(scene_check, scene))


def _run(
    scene: int, frame: int, name: str, shard: str, check: Callable[[], Iterable[Problem]]
) -> Iterator[Finding]:
    """A check's problems as findings; whatever damaged data make a check raise is one more finding."""
    try:
        for p in check():
            yield Finding(scene, frame if p.frame is None else p.frame, p.file, name, p.message)
    except Exception as error:
        message = f"the check could not be carried out: {type(error).__name__}: {error}"
        yield Finding(scene, frame, shard, name, message)


def cycles_checked(dataset: Dataset, count: int, measured: Measurements) -> Iterator[Finding]:
    """So many keyframes, spread evenly, against Cycles' own passes."""
    from pairforge.datasets.verify_cycles import cycles  # needs Blender, which the rest does not

    with suppress(DatasetError):  # what is damaged has been told of
        keys = dataset.keys()
        chosen = (
            [keys[int(i)] for i in np.unique(np.linspace(0, len(keys) - 1, count).round())] if keys else []
        )
        for turn, key in enumerate(chosen):
            scene, frame = int(key[:6]), int(key[7:])
            shard = shard_path(dataset.scene(scene).slug)
            yield from _run(scene, frame, "cycles", shard, partial(cycles, dataset, key, turn, measured))


def _name(check: Any) -> str:
    return str(check.__name__).replace("_", " ")
