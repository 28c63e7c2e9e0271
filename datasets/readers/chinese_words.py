"""The reader's own Chinese lexicon: nouns and how they are counted, colours, materials, numbers, defects."""

from __future__ import annotations

import re

_NOUNS = """
小汽车 辆 car            轿车 辆 sedan             两厢车 辆 hatchback       旅行车 辆 estate_car
商务车 辆 minivan        SUV 辆 SUV                出租车 辆 taxi            面包车 辆 van
卡车 辆 truck            皮卡 辆 pickup_truck      公交车 辆 bus             车 辆 vehicle
自行车 辆 bicycle        行人 名 pedestrian        骑车人 名 cyclist         物体 个 object
桌子 张 table            操作台 个 worktop         建筑 栋 building          树 棵 tree
树篱 道 hedge            绿植 盆 plant             柱子 根 post              路灯 盏 lamp_post
标牌 块 sign             交通标志牌 块 traffic_sign  路名牌 块 street_name_sign  红绿灯 个 traffic_light
动物 只 animal           狗 只 dog                 猫 只 cat                 绵羊 只 sheep
马 匹 horse              奶牛 头 cow               鹿 头 deer                搁板 块 shelf
书架 个 bookcase         椅子 把 chair             长椅 张 bench             垃圾桶 个 litter_bin
隔离柱 根 bollard        锥形路标 个 traffic_cone  公交候车亭 座 bus_shelter 台灯 盏 lamp
时钟 个 clock            相框 个 picture           书 本 book                木板 块 plank
球 个 ball               方块 个 block             盒子 个 box               胶囊体 个 capsule
圆锥体 个 cone           立方体 个 cube            圆柱体 个 cylinder        棱锥体 个 pyramid
圆环 个 ring             球体 个 sphere            苹果 个 apple             香蕉 根 banana
柠檬 个 lemon            橙子 个 orange            梨 个 pear                西红柿 个 tomato
胡萝卜 根 carrot         面包 条 loaf              篮子 个 basket            瓶子 个 bottle
碗 个 bowl               易拉罐 个 can             醒酒器 个 carafe          麦片盒 个 cereal_box
板条箱 个 crate          杯子 个 cup               砧板 块 cutting_board     叉子 把 fork
刀 把 knife              勺子 把 spoon             玻璃杯 个 glass           高脚杯 个 wine_glass
罐子 个 jar              水罐 个 jug               水壶 把 kettle            茶壶 把 teapot
牛奶盒 个 milk_carton    马克杯 个 mug             包装盒 个 packet          平底锅 口 pan
汤锅 口 pot              盘子 个 plate             罐头 个 tin               花瓶 个 vase
烤面包机 台 toaster      机械臂 条 robot_arm       支架 个 bracket           铸件 个 casting
瓶盖 个 closure          齿轮 个 gear              电路板 块 circuit_board     加工板 块 machined_plate
"""
_WORDS = _NOUNS.split()
NOUN_KEYS = {_WORDS[k]: _WORDS[k + 2].replace("_", " ") for k in range(0, len(_WORDS), 3)}
MEASURES = {_WORDS[k + 2].replace("_", " "): _WORDS[k + 1] for k in range(0, len(_WORDS), 3)}
"""Key of a noun -> the one measure word that counts it."""

_COLOURS = {
    "黑": "black",
    "白": "white",
    "银": "silver",
    "灰": "grey",
    "红": "red",
    "蓝": "blue",
    "绿": "green",
    "黄": "yellow",
    "橙": "orange",
    "棕": "brown",
    "米": "beige",
    "藏青": "navy",
    "紫": "purple",
    "粉": "pink",
    "青": "cyan",
}
COLOUR_KEYS = {f"{stem}色": key for stem, key in _COLOURS.items()}
MATERIAL_KEYS = {
    "塑料": "plastic",
    "金属": "metal",
    "橡胶": "rubber",
    "玻璃": "glass",
    "陶瓷": "ceramic",
    "皮革": "leather",
    "木": "wooden",
    "木制": "wooden",
    "布": "fabric",
    "布制": "fabric",
    "石": "stone",
    "石制": "stone",
    "纸": "paper",
    "纸制": "paper",
}
ON_FOOT, RIDER = "pedestrian", "cyclist"
TAGS = {
    **{w: ("place", key) for w, key in (("街道", "street"), ("道路", "road"), ("高速公路", "motorway"))},
    **{w: ("scenery", key) for w, key in (("树木", "trees"), ("建筑群", "buildings"))},
    **{
        w: ("weather", key)
        for w, key in (
            *(("晴天", "sunny"), ("低垂的太阳", "low sun"), ("多云", "cloudy"), ("阴天", "overcast")),
            *(("雾天", "foggy"), ("雨天", "rainy"), ("雪天", "snowy"), ("沙尘", "dusty")),
            *(("夜间", "night"), ("晨昏", "twilight"), ("潮湿路面", "wet"), ("积雪路面", "snow-covered")),
        )
    },
}
"""Tags that are no nouns of things, and what they claim."""
_SHORT = frozenset("木布石纸")
_DIGITS = "一二三四五六七八九十"


def count_of(words: str) -> int | None:
    """两 -> 2, 十一 -> 11, 14 -> 14; None for what does not stand before a measure word. Up to twelve only words
    count, and two is never 二."""
    if words.isascii() and words.isdigit():
        return int(words) if int(words) > 12 and words[0] != "0" else None
    if words == "两":
        return 2
    if words in ("十一", "十二"):
        return 10 + _DIGITS.index(words[1]) + 1
    return _DIGITS.index(words) + 1 if len(words) == 1 and words in _DIGITS and words != "二" else None


def fits_before(material: str, noun: str) -> bool:
    """木球, 木盒 but 木制圆锥体: short forms stand before one syllable, those with 制 before more. A noun in 子 loses
    it, unless another is called so (a 玻璃杯子 is no 玻璃杯)."""
    if len(noun) == 2 and noun.endswith("子") and material + noun[0] not in NOUN_KEYS:
        return False
    if material.endswith("制"):
        return len(noun) > 1
    return material not in _SHORT or len(noun) == 1


# ---------------------------------------------------------------- defects

FLAW = "(?P<flaw>一(?:道|处|条|块).+，位于.+)"
"""A defect in words, as a group of a sentence."""
CLAIMS = ("defect", "defect_size", "defect_severity")
_KINDS = {
    "划痕": ("scratch", "道", "长"),
    "凹痕": ("dent", "处", "宽"),
    "裂纹": ("crack", "条", "长"),
    "毛刺": ("burr", "处", "长"),
    "缺孔": ("missing_hole", "处", "宽"),
    "污渍": ("stain", "块", "宽"),
    "崩缺": ("chip", "处", "长"),
    "印字缺陷": ("misprint", "处", "宽"),
}
_GRADES = {"轻微": "minor", "严重": "major", "致命": "critical"}
_FLAW = re.compile(
    rf"一(?P<measure>.)(?P<grade>{'|'.join(_GRADES)})?(?P<kind>{'|'.join(_KINDS)})"
    r"(?:，(?P<how>长|宽)(?P<size>(?!0毫)[0-9]+(?:\.5)?)毫米)?，位于(?P<where>.+)"
)
_FACES = {
    "顶面": "top face",
    "元件面": "component side",
    "底部折边": "base flange",
    "直立折边": "upright flange",
    "机加工顶面": "machined top face",
    "法兰": "flange",
    "辐板": "web",
    "侧面": "side face",
    "轮缘": "rim",
    "肩部": "shoulder",
}
_PLACES = {
    "中心孔": "bore",
    "长槽": "slot",
    "左长槽": "left slot",
    "右长槽": "right slot",
    "序列号": "serial number",
    "零件号": "part number",
    "批号": "lot number",
    "品牌名": "brand",
    "徽标": "logo",
    "折弯": "bend",
    "键槽": "keyway",
    "中心": "middle",
}
_ACROSS = {
    "上": "upper",
    "下": "lower",
    "前": "front",
    "后": "rear",
    "中": "middle",
    "左": "left",
    "右": "right",
}
_HOLES = {"孔": "hole", "螺栓孔": "bolt hole", "安装孔": "mounting hole"}
_NUMBERED = ((r"第(\d+)齿", "tooth"), (r"(\d+)号窗孔", "window"), (r"(\d+)号螺孔", "screw hole"))


def _place(words: str) -> str | None:
    """The key of a place on a part: 右下孔 -> "lower right hole"; None when it is none."""
    if words in _PLACES:
        return _PLACES[words]
    if re.fullmatch(r"[A-Z]+[0-9]+", words):
        return words
    for pattern, key in _NUMBERED:
        if found := re.fullmatch(pattern, words):
            return f"{key} {found[1]}"
    if found := re.fullmatch(r"([1-9]|1[0-2])点钟方向的孔", words):
        return f"{found[1]} o'clock hole"
    found = re.fullmatch(rf"(?:([左右])([上下前后中])?|([上下])(中))({'|'.join(_HOLES)})", words)
    if found is None:
        return None
    side, along, upright, middle, hole = found.groups()
    names = [along, side] if side else [upright, middle]
    return " ".join([*(_ACROSS[n] for n in names if n), _HOLES[hole]])


def read_flaw(predicate: str, words: str) -> str | None:
    """The argument of a claim about a defect told in words; None when they do not make that claim, "?" (which no fact
    has) when they are not such as this lexicon knows."""
    found = _FLAW.fullmatch(words)
    if found is None:
        return "?"
    kind, measure, how = _KINDS[found["kind"]]
    where = _where(kind, found["where"])
    if where is None or found["measure"] != measure or (found["how"] or how) != how:
        return "?"
    if predicate == "defect":
        return f"{kind}|{where}"
    last = found["size"] if predicate == "defect_size" else _GRADES.get(found["grade"] or "")
    return f"{kind}|{where}|{last}" if last else None


def _where(kind: str, words: str) -> str | None:
    """ "face|near" of 顶面的左上孔附近; None when it is no place of a part."""
    if words == "一个齿上":
        return "tooth|"
    if found := re.fullmatch(r"第([0-9]+)齿上", words):
        return f"tooth|tooth {found[1]}"
    if words.endswith("上") and words[:-1] in _FACES:
        return f"{_FACES[words[:-1]]}|"
    at = "处" if kind in ("missing_hole", "misprint") else "附近"
    found = re.fullmatch(rf"({'|'.join(_FACES)})的(.+){at}", words)
    near = _place(found[2]) if found else None
    return f"{_FACES[found[1]]}|{near}" if found and near else None
