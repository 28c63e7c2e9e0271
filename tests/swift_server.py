"""OpenStack Swift with its S3 middleware on this machine: a proxy, and servers of accounts, containers, objects.

``tests/environments/stores.sh`` installs it. Its disk is a folder whose file system must hold extended attributes
(ext4, xfs, newer tmpfs).
"""

from __future__ import annotations

import contextlib
import os
import pwd
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from tests.store_servers import Server, await_answer, free_ports, process

HOME = Path(sys.prefix).resolve().parent / ".venvs" / "swift" / "bin"
_KINDS = ("account", "container", "object")
_ALL = """[swift-hash]
swift_hash_path_suffix = pairforge
[storage-policy:0]
name = one
default = yes
"""
_EACH = """[DEFAULT]
bind_ip = 127.0.0.1
bind_port = {port}
workers = 0
user = {user}
swift_dir = {folder}
devices = {folder}/srv
mount_check = false
fallocate_reserve = 0
"""
_STORAGE = """[pipeline:main]
pipeline = {kind}-server
[app:{kind}-server]
use = egg:swift#{kind}
"""
_PROXY = """[pipeline:main]
pipeline = catch_errors listing_formats bulk s3api tempauth slo dlo proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:listing_formats]
use = egg:swift#listing_formats
[filter:bulk]
use = egg:swift#bulk
[filter:s3api]
use = egg:swift#s3api
location = us-east-1
[filter:tempauth]
use = egg:swift#tempauth
user_pairforge_test = {secret} .admin
[filter:slo]
use = egg:swift#slo
[filter:dlo]
use = egg:swift#dlo
"""


@contextlib.contextmanager
def swift(folder: Path) -> Iterator[Server]:
    """Raises FileNotFoundError when it is not installed."""
    if not HOME.is_dir():
        raise FileNotFoundError(f"{HOME} is not there: run tests/environments/stores.sh")
    (folder / "srv" / "disk").mkdir(parents=True)
    (folder / "swift.conf").write_text(_ALL)
    log, user = folder / "log", pwd.getpwuid(os.geteuid()).pw_name
    ports = dict(zip((*_KINDS, "proxy"), free_ports(4), strict=True))
    server = Server("swift", f"http://127.0.0.1:{ports['proxy']}", "pairforge:test", "pairforge-test-secret")
    for kind, port in ports.items():
        more = _PROXY.format(secret=server.secret) if kind == "proxy" else _STORAGE.format(kind=kind)
        (folder / f"{kind}.conf").write_text(_EACH.format(port=port, user=user, folder=folder) + more)
        if kind != "proxy":
            _ring(folder / f"{kind}.builder", port)
    with ExitStack() as stack:
        commands = ([HOME / f"swift-{kind}-server", folder / f"{kind}.conf"] for kind in ports)
        them = [stack.enter_context(process(command, log)) for command in commands]
        await_answer(server.client().list_buckets, them, log)
        yield server


def _ring(builder: Path, port: int) -> None:
    for words in (("create", "2", "1", "1"), ("add", f"r1z1-127.0.0.1:{port}/disk", "1"), ("rebalance",)):
        subprocess.run(
            [HOME / "swift-ring-builder", builder, *words], check=words[0] != "rebalance", capture_output=True
        )
