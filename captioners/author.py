"""Captioners of a scene's author: one class in one file, with its templates and the sentences that prove them.

    class Tour:
        kind = "tour"
        every_camera = False
        templates = {"en": {"stop": ("Look: {{ who }}!.",)}}
        sentences = {"en": (("look: {A}.", ("visible A",)),)}

        def messages(self, told): ...

``Scene(captions=("short", "tour.py:Tour"))`` uses it; its messages name their templates "tour:stop". The sentences
are data: they are stored with every scene, so that ``pairforge verify`` reads such captions back without the file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, cast

from jinja2 import Template

from pairforge.captioners.languages.protocol import codes
from pairforge.captioners.sandbox import CaptionTemplateError
from pairforge.datasets.readers.authored import faults
from pairforge.errors import SpecError, did_you_mean
from pairforge.scenes.load import run_file

Sentences = dict[str, list[tuple[str, tuple[str, ...]]]]
"""Language -> rows of (pattern, claims), as ``datasets/readers`` reads them."""
AUTHORED: dict[tuple[str, str], tuple[Template, ...]] = {}
"""(language, "kind:message") -> its phrasings, of every captioner loaded from a file."""


def is_authored(name: str) -> bool:
    """Whether it names a class in a file ("tour.py:Tour") rather than a captioner of the house."""
    return ".py:" in name


@cache
def load(name: str) -> Any:
    """The captioner at "path/file.py:Class", its templates made known; SpecError when it is none."""
    file, _, wanted = name.rpartition(":")
    namespace = run_file(Path(file))
    if wanted not in namespace:
        classes = [n for n, v in namespace.items() if isinstance(v, type) and hasattr(v, "messages")]
        raise SpecError(f'{file} has no "{wanted}". {did_you_mean(wanted, classes)}')
    try:
        made = namespace[wanted]()
    except TypeError as error:
        raise SpecError(f"{name} cannot be made without arguments: {error}") from None
    for problem in _faults(made):
        raise SpecError(f"{name}: {problem}")
    for code, templates in made.templates.items():
        for message, lines in templates.items():
            AUTHORED[code, f"{made.kind}:{message}"] = _compiled(name, lines, code)
    return made


def sentences_of(names: Sequence[str]) -> Sentences:
    """The sentences of every authored captioner among these, by language."""
    found: Sentences = {}
    for name in names:
        if is_authored(name):
            for code, rows in load(name).sentences.items():
                found.setdefault(code, []).extend((pattern, tuple(claims)) for pattern, claims in rows)
    return found


def _compiled(name: str, lines: Sequence[str], code: str) -> tuple[Template, ...]:
    from pairforge.captioners.realise import compile_phrasing  # it imports this module

    try:
        return tuple(compile_phrasing(line, code) for line in lines)
    except CaptionTemplateError as error:
        raise SpecError(f"{name}: {error}") from None


def _faults(made: Any) -> Iterator[str]:
    """What keeps an object from being a captioner."""
    from pairforge.captioners.protocol import CAPTIONERS  # as its function does this module

    wants = {"kind": str, "every_camera": bool, "templates": Mapping, "sentences": Mapping}
    for field, kind in wants.items():
        if not isinstance(getattr(made, field, None), kind):
            found = getattr(made, field, None)
            yield f"its {field} is {found!r}; it must be a {kind.__name__} (see captioners/author.py)"
            return
    if not callable(getattr(made, "messages", None)):
        yield "it has no method messages(told)"
    if not made.kind.isidentifier() or made.kind in CAPTIONERS.rows:
        yield f'its kind "{made.kind}" is taken or no plain name; choose another'
    for code in [*made.templates, *made.sentences]:
        if code not in codes():
            yield f'unknown language "{code}". {did_you_mean(code, codes())}'
    if set(made.templates) != set(made.sentences):
        yield f"templates are in {sorted(made.templates)}, sentences in {sorted(made.sentences)}; they go together"
    for code, rows in made.sentences.items():
        for row in rows:
            yield from (f"sentences of {code}: {fault}" for fault in faults(cast(object, row)))
