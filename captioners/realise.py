"""Words from templates: a sandbox that gives text with its spans, so that no offset is ever counted by hand.

A template file holds one message; each line that is not a comment is one phrasing of it. Slots are values made here:
a ``Mention`` (a noun phrase with its instance ids) or plain text. Mentions leave marks that become ``Phrase`` spans.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

from jinja2 import StrictUndefined, Template, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from pairforge.errors import PairforgeError
from pairforge.sample import Caption, Phrase, Statement

_OPEN, _MIDDLE, _CLOSE = "\ue000", "\ue001", "\ue002"
_MARK = re.compile(f"{_OPEN}([0-9,]+){_MIDDLE}|{_CLOSE}")


class CaptionTemplateError(PairforgeError):
    """A caption template does not parse, asks for something it was not given, or tries to leave the sandbox."""


@dataclass(frozen=True)
class Mention:
    """A noun phrase: its words, the instances it names, the facts that its words state, whether it is plural.

    ``form``: how it picks them out ("a", "the", "nearest", "one_of", "group", "it"); ``qualities`` and ``word`` are
    what it calls them.
    """

    words: str
    instance_ids: tuple[int, ...]
    fact_ids: tuple[int, ...] = ()
    plural: bool = False
    form: str = "group"
    qualities: tuple[str, ...] = ()
    word: str = ""

    def __str__(self) -> str:
        ids = ",".join(str(i) for i in self.instance_ids)
        return f"{_OPEN}{ids}{_MIDDLE}{self.words}{_CLOSE}"


@dataclass(frozen=True)
class Mentions:
    """Several noun phrases in a row: "a mug, two cubes and a ball"."""

    members: tuple[Mention, ...]

    @property
    def plural(self) -> bool:
        return len(self.members) > 1 or self.members[0].plural

    @property
    def fact_ids(self) -> tuple[int, ...]:
        return tuple(f for m in self.members for f in m.fact_ids)

    def __str__(self) -> str:
        said = [str(m) for m in self.members]
        return said[0] if len(said) == 1 else f"{', '.join(said[:-1])} and {said[-1]}"


Slot = Mention | Mentions | str | None


@dataclass(frozen=True)
class Message:
    """One sentence to be said: the template's name, what fills it, and the facts it states beside its mentions'."""

    template: str
    slots: Mapping[str, Slot] = field(default_factory=dict)
    fact_ids: tuple[int, ...] = ()

    @property
    def all_fact_ids(self) -> tuple[int, ...]:
        """Own facts and those of the mentions, ascending, once each."""
        mentioned = [f for s in self.slots.values() if isinstance(s, Mention | Mentions) for f in s.fact_ids]
        return tuple(sorted({*self.fact_ids, *mentioned}))


def does(who: Mention | Mentions, singular: str, plural: str) -> str:
    """The subject with its verb in agreement."""
    return f"{who} {plural if who.plural else singular}"


def verb(who: Mention | Mentions, singular: str, plural: str) -> str:
    """The verb alone, in agreement with a subject that stands elsewhere."""
    return plural if who.plural else singular


@cache
def sandbox() -> ImmutableSandboxedEnvironment:
    """An environment with no globals, no loader and two filters: a template reaches its slots and nothing else."""
    env = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False)
    env.globals.clear()
    env.filters = {"does": does, "verb": verb}
    return env


def compile_phrasing(source: str) -> Template:
    """One phrasing; CaptionTemplateError when it does not parse."""
    try:
        return sandbox().from_string(source)
    except TemplateError as error:
        raise CaptionTemplateError(f"the caption template {source!r} does not parse: {error}") from error


@cache
def phrasings(name: str) -> tuple[Template, ...]:
    """The phrasings of a message, in the order of its file."""
    text = (files("pairforge.captioners") / "templates" / f"{name}.j2").read_text("utf-8")
    lines = [line.strip() for line in text.splitlines()]
    return tuple(compile_phrasing(line) for line in lines if line and not line.startswith("{#"))


def realise(template: Template, slots: Mapping[str, Slot]) -> str:
    """The marked sentence; CaptionTemplateError when the template misbehaves."""
    try:
        text = template.render(slots)
    except (TemplateError, TypeError, ArithmeticError, AttributeError, KeyError) as error:
        raise CaptionTemplateError(f"a caption template failed: {error}") from error
    return capitalised(re.sub(r"\s+", " ", text).strip())


def capitalised(marked: str) -> str:
    """The first letter that a reader sees in upper case."""
    at = 0
    while found := _MARK.match(marked, at):
        at = found.end()
    return marked[:at] + marked[at : at + 1].upper() + marked[at + 1 :]


def caption_of(
    kind: str, sensor: str, sentences: Sequence[tuple[str, tuple[int, ...]]], template: str
) -> Caption:
    """Joins marked sentences, each with the facts it states, into a caption with its spans."""
    text, phrases, statements = "", [], []
    for marked, fact_ids in sentences:
        text += " " if text else ""
        start = len(text)
        plain, spans = _unmark(marked)
        phrases += [Phrase(start + a, start + b, ids) for a, b, ids in spans]
        text += plain
        statements.append(Statement(start, len(text), fact_ids))
    phrases.sort(key=lambda p: (p.start, -p.end))
    return Caption(kind, "en", sensor, text, tuple(phrases), tuple(statements), template)


def _unmark(marked: str) -> tuple[str, list[tuple[int, int, tuple[int, ...]]]]:
    plain, spans, at = "", [], 0
    opened: list[tuple[int, tuple[int, ...]]] = []
    for mark in _MARK.finditer(marked):
        plain += marked[at : mark.start()]
        at = mark.end()
        if mark.group(1) is None:
            start, ids = opened.pop()
            spans.append((start, len(plain), ids))
        else:
            opened.append((len(plain), tuple(int(i) for i in mark.group(1).split(","))))
    return plain + marked[at:], spans
