"""COCO as pycocotools and a panoptic evaluator read it."""

from __future__ import annotations

import contextlib
import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hotcoco import panoptic
from PIL import Image
from pycocotools import mask as masks
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval
from scipy.ndimage import binary_dilation

from pairforge.datasets.defects import defect_rows
from pairforge.datasets.export import export
from pairforge.datasets.exporters.coco_masks import polygons, run_lengths
from pairforge.datasets.exporters.protocol import ExportError
from pairforge.datasets.reader import Dataset
from pairforge.sample import CameraFrame, Keyframe
from pairforge.scenes.taxonomy import BY_NAME, CLASSES
from tests.datasets.exporters.check_exporter import check_exporter

Row = dict[str, Any]


def opened(out: Path, task: str, part: str = "all") -> COCO:
    with contextlib.redirect_stdout(io.StringIO()):
        return COCO(str(out / "annotations" / f"{task}_{part}.json"))


Frames = dict[str, Keyframe]


def frames_of(root: Path) -> Frames:
    dataset = Dataset(root)
    return {key: dataset.frame_by_key(key) for key in dataset.keys()}  # noqa: SIM118


def frame_of(frames: Frames, image: Row) -> CameraFrame:
    return frames[image["key"]].cameras[image["sensor"]]


def precision(truth: COCO, found: list[Row], kind: str) -> float:
    """AP over all thresholds; ``kind`` as in COCOeval."""
    with contextlib.redirect_stdout(io.StringIO()):
        run = COCOeval(truth, truth.loadRes([{**row, "score": 1.0} for row in found]), kind)
        run.evaluate()
        run.accumulate()
        run.summarize()
    return float(run.stats[0])


def predicted(coco: COCO, *keys: str, **change: Callable[[Any], Any]) -> list[Row]:
    """The annotations as a detector would hand them in, some of it changed."""
    kept = ("image_id", "category_id", *keys)
    return [
        {k: change[k](row[k]) if k in change else row[k] for k in kept} for row in coco.dataset["annotations"]
    ]


@pytest.fixture(scope="module")
def streets(surround: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return check_exporter("coco", surround, tmp_path_factory.mktemp("coco"))


@pytest.fixture(scope="module")
def driven(surround: Path) -> Frames:
    return frames_of(surround)


@pytest.mark.slow
def test_boxes_and_masks_are_worth_all_of_ap_and_shifted_ones_are_not(streets: Path) -> None:
    coco = opened(streets, "instances")
    assert [a["id"] for a in coco.dataset["annotations"]] == [*range(1, len(coco.anns) + 1)]
    assert len(coco.dataset["images"]) == 36
    assert precision(coco, predicted(coco, "bbox"), "bbox") == pytest.approx(1.0)
    assert precision(coco, predicted(coco, "segmentation"), "segm") == pytest.approx(1.0)
    assert precision(coco, predicted(coco, "bbox", bbox=lambda b: [b[0] + 4, *b[1:]]), "bbox") < 0.6

    def moved(coded: Row) -> Row:
        image = np.roll(masks.decode(coded), 3, axis=1)
        image[:, :3] = 0
        return {**masks.encode(np.asfortranarray(image))}

    assert precision(coco, predicted(coco, "segmentation", segmentation=moved), "segm") < 0.6


@pytest.mark.slow
def test_masks_are_those_of_the_instance_image_pixel_by_pixel(
    streets: Path, surround: Path, driven: Frames
) -> None:
    coco, dataset = opened(streets, "instances"), Dataset(surround)
    compared = 0
    for image in coco.dataset["images"]:
        frame, record = frame_of(driven, image), dataset.record(int(image["key"][:6]))
        stored = np.asarray(Image.open(streets / "all" / image["file_name"]))
        assert (stored == frame.rgb).all()
        rows = coco.imgToAnns[image["id"]]
        boxed = {b.instance_id for b in frame.boxes}
        assert {r["instance_id"] for r in rows} == boxed
        assert len(rows) == len(boxed)
        for row in rows:
            mask = coco.annToMask(row)
            assert (mask.astype(bool) == (frame.instance == row["instance_id"])).all()
            assert row["area"] == masks.area(row["segmentation"]) == mask.sum()
            assert row["bbox"] == masks.toBbox(row["segmentation"]).tolist()
            name = coco.cats[row["category_id"]]["name"]
            assert name == record.instance(row["instance_id"]).semantic
            assert row["category_id"] == BY_NAME[name].semantic_id + 1
            box = next(b for b in frame.boxes if b.instance_id == row["instance_id"])
            assert (row["occlusion"], row["truncation"]) == (box.occlusion, box.truncation)
            compared += 1
    assert compared > 100


@pytest.mark.slow
def test_panoptic_quality_is_one_and_that_of_another_moment_is_not(streets: Path, tmp_path: Path) -> None:
    truth = streets / "annotations" / "panoptic_all.json"
    found = panoptic.pq_compute(truth, truth)
    assert found["All"]["pq"] == found["Things"]["pq"] == found["Stuff"]["pq"] == pytest.approx(1.0)
    shutil.copytree(truth.with_suffix(""), tmp_path / "moved")
    told = json.loads(truth.read_text())
    for row in told["annotations"]:
        path = tmp_path / "moved" / row["file_name"]
        ids = np.roll(np.asarray(Image.open(path)), 6, axis=1)
        Image.fromarray(ids).save(path)
    (tmp_path / "moved.json").write_text(json.dumps(told))
    assert panoptic.pq_compute(truth, tmp_path / "moved.json")["All"]["pq"] < 0.7


@pytest.mark.slow
def test_panoptic_segments_are_the_instances_and_the_stuff_between_them(
    streets: Path, driven: Frames
) -> None:
    told = json.loads((streets / "annotations" / "panoptic_all.json").read_text())
    kinds = {c["id"]: c for c in told["categories"]}
    assert {c["name"]: bool(c["isthing"]) for c in kinds.values()} == {c.name: c.thing for c in CLASSES}
    images = {i["id"]: i for i in told["images"]}
    for row in told["annotations"]:
        frame = frame_of(driven, images[row["image_id"]])
        rgb = np.asarray(Image.open(streets / "annotations" / "panoptic_all" / row["file_name"])).astype(int)
        ids = rgb[..., 0] + 256 * rgb[..., 1] + 65536 * rgb[..., 2]
        assert {s["id"] for s in row["segments_info"]} == set(np.unique(ids).tolist())
        for segment in row["segments_info"]:
            inside, kind = ids == segment["id"], kinds[segment["category_id"]]
            assert segment["area"] == inside.sum()
            assert segment["bbox"] == masks.toBbox(masks.encode(np.asfortranarray(inside))).tolist()
            if kind["isthing"]:
                (one,) = np.unique(frame.instance[inside]).tolist()
                assert (frame.instance == one).sum() == segment["area"]
            else:
                assert set(np.unique(frame.semantic[inside])) == {BY_NAME[kind["name"]].semantic_id}
                assert not frame.instance[inside].any()


@pytest.mark.slow
def test_captions_are_of_the_picture_that_they_describe(
    streets: Path, surround: Path, driven: Frames, tmp_path: Path
) -> None:
    coco = opened(streets, "captions")
    told = [c for frame in driven.values() for c in frame.captions if c.sensor]
    assert len(coco.anns) == len(told)
    for row in coco.dataset["annotations"]:
        image = coco.imgs[row["image_id"]]
        assert row["caption"] in [
            c.text
            for c in driven[image["key"]].captions
            if (c.sensor, c.kind, c.language) == (image["sensor"], row["kind"], row["language"])
        ]
    export(surround, "coco", tmp_path / "de", {"language": "de", "val_every": "2"})
    train, val = opened(tmp_path / "de", "captions", "train"), opened(tmp_path / "de", "captions", "val")
    assert {a["language"] for c in (train, val) for a in c.dataset["annotations"]} == {"de"}
    assert {i["key"][:6] for i in train.dataset["images"]} == {"000000"}
    assert {i["key"][:6] for i in val.dataset["images"]} == {"000001"}
    assert not set(train.imgs) & set(val.imgs)


@pytest.mark.slow
def test_keypoints_evaluate_to_one_and_fall_on_their_person(crowd: Path, tmp_path: Path) -> None:
    out = check_exporter("coco", crowd, tmp_path)
    coco = opened(out, "person_keypoints", "validation")
    assert (len(coco.dataset["images"]), len(coco.anns)) == (2, 6)
    assert precision(coco, predicted(coco, "keypoints"), "keypoints") == pytest.approx(1.0)

    def beside(flat: list[float]) -> list[float]:
        return [n + 15 if i % 3 == 0 else n for i, n in enumerate(flat)]

    assert precision(coco, predicted(coco, "keypoints", keypoints=beside), "keypoints") < 0.5
    seen = hidden = on = 0
    for row in coco.dataset["annotations"]:
        points = np.array(row["keypoints"]).reshape(17, 3)
        assert row["num_keypoints"] == (points[:, 2] > 0).sum()
        mask = coco.annToMask(row)
        for x, y, visible in points:
            hidden += visible == 1
            if visible == 2:
                seen += 1
                on += bool(mask[round(y), round(x)])
                assert binary_dilation(mask)[round(y), round(x)]
    assert seen > 20
    assert on >= 0.85 * seen  # an ear lies on the outline
    assert hidden > 5
    cars = opened(out, "vehicle_keypoints", "validation")
    assert {len(a["keypoints"]) for a in cars.dataset["annotations"]} == {18 * 3}
    assert len(cars.cats[2]["keypoints"]) == 18


@pytest.mark.slow
def test_what_a_fisheye_does_not_see_is_no_segment(crowd: Path, tmp_path: Path) -> None:
    export(crowd, "coco", tmp_path / "out")
    folder = tmp_path / "out" / "annotations" / "panoptic_validation"
    wide = np.asarray(Image.open(folder / "000000-000000.wide.png"))
    assert not wide[0, 0].any()
    assert wide[48, 48].any()
    assert np.asarray(Image.open(folder / "000000-000000.front.png")).any(axis=-1).all()


@pytest.mark.slow
def test_defects_are_their_exact_masks_and_sound_pictures_are_there_too(part: Path, tmp_path: Path) -> None:
    out, dataset = check_exporter("coco", part, tmp_path), Dataset(part)
    coco = opened(out, "defects")
    shown = [r for r in defect_rows(dataset) if r["visible_px"]]
    assert len(coco.anns) == len(shown) > 0
    assert len(coco.imgs) == 2
    assert precision(coco, predicted(coco, "segmentation"), "segm") == pytest.approx(1.0)
    frames = frames_of(part)
    for row, known in zip(coco.dataset["annotations"], shown, strict=True):
        frame = frame_of(frames, coco.imgs[row["image_id"]])
        assert (coco.annToMask(row).astype(bool) == (frame.part == known["part_id"])).all()
        assert coco.cats[row["category_id"]]["name"] == known["kind"]
        assert (row["severity"], row["size_mm"]) == (known["severity"], known["size_mm"])
        x0, y0, x1, y1 = known["box"]
        assert row["bbox"] == [x0, y0, x1 - x0, y1 - y0]


@pytest.mark.slow
def test_polygons_of_things_by_their_nouns_fill_the_same_pixels(table: Path, tmp_path: Path) -> None:
    options = {"masks": "polygons", "categories": "noun", "pictures": "jpg"}
    out, dataset = check_exporter("coco", table, tmp_path, options), Dataset(table)
    coco, frames = opened(out, "instances"), frames_of(table)
    for row in coco.dataset["annotations"]:
        image = coco.imgs[row["image_id"]]
        frame, record = frame_of(frames, image), dataset.record(int(image["key"][:6]))
        assert isinstance(row["segmentation"], list)
        assert (coco.annToMask(row).astype(bool) == (frame.instance == row["instance_id"])).all()
        assert coco.cats[row["category_id"]]["name"] == record.instance(row["instance_id"]).noun
        with Image.open(out / "all" / image["file_name"]) as picture:
            assert picture.format == "JPEG"
            error = np.asarray(picture).astype(float) - frame.rgb
        assert np.abs(error).mean() < 3.0
    assert len({c["name"] for c in coco.cats.values()}) == len(coco.cats) >= 5
    assert opened(out, "person_keypoints").anns == {}


@pytest.mark.parametrize("share", [0.02, 0.3, 0.7, 1.0])
def test_masks_of_any_shape_come_back_from_either_coding(share: float) -> None:
    noise = np.random.Generator(np.random.PCG64(4)).random((23, 31))
    mask = noise < share
    assert (masks.decode(run_lengths(mask)).astype(bool) == mask).all()
    coded = masks.merge(masks.frPyObjects(polygons(mask), *mask.shape))
    assert (masks.decode(coded).astype(bool) == mask).all()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"language": "fr"}, 'no picture of this dataset has a caption in "fr"'),
        ({"val_every": "two"}, 'val_every "two" is no whole number'),
        ({"masks": "polygon"}, 'Did you mean "polygons"'),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(table: Path, tmp_path: Path, options: Row, message: str):
    with pytest.raises(ExportError, match=message) as caught:
        export(table, "coco", tmp_path / "out", options)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "out").exists()
