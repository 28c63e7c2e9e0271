"""Weather, time of day and the state of the road, under the open sky."""

from __future__ import annotations

from pairforge.captioners.questions.checks import Check
from pairforge.captioners.questions.moment import Moment
from pairforge.captioners.questions.pools import WEATHER
from pairforge.captioners.questions.protocol import Asked, Family, Row
from pairforge.captioners.questions.query import literal

_AIR = ", ".join(literal(w) for w in WEATHER)
_OUTSIDE = (
    "SELECT f.key, (SELECT min(s.sensor) FROM sensors AS s WHERE s.key = f.key AND s.kind = 'camera') AS sensor"
    "{more} FROM facts AS f{source} WHERE f.predicate = 'place' GROUP BY ALL"
)
_NEAR = ({"cloudy", "overcast", "sunny"}, {"foggy", "dusty"}, {"rainy", "overcast"}, {"foggy", "overcast"},
         {"snowy", "overcast"}, {"cloudy", "rainy"}, {"dusty", "overcast"}, {"cloudy", "snowy"})  # fmt: skip
DAY_RAD = 0.1
DRY_WETNESS, BARE_COVER = 0.15, 0.05
_NOUN = {"rainy": "rain", "foggy": "fog", "snowy": "snow", "dusty": "dust"}


def _apart(word: str, other: str) -> bool:
    return word != other and not any({word, other} <= pair for pair in _NEAR)


def _air(at: Moment) -> str:
    return f"{at.facts_of('weather')} AND f.argument IN ({_AIR})"


def _sky(at: Moment, name: str) -> str:
    return (
        f"(SELECT CAST(concrete::JSON -> 'sky' ->> '{name}' AS DOUBLE) FROM scenes"
        f" WHERE scene_index = {at.scene_index})"
    )


class Sky(Family):
    """What is the weather like?"""

    name = "weather.sky"
    answers = "word"
    candidates = _OUTSIDE.format(more="", source="")

    def ask(self, at: Moment, row: Row) -> Asked | None:
        told = at.stage.tables.rows(_air(at))
        if len(told) != 1:
            return None
        options = tuple(w for w in WEATHER if _apart(told[0]["argument"], w))
        return Asked({}, _air(at), (), options)


class IsIt(Family):
    """Is there fog in the air?"""

    name = "weather.is_it"
    answers = "yes_no"
    candidates = _OUTSIDE.format(
        more=", w.word", source=", (VALUES ('rainy'), ('foggy'), ('snowy')) AS w(word)"
    )

    def ask(self, at: Moment, row: Row) -> Asked | None:
        told = at.stage.tables.rows(_air(at))
        word = row["word"]
        if len(told) != 1 or not (told[0]["argument"] == word or _apart(told[0]["argument"], word)):
            return None
        program = f"SELECT {at.fact('weather', argument=word)}"
        return Asked(
            {"what": _NOUN[word]},
            program,
            (Check("margin", f"SELECT count(*) = 1 FROM ({_air(at)})"),),
            blind=word,
        )


class TimeOfDay(Family):
    """Is it day, twilight or night?"""

    name = "weather.time_of_day"
    answers = "word"
    candidates = _OUTSIDE.format(more="", source="")

    def ask(self, at: Moment, row: Row) -> Asked | None:
        named = " OR ".join(at.fact("weather", argument=w) for w in ("night", "twilight"))
        program = (
            f"SELECT coalesce(({at.facts_of('weather', 'any_value(f.argument)')}\n"
            "  AND f.argument IN ('night', 'twilight')), 'day')"
        )
        clear = Check("margin", f"SELECT {named} OR {_sky(at, 'sun_elevation')} >= {DAY_RAD}")
        return Asked({}, program, (clear,), ("day", "twilight", "night"))


class Ground(Family):
    """Is the road dry, wet or covered with snow?"""

    name = "weather.ground"
    answers = "word"
    candidates = _OUTSIDE.format(more="", source="")

    def ask(self, at: Moment, row: Row) -> Asked | None:
        words = {"wet": "wet", "snow-covered": "covered with snow"}
        named = " OR ".join(at.fact("weather", argument=w) for w in words)
        cases = " ".join(
            f"WHEN {at.fact('weather', argument=w)} THEN {literal(said)}\n " for w, said in words.items()
        )
        wet, cover = (f"coalesce({_sky(at, n)}, 0)" for n in ("wetness", "snow_cover"))
        clear = Check("margin", f"SELECT {named} OR ({wet} <= {DRY_WETNESS} AND {cover} <= {BARE_COVER})")
        return Asked({}, f"SELECT CASE {cases} ELSE 'dry' END", (clear,), ("dry", *words.values()))
