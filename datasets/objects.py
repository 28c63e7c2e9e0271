"""What pairforge asks of an object store, by fsspec: whole objects, bounded tries, errors with their remedies.

An object appears as a whole when its PUT, or the last word of its multipart upload, is done; until then readers see
what was there before. Paths here are those of ``datasets.place``.
"""

from __future__ import annotations

import contextlib
import errno
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, TypeVar, cast

from pairforge.datasets.place import EXTRAS, KEYS, WRITABLE, scheme_of
from pairforge.errors import MachineError
from pairforge.units import times

T = TypeVar("T")

TRIES = "PAIRFORGE_STORE_TRIES"
"""Environment variable: how often a request is made at most before the store is given up."""
ABANDONED_AFTER = timedelta(days=1)
"""Multipart uploads that were begun longer ago are taken for those of dead processes."""
_TRIES = 6
_PAUSE_S, _LONGEST_PAUSE_S = 0.5, 30.0
_PART_BYTES, _PARTS_AT_ONCE = 16 << 20, 4
_PAGE = 1000

_FINAL = (
    FileNotFoundError,
    PermissionError,
    IsADirectoryError,
    NotADirectoryError,
    ImportError,
    TypeError,
    ValueError,
)
_PAST_END = ("range is not satisfiable", "InvalidRange")
_NO_CREDENTIALS = (
    "ClientAuthenticationError",
    "CredentialRetrievalError",
    "DefaultCredentialsError",
    "NoCredentialsError",
    "PartialCredentialsError",
    "ProfileNotFound",
    "SSOTokenLoadError",
    "TokenRetrievalError",
    "UnauthorizedSSOTokenError",
)
"""By name, for none of the libraries that have them need be installed."""


def put_bytes(target: Path, data: bytes) -> None:
    """Replace a small object as a whole. Raises MachineError when the store refuses."""
    _writable(target)
    store: Any = target
    tried(f"write {target}", target, lambda: store.fs.pipe_file(store.path, data), writing=True)


def put_file(source: Path, target: Path) -> None:
    """Upload a file; large ones in parts, of which nothing is seen before all are there. Raises MachineError."""
    _writable(target)
    store: Any = target
    parts = {"chunksize": _PART_BYTES, "max_concurrency": _PARTS_AT_ONCE} if _s3(target) else {}
    tried(
        f"write {target}", target, lambda: store.fs.put_file(str(source), store.path, **parts), writing=True
    )


def get_bytes(path: Path, start: int | None = None, stop: int | None = None) -> bytes:
    """An object's bytes [start, stop) by one range request; fewer where it is shorter.

    Raises FileNotFoundError when it is not there, MachineError when the store refuses.
    """
    store: Any = path
    return bytes(tried(f"read {path}", path, lambda: store.fs.cat_file(store.path, start=start, end=stop)))


def get_ranges(root: Path, ranges: Sequence[tuple[str, int, int]]) -> list[bytes | bytearray]:
    """Bytes [start, stop) of objects by their names under ``root``, fetched side by side; fewer where one is shorter.

    Raises FileNotFoundError when one is not there, MachineError when the store refuses.
    """
    store: Any = root
    paths = [cast(Any, root / name).path for name, _, _ in ranges]
    starts, stops = [start for _, start, _ in ranges], [stop for _, _, stop in ranges]
    return list(
        tried(f"read {root}", root, lambda: store.fs.cat_ranges(paths, starts, stops, on_error="raise"))
    )


def size(path: Path) -> int:
    """Bytes of an object. Raises FileNotFoundError (a folder is no object), MachineError."""
    store: Any = path
    found = tried(f"look at {path}", path, lambda: store.fs.info(store.path))
    if found["type"] != "file":
        raise FileNotFoundError(errno.ENOENT, "no object, but a folder", str(path))
    return int(found["size"])


def remove(path: Path) -> None:
    """Remove an object if it is there. Raises MachineError when the store refuses."""
    store: Any = path
    try:
        tried(f"remove {path}", path, lambda: store.fs.rm_file(store.path))
    except FileNotFoundError:
        return


def listed(folder: Path, prefix: str = "") -> Iterator[tuple[str, int]]:
    """Names and sizes of what lies right in a folder and begins with ``prefix``; folders have the size -1.

    S3 is asked page by page, so that memory does not grow with the folder. Nothing there: no names.
    """
    if _s3(folder):
        yield from _listed_s3(folder, prefix)
        return
    store: Any = folder
    try:
        entries = tried(f"list {folder}", folder, lambda: store.fs.ls(store.path, detail=True))
    except FileNotFoundError:
        return
    for entry in entries:
        name = entry["name"].rstrip("/").rsplit("/", 1)[-1]
        if name.startswith(prefix):
            yield name, int(entry["size"]) if entry["type"] == "file" else -1


def names(folder: Path) -> list[str]:
    """Names of the objects and of the folders right in a folder, sorted; empty when nothing is there."""
    return sorted({name for name, _ in listed(folder)})


def abort_abandoned(root: Path, older_than: timedelta = ABANDONED_AFTER) -> int:
    """End the multipart uploads under ``root`` that dead processes left (their parts cost money); returns how many.

    Age is by the store's own clock. Stores other than S3 forget them by themselves.
    """
    if not _s3(root):
        return 0
    store: Any = root
    bucket, _, prefix = store.path.partition("/")
    aborted = 0
    for upload, now in _uploads(root, bucket, f"{prefix}/"):
        if now - upload["Initiated"] < older_than:
            continue
        key, number = upload["Key"], upload["UploadId"]
        with contextlib.suppress(FileNotFoundError):  # another process was faster
            tried(f"clean {root}", root, lambda k=key, n=number: _abort(store, bucket, k, n))  # type: ignore[misc]  # defaults bind the loop's
            aborted += 1
    return aborted


def _uploads(root: Path, bucket: str, prefix: str) -> Iterator[tuple[dict[str, Any], datetime]]:
    """Multipart uploads that nobody has finished, each with the store's time."""
    store: Any = root
    asked = {"Bucket": bucket, "Prefix": prefix}

    def ask() -> dict[str, Any]:
        return cast(dict[str, Any], store.fs.call_s3("list_multipart_uploads", **asked))

    while True:
        try:
            page = tried(f"list {root}", root, ask)
        except FileNotFoundError:
            return  # no bucket: whoever writes is told
        now = parsedate_to_datetime(page["ResponseMetadata"]["HTTPHeaders"]["date"])
        yield from ((upload, now) for upload in page.get("Uploads", ()))
        if not page.get("IsTruncated"):
            return
        asked |= {"KeyMarker": page["NextKeyMarker"], "UploadIdMarker": page.get("NextUploadIdMarker", "")}


def _abort(store: Any, bucket: str, key: str, upload: str) -> None:
    store.fs.call_s3("abort_multipart_upload", Bucket=bucket, Key=key, UploadId=upload)


def _listed_s3(folder: Path, prefix: str) -> Iterator[tuple[str, int]]:
    store: Any = folder
    bucket, _, key = store.path.partition("/")
    begin = f"{key.rstrip('/')}/" if key else ""
    asked: dict[str, Any] = {"Bucket": bucket, "Prefix": begin + prefix, "Delimiter": "/", "MaxKeys": _PAGE}
    while True:
        try:
            page = tried(f"list {folder}", folder, lambda: store.fs.call_s3("list_objects_v2", **asked))
        except FileNotFoundError:
            return
        for entry in page.get("Contents", ()):
            yield entry["Key"].removeprefix(begin), int(entry["Size"])
        for below in page.get("CommonPrefixes", ()):
            yield below["Prefix"].removeprefix(begin).rstrip("/"), -1
        if not page.get("IsTruncated"):
            return
        asked["ContinuationToken"] = page["NextContinuationToken"]


def tried(action: str, path: Path, do: Callable[[], T], writing: bool = False) -> T:
    """What ``do`` gives, asked again with growing pauses while the store fails for the moment.

    Raises FileNotFoundError when there is no such object (while ``writing``: MachineError, for then it is the bucket
    that is not there), MachineError for all else, with the remedy.
    """
    tries = int(os.environ.get(TRIES) or _TRIES)
    for n in range(1, tries + 1):
        try:
            return _asked(do)
        except MachineError:
            raise
        except FileNotFoundError as error:
            if not writing:
                raise
            if _begun_anew(error) and n < tries:
                continue
            raise MachineError(f"could not {action}: {_no_bucket(path)}") from error
        except Exception as error:  # each kind of store has errors of its own
            if n == tries or _final(error):
                raise MachineError(f"could not {action}: {_reason(error, path, n)}") from error
            time.sleep(min(_PAUSE_S * 2 ** (n - 1), _LONGEST_PAUSE_S))
    raise AssertionError


def _asked(do: Callable[[], T]) -> T:
    """What ``do`` gives; FileNotFoundError also where Azure's library has an error of its own for it."""
    try:
        return do()
    except Exception as error:
        if type(error).__name__ == "ResourceNotFoundError":
            raise FileNotFoundError(errno.ENOENT, str(error)) from error
        raise


def _final(error: Exception) -> bool:
    return isinstance(error, _FINAL) or type(error).__name__ in _NO_CREDENTIALS or past_end(error)


def _begun_anew(error: FileNotFoundError) -> bool:
    """Whether a multipart upload is unknown to the store: finished by a request whose answer was lost, or ended by
    someone else. Either way it is made anew, to the same bytes."""
    return bool(_answer(error).get("Error", {}).get("Code") == "NoSuchUpload")


def _answer(error: BaseException) -> Mapping[str, Any]:
    """S3's answer, of which s3fs made this error; of other errors, nothing."""
    answer = getattr(error.__cause__, "response", None)
    return answer if isinstance(answer, dict) else {}


def past_end(error: BaseException | None) -> bool:
    """Whether a store says that the bytes asked for lie past an object's end; each has words of its own."""
    if error is None:
        return False
    said = _answer(error).get("ResponseMetadata", {}).get("HTTPStatusCode")
    statuses = (getattr(error, "code", 0), getattr(error, "status_code", 0), said)
    return 416 in statuses or any(words in str(error) for words in _PAST_END)


def _reason(error: Exception, path: Path, tries: int) -> str:
    scheme = scheme_of(path)
    keys = KEYS.get(EXTRAS.get(scheme, ""), "its credentials")
    said = " ".join(str(error).split()) or type(error).__name__
    if type(error).__name__ in _NO_CREDENTIALS:
        return f"{scheme}:// was given no credentials ({said}). Set {keys}."
    if isinstance(error, PermissionError):
        return (
            f"the store refuses ({said}). Check {keys}; that these may read, write and list; and the clock."
        )
    if isinstance(error, _FINAL):
        return f"{said}. Check the URL."
    return (
        f"the store failed {times(tries)}, at last with {type(error).__name__}: {said}. Check the endpoint and the "
        "network, then run the same command again: finished scenes are kept."
    )


def _no_bucket(path: Path) -> str:
    store: Any = path
    bucket = str(store.path).strip("/").partition("/")[0]
    return f'there is no bucket "{bucket}". Check the name, or make it: pairforge makes none.'


def _writable(path: Path) -> None:
    scheme = scheme_of(path)
    if scheme not in WRITABLE:
        known = ", ".join(f"{s}://" for s in sorted(WRITABLE - {"memory"}))
        raise MachineError(
            f"pairforge does not write to {scheme}://, where a file may be seen half-written. Write to a folder, or "
            f"to one of {known}"
        )


def _s3(path: Path) -> bool:
    return EXTRAS.get(scheme_of(path)) == "s3"
