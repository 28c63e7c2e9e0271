"""Words from templates: a sandbox that gives text with its spans, so that no offset is ever counted by hand.

A template file holds one message of one language; each line that is not a comment is one phrasing of it. Mentions
reach a template as ``Spoken`` and leave marks that become ``Phrase`` spans.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from jinja2 import Template, TemplateError

from pairforge.captioners.author import AUTHORED
from pairforge.captioners.languages.protocol import Language, language
from pairforge.captioners.meanings import Measure, Mention, Mentions, Slot
from pairforge.captioners.nouns import ON_FOOT
from pairforge.captioners.sandbox import CaptionTemplateError, Sandbox
from pairforge.sample import Caption, Phrase, Statement

_OPEN, _MIDDLE, _CLOSE = "\ue000", "\ue001", "\ue002"
_MARK = re.compile(f"{_OPEN}([0-9,]+){_MIDDLE}|{_CLOSE}")


@dataclass(frozen=True)
class Spoken:
    """A mention, or several, in a language: as text, its words in marks.

    ``who|does(...)`` and the filters of a language take one; ``who.plural`` and ``who.word`` are there for agreement.
    """

    meant: Mention | Mentions
    tongue: Language
    case: str = ""

    @property
    def plural(self) -> bool:
        return self.meant.plural

    @property
    def word(self) -> str:
        """The noun that a verb or pronoun agrees with; "" for a list."""
        return self.meant.word if isinstance(self.meant, Mention) else ""

    def cased(self, case: str) -> Spoken:
        """The same in another grammatical case."""
        return Spoken(self.meant, self.tongue, case)

    def __str__(self) -> str:
        said = self.each
        return said[0] if len(said) == 1 else self.tongue.listed(said)

    @property
    def each(self) -> list[str]:
        """The words of every member, in marks."""
        members = self.meant.members if isinstance(self.meant, Mentions) else (self.meant,)
        return [self._marked(m) for m in members]

    def _marked(self, mention: Mention) -> str:
        ids = ",".join(str(i) for i in mention.instance_ids)
        return f"{_OPEN}{ids}{_MIDDLE}{self.tongue.phrase(mention, self.case)}{_CLOSE}"


def does(who: Spoken, singular: str, plural: str) -> str:
    """The subject with its verb in agreement."""
    return f"{who} {plural if who.plural else singular}"


def verb(who: Spoken, singular: str, plural: str) -> str:
    """The verb alone, in agreement with a subject that stands elsewhere."""
    return plural if who.plural else singular


def opens(who: Spoken, singular: str, plural: str) -> str:
    """The verb before its subject, in agreement with the first of a list: "there is a cup and two mugs"."""
    first = who.meant.members[0] if isinstance(who.meant, Mentions) else who.meant
    return plural if first.plural else singular


def walks(who: Spoken | None) -> bool:
    """Whether somebody goes on legs; we drive."""
    return who is not None and who.word in ON_FOOT


@cache
def sandbox(code: str = "en") -> Sandbox:
    """Where the templates of a language run."""
    return Sandbox({"does": does, "verb": verb, "opens": opens, "walks": walks, **language(code).filters})


def compile_phrasing(source: str, code: str = "en") -> Template:
    """One phrasing; CaptionTemplateError when it does not parse or does what no template may."""
    return sandbox(code).compiled(source)


def _template(name: str, code: str) -> Traversable:
    return files("pairforge.captioners") / "templates" / code / f"{name}.j2"


@cache
def has_words(name: str, code: str) -> bool:
    """Whether a language has a template for a message."""
    return (code, name) in AUTHORED or _template(name, code).is_file()


@cache
def phrasings(name: str, code: str = "en") -> tuple[Template, ...]:
    """The phrasings of a message, in the order of its file; CaptionTemplateError when the language has none."""
    if (code, name) in AUTHORED:
        return AUTHORED[code, name]
    path = _template(name, code)
    if not has_words(name, code):
        raise CaptionTemplateError(
            f'no template "{name}" in language "{code}"; add captioners/templates/{code}/{name}.j2'
        )
    lines = [line.strip() for line in path.read_text("utf-8").splitlines()]
    return tuple(compile_phrasing(line, code) for line in lines if line and not line.startswith("{#"))


def realise(template: Template, slots: Mapping[str, Slot], code: str = "en") -> str:
    """The marked sentence; CaptionTemplateError when the template misbehaves."""
    tongue = language(code)
    try:
        said = {name: _spoken(slot, tongue) for name, slot in slots.items()}
        text = "".join(template.root_render_func(template.new_context(said, shared=True)))
    except (TemplateError, TypeError, ArithmeticError, AttributeError, KeyError, RecursionError) as error:
        raise CaptionTemplateError(f"a caption template failed: {error}") from error
    text = " ".join(text.split())
    return _capitalised(text, tongue) if text.endswith((".", "。")) else text  # tags are no sentence


def _spoken(slot: Slot, tongue: Language) -> Any:
    if isinstance(slot, Mention | Mentions):
        return Spoken(slot, tongue)
    return _measured(slot, tongue.code) if isinstance(slot, Measure) else slot


@lru_cache(maxsize=4096)
def _measured(measure: Measure, code: str) -> str:
    return language(code).measure(measure)


def _capitalised(marked: str, tongue: Language) -> str:
    """The first letter that a reader sees as a sentence begins."""
    at = 0
    while found := _MARK.match(marked, at):
        at = found.end()
    return marked[:at] + tongue.capitalised(marked[at:])


def opening(marked: str, code: str = "en") -> str:
    """The first two words of a sentence, or three characters where words have no space between them; of those about
    ourselves what means us, whatever follows."""
    start = _MARK.sub("", marked[:160])
    tongue = language(code)
    if ours := next((word for word in tongue.ourselves if start.startswith(word)), ""):
        return ours.strip()
    return " ".join(start.split(" ", 2)[:2]) if tongue.joint else start[:3]


def caption_of(
    kind: str, sensor: str, sentences: Sequence[tuple[str, tuple[int, ...]]], template: str, code: str = "en"
) -> Caption:
    """Joins marked sentences, each with the facts it states, into a caption with its spans."""
    text, phrases, statements = "", [], []
    for marked, fact_ids in sentences:
        text += language(code).joint if text else ""
        start = len(text)
        plain, spans = _unmark(marked)
        phrases += [Phrase(start + a, start + b, ids) for a, b, ids in spans]
        text += plain
        statements.append(Statement(start, len(text), fact_ids))
    phrases.sort(key=lambda p: (p.start, -p.end))
    return Caption(kind, code, sensor, text, tuple(phrases), tuple(statements), template)


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
