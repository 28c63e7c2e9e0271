"""A scene as one MCAP file of Foxglove's messages, as Foxglove, Lichtblick and ROS tools open it.

What goes where, and what has no place there: ``docs/exports/mcap.md``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, cast

from pairforge.datasets.exporters.protocol import Option, Part
from pairforge.datasets.exporters.target import Target
from pairforge.datasets.reader import Dataset


class Mcap:
    """See the module."""

    name: ClassVar[str] = "mcap"
    summary: ClassVar[str] = "one MCAP file a scene, of Foxglove's messages"
    needs: ClassVar[str] = "mcap"
    options: ClassVar[Mapping[str, Option]] = {
        "labels": Option("no", "depth and instance ids of cameras as raw images too", ("no", "yes")),
    }

    def __init__(self, options: Mapping[str, str]) -> None:
        self._labels = options["labels"] == "yes"

    def check(self, dataset: Dataset) -> None:
        import foxglove_schemas_protobuf  # noqa: F401  (whether it is there)
        import mcap_protobuf  # noqa: F401  (likewise)

    def scene(self, dataset: Dataset, scene_index: int, target: Target) -> Part:
        from mcap.writer import CompressionType, Writer

        from pairforge.datasets.exporters.mcap_messages import messages

        record = dataset.record(scene_index)
        name = f"{dataset.scene(scene_index).slug}.mcap"
        with target.file(name) as path, path.open("wb") as file:
            writer = Writer(file, compression=CompressionType.ZSTD)
            writer.start(profile="", library="pairforge")
            said = {"scene": record.scene, "seed": str(record.seed), "scene_index": str(scene_index)}
            writer.add_metadata("pairforge", said)
            concrete = json.dumps(record.concrete, sort_keys=True, allow_nan=False).encode()
            writer.add_attachment(0, 0, "concrete.json", "application/json", concrete)
            topics = _Topics(writer)
            for k in range(dataset.scene(scene_index).frames):
                # A keyframe's messages are sorted, so that what reads from start to end gets them in order of time.
                found = messages(dataset, record, scene_index, k, self._labels)
                for message in sorted(found, key=lambda m: (m.log_time_ns, m.topic)):
                    topics.write(message)
            cast(Any, writer).finish()
        return {"file": name}

    def finish(self, dataset: Dataset, parts: Iterator[Part], target: Target) -> None:
        for _ in parts:
            pass


class _Topics:
    """Channels of a writer, made when they are first written to."""

    def __init__(self, writer: Any) -> None:
        self._writer = writer
        self._channels: dict[str, int] = {}
        self._schemas: dict[str, int] = {}
        self._counts: dict[str, int] = {}

    def write(self, message: Any) -> None:
        if message.topic not in self._channels:
            encoding, schema = (
                ("json", self._json()) if message.is_json else ("protobuf", self._of(message.body))
            )
            self._channels[message.topic] = self._writer.register_channel(message.topic, encoding, schema)
        count = self._counts.get(message.topic, 0)
        self._counts[message.topic] = count + 1
        self._writer.add_message(
            self._channels[message.topic], message.log_time_ns, message.data, message.publish_time_ns, count
        )

    def _of(self, body: Any) -> int:
        from mcap_protobuf.schema import register_schema

        name = body.DESCRIPTOR.full_name
        if name not in self._schemas:
            self._schemas[name] = register_schema(self._writer, type(body))
        return self._schemas[name]

    def _json(self) -> int:
        if "json" not in self._schemas:
            schema = json.dumps({"type": "object", "properties": {"time_ns": {"type": "integer"}}}).encode()
            self._schemas["json"] = self._writer.register_schema("pairforge.Sample", "jsonschema", schema)
        return self._schemas["json"]
