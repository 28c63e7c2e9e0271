"""Proves single-frame negatives: an edited text is false of its keyframe (and true of the other, where it says so); a
sweep or box that is said not to fit does not, by the shares that are stored."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pairforge.datasets import contrast_fit as fit
from pairforge.datasets.claims_difference import SHAPES, aspects, is_of
from pairforge.datasets.claims_looks import too_small
from pairforge.datasets.claims_scene import Proof
from pairforge.datasets.claims_truth import FALSE, TRUE, Read, read_text, truth
from pairforge.datasets.contrast_tables import (
    EDITS,
    FOLDER,
    MISFITS,
    NEGATIVES,
    SIDES,
    ByKey,
    arrow_table,
    caption_of_row,
)
from pairforge.datasets.contrast_worlds import Worlds
from pairforge.datasets.files import names, read_bytes, sha256_file
from pairforge.datasets.finding import Finding
from pairforge.datasets.readers.protocol import READERS, UnreadableError
from pairforge.errors import DatasetError
from pairforge.sample import Caption

Row = Mapping[str, Any]
SWEEPS = ("sweep_of_another_scene", "sweep_shifted_in_time")
BOXES = "boxes_jittered"
_WITHIN = 1e-6


class Negatives:
    """The negatives of DIR/contrasts, by group. ``faults``: what is wrong with the tables as such."""

    def __init__(self, root: Path) -> None:
        self.faults: list[Finding] = []
        self._rows: dict[str, ByKey] = {}
        folder = root / FOLDER
        there = names(folder)
        if NEGATIVES not in there:
            for name in (EDITS, MISFITS):
                if f"{name}.parquet" in there:
                    self._blame(name, f"has no {NEGATIVES} beside it")
            return
        try:
            tables = {n: arrow_table(folder / f"{n}.parquet", n) for n in (EDITS, MISFITS)}
            hashes = dict(json.loads(read_bytes(folder / NEGATIVES))["sha256"])
        except (DatasetError, OSError, ValueError, KeyError, TypeError) as error:
            self.faults.append(Finding(-1, -1, FOLDER, "negatives", f"cannot be read: {error}"))
            return
        for name, table in tables.items():
            if sha256_file(folder / f"{name}.parquet") != hashes.get(name):
                self._blame(name, f"its sha256 is not that of {NEGATIVES}")
            self._rows[name] = ByKey(table, "group")

    def _blame(self, name: str, message: str) -> None:
        self.faults.append(Finding(-1, -1, f"{FOLDER}/{name}.parquet", "negatives", message))

    @property
    def groups(self) -> set[int]:
        """Groups that rows say they are of."""
        return {g for rows in self._rows.values() for g in rows.keys}

    def count(self, group: int) -> int:
        """How many negatives a group has."""
        return sum(rows.count(group) for rows in self._rows.values())

    def prove(self, worlds: Worlds, group: int) -> Iterator[Finding]:
        """What does not hold of a group's negatives."""
        for name, table in self._rows.items():
            file = f"{FOLDER}/{name}.parquet"
            for place, row in table.rows(group):
                number = row["edit_id" if name == EDITS else "misfit_id"]
                if number != place:
                    yield Finding(-1, -1, file, "negatives", f"row {number} stands where {place} is due")
                problems = edit_problems(worlds, row) if name == EDITS else misfit_problems(worlds, row)
                for problem in problems:
                    yield Finding(int(row["group"]), -1, file, "negatives", f"row {number}: {problem}")


def edit_problems(worlds: Worlds, row: Row) -> Iterator[str]:
    """What does not hold of an edited text."""
    if row["kind"] not in SHAPES or row["side"] not in SIDES or row["language"] not in READERS.rows:
        yield f'unknown kind "{row["kind"]}", side "{row["side"]}" or language "{row["language"]}"'
        return
    mirrored = row["side"] == "mirrored"
    if mirrored == (row["other_key"] == ""):
        yield f'is {row["side"]}, and its other keyframe is "{row["other_key"]}"'
        return
    try:
        proofs = [worlds.proof(key) for key in (row["key"], row["other_key"]) if key]
    except DatasetError as error:
        yield f"its keyframes cannot be read: {error}"
        return
    if any(row["sensor"] not in p.shots for p in proofs):
        yield f'no camera "{row["sensor"]}"'
        return
    if row["group"] != proofs[0].frame.scene_index:
        yield f"its keyframe is not of scene {row['group']}"
    nouns = frozenset(n for p in proofs for r in p.record.instances for n in p.names(r.instance_id))
    try:
        reads = [read_text(_caption(row, prefix), nouns) for prefix in ("", "edited_")]
    except UnreadableError as unreadable:
        yield f"cannot be read back: {unreadable}"
        return
    if not is_of(row["kind"], found := aspects(*reads)):
        yield f'its texts differ in {sorted(found) or "nothing"}, which is no edit of kind "{row["kind"]}"'
    yield from too_small([_caption(row, prefix) for prefix in ("", "edited_")], reads, [proofs[0], proofs[0]])
    yield from _scores(row, proofs[0], reads, ("own", "other"))
    if mirrored:
        yield from _scores(row, proofs[1], reads[::-1], ("other_own", "other_other"))


def _caption(row: Row, prefix: str) -> Caption:
    words = row["edited" if prefix else "text"]
    spans = {"text": words, "phrases": row[f"{prefix}phrases"], "statements": row[f"{prefix}statements"]}
    return caption_of_row({**spans, "template": ""}, row["language"], row["sensor"])


def _scores(row: Row, proof: Proof, reads: list[list[Read]], names: tuple[str, str]) -> Iterator[str]:
    """Whether the first text is true of a keyframe and the second false, by the stored scores."""
    scores = [truth(proof, row["sensor"], read) for read in reads]
    if not scores[0] > TRUE:
        yield f"what should be true of {proof.frame.key} is not proved (score {scores[0]:.3f})"
    if not scores[1] < FALSE:
        yield f"what should be false of {proof.frame.key} is not refuted (score {scores[1]:.3f})"
    for name, found in zip(names, scores, strict=True):
        if not same(found, row[name]):
            yield f"{name} is {row[name]}, derived {found:.6f}"


def misfit_problems(worlds: Worlds, row: Row) -> Iterator[str]:
    """What does not hold of a sweep or box that is said not to fit."""
    if row["kind"] not in (*SWEEPS, BOXES):
        yield f'unknown kind "{row["kind"]}"'
        return
    try:
        frames = [worlds.proof(row[n]).frame for n in ("key", "other_key")]
    except DatasetError as error:
        yield f"its keyframes cannot be read: {error}"
        return
    if any(row["sensor"] not in f.cameras or row["lidar"] not in f.lidars for f in frames):
        yield f'no camera "{row["sensor"]}" or no LiDAR "{row["lidar"]}"'
        return
    if row["group"] != min(f.scene_index for f in frames):
        yield f"its keyframe is not of scene {row['group']}"
    one, other = frames
    lidars = [f.lidars[row["lidar"]] for f in frames]
    if row["kind"] == BOXES:
        yield from _box(
            row, {b.instance_id: fit.box_of(b) for b in one.boxes}, lidars[0], one.key == other.key
        )
        return
    across = one.scene_index != other.scene_index
    if row["side"] != "mirrored" or across != (row["kind"] == SWEEPS[0]):
        yield f"is no {row['kind']}, {row['side']}"
    offset = 0.0 if across else (other.time_ns - one.time_ns) * 1e-9
    if not same(offset, row["offset_s"]) or (not across and offset == 0.0):
        yield f"offset_s is {row['offset_s']}, derived {offset:g}"
    shares = [fit.on_picture(one.cameras[row["sensor"]], lidars[0], sweep) for sweep in lidars]
    yield from _shares(row, shares[0], shares[1])


def _box(row: Row, boxes: Mapping[int, list[float]], lidar: Any, alone: bool) -> Iterator[str]:
    true = boxes.get(row["instance_id"])
    if true is None or row["side"] != "one_sided" or not alone or len(row["box"]) != 7:
        yield "is no jittered box of one keyframe, one_sided"
        return
    if not all(same(a, b) for a, b in zip(true, row["true_box"], strict=False)):
        yield f"true_box is {row['true_box']}, derived {true}"
    shared = fit.overlap(true, row["box"])
    if not fit.IOU[0] <= shared <= fit.IOU[1] or not same(shared, row["iou"]):
        yield f"iou is {row['iou']}, derived {shared:.6f}; it must lie in {fit.IOU[0]}..{fit.IOU[1]}"
    shares = [fit.in_box(box, lidar, row["instance_id"]) for box in (true, row["box"])]
    if shares[0][1] < fit.FEWEST_ON:
        yield f"its thing has {shares[0][1]} returns, too few to tell"
    yield from _shares(row, shares[0][0], shares[1][0])


def _shares(row: Row, own: float | None, other: float | None) -> Iterator[str]:
    """Whether the one fits, the other does so less, and the degree is as it is said."""
    if own is None or other is None:
        yield "too few returns are in view to tell"
        return
    if own < fit.FITS or other > own - fit.WORSE_BY:
        yield f"does not misfit: {own:.3f} of its own lie right, {other:.3f} of the other"
    if not (same(own, row["own"]) and same(other, row["other"])):
        yield f"has other shares than {row['own']:.6f} and {row['other']:.6f}"
    if row["degree"] != ("gross" if other < fit.GROSS else "mild"):
        yield f'is not "{row["degree"]}"'


def same(a: float, b: float) -> bool:
    """Whether a stored figure is the one derived."""
    return math.isclose(a, b, rel_tol=_WITHIN, abs_tol=_WITHIN)
