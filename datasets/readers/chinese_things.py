"""Chinese sentences about things, parts and pictures, with what they claim, as rows of ``patterns``."""

from __future__ import annotations

from pairforge.datasets.readers.chinese_rows import AWAY, SIDE, rows_of
from pairforge.datasets.readers.chinese_words import FLAW
from pairforge.datasets.readers.patterns import Row

_REGION = (
    *("side A $side", "distance A ego $distance", "hidden_behind A B", "partly_hidden A ?cover"),
    "cut_off A $cut",
)
_COVERED = "(?:，被{B}(?P<cover>挡住了一部分))?(?:，在画面(?P<cut>左|右)边缘被截断)?"
_UNDER = "(?P<ground>地面|地板)上"
_UNDER_OR = f"(?:{_UNDER}|画面中)"
_SHELVES = "最上层|最下层|中间一层|从上往下第(?:二|三|四|五)层|从下往上第(?:二|三|四|五)层"
_SHELF, _SHELF_2 = f"架子(?P<shelf>{_SHELVES})", f"(?P<shelf2>{_SHELVES})"
_DAY = "阳光明媚|阳光斜照|多云|阴沉|有雾|下雨|下雪|沙尘弥漫"
_UNSEEN = "(?P<unseen>[0-9]+|一|两|三|四|五|六|七|八|九|十一|十二|十)处缺陷"


def _beside(predicate: str, near: str, far: str, *more: str) -> tuple[Row, ...]:
    return rows_of(
        (f"{predicate} A B",),
        f"{{A}}在{{B}}{near}。",
        f"{{B}}{near}有{{A/n}}。",
        f"{{A}}位于{{B}}的{far}。",
        f"在{{B}}{near}(?:可以看到|的是){{A}}。",
        *more,
    )


THINGS: tuple[Row, ...] = (
    # Who hides whom, who is seen by what
    *rows_of(
        ("hidden_behind A B", "partly_hidden A"),
        "{A}被{B}挡住了一部分。",
        "{B}挡住了{A}的一部分。",
        "{A}有一部分藏在{B}后面。",
        "{B}部分遮挡了{A}。",
        "{A}在{B}后面只露出一部分。",
    ),
    *rows_of(
        ("unseen A", "lidar_hits A $returns"),
        "激光雷达还扫到了相机看不见的{A}，共<returns>个回波。",
        "{A}不在相机视线之内，却反射了<returns>个激光雷达回波。",
        "相机看不到{A}，但激光雷达从那里收到了<returns>个回波。",
        "凭借<returns>个回波，激光雷达发现了相机看不到的{A}。",
    ),
    # Things on a table
    *rows_of(
        ("at_rest A", "on_top_of A B"),
        "{A}静置在{B}上。",
        "{B}上(?:放着|摆着){A/n}。",
        "{A}静静地放在{B}上。",
        "{A}稳稳地放在{B}上。",
        "{A}在{B}上静止不动。",
        "{A}摆在{B}上。",
    ),
    *rows_of(
        ("on_top_of A B",),
        "{A}在{B}上面。",
        "{B}上面放着{A/n}。",
        "{A}压在{B}上面。",
        "{B}上面有{A/n}。",
        "{B}的上面是{A/n}。",
        "{B}的上面就是{A}。",
    ),
    *rows_of(("on_top_of B A",), "{A}在{B}下面。"),
    *rows_of(
        ("on_top_of A B", "on_top_of B C"),
        "{A}叠在{B}上面，后者又叠在{C}上面。",
        "{B}叠在{C}上面，它的上面又叠着{A}。",
        "{C}上面是{B}，再往上是{A}。",
    ),
    *rows_of(
        ("across A B C",),
        "{A}一端搭在{B}上，另一端搭在{C}上。",
        "{A}从{B}横跨到{C}。",
        "{A}架在{B}与{C}之间。",
    ),
    *rows_of(
        ("inside A B",),
        "{A}在{B}里。",
        "{B}里(?:有|装着){A/n}。",
        "{A}装在{B}里。",
        "{A}放在{B}里面。",
        "在{B}里(?:可以看到|的是){A}。",
        "我们看到{A}在{B}里。",
    ),
    *rows_of(
        ("inside A B", "upon C D"),
        "{A}在{B}里，{D}上还有{C}。",
        "{D}上有{C}，{A}在{B}里。",
        "我们看到{A}在{B}里，{C}在{D}上。",
    ),
    *rows_of(
        ("fallen_off A B",),
        "{A}从{B}上掉了下去。",
        "{A}已经不在{B}上，掉下去了。",
        "{A}越过{B}的边缘掉了下去。",
    ),
    *rows_of(
        ("on_shelf A $shelf", "on_shelf B $shelf2"),
        f"{_SHELF}(?:放着|摆着){{A/n}}。",
        f"{{A}}在{_SHELF}。",
        f"{{A}}放在{_SHELF}(?:，{{B}}放在{_SHELF_2})?。",
        f"{{A}}摆在{_SHELF}。",
        f"{_SHELF}放着{{A/n}}，{_SHELF_2}有{{B}}。",
        f"{_SHELF}可以看到{{A}}(?:，{_SHELF_2}(?:有|可以看到){{B}})?。",
    ),
    *rows_of(
        ("leans_on A B",),
        "{A}靠在{B}上。",
        "{A}斜靠着{B}。",
        "{A}倾斜地倚在{B}上。",
        "{B}上斜靠着{A/n}。",
        "斜靠在{B}上的是{A}。",
    ),
    *rows_of(
        ("falling A", "height_above A B $height"),
        "{A}正在下落，离{B}还有<height>。",
        "{A}还在空中，在{B}上方<height>处，正在下落。",
        "{A}正落向{B}，距离<height>。",
        "在{B}上方<height>处，{A}正在下落。",
    ),
    *rows_of(
        ("falling A", "height_above A B $height", "falling C", "height_above C B $height2"),
        "{A}正在{B}上方<height>处下落，{C}也在下落，高度为<height2>。",
        "在{B}上方，{A}正从<height>高处落下，{C}正从<height2>高处落下。",
        "{A}正在下落，离{B}还有<height>；{C}也在下落，还有<height2>。",
    ),
    *rows_of(
        ("airborne A", "height_above A B $height"),
        "{A}悬在{B}上方<height>处。",
        "{A}在半空中，离{B}<height>。",
        "{B}上方<height>处悬着{A/n}。",
        "{A}悬空，在{B}上方<height>处。",
        "{A}没有接触{B}，悬在其上方<height>处。",
    ),
    *rows_of(
        ("just_landed A B",),
        "{A}刚刚落在{B}上。",
        "{A}刚掉到{B}上。",
        "刚才，{A}落到了{B}上。",
        "{B}上刚刚落下{A/n}。",
        "{A}刚刚掉落在{B}上。",
    ),
    *rows_of(
        ("just_landed A B", "inside A B"),
        "{A}刚刚落进{B}里。",
        "{A}刚掉进{B}里。",
        "刚才，{A}落到了{B}里。",
        "{B}里刚刚落进{A/n}。",
        "{A}刚刚掉落在{B}里。",
    ),
    *rows_of(
        ("just_hit A B",),
        "{A}刚刚砸到了{B}。",
        "{A}刚从上方击中了{B}。",
        "刚才，{A}从上面砸中了{B}。",
        "{A}刚刚从{B}上弹起。",
    ),
    *rows_of(
        ("just_bumped A B",),
        "{A}刚刚从侧面撞上了{B}。",
        "{A}刚从旁边碰到了{B}。",
        "刚才，{A}从侧面撞到了{B}。",
    ),
    *rows_of(("on_its_side A",), "{A}侧倒着。", "{A}横躺着。", "{A}已经侧翻倒下。", "侧倒着的是{A}。"),
    *rows_of(
        ("stirring A",),
        "{A}还在动。",
        "{A}还没有停稳。",
        "{A}尚未静止下来。",
        "还在动的有{A/n}。",
        "还在动的是{A}。",
    ),
    *_beside("left_of", "左边", "左侧", "从画面上看，{A}在{B}的左侧。"),
    *_beside("right_of", "右边", "右侧", "从画面上看，{A}在{B}的右侧。"),
    *_beside("in_front_of", "前面", "前方", "{A}比{B}离相机更近。"),
    *_beside("behind", "后面", "后方", "{A}比{B}离相机更远。"),
    *rows_of(
        ("upon A B", "falling C", "airborne D"),
        *(
            f"{start}(?:，(?:同时)?{{C}}正在下落)?(?:，{{D}}悬在空中)?。"
            for start in ("{B}上有{A/n}", "{B}上可以看到{A}", "{A}在{B}上", "我们看到{A}在{B}上")
        ),
    ),
    *rows_of(
        ("falling A", "airborne C"),
        "(?:我们看到)?{A}正落向{B}(?:，{C}悬在空中)?。",
        "{A}正向{B}下落(?:，{C}悬在空中)?。",
    ),
    *rows_of(("airborne A",), "(?:我们看到)?{A}悬在{B}上方的空中。", "{A}悬在{B}的上空。"),
    # Parts under inspection
    *rows_of(
        ("defect A $flaw", "defect_size A $flaw", "defect_severity A $flaw"),
        f"{{A}}上?(?:有|可见){FLAW}。",
        f"在{{A}}上发现{FLAW}。",
    ),
    *rows_of(
        ("defect_unseen A $unseen",),
        f"{{A}}有{_UNSEEN}从这个角度看不到。",
        f"从这个视角看不到{{A}}的{_UNSEEN}。",
        f"{{A}}的{_UNSEEN}不在画面中。",
    ),
    *rows_of(("defect_free A",), "{A}没有缺陷。", "{A}无任何缺陷。", "在{A}上没有发现缺陷。"),
    *rows_of(("verdict A =reject",), "{A}检验不合格。", "{A}未通过检验。", "{A}应予剔除。"),
    *rows_of(("verdict A =pass",), "{A}检验合格。", "{A}通过了检验。", "{A}可以接收。"),
    # Things in the open
    *rows_of(
        ("on_ground A $ground", "falling B"),
        f"{_UNDER_OR}有{{A/n}}(?:，{{B}}正在下落)?。",
        f"{_UNDER_OR}可以看到{{A}}(?:，{{B}}正在下落)?。",
        f"我们看到{{A}}(?:在{_UNDER})?(?:，同时{{B}}正在下落)?。",
        f"{{A}}(?:位于{_UNDER}|出现在画面中)(?:，{{B}}正往下掉)?。",
        f"{{A}}在{_UNDER}。",
    ),
    *rows_of(
        ("on_top_of A B", "on_ground C $ground", "falling D"),
        *(
            f"{start}(?:，{_UNDER_OR}还有{{C}})?(?:，(?:同时)?{{D}}正在下落)?。"
            for start in ("{A}叠放在{B}上面", "{B}上面放着{A/n}", "{A}放在{B}上面", "我们看到{A}在{B}上面")
        ),
    ),
    *rows_of(
        ("falling A",),
        "(?:我们看到)?{A}正在下落。",
        "{A}还在空中，正往下掉。",
        "空中有{A/n}正在下落。",
        "{A}仍在下落。",
        "{A}正从空中落下。",
    ),
    # One thing of the picture
    *rows_of(
        _REGION,
        f"{{A/yx}}(?:，位于画面{SIDE})?{AWAY}{_COVERED}。",
        f"我们看到{{A}}，位于画面{SIDE}{AWAY}{_COVERED}。",
        f"我们(?:在画面{SIDE})?看到{{A}}{AWAY}{_COVERED}。",
        f"画面(?:{SIDE}|中)有{{A/n}}{AWAY}{_COVERED}。",
        f"画面(?:{SIDE}|中)是{{A}}{AWAY}{_COVERED}。",
    ),
    # Contrasts
    *rows_of((), "画面中没有{A/z}。", "我们没有看到{A/z}。", "看不到{A/z}。", "可以看到{A}。"),
    *rows_of(("only A",), "画面中只有{A}。", "除了{A}，画面中别无他物。", "我们只看到{A}。"),
    *rows_of(
        ("weather $weather", "weather $time"),
        f"(?:这是一个|照片拍摄于|外面是)(?:(?P<weather>{_DAY})的)?(?P<time>白天|夜晚)。",
    ),
    *rows_of(
        ("camera_distance A $distance",),
        "{A}离相机<distance>。",
        "相机与{A}相距<distance>。",
        "离相机<distance>处有{A/n}。",
        "{A}在离相机<distance>处。",
    ),
    *rows_of(
        ("landed_before A B",),
        "{A}比{B}先落下。",
        "{A}在{B}之前落了下来。",
        "先落下的是{A}，然后才是{B}。",
    ),
    *rows_of(
        ("own_side A B $side",),
        f"{{B}}自身的{SIDE}有{{A/n}}。",
        f"{{A}}在{{B}}自身的{SIDE}。",
        f"从{{B}}自身的朝向看，{{A}}在其{SIDE}。",
        f"以{{B}}自己的朝向为准，{SIDE}有{{A/n}}。",
        f"以{{B}}自己的朝向为准，{SIDE}是{{A}}。",
    ),
)
