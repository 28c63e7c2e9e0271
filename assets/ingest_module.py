"""Assets packed into JavaScript modules, as npm packages carry them: one data URL, decoded, never run."""

from __future__ import annotations

import base64
import binascii
import re
from pathlib import PurePosixPath

from pairforge.errors import AssetError

SUFFIX = ".js"
_MODULE = re.compile(rb"\s*export\s+default\s+(['\"`])data:([\w.+/-]+);base64,([A-Za-z0-9+/=\s]*)\1\s*;?\s*")
_KINDS = {
    b"model/gltf-binary": ".glb",
    b"image/png": ".png",
    b"image/jpeg": ".jpg",
    b"image/webp": ".webp",
}


def unpacked(content: bytes, path: str) -> tuple[bytes, str]:
    """What a module holds, and the suffix of that kind of file. AssetError when it is anything but one data URL."""
    found = _MODULE.fullmatch(content)
    if found is None:
        raise AssetError(
            f"\"{path}\" is no module of a single data URL, as in export default 'data:model/…;base64,…'"
        )
    if found[2] not in _KINDS:
        known = ", ".join(kind.decode() for kind in _KINDS)
        raise AssetError(f'"{path}" holds {found[2].decode()}, which is not read; these are: {known}')
    try:
        return base64.b64decode(found[3], validate=False), _KINDS[found[2]]
    except (binascii.Error, ValueError) as error:
        raise AssetError(f'"{path}": its data URL is no base64 ({error})') from None


def stem(path: str) -> str:
    """ "models/suzi.glb.js" -> "suzi"."""
    name = PurePosixPath(path)
    return PurePosixPath(name.stem).stem if name.suffix.lower() == SUFFIX else name.stem
