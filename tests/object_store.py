"""An object store of our own: a server that answers over HTTP on this machine, for tests.

Which one is chosen by ``PAIRFORGE_TEST_STORE`` (tests/store_servers.py). All that a program needs to reach it
stands in its environment, so that child processes and workers reach it too::

    with object_store() as store:
        subprocess.run([...,"--out", store.url("data")], env={**os.environ, **store.env})

In tests, the fixture ``object_store`` is one server for the session; each test gets a bucket of its own, and the
environment set.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from pairforge.datasets.place import place_of
from tests.store_servers import REGION, Server, plain_client, running

_client = functools.cache(plain_client)


@dataclass(frozen=True)
class ObjectStore:
    """A bucket on a running server. ``env``: all that a process needs to reach it."""

    endpoint: str
    bucket: str
    env: dict[str, str]

    def url(self, name: str) -> str:
        """URL of a dataset in the bucket."""
        return f"s3://{self.bucket}/{name}"

    def place(self, name: str) -> Path:
        """The same as a path; ``env`` must be this process's (the fixture sees to it)."""
        return place_of(self.url(name))

    def client(self) -> Any:
        """A plain S3 client, which knows nothing of fsspec: what is really there."""
        return _client("s3", self.endpoint, self.env["AWS_ACCESS_KEY_ID"], self.env["AWS_SECRET_ACCESS_KEY"])

    def contents(self, name: str) -> dict[str, bytes]:
        """Every object of a dataset, by its name within it."""
        client, found = self.client(), {}
        for key in self.keys(name):
            found[key] = client.get_object(Bucket=self.bucket, Key=f"{name}/{key}")["Body"].read()
        return found

    def keys(self, name: str) -> list[str]:
        """Names of every object of a dataset, within it."""
        prefix = f"{name}/"
        pages = self.client().get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=prefix)
        return [e["Key"].removeprefix(prefix) for page in pages for e in page.get("Contents", ())]

    def with_bucket(self, bucket: str) -> ObjectStore:
        """A new bucket on the same server."""
        self.client().create_bucket(Bucket=bucket)
        return replace(self, bucket=bucket)


@contextlib.contextmanager
def object_store(server: str = "", bucket: str = "pairforge") -> Iterator[ObjectStore]:
    """Start a server (by default the chosen one) with one bucket; it ends with the ``with`` block."""
    with running(server) as its:
        yield of_server(its).with_bucket(bucket)


def of_server(server: Server) -> ObjectStore:
    """A running server as a store, without a bucket yet."""
    env = {
        "AWS_ENDPOINT_URL": server.endpoint,
        "AWS_ACCESS_KEY_ID": server.key,
        "AWS_SECRET_ACCESS_KEY": server.secret,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    return ObjectStore(server.endpoint, "", env)


def from_environment() -> ObjectStore:
    """The store that this process's environment names, without a bucket."""
    names = ("AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
    return of_server(Server("", *(os.environ[name] for name in names)))


@pytest.fixture(scope="session")
def object_store_server() -> Iterator[ObjectStore]:
    """The session's server."""
    with object_store() as store:
        yield store


@pytest.fixture(name="object_store")
def _object_store(
    object_store_server: ObjectStore, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[ObjectStore]:
    """A fresh bucket on the session's server, and this process's environment set for it."""
    for name, value in object_store_server.env.items():
        monkeypatch.setenv(name, value)
    forget_connections()
    name = f"test-{hashlib.sha256(request.node.nodeid.encode()).hexdigest()[:16]}"
    yield object_store_server.with_bucket(name)
    forget_connections()


def forget_connections() -> None:
    """fsspec keeps file systems with the credentials that they began with; after a change they are to begin anew."""
    import s3fs

    s3fs.S3FileSystem.clear_instance_cache()
