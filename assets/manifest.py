"""The manifest of assets: what pictures are made of, where each piece comes from, and under which licence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from importlib.resources import files
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pairforge.errors import DatasetError, did_you_mean, first_fault

LICENCES = ("Apache-2.0", "CC0-1.0")
"""SPDX names of the licences that are let in: renders may be sold and passed on without conditions."""


class Asset(BaseModel):
    """One asset. ``source``: the module that makes it, or its path in the package that brings it along.

    ``shipped`` says whether it is part of this project's own wheel.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1)
    kind: Literal["shape_family", "texture", "sky", "hdri"]
    licence: str = Field(min_length=1)
    shipped: bool
    source: str = Field(min_length=1)
    made_by: str = Field(min_length=1)


class Manifest(BaseModel):
    """All assets."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: Literal[1]
    assets: tuple[Asset, ...]

    def asset(self, name: str) -> Asset:
        """The asset of that name; DatasetError with a suggestion when there is none."""
        for asset in self.assets:
            if asset.name == name:
                return asset
        raise DatasetError(
            f'no asset "{name}" in the manifest. {did_you_mean(name, [a.name for a in self.assets])}'
        )


def read_manifest(text: str | None = None) -> Manifest:
    """The project's own manifest, or the one in ``text`` (JSON). DatasetError says which entry is wrong."""
    if text is None:
        text = (files("pairforge.assets") / "manifest.json").read_text(encoding="utf-8")
    try:
        return Manifest.model_validate_json(text)
    except ValidationError as error:
        where, said = first_fault(error)
        raise DatasetError(f"assets/manifest.json, {where or 'the file'}: {said}") from None


def faults(manifest: Manifest, shape_families: Iterable[str]) -> list[str]:
    """What is wrong with the manifest beside the shape families there are, a sentence each; empty: nothing."""
    listed = {a.name for a in manifest.assets if a.kind == "shape_family"}
    known = set(shape_families)
    found = [f'shape family "{name}" has no entry' for name in sorted(known - listed)]
    found += [f'entry "{name}" is no shape family any more' for name in sorted(listed - known)]
    counts = Counter(a.name for a in manifest.assets)
    found += [f'"{name}" is listed {times} times' for name, times in sorted(counts.items()) if times > 1]
    found += [
        f'"{a.name}" has the licence {a.licence}; let in are {", ".join(LICENCES)}'
        for a in manifest.assets
        if a.licence not in LICENCES
    ]
    return found
