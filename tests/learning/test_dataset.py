"""What is loaded is what was written, from anywhere, and nothing more is read than was asked for."""

from __future__ import annotations

import pickle
import shutil
from dataclasses import fields
from pathlib import Path

import fsspec
import numpy as np
import pytest

from pairforge.datasets.objects import TRIES, put_file
from pairforge.datasets.reader import Dataset
from pairforge.datasets.shard_arrays import arrays_of
from pairforge.errors import DatasetError, MachineError
from pairforge.learning.convert import sample_of
from pairforge.learning.dataset import KeyframeDataset
from pairforge.learning.sample import Sample, mapped
from pairforge.learning.selection import Selection
from pairforge.learning.source import Source
from pairforge.sample import CameraFrame, LidarFrame, Reading
from pairforge.scenes.taxonomy import BY_NAME
from pairforge.seeding import Stream
from tests.learning.conftest import COUNTS, LIDAR
from tests.learning.server import served
from tests.object_store import ObjectStore

ALL = Selection(sweeps=True, facts=True)


def same(a: object, b: object) -> None:
    """Field by field, array by array, to the last bit; nan equals nan."""
    assert type(a) is type(b)
    if isinstance(a, np.ndarray):
        assert a.dtype == b.dtype
        np.testing.assert_array_equal(a, b)
    elif isinstance(a, dict):
        assert list(a) == list(b)
        for k in a:
            same(a[k], b[k])
    elif isinstance(a, tuple):
        assert len(a) == len(b)
        for x, y in zip(a, b, strict=True):
            same(x, y)
    elif hasattr(a, "__dataclass_fields__") and not a.__dataclass_params__.eq:
        for f in fields(a):
            same(getattr(a, f.name), getattr(b, f.name))
    else:
        assert a == b


def arrays_in(frame: CameraFrame | LidarFrame | Reading) -> dict[str, np.ndarray]:
    if isinstance(frame, Reading):
        return dict(frame.arrays)
    kind = "camera" if isinstance(frame, CameraFrame) else "lidar"
    return {s.name: getattr(frame, s.name) for s in arrays_of(kind) if not s.optional} | dict(frame.extra)


def is_the_keyframe(sample: Sample, dataset: Dataset) -> None:
    """Against ``Dataset``, which reads rows and members in another way."""
    frame = dataset.frame_by_key(sample.key)
    record = dataset.record(sample.scene_index)
    assert (sample.time_ns, sample.captions, sample.facts) == (frame.time_ns, frame.captions, frame.facts)
    assert set(sample.views) == {*frame.cameras, *frame.lidars, *frame.readings}
    for name, view in sample.views.items():
        theirs = frame.cameras.get(name) or frame.lidars.get(name) or frame.readings[name]
        same(dict(sorted(view.arrays.items())), dict(sorted(arrays_in(theirs).items())))
        pose = next(getattr(theirs, f.name) for f in fields(theirs) if f.name.startswith("world_from"))
        same(view.position_m, pose.position_m)
        same(view.quaternion_wxyz, pose.quaternion_wxyz)
        if isinstance(theirs, CameraFrame):
            assert (view.intrinsics, view.flow_dt_ns) == (theirs.intrinsics, theirs.flow_dt_ns)
            same(view.next_position_m, theirs.world_from_camera_next.position_m)
            assert view.boxes.instance_id.tolist() == [b.instance_id for b in theirs.boxes]
            assert view.boxes.full_box.tolist() == [list(b.full_box) for b in theirs.boxes]
    assert sample.boxes.instance_id.tolist() == [b.instance_id for b in frame.boxes]
    for column in ("centre_m", "size_m", "quaternion_wxyz", "velocity_mps"):
        assert getattr(sample.boxes, column).tolist() == [list(getattr(b, column)) for b in frame.boxes]
    classes = [BY_NAME[record.instance(b.instance_id).semantic].semantic_id for b in frame.boxes]
    assert sample.boxes.class_id.tolist() == classes


def test_every_keyframe_is_as_the_store_reads_it(streets: Path) -> None:
    loaded, stored = KeyframeDataset(streets, ALL, numpy=True), Dataset(streets)
    assert len(loaded) == sum(COUNTS) == len(stored)
    for i, key in enumerate(stored.keys()):
        assert loaded.index.key(i) == key
        is_the_keyframe(loaded[i], stored)


@pytest.mark.parametrize(
    "select", [ALL, Selection(sensors=(LIDAR,), boxes3d=False, kinds=("driving",), languages=("en",))]
)
def test_a_keyframe_in_memory_becomes_the_sample_that_is_loaded(streets: Path, select: Selection) -> None:
    stored = Dataset(streets)
    for i in (0, 5):
        loaded = KeyframeDataset(streets, select, numpy=True)[i]
        same(sample_of(stored.frame_by_key(loaded.key), stored.record(loaded.scene_index), select), loaded)


@pytest.mark.slow
def test_sweeps_and_every_kind_of_sensor_are_as_the_store_reads_them(surround: Path) -> None:
    sample = KeyframeDataset(surround, ALL, numpy=True)[1]
    stored = Dataset(surround)
    is_the_keyframe(sample, stored)
    frame = stored.frame_by_key(sample.key)
    same(sample_of(frame, stored.record(sample.scene_index), ALL), sample)
    sweeps = frame.sweeps
    assert {n: len(v) for n, v in sample.sweeps.items()} == {n: len(v) for n, v in sweeps.items()}
    for name, views in sample.sweeps.items():
        for view, theirs in zip(views, sweeps[name], strict=True):
            assert view.time_ns == theirs.time_ns
            same(dict(sorted(view.arrays.items())), dict(sorted(arrays_in(theirs).items())))


def test_arrays_may_be_written_to(streets: Path) -> None:
    mapped(KeyframeDataset(streets, numpy=True)[0], lambda a: a.fill(1))


def test_only_what_is_selected_is_read(streets: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    ranges = Source.ranges
    monkeypatch.setattr(
        Source,
        "ranges",
        lambda s, wanted: asked.extend(r.stop - r.start for r in wanted) or ranges(s, wanted),
    )
    row = Dataset(streets).rows("frames", 0, 0)[0]
    KeyframeDataset(streets)[0]
    assert len(asked) == 1, "a whole keyframe is one read"
    assert row["size"] * 0.5 < asked.pop() <= row["size"]
    dataset = KeyframeDataset(streets, Selection(arrays=("rgb",), boxes2d=False, captions=False))
    sample = dataset[0]
    assert sum(asked) < row["size"] / 4
    assert all(set(v.arrays) == ({"rgb"} if v.kind == "camera" else set()) for v in sample.views.values())
    assert sample.captions == ()
    asked.clear()
    KeyframeDataset(streets, Selection(arrays=(), text="first"))[0]
    assert not asked


def test_arrays_of_one_sensor_alone_can_be_selected(streets: Path) -> None:
    views = KeyframeDataset(streets, Selection(arrays=("top.instance", "rgb")))[0].views
    camera = next(v for v in views.values() if v.kind == "camera")
    assert (set(views["top"].arrays), set(camera.arrays)) == ({"instance"}, {"rgb"})


@pytest.mark.parametrize(
    ("select", "message"),
    [
        (Selection(sensors=("topp",)), 'no sensor "topp". Did you mean "top"'),
        (Selection(arrays=("dept",)), 'no array "dept". Did you mean "depth"'),
        (Selection(kinds=("shrot",)), 'no caption kind "shrot". Did you mean "short"'),
        (Selection(languages=("xx",)), 'no caption language "xx"'),
    ],
)
def test_a_name_that_is_not_there_gets_a_suggestion(streets: Path, select: Selection, message: str) -> None:
    with pytest.raises(DatasetError, match=message):
        KeyframeDataset(streets, select)


def test_a_name_instead_of_a_tuple_of_names_is_refused() -> None:
    with pytest.raises(DatasetError, match=r'\("rgb",\)'):
        Selection(arrays="rgb")  # type: ignore[arg-type]


def test_captions_are_chosen_by_kind_and_drawn_anew_each_epoch(streets: Path) -> None:
    select = Selection(arrays=(), kinds=("short", "driving"), text="draw")
    dataset = KeyframeDataset(streets, select, seed=3)
    said = [[dataset[e, i].text for i in range(len(dataset))] for e in range(6)]
    assert said == [
        [KeyframeDataset(streets, select, seed=3)[e, i].text for i in range(10)] for e in range(6)
    ]
    for i in range(len(dataset)):
        known = {c.text for c in dataset[i].captions}
        assert {c.kind for c in dataset[i].captions} == {"short", "driving"}
        assert {said[e][i] for e in range(6)} <= known
    assert len({tuple(epoch) for epoch in said}) > 3


def test_a_transform_gets_the_same_stream_each_time(streets: Path) -> None:
    seen: list[tuple[str, float]] = []

    def note(sample: Sample, stream: Stream) -> Sample:
        seen.append((sample.key, stream.rng().random()))
        return sample

    dataset = KeyframeDataset(streets, Selection(arrays=()), transform=note)
    for place in ((0, 1), (0, 1), (1, 1), (0, 2)):
        dataset[place]
    assert seen[0] == seen[1]
    assert len({draw for _, draw in seen}) == 3


def test_memory_and_http_give_the_samples_that_the_disk_does(streets: Path) -> None:
    local = KeyframeDataset(streets, ALL, numpy=True)
    memory = fsspec.filesystem("memory")
    memory.put(str(streets), "/streets", recursive=True)
    with served(streets) as (url, asked):
        for root in ("memory://streets", url):
            remote = KeyframeDataset(root, ALL, numpy=True)
            for ours, theirs in zip(
                local.__getitems__([0, 4, 9]), remote.__getitems__([0, 4, 9]), strict=True
            ):
                same(ours, theirs)
        shards = [a for a in asked if "/shards/" in a]
        assert len(shards) == 3
        assert all("bytes=" in a for a in shards)
    memory.rm("/streets", recursive=True)


def test_an_object_store_gives_the_samples_that_the_disk_does(
    streets: Path, object_store: ObjectStore
) -> None:
    for file in (f for f in streets.rglob("*") if f.is_file()):
        put_file(file, object_store.place("streets") / str(file.relative_to(streets)))
    local, stored = (
        KeyframeDataset(root, ALL, numpy=True) for root in (streets, object_store.url("streets"))
    )
    for ours, theirs in zip(local.__getitems__([0, 9]), stored.__getitems__([0, 9]), strict=True):
        same(ours, theirs)


def test_a_store_that_went_away_is_not_taken_for_samples_to_skip(
    streets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(TRIES, "1")
    with served(streets) as (url, _):
        dataset = KeyframeDataset(url, on_error="skip", numpy=True)
        assert len(dataset.__getitems__([0])) == 1
    for place in (0, 9):  # of a scene whose tables are at hand, and of another
        with pytest.raises(MachineError, match="failed once"):
            dataset.__getitems__([place])


def test_a_server_without_ranges_is_said_to_be_one(streets: Path) -> None:
    with served(streets, ranges=False) as (url, _), pytest.raises(DatasetError, match=r"truncated|ranges"):
        KeyframeDataset(url)[0]


def test_what_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"nowhere/dataset.json.*Check the path"):
        KeyframeDataset(tmp_path / "nowhere")
    with served(tmp_path) as (url, _), pytest.raises(DatasetError, match=r"dataset\.json"):
        KeyframeDataset(url)


def test_storage_whose_library_is_missing_says_which(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "gcsfs", None)
    with pytest.raises(MachineError, match=r"pairforge\[gcs\]"):
        KeyframeDataset("gs://bucket/dataset")


def test_a_dataset_can_be_sent_to_another_process(streets: Path) -> None:
    dataset = KeyframeDataset(streets, ALL, numpy=True)
    same(dataset[0], pickle.loads(pickle.dumps(dataset))[0])


def test_a_key_that_is_out_of_range_is_an_index_error(streets: Path) -> None:
    with pytest.raises(IndexError, match="keyframe 10 of 10"):
        KeyframeDataset(streets)[10]


def test_tables_that_leave_memory_are_read_again(streets: Path) -> None:
    dataset = KeyframeDataset(streets, ALL, numpy=True, scenes_kept=1)
    for i in (0, 5, 0, 9):
        same(dataset[i], KeyframeDataset(streets, ALL, numpy=True)[i])


def test_skipping_says_what_was_skipped(streets: Path, tmp_path: Path) -> None:
    root = Path(shutil.copytree(streets, tmp_path / "dataset"))
    shard = root / "shards" / "tiny-street-000001.tar"
    shard.write_bytes(shard.read_bytes()[:1000])
    found = KeyframeDataset(root, on_error="skip").__getitems__([2, 3, 4])
    assert [s.key for s in found] == ["000000-000002", "000002-000000"]
    assert len(found.skipped) == 1
    assert "tiny-street-000001.tar" in found.skipped[0]
    with pytest.raises(DatasetError, match=r"tiny-street-000001.tar"):
        KeyframeDataset(root).__getitems__([2, 3, 4])


def test_verified_shards_must_have_the_hash_of_the_manifest(streets: Path, tmp_path: Path) -> None:
    root = Path(shutil.copytree(streets, tmp_path / "dataset"))
    shard = root / "shards" / "tiny-street-000000.tar"
    data = bytearray(shard.read_bytes())
    row = Dataset(root).rows("sensors", 0, 0)
    depth = next(m for r in row for m in r["members"] if m["name"].endswith("depth.npy"))
    data[depth["offset"] + depth["size"] - 1] ^= 1
    shard.write_bytes(bytes(data))
    KeyframeDataset(root)[0]
    with pytest.raises(DatasetError, match=r"tiny-street-000000.tar: its bytes are not those"):
        KeyframeDataset(root, verify=True)[0]
    assert KeyframeDataset(root, verify=True)[3].key == "000001-000000"
