"""What every exporter is: a scene at a time, each on its own, then what joins them.

An exporter is a class in a module of its own here and a row in ``pairforge.registry.EXPORTERS``;
``datasets/export.py`` drives it and ``tests/datasets/exporters/check_exporter.py`` holds for all of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

from pairforge.datasets.exporters.target import Target
from pairforge.datasets.reader import Dataset
from pairforge.errors import PairforgeError

Part = dict[str, Any]


class ExportError(PairforgeError):
    """A dataset cannot be written in a format, or not there."""


@dataclass(frozen=True)
class Option:
    """Something to choose in an export (``--set NAME=VALUE``): its value when not given, what it does, what it may
    be."""

    default: str
    what: str
    choices: tuple[str, ...] = ()


class Exporter(Protocol):
    """One format. Made anew, with its options, in every process that works on an export."""

    name: ClassVar[str]
    summary: ClassVar[str]
    needs: ClassVar[str]
    """Extra of pyproject.toml that it imports from, inside its methods: the module itself imports with the core
    alone, so that all formats can be listed. "" for none."""
    options: ClassVar[Mapping[str, Option]]
    # A format that reads more than what the manifest covers also has ``reads: ClassVar[tuple[str, ...]]``, files
    # relative to the dataset: an export made of others is another one.

    def __init__(self, options: Mapping[str, str]) -> None: ...

    def check(self, dataset: Dataset) -> None:
        """ExportError, with the remedy, when the dataset lacks what the format demands (no LiDAR, no rig …). Nothing
        has been written yet. Must look at tables and records only, not at arrays."""

    def scene(self, dataset: Dataset, scene_index: int, target: Target) -> Part:
        """Write the files of one scene, which must not depend on other scenes or on what is there, and return, as
        JSON, what ``finish`` needs of it. May run again for the same scene, and beside other scenes."""

    def finish(self, dataset: Dataset, parts: Iterator[Part], target: Target) -> None:
        """Write what joins the scenes, from their parts in order of scene, read one at a time. ``parts`` may be asked
        for only once; hold no more than a scene of it in memory."""
