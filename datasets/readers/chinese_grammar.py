"""Every sentence that a Chinese caption may hold, and the keys that its words mean."""

from __future__ import annotations

import re
from collections.abc import Iterable

from pairforge.datasets.readers import chinese_causes as causes
from pairforge.datasets.readers.chinese_clips import clips
from pairforge.datasets.readers.chinese_road import ON_THE_ROAD
from pairforge.datasets.readers.chinese_rules import RULES
from pairforge.datasets.readers.chinese_things import THINGS
from pairforge.datasets.readers.chinese_words import CLAIMS as FLAW_CLAIMS
from pairforge.datasets.readers.chinese_words import count_of, read_flaw
from pairforge.datasets.readers.patterns import Grammar

_METRES = r"[0-9]+(?:\.5)?米"
_NUMBERS = {
    "distance": f"(?P<distance>{_METRES})",
    "reach": "(?P<reach>[0-9]+米)",
    "speed": "(?P<speed>每小时[0-9]+公里)",
    "speed2": "(?P<speed2>每小时[0-9]+公里)",
    "speed3": "(?P<speed3>每小时[0-9]+公里)",
    "ttc": r"(?P<ttc>[0-9]+(?:\.5)?秒)",
    "height": "(?P<height>[0-9]+厘米)",
    "height2": "(?P<height2>[0-9]+厘米)",
    "returns": "(?P<returns>[0-9]+)",
}
_KEYS = {
    "天气晴朗": "sunny",
    "阳光明媚": "sunny",
    "太阳低垂": "low sun",
    "阳光斜照": "low sun",
    "天空多云": "cloudy",
    "天色阴沉": "overcast",
    "多云天空下": "cloudy",
    "阴沉天空下": "overcast",
    "多云": "cloudy",
    "阴沉": "overcast",
    "有雾": "foggy",
    "下雨": "rainy",
    "下雪": "snowy",
    "雾气弥漫": "foggy",
    "沙尘弥漫": "dusty",
    "正下着雨": "rainy",
    "下着雨": "rainy",
    "正下着雪": "snowy",
    "下着雪": "snowy",
    "夜里": "night",
    "夜间": "night",
    "正值夜间": "night",
    "夜晚": "night",
    "白天": "day",
    "晨昏时分": "twilight",
    "正值晨昏时分": "twilight",
    "街道": "street",
    "道路": "road",
    "高速公路": "motorway",
    "左": "left",
    "右": "right",
    "左侧": "left",
    "右侧": "right",
    "地面": "ground",
    "地板": "floor",
    "人行道": "pavement",
    "马路": "road",
    "最上层": "top shelf",
    "最下层": "bottom shelf",
    "中间一层": "middle shelf",
    **{
        f"从{way}第{n}层": f"{which} shelf from the {end}"
        for way, end in (("上往下", "top"), ("下往上", "bottom"))
        for n, which in (("二", "second"), ("三", "third"), ("四", "fourth"), ("五", "fifth"))
    },
}
_SCENERY = {"树木": ("trees",), "建筑": ("buildings",), "树木和建筑": ("trees", "buildings")}


def _arguments(predicate: str, words: str) -> Iterable[str]:
    """The bare number of 14米, the weather of 下着雨, each of 树木和建筑."""
    if predicate in FLAW_CLAIMS:
        spoken = read_flaw(predicate, words)
        return () if spoken is None else (spoken,)
    if predicate in causes.PREDICATES:
        return (causes.meant(predicate, words),)
    if predicate == "defect_unseen":
        return (str(count_of(words)),)
    if predicate == "scenery":
        return _SCENERY[words]
    found = re.fullmatch(r"(?:每小时)?([0-9]+(?:\.5)?)(?:米|厘米|秒|公里)?", words)
    return (found.group(1) if found else _KEYS[words],)


GRAMMAR = Grammar(
    (*ON_THE_ROAD, *THINGS, *clips(), *RULES, *causes.CAUSES),
    numbers=_NUMBERS,
    comma="、",
    last="和",
    arguments=_arguments,
    cased=False,
    stop="。",
)
