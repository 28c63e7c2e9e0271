"""Pictures and their texts as vision-language trainers read them: ``images/`` beside one JSON value a line.

``layout=clip``: ``{"image", "text", …}``, one row a caption. ``layout=llava``: ``{"id", "image", "conversations"}``
(Liu et al., Visual Instruction Tuning, 2023), one row a caption, its prompt saying what is asked; with
``turns=all`` one row a picture and language, a turn for each caption. ``layout=regions``: one row a phrase that
names things, with their boxes: ``{"image", "text", "phrase", "start", "end", "boxes", …}``, for grounding.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from pairforge.datasets.exporters import told
from pairforge.datasets.exporters.pictures import LANGUAGE, PICTURE, Picture, pictures
from pairforge.datasets.exporters.protocol import ExportError, Option, Part
from pairforge.datasets.exporters.target import Target
from pairforge.datasets.reader import Dataset
from pairforge.sample import Caption

Row = dict[str, Any]
PROMPTS = {
    "tags": "List what this picture shows as short tags.",
    "short": "Describe this picture in a sentence.",
    "dense": "Describe this picture in detail.",
    "driving": "What matters to the driver here, and what should the vehicle do?",
    "inspection": "Inspect this part. What do you find?",
}
REGION = "region"
"""Captions of this kind speak of one thing, which a prompt must point at."""


class ImageText:
    """See the module."""

    name: ClassVar[str] = "imagetext"
    summary: ClassVar[str] = "pictures with captions as JSON lines, for CLIP- and LLaVA-like trainers"
    needs: ClassVar[str] = ""
    options: ClassVar[Mapping[str, Option]] = {
        "layout": Option(
            "clip", "rows for CLIP, for LLaVA, or of phrases with boxes", ("clip", "llava", "regions")
        ),
        "turns": Option("one", "LLaVA: a row for each caption, or one with them all", ("one", "all")),
        "language": LANGUAGE,
        "pictures": PICTURE,
    }

    def __init__(self, options: Mapping[str, str]) -> None:
        self._layout = options["layout"]
        self._together = options["turns"] == "all"
        self._language = options["language"]
        self._suffix = options["pictures"]

    def check(self, dataset: Dataset) -> None:
        for i in dataset.scenes:
            if any(self._wanted(c) for c in dataset.table("captions", i).to_pylist()):
                return
        raise ExportError(
            "no picture of this dataset has a caption"
            + (f' in "{self._language}". Choose another language.' if self._language else ".")
        )

    def scene(self, dataset: Dataset, scene_index: int, target: Target) -> Part:
        rows: list[Row] = []
        for picture in pictures(dataset, scene_index):
            said = told.spoken(picture, self._language)
            if said:
                image = f"images/{picture.stem}.{self._suffix}"
                target.write(image, picture.image(self._suffix))
                rows += self._rows(dataset, picture, image, said)
        return {"rows": rows}

    def finish(self, dataset: Dataset, parts: Iterator[Part], target: Target) -> None:
        target.write_lines("captions.jsonl", (row for part in parts for row in part["rows"]))

    def _wanted(self, caption: Mapping[str, Any]) -> bool:
        return bool(caption["sensor"]) and self._language in ("", caption["language"])

    def _rows(self, dataset: Dataset, picture: Picture, image: str, said: list[Caption]) -> list[Row]:
        boxes = {t["instance_id"]: t["bbox"] for t in told.objects(dataset, picture)}
        if self._layout == "regions":
            return [row for c in said for row in regions(picture, image, c, boxes)]
        if self._layout == "clip":
            return [_pair(picture, image, c) for c in said]
        exchanges = [(c, _exchange(picture, c, boxes)) for c in said]
        if not self._together:
            rows = [(f"{picture.stem}.{n}", [e]) for n, (_, e) in enumerate(exchanges)]
        else:
            spoken = sorted({c.language for c in said})
            rows = [(f"{picture.stem}.{x}", [e for c, e in exchanges if c.language == x]) for x in spoken]
        return [{"id": name, "image": image, "conversations": _turns(asked)} for name, asked in rows]


def regions(
    picture: Picture, image: str, caption: Caption, boxes: Mapping[int, list[float]]
) -> Iterator[Row]:
    """The phrases of a caption whose things all have boxes in the picture: x, y, width, height in pixels."""
    for phrase in caption.phrases:
        if not phrase.instance_ids or not all(n in boxes for n in phrase.instance_ids):
            continue
        yield {
            "image": image,
            "width": picture.size[0],
            "height": picture.size[1],
            "text": caption.text,
            "kind": caption.kind,
            "language": caption.language,
            "phrase": caption.text[phrase.start : phrase.end],
            "start": phrase.start,
            "end": phrase.end,
            "instance_ids": list(phrase.instance_ids),
            "boxes": [boxes[n] for n in phrase.instance_ids],
        }


def _pair(picture: Picture, image: str, caption: Caption) -> Row:
    return {
        "image": image,
        "text": caption.text,
        "kind": caption.kind,
        "language": caption.language,
        "key": picture.key,
    }


def _exchange(picture: Picture, caption: Caption, boxes: Mapping[int, list[float]]) -> tuple[str, str]:
    """What is asked, and the caption. A region is pointed at by corners as shares of the picture, as LLaVA's are."""
    asked = PROMPTS.get(caption.kind, "Describe this picture.")
    named = [n for phrase in caption.phrases for n in phrase.instance_ids]
    if caption.kind == REGION and named and named[0] in boxes:
        x, y, width, height = boxes[named[0]]
        across, down = picture.size
        corners = (x / across, y / down, (x + width) / across, (y + height) / down)
        asked = f"Describe the region [{', '.join(f'{c:.3f}' for c in corners)}]."
    return asked, caption.text


def _turns(exchanges: list[tuple[str, str]]) -> list[Row]:
    turns = []
    for n, (asked, answer) in enumerate(exchanges):
        turns.append({"from": "human", "value": ("" if n else "<image>\n") + asked})
        turns.append({"from": "gpt", "value": answer})
    return turns
