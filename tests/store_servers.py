"""Servers that speak S3, each of another maker, started on this machine for tests.

    with running("seaweedfs") as server: server.endpoint, server.key, server.secret

A server's files lie in a temporary folder. Its processes end with the ``with`` block, or with this process, however
it ends. docs/storage.md tells what each of them is.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

REGION = "us-east-1"
CHOSEN = "PAIRFORGE_TEST_STORE"
"""Environment variable: the server that tests use instead of ``DEFAULT``."""
DEFAULT = "seaweedfs"
_KEY, _SECRET = "PAIRFORGETESTKEY", "pairforge-test-secret"
_WITHIN_S = 60.0


@dataclass(frozen=True)
class Server:
    """Where a server answers, and the keys of one who may do everything there."""

    name: str
    endpoint: str
    key: str = _KEY
    secret: str = _SECRET

    def client(self, service: str = "s3") -> Any:
        """A plain client of botocore's that asks once."""
        return plain_client(service, self.endpoint, self.key, self.secret)


def plain_client(service: str, endpoint: str, key: str, secret: str) -> Any:
    """A client that knows nothing of fsspec. Checksums of answers go unchecked: some servers send an object's with a
    part of it."""
    from botocore.config import Config
    from botocore.session import Session

    once = Config(
        retries={"total_max_attempts": 1},
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        s3={"addressing_style": "path"},
    )
    keys = {"aws_access_key_id": key, "aws_secret_access_key": secret}
    return Session().create_client(service, region_name=REGION, endpoint_url=endpoint, config=once, **keys)


@contextlib.contextmanager
def running(name: str = "") -> Iterator[Server]:
    """The server of that name (by default the chosen one), ready to take requests.

    Raises FileNotFoundError when its program is not installed, RuntimeError with its last words when it ends early.
    """
    name = name or os.environ.get(CHOSEN) or DEFAULT
    with (
        tempfile.TemporaryDirectory(prefix=f"{name}-", ignore_cleanup_errors=True) as folder,
        SERVERS[name](Path(folder)) as server,
    ):
        yield server


@contextlib.contextmanager
def process(
    command: Sequence[str | Path], log: Path, env: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """A process that writes to ``log`` and is killed at the end, or by the kernel when this process dies."""
    leashed = ["setpriv", "--pdeathsig", "KILL", "--", *map(str, command)]
    with (
        log.open("ab") as words,
        subprocess.Popen(
            leashed, stdout=words, stderr=words, stdin=subprocess.DEVNULL, env={**os.environ, **(env or {})}
        ) as its,
    ):
        try:
            yield its
        finally:
            its.send_signal(signal.SIGKILL)


def program(name: str) -> Path:
    """A program that came with a Python package, or is on the PATH. Raises FileNotFoundError."""
    beside = Path(sys.executable).parent / name
    found = beside if beside.exists() else shutil.which(name)
    if not found:
        raise FileNotFoundError(f'there is no "{name}" beside {sys.executable} nor on the PATH')
    return Path(found)


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on."""
    with ExitStack() as probes:
        held = [probes.enter_context(socket.socket()) for _ in range(count)]
        for probe in held:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in held]


def await_answer(
    ask: Callable[[], object],
    running: Sequence[subprocess.Popen[bytes]],
    log: Path,
    within_s: float = _WITHIN_S,
) -> None:
    """Ask until there is an answer. Raises RuntimeError with the log's end when a process ended or time is up."""
    deadline = time.monotonic() + within_s
    while True:
        try:
            ask()
            return
        except Exception as error:
            ended = [p.returncode for p in running if p.poll() is not None]
            if ended or time.monotonic() > deadline:
                last = log.read_text(errors="replace")[-6000:]  # a trace of Go's comes after the reason
                raise RuntimeError(
                    f"the server ended ({ended}) or never answered ({error}): {last}"
                ) from error
            time.sleep(0.05)


@contextlib.contextmanager
def seaweedfs(folder: Path) -> Iterator[Server]:
    """SeaweedFS: a distributed store (master, volumes, filer, S3 gateway) in one process, without telemetry."""
    for attempt in range(3):
        try:
            with _seaweedfs(folder / str(attempt)) as server:
                yield server
                return
        except _PortTakenError:  # between our look and its own another process took one
            continue
    raise RuntimeError("no port stayed free")


class _PortTakenError(RuntimeError): ...


@contextlib.contextmanager
def _seaweedfs(folder: Path) -> Iterator[Server]:
    folder.mkdir()
    users, log = folder / "users.json", folder / "log"
    may = ["Admin", "Read", "Write", "List", "Tagging"]
    keys = [{"accessKey": _KEY, "secretKey": _SECRET}]
    users.write_text(json.dumps({"identities": [{"name": "pairforge", "credentials": keys, "actions": may}]}))
    parts = ("master", "volume", "filer", "admin", "s3")
    ports = free_ports(2 * len(parts))
    words = [f"-{p}.port={n}" for p, n in zip(parts, ports[:5], strict=True)]
    words += [f"-{p}.port.grpc={n}" for p, n in zip(parts, ports[5:], strict=True)]
    words += ["-ip=127.0.0.1", "-ip.bind=127.0.0.1", f"-dir={folder}", f"-s3.config={users}"]
    words += ["-s3.port.iceberg=0", "-s3.port.lance=0", "-admin.ui=false", "-webdav=false"]
    words += ["-master.telemetry=false", "-s3.autoCreateBucket=false", "-master.volumeSizeLimitMB=64"]
    words += [
        "-volume.max=2000",
        f"-filer.localSocket={folder}/filer.sock",
        f"-s3.localSocket={folder}/s3.sock",
    ]
    server = Server("seaweedfs", f"http://127.0.0.1:{ports[4]}")
    with _without_sockets(ports), process([program("weed"), f"-logdir={folder}", "mini", *words], log) as its:
        try:
            await_answer(server.client().list_buckets, [its], log)
        except RuntimeError as error:
            if "address already in use" in str(error):
                raise _PortTakenError from error
            raise
        yield server


@contextlib.contextmanager
def _without_sockets(ports: Sequence[int]) -> Iterator[None]:
    """SeaweedFS leaves sockets in /tmp, each named after a port."""
    try:
        yield
    finally:
        for port in ports:
            for left in Path("/tmp").glob(f"seaweedfs-*-{port}.sock"):
                left.unlink(missing_ok=True)


@contextlib.contextmanager
def rclone(folder: Path) -> Iterator[Server]:
    """rclone's own S3 over a folder: each object a file, each bucket a folder."""
    (folder / "data").mkdir()
    (port,), log = free_ports(1), folder / "log"
    server = Server("rclone", f"http://127.0.0.1:{port}")
    words = ["--config", os.devnull, "--addr", f"127.0.0.1:{port}", "--auth-key", f"{_KEY},{_SECRET}"]
    with process([program("rclone"), "serve", "s3", *words, folder / "data"], log) as its:
        await_answer(server.client().list_buckets, [its], log)
        yield server


@contextlib.contextmanager
def moto(folder: Path) -> Iterator[Server]:
    """moto: S3's answers from memory, told to check keys and what they may do, as S3 does."""
    (port,), log = free_ports(1), folder / "log"
    endpoint = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    begun = {"INITIAL_NO_AUTH_ACTION_COUNT": "4"}  # those of _user; from then on it checks
    with process(command, log, begun) as its:
        await_answer(lambda: socket.create_connection(("127.0.0.1", port)).close(), [its], log)
        yield Server("moto", endpoint, *_moto_user(endpoint))


def _moto_user(endpoint: str) -> tuple[str, str]:
    iam = plain_client("iam", endpoint, "nobody", "nothing")
    statement = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.create_user(UserName="pairforge")
    iam.put_user_policy(UserName="pairforge", PolicyName="all", PolicyDocument=policy)
    key = iam.create_access_key(UserName="pairforge")["AccessKey"]
    iam.get_user(UserName="pairforge")
    return key["AccessKeyId"], key["SecretAccessKey"]


def swift(folder: Path) -> AbstractContextManager[Server]:
    """OpenStack Swift, of several processes."""
    from tests.swift_server import swift as its

    return its(folder)


SERVERS: dict[str, Callable[[Path], AbstractContextManager[Server]]] = {
    "seaweedfs": seaweedfs,
    "rclone": rclone,
    "moto": moto,
    "swift": swift,
}
"""Name -> what starts it in a folder."""


def bucket_name() -> str:
    """A name that no bucket has yet."""
    return f"pairforge-{secrets.token_hex(6)}"
