"""XML that a stranger wrote, as a tree that knows its line numbers and says what is wrong with it.

Document types, entities and references to other files are refused before anything is expanded; size, depth and
number of elements are bounded.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from math import isfinite
from typing import Any
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from pairforge.errors import SpecError, did_you_mean
from pairforge.units import printable

MOST_BYTES = 64 << 20
MOST_ELEMENTS = 1_000_000
DEEPEST = 32
_CHUNK = 1 << 16
_PACKED = {b"\x1f\x8b": "gzip", b"PK\x03\x04": "zip", b"BZh": "bzip2", b"\xfd7zXZ": "xz"}


@dataclass(eq=False, slots=True)
class Node:
    """An element: ``tag`` without its namespace, its attributes, its children, its line in the file."""

    tag: str
    attributes: dict[str, str]
    line: int
    source: str
    parent: Node | None = None
    children: list[Node] = field(default_factory=list)

    def all(self, *path: str) -> Iterator[Node]:
        """The descendants along a path of tags, in the file's order."""
        for child in self.children:
            if child.tag == path[0]:
                if len(path) == 1:
                    yield child
                else:
                    yield from child.all(*path[1:])

    def first(self, *path: str) -> Node | None:
        return next(self.all(*path), None)

    def only(self, tag: str) -> Node:
        """The child that must be there."""
        found = self.first(tag)
        if found is None:
            raise self.error(f"it has no <{tag}>; one is needed here")
        return found

    def error(self, text: str) -> SpecError:
        """An error about this element: file, line, which element, what."""
        return SpecError(f"{self.source}: line {self.line}: {self._where()}: {text}")

    def _where(self) -> str:
        """The element and the nearest one with an id around it, as in <geometry> of road 7."""
        own = self._name()
        above = self.parent
        while above is not None and not (above.tag in ("road", "junction") and "id" in above.attributes):
            above = above.parent
        return own if above is None else f"{own} of {above._name()}"

    def _name(self) -> str:
        number = self.attributes.get("id")
        return f"<{self.tag}>" if number is None else f"{self.tag} {_short(number)}"

    def text(self, name: str, default: str | None = None) -> str:
        """An attribute; SpecError if it is not there and has no default."""
        value = self.attributes.get(name, default)
        if value is None:
            close = did_you_mean(name, self.attributes) if self.attributes else ""
            hint = close if close.startswith("Did") else "One is needed here."
            raise self.error(f'it has no attribute "{name}". {hint}')
        return value

    def number(
        self, name: str, default: float | None = None, low: float = -1e12, high: float = 1e12
    ) -> float:
        """A finite number within bounds."""
        if default is not None and name not in self.attributes:
            return default
        text = self.text(name)
        try:
            value = float(text) if len(text) <= 64 and text.isascii() and "_" not in text else float("nan")
        except ValueError:
            value = float("nan")
        if not isfinite(value):
            raise self.error(f'{name} is "{_short(text)}"; it must be a finite number')
        if not low <= value <= high:
            raise self.error(f"{name} is {value:g}; it must lie in {low:g}..{high:g}")
        return value

    def whole(self, name: str) -> int:
        """A whole number, as lanes count."""
        text = self.text(name)
        if not text.strip().lstrip("+-").isdecimal() or len(text) > 12 or not text.isascii():
            raise self.error(f'{name} is "{_short(text)}"; it must be a whole number')
        return int(text)

    def word(self, name: str, known: Iterable[str], default: str | None = None) -> str:
        """One of the words that are known there."""
        value = self.text(name, default)
        if value not in set(known):
            raise self.error(f'{name} is "{_short(value)}". {did_you_mean(value[:60], known)}')
        return value


def _short(text: str) -> str:
    """Text of a stranger as part of a message."""
    plain = printable(text[:61])
    return plain if len(text) <= 60 else f"{plain[:60]}…"


class _Builder:
    """A parser's target that makes nodes and counts them."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.root: Node | None = None
        self.parser: Any = None
        self._open: list[Node] = []
        self._count = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._count += 1
        line = self.parser.parser.CurrentLineNumber
        above = self._open[-1] if self._open else None
        node = Node(tag.rpartition("}")[2], dict(attributes), line, self.source, above)
        if self._count > MOST_ELEMENTS:
            raise node.error(f"there are more than {MOST_ELEMENTS} elements; split the map")
        if len(self._open) >= DEEPEST:
            raise SpecError(
                f"{self.source}: line {line}: elements are nested {DEEPEST} deep; about 10 are enough"
            )
        if above is None:
            self.root = node
        else:
            above.children.append(node)
        self._open.append(node)

    def end(self, tag: str) -> None:
        self._open.pop()

    def data(self, text: str) -> None:
        """Text between elements means nothing to us."""

    def close(self) -> None:
        """Nothing to hand back: ``root`` is it."""


def parse(data: bytes, source: str) -> Node:
    """The root element. SpecError says what is wrong and in which line; ``source`` names the file in messages."""
    if len(data) > MOST_BYTES:
        raise SpecError(
            f"{source}: {len(data) >> 20} MB; at most {MOST_BYTES >> 20} MB are read. Cut the map into parts."
        )
    if not data.strip():
        raise SpecError(f"{source} is empty; it should be XML")
    builder = _Builder(source)
    parser = DefusedXMLParser(target=builder, forbid_dtd=True)
    builder.parser = parser
    try:
        for start in range(0, len(data), _CHUNK):
            parser.feed(data[start : start + _CHUNK])
        parser.close()
    except ParseError as error:
        line, column = error.position
        what = str(error).partition(":")[0]
        kind = next((name for magic, name in _PACKED.items() if data.startswith(magic)), "")
        hint = f"it is a {kind} archive; unpack it" if kind else "is it the right file, and whole?"
        raise SpecError(f"{source}: line {line}, column {column}: no XML ({what}); {hint}") from None
    except DefusedXmlException:
        raise SpecError(
            f"{source}: line {parser.parser.CurrentLineNumber}: it declares a document type or entities, which "
            "nobody needs here and which can hide harm; delete the <!DOCTYPE …> part"
        ) from None
    except (ValueError, LookupError) as error:
        if isinstance(error, SpecError):
            raise
        raise SpecError(f"{source}: its text cannot be decoded ({error}); save it as UTF-8") from None
    if builder.root is None:
        raise SpecError(f"{source} holds no element; it should be XML")
    return builder.root
