"""Chinese sentences about streets, traffic and ourselves, with what they claim, as rows of ``patterns``."""

from __future__ import annotations

from pairforge.datasets.readers.chinese_rows import AWAY, SIDE, rows_of
from pairforge.datasets.readers.patterns import Row

_SKY = "天气晴朗|太阳低垂|天空多云|天色阴沉|雾气弥漫|正下着雨|正下着雪|沙尘弥漫"
_SKY_OF = "阳光明媚|阳光斜照|多云天空下|阴沉天空下|雾气弥漫|下着雨|下着雪|沙尘弥漫"
_LIGHT = f"(?:(?P<when>夜里|晨昏时分)?(?P<mood>{_SKY})|(?P<alone>正值夜间|正值晨昏时分))"
_SURFACE = "(?P<wet>路面潮湿)|(?P<white>路面覆盖着积雪)"
_LINED = "沿路有(?P<lined>树木和建筑|树木|建筑)"
_PLACE = "(?P<place>街道|道路|高速公路)"
# 、 stands between two things said of a street, not before the first.
_AND = "(?:(?<=一条)|(?<!一条)、)"
_STREET_IS = (
    f"一条(?:(?:(?P<when>夜间|晨昏时分)?(?P<weather>{_SKY_OF})|(?P<alone>正值夜间|正值晨昏时分))?"
    f"(?:{_AND}(?:(?P<wet>路面潮湿)|(?P<white>路面积雪)))?"
    f"(?:{_AND}{_LINED})?(?<!一条)的)?{_PLACE}"
)
_STREET = (
    *("weather $weather", "weather $mood", "weather $when", "weather $alone", "weather =wet ?wet"),
    *("weather =snow-covered ?white", "scenery $lined", "place $place"),
)
_PARKED = "(?:，(?:(?P<both>两侧)|(?P<row_side>左侧|右侧))有{C/n})?"
_SEEN, _SEEN_TOO = f"(?:，可以看到{{B}})?{_PARKED}", f"(?:，还可以看到{{B}})?{_PARKED}"
_TAILED = (*_STREET, "both_sides C ?both", "roadside C $row_side")
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
    "(?:(?P<stop>将会停住)|(?P<set_off>将会起步，车速达到<speed>)|(?P<slow>的车速将降到<speed2>)|"
    "(?P<speed_up>的车速将升到<speed3>)|(?P<keep>的车速将与现在相同))"
)
_WHERE = "(?:马路(?P<road_side>左侧|右侧)|(?P<side>左侧|右侧)(?:的(?P<beside>人行道)上)?|(?P<ground>人行道|马路)上)"
_SOMEWHERE = (
    *("roadside A $side", "roadside A $road_side", "stands_on A =road ?road_side"),
    *("stands_on A $beside", "stands_on A $ground", "distance A ego $distance"),
)


def _going(claims: tuple[str, ...], *patterns: str) -> tuple[Row, ...]:
    """Rows whose verb GOES is that of whoever A is."""
    return tuple(
        row
        for who, verb in (("d", "行驶"), ("c", "骑行"), ("w", "行走"))
        for p in patterns
        for row in rows_of(
            claims, p.replace("{A}", f"{{A/{who}}}").replace("/n}", f"/n{who}}}").replace("GOES", verb)
        )
    )


ON_THE_ROAD: tuple[Row, ...] = (
    *rows_of(
        _STREET,
        f"(?:{_LIGHT}，)?我们在一条{_PLACE}上(?:，{_LINED})?(?:，(?:{_SURFACE}))?。",
        f"前方是一条{_PLACE}(?:，{_LINED})?(?:，{_LIGHT})?(?:，(?:{_SURFACE}))?。",
        f"画面中是一条{_PLACE}(?:，{_LIGHT})?(?:，(?:{_SURFACE}))?(?:，{_LINED})?。",
        f"我们面前是{_STREET_IS}。",
    ),
    *rows_of(
        _TAILED,
        f"{_STREET_IS}{_SEEN}。",
        f"这是{_STREET_IS}(?:，有{{B}})?{_PARKED}。",
        f"我们在{_STREET_IS}上{_SEEN}。",
        f"在{_STREET_IS}上可以看到{{B}}{_PARKED}。",
        f"眼前是{_STREET_IS}{_PARKED}。",
    ),
    *rows_of(
        (*_TAILED, "lead A", "moving A"),
        f"我们跟在{{A}}后面，行驶在{_STREET_IS}上{_SEEN}。",
    ),
    *rows_of(
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
    *rows_of(
        (*_TAILED, "crossing A $side"),
        f"{{A}}正从{SIDE}横穿我们前方的马路，这是{_STREET_IS}{_SEEN}。",
        f"在{_STREET_IS}上，{{A}}正从{SIDE}横穿我们前方的马路{_SEEN_TOO}。",
        f"在{_STREET_IS}上，我们前方有{{A/n}}正从{SIDE}过马路{_SEEN_TOO}。",
        f"在{_STREET_IS}上，我们前方，{{A}}正从{SIDE}过马路{_SEEN_TOO}。",
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
    *rows_of((*_LEAD, "moving A"), "我们正跟在{A}后面行驶，同在一条车道，相距<distance>。"),
    *rows_of(
        (*_LEAD, "slowing A", "moving A"),
        "{A}正在我们车道前方<distance>处减速。",
        "我们车道前方<distance>处有{A/n}正在减速。",
        "我们车道前方<distance>处，{A}正在减速。",
        "我们正跟在{A}后面行驶，同在一条车道，相距<distance>，对方正在减速。",
        "我们车道的正前方是{A}，距离<distance>，正在减速。",
    ),
    *rows_of(
        (*_LEAD, "still A"),
        "{A}停在我们车道前方<distance>处。",
        "我们车道前方<distance>处停着{A/n}。",
        "{A}在我们车道前方<distance>处停着。",
        "我们车道的正前方是{A}，距离<distance>，静止不动。",
        "在我们的车道上，{A}停在前方<distance>处。",
    ),
    *rows_of(
        ("lane_clear ego $reach",),
        "我们的车道前方<reach>内畅通无阻。",
        "前方<reach>内，我们的车道上没有任何东西。",
        "我们的车道上，前方<reach>空无一物。",
        "我们车道前方<reach>以内没有障碍物。",
    ),
    *rows_of(
        ("closing A ego", "time_to_collision A ego $ttc"),
        "我们正在逼近，照此速度，<ttc>后就会到{A}跟前。",
        "距离正在缩短：照此速度，我们将在<ttc>后开到{A}跟前。",
        "按目前的速度，我们与{A}只差<ttc>。",
        "我们正在逼近{A}，照此速度只剩<ttc>的距离。",
        "如果一切不变，我们将在<ttc>后到达{A}的位置。",
    ),
    *rows_of(
        ("closing A ego",),
        "我们正在逼近{A}。",
        "我们正在接近{A}。",
        "我们离{A}越来越近。",
        "我们与{A}的距离正在缩短。",
    ),
    *rows_of(
        ("pulling_away A ego",),
        "{A}正在远离我们。",
        "{A}正在把我们甩开。",
        "我们与{A}的距离正在拉大。",
        "我们落在{A}后面，越来越远。",
    ),
    *rows_of(
        ("same_speed A ego",),
        "{A}与我们保持同样的速度。",
        "我们既没有追近{A}，也没有落后。",
        "{A}和我们一样快。",
        "我们与{A}的距离保持不变。",
    ),
    # Ourselves
    *rows_of(
        _EGO,
        f"我们正(?:在{_BEND}道上)?以<speed>的速度行驶(?:，同时在(?:{_CHANGE}))?。",
        f"我们的车速为<speed>(?:，正在(?:{_CHANGE}))?(?:，正驶过一段{_BEND}道)?。",
        f"本车(?:沿着{_BEND}道)?以<speed>的速度前进(?:，并且正在(?:{_CHANGE}))?。",
        f"我们现在的速度是<speed>(?:，正在(?:{_CHANGE}))?(?:，正通过一个{_BEND})?。",
    ),
    *rows_of(
        ("ego_still ego",), "我们停着没动。", "我们已经停下来了。", "我们没有移动。", "我们的车处于静止状态。"
    ),
    *rows_of(("ego_braking ego",), "我们正在刹车。", "我们的车正在刹车。", "我们正踩着刹车。"),
    *rows_of(
        ("ego_moving_over ego $side",),
        "我们正在向(?P<side>左|右)并线。",
        f"我们的车正向{SIDE}靠过去。",
        f"我们正打方向盘往{SIDE}并线。",
    ),
    *rows_of(
        (
            *(f"ego_next ego ={word} ?{word}" for word in ("stop", "set_off", "slow", "speed_up", "keep")),
            *(f"ego_next_speed ego ${speed}" for speed in ("speed", "speed2", "speed3")),
            "ego_next_turn ego $turn",
        ),
        f"(?:接下来两秒内，我们将|接下来，我们会){_WILL}(?:，并向(?P<turn>左|右)转)?。",
        "(?:接下来两秒内，我们将|接下来，我们会)向(?P<turn>左|右)转。",
        f"两秒后，我们{_WILL_BE}(?:，其间会向(?P<turn>左|右)转)?。",
        "两秒后，我们的车头将会转向(?P<turn>左|右)侧。",
    ),
    # Others
    *rows_of(
        ("entering_lane A $side", "moving A", "distance A ego $distance"),
        f"{{A}}正从{SIDE}(?:并入|切入)我们的车道{_AHEAD}。",
        f"{SIDE}有{{A/n}}正变道进入我们的车道{AWAY}。",
        f"{{A}}正从{SIDE}变道进入我们的车道{AWAY}。",
    ),
    *rows_of(
        ("oncoming A", "moving A", "distance A ego $distance"),
        f"{{A}}正迎面而来{AWAY}。",
        f"{{A}}正从对面方向接近{_AHEAD}。",
        f"对面方向有{{A/n}}正朝我们而来{_APART}。",
        f"{{A}}正从对面朝我们而来{_APART}。",
        f"在相反方向上，{{A}}正向我们靠近{AWAY}。",
    ),
    *rows_of(
        ("parked A", "roadside A $side", "distance A ego $distance"),
        f"{{A}}停放在{SIDE}{AWAY}。",
        f"{SIDE}停放着{{A/n}}{_APART}。",
        f"{{A}}停放在{SIDE}路边{_APART}。",
        f"{{A}}停在道路{SIDE}的路边{AWAY}。",
        f"{SIDE}路边可以看到停放着{{A/n}}{_APART_US}。",
        f"{SIDE}路边，{{A}}停放在那里{_APART_US}。",
    ),
    *rows_of(
        ("roadside A $side",),
        f"道路{SIDE}有{{A/n}}。",
        f"{{A}}沿道路{SIDE}排成一排。",
        f"{SIDE}路边是{{A}}。",
        f"{SIDE}可以看到{{A}}。",
    ),
    *rows_of(("both_sides A",), "道路两侧都有{A/n}。", "两侧路边都能看到{A}。", "{A}分布在道路两侧。"),
    *rows_of(("both_lined A",), "道路两侧各有{A/n}。", "道路两侧都排列着{A}。", "{A}在道路两侧排成了行。"),
    *rows_of(
        ("crossing A $side", *_ACROSS),
        f"{{A}}正从{SIDE}横穿我们前方的马路{AWAY}{_BRAKING}。",
        f"在我们前方，{{A}}正从{SIDE}过马路{AWAY}{_BRAKING}。",
        f"前方有{{A/n}}正从{SIDE}穿过马路{_APART}{_BRAKING}。",
        f"{{A}}正从{SIDE}穿过前方的马路{_APART}{_BRAKING}。",
        f"{{A}}就在前方的马路上，正从{SIDE}横穿{AWAY}{_BRAKING}。",
    ),
    *rows_of(
        ("heading_for_road A $side", *_ACROSS),
        f"{{A}}正从{SIDE}走向马路{_AHEAD}{_BRAKING}。",
        f"{SIDE}有{{A/n}}正朝马路走来{_APART}{_BRAKING}。",
        f"{{A}}正从{SIDE}朝马路走来{_APART}{_BRAKING}。",
        f"在{SIDE}，{{A}}正朝着马路走去{AWAY}{_BRAKING}。",
    ),
    *rows_of(
        ("moving A", *_SOMEWHERE),
        f"{{A/f}}正在{_WHERE}行走{AWAY}。",
        f"{_WHERE}有{{A/nf}}正在行走{_APART}。",
        f"{_WHERE}，{{A/f}}正在行走{_APART}。",
        f"可以看到{{A/nf}}在{_WHERE}走动{_APART_US}。",
        f"{{A/f}}走在{_WHERE}{_APART_US}。",
        f"在{_WHERE}，{{A/f}}正在走路{AWAY}。",
        f"{{A/b}}正在{_WHERE}骑行{AWAY}。",
        f"{_WHERE}有{{A/nb}}正在骑行{_APART}。",
        f"{_WHERE}，{{A/b}}正在骑行{_APART}。",
        f"可以看到{{A/nb}}在{_WHERE}骑行{_APART_US}。",
        f"{{A/b}}骑行在{_WHERE}{_APART_US}。",
        f"在{_WHERE}，{{A/b}}正骑着车前行{AWAY}。",
    ),
    *rows_of(
        ("still A", *_SOMEWHERE),
        f"{{A/f}}站在{_WHERE}{AWAY}。",
        f"{_WHERE}站着{{A/nf}}{_APART}。",
        f"{{A/f}}正站在{_WHERE}{_APART}。",
        f"可以看到{{A/nf}}站在{_WHERE}{_APART_US}。",
        f"{{A/f}}在{_WHERE}站着{_APART_US}。",
        f"在{_WHERE}，{{A/f}}站着没动{AWAY}。",
        f"{{A/b}}正停在{_WHERE}等候{AWAY}。",
        f"{_WHERE}有{{A/nb}}正在等候{_APART}。",
        f"{_WHERE}，{{A/b}}正在等候{_APART}。",
        f"可以看到{{A/nb}}在{_WHERE}等候{_APART_US}。",
        f"{{A/b}}等候在{_WHERE}{_APART_US}。",
        f"在{_WHERE}，{{A/b}}停着等候{AWAY}。",
    ),
)
