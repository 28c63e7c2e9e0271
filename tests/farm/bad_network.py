"""A bad line to an HTTP server: answers come late, or are refused, or never come although the work was done."""

from __future__ import annotations

import http.client
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from urllib.parse import urlsplit

from pairforge.seeding import Stream

SLOW_DOWN = (
    b"<?xml version='1.0'?><Error><Code>SlowDown</Code><Message>Reduce your request rate.</Message></Error>"
)
TROUBLES = ("late", "refused", "lost on the way", "answer lost")


class BadNetwork:
    """What befalls the n-th request is drawn from a named stream: one of ``TROUBLES`` with probability ``share``.

    ``cut``: while set, nothing gets through. ``met`` counts troubles by kind, and "fine".
    """

    def __init__(self, endpoint: str, seed: int, share: float = 0.1, late_s: float = 1.0) -> None:
        self.endpoint = endpoint
        self.met: Counter[str] = Counter()
        self.cut = threading.Event()
        self._draws, self._share, self._late_s = Stream(seed, "bad network"), share, late_s
        self._numbers, self._lock = count(), threading.Lock()

    def trouble(self) -> tuple[str, float]:
        """What befalls the next request ("fine", "cut" or one of ``TROUBLES``), and by how much it is late."""
        with self._lock:
            rng = (self._draws / next(self._numbers)).rng()
            struck, kind, late = rng.random() < self._share, rng.integers(len(TROUBLES)), rng.random()
            what = "cut" if self.cut.is_set() else TROUBLES[kind] if struck else "fine"
            self.met[what] += 1
        return what, self._late_s * late if what == "late" else 0.0


@contextmanager
def bad_network(network: BadNetwork) -> Iterator[str]:
    """Serves on a port of this machine until the ``with`` block ends; gives the URL to use in the server's stead."""

    class Handler(_Handler):
        bad = network

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    bad: BadNetwork
    protocol_version = "HTTP/1.1"

    def _any(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        what, late_s = self.bad.trouble()
        time.sleep(late_s)
        if what == "refused":
            self._answer(503, {"Content-Type": "application/xml"}, SLOW_DOWN)
        elif what in ("cut", "lost on the way"):
            self._hang_up()
        else:
            answer = self._passed_on(body)
            if what == "answer lost":
                self._hang_up()
            else:
                self._answer(*answer)

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = _any  # noqa: N815

    def _passed_on(self, body: bytes) -> tuple[int, Mapping[str, str], bytes]:
        target = urlsplit(self.bad.endpoint)
        line = http.client.HTTPConnection(target.hostname or "", target.port, timeout=60)
        try:
            line.request(self.command, self.path, body, dict(self.headers.items()))
            answer = line.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()
        finally:
            line.close()

    def _answer(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self.send_response_only(status)
        dropped = {"connection", "transfer-encoding", "content-length"}
        for name, value in headers.items():
            if name.lower() not in dropped:
                self.send_header(name, value)
        length = headers.get("Content-Length", "0") if self.command == "HEAD" else str(len(body))
        self.send_header("Content-Length", length)
        self.end_headers()
        if self.command != "HEAD":
            with suppress(OSError):
                self.wfile.write(body)

    def _hang_up(self) -> None:
        self.close_connection = True
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, format: str, *args: object) -> None:
        """Silence: the storm's story is told elsewhere."""
