"""Proves the quads of a dataset: their scenes differ in exactly the draw that is named, and every text, read back, is
true of its own keyframe and false of the other, by the margins that are stored."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pairforge.datasets.claims_difference import SHAPES, aspects, is_of, same_claim
from pairforge.datasets.claims_looks import too_small
from pairforge.datasets.claims_scene import Proof
from pairforge.datasets.claims_truth import FALSE, TRUE, Read, read_text, truth
from pairforge.datasets.claims_truth_scores import quality_score
from pairforge.datasets.contrast_tables import (
    FOLDER,
    LABELS,
    NEGATIVES,
    ByKey,
    arrow_table,
    caption_of_row,
)
from pairforge.datasets.contrast_worlds import Worlds
from pairforge.datasets.files import names, read_bytes, sha256_file
from pairforge.datasets.finding import Finding
from pairforge.datasets.readers.protocol import READERS, UnreadableError
from pairforge.datasets.verify_negatives import Negatives, same
from pairforge.errors import DatasetError
from pairforge.sample import Caption, SceneRecord

Row = Mapping[str, Any]
_PLACED = r"[^.]+\.place\."
DRAWS: Mapping[str, str] = {
    "attribute": r"[^.]+\.colour",
    "material": r"[^.]+\.material",
    "object": r"[^.]+\.shape",
    "count": r"[^.]+\.count",
    "relation": _PLACED + r".+",
    "add_remove": r"[^.]+\.count",
    "negation": r"[^.]+\.(colour|shape|count)",
    "weather": r"weather\..+",
    "magnitude": _PLACED + r".+",
    "motion": r"[^.]+\.(place\.height_m|behaviour\..+)",
    "order": _PLACED + r"height_m\+" + _PLACED + "height_m",
    "frame": _PLACED + "yaw_deg",
    "role": _PLACED + ".+",
    "swap": r"[^.]+\.colour\+[^.]+\.colour",
}
"""Which draws a kind may change."""


class Contrasts:
    """Quads and negatives of DIR/contrasts by the group that they say they are of: each group is proved alone.

    ``faults``: what is wrong with the tables as such. ``groups``: rising; none where there are no contrasts.
    """

    def __init__(self, root: Path) -> None:
        self._negatives = Negatives(root)
        self.faults: list[Finding] = [*self._negatives.faults]
        self._quads: ByKey | None = None
        self._texts: ByKey | None = None
        self._read(root / FOLDER)
        own: set[int] = set() if self._quads is None else {*self._quads.keys}
        self.groups: list[int] = sorted(own | self._negatives.groups)

    def _read(self, folder: Path) -> None:
        there = names(folder)
        if not there or (NEGATIVES in there and "quads.parquet" not in there):
            return
        try:
            quads, texts = (arrow_table(folder / f"{name}.parquet", name) for name in ("quads", "texts"))
            request = json.loads(read_bytes(folder / "request.json"))
            hashes = dict(request["sha256"])
        except (DatasetError, OSError, ValueError, KeyError, TypeError) as error:
            self.faults.append(Finding(-1, -1, FOLDER, "contrasts", f"cannot be read: {error}"))
            return
        for name in ("quads", "texts"):
            if sha256_file(folder / f"{name}.parquet") != hashes.get(name):
                self._blame(name, "its sha256 is not that of request.json")
        self._quads, self._texts = ByKey(quads, "group"), ByKey(texts, "quad_id")
        if {*self._texts.keys} != {*quads["quad_id"].to_pylist()}:
            self._blame("texts", "its texts are not those of the quads")

    def _blame(self, name: str, message: str) -> None:
        self.faults.append(Finding(-1, -1, f"{FOLDER}/{name}.parquet", "contrasts", message))

    def count(self, group: int) -> int:
        """How many quads and negatives a group has."""
        return self._negatives.count(group) + (0 if self._quads is None else self._quads.count(group))

    def prove(self, worlds: Worlds, group: int) -> Iterator[Finding]:
        """What does not hold of a group."""
        yield from self._negatives.prove(worlds, group)
        if self._quads is None or self._texts is None:
            return
        file = f"{FOLDER}/quads.parquet"
        for place, quad in self._quads.rows(group):
            number = quad["quad_id"]
            if number != place:
                yield Finding(-1, -1, file, "contrasts", f"quad {number} stands where quad {place} is due")
            texts: list[Row] = [row for _, row in self._texts.rows(number)]
            for problem in problems(worlds, quad, texts):
                yield Finding(group, -1, file, "contrasts", f"quad {number}: {problem}")


def problems(worlds: Worlds, quad: Row, texts: list[Row]) -> Iterator[str]:
    """What does not hold of one quad."""
    named = (
        ("kind", quad["kind"] in SHAPES),
        ("label", quad["label"] in LABELS),
        ("language", quad["language"] in READERS.rows),
    )
    for what, known in named:
        if not known:
            yield f'unknown {what} "{quad[what]}"'
    if not all(known for _, known in named):
        return
    try:
        proofs = [worlds.proof(quad[f"key_{side}"]) for side in (0, 1)]
    except DatasetError as error:
        yield f"its keyframes cannot be read: {error}"
        return
    if quad["sensor"] not in proofs[0].shots or quad["sensor"] not in proofs[1].shots:
        yield f'no camera "{quad["sensor"]}"'
        return
    if quad["label"] == "counterfactual":
        yield from _twins(quad, proofs[0].record, proofs[1].record)
    elif quad["label"] == "mild_misalignment" and not quad["detail"]:
        yield "does not say what is off"
    yield from _texts(quad, texts, proofs)


def _twins(quad: Row, one: SceneRecord, other: SceneRecord) -> Iterator[str]:
    """Whether two scenes are one scene but for the draw that is named."""
    if not re.fullmatch(DRAWS[quad["kind"]], quad["draw"]):
        yield f'"{quad["draw"]}" is no draw that kind "{quad["kind"]}" changes'
    if one.seed != other.seed or one.concrete["attempt"] != other.concrete["attempt"]:
        yield "its scenes are not drawn from one seed"
        return
    stride = quad["group"] - quad["group"] % 100
    if any(r.scene_index - r.scene_index % 100 != stride for r in (one, other)) or quad["group"] != stride:
        yield f"its scenes are not of group {quad['group']}"
    names = quad["draw"].split("+")
    values = [_values(quad[f"value_{side}"], names) for side in (0, 1)]
    for side, record in enumerate((one, other)):
        drawn = [record.concrete["draws"].get(n) for n in names]
        if values[side] != drawn:
            yield f"value_{side} is {quad[f'value_{side}']}, the scene drew {drawn}"
    differ = _differing(one.concrete["draws"], other.concrete["draws"], names)
    if differ != set(names):
        strange = sorted(differ ^ set(names))
        yield f"its scenes differ in {sorted(differ)}, not in {names} alone ({strange[0]})"
    for name in sorted(_looks(one, names).items() ^ _looks(other, names).items())[:1]:
        yield f'"{name[0]}" looks different in its scenes, and no draw says so'
    sky = one.concrete["sky"] != other.concrete["sky"]
    if sky and not quad["draw"].startswith("weather."):
        yield "the sky is another, and no draw says so"


def _values(text: str, names: list[str]) -> list[Any]:
    try:
        value = json.loads(text)
    except ValueError:
        return [None]
    return list(value) if len(names) > 1 and isinstance(value, list) else [value]


def _differing(one: Mapping[str, Any], other: Mapping[str, Any], names: list[str]) -> set[str]:
    """Draws that differ, but for those that exist in one scene alone because of what is named: the params of a shape,
    and everything of a thing that is there or not."""
    found = {k for k in one.keys() | other.keys() if one.get(k, _ABSENT) != other.get(k, _ABSENT)}
    for name in names:
        thing, _, last = name.rpartition(".")
        if last == "shape":
            found -= {k for k in found if k.startswith(f"{thing}.params.")}
        if last == "count":
            counted = re.compile(re.escape(thing) + r"_\d+\.")
            found -= {k for k in found if counted.match(k) and (k in one) != (k in other)}
    return found


_ABSENT = object()


def _looks(record: SceneRecord, names: list[str]) -> dict[str, str]:
    """Everything's look but that of the things whose draws are named."""
    changed = {n.partition(".")[0] for n in names}
    return {
        item["name"]: json.dumps(
            [item["family"], item["params"], item["colour"], item["material"]], sort_keys=True
        )
        for item in record.concrete["items"]
        if item["name"] not in changed and re.sub(r"_\d+$", "", item["name"]) not in changed
    }


def _texts(quad: Row, rows: list[Row], proofs: list[Proof]) -> Iterator[str]:
    """Whether each text is what the tables say it is, and true of one keyframe, false of the other."""
    if quad["text_0"] == quad["text_1"]:
        yield "both texts are the same"
    nouns = frozenset(n for p in proofs for r in p.record.instances for n in p.names(r.instance_id))
    reads: list[list[Read]] = []
    texts: list[Caption] = []
    for side in (0, 1):
        own = sorted((r for r in rows if r["side"] == side), key=lambda r: int(r["rank"]))
        said = [quad[f"text_{side}"], *quad[f"positives_{side}"]]
        if [r["text"] for r in own] != said or [r["rank"] for r in own] != list(range(len(said))):
            yield f"texts.parquet holds other texts of side {side}"
            continue
        if len(set(said)) != len(said):
            yield f"side {side} says the same twice"
        margin: float | None = None
        text: tuple[Caption, list[Read]] | None = None
        for row in own:
            caption = caption_of_row(dict(row), quad["language"], quad["sensor"])
            try:
                read = read_text(caption, nouns)
            except UnreadableError as unreadable:
                yield f"{caption.text!r} cannot be read back: {unreadable}"
                continue
            if row["rank"] == 0:
                reads.append(read)
                texts.append(caption)
                text = caption, read
            elif text is None or not same_claim(*text, caption, read):
                yield f"{caption.text!r} does not say the same as {quad[f'text_{side}']!r}"
            yield from _links(caption, read, proofs[side])
            scores = [truth(p, quad["sensor"], read) for p in (proofs[side], proofs[1 - side])]
            margin = min(scores[0], -scores[1]) if row["rank"] == 0 else margin
            yield from _scores(row, quad, side, scores)
        if margin is not None and not same(margin, quad[f"margin_{side}"]):
            yield f"margin_{side} is {quad[f'margin_{side}']}, derived {margin:.6f}"
    if len(reads) == 2:
        yield from too_small(texts, reads, proofs)
    if len(reads) == 2 and not is_of(quad["kind"], found := aspects(*reads)):
        yield f'its texts differ in {sorted(found) or "nothing"}, which is no contrast of kind "{quad["kind"]}"'


def _scores(row: Row, quad: Row, side: int, scores: list[float]) -> Iterator[str]:
    text, own, other = row["text"], quad[f"key_{side}"], quad[f"key_{1 - side}"]
    if not scores[0] > TRUE:
        yield f"{text!r} is not proved of {own} (score {scores[0]:.3f})"
    if not scores[1] < FALSE:
        yield f"{text!r} is not refuted of {other} (score {scores[1]:.3f})"
    if not (same(scores[0], row["own"]) and same(scores[1], row["other"])):
        yield f"{text!r} has other scores than {row['own']:.6f} and {row['other']:.6f}"


def _links(caption: Caption, read: list[Read], proof: Proof) -> Iterator[str]:
    """Whether each phrase fits the instances that it is linked to, in its own keyframe."""
    nouns = [n for of_sentence, _ in read for n in of_sentence]
    if len(nouns) != len(caption.phrases):
        yield f"{caption.text!r} has {len(caption.phrases)} phrases, of which {len(nouns)} were read"
        return
    for phrase, noun in zip(caption.phrases, nouns, strict=True):
        words = caption.text[phrase.start : phrase.end]
        if noun.start == "none":
            if phrase.instance_ids != (0,):
                yield f"{words!r} is linked to {phrase.instance_ids}, and names nothing"
            continue
        ids = phrase.instance_ids
        known = ids and set(ids) <= proof.known and list(ids) == sorted(set(ids))
        fits = known and all(
            noun.word in proof.names(i) and all(quality_score(proof, i, q) > 0 for q in noun.qualities)
            for i in ids
        )
        if noun.start != "it" and (not fits or (len(ids) != max(1, noun.count) and noun.start != "row")):
            yield f"{words!r} does not fit what it is linked to: {ids}"
