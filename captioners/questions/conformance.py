"""Does a family keep the rules? Run over all registered ones by the tests, and for one's own."""

from __future__ import annotations

import re

from pairforge.captioners.questions.ask import PLACE
from pairforge.captioners.questions.moment import Moment, Stage
from pairforge.captioners.questions.phrasing import phrasings, realise
from pairforge.captioners.questions.proof import Rejected, all_checks, prove
from pairforge.captioners.questions.protocol import Asked, Family
from pairforge.datasets.sql import ASKED_TABLES
from pairforge.seeding import Stream

_ODD = re.compile(
    r"\ba [aeiou]\w|\ban [bcdfgjklmnpqrstvwxz][a-z]|  |\b1 \w+s\b|\bthe the\b|\{|\}|None|_", re.IGNORECASE
)
_FINE = re.compile(r"\ba (?:u[ns]i|one|eu)", re.IGNORECASE)
_HIDDEN = re.compile(r"\b(?:noticed|things|parts|words|pairs|plausible)\b")


def check_family(family: Family, stage: Stage, scene_index: int, most: int = 12) -> int:
    """Raises AssertionError where a family breaks the protocol on a scene; returns how many held of the
    first ``most`` candidates.

    Another answer the second time, words that do not read, a program over what is not stored, parameters that are not
    JSON, fewer than two phrasings.
    """
    name = family.name
    assert re.fullmatch(r"[a-z]+\.[a-z_]+", name), f"{name}: a family is called noun.what"
    ways = phrasings(name)
    assert len(ways) > 1, f"{name}: it has fewer than two phrasings"
    held = 0
    for row in stage.candidates(family.candidates)[:most]:
        assert "sensor" in row, f"{name}: a candidate has no sensor"
        assert {"key", "scene_index"} & set(row), f"{name}: a candidate has neither key nor scene_index"
        parameters = {k: v for k, v in row.items() if k not in PLACE}
        plain = all(isinstance(v, str | int | float | bool) for v in parameters.values())
        assert plain, f"{name}: parameters {parameters} are not plain"
        at = Moment(stage, scene_index, row.get("key", ""), row["sensor"])
        asked = family.ask(at, parameters)
        assert asked == family.ask(at, parameters), f"{name}: a second call asks something else"
        if asked is not None:
            _check_program(name, asked)
            for way in ways:
                _check_words(name, realise(way, asked.slots)[0])
            held += _holds(family, stage, asked)
    return held


def _check_program(name: str, asked: Asked) -> None:
    read = set(re.findall(r"\b(?:FROM|JOIN)\s+(\w+)", asked.sql)) - {
        "seen",
        "own",
        "away",
        "touched",
        "frames",
    }
    known = set(ASKED_TABLES)
    assert read <= known, f"{name}: its program reads {sorted(read - known)}, which is not stored"
    for check in all_checks(asked):
        assert not _HIDDEN.search(re.sub(r"'[^']*'", "", check.sql)), f"{name}: a check rests on a view"
    assert len(asked.sql) < 4000, f"{name}: its program is too long to be read"


def _check_words(name: str, text: str) -> None:
    assert re.fullmatch(r"[A-Z].*\?", text), f'{name}: "{text}" is no question'
    odd = _ODD.search(text)
    assert odd is None or _FINE.match(odd[0]), f'{name}: "{text}" does not read well at "{odd and odd[0]}"'


def _holds(family: Family, stage: Stage, asked: Asked) -> bool:
    try:
        proved = prove(stage.tables, family, asked, Stream(0, family.name).rng())
    except Rejected:
        return False
    assert proved.value not in proved.wrong, f"{family.name}: a wrong answer is the right one"
    return True
