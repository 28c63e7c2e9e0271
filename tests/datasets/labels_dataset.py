"""Small datasets whose cameras ask for every label: for tests that read them, and tests that forge them."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pairforge.datasets.finding import Finding
from pairforge.datasets.manifest import finish
from pairforge.datasets.reader import Dataset
from pairforge.datasets.store import write_scene
from pairforge.datasets.verify import verify
from pairforge.generate import Request, generate
from tests.farm.here import Here

TABLE = """
from pairforge.scenes.placement import At
from pairforge.scenes.spec import Camera, Prop, Scene

FALL = Scene(
    name="labels.fall",
    props=[
        Prop(name="ball", shape="sphere", size_m=0.3, colour="red", place=At((0.1, 0.1, 0.6))),
        Prop(name="mug", shape="mug", size_m=0.25, place=At((0.3, -0.27, 0.0))),
        Prop(name="book", shape="book", place=At((0.25, 0.3, 0.0))),
        Prop(name="post", shape="box", size_m=0.4, colour="blue", place=At((-0.3, 0.0, 0.0)), moves=False),
    ],
    sensors=[
        Camera(name="front", position_m=(-1.5, 0.0, 0.7), pitch_deg=-20.0, width_px=112, height_px=63, labels="all"),
    ],
    duration_s=0.25,
    keyframe_rate_hz=12.0,
    warm_up_s=0.15,
    captions=[],
)
"""
"""Things fall in front of a still camera whose keyframes are one camera period apart."""

Change = Callable[[dict[str, NDArray[Any]]], dict[str, NDArray[Any]]]


def generated(folder: Path, spec: str, name: str) -> Path:
    """The one-scene dataset of a spec, in ``folder / "out"``."""
    (folder / "spec.py").write_text(spec)
    request = Request(f"{folder / 'spec.py'}:{name}", folder / "out", renderer="raycast", quality="draft")
    outcome = generate(request, Here())
    assert not outcome.failed, [str(f.error) for f in outcome.failed]
    return folder / "out"


def forged(
    clean: Path, folder: Path, change: Change, frame: int = 1, **of_record: Any
) -> tuple[Finding, ...]:
    """What the verifier says of a copy in which one camera frame's labels are changed; hashes agree all the same."""
    root = Path(shutil.copytree(clean, folder / "forged"))
    dataset = Dataset(root)
    frames = list(dataset.frames(0))
    ((name, camera),) = frames[frame].cameras.items()
    extra = change({key: array.copy() for key, array in camera.extra.items()})
    frames[frame] = replace(frames[frame], cameras={name: replace(camera, extra=extra)})
    write_scene(root, dataset.scene(0).slug, replace(dataset.record(0), **of_record), frames)
    finish(root)
    return verify(root).findings


def pixels(name: str, edit: Callable[[NDArray[Any]], NDArray[Any]]) -> Change:
    """Changes one array, keeping its dtype."""

    def change(extra: dict[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
        extra[name] = np.asarray(edit(extra[name]), dtype=extra[name].dtype)
        return extra

    return change


PEOPLE = """
from pairforge.scenes.placement import At
from pairforge.scenes.spec import Camera, Prop, Scene

CROWD = Scene(
    name="labels.crowd",
    props=[
        Prop(name="walker", shape="pedestrian", place=At((0.5, -1.2, 0.0), yaw_deg=150.0)),
        Prop(name="second", shape="pedestrian", place=At((2.6, -0.2, 0.0), yaw_deg=90.0), moves=False),
        Prop(name="rider", shape="cyclist", place=At((3.0, 1.9, 0.0), yaw_deg=200.0), moves=False),
        Prop(name="car", shape="hatchback", place=At((6.5, -0.5, 0.0), yaw_deg=150.0), moves=False),
        Prop(name="ball", shape="sphere", size_m=0.5, place=At((-0.5, 0.4, 1.4))),
    ],
    sensors=[
        Camera(
            name="front", position_m=(-3.0, 0.0, 1.4), pitch_deg=-4.0, width_px=208, height_px=117,
            labels=["keypoints", "tracks"],
        ),
    ],
    duration_s=0.6,
    keyframe_rate_hz=5.0,
    warm_up_s=0.2,
    captions=[],
)
"""
"""People, a rider and a car stand about while a ball falls and someone topples."""

BENT = (
    TABLE.replace('name="labels.fall"', 'name="labels.bent"')
    .replace(
        'labels="all"),',
        'labels="all", shutter=Shutter(readout_s=0.03)),\n'
        '        Camera(name="fish", position_m=(-1.0, 0.1, 0.9), pitch_deg=-30.0, width_px=96, height_px=72,\n'
        '            labels="all", model="kannala_brandt", distortion=(0.02, -0.004, 0.0, 0.0), fov_deg=150.0),',
    )
    .replace(
        "from pairforge.scenes.placement",
        "from pairforge.scenes.optics import Shutter\nfrom pairforge.scenes.placement",
    )
)
"""The same seen by a rolling shutter and by a fisheye."""
