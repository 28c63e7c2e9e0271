"""Contrasts among the frames of a dataset that is there already: no scene is made, every text is proved both ways.

Mirrored quads pair keyframes of two scenes of which each text is true of one and false of the other, so that no text
is false more often than true. Mild misalignments pair a keyframe with the next one of its scene: off by little.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

from pairforge.captioners.contrasts.sayings import alone, kindred, meaning
from pairforge.captioners.languages.protocol import language
from pairforge.captioners.meanings import Message
from pairforge.contrast import REQUEST
from pairforge.contrast_texts import Seen, Texts, texts_said
from pairforge.datasets.claims_difference import SHAPES
from pairforge.datasets.contrast_tables import FOLDER, Quad, rows_of, write_table
from pairforge.datasets.files import is_file, sha256_file, write_atomic
from pairforge.datasets.reader import Dataset
from pairforge.errors import DatasetError, SpecError
from pairforge.seeding import Stream

_TRIED = 12
"""Pairs of sentences tried for two keyframes."""
_MOST_CHANGES = 1
"""Noun phrases and other slots (a distance, a side) that two sentences may differ in."""


def mine(root: Path, pairs: int = 100, seed: int = 0, languages: Sequence[str] = ("en",)) -> dict[str, int]:
    """Write DIR/contrasts with up to ``pairs`` quads of each label, kind and language; returns how many there are.

    Raises SpecError for a bad request, DatasetError for a dataset that is damaged or has contrasts already.
    """
    for code in languages:
        language(code)
    if pairs < 1:
        raise SpecError(f"--pairs must be at least 1, not {pairs}")
    if is_file(root / FOLDER / "quads.parquet"):
        raise DatasetError(f"{root / FOLDER} holds quads already; delete it to find contrasts anew")
    dataset, stream = Dataset(root), Stream(seed) / "mine"
    taken: Counter[tuple[str, str, str]] = Counter()
    quads: list[Quad] = []
    for quad in _found(dataset, languages, stream):
        key = (quad.label, quad.kind, quad.texts[0][0].caption.language)
        if taken[key] < pairs:
            taken[key] += 1
            quads.append(quad)
    rows, texts = rows_of(quads)
    write_table(root, root / FOLDER / "texts.parquet", "texts", texts)
    write_table(root, root / FOLDER / "quads.parquet", "quads", rows)
    hashes = {n: sha256_file(root / FOLDER / f"{n}.parquet") for n in ("quads", "texts")}
    asked = {"mined": True, "languages": list(languages), "pairs": pairs, "seed": seed, "sha256": hashes}
    write_atomic(root, root / FOLDER / REQUEST, (json.dumps(asked, indent=1, sort_keys=True) + "\n").encode())
    return {
        f"{label} {kind}": sum(n for k, n in taken.items() if k[:2] == (label, kind))
        for label, kind in sorted({k[:2] for k in taken})
    }


def _found(dataset: Dataset, languages: Sequence[str], stream: Stream) -> Iterator[Quad]:
    """Quads of neighbouring keyframes, and of two scenes at a time: each scene is matched with one other alone, so
    that the two may fall in one split."""
    before: tuple[int, list[Seen]] | None = None
    for scene in dataset.scenes:
        record = dataset.record(scene)
        frames = [Seen(f, record) for f in dataset.frames(scene) if f.cameras]
        for one, other in pairwise(frames):
            off = (other.frame.time_ns - one.frame.time_ns) * 1e-9
            detail = f"the keyframe is {off:g} s off"
            yield from _quads(one, other, "mild_misalignment", scene, languages, stream, detail)
        if before is None:
            before = scene, frames
            continue
        first, theirs = before
        for one, other in zip(theirs, frames, strict=False):
            yield from _quads(one, other, "mirrored", first, languages, stream, "")
        before = None


def _quads(
    one: Seen, other: Seen, label: str, group: int, languages: Sequence[str], stream: Stream, detail: str
) -> Iterator[Quad]:
    """A quad for each way in which their sentences differ, in each language; a coin says which comes first."""
    draws = stream / label / one.frame.key / other.frame.key
    pair = (one, other) if (draws / "first").rng().random() < 0.5 else (other, one)
    for code in languages:
        sayings = list(_alike(alone(pair[0].side(code)), alone(pair[1].side(code))))
        order = [sayings[int(k)] for k in (draws / code).rng().permutation(len(sayings))][:_TRIED]
        seen: set[str] = set()
        for n, saying in enumerate(order):
            for kind in (k for k in SHAPES if k not in seen):
                texts: Texts | None = texts_said(kind, pair, saying, code, draws / code / n)
                if texts is not None:
                    seen.add(kind)
                    keys = (pair[0].frame.key, pair[1].frame.key)
                    yield Quad(kind, label, group, keys, texts, "", (None, None), detail)
                    break


def _alike(mine: Sequence[Message], theirs: Sequence[Message]) -> Iterator[tuple[Message, Message]]:
    """Sentences of one form that say something else, but not everything else."""
    for a in mine:
        for b in theirs:
            if kindred(a, b) and meaning(a) != meaning(b) and _changes(a, b) <= _MOST_CHANGES:
                yield a, b


def _changes(a: Message, b: Message) -> int:
    """How many noun phrases and other slots differ."""
    one, other = (meaning(m) for m in (a, b))
    return sum(x != y for k in (1, 2) for x, y in zip(_list(one[k]), _list(other[k]), strict=False))


def _list(part: object) -> list[object]:
    return list(part) if isinstance(part, list) else [part]
