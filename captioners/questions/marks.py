"""Marks around noun phrases, so that their places in the text need no counting by hand."""

from __future__ import annotations

import re

from pairforge.sample import Phrase

_OPEN, _MIDDLE, _CLOSE = "\ue000", "\ue001", "\ue002"
_MARK = re.compile(f"{_OPEN}([0-9,]+){_MIDDLE}|{_CLOSE}")


def marked(words: str, instance_ids: tuple[int, ...]) -> str:
    """The words, as a phrase that names these instances."""
    return f"{_OPEN}{','.join(str(i) for i in instance_ids)}{_MIDDLE}{words}{_CLOSE}"


def unmarked(text: str) -> tuple[str, tuple[Phrase, ...]]:
    """The text as a reader sees it, its first letter in upper case, and the phrases in it."""
    plain, at, phrases = "", 0, []
    opened: tuple[int, tuple[int, ...]] = (0, ())
    for mark in _MARK.finditer(text):
        plain += text[at : mark.start()]
        at = mark.end()
        if mark[1] is None:
            phrases.append(Phrase(opened[0], len(plain), opened[1]))
        else:
            opened = (len(plain), tuple(int(i) for i in mark[1].split(",")))
    plain += text[at:]
    return plain[:1].upper() + plain[1:], tuple(phrases)
