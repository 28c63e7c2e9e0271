"""Chinese sentences about what happened in a clip, with what they claim, as rows of ``patterns``."""

from __future__ import annotations

from collections.abc import Iterable

from pairforge.datasets.readers.chinese_rows import rows_of
from pairforge.datasets.readers.patterns import Row

_FIRST = "(?:(?:(?P<start>一开始)|(?P<end>临近结束时))，)?"
_MIDDLE = "(?:在(?:(?P<start>开始时)|(?P<end>快结束时)))?"


def _happened(
    kind: str, who: str, told: Iterable[str], side: str = "", also: tuple[str, ...] = ()
) -> tuple[Row, ...]:
    """Sentences about a happening of the clip, of (subject, verb): ``who`` are the subjects of its claims,
    ``also`` further claims."""
    argument = f"{kind}|{side}" if side else kind
    claims = (
        f"happened {who} ={argument}",
        *(f"happened_when {who} ={argument}@{part} ?{part}" for part in ("start", "end")),
        *also,
    )
    subject, *verbs = told
    return tuple(
        row for v in verbs for row in rows_of(claims, f"{_FIRST}{subject}{v}。", f"{subject}{_MIDDLE}{v}。")
    )


def _sided(kind: str, who: str, told: Iterable[str]) -> tuple[Row, ...]:
    """The same once a side, for SIDE."""
    words = tuple(told)
    return tuple(
        row
        for side, word in (("left", "左"), ("right", "右"))
        for row in _happened(kind, who, [w.replace("SIDE", word) for w in words], side)
    )


_ALONE = {
    "braking": ("刹车了", "减速了", "踩了刹车"),
    "speeding_up": ("加速了", "提速了", "加快了速度"),
    "stopping": ("停了下来", "停住了", "停下了"),
    "starting": ("出发了",),
    "falling": ("掉了下来", "坠落了", "落了下来"),
    "rolling": ("滚动了", "滚了一段", "滚动了一阵"),
    "coming_to_rest": ("静止下来了", "停稳了", "停止了运动"),
    "crossing_road": ("穿过了马路", "走过了马路", "横穿了马路"),
}
_SIDEWAYS = {
    "turning": ("向SIDE转了弯", "朝SIDE侧拐了弯", "向SIDE转弯了"),
    "lane_change": ("向SIDE变道了", "往SIDE侧换了一条车道", "变到了SIDE侧的车道"),
}
_PAIRS = {
    "overtaking": ("超过了{B}", "超车越过了{B}", "赶超了{B}"),
    "passing_by": ("从{B}旁边经过", "经过了{B}", "从{B}旁边驶过"),
    "landing": ("落在了{B}上", "掉到了{B}上", "落到了{B}上面"),
    "hitting": ("撞上了{B}", "撞到了{B}", "碰撞了{B}"),
    "ran_red": ("在红灯时驶过了{B}", "在红灯亮着时越过了{B}", "无视红灯，驶过了{B}"),
}
_GRIPS = {
    "picked_up": ("抓起了{A}", "夹起了{A}", "拿起了{A}"),
    "held": ("抓着{A}", "一直抓着{A}", "夹住了{A}"),
    "released": ("松开了{A}", "放开了{A}", "放掉了{A}"),
}
_CUT_IN = ("从SIDE侧切入到我们前面", "从SIDE侧紧贴着我们前方并入了我们的车道", "从SIDE侧插到了我们前面")


def clips() -> Iterable[Row]:
    for who, subject in (("A", "{A}"), ("ego", "我们")):
        for kind, verbs in _ALONE.items():
            yield from _happened(kind, who, (subject, *verbs))
        riding = subject.replace("{A}", "{A/b}")
        yield from _happened("starting", who, (riding, "起步了", "开动了"))
        for kind, verbs in _SIDEWAYS.items():
            yield from _sided(kind, who, (subject, *verbs))
        for kind, verbs in _PAIRS.items():
            yield from _happened(kind, f"{who} B", (subject, *verbs))
    for kind, verbs in _PAIRS.items():
        yield from _happened(kind, "A ego", ("{A}", *(v.replace("{B}", "我们") for v in verbs)))
    yield from _happened("starting", "A", ("{A/f}", "迈开了脚步", "走了起来"))
    within = ("{A}", "落在了{B}里", "掉进了{B}里", "落到了{B}里")
    yield from _happened("landing", "A B", within, also=("inside A B",))
    for kind, verbs in _GRIPS.items():
        yield from _happened(kind, "A B", ("{B}", *verbs))
    yield from _sided("cutting_in", "A ego", ("{A}", *_CUT_IN))
