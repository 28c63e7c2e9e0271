"""Are the questions well formed, do their programs give their answers, and do their words mean their programs?

No answer and no place among options may be common enough to be guessed. Every program, check and claim is run again
over the stored tables, in a connection that reaches nothing else; noun phrases are resolved by the facts, not by the
questions' own programs; text and program are each read back, by a grammar that shares nothing with the families, and
must ask the same; and each question is asked again from its parameters, which must give the same words, SQL and
options.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Collection, Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pyarrow as pa

from pairforge.datasets.files import is_file
from pairforge.datasets.finding import Finding
from pairforge.datasets.question_air import Lost, as_seen, hidden_boxes
from pairforge.datasets.question_leaks import leaks
from pairforge.datasets.question_table import FILE, Question, question_path, questions_in, stored_questions
from pairforge.datasets.reader import Dataset
from pairforge.datasets.readers.question_programs import Place
from pairforge.datasets.readers.questions import LANGUAGES, answer_means, question_problems
from pairforge.datasets.sql import ASKED_TABLES, Tables
from pairforge.errors import DatasetError, PairforgeError

NAME = "questions"
_CLOSE = 1e-6


class Questions:
    """A dataset's questions, each scene's proved alone; none where there is no table of them.

    ``faults``: what is wrong with them together (numbers, balance, scenes that are not ``made``), where all of them
    are looked at (``together``).
    """

    def __init__(self, root: Path, made: Collection[int], together: bool = True) -> None:
        self._root, self.faults = root, list[Finding]()
        self._table: pa.Table | None = None
        if not is_file(question_path(root)):
            return
        try:
            self._table = stored_questions(root)
            if together:
                self._all(questions_in(root, self._table), made)
        except DatasetError as error:
            self._table = None
            self.faults.append(Finding(-1, -1, FILE, NAME, str(error)))

    def _all(self, questions: list[Question], made: Collection[int]) -> None:
        if [q.question_id for q in questions] != list(range(1, len(questions) + 1)):
            self.faults.append(Finding(-1, -1, FILE, NAME, "questions are not numbered from 1 in order"))
        self.faults += [Finding(-1, -1, FILE, NAME, message) for message in leaks(questions)]
        for scene, n in sorted(Counter(q.scene_index for q in questions).items()):
            if scene not in made:
                message = f"{n} questions are about a scene that is not there"
                self.faults.append(Finding(scene, -1, FILE, NAME, message))

    def prove(self, dataset: Dataset, scene_index: int) -> Iterator[Finding]:
        """What does not hold of a scene's questions."""
        if self._table is None:
            return
        try:
            if own := questions_in(self._root, self._table, scene_index):
                with Tables.of(dataset, [scene_index]) as tables:
                    yield from _scene(tables, own)
        except DatasetError as error:
            yield Finding(scene_index, -1, FILE, NAME, f"its tables cannot be read: {error}")


def _scene(tables: Tables, questions: list[Question]) -> Iterator[Finding]:
    judge = Judge(tables)
    for q in questions:
        for message in judge.problems(q):
            frame = judge.frames.get(q.key, -1)
            yield Finding(
                q.scene_index, frame, FILE, NAME, f"question {q.question_id} ({q.family}): {message}"
            )


class Judge:
    """Judges questions of one scene by its tables. ``frames``: key of a keyframe -> its number."""

    def __init__(self, tables: Tables) -> None:
        self._tables, self._seen, self._asker = tables, _Seen(tables), _Asker(tables)
        self._lost = hidden_boxes(tables)
        self._shown = as_seen(tables, self._lost) if any(self._lost.values()) else None
        rows = tables.rows("SELECT key, frame_index FROM frames")
        self.frames: dict[str, int] = {r["key"]: r["frame_index"] for r in rows}
        self._sensors = {r["sensor"] for r in tables.rows("SELECT DISTINCT sensor FROM sensors")}
        own = tables.rows(
            "SELECT scene_index, instance_id, name FROM instances JOIN scenes USING (scene_index) WHERE name = ego"
        )
        self._egos = {r["scene_index"]: (r["name"], r["instance_id"]) for r in own}

    def problems(self, question: Question) -> Iterator[str]:
        """What is wrong with one question, the cheapest to find first."""
        malformed = False
        for message in self._form(question):
            malformed = True
            yield message
        if malformed:
            return
        try:
            yield from self._asker.differences(question)
        except (PairforgeError, ValueError, TypeError, KeyError, AttributeError, LookupError) as error:
            yield f"it cannot be asked again from its parameters ({type(error).__name__}: {error})"
        yield from _phrases(question, self._seen)
        yield from self.meaning(question)
        yield from _execution(question, self._tables)
        if self._shown is not None:
            yield from _in_air(question, self._shown, self._lost)

    def meaning(self, q: Question) -> Iterator[str]:
        """Text and program, each read back, ask the same; each option says its value."""
        if q.language not in LANGUAGES:
            yield f'there is no grammar to read questions in "{q.language}" back'
            return
        place = Place(q.key, q.scene_index, q.sensor, *self._egos.get(q.scene_index, ("", 0)))
        yield from question_problems(q.question, q.phrases, q.sql, q.unit, place, q.language)
        for option, value in zip(q.options, q.option_values, strict=True):
            if not answer_means(option, json.loads(value), q.unit):
                yield f'the option "{option}" does not say {value}'

    def _form(self, q: Question) -> Iterator[str]:
        if q.key and q.key not in self.frames:
            yield f'there is no keyframe "{q.key}"'
        if q.sensor and q.sensor not in self._sensors:
            yield f'there is no sensor "{q.sensor}"'
        if not len(q.options) == len(q.option_values) == len(q.claims) >= 2:
            yield "options, their values and their claims are not as many as each other, or fewer than two"
        elif len(set(q.options)) != len(q.options):
            yield "two options read alike"
        elif not 0 <= q.position < len(q.options):
            yield f"position {q.position} is no place among {len(q.options)} options"
        elif q.options[q.position] != q.answer or q.option_values[q.position] != q.value:
            yield f'the answer is "{q.answer}", the option at its place "{q.options[q.position]}"'
        if not q.question.endswith("?"):
            yield "it does not end with a question mark"
        if set(q.tables) != tables_of(q.sql):
            yield f"it says that its program reads {sorted(q.tables)}, it reads {sorted(tables_of(q.sql))}"
        for p in q.phrases:
            if not 0 <= p.start < p.end <= len(q.question):
                yield f"phrase {p.start}..{p.end} lies outside the text of {len(q.question)} characters"


def tables_of(sql: str) -> set[str]:
    """Stored tables that stand in the FROM of a program, in whatever spelling."""
    return set(re.findall(r'\b(?:FROM|JOIN)\s+"?(\w+)', sql, re.IGNORECASE)) & set(ASKED_TABLES)


def _execution(q: Question, tables: Tables) -> Iterator[str]:
    """The program gives the answer, every check holds, and exactly one option is claimed rightly."""
    try:
        value, said = tables.value(q.sql), json.loads(q.value)
        if not _same(value, said):
            yield f"its program gives {value!r}, the answer is {said!r}"
        for kind, sql in q.checks:
            if tables.value(sql) is not True:
                yield f'its check "{kind}" does not hold'
        for number, sql in enumerate(q.claims):
            right = tables.value(sql)
            if right is not (number == q.position):
                yield f'option "{q.options[number]}" is {"right" if right else "wrong"} by execution'
    except (DatasetError, ValueError) as error:
        yield str(error)


def _in_air(q: Question, shown: Tables, lost: Lost) -> Iterator[str]:
    """Nothing that fog or dust hides from the question's picture is named, nor changes the answer."""
    away = lost.get((q.key, q.sensor), frozenset())
    for p in q.phrases:
        if away.intersection(p.instance_ids):
            yield f'"{q.question[p.start : p.end]}" names what fog or dust hides: {list(p.instance_ids)}'
    try:
        value = shown.value(q.sql)
    except DatasetError as error:
        yield f"without what fog or dust hides {error}"
        return
    if not _same(value, json.loads(q.value)):
        yield f"its answer rests on what fog or dust hides: without, it is {value!r}"


def _same(value: Any, said: Any) -> bool:
    if isinstance(value, bool | str) or isinstance(said, bool | str) or value is None or said is None:
        return type(value) is type(said) and value == said
    return abs(float(value) - float(said)) <= _CLOSE


class _Seen:
    """What a camera shows, by the facts: words for each thing, colours, materials."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._found: dict[tuple[str, str], dict[int, set[str]]] = {}

    def names(self, key: str, sensor: str) -> dict[int, set[str]]:
        """Instance id -> every definite phrase that may stand for it."""
        if (key, sensor) not in self._found:
            self._found[key, sensor] = self._read(key, sensor)
        return self._found[key, sensor]

    def _read(self, key: str, sensor: str) -> dict[int, set[str]]:
        words: dict[tuple[int, str], set[str]] = {}
        shown: set[int] = set()
        for f in self._tables.rows(
            "SELECT predicate, subjects[1] AS one, argument, sensor, key FROM facts "
            "WHERE predicate IN ('visible', 'category', 'colour', 'material')"
        ):
            if key and f["key"] != key:
                continue
            if f["predicate"] != "visible":
                words.setdefault((f["one"], f["predicate"]), set()).add(f["argument"])
            elif sensor in ("", f["sensor"]):
                shown.add(f["one"])
        return {
            one: _definite(*(words.get((one, p), set()) for p in ("category", "colour", "material")))
            for one in sorted(shown)
        }


def _definite(categories: set[str], colours: set[str], materials: set[str]) -> set[str]:
    """ "the mug", "the red mug", "the red metal ball", "the cyclist in red"."""
    found = set()
    for word, colour, material in product(categories, {*colours, ""}, {*materials, ""}):
        found.add(" ".join(w for w in ("the", colour, material, word) if w))
        if colour and not material:
            found.add(f"the {word} in {colour}")
    return found


def _phrases(q: Question, seen: _Seen) -> Iterator[str]:
    """Each phrase names, by the facts, its own instance and no other that the camera shows."""
    names = seen.names(q.key, q.sensor)
    for p in q.phrases:
        words = q.question[p.start : p.end]
        words = words[:1].lower() + words[1:]
        fits = [one for one, said in names.items() if words in said]
        if tuple(fits) != tuple(p.instance_ids):
            yield f'"{words}" fits {fits} by the facts, it is said to name {list(p.instance_ids)}'
    if left := re.sub(r"\s+", " ", _outside(q)).strip():
        for words in sorted({w for said in names.values() for w in said}, key=len, reverse=True):
            if (
                re.search(rf"\b{re.escape(words)}\b(?! (?:nearest|furthest|ahead|for our lane))", left)
                and len(words.split()) > 2
            ):
                yield f'"{words}" stands outside any phrase'
                break


def _outside(q: Question) -> str:
    text = q.question
    for p in sorted(q.phrases, key=lambda p: -p.start):
        text = text[: p.start] + text[p.end :]
    return text


class _Asker:
    """Asks a question again from its parameters."""

    def __init__(self, tables: Tables) -> None:
        from pairforge.captioners.questions.moment import Stage

        self._stage = Stage(tables)

    def differences(self, q: Question) -> Iterator[str]:
        """How the question, asked anew, differs from the stored one."""
        from pairforge.captioners.questions.again import again

        anew = again(self._stage, q)
        if anew is None:
            yield "no such question can be asked here"
            return
        for name, value in anew.items():
            if getattr(q, name) != value:
                yield f"its {name} should be {_short(value)}, it is {_short(getattr(q, name))}"


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 160 else f"{text[:157]}..."
