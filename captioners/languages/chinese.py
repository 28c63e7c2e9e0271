"""Simplified Chinese. No plural, no case, no article: a measure phrase tells how many, word order what is new."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

from babel.lists import format_list
from babel.units import format_unit

from pairforge.captioners.languages import chinese_causes as causes
from pairforge.captioners.languages import chinese_street as streets
from pairforge.captioners.languages.chinese_parts import flaw
from pairforge.captioners.languages.chinese_words import NOUNS, described, measure_word, number
from pairforge.captioners.meanings import Measure, Mention, Mentions
from pairforge.captioners.nouns import WEARERS
from pairforge.captioners.realise import Spoken

_UNITS: Mapping[str, tuple[str, Literal["short", "long"]]] = {
    "m": ("length-meter", "short"),
    "cm": ("length-centimeter", "short"),
    "s": ("duration-second", "short"),
    "km/h": ("speed-kilometer-per-hour", "long"),
}
"""CLDR's unit, and the width in which it is a Chinese word: 2.5米, 8秒, 每小时30公里."""
_SIDES = {"left": "左", "right": "右", "both": "两"}
_GROUNDS = {"ground": "地面上", "floor": "地板上", "pavement": "人行道上", "road": "马路上"}
_NEW = frozenset({"a", "another", "unseen", "count", "at_least", "row", "others"})
"""Forms that bring in something new: only these may follow "there is"."""
_SHELVES = {"top": "最上层", "bottom": "最下层", "middle": "中间一层"}
_ORDINALS = {"second": "二", "third": "三", "fourth": "四", "fifth": "五"}
_RIDES = {"cyclist": "骑行", "pedestrian": "行走"}


LIGHTS = {"red": "红灯", "yellow": "黄灯", "green": "绿灯", "red_yellow": "红灯和黄灯"}


class Chinese:
    """See ``protocol.Language``. ``case`` "row": of parked vehicles in a line."""

    code = "zh"
    joint = ""
    ourselves = ("我们",)

    @property
    def filters(self) -> Mapping[str, Callable[..., Any]]:
        return {
            "new": new,
            "known": lambda who: isinstance(who.meant, Mention) and who.meant.form == "the",
            "row": lambda who: who.cased("row"),
            "goes": lambda who: _RIDES.get(who.word, "行驶"),
            "number": number,
            "effect": causes.effect,
            "made_to": causes.made_to,
            "acting": causes.acting,
            "at_time": lambda part: {"start": "一开始，", "end": "临近结束时，"}[part],
            "towards": lambda part: {"start": "在开始时", "end": "在快结束时"}[part],
            "side": lambda side: f"{_SIDES[side]}侧",
            "way": lambda side: _SIDES[side],
            "under": lambda ground: _GROUNDS[ground] if ground else "画面中",
            "where": where,
            "shelf": lambda words: f"架子{layer(words)}",
            "layer": layer,
            "none": lambda who: isinstance(who.meant, Mention) and who.meant.form == "none",
            "flaw": flaw,
            "place": streets.place,
            "lined": streets.lined,
            "surface": streets.surface,
            "light": streets.light,
            "sky": streets.sky,
            "hour": streets.hour,
            "on_street": streets.on_street,
            "tags": lambda things: "、".join(things.each),
            "street_tags": streets.tags,
            "light_of": lambda state: LIGHTS[state],
        }

    def knows(self, word: str) -> bool:
        return word in NOUNS

    def phrase(self, mention: Mention, case: str) -> str:
        measure, said = measure_word(mention.word), described(mention.qualities, mention.word)
        counted = f"{number(mention.count)}{measure}"
        among = f"{number(mention.total)}{measure}{said}中"
        match mention.form:
            case "tag":
                return NOUNS[mention.word][0]
            case "it":
                return "对方" if mention.word in WEARERS else "它"
            case "another":
                return f"另一{measure}{said}"
            case "the":
                return said
            case "nearest":
                return f"{among}{'较近' if mention.total == 2 else '最近'}的一{measure}"
            case "one_of":
                return f"{among}的一{measure}"
            case "some_of":
                return f"{among}的{counted}"
            case "at_least":
                return f"至少{counted}{said}"
            case "others":
                return f"另一{measure}{said}" if mention.count == 1 else f"另外{counted}{said}"
            case "row":
                return f"一排{said}" if case == "row" else f"多{measure}{said}"
            case "count":
                return f"{counted}{said}"
            case "none":
                return f"任何{said}"
        return f"一{measure}{said}"

    def listed(self, phrases: Sequence[str]) -> str:
        return str(format_list(list(phrases), locale="zh"))

    def measure(self, measure: Measure) -> str:
        unit, width = _UNITS[measure.unit]
        return str(format_unit(float(measure.spoken), unit, length=width, locale="zh"))

    def capitalised(self, text: str) -> str:
        return text


def new(who: Spoken) -> bool:
    """Whether every thing named is new to the reader, so that it may follow 有."""
    members = who.meant.members if isinstance(who.meant, Mentions) else (who.meant,)
    return all(m.form in _NEW for m in members)


def where(ground: str | None, side: str | None) -> str:
    """Where someone is: 左侧的人行道上, 马路右侧, 左侧, 马路上; one of the two may be None."""
    if side is None:
        return _GROUNDS[str(ground)]
    flank = f"{_SIDES[side]}侧"
    if ground is None:
        return flank
    return f"马路{flank}" if ground == "road" else f"{flank}的{_GROUNDS[ground]}"


def layer(words: str) -> str:
    """ "second shelf from the top" -> 从上往下第二层."""
    which, *rest = words.split(" shelf from the ")
    if rest:
        return f"从{'上往下' if rest[0] == 'top' else '下往上'}第{_ORDINALS[which]}层"
    return _SHELVES[which.removesuffix(" shelf")]
