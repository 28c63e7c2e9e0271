"""nuScenes' tables as a folder has them, with what is wrong said in one line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from pairforge.datasets.importers.protocol import LogError
from pairforge.errors import did_you_mean

Row = dict[str, Any]


class Tables:
    """The tables of one version below ``root``. LogError, naming the file, for what is missing or damaged."""

    def __init__(self, root: Path, version: str = "") -> None:
        self.root = root
        self.folder = root / (version or _only_version(root))
        if not self.folder.is_dir():
            raise LogError(
                f'{root} has no version "{version}". {did_you_mean(version, _versions(root))} '
                "Choose with --set version=…"
            )

    def rows(self, table: str) -> list[Row]:
        path = self.folder / f"{table}.json"
        rows = read_json(path)
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise LogError(f"{path} is no table of nuScenes: it must be a list of rows.")
        return rows

    def by_token(self, table: str) -> dict[str, Row]:
        return {str(row.get("token")): row for row in self.rows(table)}

    @cached_property
    def scenes(self) -> dict[str, Row]:
        """The scenes by name."""
        return {str(row.get("name")): row for row in self.rows("scene")}

    def taken(self, row: Mapping[str, Any], name: str, table: str) -> Any:
        """A field of a row; LogError when it is not there."""
        if name not in row:
            raise LogError(f'{self.folder / table}.json: a row has no "{name}". The table is damaged.')
        return row[name]

    def found(self, rows: Mapping[str, Row], token: Any, table: str) -> Row:
        """The row of a token; LogError when there is none."""
        row = rows.get(str(token))
        if row is None:
            raise LogError(
                f'{self.folder / table}.json has no row "{token}", which another table names. The tables are damaged.'
            )
        return row


def read_json(path: Path) -> Any:
    """A JSON file; LogError for what cannot be read."""
    try:
        return json.loads(path.read_bytes())
    except OSError as error:
        raise LogError(f"{path} cannot be read: {error.strerror}. Is this a folder of nuScenes?") from None
    except ValueError as error:
        raise LogError(f"{path} is damaged: {error}. Unpack the dataset again.") from None


def _versions(root: Path) -> list[str]:
    return sorted(path.parent.name for path in root.glob("*/scene.json"))


def _only_version(root: Path) -> str:
    versions = _versions(root)
    if len(versions) == 1:
        return versions[0]
    if not versions:
        raise LogError(
            f"{root} holds no tables of nuScenes (v1.0-…/scene.json). Give the folder that has them below."
        )
    raise LogError(f"{root} holds {', '.join(versions)}. Choose one with --set version={versions[0]}")


def numbers(values: Any, count: int, where: str) -> tuple[float, ...]:
    """So many finite numbers; LogError for anything else."""
    good = isinstance(values, list) and len(values) == count
    if not good or not all(_is_number(v) for v in values):
        raise LogError(f"{where}: {values!r:.60} is not {count} numbers. The table is damaged.")
    return tuple(float(v) for v in values)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e12


def only(rows: Iterable[Row], field: str, value: Any) -> list[Row]:
    return [row for row in rows if row.get(field) == value]
