"""Forty-odd ways to spoil a finished dataset, each of which the verifier must name by scene, frame and file.

Spoilt files are caught by their hashes. The forgeries below go further: the spoilt scene is stored anew, so that all
hashes, sizes, offsets and the JSON members agree, and only what the data say can give them away.
"""

# ruff: noqa: E501 (a table of cases reads best with one case a line)

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pairforge.datasets import store
from pairforge.datasets.finding import Finding
from pairforge.datasets.manifest import finish, read_manifest, slug_of
from pairforge.datasets.scene_index import write_index
from pairforge.datasets.store import write_scene
from pairforge.datasets.verify import verify
from pairforge.frames import Pose, Track
from pairforge.sample import Keyframe, SceneRecord
from tests.datasets.conftest import make
from tests.datasets.tiny import tiny

SLUG = slug_of("tiny.street", 0)
CAMERA, LIDAR = "cam.Front", "top"
FRAME = 1
Story = tuple[SceneRecord, list[Keyframe]]


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = make(tmp_path_factory.mktemp("clean") / "dataset", (0,))
    assert [str(f) for f in verify(root).findings] == []
    return root


@pytest.fixture
def spoilt(clean: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(clean, tmp_path / "dataset"))


@dataclass(frozen=True)
class Forgery:
    """``change`` spoils a scene; ``check`` must then blame ``file`` (part of its name) and ``frame``."""

    name: str
    change: Callable[[SceneRecord, list[Keyframe]], Story]
    check: str
    file: str
    frame: int = FRAME


# ---------------------------------------------------------------- files, as a clumsy hand leaves them


def truncate(root: Path, name: str, by: int) -> None:
    data = (root / name).read_bytes()
    (root / name).write_bytes(data[:-by])


def flip(root: Path, name: str, at: int) -> None:
    data = bytearray((root / name).read_bytes())
    data[at] ^= 0x10
    (root / name).write_bytes(bytes(data))


def edit_record(root: Path, edit: Callable[[dict[str, Any]], object]) -> None:
    path = root / "records" / f"{SLUG}.json"
    content = json.loads(path.read_text())
    edit(content)
    path.write_text(json.dumps(content))


def edit_index(root: Path, **change: Any) -> None:
    write_index(root, [replace(entry, **change) for entry in read_manifest(root).scenes])


def edit_manifest(root: Path, edit: Callable[[dict[str, Any]], object]) -> None:
    content = json.loads((root / "dataset.json").read_text())
    edit(content)
    (root / "dataset.json").write_text(json.dumps(content))


FILES: dict[str, tuple[Callable[[Path], object], str, str]] = {
    "a truncated shard": (lambda r: truncate(r, f"shards/{SLUG}.tar", 40_000), "size", f"shards/{SLUG}.tar"),
    "a flipped bit in a shard": (lambda r: flip(r, f"shards/{SLUG}.tar", 9000), "hash", f"shards/{SLUG}.tar"),
    "a flipped bit in a table": (
        lambda r: flip(r, f"tables/boxes3d/{SLUG}.parquet", 700), "hash", f"tables/boxes3d/{SLUG}.parquet"
    ),
    "a deleted table": (
        lambda r: (r / f"tables/facts/{SLUG}.parquet").unlink(), "missing file", f"tables/facts/{SLUG}.parquet"
    ),
    "a deleted shard": (lambda r: (r / f"shards/{SLUG}.tar").unlink(), "missing file", f"shards/{SLUG}.tar"),
    "a deleted record": (lambda r: (r / f"records/{SLUG}.json").unlink(), "missing file", f"records/{SLUG}.json"),
    "an extra file": (lambda r: (r / "shards/more.tar").write_bytes(b"x"), "extra file", "shards/more.tar"),
    "a forgotten scene": (lambda r: write_index(r, ()), "manifest", "dataset.json"),
    "an index that is gone": (lambda r: (r / "index.parquet").unlink(), "manifest", "dataset.json"),
    "an index with a flipped bit": (lambda r: flip(r, "index.parquet", 80), "manifest", "dataset.json"),
    "a manifest of another scene": (
        lambda r: edit_manifest(r, lambda m: m["identity"].update(scene="other.street")), "manifest", "dataset.json"
    ),
    "a record with another hash": (
        lambda r: edit_record(r, lambda m: m["files"][f"shards/{SLUG}.tar"].update(sha256="0" * 64)),
        "hash",
        f"shards/{SLUG}.tar",
    ),
    "a record changed after the index was made": (
        lambda r: edit_record(r, lambda m: m.update(frames=2)), "manifest", f"records/{SLUG}.json"
    ),
    "an index with one frame less": (lambda r: edit_index(r, frames=2), "manifest", f"records/{SLUG}.json"),
    "a manifest that is no JSON": (
        lambda r: (r / "dataset.json").write_text("{"), "manifest", "dataset.json"
    ),
    "two tables swapped": (
        lambda r: shutil.copy(r / f"tables/parts/{SLUG}.parquet", r / f"tables/events/{SLUG}.parquet"),
        "readable",
        f"tables/events/{SLUG}.parquet",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_spoilt_files_are_named(spoilt: Path, name: str) -> None:
    spoil, check, file = FILES[name]
    spoil(spoilt)
    found = verify(spoilt).findings
    assert any(f.check == check and f.file == file for f in found), [str(f) for f in found]


# ---------------------------------------------------------------- content, as a clever forger leaves it


def camera(**arrays: Callable[[Any], Any]) -> Callable[[SceneRecord, list[Keyframe]], Story]:
    """Change fields of the camera of keyframe FRAME; each function is given a copy."""

    def change(record: SceneRecord, frames: list[Keyframe]) -> Story:
        old = frames[FRAME].cameras[CAMERA]
        new = replace(old, **{k: f(_copy(getattr(old, k))) for k, f in arrays.items()})
        frames[FRAME] = replace(frames[FRAME], cameras={CAMERA: new})
        return record, frames

    return change


def lidar(**arrays: Callable[[Any], Any]) -> Callable[[SceneRecord, list[Keyframe]], Story]:
    def change(record: SceneRecord, frames: list[Keyframe]) -> Story:
        old = frames[FRAME].lidars[LIDAR]
        new = replace(old, **{k: f(_copy(getattr(old, k))) for k, f in arrays.items()})
        frames[FRAME] = replace(frames[FRAME], lidars={LIDAR: new})
        return record, frames

    return change


def keyframe(**fields: Callable[[Any], Any]) -> Callable[[SceneRecord, list[Keyframe]], Story]:
    def change(record: SceneRecord, frames: list[Keyframe]) -> Story:
        old = frames[FRAME]
        frames[FRAME] = replace(old, **{k: f(getattr(old, k)) for k, f in fields.items()})
        return record, frames

    return change


def scene(**fields: Callable[[Any], Any]) -> Callable[[SceneRecord, list[Keyframe]], Story]:
    def change(record: SceneRecord, frames: list[Keyframe]) -> Story:
        return replace(record, **{k: f(getattr(record, k)) for k, f in fields.items()}), frames

    return change


def swap(field: str) -> Callable[[SceneRecord, list[Keyframe]], Story]:
    """The array of keyframe FRAME changes places with that of the next one."""

    def change(record: SceneRecord, frames: list[Keyframe]) -> Story:
        a, b = frames[FRAME].cameras[CAMERA], frames[FRAME + 1].cameras[CAMERA]
        frames[FRAME] = replace(frames[FRAME], cameras={CAMERA: replace(a, **{field: getattr(b, field)})})
        frames[FRAME + 1] = replace(
            frames[FRAME + 1], cameras={CAMERA: replace(b, **{field: getattr(a, field)})}
        )
        return record, frames

    return change


def _copy(value: Any) -> Any:
    return value.copy() if isinstance(value, np.ndarray) else value


def put(where: Any, value: Any) -> Callable[[Any], Any]:
    def change(array: Any) -> Any:
        array[where] = value
        return array

    return change


def first(**fields: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Change the first of a tuple of dataclasses."""

    def change(rows: Any) -> Any:
        return (replace(rows[0], **{k: f(getattr(rows[0], k)) for k, f in fields.items()}), *rows[1:])

    return change


def only(pick: Callable[[Any], bool], **fields: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Change the first row that ``pick`` picks."""

    def change(rows: Any) -> Any:
        k = next(i for i, row in enumerate(rows) if pick(row))
        return (
            *rows[:k],
            replace(rows[k], **{n: f(getattr(rows[k], n)) for n, f in fields.items()}),
            *rows[k + 1 :],
        )

    return change


def said(old: str, new: str) -> Callable[[Any], Any]:
    """Replace a word in the first caption that has it, by one of the same length, so that spans still fit."""
    assert len(old) == len(new)
    return only(lambda c: old in c.text, text=lambda t: t.replace(old, new, 1))


def shifted(x: float, y: float = 0.0, z: float = 0.0) -> Callable[[Any], Any]:
    return lambda p: (p[0] + x, p[1] + y, p[2] + z)


def moved(pose: Pose) -> Pose:
    return Pose(pose.position_m + np.array([0.05, 0.0, 0.0]), pose.quaternion_wxyz)


def bent(track: Track, knot: int, by_m: float) -> Track:
    positions = track.positions_m.copy()
    positions[knot, 1] += by_m
    return Track(track.times_ns, positions, track.quaternions_wxyz)


def retimed(spec: dict[str, Any]) -> dict[str, Any]:
    return {**spec, "warm_up_s": spec["warm_up_s"] + 0.05}


def split(part: str, allowed: list[str]) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """The concrete scene says it belongs to a part that may colour the crate so; red boxes are held out for test."""
    said = {
        "part": part,
        "allowed": {"crate": {"colour": allowed}},
        "held_out": [
            {"part": "test", "shape": "box", "colour": "red"},
            {"part": "train", "shape": "can", "colour": "red"},
        ],
    }
    return lambda spec: {**spec, "draws": {**spec["draws"], "crate.shape": "box"}, "split": said}


def turned(degrees: float, region: Any) -> Callable[[Any], Any]:
    """Turn the normals of a region about the camera's vertical axis."""
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))

    def change(n: Any) -> Any:
        n[region] = (n[region].astype(np.float64) @ np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]]).T).astype(
            np.float16
        )
        return n

    return change


def farther(record: SceneRecord, frames: list[Keyframe]) -> Story:
    """A whole sweep 6 % farther along its own beams, in every array alike."""
    x = frames[FRAME].lidars[LIDAR]
    street = tiny(0)
    positions = np.stack([street.sensor_pose("top", int(t)).position_m for t in x.times_ns])
    world = x.world_from_lidar.points(x.deskewed)
    beyond = x.world_from_lidar.inverse.points(positions + (world - positions) * 1.06)
    road = x.instance == 0
    true = np.linalg.norm(world - positions, axis=1)
    range_m = np.where(road, x.range_m + 0.06 * true, x.range_m).astype(np.float32)
    points = x.points * np.where(road, range_m / x.range_m, 1.0).astype(np.float32)[:, None]
    deskewed = np.where(road[:, None], beyond, x.deskewed).astype(np.float32)
    keep = range_m < 60.0
    new = replace(
        x,
        **{
            n: v[keep]
            for n, v in {**vars(x), "points": points, "range_m": range_m, "deskewed": deskewed}.items()
            if isinstance(v, np.ndarray)
        },
    )
    frames[FRAME] = replace(frames[FRAME], lidars={LIDAR: new})
    return record, frames


REGION = np.s_[30:50, 20:60]
EIGHT, SIXTEEN = np.s_[44:52, 4:12], np.s_[36:52, 4:20]
FORGERIES = (
    # masks and geometry
    Forgery("a flipped mask id", camera(instance=put(np.s_[40, 50], 3)), "ids", "cam_front.instance.png"),
    Forgery("a wrong class", camera(semantic=put(np.s_[45, 50], 10)), "ids", "cam_front.semantic.png"),
    Forgery("a part that does not exist", camera(part=put(np.s_[40, 50], 77)), "ids", "cam_front.part.png"),
    Forgery(
        "a road pixel given to the van in all three masks",
        camera(part=put(np.s_[50, 50], 3), instance=put(np.s_[50, 50], 2), semantic=put(np.s_[50, 50], 11)),
        "surfaces in boxes",
        "cam_front.depth.npy",
    ),
    Forgery("a region of depth pushed back", camera(depth=lambda d: put(REGION, d[REGION] * 1.1)(d)), "flow", "cam_front.flow.npy"),
    Forgery("a hole in the depth", camera(depth=put(np.s_[45, 30], np.inf)), "ids", "cam_front.depth.npy"),
    Forgery("depth of nan", camera(depth=put(np.s_[45, 30], np.nan)), "ids", "cam_front.depth.npy"),
    Forgery("flow off by half a pixel", camera(flow=lambda f: put(REGION, f[REGION] + 0.5)(f)), "flow", "cam_front.flow.npy"),
    Forgery("flow in the sky", camera(flow=put(np.s_[0, 0], 1.0)), "flow", "cam_front.flow.npy"),
    Forgery(
        "normals turned to the camera", camera(normal=put(REGION, np.array([0, 0, -1], np.float16))), "normals", "normal.npy"
    ),
    Forgery("an 8 x 8 of normals mirrored", camera(normal=lambda n: put(EIGHT, n[EIGHT] * np.float16([1, 1, -1]))(n)), "normals", "normal.npy"),
    Forgery("an 8 x 8 of normals turned by 20 degrees", camera(normal=lambda n: turned(20, EIGHT)(n)), "normals", "normal.npy"),
    Forgery("a 16 x 16 of normals turned by 20 degrees", camera(normal=lambda n: turned(20, SIXTEEN)(n)), "normals", "normal.npy"),
    Forgery("a normal that is no number", camera(normal=put(np.s_[45, 30], np.nan)), "normals", "normal.npy"),
    Forgery("a normal in the sky", camera(normal=put(np.s_[0, 0], np.array([0, 0, -1], np.float16))), "normals", "normal.npy"),
    Forgery("normals turned round", camera(normal=lambda n: -n), "normals", "cam_front.normal.npy"),
    Forgery("normals too long", camera(normal=lambda n: n * np.float16(1.5)), "normals", "cam_front.normal.npy"),
    Forgery("pictures of two keyframes swapped", swap("rgb"), "pictures", "cam_front.rgb.png"),
    Forgery("part maps of two keyframes swapped", swap("part"), "ids", "cam_front"),
    Forgery("depth of two keyframes swapped", swap("depth"), "flow", "cam_front.flow.npy"),
    Forgery("a blank picture", camera(rgb=lambda a: a * 0 + 90), "pictures", "cam_front.rgb.png"),
    # calibration and clocks
    Forgery(
        "a changed focal length", camera(intrinsics=lambda k: replace(k, fx=k.fx * 1.01)), "calibration", "tables/sensors"
    ),
    Forgery("a camera moved by 5 cm", camera(world_from_camera=moved), "calibration", "tables/sensors"),
    Forgery("the next camera moved by 5 cm", camera(world_from_camera_next=moved), "calibration", "tables/sensors"),
    Forgery("a LiDAR moved by 5 cm", lidar(world_from_lidar=moved), "calibration", "tables/sensors"),
    Forgery("a camera out of time", camera(time_ns=lambda t: t + 1_000_000), "clock", "tables/sensors"),
    Forgery("a keyframe out of time", keyframe(time_ns=lambda t: t + 1_000_000), "clock", "tables/frames"),
    Forgery("another flow interval", camera(flow_dt_ns=lambda t: t + 1), "clock", "tables/sensors"),
    # sweeps
    Forgery("shifted LiDAR times", lidar(times_ns=lambda t: t + 10_000_000), "sweep clock", "top.times_ns.npy"),
    Forgery("LiDAR times late by one column", lidar(times_ns=lambda t: t - 416_667), "sweep clock", "top.times_ns.npy"),
    Forgery("shuffled rings", lidar(ring=lambda r: r[::-1].copy()), "beams", "top.points.npy"),
    Forgery("stretched ranges", lidar(range_m=lambda r: r * np.float32(1.02)), "beams", "top.range_m.npy"),
    Forgery("a LiDAR id flipped", lidar(instance=put(np.s_[200], 4)), "lidar ids", "top.instance.npy"),
    Forgery(
        "points given to another body", lidar(part=put(np.s_[:40], 4), instance=put(np.s_[:40], 3), semantic=put(np.s_[:40], 18)),
        "points in boxes", "top.instance.npy",
    ),
    Forgery("deskewed points raised", lidar(deskewed=lambda p: p + np.float32([0, 0, 0.3])), "deskewed", "top.deskewed.npy"),
    Forgery("raw points scaled", lidar(points=lambda p: p * np.float32(1.05)), "beams", "top.range_m.npy"),
    Forgery("a road six per cent farther in all arrays of a sweep", farther, "lidar on depth", "cam_front.depth.npy"),
    Forgery("a point that is no number", lidar(points=put(np.s_[7], np.nan)), "beams", "top.points.npy"),
    Forgery("drops in clear air", lidar(kind=put(np.s_[:5], 1), part=put(np.s_[:5], 0), instance=put(np.s_[:5], 0), semantic=put(np.s_[:5], 0)), "air returns", "top.kind.npy"),
    Forgery("a thing passed off as air", lidar(kind=put(np.s_[:5], 1)), "lidar ids", "top.kind.npy"),
    Forgery("nothing passed off as a thing", lidar(part=put(np.s_[:5], 0), instance=put(np.s_[:5], 0), semantic=put(np.s_[:5], 0)), "lidar ids", "top.part.npy"),
    Forgery("intensity above one", lidar(intensity=put(np.s_[5], 1.5)), "beams", "top.intensity.npy"),
    # boxes and motion
    Forgery("a 3D box moved", keyframe(boxes=first(centre_m=shifted(0.1))), "boxes3d", "tables/boxes3d"),
    Forgery("a 3D box turned", keyframe(boxes=first(quaternion_wxyz=lambda q: (1.0, 0.0, 0.0, 0.0))), "boxes3d", "tables/boxes3d"),
    Forgery("a 3D box grown", keyframe(boxes=first(size_m=shifted(0.2))), "boxes3d", "tables/boxes3d"),
    Forgery("a 3D box missing", keyframe(boxes=lambda b: b[1:]), "boxes3d", "tables/boxes3d"),
    Forgery("a wrong count of LiDAR points", keyframe(boxes=first(lidar_points=lambda n: n + 1)), "boxes3d", "tables/boxes3d"),
    Forgery("a wrong velocity", keyframe(boxes=first(velocity_mps=shifted(1.0))), "motion", "tables/boxes3d"),
    Forgery("a wrong acceleration", keyframe(boxes=first(acceleration_mps2=shifted(0, 0, 9.0))), "motion", "tables/boxes3d"),
    Forgery("a 2D box moved", camera(boxes=first(visible_box=lambda b: (b[0] + 2, *b[1:]))), "boxes2d", "tables/boxes2d"),
    Forgery("a wrong count of pixels", camera(boxes=first(visible_px=lambda n: n - 3)), "boxes2d", "tables/boxes2d"),
    Forgery("a wrong occlusion", camera(boxes=first(occlusion=lambda o: o + 0.2)), "boxes2d", "tables/boxes2d"),
    Forgery("a 2D box of another id", camera(boxes=first(instance_id=lambda i: 4 if i != 4 else 3)), "boxes2d", "tables/boxes2d"),
    Forgery("a wrong ego speed", keyframe(controls=lambda c: replace(c, speed_mps=9.0)), "controls", "tables/frames"),
    # the scene
    Forgery(
        "a wrong track knot", scene(instance_tracks=lambda t: {**t, 2: bent(t[2], 30, 0.6)}), "tracks", "tables/trajectories", -1
    ),
    Forgery(
        "a part off its body", scene(part_tracks=lambda t: {**t, 3: bent(t[3], 30, 0.4)}), "parts follow bodies",
        "tables/trajectories", -1,
    ),
    Forgery("a wrong colour in the instances", scene(instances=only(lambda r: r.name == "crate", colour=lambda c: "blue")), "instances", "tables/instances", -1),
    Forgery("a renumbered part", scene(parts=only(lambda p: p.part_id == 4, instance_id=lambda i: 2)), "ids", "cam_front.instance.png"),
    Forgery("another seed", scene(seed=lambda s: s + 1), "concrete scene", "tables/scenes", -1),
    Forgery("a wider lane", scene(lanes=lambda x: ((x[0][0], 4.5, x[0][2]),)), "concrete scene", "tables/scenes", -1),
    Forgery("a colour of another part", scene(concrete=split("test", ["blue"])), "split", "tables/instances", -1),
    Forgery("a held-out thing in validation", scene(concrete=split("validation", ["red"])), "split", "tables/instances", -1),
    Forgery("no held-out thing in its part", scene(concrete=split("train", ["red"])), "split", "tables/instances", -1),
    Forgery("another warm-up", scene(concrete=retimed), "clock", "tables/frames"),
    Forgery("a contact that nothing made", scene(contacts=first(instance_a=lambda i: 3)), "contacts", "tables/events", -1),
    # words
    Forgery("a wrong colour word", keyframe(captions=said("blue", "pink")), "claims", "tables/captions"),
    Forgery("another noun", keyframe(captions=said("van", "bus")), "claims", "tables/captions"),
    Forgery("a changed fact value", keyframe(facts=only(lambda f: f.value is not None, value=lambda v: v * 1.5 + 1)), "claims", "tables/facts"),
    Forgery("a fact about another instance", keyframe(facts=only(lambda f: f.subjects == (2,), subjects=lambda s: (3,))), "claims", "tables/facts"),
    Forgery("a phrase that names another instance", keyframe(captions=only(lambda c: bool(c.phrases), phrases=first(instance_ids=lambda i: (4,) if i != (4,) else (2,)))), "claims", "tables/captions"),
    Forgery("a phrase beyond the text", keyframe(captions=only(lambda c: bool(c.phrases), phrases=first(end=lambda e: e + 900))), "captions", "tables/captions"),
    Forgery("a statement of another fact", keyframe(captions=only(lambda c: bool(c.statements), statements=first(fact_ids=lambda i: (999,)))), "captions", "tables/captions"),
    Forgery("a sentence more", keyframe(captions=first(text=lambda t: t + " A red bus is parked on the left.")), "claims", "tables/captions"),
)  # fmt: skip


def forge(root: Path, change: Callable[[SceneRecord, list[Keyframe]], Story]) -> None:
    record, frames = change(tiny(0).record, list(tiny(0).frames()))
    write_scene(root, SLUG, record, frames)
    finish(root)


@pytest.mark.parametrize("forgery", FORGERIES, ids=lambda f: f.name)
def test_forgeries_are_named_though_every_hash_agrees(spoilt: Path, forgery: Forgery) -> None:
    forge(spoilt, forgery.change)
    found = verify(spoilt).findings
    assert not {f.check for f in found} & {"hash", "size", "manifest", "missing file", "metadata"}
    assert _blamed(found, forgery), [str(f) for f in found]


def _blamed(found: tuple[Finding, ...], forgery: Forgery) -> bool:
    return any(
        f.check == forgery.check and f.scene == 0 and f.frame == forgery.frame and forgery.file in f.file
        for f in found
    )


def test_a_json_member_that_says_something_else_is_named(
    spoilt: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    true = store.document
    with monkeypatch.context() as patch:
        patch.setattr(
            store, "document", lambda f: true(replace(f, time_ns=7) if f.frame_index == FRAME else f)
        )
        forge(spoilt, lambda record, frames: (record, frames))
    found = verify(spoilt).findings
    assert [(f.check, f.frame, f.file) for f in found] == [
        ("metadata", FRAME, f"shards/{SLUG}.tar:000000-000001.json")
    ]


def test_there_are_at_least_forty() -> None:
    assert len(FILES) + len(FORGERIES) + 1 >= 40
