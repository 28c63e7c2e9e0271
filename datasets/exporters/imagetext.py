"""Pictures and their texts as vision-language trainers read them: ``images/`` beside one JSON value a line.

``layout=clip``: ``{"image", "text", …}``, one row a caption. ``layout=llava``: ``{"id", "image", "conversations"}``
(Liu et al., Visual Instruction Tuning, 2023), one row a caption, its prompt saying what is asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from pairforge.datasets.exporters.protocol import ExportError, Option, Part
from pairforge.datasets.exporters.target import Target
from pairforge.datasets.reader import Dataset
from pairforge.datasets.store import member_prefix
from pairforge.sample import Caption

PROMPTS = {
    "tags": "List what this picture shows as short tags.",
    "short": "Describe this picture in a sentence.",
    "dense": "Describe this picture in detail.",
    "driving": "What matters to the driver here, and what should the vehicle do?",
    "inspection": "Inspect this part. What do you find?",
}


class ImageText:
    """See the module."""

    name: ClassVar[str] = "imagetext"
    summary: ClassVar[str] = "pictures with captions as JSON lines, for CLIP- and LLaVA-like trainers"
    needs: ClassVar[str] = ""
    options: ClassVar[Mapping[str, Option]] = {
        "layout": Option("clip", "rows as CLIP-like or LLaVA-like trainers read them", ("clip", "llava")),
        "language": Option("", 'only captions of this language, as in "de"; empty: every one'),
    }

    def __init__(self, options: Mapping[str, str]) -> None:
        self._llava = options["layout"] == "llava"
        self._language = options["language"]

    def check(self, dataset: Dataset) -> None:
        for i in dataset.scenes:
            if any(self._wanted(c) for c in dataset.table("captions", i).to_pylist()):
                return
        raise ExportError(
            "no picture of this dataset has a caption"
            + (f' in "{self._language}". Choose another language.' if self._language else ".")
        )

    def scene(self, dataset: Dataset, scene_index: int, target: Target) -> Part:
        rows: list[Any] = []
        for k in range(dataset.scene(scene_index).frames):
            members = dataset.members(scene_index, k)
            frame = dataset.frame(scene_index, k, members)
            slugs = {s["sensor"]: s["slug"] for s in dataset.rows("sensors", scene_index, k)}
            told = [c for c in frame.captions if self._spoken(c) and c.sensor in frame.cameras]
            for sensor in sorted({c.sensor for c in told}):
                image = f"images/{frame.key}.{slugs[sensor]}.png"
                target.write(image, members[f"{member_prefix(frame.key, slugs[sensor], 0)}rgb.png"])
                rows += [
                    self._row(frame.key, slugs[sensor], image, n, c)
                    for n, c in enumerate(told)
                    if c.sensor == sensor
                ]
        return {"rows": rows}

    def finish(self, dataset: Dataset, parts: Iterator[Part], target: Target) -> None:
        target.write_lines("captions.jsonl", (row for part in parts for row in part["rows"]))

    def _spoken(self, caption: Caption) -> bool:
        return self._wanted({"sensor": caption.sensor, "language": caption.language})

    def _wanted(self, caption: Mapping[str, Any]) -> bool:
        return bool(caption["sensor"]) and self._language in ("", caption["language"])

    def _row(self, key: str, slug: str, image: str, n: int, caption: Caption) -> Any:
        if not self._llava:
            return {
                "image": image,
                "text": caption.text,
                "kind": caption.kind,
                "language": caption.language,
                "key": key,
            }
        asked = PROMPTS.get(caption.kind, "Describe this picture.")
        return {
            "id": f"{key}.{slug}.{n}",
            "image": image,
            "conversations": [
                {"from": "human", "value": f"<image>\n{asked}"},
                {"from": "gpt", "value": caption.text},
            ],
        }
