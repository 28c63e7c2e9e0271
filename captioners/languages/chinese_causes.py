"""Chinese words for why we do what we do."""

from __future__ import annotations

_EFFECTS = {
    "braking": ("刹车", "刹了车"),
    "stopping": ("停车", "停了车"),
    "lane_change": ("变道", "变了道"),
    "moving_over": ("并线", "并了线"),
}
"""What we are at, and what we have done."""
_ACTS = {
    "presence": "",
    "crossing_road": "过马路",
    "cutting_in": "切入",
    "ran_red": "闯红灯",
    "lane_change": "变道",
    "moving_over": "并线",
    "stopping": "停车",
    "braking": "减速",
    "starting": "起步",
    "turning": "转弯",
}


def effect(what: str, side: str | None, ongoing: bool) -> str:
    """ "正在向左变道", "刹了车"."""
    return ("正在" if ongoing else "") + made_to(what, side, ongoing)


def made_to(what: str, side: str | None, ongoing: bool) -> str:
    """ "向左变道", "刹了车"."""
    way = {"left": "向左", "right": "向右"}[side] if side else ""
    return way + _EFFECTS[what][0 if ongoing else 1]


def acting(act: str, ongoing: bool) -> str:
    """What the cause is doing or did, "" when it is but there."""
    return f"正在{_ACTS[act]}" if ongoing and _ACTS[act] else _ACTS[act]
