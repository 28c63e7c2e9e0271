"""Single-frame negatives of a dataset that is there: texts with one thing said otherwise, proved false of their
keyframe; sweeps of another scene or another time, and boxes moved by little, proved not to fit."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from pairforge.captioners.contrasts.edits import edits
from pairforge.captioners.contrasts.sayings import alone
from pairforge.captioners.languages.protocol import language
from pairforge.captioners.realise import phrasings
from pairforge.captioners.sandbox import CaptionTemplateError
from pairforge.contrast_texts import Seen, differ_visibly, score, written
from pairforge.datasets import contrast_fit as fit
from pairforge.datasets.claims_truth import FALSE, TRUE
from pairforge.datasets.contrast_tables import EDITS, FOLDER, MISFITS, NEGATIVES, SIDES, spans_of, write_table
from pairforge.datasets.files import sha256_file, write_atomic
from pairforge.datasets.reader import Dataset
from pairforge.errors import SpecError
from pairforge.sample import Box3D, Caption, Keyframe
from pairforge.seeding import Stream

Row = dict[str, Any]
ELSE, SHIFTED, BOXES = "sweep_of_another_scene", "sweep_shifted_in_time", "boxes_jittered"
ELSEWHERE, ASKED = 16, 6
"""Keyframes of other scenes that are kept, and asked whether an edited text is true of them."""
TRIED, OF_A_KEYFRAME = 40, 6
"""Edits tried of a keyframe, and kept of it, one of a kind."""
LONG, WIDE, TURN_DEG = (0.08, 0.3), (0.1, 0.35), (2.0, 10.0)
"""A box is moved by such shares of its length and width and turned by so much, to either side."""
_SEEN_PX = 100


def negatives(
    root: Path, pairs: int = 100, seed: int = 0, languages: Sequence[str] = ("en",)
) -> dict[str, int]:
    """Write ``edits`` and ``misfits`` of a dataset to DIR/contrasts, up to ``pairs`` of each kind, side and language;
    returns how many there are of each kind and side. What was there of them is replaced.

    Raises SpecError for a bad request, DatasetError for a dataset that is damaged.
    """
    for code in languages:
        language(code)
    if pairs < 1:
        raise SpecError(f"--pairs must be at least 1, not {pairs}")
    dataset, stream = Dataset(root), Stream(seed) / "negatives"
    quota = Quota(pairs)
    made = {
        EDITS: quota.taken(_edits(dataset, languages, stream / EDITS, quota), "edit_id"),
        MISFITS: quota.taken(_misfits(dataset, stream / MISFITS, quota), "misfit_id"),
    }
    for name, rows in made.items():
        write_table(root, root / FOLDER / f"{name}.parquet", name, rows)
    hashes = {n: sha256_file(root / FOLDER / f"{n}.parquet") for n in made}
    asked = {"languages": list(languages), "pairs": pairs, "seed": seed, "sha256": hashes}
    text = json.dumps(asked, indent=1, sort_keys=True) + "\n"
    write_atomic(root, root / FOLDER / NEGATIVES, text.encode())
    counts = Counter(f"{r['side']} {r['kind']}" for rows in made.values() for r in rows)
    return dict(sorted(counts.items()))


@dataclass(eq=False)
class Quota:
    """How many rows of each kind, side and language there are, and how many there may be."""

    most: int
    counts: Counter[tuple[str, str, str]] = field(default_factory=Counter)

    def wants(self, kind: str, language: str = "", sides: Sequence[str] = SIDES) -> bool:
        """Whether any of these sides of a kind may have more."""
        return any(self.counts[kind, side, language] < self.most for side in sides)

    def taken(self, found: Iterator[list[Row]], number: str) -> list[Row]:
        """The rows of bundles (what belongs together stays together) while there may be more, numbered."""
        rows: list[Row] = []
        for bundle in found:
            key = (bundle[0]["kind"], bundle[0]["side"], bundle[0].get("language", ""))
            if self.counts[key] + len(bundle) <= max(self.most, len(bundle)):
                self.counts[key] += len(bundle)
                rows += [{**row, number: len(rows) + k} for k, row in enumerate(bundle)]
        return rows


def _edits(dataset: Dataset, languages: Sequence[str], stream: Stream, quota: Quota) -> Iterator[list[Row]]:
    scenes = dataset.scenes
    chosen = [scenes[int(k)] for k in (stream / "elsewhere").rng().permutation(len(scenes))[:ELSEWHERE]]
    elsewhere = {scene: _some(dataset, scene, stream / "elsewhere" / scene) for scene in chosen}
    for scene in scenes:
        others = [seen for there, seen in elsewhere.items() if there != scene and seen is not None]
        record = dataset.record(scene)
        for frame in dataset.frames(scene):
            if frame.cameras:
                seen = Seen(frame, record)
                for code in languages:
                    yield from _of_keyframe(seen, others, code, stream / frame.key / code, quota)


def _some(dataset: Dataset, scene: int, stream: Stream) -> Seen | None:
    """A keyframe of a scene, by lot."""
    frame = dataset.frame(scene, int(stream.rng().integers(dataset.scene(scene).frames)))
    return Seen(frame, dataset.record(scene)) if frame.cameras else None


def _of_keyframe(
    seen: Seen, others: Sequence[Seen], code: str, stream: Stream, quota: Quota
) -> Iterator[list[Row]]:
    side, kept = seen.side(code), set[str]()
    proposed = [(m, kind, changed) for m in alone(side) for kind, changed in edits(side, m)]
    for k in (stream / "order").rng().permutation(len(proposed))[:TRIED]:
        message, kind, changed = proposed[int(k)]
        if kind in kept or not quota.wants(kind, code):
            continue
        try:
            ways = min(len(phrasings(m.template, code)) for m in (message, changed))
        except CaptionTemplateError:
            continue
        way = int((stream / int(k)).rng().integers(ways))
        texts = [written(seen, [(m, way)], code) for m in (message, changed)]
        if (
            texts[0] is None
            or texts[1] is None
            or not differ_visibly(kind, (texts[0], texts[1]), (seen, seen))
        ):
            continue
        own, other = (score(t, seen, (seen,)) for t in (texts[0], texts[1]))
        if own > TRUE and other < FALSE:
            kept.add(kind)
            yield [_edit_row(kind, seen, (texts[0], texts[1]), (own, other), others, stream / int(k))]
        if len(kept) == OF_A_KEYFRAME:
            return


def _edit_row(
    kind: str,
    seen: Seen,
    texts: tuple[Caption, Caption],
    scores: tuple[float, float],
    others: Sequence[Seen],
    stream: Stream,
) -> Row:
    """Mirrored where a keyframe elsewhere has it the other way round, one-sided where none of those asked has."""
    where, there = "", (0.0, 0.0)
    asked = [others[int(k)] for k in (stream / "asked").rng().permutation(len(others))[:ASKED]]
    for other in asked:
        if texts[0].sensor not in other.frame.cameras:
            continue
        own, against = (score(t, other, (seen, other)) for t in texts[::-1])
        if own > TRUE and against < FALSE:
            where, there = other.frame.key, (own, against)
            break
    text, edited = texts
    return {
        "kind": kind,
        "side": "mirrored" if where else "one_sided",
        "language": text.language,
        "group": seen.frame.scene_index,
        "sensor": text.sensor,
        "key": seen.frame.key,
        "other_key": where,
        "text": text.text,
        "edited": edited.text,
        **spans_of(text, ""),
        **spans_of(edited, "edited_"),
        **dict(zip(("own", "other", "other_own", "other_other"), (*scores, *there), strict=True)),
    }


def _misfits(dataset: Dataset, stream: Stream, quota: Quota) -> Iterator[list[Row]]:
    waiting: list[tuple[int, int]] = []
    for scene in dataset.scenes:
        frames = _sensed(dataset, scene)
        for frame in frames:
            if quota.wants(BOXES, sides=("one_sided",)):
                yield from ([row] for row in _boxes(frame, stream / frame.key))
        if quota.wants(SHIFTED, sides=("mirrored",)):
            for one, other in pairwise(frames):
                yield from _swept(one, other, SHIFTED, stream)
        if not quota.wants(ELSE, sides=("mirrored",)):
            continue
        # Each scene is matched with one other alone, so that the two may fall in one part of a split; and not with a
        # twin, which hardly differs.
        seed = dataset.record(scene).seed
        match = next((w for w in waiting if w[1] != seed), None)
        if match is None:
            waiting.append((scene, seed))
            continue
        waiting.remove(match)
        for one, other in zip(_sensed(dataset, match[0]), frames, strict=False):
            yield from _swept(one, other, ELSE, stream)


def _sensed(dataset: Dataset, scene: int) -> list[Keyframe]:
    return [f for f in dataset.frames(scene) if f.cameras and f.lidars]


def _swept(one: Keyframe, other: Keyframe, kind: str, stream: Stream) -> Iterator[list[Row]]:
    """Each one's picture with the other's sweep, where neither fits: both ways or not at all, so that every sweep
    fits as often as it does not."""
    rows = [_sweep_row(a, b, kind, stream) for a, b in ((one, other), (other, one))]
    if rows[0] is not None and rows[1] is not None:
        yield [rows[0], rows[1]]


def _sweep_row(one: Keyframe, other: Keyframe, kind: str, stream: Stream) -> Row | None:
    lidar = next((n for n in sorted(one.lidars) if n in other.lidars), None)
    cameras = [n for n in sorted(one.cameras) if n in other.cameras]
    if lidar is None or not cameras:
        return None
    name = min(one.key, other.key)
    sensor = cameras[int((stream / kind / name).rng().integers(len(cameras)))]
    camera, mounted = one.cameras[sensor], one.lidars[lidar]
    own, against = (fit.on_picture(camera, mounted, k.lidars[lidar]) for k in (one, other))
    if own is None or against is None or own < fit.FITS or against > own - fit.WORSE_BY:
        return None
    shifted = one.scene_index == other.scene_index
    return _misfit_row(
        kind=kind,
        side="mirrored",
        group=min(one.scene_index, other.scene_index),
        sensor=sensor,
        lidar=lidar,
        keys=(one.key, other.key),
        shares=(own, against),
        offset_s=(other.time_ns - one.time_ns) * 1e-9 if shifted else 0.0,
    )


def _boxes(frame: Keyframe, stream: Stream) -> Iterator[Row]:
    """One thing of a keyframe, by lot among those that the LiDAR has well, its box moved and turned by little."""
    able = [b for b in frame.boxes if b.lidar_points >= fit.FEWEST_ON and b.visible_px >= _SEEN_PX]
    for k in (stream / "thing").rng().permutation(len(able)):
        row = _jittered(frame, able[int(k)], stream / "box")
        if row is not None:
            yield row
            return


def _jittered(frame: Keyframe, box: Box3D, stream: Stream) -> Row | None:
    true, rng = fit.box_of(box), stream.rng()
    along, across, turn = (
        float(rng.uniform(*r)) * float(rng.choice([-1.0, 1.0])) for r in (LONG, WIDE, TURN_DEG)
    )
    cos, sin = np.cos(true[6]), np.sin(true[6])
    by = np.array([[cos, -sin], [sin, cos]]) @ [along * true[3], across * true[4]]
    moved = [true[0] + float(by[0]), true[1] + float(by[1]), *true[2:6], true[6] + float(np.radians(turn))]
    shared = fit.overlap(true, moved)
    for lidar in sorted(frame.lidars):
        (own, hits), (other, _) = (fit.in_box(b, frame.lidars[lidar], box.instance_id) for b in (true, moved))
        fits = hits >= fit.FEWEST_ON and own >= fit.FITS and other <= own - fit.WORSE_BY
        if fits and fit.IOU[0] <= shared <= fit.IOU[1]:
            seen = {n: int((c.instance == box.instance_id).sum()) for n, c in sorted(frame.cameras.items())}
            return _misfit_row(
                kind=BOXES,
                side="one_sided",
                group=frame.scene_index,
                sensor=max(seen, key=lambda n: seen[n]),
                lidar=lidar,
                keys=(frame.key, frame.key),
                shares=(own, other),
                instance_id=box.instance_id,
                boxes=(true, moved),
                iou=shared,
            )
    return None


def _misfit_row(
    *,
    kind: str,
    side: str,
    group: int,
    sensor: str,
    lidar: str,
    keys: tuple[str, str],
    shares: tuple[float, float],
    offset_s: float = 0.0,
    instance_id: int = 0,
    boxes: tuple[list[float], list[float]] = ([], []),
    iou: float = 0.0,
) -> Row:
    return {
        "kind": kind,
        "side": side,
        "degree": "gross" if shares[1] < fit.GROSS else "mild",
        "group": group,
        "sensor": sensor,
        "lidar": lidar,
        "key": keys[0],
        "other_key": keys[1],
        "offset_s": offset_s,
        "instance_id": instance_id,
        "true_box": boxes[0],
        "box": boxes[1],
        "own": shares[0],
        "other": shares[1],
        "iou": iou,
    }
