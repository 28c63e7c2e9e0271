"""Chinese words for streets, light and weather."""

from __future__ import annotations

from pairforge.captioners.meanings import Street

_PLACES = {"street": "街道", "road": "道路", "motorway": "高速公路"}
_SKIES = {
    "sunny": ("天气晴朗", "阳光明媚", "阳光明媚"),
    "low sun": ("太阳低垂", "阳光斜照", "阳光斜照"),
    "cloudy": ("天空多云", "多云天空下", "多云"),
    "overcast": ("天色阴沉", "阴沉天空下", "阴沉"),
    "foggy": ("雾气弥漫", "雾气弥漫", "有雾"),
    "rainy": ("正下着雨", "下着雨", "下雨"),
    "snowy": ("正下着雪", "下着雪", "下雪"),
    "dusty": ("沙尘弥漫", "沙尘弥漫", "沙尘弥漫"),
}
"""Weather as a clause, of a street, and of a day."""
_TIMES = {"night": ("夜里", "正值夜间", "夜间"), "twilight": ("晨昏时分", "正值晨昏时分", "晨昏时分")}
"""Time before a clause, as a clause, and before a noun. Dusk and dawn look alike: 晨昏 is either."""
_SURFACES = {"wet": ("路面潮湿", "路面潮湿"), "snow-covered": ("路面覆盖着积雪", "路面积雪")}
_LINED = {"trees": "树木", "buildings": "建筑"}


def place(street: Street) -> str:
    return _PLACES[street.place]


def lined(street: Street) -> str:
    """What stands along it, as a clause: 沿路有树木和建筑; "" when nothing does."""
    return "沿路有" + "和".join(_LINED[w] for w in street.lined) if street.lined else ""


def surface(street: Street) -> str:
    return _SURFACES[street.ground][0] if street.ground else ""


def light(street: Street) -> str:
    """Time and weather as a clause: 夜里正下着雨, 正值夜间, 天气晴朗; "" when there is nothing to say."""
    if not street.weather:
        return _TIMES[street.time][1] if street.time else ""
    sky = _SKIES[street.weather][0]
    return f"{_TIMES[street.time][0]}{sky}" if street.time else sky


def on_street(street: Street) -> str:
    """ "一条夜间下着雨、沿路有树木的街道": everything before the noun."""
    hour = _TIMES[street.time][2 if street.weather else 1] if street.time else ""
    told = [hour + (_SKIES[street.weather][1] if street.weather else "")] if hour or street.weather else []
    told += [_SURFACES[street.ground][1]] if street.ground else []
    told += [lined(street)] if street.lined else []
    said = "、".join(told)
    return f"一条{said}{'的' if said else ''}{place(street)}"


def sky(weather: str) -> str:
    """Weather before 白天 or 夜晚."""
    return f"{_SKIES[weather][2]}的"


def hour(time: str) -> str:
    return {"day": "白天", "night": "夜晚"}[time]


_TAGS = {
    "sunny": "晴天",
    "low sun": "低垂的太阳",
    "cloudy": "多云",
    "overcast": "阴天",
    "foggy": "雾天",
    "rainy": "雨天",
    "snowy": "雪天",
    "dusty": "沙尘",
    "night": "夜间",
    "twilight": "晨昏",
    "wet": "潮湿路面",
    "snow-covered": "积雪路面",
    "trees": "树木",
    "buildings": "建筑群",
}


def tags(street: Street) -> str:
    """Everything known of a street by single words: 街道、晴天、树木."""
    words = (street.weather, street.time, street.ground, *street.lined)
    return "、".join((place(street), *(_TAGS[w] for w in words if w)))
