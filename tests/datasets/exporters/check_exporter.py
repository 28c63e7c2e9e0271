"""What holds for every exporter, whatever its format."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from pairforge.datasets.export import RECEIPT, WORK, export, write_scene
from pairforge.datasets.exporters.protocol import ExportError
from pairforge.datasets.reader import Dataset
from pairforge.registry import EXPORTERS


def check_exporter(
    name: str,
    dataset: Path,
    folder: Path,
    options: Mapping[str, str] | None = None,
    contents: Callable[[Path], Mapping[str, str]] | None = None,
) -> Path:
    """Run an exporter over a dataset of two scenes or more in every way it may be run; returns the export.

    ``contents``: what must be equal of equal exports, only where a format's own library stamps its files with chance
    or time; every byte, otherwise.
    """
    contents = contents or hashes
    exporter = EXPORTERS.load(name)
    assert exporter.name == name
    assert exporter.summary
    assert all(option.what for option in exporter.options.values())
    calm, torn = folder / "calm", folder / "torn"
    done = export(dataset, name, calm, options)
    assert done.made == Dataset(dataset).scenes
    assert not (calm / WORK).exists()
    _stopped_and_gone_on_with(name, dataset, torn, options)
    assert contents(torn) == contents(calm), (
        "an export that was stopped, or made in another order, is another one"
    )
    assert export(dataset, name, calm, options).made == (), "a finished export was made again"
    _refuses_what_is_not_its_own(name, dataset, folder, calm, options)
    return calm


def _stopped_and_gone_on_with(name: str, dataset: Path, out: Path, options: Mapping[str, str] | None) -> None:
    """The last scene is made first, and its files twice; then the driver goes on from there."""
    chosen = {n: (options or {}).get(n, o.default) for n, o in EXPORTERS.load(name).options.items()}
    last = Dataset(dataset).scenes[-1]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pairforge.datasets.export.write_scene", _killed)
        with pytest.raises(KeyboardInterrupt):
            export(dataset, name, out, options)
    for _ in range(2):
        write_scene(Dataset(dataset), name, chosen, out, last)
    assert export(dataset, name, out, options).kept == (last,)


def _killed(*_: object) -> int:
    raise KeyboardInterrupt


def _refuses_what_is_not_its_own(
    name: str, dataset: Path, folder: Path, calm: Path, options: Mapping[str, str] | None
) -> None:
    before = hashes(calm)
    with pytest.raises(ExportError, match="has no option"):
        export(dataset, name, folder / "none", {"nonsense": "1"})
    assert not (folder / "none").exists()
    strange = folder / "strange"
    strange.mkdir()
    (strange / "thesis.tex").write_text("mine")
    with pytest.raises(ExportError, match="not empty"):
        export(dataset, name, strange, options)
    assert [p.name for p in strange.iterdir()] == ["thesis.tex"]
    receipt = (calm / RECEIPT).read_bytes()
    (calm / RECEIPT).write_bytes(receipt.replace(b'"dataset_sha256": "', b'"dataset_sha256": "0'))
    with pytest.raises(ExportError, match="another dataset"):
        export(dataset, name, calm, options)
    (calm / RECEIPT).write_bytes(receipt)
    assert hashes(calm) == before


def hashes(folder: Path) -> dict[str, str]:
    """Name -> hash of every file below a folder."""
    return {
        str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(folder.rglob("*"))
        if p.is_file()
    }
