"""Chinese words: nouns with their measure words, colours, materials, numbers.

A noun is counted with a measure word of its own (一辆卡车, 一本书), which no rule gives: it is looked up here.
"""

from __future__ import annotations

from collections.abc import Sequence

from pairforge.captioners.nouns import WEARERS

_BY_MEASURE: dict[str, dict[str, str]] = {
    "辆": {
        "car": "小汽车",
        "sedan": "轿车",
        "hatchback": "两厢车",
        "estate car": "旅行车",
        "minivan": "商务车",
        "SUV": "SUV",
        "taxi": "出租车",
        "van": "面包车",
        "truck": "卡车",
        "pickup truck": "皮卡",
        "bus": "公交车",
        "vehicle": "车",
        "bicycle": "自行车",
    },
    "名": {"pedestrian": "行人", "cyclist": "骑车人"},
    "只": {"animal": "动物", "dog": "狗", "cat": "猫", "sheep": "绵羊"},
    "匹": {"horse": "马"},
    "头": {"cow": "奶牛", "deer": "鹿"},
    "棵": {"tree": "树"},
    "盆": {"plant": "绿植"},
    "道": {"hedge": "树篱"},
    "栋": {"building": "建筑"},
    "座": {"bus shelter": "公交候车亭"},
    "盏": {"lamp": "台灯", "lamp post": "路灯"},
    "根": {"post": "柱子", "bollard": "隔离柱", "banana": "香蕉", "carrot": "胡萝卜"},
    "块": {
        "sign": "标牌",
        "traffic sign": "交通标志牌",
        "street name sign": "路名牌",
        "shelf": "搁板",
        "plank": "木板",
        "cutting board": "砧板",
        "circuit board": "电路板",
        "machined plate": "加工板",
    },
    "张": {"table": "桌子", "bench": "长椅"},
    "把": {
        "chair": "椅子",
        "knife": "刀",
        "fork": "叉子",
        "spoon": "勺子",
        "kettle": "水壶",
        "teapot": "茶壶",
    },
    "本": {"book": "书"},
    "口": {"pot": "汤锅", "pan": "平底锅"},
    "条": {"loaf": "面包", "robot arm": "机械臂"},
    "台": {"toaster": "烤面包机"},
    "个": {
        "object": "物体",
        "worktop": "操作台",
        "bookcase": "书架",
        "litter bin": "垃圾桶",
        "traffic cone": "锥形路标",
        "traffic light": "红绿灯",
        "ball": "球",
        "block": "方块",
        "box": "盒子",
        "capsule": "胶囊体",
        "cone": "圆锥体",
        "cube": "立方体",
        "cylinder": "圆柱体",
        "pyramid": "棱锥体",
        "ring": "圆环",
        "sphere": "球体",
        "apple": "苹果",
        "lemon": "柠檬",
        "orange": "橙子",
        "pear": "梨",
        "tomato": "西红柿",
        "basket": "篮子",
        "bottle": "瓶子",
        "bowl": "碗",
        "can": "易拉罐",
        "carafe": "醒酒器",
        "cereal box": "麦片盒",
        "clock": "时钟",
        "crate": "板条箱",
        "cup": "杯子",
        "glass": "玻璃杯",
        "jar": "罐子",
        "jug": "水罐",
        "milk carton": "牛奶盒",
        "mug": "马克杯",
        "packet": "包装盒",
        "picture": "相框",
        "plate": "盘子",
        "tin": "罐头",
        "vase": "花瓶",
        "wine glass": "高脚杯",
        "bracket": "支架",
        "casting": "铸件",
        "closure": "瓶盖",
        "gear": "齿轮",
    },
}
NOUNS: dict[str, tuple[str, str]] = {
    key: (noun, measure) for measure, nouns in _BY_MEASURE.items() for key, noun in nouns.items()
}
"""Key of a noun -> the noun and its measure word."""

_WHOLE = frozenset(noun for noun, _ in NOUNS.values())

COLOURS = {
    "black": "黑色",
    "white": "白色",
    "silver": "银色",
    "grey": "灰色",
    "red": "红色",
    "blue": "蓝色",
    "green": "绿色",
    "yellow": "黄色",
    "orange": "橙色",
    "brown": "棕色",
    "beige": "米色",
    "navy": "藏青色",
    "purple": "紫色",
    "pink": "粉色",
    "cyan": "青色",
}
MATERIALS = {
    "plastic": ("塑料", "塑料"),
    "metal": ("金属", "金属"),
    "rubber": ("橡胶", "橡胶"),
    "wooden": ("木", "木制"),
    "glass": ("玻璃", "玻璃"),
    "ceramic": ("陶瓷", "陶瓷"),
    "fabric": ("布", "布制"),
    "leather": ("皮革", "皮革"),
    "stone": ("石", "石制"),
    "paper": ("纸", "纸制"),
}
"""Material -> its word before a noun of one syllable (木球, 木盒) and before a longer one (木制圆锥体)."""

_NUMBERS = ("零", "一", "两", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二")


def number(count: int) -> str:
    """Counts before a measure word: to twelve in words, two as 两, then digits."""
    return _NUMBERS[count] if count < len(_NUMBERS) else str(count)


def measure_word(word: str) -> str:
    """What the noun is counted with; 个 for a word that the lexicon lacks."""
    return NOUNS.get(word, ("", "个"))[1]


def _stem(noun: str, material: str) -> str:
    """A noun behind its material, where it loses its 子: 木盒, 玻璃瓶; a 玻璃杯 is another thing than a 杯子."""
    stem = noun.removesuffix("子")
    return stem if len(stem) == 1 and material + stem not in _WHOLE else noun


def described(qualities: Sequence[str], word: str) -> str:
    """Adjectives and noun: 蓝色两厢车, 红色的碗, 黄色木球, 停放的车; people wear their colour: 穿蓝色衣服的行人."""
    noun = NOUNS.get(word, (word, ""))[0]
    colour = next((COLOURS[q] for q in qualities if q in COLOURS), "")
    short, long = next((MATERIALS[q] for q in qualities if q in MATERIALS), ("", ""))
    if colour and word in WEARERS:
        said = f"穿{colour}衣服的{noun}"
    elif short:
        stem = _stem(noun, short)
        said = f"{colour}{short if len(stem) == 1 else long}{stem}"
    else:
        said = f"{colour}{'的' if colour and len(noun) == 1 else ''}{noun}"
    return f"停放的{said}" if "parked" in qualities else said
