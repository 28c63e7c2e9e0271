"""Where a dataset lies: a folder, or a prefix in an object store."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from pairforge.errors import MachineError, SpecError, did_you_mean

EXTRAS = {
    "s3": "s3",
    "s3a": "s3",
    "gs": "gcs",
    "gcs": "gcs",
    "az": "azure",
    "abfs": "azure",
    "abfss": "azure",
}
"""Scheme of a URL -> the extra of pairforge that brings what it needs."""
KEYS = {
    "s3": "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (or AWS_PROFILE), and AWS_ENDPOINT_URL where it is not AWS",
    "gcs": "GOOGLE_APPLICATION_CREDENTIALS",
    "azure": "AZURE_STORAGE_CONNECTION_STRING, or AZURE_STORAGE_ACCOUNT_NAME and AZURE_STORAGE_ACCOUNT_KEY",
}
"""Extra -> the environment variables that hold credentials for it, for errors to name."""
WRITABLE = frozenset({*EXTRAS, "memory"})
"""Stores whose objects appear whole or not at all; to others pairforge does not write."""
_LOCAL = ("file", "local")
_ENDPOINTS = ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3")
_CHECKSUMS = ("request_checksum_calculation", "response_checksum_validation")


def place_of(text: str | Path, options: Mapping[str, Any] | None = None) -> Path:
    """A local ``Path``, or for a URL (``s3://bucket/prefix``) a path that reads and lists what is there the same way.

    ``options`` is what fsspec is told besides: keys, endpoints.
    Nothing writes through it directly: all writing is in ``datasets.files``. Raises SpecError for an empty text, a
    scheme that is not known and a URL without a bucket, MachineError for one whose library is not installed.

    >>> place_of("out/data")
    PosixPath('out/data')
    >>> str(place_of("memory://bucket/data") / "dataset.json")
    'memory://bucket/data/dataset.json'
    """
    if not isinstance(text, str):
        return text
    scheme, colon, rest = text.partition("://")
    if not text.strip():
        raise SpecError("an empty text names no place; write a folder, as in out/mine")
    if not colon:
        return Path(text)
    if scheme in _LOCAL:
        return Path(rest)
    _check(scheme, rest, text)
    from upath import UPath

    return cast(Path, UPath(text.rstrip("/"), **{**_options(scheme), **(options or {})}))


def remote(path: Path) -> bool:
    """Whether a path lies in an object store (or elsewhere that fsspec reaches) and not on a disk."""
    return hasattr(path, "storage_options")


def scheme_of(path: Path) -> str:
    """``s3`` of ``s3://bucket/prefix``; empty for a local path."""
    return str(path).partition("://")[0] if remote(path) else ""


def _check(scheme: str, rest: str, text: str) -> None:
    import fsspec

    known = {*fsspec.available_protocols(), *_LOCAL}
    if scheme not in known:
        likely = did_you_mean(scheme, (*EXTRAS, *_LOCAL, "memory", "https"))
        raise SpecError(f'"{text}": there is no store "{scheme}://". {likely}')
    if scheme in WRITABLE and not rest.strip("/"):
        raise SpecError(f'"{text}" names no bucket, as in {scheme}://bucket/data')
    try:
        fsspec.get_filesystem_class(scheme)
    except ImportError as error:
        extra = EXTRAS.get(scheme)
        remedy = f'pip install "pairforge[{extra}]"' if extra else f"Install what fsspec asks for: {error}"
        raise MachineError(f"{scheme}:// needs a library that is not here. {remedy}") from error


def _options(scheme: str) -> Mapping[str, Any]:
    """What fsspec is told: never to answer from an old listing (others write too), and not to wait for ever.

    Endpoints and keys are not among them: they come from the environment, fsspec's own configuration, or the caller.
    """
    if scheme not in EXTRAS:
        return {}
    options: dict[str, Any] = {"use_listings_cache": False}
    if EXTRAS[scheme] == "s3":
        from fsspec.config import conf

        ours = {
            "connect_timeout": 10,
            "read_timeout": 60,
            "retries": {"mode": "standard", "total_max_attempts": 2},
            "max_pool_connections": 64,
            **_checksums(conf.get(scheme, {})),
        }
        options["max_concurrency"] = 1  # else s3fs asks for an object's size before it reads it
        options["config_kwargs"] = ours | dict(conf.get(scheme, {}).get("config_kwargs", {}))
    return options


def _checksums(configured: Mapping[str, Any]) -> dict[str, str]:
    """botocore's own checksums are for AWS alone, unless the environment asks for them.

    Older servers refuse a PUT that trails one; rclone gives that of the whole object with a part of it, which
    botocore takes for damage. A signature covers what is put, TLS the way, and records hold each file's sha256.
    """
    client = configured.get("client_kwargs", {})
    if not any(
        (configured.get("endpoint_url"), client.get("endpoint_url"), *map(os.environ.get, _ENDPOINTS))
    ):
        return {}
    return {name: "when_required" for name in _CHECKSUMS if f"AWS_{name.upper()}" not in os.environ}
