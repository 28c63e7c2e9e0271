"""A stored question asked again from its parameters: what its words, its SQL and its options must be."""

from __future__ import annotations

import json
from typing import Any

from pairforge.captioners.questions.ask import tables_of
from pairforge.captioners.questions.moment import Moment, Stage
from pairforge.captioners.questions.phrasing import LANGUAGES, phrasings, realise
from pairforge.captioners.questions.proof import all_checks
from pairforge.captioners.questions.registry import family
from pairforge.datasets.question_table import Question


def again(stage: Stage, question: Question) -> dict[str, Any] | None:
    """Column -> what it must hold, of all that follows from family, place, parameters, phrasing and option values.

    None when the family asks no such question here. Raises PairforgeError for an unknown family or language.
    """
    one = family(question.family)
    at = Moment(stage, question.scene_index, question.key, question.sensor)
    asked = one.ask(at, json.loads(question.parameters))
    if asked is None:
        return None
    asked = at.in_air(asked)
    name, _, number = question.template.rpartition("/")
    ways = phrasings(one.name, question.language)
    text, phrases = realise(ways[int(number) % len(ways)], asked.slots)
    say = LANGUAGES[question.language].answer
    values = [json.loads(v) for v in question.option_values]
    return {
        "family": name,
        "about": one.about,
        "answers": one.answers,
        "question": text,
        "phrases": phrases,
        "sql": asked.sql,
        "tables": tables_of(asked.sql),
        "unit": asked.unit,
        "checks": tuple((c.kind, c.sql) for c in all_checks(asked)),
        "options": tuple(say(v, asked.unit) for v in values),
        "claims": tuple(asked.claims(v) for v in values),
    }
