"""What is said of traffic rules and of grips in Chinese."""

from __future__ import annotations

from pairforge.datasets.readers.chinese_rows import rows_of
from pairforge.datasets.readers.patterns import Row
from pairforge.datasets.readers.rules import HOLDS, SHOWN, WAITS, WE_WAIT, lights

_LIGHT = lights({"red": "红灯", "yellow": "黄灯", "green": "绿灯", "red_yellow": "红灯和黄灯"})
RULES: tuple[Row, ...] = (
    *rows_of(SHOWN, f"{{A}}正?亮着{_LIGHT}。", f"{{A}}显示{_LIGHT}。"),
    *rows_of(WAITS, "{A}(?:正在|在|停在){B}前等红灯。"),
    *rows_of(WE_WAIT, "我们(?:正在|在|停在){B}前等红灯。"),
    *rows_of(("wrong_way A",), "{A}正在逆行。", "{A}正逆向行驶。", "{A}正逆着车道的方向行驶。"),
    *rows_of(("stalled A",), "{A}停在车道上不动。", "{A}占住了一条车道。", "{A}一直停在车道上。"),
    *rows_of(("must_yield_to ego A",), "我们必须让{A}先行。", "我们要让{A}先走。", "{A}比我们优先通行。"),
    *rows_of(("must_yield_to A ego",), "{A}必须让我们先行。", "{A}要让我们先走。", "我们比{A}优先通行。"),
    *rows_of(("on_crossing A",), "{A}(?:正|此刻)?在人行横道上。"),
    *rows_of(HOLDS, "{B}正?夹着{A}。", "{A}被{B}夹着。"),
)
