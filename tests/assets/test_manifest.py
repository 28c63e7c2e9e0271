"""Every asset is listed with a licence that lets its renders be used."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path

import pytest

from pairforge.assets.manifest import faults, read_manifest
from pairforge.errors import DatasetError
from pairforge.scenes.families import names


def _text(**changes: object) -> str:
    asset = {
        "name": "box",
        "kind": "shape_family",
        "licence": "Apache-2.0",
        "shipped": True,
        "source": "x",
        "made_by": "y",
    }
    return json.dumps({"version": 1, "assets": [{**asset, **changes}]})


def test_every_shape_family_is_listed_and_every_licence_let_in() -> None:
    assert faults(read_manifest(), names()) == []


def test_modules_that_make_assets_exist() -> None:
    for asset in read_manifest().assets:
        if asset.source.startswith("pairforge."):
            assert find_spec(asset.source) is not None, asset.name


def test_skies_that_are_said_to_come_with_blender_do() -> None:
    spec = find_spec("bpy")
    assert spec is not None
    assert spec.origin is not None
    folder = Path(spec.origin).parent
    for asset in read_manifest().assets:
        if asset.kind == "hdri":
            assert list(folder.glob(f"*/{asset.source.removeprefix('bpy/')}")), asset.name


def test_a_missing_a_stale_and_a_doubtful_entry_are_each_named() -> None:
    manifest = read_manifest(_text(licence="CC-BY-NC-4.0"))
    found = " ".join(faults(manifest, ["cone"]))
    assert '"cone" has no entry' in found
    assert '"box" is no shape family' in found
    assert "CC-BY-NC-4.0" in found


@pytest.mark.parametrize("change", [{"kind": "song"}, {"licence": ""}, {"extra": 1}, {"shipped": "perhaps"}])
def test_a_malformed_entry_is_named(change: dict[str, object]) -> None:
    with pytest.raises(DatasetError, match=r"assets\.0"):
        read_manifest(_text(**change))


def test_an_unknown_asset_gets_a_suggestion() -> None:
    with pytest.raises(DatasetError, match='"hatchback"'):
        read_manifest().asset("hatchbak")
