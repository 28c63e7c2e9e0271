"""Every sentence that a Chinese caption may hold, with what it claims, as rows of ``patterns``.

Features of phrases are those of ``chinese.features``: {A/n} is new, {A/c} rides, {A/w} walks, {A/d} does neither. A
bare {A} stands for {A/y}, anything but "none".
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from pairforge.datasets.readers.chinese_words import CLAIMS as FLAW_CLAIMS
from pairforge.datasets.readers.chinese_words import FLAW, count_of, read_flaw
from pairforge.datasets.readers.patterns import Grammar, Row

_SKY = "天气晴朗|太阳低垂|天空多云|天色阴沉|雾气弥漫|正下着雨|正下着雪|沙尘弥漫"
_SKY_OF = "阳光明媚|阳光斜照|天空多云|天色阴沉|雾气弥漫|下着雨|下着雪|沙尘弥漫"
_LIGHT = f"(?:(?P<when>夜里|晨昏时分)?(?P<mood>{_SKY})|(?P<alone>正值夜间|正值晨昏时分))"
_SURFACE = "(?P<wet>路面潮湿)|(?P<white>路面覆盖着积雪)"
_LINED = "沿路有(?P<lined>树木和建筑|树木|建筑)"
_PLACE = "(?P<place>街道|道路|高速公路)"
# 、 stands between two things said of a street, not before the first.
_AND = "(?:(?<=一条|夜间|时分)|(?<!一条|夜间|时分)、)"
_STREET_IS = (
    f"一条(?:(?P<when>夜间|晨昏时分)?(?P<weather>{_SKY_OF})?(?:{_AND}(?:(?P<wet>路面潮湿)|(?P<white>路面积雪)))?"
    f"(?:{_AND}{_LINED})?(?<!一条)的)?{_PLACE}"
)
_STREET = (
    *("weather $weather", "weather $mood", "weather $when", "weather $alone", "weather =wet ?wet"),
    *("weather =snow-covered ?white", "scenery $lined", "place $place"),
)
_SIDE = "(?P<side>左侧|右侧)"
_PARKED = "(?:，(?:(?P<both>两侧)|(?P<row_side>左侧|右侧))有{C/n})?"
_SEEN, _SEEN_TOO = f"(?:，可以看到{{B}})?{_PARKED}", f"(?:，还可以看到{{B}})?{_PARKED}"
_TAILED = (*_STREET, "both_sides C ?both", "roadside C $row_side")
_AWAY = "(?:，距离我们<distance>)?"
_APART = "(?:，相距<distance>)?"
_APART_US = "(?:，与我们相距<distance>)?"
_AHEAD = "(?:，在前方<distance>处)?"
_BRAKING = "(?:，我们正在(?P<braking>刹车))?"
_ACROSS = ("moving A", "distance A ego $distance", "ego_braking ego ?braking")
_LEAD = ("lead A", "same_lane_ahead A", "distance A ego $distance")
_EGO = (
    *("ego_speed ego $speed", "ego_braking ego ?braking", "ego_accelerating ego ?faster"),
    "ego_turning ego $turn",
)
_CHANGE = "(?P<braking>刹车)|(?P<faster>加速)"
_BEND = "(?P<turn>左|右)弯"
_WILL = (
    "(?:(?P<stop>停下来)|(?P<set_off>起步并达到<speed>)|(?P<slow>减速到<speed2>)|(?P<speed_up>加速到<speed3>)|"
    "(?P<keep>保持车速))"
)
_WILL_BE = (
    "(?:(?P<stop>将已停下)|(?P<set_off>将已起步，车速达到<speed>)|(?P<slow>的车速将降到<speed2>)|"
    "(?P<speed_up>的车速将升到<speed3>)|(?P<keep>的车速将与现在相同))"
)
_REGION = (
    *("side A $side", "distance A ego $distance", "hidden_behind A B", "partly_hidden A ?cover"),
    "cut_off A $cut",
)
_COVERED = "(?:，被{B}(?P<cover>挡住了一部分))?(?:，在画面(?P<cut>左|右)边缘被截断)?"
_WHERE = "(?:马路(?P<road_side>左侧|右侧)|(?P<side>左侧|右侧)(?:的(?P<beside>人行道)上)?|(?P<ground>人行道|马路)上)"
_SOMEWHERE = (
    *("roadside A $side", "roadside A $road_side", "stands_on A =road ?road_side"),
    *("stands_on A $beside", "stands_on A $ground", "distance A ego $distance"),
)
_UNDER = "(?P<ground>地面|地板)上"
_UNDER_OR = f"(?:{_UNDER}|画面中)"
_SHELVES = "最上层|最下层|中间一层|从上往下第(?:二|三|四|五)层|从下往上第(?:二|三|四|五)层"
_SHELF, _SHELF_2 = f"架子(?P<shelf>{_SHELVES})", f"(?P<shelf2>{_SHELVES})"
_UNSEEN = "(?P<unseen>[0-9]+|一|两|三|四|五|六|七|八|九|十一|十二|十)处缺陷"


def of_things(pattern: str) -> str:
    """The pattern in which a bare phrase is any but "none"."""
    return re.sub(r"\{([A-F])\}", r"{\1/y}", pattern)


def _rows(claims: tuple[str, ...], *patterns: str) -> tuple[Row, ...]:
    """Several ways to say the same."""
    return tuple((of_things(pattern), claims) for pattern in patterns)


def _going(claims: tuple[str, ...], *patterns: str) -> tuple[Row, ...]:
    """Rows whose verb GOES is that of whoever A is."""
    return tuple(
        row
        for who, verb in (("d", "行驶"), ("c", "骑行"), ("w", "行走"))
        for p in patterns
        for row in _rows(
            claims, p.replace("{A}", f"{{A/{who}}}").replace("/n}", f"/n{who}}}").replace("GOES", verb)
        )
    )


def _beside(predicate: str, near: str, far: str, *more: str) -> tuple[Row, ...]:
    return _rows(
        (f"{predicate} A B",),
        f"{{A}}在{{B}}{near}。",
        f"{{B}}{near}有{{A/n}}。",
        f"{{A}}位于{{B}}的{far}。",
        f"在{{B}}{near}(?:可以看到|的是){{A}}。",
        *more,
    )


_ON_THE_ROAD: tuple[Row, ...] = (
    *_rows(
        _STREET,
        f"(?:{_LIGHT}，)?我们在一条{_PLACE}上(?:，{_LINED})?(?:，(?:{_SURFACE}))?。",
        f"前方是一条{_PLACE}(?:，{_LINED})?(?:，{_LIGHT})?(?:，(?:{_SURFACE}))?。",
        f"画面中是一条{_PLACE}(?:，{_LIGHT})?(?:，(?:{_SURFACE}))?(?:，{_LINED})?。",
        f"我们面前是{_STREET_IS}。",
    ),
    *_rows(
        _TAILED,
        f"{_STREET_IS}{_SEEN}。",
        f"这是{_STREET_IS}(?:，有{{B}})?{_PARKED}。",
        f"我们在{_STREET_IS}上{_SEEN}。",
        f"在{_STREET_IS}上可以看到{{B}}{_PARKED}。",
        f"眼前是{_STREET_IS}{_PARKED}。",
    ),
    *_rows(
        (*_TAILED, "lead A", "moving A"),
        f"我们跟在{{A}}后面，行驶在{_STREET_IS}上{_SEEN}。",
    ),
    *_rows(
        (*_TAILED, "lead A", "still A ?stands"),
        f"{{A}}(?:(?P<stands>停在)|在)我们前方，这是{_STREET_IS}{_SEEN}。",
        f"在{_STREET_IS}上，{{A}}(?:(?P<stands>停在)|在)我们前方{_SEEN_TOO}。",
        f"{_STREET_IS}上，我们前方(?:(?P<stands>停着)|有){{A/n}}{_SEEN_TOO}。",
        f"{_STREET_IS}上，我们前方，{{A}}(?:(?P<stands>停着)|就在那里){_SEEN_TOO}。",
    ),
    *_going(
        (*_TAILED, "lead A", "moving A"),
        f"在{_STREET_IS}上，{{A}}正在我们前方GOES{_SEEN_TOO}。",
        f"{_STREET_IS}上，我们前方GOES着{{A/n}}{_SEEN_TOO}。",
        f"{_STREET_IS}上，我们前方，{{A}}正在GOES{_SEEN_TOO}。",
    ),
    *_rows(
        (*_TAILED, "crossing A $side"),
        f"{{A}}正从{_SIDE}横穿我们前方的马路，这是{_STREET_IS}{_SEEN}。",
        f"在{_STREET_IS}上，{{A}}正从{_SIDE}横穿我们前方的马路{_SEEN_TOO}。",
        f"在{_STREET_IS}上，我们前方有{{A/n}}正从{_SIDE}过马路{_SEEN_TOO}。",
        f"在{_STREET_IS}上，我们前方，{{A}}正从{_SIDE}过马路{_SEEN_TOO}。",
    ),
    # The vehicle ahead
    *_going(
        (*_LEAD, "moving A"),
        "{A}正在我们车道前方<distance>处GOES。",
        "我们车道前方<distance>处有{A/n}正在GOES。",
        "{A}GOES在我们车道前方<distance>处。",
        "我们车道的正前方是{A}，距离<distance>，正在GOES。",
        "在我们的车道上，{A}在前方<distance>处GOES。",
    ),
    *_rows((*_LEAD, "moving A"), "我们正跟在{A}后面行驶，同在一条车道，相距<distance>。"),
    *_rows(
        (*_LEAD, "slowing A", "moving A"),
        "{A}正在我们车道前方<distance>处减速。",
        "我们车道前方<distance>处有{A/n}正在减速。",
        "我们车道前方<distance>处，{A}正在减速。",
        "我们正跟在{A}后面行驶，同在一条车道，相距<distance>，对方正在减速。",
        "我们车道的正前方是{A}，距离<distance>，正在减速。",
    ),
    *_rows(
        (*_LEAD, "still A"),
        "{A}停在我们车道前方<distance>处。",
        "我们车道前方<distance>处停着{A/n}。",
        "{A}在我们车道前方<distance>处停着。",
        "我们车道的正前方是{A}，距离<distance>，静止不动。",
        "在我们的车道上，{A}停在前方<distance>处。",
    ),
    *_rows(
        ("lane_clear ego $reach",),
        "我们的车道前方<reach>内畅通无阻。",
        "前方<reach>内，我们的车道上没有任何东西。",
        "我们的车道上，前方<reach>空无一物。",
        "我们车道前方<reach>以内没有障碍物。",
    ),
    *_rows(
        ("closing A ego", "time_to_collision A ego $ttc"),
        "我们正在逼近，照此速度，<ttc>后就会追上{A}。",
        "距离正在缩短：照此速度，我们将在<ttc>后追上{A}。",
        "按目前的速度，我们<ttc>后会追上{A}。",
        "我们正在逼近{A}，照此速度只剩<ttc>。",
        "如果双方速度不变，我们将在<ttc>后追上{A}。",
    ),
    *_rows(
        ("closing A ego",),
        "我们正在逼近{A}。",
        "我们正在追近{A}。",
        "我们离{A}越来越近。",
        "我们与{A}的距离正在缩短。",
    ),
    *_rows(
        ("pulling_away A ego",),
        "{A}正在远离我们。",
        "{A}正在把我们甩开。",
        "我们与{A}的距离正在拉大。",
        "我们正落在{A}后面，越来越远。",
    ),
    *_rows(
        ("same_speed A ego",),
        "{A}与我们保持同样的速度。",
        "我们既没有追近{A}，也没有落后。",
        "{A}和我们一样快。",
        "我们与{A}的距离保持不变。",
    ),
    # Ourselves
    *_rows(
        _EGO,
        f"我们正(?:在{_BEND}道上)?以<speed>的速度行驶(?:，同时在(?:{_CHANGE}))?。",
        f"我们的车速为<speed>(?:，正在(?:{_CHANGE}))?(?:，正驶过一段{_BEND}道)?。",
        f"本车(?:沿着{_BEND}道)?以<speed>的速度前进(?:，并且正在(?:{_CHANGE}))?。",
        f"我们现在的速度是<speed>(?:，正在(?:{_CHANGE}))?(?:，正通过一个{_BEND})?。",
    ),
    *_rows(
        ("ego_still ego",), "我们停着没动。", "我们已经停下来了。", "我们没有移动。", "我们的车处于静止状态。"
    ),
    *_rows(
        ("ego_moving_over ego $side",),
        "我们正在向(?P<side>左|右)并线。",
        f"我们的车正向{_SIDE}靠过去。",
        f"我们正打方向盘往{_SIDE}并线。",
    ),
    *_rows(
        (
            *(f"ego_next ego ={word} ?{word}" for word in ("stop", "set_off", "slow", "speed_up", "keep")),
            *(f"ego_next_speed ego ${speed}" for speed in ("speed", "speed2", "speed3")),
            "ego_next_turn ego $turn",
        ),
        f"(?:接下来两秒内，我们将|接下来，我们会){_WILL}(?:，并向(?P<turn>左|右)转)?。",
        "(?:接下来两秒内，我们将|接下来，我们会)向(?P<turn>左|右)转。",
        f"两秒后，我们{_WILL_BE}(?:，其间会向(?P<turn>左|右)转)?。",
        "两秒后，我们的车头将已转向(?P<turn>左|右)侧。",
    ),
    # Others
    *_rows(
        ("entering_lane A $side", "moving A", "distance A ego $distance"),
        f"{{A}}正从{_SIDE}(?:并入|切入)我们的车道{_AHEAD}。",
        f"{_SIDE}有{{A/n}}正变道进入我们的车道{_AWAY}。",
        f"{{A}}正从{_SIDE}变道进入我们的车道{_AWAY}。",
    ),
    *_rows(
        ("oncoming A", "moving A", "distance A ego $distance"),
        f"{{A}}正迎面而来{_AWAY}。",
        f"{{A}}正从对面方向接近{_AHEAD}。",
        f"对面方向有{{A/n}}正朝我们而来{_APART}。",
        f"{{A}}正从对面朝我们而来{_APART}。",
        f"在相反方向上，{{A}}正向我们靠近{_AWAY}。",
    ),
    *_rows(
        ("parked A", "roadside A $side", "distance A ego $distance"),
        f"{{A}}停放在{_SIDE}{_AWAY}。",
        f"{_SIDE}停放着{{A/n}}{_APART}。",
        f"{{A}}停放在{_SIDE}路边{_APART}。",
        f"{{A}}停在道路{_SIDE}的路边{_AWAY}。",
        f"{_SIDE}路边可以看到停放着{{A/n}}{_APART_US}。",
        f"{_SIDE}路边，{{A}}停放在那里{_APART_US}。",
    ),
    *_rows(
        ("roadside A $side",),
        f"道路{_SIDE}有{{A/n}}。",
        f"{{A}}沿道路{_SIDE}排成一排。",
        f"{_SIDE}路边是{{A}}。",
        f"{_SIDE}可以看到{{A}}。",
    ),
    *_rows(("both_sides A",), "道路两侧都有{A/n}。", "两侧路边都能看到{A}。", "{A}分布在道路两侧。"),
    *_rows(("both_lined A",), "道路两侧各有{A/n}。", "道路两侧都排列着{A}。", "{A}在道路两侧排成了行。"),
    *_rows(
        ("crossing A $side", *_ACROSS),
        f"{{A}}正从{_SIDE}横穿我们前方的马路{_AWAY}{_BRAKING}。",
        f"在我们前方，{{A}}正从{_SIDE}过马路{_AWAY}{_BRAKING}。",
        f"前方有{{A/n}}正从{_SIDE}穿过马路{_APART}{_BRAKING}。",
        f"{{A}}正从{_SIDE}穿过前方的马路{_APART}{_BRAKING}。",
        f"{{A}}就在前方的马路上，正从{_SIDE}横穿{_AWAY}{_BRAKING}。",
    ),
    *_rows(
        ("heading_for_road A $side", *_ACROSS),
        f"{{A}}正从{_SIDE}走向马路{_AHEAD}{_BRAKING}。",
        f"{_SIDE}有{{A/n}}正朝马路走来{_APART}{_BRAKING}。",
        f"{{A}}正从{_SIDE}朝马路走来{_APART}{_BRAKING}。",
        f"在{_SIDE}，{{A}}正朝着马路走去{_AWAY}{_BRAKING}。",
    ),
    *_rows(
        ("moving A", *_SOMEWHERE),
        f"{{A/f}}正在{_WHERE}行走{_AWAY}。",
        f"{_WHERE}有{{A/nf}}正在行走{_APART}。",
        f"{_WHERE}，{{A/f}}正在行走{_APART}。",
        f"可以看到{{A/nf}}在{_WHERE}走动{_APART_US}。",
        f"{{A/f}}走在{_WHERE}{_APART_US}。",
        f"在{_WHERE}，{{A/f}}正在走路{_AWAY}。",
        f"{{A/b}}正在{_WHERE}骑行{_AWAY}。",
        f"{_WHERE}有{{A/nb}}正在骑行{_APART}。",
        f"{_WHERE}，{{A/b}}正在骑行{_APART}。",
        f"可以看到{{A/nb}}在{_WHERE}骑行{_APART_US}。",
        f"{{A/b}}骑行在{_WHERE}{_APART_US}。",
        f"在{_WHERE}，{{A/b}}正骑着车前行{_AWAY}。",
    ),
    *_rows(
        ("still A", *_SOMEWHERE),
        f"{{A/f}}站在{_WHERE}{_AWAY}。",
        f"{_WHERE}站着{{A/nf}}{_APART}。",
        f"{{A/f}}正站在{_WHERE}{_APART}。",
        f"可以看到{{A/nf}}站在{_WHERE}{_APART_US}。",
        f"{{A/f}}在{_WHERE}站着{_APART_US}。",
        f"在{_WHERE}，{{A/f}}站着没动{_AWAY}。",
        f"{{A/b}}正停在{_WHERE}等候{_AWAY}。",
        f"{_WHERE}有{{A/nb}}正在等候{_APART}。",
        f"{_WHERE}，{{A/b}}正在等候{_APART}。",
        f"可以看到{{A/nb}}在{_WHERE}等候{_APART_US}。",
        f"{{A/b}}等候在{_WHERE}{_APART_US}。",
        f"在{_WHERE}，{{A/b}}停着等候{_AWAY}。",
    ),
)
_THINGS: tuple[Row, ...] = (
    # Who hides whom, who is seen by what
    *_rows(
        ("hidden_behind A B", "partly_hidden A"),
        "{A}被{B}挡住了一部分。",
        "{B}挡住了{A}的一部分。",
        "{A}有一部分藏在{B}后面。",
        "{B}部分遮挡了{A}。",
        "{A}在{B}后面只露出一部分。",
    ),
    *_rows(
        ("unseen A", "lidar_hits A $returns"),
        "激光雷达还扫到了相机看不见的{A}，共<returns>个回波。",
        "{A}不在相机视线之内，却反射了<returns>个激光雷达回波。",
        "相机看不到{A}，但激光雷达从那里收到了<returns>个回波。",
        "凭借<returns>个回波，激光雷达发现了相机看不到的{A}。",
    ),
    # Things on a table
    *_rows(
        ("at_rest A", "on_top_of A B"),
        "{A}静置在{B}上。",
        "{B}上(?:放着|摆着){A/n}。",
        "{A}静静地放在{B}上。",
        "{A}稳稳地放在{B}上。",
        "{A}在{B}上静止不动。",
        "{A}摆在{B}上。",
    ),
    *_rows(
        ("on_top_of A B",),
        "{A}在{B}上面。",
        "{B}上面放着{A/n}。",
        "{A}压在{B}上面。",
        "{A}在{B}上面。",
        "{B}的上面是{A/n}。",
        "{B}的上面就是{A}。",
    ),
    *_rows(("on_top_of B A",), "{A}在{B}下面。"),
    *_rows(
        ("on_top_of A B", "on_top_of B C"),
        "{A}叠在{B}上面，后者又叠在{C}上面。",
        "{B}叠在{C}上面，它的上面又叠着{A}。",
        "{C}上面是{B}，再往上是{A}。",
    ),
    *_rows(
        ("across A B C",),
        "{A}一端搭在{B}上，另一端搭在{C}上。",
        "{A}从{B}横跨到{C}。",
        "{A}架在{B}与{C}之间。",
    ),
    *_rows(
        ("inside A B",),
        "{A}在{B}里。",
        "{B}里(?:有|装着){A/n}。",
        "{A}装在{B}里。",
        "{A}放在{B}里面。",
        "在{B}里(?:可以看到|的是){A}。",
        "我们看到{A}在{B}里。",
    ),
    *_rows(
        ("inside A B", "upon C D"),
        "{A}在{B}里，{D}上还有{C}。",
        "{D}上有{C}，{A}在{B}里。",
        "我们看到{A}在{B}里，{C}在{D}上。",
    ),
    *_rows(
        ("fallen_off A B",),
        "{A}从{B}上掉了下去。",
        "{A}已经不在{B}上，掉下去了。",
        "{A}越过{B}的边缘掉了下去。",
    ),
    *_rows(
        ("on_shelf A $shelf", "on_shelf B $shelf2"),
        f"{_SHELF}(?:放着|摆着){{A/n}}。",
        f"{{A}}在{_SHELF}。",
        f"{{A}}放在{_SHELF}(?:，{{B}}放在{_SHELF_2})?。",
        f"{{A}}摆在{_SHELF}。",
        f"{_SHELF}放着{{A/n}}，{_SHELF_2}有{{B}}。",
        f"{_SHELF}可以看到{{A}}(?:，{_SHELF_2}(?:有|可以看到){{B}})?。",
    ),
    *_rows(
        ("leans_on A B",),
        "{A}靠在{B}上。",
        "{A}斜靠着{B}。",
        "{A}倾斜地倚在{B}上。",
        "{B}上斜靠着{A/n}。",
        "斜靠在{B}上的是{A}。",
    ),
    *_rows(
        ("falling A", "height_above A B $height"),
        "{A}正在下落，离{B}还有<height>。",
        "{A}还在空中，在{B}上方<height>处，正在下落。",
        "{A}正落向{B}，距离<height>。",
        "在{B}上方<height>处，{A}正在下落。",
    ),
    *_rows(
        ("falling A", "height_above A B $height", "falling C", "height_above C B $height2"),
        "{A}正在{B}上方<height>处下落，{C}也在下落，高度为<height2>。",
        "在{B}上方，{A}正从<height>高处落下，{C}正从<height2>高处落下。",
        "{A}正在下落，离{B}还有<height>；{C}也在下落，还有<height2>。",
    ),
    *_rows(
        ("airborne A", "height_above A B $height"),
        "{A}悬在{B}上方<height>处。",
        "{A}在半空中，离{B}<height>。",
        "{B}上方<height>处悬着{A/n}。",
        "{A}悬空，在{B}上方<height>处。",
        "{A}没有接触{B}，悬在其上方<height>处。",
    ),
    *_rows(
        ("just_landed A B",),
        "{A}刚刚落在{B}上。",
        "{A}刚掉到{B}上。",
        "刚才，{A}落到了{B}上。",
        "{B}上刚刚落下{A/n}。",
        "{A}刚刚掉落在{B}上。",
    ),
    *_rows(
        ("just_hit A B",),
        "{A}刚刚砸到了{B}。",
        "{A}刚从上方击中了{B}。",
        "刚才，{A}从上面砸中了{B}。",
        "{A}刚刚从{B}上弹起。",
    ),
    *_rows(
        ("just_bumped A B",),
        "{A}刚刚从侧面撞上了{B}。",
        "{A}刚从旁边碰到了{B}。",
        "刚才，{A}从侧面撞到了{B}。",
    ),
    *_rows(("on_its_side A",), "{A}侧倒着。", "{A}横躺着。", "{A}已经侧翻倒下。", "侧倒着的是{A}。"),
    *_rows(
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
    *_rows(
        ("upon A B", "falling C", "airborne D"),
        *(
            f"{start}(?:，(?:同时)?{{C}}正在下落)?(?:，{{D}}悬在空中)?。"
            for start in ("{B}上有{A/n}", "{B}上可以看到{A}", "{A}在{B}上", "我们看到{A}在{B}上")
        ),
    ),
    *_rows(
        ("falling A", "airborne C"),
        "(?:我们看到)?{A}正落向{B}(?:，{C}悬在空中)?。",
        "{A}正向{B}下落(?:，{C}悬在空中)?。",
    ),
    *_rows(("airborne A",), "(?:我们看到)?{A}悬在{B}上方的空中。", "{A}悬在{B}的上空。"),
    # Parts under inspection
    *_rows(
        ("defect A $flaw", "defect_size A $flaw", "defect_severity A $flaw"),
        f"{{A}}上?(?:有|可见){FLAW}。",
        f"在{{A}}上发现{FLAW}。",
    ),
    *_rows(
        ("defect_unseen A $unseen",),
        f"{{A}}有{_UNSEEN}从这个角度看不到。",
        f"从这个视角看不到{{A}}的{_UNSEEN}。",
        f"{{A}}的{_UNSEEN}不在画面中。",
    ),
    *_rows(("defect_free A",), "{A}没有缺陷。", "{A}无任何缺陷。", "在{A}上没有发现缺陷。"),
    *_rows(("verdict A =reject",), "{A}检验不合格。", "{A}未通过检验。", "{A}应予剔除。"),
    *_rows(("verdict A =pass",), "{A}检验合格。", "{A}通过检验。", "{A}可以接收。"),
    # Things in the open
    *_rows(
        ("on_ground A $ground", "falling B"),
        f"{_UNDER_OR}有{{A/n}}(?:，{{B}}正在下落)?。",
        f"{_UNDER_OR}可以看到{{A}}(?:，{{B}}正在下落)?。",
        f"我们看到{{A}}(?:在{_UNDER})?(?:，同时{{B}}正在下落)?。",
        f"{{A}}(?:位于{_UNDER}|出现在画面中)(?:，{{B}}正往下掉)?。",
        f"{{A}}在{_UNDER}。",
    ),
    *_rows(
        ("on_top_of A B", "on_ground C $ground", "falling D"),
        *(
            f"{start}(?:，{_UNDER_OR}还有{{C}})?(?:，(?:同时)?{{D}}正在下落)?。"
            for start in ("{A}叠放在{B}上面", "{B}上面放着{A/n}", "{A}放在{B}上面", "我们看到{A}在{B}上面")
        ),
    ),
    *_rows(
        ("falling A",),
        "(?:我们看到)?{A}正在下落。",
        "{A}还在空中，正往下掉。",
        "空中有{A/n}正在下落。",
        "{A}仍在下落。",
        "{A}正从空中落下。",
    ),
    # One thing of the picture
    *_rows(
        _REGION,
        f"{{A}}(?:，位于画面{_SIDE})?{_AWAY}{_COVERED}。",
        f"我们(?:在画面{_SIDE})?看到{{A}}{_AWAY}{_COVERED}。",
        f"画面(?:{_SIDE}|中)有{{A/n}}{_AWAY}{_COVERED}。",
        f"画面(?:{_SIDE}|中)是{{A}}{_AWAY}{_COVERED}。",
    ),
    # Contrasts
    *_rows((), "画面中没有{A/z}。", "我们没有看到{A/z}。", "看不到{A/z}。", "可以看到{A}。"),
    *_rows(("only A",), "画面中只有{A}。", "除了{A}，画面中别无他物。", "我们只看到{A}。"),
    *_rows(
        ("weather $weather", "weather $time"),
        f"(?:这是一个|照片拍摄于|外面是)(?:(?P<weather>{_SKY_OF})的)?(?P<time>白天|夜晚)。",
    ),
    *_rows(
        ("camera_distance A $distance",),
        "{A}离相机<distance>。",
        "相机与{A}相距<distance>。",
        "离相机<distance>处有{A/n}。",
        "{A}在离相机<distance>处。",
    ),
    *_rows(
        ("landed_before A B",),
        "{A}比{B}先落下。",
        "{A}在{B}之前落了下来。",
        "先落下的是{A}，然后才是{B}。",
    ),
    *_rows(
        ("own_side A B $side",),
        f"{{B}}自身的{_SIDE}有{{A/n}}。",
        f"{{A}}在{{B}}自身的{_SIDE}。",
        f"从{{B}}自身的朝向看，{{A}}在其{_SIDE}。",
        f"以{{B}}自己的朝向为准，{_SIDE}有{{A/n}}。",
        f"以{{B}}自己的朝向为准，{_SIDE}是{{A}}。",
    ),
)

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
    if predicate == "defect_unseen":
        return (str(count_of(words)),)
    if predicate == "scenery":
        return _SCENERY[words]
    found = re.fullmatch(r"(?:每小时)?([0-9]+(?:\.5)?)(?:米|厘米|秒|公里)?", words)
    return (found.group(1) if found else _KEYS[words],)


GRAMMAR = Grammar(
    (*_ON_THE_ROAD, *_THINGS),
    numbers=_NUMBERS,
    comma="、",
    last="和",
    arguments=_arguments,
    cased=False,
    stop="。",
)
