"""What must hold for a question to be a good one, each as SQL that must come out TRUE."""

from __future__ import annotations

from dataclasses import dataclass

from pairforge.captioners.questions.kinds import (
    Thing,
    alike,
    mistakable_sql,
    near,
    noticed,
    reference,
    unsure,
    word_sql,
)
from pairforge.captioners.questions.query import Query, literal


@dataclass(frozen=True)
class Check:
    """``kind``: "unique" (words fit one thing alone), "needed" (leaving a clause out changes what is meant), "sure"
    (nothing half seen could change the answer), "margin" (the answer is clear of its dead band)."""

    kind: str
    sql: str


def unique(view: str, thing: Thing) -> Check:
    """The words fit one thing alone, look-alikes, near colours and half-hidden ones counted in."""
    word = thing.kind.word
    called = [word_sql(word), f"noun LIKE {literal('% ' + word)}"]
    if names := alike(word):
        called.append(f"noun IN ({', '.join(literal(n) for n in names)})")
    where = f"({' OR '.join(called)})"
    for name, value in (("colour", thing.kind.colour), ("material", thing.kind.material)):
        if value:
            # One whose colour or material nobody can name might have this one.
            might = ("", value, *(near(value) if name == "colour" else ()))
            where += f" AND {name} IN ({', '.join(literal(v) for v in might)})"
    return Check("unique", f"SELECT ({noticed(view, where)}) = 1")


def needed(query: Query) -> tuple[Check, ...]:
    """One check for each clause that the question adds in words."""
    return tuple(
        Check(
            "needed",
            f"{query.scope}\nSELECT {query.members()}\n  IS DISTINCT FROM {query.without(name).members()}".strip(),
        )
        for name in query.optional
    )


def of_thing(scope: str, view: str, thing: Thing) -> tuple[Check, ...]:
    """All that a definite noun phrase promises."""
    return (unique(view, thing), *needed(reference(scope, thing)))


def sure(view: str, word: str, also: str = "") -> tuple[Check, ...]:
    """The number of a kind in view is certain: none half seen, none that one might take for it or not."""
    more = f" AND ({also})" if also else ""
    return (
        Check("sure", f"SELECT ({unsure(view, word_sql(word) + more)}) = 0"),
        Check("sure", f"SELECT ({noticed(view, mistakable_sql(word) + more)}) = 0"),
    )
