"""Times, sizes and amounts as people write them."""

from __future__ import annotations

import re

from pairforge.errors import SpecError

_SECONDS = {"s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0}
_POWERS = ("", "K", "M", "G", "T")
_BYTES = {p + s: 1 << 10 * n for n, p in enumerate(_POWERS) for s in ("", "B", "IB") if p or s != "IB"}


def seconds_of(text: str) -> float:
    """Seconds of a time; a bare number is seconds. Raises SpecError.

    >>> seconds_of("90"), seconds_of("10m"), seconds_of("1.5h")
    (90.0, 600.0, 5400.0)
    """
    number, unit = _parts(text, "a time such as 90s, 10m or 2h")
    if (factor := _SECONDS.get(unit.lower() or "s")) is None or number <= 0:
        raise SpecError(f'"{text}" is no time above zero: write 90s, 10m or 2h')
    return number * factor


def bytes_of(text: str) -> int:
    """Bytes of a size; units count by 1024. Raises SpecError.

    >>> bytes_of("4GiB"), bytes_of("512M")
    (4294967296, 536870912)
    """
    number, unit = _parts(text, "a size such as 4GiB or 800MiB")
    if (factor := _BYTES.get(unit.upper())) is None or number <= 0:
        raise SpecError(f'"{text}" is no size above zero: write 4GiB or 800MiB')
    return round(number * factor)


def bytes_text(size: int) -> str:
    """A size for people.

    >>> bytes_text(1288490189)
    '1.2 GiB'
    """
    value, names = float(size), ["B", "KiB", "MiB", "GiB", "TiB"]
    while value >= 1024 and len(names) > 1:
        value, names = value / 1024, names[1:]
    return f"{value:.1f} {names[0]}"


def _parts(text: str, what: str) -> tuple[float, str]:
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([A-Za-z]*)\s*", text)
    if found is None:
        raise SpecError(f'"{text}" is not {what}')
    return float(found[1]), found[2]


def printable(text: str, also: str = "") -> str:
    """Text of a file or a stranger as a terminal may show it: no control characters but those of ``also``.

    >>> printable("red\x1b[2J")
    'red?[2J'
    """
    return "".join(c if c.isprintable() or c in also else "?" for c in text)


def amount(count: int, one: str, many: str | None = None) -> str:
    """How many there are of what.

    >>> amount(1, "job"), amount(2000, "job"), amount(2, "retry", "retries")
    ('1 job', '2,000 jobs', '2 retries')
    """
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def times(count: int) -> str:
    """How often.

    >>> times(1), times(3)
    ('once', '3 times')
    """
    return "once" if count == 1 else f"{count} times"
