"""Question words from templates: a sandbox in which a template reaches its slots and the language's filters.

``templates/<language>/<noun>.j2`` holds the families of a noun: a line ``[family]``, then one phrasing a line.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import StrictUndefined, Template, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from pairforge.captioners.questions import english
from pairforge.captioners.questions.marks import unmarked
from pairforge.errors import PairforgeError, SpecError, did_you_mean
from pairforge.sample import Phrase

LANGUAGES: Mapping[str, Any] = {"en": english}


class QuestionTemplateError(PairforgeError):
    """A question's template does not parse, asks for what it was not given, or tries to leave the sandbox."""


@cache
def sandbox(language: str) -> ImmutableSandboxedEnvironment:
    """An environment without globals, tests or loader, with the language's filters alone."""
    env = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False)
    env.globals.clear()
    env.filters = dict(_language(language).FILTERS)
    return env


def _language(language: str) -> Any:
    if language not in LANGUAGES:
        raise SpecError(f'no questions are written in "{language}". {did_you_mean(language, LANGUAGES)}')
    return LANGUAGES[language]


@cache
def phrasings(family: str, language: str = "en") -> tuple[Template, ...]:
    """The phrasings of a family such as "counting.of_kind", in the order of its file."""
    noun = family.partition(".")[0]
    text = (files("pairforge.captioners.questions") / "templates" / language / f"{noun}.j2").read_text(
        "utf-8"
    )
    return tuple(compile_phrasing(line, language) for line in sections(text).get(family, ()))


def sections(text: str) -> dict[str, tuple[str, ...]]:
    """Family -> its lines."""
    found: dict[str, list[str]] = {}
    family = ""
    for line in (raw.strip() for raw in text.splitlines()):
        if line.startswith("[") and line.endswith("]"):
            family = line[1:-1]
            found[family] = []
        elif line and not line.startswith("{#"):
            found.setdefault(family, []).append(line)
    return {name: tuple(lines) for name, lines in found.items()}


def compile_phrasing(source: str, language: str = "en") -> Template:
    """One phrasing; QuestionTemplateError when it does not parse."""
    try:
        return sandbox(language).from_string(source)
    except TemplateError as error:
        raise QuestionTemplateError(f"the question template {source!r} does not parse: {error}") from error


def realise(template: Template, slots: Mapping[str, object]) -> tuple[str, tuple[Phrase, ...]]:
    """The question and the phrases in it; QuestionTemplateError when the template misbehaves."""
    try:
        text = template.render(slots)
    except (TemplateError, TypeError, ArithmeticError, AttributeError, KeyError) as error:
        raise QuestionTemplateError(f"a question template failed: {error}") from error
    return unmarked(re.sub(r"\s+", " ", text).strip())
