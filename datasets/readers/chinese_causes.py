"""Chinese sentences about why we do what we do, with what they claim, as rows of ``patterns``."""

from __future__ import annotations

from pairforge.datasets.readers.chinese_rows import rows_of
from pairforge.datasets.readers.patterns import Row

PREDICATES = ("under_way", "just_ended", "caused_by")
_DOES = {
    **dict.fromkeys(("刹车", "刹了车"), "braking"),
    **dict.fromkeys(("停车", "停了车"), "stopping"),
    **dict.fromkeys(("变道", "变了道"), "lane_change"),
    **dict.fromkeys(("并线", "并了线"), "moving_over"),
}
_ACTS = {
    "": "presence",
    "过马路": "crossing_road",
    "切入": "cutting_in",
    "闯红灯": "ran_red",
    "变道": "lane_change",
    "并线": "moving_over",
    "停车": "stopping",
    "减速": "braking",
    "起步": "starting",
    "转弯": "turning",
}
_WAYS = {"向左": "left", "向右": "right"}
_ACT = f"(?P<act>{'|'.join(a for a in _ACTS if a)})"


def _why(state: str, doing: str, what: str) -> tuple[Row, ...]:
    """``doing``: 正在 of what is under way; what made us do it may be over by then."""
    return rows_of(
        (f"{state} ego $what", "caused_by ego A $what+act"),
        f"由于{{A}}(?:(?:{doing})?{_ACT})?，我们{doing}{what}。",
        f"我们{doing}{what}，是因为{{A}}(?:(?:{doing})?{_ACT})?。",
        f"{{A}}(?:(?:{doing})?{_ACT}，|{doing})迫使我们{what}。",
    )


CAUSES: tuple[Row, ...] = (
    *_why("under_way", "正在", "(?P<what>刹车|停车|(?:向左|向右)?(?:变道|并线))"),
    *_why("just_ended", "", "(?P<what>刹了车|停了车|(?:向左|向右)?(?:变了道|并了线))"),
)


def meant(predicate: str, words: str) -> str:
    """The argument of "向左变道", or of "向左变道+过马路"."""
    does, _, act = words.partition("+")
    side = _WAYS.get(does[:2], "")
    kind = _DOES[does[2:] if side else does]
    if predicate == "caused_by":
        return f"{kind}|{_ACTS[act]}"
    return f"{kind}|{side}" if side else kind
