"""Reading someone's files safely: no network, nothing outside their folder, nothing too large, each one recorded."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote

from trimesh.resolvers import Resolver

from pairforge.errors import AssetError

MAX_FILE_BYTES = 256 * 2**20
MAX_FILES = 500


class Files:
    """The files of one asset below ``root``. ``read`` maps each path read to its sha256; ``missing`` lists what was
    asked for and is not there or not allowed."""

    def __init__(self, root: Path, pinned: Mapping[str, str] | None = None) -> None:
        """``pinned``: the only paths that may be read, and the sha256 each must have."""
        self.root = root
        self.pinned = pinned
        self.read: dict[str, str] = {}
        self.missing: list[str] = []

    def bytes_of(self, path: str) -> bytes:
        """The content of a file by its path below the root ("meshes/wheel.obj"). AssetError."""
        if self.pinned is not None and path not in self.pinned:
            raise AssetError(f'"{path}" is no file of this asset')
        content = _content(self._inside(path), path)
        digest = hashlib.sha256(content).hexdigest()
        if self.pinned is not None and digest != self.pinned[path]:
            raise AssetError(
                f'"{self.root / path}" has changed since it was added (sha256 {digest[:12]}…, not '
                f"{self.pinned[path][:12]}…). Put the file back, or add it again."
            )
        self.read[path] = digest
        if len(self.read) > MAX_FILES:
            raise AssetError(f"the asset consists of more than {MAX_FILES} files; split it")
        return content

    def _inside(self, path: str) -> Path:
        """The real path; AssetError when it leads out of the root, by dots, by a link or from the top."""
        found = (self.root / path).resolve()
        if not path or "\x00" in path or not found.is_relative_to(self.root.resolve()):
            raise AssetError(
                f'"{path}" leads out of "{self.root}", the folder of the asset. Copy what it needs into the '
                "folder, or name a wider one with --root."
            )
        return found

    def beside(self, path: str) -> Beside:
        """What a file refers to, by names relative to that file."""
        return Beside(self, PurePosixPath(path).parent)


class Beside(Resolver):  # type: ignore[misc]  # trimesh has no types here
    """trimesh's way to a mesh file's materials, buffers and textures; whatever is refused counts as missing."""

    def __init__(self, files: Files, folder: PurePosixPath) -> None:
        self._files, self._folder = files, folder

    def get(self, key: str) -> bytes:
        path = normal((self._folder / unquote(str(key)).strip().replace("\\", "/")).as_posix())
        try:
            return self._files.bytes_of(path)
        except (AssetError, OSError, ValueError) as error:
            self._files.missing.append(f"{key} ({error})" if "leads out" in str(error) else str(key))
            raise FileNotFoundError(key) from None

    def write(self, name: str, data: Any) -> None:
        raise PermissionError(f"nothing is written: {name}")

    def namespaced(self, namespace: str) -> Beside:
        return Beside(self._files, self._folder / namespace)

    def keys(self) -> Iterable[str]:
        return ()


def normal(path: str) -> str:
    """A path without "." and inner ".."; leading ".." stay, to be refused."""
    steps: list[str] = []
    for step in PurePosixPath(path).parts:
        if step == ".." and steps and steps[-1] not in ("..", "/"):
            steps.pop()
        elif step != ".":
            steps.append(step)
    return "/".join(steps).replace("//", "/")


def _content(path: Path, name: str) -> bytes:
    try:
        size = path.stat().st_size
        if not path.is_file():
            raise AssetError(f'"{name}" is no plain file')
        if size > MAX_FILE_BYTES:
            raise AssetError(f'"{name}" has {size / 2**20:.0f} MiB; {MAX_FILE_BYTES >> 20} MiB is the most')
        return path.read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise AssetError(f'"{name}" cannot be read: {reason}') from None
