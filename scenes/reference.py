"""References to a user's own Python: "path/file.py:name" or "package.module:name", so that a scene stays data."""

from __future__ import annotations

import ast
import hashlib
import importlib.util
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from pairforge.errors import SpecError, did_you_mean


@dataclass(frozen=True)
class Source:
    """The text that a reference leads to; ``name`` is what is meant in it, ``package`` where its imports start."""

    path: Path
    name: str
    text: str
    package: str = ""

    @property
    def sha256(self) -> str:
        """Of the text, in hexadecimal."""
        return hashlib.sha256(self.text.encode("utf-8")).hexdigest()


def source_of(reference: str) -> Source:
    """Reads what a reference leads to, without running it. Raises SpecError that says what is not there."""
    where, colon, name = reference.rpartition(":")
    if not colon or not where or not name.isidentifier():
        raise SpecError(
            f'controller "{reference}": say file and function, as in "my_driver.py:steer" or "package.module:steer"'
        )
    path, package = (Path(where), "") if where.endswith(".py") else _module_file(reference, where)
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise SpecError(
            f'controller "{reference}": there is no file "{path}". {did_you_mean(str(path), files_beside(path))}'
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise SpecError(f'controller "{reference}": {path} cannot be read as UTF-8 text: {error}') from None
    _check_there(reference, path, text, name)
    return Source(path, name, text, package)


def files_beside(path: Path) -> list[str]:
    """The Python files where one was looked for in vain, for errors to suggest."""
    return sorted(str(p) for p in path.parent.glob("*.py")) if path.parent.is_dir() else []


def load(source: Source) -> Any:
    """What the reference means, from its text run anew in a module of its own. What that raises passes through."""
    module = ModuleType(f"pairforge_controller_{source.sha256[:16]}")
    module.__file__ = str(source.path)
    module.__package__ = source.package
    exec(compile(source.text, str(source.path), "exec"), vars(module))
    return getattr(module, source.name)


def _module_file(reference: str, module: str) -> tuple[Path, str]:
    try:
        found = importlib.util.find_spec(module)
    except (ImportError, ValueError, AttributeError):
        found = None
    if found is None or found.origin is None or not found.origin.endswith(".py"):
        raise SpecError(
            f'controller "{reference}": there is no Python module "{module}". Install it, mend its spelling, or give '
            "a file, as in my_driver.py:steer"
        )
    return Path(found.origin), found.parent or ""


def _check_there(reference: str, path: Path, text: str, name: str) -> None:
    try:
        tree = ast.parse(text, str(path))
    except (SyntaxError, ValueError) as error:
        line = f":{error.lineno}" if isinstance(error, SyntaxError) else ""
        raise SpecError(f'controller "{reference}": {path}{line}: {error}') from None
    callables = [n.name for n in tree.body if isinstance(n, ast.FunctionDef | ast.ClassDef)]
    bound = [
        t.id for n in tree.body if isinstance(n, ast.Assign) for t in n.targets if isinstance(t, ast.Name)
    ]
    imported = [a.asname or a.name for n in tree.body if isinstance(n, ast.ImportFrom) for a in n.names]
    if name not in (*callables, *bound, *imported):
        raise SpecError(f'controller "{reference}": {path} has no "{name}". {did_you_mean(name, callables)}')
