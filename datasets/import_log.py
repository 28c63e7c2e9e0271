"""A drive of someone else's dataset -> log.json and a spec that makes a world of it."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from pairforge.datasets.export import chosen_of
from pairforge.datasets.exporters.protocol import ExportError
from pairforge.datasets.files import disk_errors, write_atomic
from pairforge.datasets.importers.log_file import check_log, log_bytes
from pairforge.datasets.importers.protocol import Importer, LogError
from pairforge.errors import MachineError, did_you_mean
from pairforge.registry import IMPORTERS
from pairforge.scenes.logged import logged

LOG, SPEC = "log.json", "scene.py"
_SPEC = '''"""{name} of {format}, as a world. Change one thing and render it again:

    pairforge generate {spec}:SCENE --set weather=rain --out …
"""

from pathlib import Path

from pairforge.scenes.logged import logged

SCENE = logged(
    Path(__file__).with_name("log.json"),
    sha256="{sha256}",
    scale={scale!r},  # of the log's own pictures
)
'''


@dataclass(frozen=True)
class Imported:
    """``spec`` is what ``pairforge generate`` takes."""

    spec: str
    keyframes: int
    actors: int
    sensors: int


def scenes_of(format_name: str, root: Path, options: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """Names of the drives under ``root``. Raises SpecError (no such format), LogError (not of this format)."""
    importer = _make(format_name)
    return _scenes(importer, root, _chosen(importer, format_name, options or {}))


def import_log(
    format_name: str,
    root: Path,
    scene: str,
    out: Path,
    scale: float = 1.0,
    options: Mapping[str, str] | None = None,
) -> Imported:
    """Write ``out``/log.json and ``out``/scene.py for one drive. The same drive gives the same bytes.

    ``out`` must be empty, or hold an import, which is then made again. Raises SpecError (no such format), LogError
    (not of this format, no such drive, damaged, ``out`` is something else's), MachineError (disk, missing extra).
    """
    importer = _make(format_name)
    chosen = _chosen(importer, format_name, options or {})
    if not (math.isfinite(scale) and scale > 0.0):
        raise LogError(f"--scale {scale:g}: give a number above 0, as in --scale 0.5")
    names = _scenes(importer, root, chosen)
    if scene not in names:
        raise LogError(f'{root} has no drive "{scene}". {did_you_mean(scene, names)}')
    try:
        log = importer.read(root, scene, chosen)
    except ImportError as error:
        raise _missing(importer, error) from error
    check_log(log, root)
    data = log_bytes(log)
    spec = _SPEC.format(
        name=scene.replace("\\", "").replace('"', ""),
        format=format_name,
        spec=out / SPEC,
        sha256=hashlib.sha256(data).hexdigest(),
        scale=float(scale),
    )
    _write(out, {LOG: data, SPEC: spec.encode()})
    logged(out / LOG, scale=scale)  # that a world can be made of it is known now
    return Imported(f"{out / SPEC}:SCENE", len(log.keyframe_times_ns), len(log.actors), len(log.sensors))


def _make(format_name: str) -> Importer:
    return cast(Importer, IMPORTERS.load(format_name)())


def _chosen(importer: Importer, format_name: str, options: Mapping[str, str]) -> dict[str, str]:
    try:
        return chosen_of(importer.options, format_name, options)
    except ExportError as error:
        raise LogError(str(error)) from None


def _scenes(importer: Importer, root: Path, options: Mapping[str, str]) -> tuple[str, ...]:
    if not root.is_dir():
        raise LogError(f"there is no folder {root}. Give the folder of the {importer.name} dataset.")
    try:
        return importer.scenes(root, options)
    except ImportError as error:
        raise _missing(importer, error) from error


def _missing(importer: Importer, error: ImportError) -> MachineError:
    return MachineError(
        f'reading {importer.name} needs {error.name or error}: pip install "pairforge[{importer.needs}]"'
    )


def _write(out: Path, files: Mapping[str, bytes]) -> None:
    with disk_errors(f"create {out}"):
        out.mkdir(parents=True, exist_ok=True)
        strangers = sorted(p.name for p in out.iterdir() if p.name not in files and p.name != "__pycache__")
    if strangers:
        raise LogError(f"{out} is not empty ({', '.join(strangers[:3])}). Choose an empty --out.")
    for name, data in files.items():
        write_atomic(out, out / name, data)
