"""A structured log: one JSON object a line, for machines that collect logs. Nothing of it reaches a dataset."""

from __future__ import annotations

import json
import logging
import re
import socket
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from pairforge.datasets.files import disk_errors
from pairforge.farm.protocol import Done, Failure

LOGGER = "pairforge"
FIELDS = ("time", "level", "event", "host", "job", "scene", "frames", "seconds", "reason", "tries", "message")
"""Every line has these, in this order, null where they say nothing; those of ``MORE`` may follow."""
MORE = ("stages", "peak_bytes", "bytes")
MESSAGE_CHARACTERS = 4000
T = TypeVar("T")
logging.getLogger(LOGGER).addHandler(logging.NullHandler())  # a program that asks for no log is told nothing
SECRET = re.compile(
    r"(?P<before>://)[^/\s@]*:[^/\s@]*(?P<after>@)"
    r"|(?P<name>(?:X-Amz-\w+|AWSAccessKeyId|Signature|sig|\w*token|\w*secret\w*|password|\w*api_?key)[\"']?\s*[=:]\s*[\"']?)[^\s&\"',;]+",
    re.IGNORECASE,
)


class JsonLines(logging.Formatter):
    """A record as one line of JSON; ``common`` stands in every line. What other libraries log has the event "log"."""

    def __init__(self, common: Mapping[str, Any]) -> None:
        super().__init__()
        self._common = {"host": socket.gethostname(), **common}

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = dict.fromkeys(FIELDS)
        line |= {"time": _time(record), "level": record.levelname.lower(), "event": "log", **self._common}
        line |= getattr(record, "told", {})
        text = record.getMessage()
        if record.exc_info:
            text += "\n" + self.formatException(record.exc_info)
        line["message"] = without_secrets(text[:MESSAGE_CHARACTERS]) or None
        return json.dumps(line, ensure_ascii=False, default=str)


def say(event: str, message: str = "", level: int = logging.INFO, **fields: Any) -> None:
    """Log an event with fields of ``FIELDS`` and ``MORE``."""
    logging.getLogger(LOGGER).log(level, "%s", message, extra={"told": {"event": event, **fields}})


def say_result(result: Done | Failure) -> None:
    """Log how a scene ended."""
    if isinstance(result, Failure):
        say("scene_failed", str(result.error), logging.ERROR, **_of(result))
        return
    stages = {name: round(s, 3) for name, s in result.seconds.items()}
    say(
        "scene_done",
        scene=result.index,
        frames=result.frames,
        seconds=round(sum(s for name, s in result.seconds.items() if not name.startswith("wait")), 3),
        tries=result.tries,
        stages=stages,
        peak_bytes=result.peak_bytes,
        bytes=result.bytes,
    )


def say_retry(failure: Failure) -> None:
    """Log a try that was lost and will be made again."""
    say("scene_retried", str(failure.error), logging.WARNING, **_of(failure))


def tell_all(*listeners: Callable[[T], None]) -> Callable[[T], None]:
    """One listener that tells all of these."""

    def all_of(what: T) -> None:
        for listener in listeners:
            listener(what)

    return all_of


def without_secrets(text: str) -> str:
    """Text in which what looks like a credential is stars.

    >>> without_secrets("s3://me:hush@store/x?X-Amz-Signature=abc&y=1")
    's3://***@store/x?X-Amz-Signature=***&y=1'
    """
    return SECRET.sub(lambda m: f"{m['before']}***{m['after']}" if m["before"] else f"{m['name']}***", text)


@contextmanager
def log_to(target: str | None, **common: Any) -> Iterator[None]:
    """Log into a file (lines are added to it) or, for "-", to standard error, while the block lasts; None: nowhere.

    Raises MachineError when the file cannot be opened. A disk that fills up later loses lines, never the work.
    """
    logger = logging.getLogger(LOGGER)
    handler = _handler(target) if target else logging.NullHandler()
    handler.setFormatter(JsonLines(common))
    level, propagate = logger.level, logger.propagate
    logger.addHandler(handler)
    logger.setLevel(logging.INFO if target else logging.CRITICAL + 1)
    logger.propagate = False
    try:
        yield
    except BaseException as error:
        say("ended", f"{type(error).__name__}: {error}", logging.ERROR)
        raise
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)
        logger.propagate = propagate
        with suppress(OSError):  # a full disk says so again when its file is closed
            handler.close()


def _of(failure: Failure) -> dict[str, Any]:
    return {"scene": failure.index, "reason": failure.reason, "tries": failure.tries}


def _time(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")


class _Quiet:
    """A handler that lost a line says nothing on standard error: the logging module would print a traceback."""

    def handleError(self, record: logging.LogRecord) -> None: ...


class _File(_Quiet, logging.FileHandler): ...


class _Stream(_Quiet, logging.StreamHandler[Any]): ...


def _handler(target: str) -> logging.Handler:
    if target == "-":
        return _Stream(sys.stderr)
    path = Path(target)
    with disk_errors(f"write the log {path}"):
        path.parent.mkdir(parents=True, exist_ok=True)
        return _File(path, encoding="utf-8")
