"""Can the answers of a dataset's questions be guessed from what is common among them?"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from pairforge.datasets.question_table import Question

TWO = ("yes_no", "either")
"""Kinds of answer of which there are two, in the question's own order."""
MANY = 4
"""From so many options on, an answer may have 40 % of a family; of fewer, half."""


def leaks(questions: Sequence[Question]) -> Iterator[str]:
    """Answers and places of the right option that are more common than they may be, and questions asked twice."""
    asked = Counter((q.family, q.scene_index, q.key, q.sensor, q.language, q.parameters) for q in questions)
    for (name, *_), n in sorted(asked.items()):
        if n > 1:
            yield f"a question of {name} is asked {n} times of one picture"
    families = defaultdict[str, list[Question]](list)
    for q in questions:
        families[q.family].append(q)
    for name, own in sorted(families.items()):
        yield from _answers(name, own)
        yield from _places(name, own)


def _answers(name: str, own: Sequence[Question]) -> Iterator[str]:
    """No answer has more than half of a family, or two fifths where there are many; one may always stand once, and
    one of many twice."""
    counts = Counter(_label(q) for q in own)
    if own[0].answers in TWO:
        most = max(len(own) / 2, 1.0)
    elif own[0].answers == "word" and max(len(q.options) for q in own) < MANY:
        most = max(len(own) / 2, 2.0)
    else:
        most = max(0.4 * len(own), 2.0)
    for answer, n in sorted(counts.items()):
        if n > most:
            yield f"{n} of {len(own)} questions of {name} have the answer {answer}, at most {most:g} may"


def _label(q: Question) -> str:
    """The answer; of two names that the question itself offers, which of them."""
    return f"number {q.position + 1}" if q.answers == "either" else q.value


def _places(name: str, own: Sequence[Question]) -> Iterator[str]:
    """Where options stand in a drawn order, each place has the right one as often as another, or once more."""
    by_length = defaultdict[int, list[int]](list)
    for q in own:
        if q.answers not in TWO:
            by_length[len(q.options)].append(q.position)
    for length, places in sorted(by_length.items()):
        counts = [places.count(k) for k in range(length)]
        if max(counts) - min(counts) > 1:
            yield f"of {len(places)} questions of {name} with {length} options the right one stands {counts} times"
