"""What the Chinese grammars share: rows of sentences about things that there are, and a few pieces of patterns.

Features of phrases are those of ``chinese.features``: {A/n} is new, {A/c} rides, {A/w} walks, {A/d} does neither. A
bare {A} stands for {A/y}, anything but "none".
"""

from __future__ import annotations

import re

from pairforge.datasets.readers.patterns import Row

SIDE = "(?P<side>左侧|右侧)"
AWAY = "(?:，距离我们<distance>)?"


def of_things(pattern: str) -> str:
    """The pattern in which a bare phrase is any but "none"."""
    return re.sub(r"\{([A-F])\}", r"{\1/y}", pattern)


def rows_of(claims: tuple[str, ...], *patterns: str) -> tuple[Row, ...]:
    """Several ways to say the same."""
    return tuple((of_things(pattern), claims) for pattern in patterns)
