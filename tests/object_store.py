"""An S3-compatible server of our own: a process that answers over HTTP on this machine, for tests.

It is moto's server (its answers are S3's, its storage is memory), told to check credentials as S3 does. All that a
program needs to reach it stands in its environment, so that child processes and workers reach it too::

    with object_store() as store:
        subprocess.run([...,"--out", store.url("data")], env={**os.environ, **store.env})

In tests, the fixture ``object_store`` is one server for the session; each test gets a bucket of its own, and the
environment set.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from pairforge.datasets.place import place_of

REGION = "us-east-1"
_POLICY = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}],
}


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
def object_store(bucket: str = "pairforge", first: str = "", within_s: float = 60.0) -> Iterator[ObjectStore]:
    """Start a server with one bucket; it ends with the ``with`` block, or with this process.

    ``first``: Python that the server's process runs before it answers, which may fill it faster than HTTP can; it
    must answer ``within_s``.
    """
    port = _free_port()
    command = [sys.executable, "-c", _SERVER, str(port), str(os.getpid()), first]
    environment = {
        **os.environ,
        "INITIAL_NO_AUTH_ACTION_COUNT": "4",
    }  # those of _user; from then on it checks
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as server:
        try:
            endpoint = f"http://127.0.0.1:{port}"
            _await(endpoint, server, within_s)
            key, secret = _user(endpoint)
            env = {
                "AWS_ENDPOINT_URL": endpoint,
                "AWS_ACCESS_KEY_ID": key,
                "AWS_SECRET_ACCESS_KEY": secret,
                "AWS_DEFAULT_REGION": REGION,
                "AWS_CONFIG_FILE": os.devnull,
                "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
                "AWS_EC2_METADATA_DISABLED": "true",
            }
            yield ObjectStore(endpoint, "", env).with_bucket(bucket)
        finally:
            server.kill()


_SERVER = """
import os, sys, threading, time
from moto.server import main
def leave():
    while os.getppid() == int(sys.argv[2]):
        time.sleep(0.5)
    os._exit(0)
threading.Thread(target=leave, daemon=True).start()
exec(sys.argv[3])
main(["-H", "127.0.0.1", "-p", sys.argv[1]])
"""


def _user(endpoint: str) -> tuple[str, str]:
    """Keys of a user who may do everything with S3; whoever comes with others is refused."""
    iam = _client("iam", endpoint, "nobody", "nothing")
    iam.create_user(UserName="pairforge")
    iam.put_user_policy(UserName="pairforge", PolicyName="all", PolicyDocument=json.dumps(_POLICY))
    key = iam.create_access_key(UserName="pairforge")["AccessKey"]
    iam.get_user(UserName="pairforge")
    return key["AccessKeyId"], key["SecretAccessKey"]


@functools.cache
def _client(service: str, endpoint: str, key: str, secret: str) -> Any:
    from botocore.session import Session

    return Session().create_client(
        service,
        region_name=REGION,
        endpoint_url=endpoint,
        aws_access_key_id=key,
        aws_secret_access_key=secret,
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _await(endpoint: str, server: subprocess.Popen[bytes], within_s: float) -> None:
    deadline = time.monotonic() + within_s
    while True:
        if server.poll() is not None:
            raise RuntimeError(f"the object store ended with {server.returncode} before it answered")
        try:
            urllib.request.urlopen(f"{endpoint}/moto-api/data.json", timeout=2).close()
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


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
