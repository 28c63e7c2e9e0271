"""Chinese words for defects and for places on inspected parts."""

from __future__ import annotations

import re

from pairforge.captioners.meanings import Flaw

_GRADES = {"minor": "轻微", "major": "严重", "critical": "致命"}
_KINDS = {
    "scratch": ("道", "划痕"),
    "dent": ("处", "凹痕"),
    "crack": ("条", "裂纹"),
    "burr": ("处", "毛刺"),
    "missing_hole": ("处", "缺孔"),
    "stain": ("块", "污渍"),
    "chip": ("处", "崩缺"),
    "misprint": ("处", "印字缺陷"),
}
_ACROSS = frozenset({"dent", "stain", "missing_hole", "misprint"})
"""Kinds of defect whose size is a width; the others have a length."""
_AT = {"missing_hole": "处", "misprint": "处"}
_FACES = {
    "top face": "顶面",
    "component side": "元件面",
    "base flange": "底部折边",
    "upright flange": "直立折边",
    "machined top face": "机加工顶面",
    "flange": "法兰",
    "web": "辐板",
    "side face": "侧面",
    "rim": "轮缘",
    "shoulder": "肩部",
    "tooth": "齿",
}
_FEATURES = {
    "bore": "中心孔",
    "slot": "长槽",
    "left slot": "左长槽",
    "right slot": "右长槽",
    "serial number": "序列号",
    "part number": "零件号",
    "lot number": "批号",
    "brand": "品牌名",
    "logo": "徽标",
    "bend": "折弯",
    "keyway": "键槽",
    "middle": "中心",
}
_CORNERS = {
    "lower left": "左下",
    "lower right": "右下",
    "upper left": "左上",
    "upper right": "右上",
    "lower middle": "下中",
    "upper middle": "上中",
    "middle left": "左中",
    "middle right": "右中",
    "front left": "左前",
    "front right": "右前",
    "rear left": "左后",
    "rear right": "右后",
    "left": "左",
    "right": "右",
}
_HOLES = {"hole": "孔", "bolt hole": "螺栓孔", "mounting hole": "安装孔"}
_NUMBERED = {"tooth": "第{}齿", "window": "{}号窗孔", "screw hole": "{}号螺孔"}


def feature(name: str) -> str:
    """A place on a part: "upper left hole" -> 左上孔, "tooth 5" -> 第5齿; the name itself where there is no word for
    it, as of "R12"."""
    if name in _FEATURES:
        return _FEATURES[name]
    if found := re.fullmatch(r"(.+) (\d+)", name):
        return _NUMBERED.get(found[1], found[1] + "{}").format(found[2])
    if found := re.fullmatch(r"(\d+) o'clock hole", name):
        return f"{found[1]}点钟方向的孔"
    found = re.fullmatch(r"(.+?) ((?:bolt |mounting )?hole)", name)
    return _CORNERS.get(found[1], found[1]) + _HOLES[found[2]] if found else name


def flaw(found: Flaw) -> str:
    """ "一道严重划痕，长8毫米，位于顶面的左上孔附近"."""
    measure, noun = _KINDS[found.kind]
    told = f"一{measure}{_GRADES.get(found.grade, '')}{noun}"
    if found.size_mm:
        told += f"，{'宽' if found.kind in _ACROSS else '长'}{found.size_mm}毫米"
    return f"{told}，位于{_where(found)}"


def _where(found: Flaw) -> str:
    if found.face == "tooth":
        return f"{feature(found.near)}上" if found.near.startswith("tooth") else "一个齿上"
    face = _FACES.get(found.face, found.face)
    return f"{face}的{feature(found.near)}{_AT.get(found.kind, '附近')}" if found.near else f"{face}上"
