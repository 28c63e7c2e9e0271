"""A proxy that stands before a test's object store and lets some requests go wrong, over real connections.

    with faulty_proxy(store, fault) as (bad, seen): ...

``fault`` is told the method, the path and how often that request has come (from 1), and says what befalls it:
"500" or "503" (the store says no), "reset" (the connection breaks amid the request's body), "cut" (it breaks amid the
answer's), a number of seconds (the answer comes that much later), or None.
"""

from __future__ import annotations

import contextlib
import http.client
import socket
import struct
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from tests.object_store import ObjectStore

Fault = Callable[[str, str, int], str | float | None]
_ERROR = (
    "<?xml version='1.0'?><Error><Code>{}</Code><Message>Please reduce your request rate.</Message></Error>"
)
_HOP_BY_HOP = ("connection", "keep-alive", "transfer-encoding", "content-length", "expect")


@contextlib.contextmanager
def faulty_proxy(store: ObjectStore, fault: Fault) -> Iterator[tuple[ObjectStore, Counter[tuple[str, str]]]]:
    """The same bucket seen through the proxy, and how often each (method, path) was asked for."""
    seen: Counter[tuple[str, str]] = Counter()
    lock = threading.Lock()
    upstream = urlsplit(store.endpoint)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *args: object) -> None:
            pass

        def pass_on(self) -> None:
            path = urlsplit(self.path).path
            with lock:
                seen[self.command, path] += 1
                happens = fault(self.command, path, seen[self.command, path])
            length = int(self.headers.get("Content-Length") or 0)
            if happens == "reset":
                self.rfile.read(length // 2)
                self.reset()
                return
            body = self.rfile.read(length)
            if isinstance(happens, int | float):
                time.sleep(happens)
            elif happens in ("500", "503"):
                self.answer(
                    int(happens),
                    {},
                    _ERROR.format("InternalError" if happens == "500" else "SlowDown").encode(),
                )
                return
            status, headers, data = self.ask(body)
            self.answer(status, headers, data, cut=happens == "cut")

        do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = pass_on  # noqa: N815

        def ask(self, body: bytes) -> tuple[int, dict[str, str], bytes]:
            """What the store says; the request goes on as it came, for its signature covers the Host header."""
            connection = http.client.HTTPConnection(upstream.hostname or "", upstream.port, timeout=60)
            try:
                connection.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
                for name, value in self.headers.items():
                    if name.lower() not in _HOP_BY_HOP:
                        connection.putheader(name, value)
                connection.putheader("Content-Length", str(len(body)))
                connection.endheaders(body)
                reply = connection.getresponse()
                return reply.status, dict(reply.getheaders()), reply.read()
            finally:
                connection.close()

        def answer(self, status: int, headers: dict[str, str], data: bytes, cut: bool = False) -> None:
            self.send_response(status)
            length = headers.get("Content-Length", "0") if self.command == "HEAD" else str(len(data))
            for name, value in headers.items():
                if name.lower() not in (*_HOP_BY_HOP, "date", "server"):
                    self.send_header(name, value)
            self.send_header("Content-Length", length)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(data[: len(data) // 2] if cut else data)
            if cut:
                self.wfile.flush()
                self.reset()

        def reset(self) -> None:
            """Break the connection as a crashed peer does: with RST, not with a farewell."""
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
            self.close_connection = True
            self.rfile = self.wfile = _Nothing()  # type: ignore[assignment]

    server = _Server(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        endpoint = f"http://127.0.0.1:{server.server_address[1]}"
        yield replace(store, endpoint=endpoint, env={**store.env, "AWS_ENDPOINT_URL": endpoint}), seen
    finally:
        server.shutdown()
        server.server_close()


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that break off, or are killed, are what it is for; other errors are told."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class _Nothing:
    """Stands for the streams of a connection that is gone."""

    closed = True

    def close(self) -> None: ...

    def flush(self) -> None: ...

    def readline(self, *_: int) -> bytes:
        return b""
