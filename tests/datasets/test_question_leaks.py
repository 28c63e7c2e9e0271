"""Questions that are each true may give answers away together."""

from __future__ import annotations

import json
from collections.abc import Iterable

from pairforge.datasets.question_leaks import leaks
from pairforge.datasets.question_table import Question
from tests.captioners.questions.forgeries import leaking


def made(family: str, answers: str, options: Iterable[object], positions: Iterable[int]) -> list[Question]:
    """One question for each position of the right option, each about another keyframe."""
    values = list(options)
    return [
        Question(
            question_id=k + 1,
            family=family,
            about="image",
            answers=answers,
            scene_index=0,
            key=f"000000-{k:06d}",
            sensor="front",
            language="en",
            question="Is it?",
            phrases=(),
            template=f"{family}/0",
            parameters="{}",
            sql="SELECT 1",
            tables=(),
            answer=str(values[place]),
            value=json.dumps(values[place]),
            unit="",
            options=tuple(str(v) for v in values),
            option_values=tuple(json.dumps(v) for v in values),
            claims=tuple("SELECT TRUE" if n == place else "SELECT FALSE" for n in range(len(values))),
            position=place,
            checks=(),
        )
        for k, place in enumerate(positions)
    ]


YES_NO = made("existence.of_kind", "yes_no", (True, False), (0, 1, 0, 1))
WORDS = made("attributes.colour", "word", ("red", "blue", "green", "white"), (0, 1, 2, 3, 0))
EITHER = made("comparison.nearer", "either", ("mug", "bowl"), (1, 0))


def test_even_answers_and_places_pass():
    assert list(leaks([*YES_NO, *WORDS, *EITHER])) == []
    assert list(leaks(YES_NO[:1])) == []
    assert list(leaks([])) == []


def test_every_kind_of_leak_is_caught():
    kinds = set()
    for kind, forged in leaking([*YES_NO, *WORDS, *EITHER]):
        kinds.add(kind)
        assert list(leaks(forged)), kind
    assert kinds == {
        "a question asked twice",
        "one of two answers left out",
        "the right option always in one place",
    }


def test_an_answer_with_more_than_its_share_is_named():
    all_of_them = leaks(made("counting.of_kind", "count", (1, 2, 3, 4), (0, 0, 0, 1, 2, 3)))
    (found,) = (m for m in all_of_them if "have the answer" in m)
    assert found == "3 of 6 questions of counting.of_kind have the answer 1, at most 2.4 may"
