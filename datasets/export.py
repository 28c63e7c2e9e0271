"""Write a dataset in another format: scene by scene, in constant memory, going on where it was stopped."""

from __future__ import annotations

import contextlib
import hashlib
import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any, cast

from pairforge.datasets.exporters.protocol import Exporter, ExportError, Option, Part
from pairforge.datasets.exporters.target import Target
from pairforge.datasets.files import disk_errors, read_bytes, write_atomic
from pairforge.datasets.manifest import MANIFEST
from pairforge.datasets.reader import Dataset
from pairforge.datasets.scene_index import INDEX
from pairforge.errors import DatasetError, MachineError, did_you_mean
from pairforge.registry import EXPORTERS

WORK = ".pairforge-export"
RECEIPT = "pairforge-export.json"


@dataclass(frozen=True)
class Exported:
    """``made`` scenes were written now, ``kept`` had been written before."""

    out: Path
    format: str
    made: tuple[int, ...]
    kept: tuple[int, ...]


def export(
    root: Path,
    format_name: str,
    out: Path,
    options: Mapping[str, str] | None = None,
    workers: int = 1,
    plan: Callable[[int], None] = lambda scenes: None,
    tick: Callable[[], None] = lambda: None,
) -> Exported:
    """Write the dataset ``root`` to ``out`` in a format of ``EXPORTERS``.

    The same dataset, options and versions give the same bytes for any ``workers`` and after any interruption. ``out``
    must be empty, or hold an export of the same that was stopped or is finished.

    Raises SpecError (no such format), ExportError (the dataset lacks what it demands, ``out`` is something else's, an
    option is unknown), DatasetError (damaged data), MachineError (disk, missing extra).
    """
    dataset, chosen = Dataset(root), _chosen(format_name, options or {})
    exporter = make(format_name, chosen)
    with _needs(exporter):
        exporter.check(dataset)
    receipt = _receipt(root, format_name, chosen)
    if _finished(out, receipt):
        return Exported(out, format_name, (), dataset.scenes)
    work = _begin(out, receipt)
    kept = tuple(i for i in dataset.scenes if _part(work, i).is_file())
    wanted = sorted({*dataset.scenes} - {*kept})
    plan(len(wanted))
    for _ in _made(dataset, format_name, chosen, out, wanted, workers):
        tick()
    target = Target(out)
    with _needs(exporter):
        exporter.finish(dataset, _parts(work, dataset.scenes), target)
    target.sync()
    write_atomic(out, out / RECEIPT, receipt)
    shutil.rmtree(work, ignore_errors=True)
    return Exported(out, format_name, tuple(wanted), kept)


def make(format_name: str, options: Mapping[str, str]) -> Exporter:
    """An exporter of these options, all of them given."""
    return cast(Exporter, EXPORTERS.load(format_name)(options))


@contextlib.contextmanager
def _needs(exporter: Exporter) -> Iterator[None]:
    """What is not installed is said with its remedy."""
    try:
        yield
    except ImportError as error:
        raise MachineError(
            f'writing {exporter.name} needs {error.name or error}: pip install "pairforge[{exporter.needs}]"'
        ) from error


def _chosen(format_name: str, given: Mapping[str, str]) -> dict[str, str]:
    """Every option of the format, as given or by default."""
    return chosen_of(EXPORTERS.load(format_name).options, format_name, given)


def chosen_of(known: Mapping[str, Option], format_name: str, given: Mapping[str, str]) -> dict[str, str]:
    """Every option that is known, as given or by default; ExportError for one that is not, or not so."""
    for name, value in given.items():
        if name not in known:
            raise ExportError(f'{format_name} has no option "{name}". {did_you_mean(name, known)}')
        if known[name].choices and value not in known[name].choices:
            raise ExportError(f'{format_name}: {name} "{value}". {did_you_mean(value, known[name].choices)}')
    return {name: given.get(name, option.default) for name, option in known.items()}


def _receipt(root: Path, format_name: str, options: Mapping[str, str]) -> bytes:
    """What an export is made of: it is the same where this is."""
    manifest = hashlib.sha256(read_bytes(root / MANIFEST) + read_bytes(root / INDEX)).hexdigest()
    said: dict[str, Any] = {"format": format_name, "options": dict(options), "dataset_sha256": manifest}
    for name in getattr(EXPORTERS.load(format_name), "reads", ()):
        said[f"{name}_sha256"] = hashlib.sha256(read_bytes(root / name)).hexdigest()
    return (json.dumps(said, indent=1, sort_keys=True) + "\n").encode()


def _finished(out: Path, receipt: bytes) -> bool:
    """Whether ``out`` holds this very export, whole; ExportError when it holds another."""
    if not (out / RECEIPT).is_file():
        return False
    if read_bytes(out / RECEIPT) != receipt:
        raise ExportError(
            f"{out} holds an export of another dataset, format or options. Choose another --out, or remove it."
        )
    shutil.rmtree(out / WORK, ignore_errors=True)
    return True


def _begin(out: Path, receipt: bytes) -> Path:
    """The folder of unfinished work in ``out``, begun or found; ExportError when ``out`` is something else."""
    work = out / WORK
    if (work / "job.json").is_file():
        if read_bytes(work / "job.json") != receipt:
            raise ExportError(
                f"{out} holds the beginning of an export of another dataset, format or options. "
                "Choose another --out, or remove it."
            )
        return work
    with disk_errors(f"create {out}"):
        out.mkdir(parents=True, exist_ok=True)
        strangers = sorted(p.name for p in out.iterdir() if p.name != WORK)
        if strangers:
            raise ExportError(f"{out} is not empty ({', '.join(strangers[:3])}). Choose an empty --out.")
        work.mkdir(exist_ok=True)
    write_atomic(work, work / "job.json", receipt)
    return work


def _made(
    dataset: Dataset, format_name: str, options: Mapping[str, str], out: Path, wanted: list[int], workers: int
) -> Iterator[int]:
    """Scenes, as they are written."""
    if workers == 1 or len(wanted) < 2:
        for i in wanted:
            yield write_scene(dataset, format_name, options, out, i)
        return
    context = get_context("spawn")
    with ProcessPoolExecutor(workers, context, initializer=_open, initargs=(dataset.root,)) as pool:
        jobs = [pool.submit(_write_opened, format_name, options, out, i) for i in wanted]
        try:
            for job in as_completed(jobs):
                yield job.result()
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)
            raise


_opened: list[Dataset] = []
"""In a worker: the dataset. Its manifest names every file of every scene, so it is read once a process."""


def _open(root: Path) -> None:
    _opened[:] = [Dataset(root)]


def _write_opened(format_name: str, options: Mapping[str, str], out: Path, scene_index: int) -> int:
    return write_scene(_opened[0], format_name, options, out, scene_index)


def write_scene(
    dataset: Dataset, format_name: str, options: Mapping[str, str], out: Path, scene_index: int
) -> int:
    """One scene's files, then its part, which says that they are there."""
    target = Target(out)
    exporter = make(format_name, options)
    with _needs(exporter):
        part = exporter.scene(dataset, scene_index, target)
    target.sync()
    work = out / WORK
    write_atomic(work, _part(work, scene_index), json.dumps(part, allow_nan=False).encode())
    return scene_index


def _part(work: Path, scene_index: int) -> Path:
    return work / "parts" / f"{scene_index:06d}.json"


def _parts(work: Path, scenes: tuple[int, ...]) -> Iterator[Part]:
    for i in scenes:
        try:
            part: Any = json.loads(read_bytes(_part(work, i)))
        except ValueError as error:
            raise DatasetError(
                f"{_part(work, i)} is damaged. Remove {work.parent} and export again."
            ) from error
        yield part
