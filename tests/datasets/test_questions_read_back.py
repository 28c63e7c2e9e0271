"""A question's text and its program are each read back, and must ask the same."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import pytest

from pairforge.captioners.questions import english
from pairforge.captioners.questions.ask import ask
from pairforge.captioners.questions.phrasing import sections as phrasing_sections
from pairforge.captioners.questions.registry import FAMILIES, chosen
from pairforge.datasets.question_table import Question
from pairforge.datasets.readers import questions as questions_reader
from pairforge.datasets.readers.question_programs import Place, forms, sections
from pairforge.datasets.readers.question_words import Kind, kinds_of, kinds_of_many
from pairforge.datasets.readers.questions import answer_means, question_problems
from pairforge.datasets.sql import Tables
from pairforge.datasets.verify_questions import Judge
from pairforge.sample import Phrase
from tests.captioners.questions.forgeries import other_texts
from tests.captioners.questions.hand_dataset import HandDataset

DOCS = Path(__file__).parents[2] / "docs/questions.md"
EXAMPLE = re.compile(
    r"\*\*`([\w.]+)`\*\* \((\w+), [^)]*\): (.+?) \*\*(.+?)\*\*\n\n```sql\n(.*?)```", re.DOTALL
)


@pytest.fixture(scope="module")
def dataset() -> HandDataset:
    return HandDataset(4)


@pytest.fixture(scope="module")
def questions(dataset) -> list[Question]:
    return ask(dataset, chosen(), seed=2, per_frame=40)


@pytest.fixture(scope="module")
def judges(dataset):
    tables = {i: Tables.of(dataset, [i]) for i in dataset.scenes}
    yield {i: Judge(t) for i, t in tables.items()}
    for held in tables.values():
        held.close()


def test_true_questions_read_back(questions, judges):
    assert len({q.family for q in questions}) > 50
    assert {q.question: m for q in questions if (m := list(judges[q.scene_index].meaning(q)))} == {}


def test_every_lie_in_the_words_alone_is_caught(questions, judges):
    tried, missed = Counter(), []
    for q in questions:
        for kind, lie in other_texts(q):
            tried[kind] += 1
            if not list(judges[q.scene_index].meaning(lie)):
                missed.append((kind, q.question, lie.question))
    assert missed == []
    assert tried.total() > 150
    assert len(tried) >= 12


def test_a_program_of_another_keyframe_or_camera_is_caught(questions, judges):
    for q in [q for q in questions if q.key and "seen" in q.sql][:10]:
        for old, new in ((q.key, "000077-000077"), (f"'{q.sensor}'", "'CAM_ELSEWHERE'")):
            forged = replace(q, sql=q.sql.replace(old, new))
            assert any("looks elsewhere" in m for m in judges[q.scene_index].meaning(forged)), forged.sql


def read_example(about: str, text: str, answer: str, sql: str) -> list[str]:
    """What is wrong with an example of the page, whatever of its words is taken for a phrase that names a thing."""
    first = {
        name: next(iter(re.findall(pattern, sql)), "")
        for name, pattern in (("key", r"key = '([\d-]+)'"), ("scene", r"scene_index = (\d+)"),
                              ("sensor", r"sensor = '(\w+)'"), ("ego", r"over_limit' AND f.subjects\[1\] = (\d+)"))
    }  # fmt: skip
    key = first["key"] or ("" if about == "clip" else "000001-000005")
    sensor = "" if about == "sensors" else first["sensor"]
    place = Place(key, int(first["scene"] or 0), sensor, "ego", int(first["ego"] or 0))
    unit = next((u for u, words in UNITS.items() if re.fullmatch(rf"[\d.]+ {words}", answer)), "")
    program = re.sub(r"^WITH seen AS \(…\)", "", sql).strip()
    spans = {
        Phrase(found.start(), found.end(), (1,))
        for words in re.findall(r"(?:noun|semantic) = '([^']*)'", sql)
        for found in re.finditer(rf"\bthe (?:\w+ ){{0,2}}{words}\b(?: in (?!front)[a-z]+\b)?", text)
    }
    choices = [c for n in range(len(spans) + 1) for c in combinations(sorted(spans, key=str), n)]
    readings = [list(question_problems(text, c, program, unit, place, "en")) for c in choices]
    return min(readings, key=len)


UNITS = {
    "cm": "centimetres?",
    "mm": "millimetres?",
    "m": "metres?",
    "s": "seconds?",
    "km/h": "km/h",
    "returns": "returns",
}


def test_every_example_of_the_page_reads_back():
    examples = EXAMPLE.findall(DOCS.read_text("utf-8"))
    assert {e[0] for e in examples} == set(FAMILIES.names())
    wrong = {n: found for n, *example in examples if (found := read_example(*example))}
    assert wrong == {}


def test_every_phrasing_of_every_family_is_a_sentence_of_the_grammar():
    """Slots are left out on both sides: whatever no example says is read as well."""
    folder = Path(english.__file__).parent / "templates/en"
    grammar = (Path(questions_reader.__file__).parent / "question_english.txt").read_text("utf-8")
    read = {
        re.sub(r"\{[^}]*\}|<[^>]*>", "*", line)
        for _, _, body in sections(grammar)
        for line in body.splitlines()
    }
    read = {line.replace(" a *", " *") for line in read}
    lost = []
    for name in FAMILIES.names():
        lines = phrasing_sections((folder / f"{name.partition('.')[0]}.j2").read_text("utf-8"))[name]
        for line in lines:
            branches = re.findall(r"\{% if wears %\}(.*)\{% else %\}(.*)\{% endif %\}", line)
            for way in branches[0] if branches else (line,):
                if re.sub(r"\{\{[^}]*\}\}", "*", way).replace(" a *", " *") not in read:
                    lost.append((name, way))
    assert lost == []


def test_kinds_are_read_with_their_colours_materials_and_plurals():
    assert Kind("box", "red", "wood") in kinds_of("red wooden box")
    assert kinds_of("cyclist in blue") == {Kind("cyclist", "blue")}
    assert Kind("cyclist", "blue") not in kinds_of("blue cyclist")
    assert Kind("pedestrian", "brown") in kinds_of_many("pedestrians in brown")
    assert Kind("knife") in kinds_of_many("knives")
    assert Kind("bus", "white") in kinds_of_many("white buses")
    assert Kind("berry", "red") in kinds_of_many("red berries")
    assert Kind("orange", "orange") in kinds_of("orange orange")
    assert not any(k.word == "car" for k in kinds_of_many("red car"))


@pytest.mark.parametrize(
    ("answer", "value", "unit", "right"),
    [
        ("2.5 seconds", 2.5, "s", True),
        ("1 metre", 1.0, "m", True),
        ("1 metres", 1.0, "m", False),
        ("3 metres", 3.0, "cm", False),
        ("4", 3, "", False),
        ("yes", True, "", True),
        ("no", True, "", False),
        ("red", "blue", "", False),
    ],
)
def test_an_answer_says_its_value_and_unit(answer, value, unit, right):
    assert answer_means(answer, value, unit) == right


def test_every_form_has_sentences_and_every_sentence_a_form():
    folder = Path(questions_reader.__file__).parent
    asked = {name for name, _, _ in sections((folder / "question_english.txt").read_text("utf-8"))}
    assert asked == {form.name for form in forms()}


@pytest.mark.parametrize("noun", ["traffic light", "milk carton", "box"])
@pytest.mark.parametrize("side", ["left", "right"])
def test_a_noun_of_two_words_is_read_whole_before_a_side(noun, side):
    (read,) = [
        found.groupdict()
        for sentence in questions_reader._sentences("en")["any beside"]
        if (found := sentence.fullmatch(f"Looking at the picture, is any {noun} {side} of ‹0›?"))
    ]
    assert (read["K__one"], read["side__"]) == (noun, side)
