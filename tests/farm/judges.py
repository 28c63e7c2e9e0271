"""Whether a storm did any harm: what is wrong with a dataset, told against the one that was made in peace."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pairforge.datasets.manifest import read_manifest
from pairforge.datasets.place import remote
from pairforge.datasets.verify import verify
from tests.farm.chaos import Story
from tests.farm.watch import Watch

CLOCKS = ("timings.json", "timings.parquet", "plan.json", "farm", "quarantine")
"""What clocks and machines decide, at a dataset's root."""
AROUND = ("ray", "moto-", "rclone-", "seaweedfs-")
"""What stands around a storm, among temporary files: a Ray cluster, servers of the tests."""


def contents(root: Path) -> dict[str, bytes]:
    """Every byte of a dataset but what clocks and machines decide."""
    if remote(root):
        place: Any = root
        found = {name.removeprefix(f"{place.path}/"): name for name in place.fs.find(place.path)}
        return {n: place.fs.cat_file(p) for n, p in sorted(found.items()) if n.split("/")[0] not in CLOCKS}
    files = {str(p.relative_to(root)): p for p in root.rglob("*") if p.is_file()}
    return {n: p.read_bytes() for n, p in sorted(files.items()) if n.split("/")[0] not in CLOCKS}


def harm(
    calm: Mapping[str, bytes], root: Path, scenes: int, watch: Watch, story: Story, tmp: Path | None = None
) -> list[str]:
    """Everything that is wrong, in words; nothing when no harm was done. ``tmp``: the commands' folder for temporary
    files, in which nothing may be left."""
    watch.look()
    found = contents(root)
    return [
        *(() if story.whole else ("the commands did not come to an end",)),
        *_bytes(calm, found),
        *_scenes(root, found, scenes),
        *_doubled(watch),
        *_left_over(watch, story),
        *(f"{path} is left among the temporary files" for path in left_in(tmp)),
        *(f"verify: {finding}" for finding in verify(root, crosscheck=0).findings),
    ]


def left_in(tmp: Path | None) -> list[Path]:
    """Files and empty folders in a folder for temporary files, but for those of what stands around."""
    if tmp is None or not tmp.is_dir():
        return []
    own = [path for path in tmp.rglob("*") if not path.relative_to(tmp).parts[0].startswith(AROUND)]
    return sorted(path for path in own if not path.is_dir() or not any(path.iterdir()))


def _bytes(calm: Mapping[str, bytes], found: Mapping[str, bytes]) -> Iterator[str]:
    yield from (f"{name} is missing" for name in sorted(calm.keys() - found.keys()))
    yield from (f"{name} is too many" for name in sorted(found.keys() - calm.keys()))
    both = sorted(calm.keys() & found.keys())
    yield from (f"{name} has other bytes" for name in both if calm[name] != found[name])


def _scenes(root: Path, found: Mapping[str, bytes], scenes: int) -> Iterator[str]:
    """Each scene stands once in the records and once in the manifest."""
    records = [json.loads(data)["scene_index"] for name, data in found.items() if name.startswith("records/")]
    manifest = [entry.scene_index for entry in read_manifest(root).scenes]
    for where, indices in (("the records", records), ("dataset.json", manifest)):
        yield from (f"scene {i} is lost from {where}" for i in range(scenes) if i not in indices)
        yield from (
            f"scene {i} stands {indices.count(i)} times in {where}"
            for i in set(indices)
            if indices.count(i) > 1
        )


def _doubled(watch: Watch) -> Iterator[str]:
    for slug, hashes in sorted(watch.published.items()):
        if len(set(hashes)) > 1:
            yield f"{slug} was published {len(hashes)} times, with different bytes"


def _left_over(watch: Watch, story: Story) -> Iterator[str]:
    yield from (f"process {pid} outlived its command" for pid in story.left)
    yield from (f"{folder} is left" for folder in watch.staged())
