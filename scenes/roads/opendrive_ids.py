"""OpenDRIVE's ids, which are text, as the numbers that a network counts by; and notes on what was made simpler."""

from __future__ import annotations

from collections import Counter
from typing import Literal

from pairforge.errors import did_you_mean
from pairforge.scenes.roads.stranger_xml import Node

Kind = Literal["road", "junction", "controller", "signal"]
_PLACES: dict[Kind, tuple[str, ...]] = {
    "road": ("road",),
    "junction": ("junction",),
    "controller": ("controller",),
    "signal": ("road", "signals", "signal"),
}


class Notes:
    """What the owner of a file should know, each said once with how often it occurs."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()

    def add(self, text: str) -> None:
        self._counts[text] += 1

    def lines(self) -> tuple[str, ...]:
        return tuple(t if n == 1 else f"{t} ({n} times)" for t, n in sorted(self._counts.items()))


class Numbers:
    """The number of every road, junction, controller and signal of a file.

    Ids that are whole numbers stay as they are; if one of a kind is not, all of that kind are counted from 1 in the
    file's order.
    """

    def __init__(self, root: Node, notes: Notes) -> None:
        self._numbers: dict[Kind, dict[str, int]] = {}
        self._nodes: dict[Kind, list[Node]] = {}
        for kind, place in _PLACES.items():
            nodes = list(root.all(*place))
            texts = _unique(kind, nodes)
            whole = all(_is_number(text) for text in texts)
            if not whole:
                notes.add(
                    f"the {kind}s' ids are no whole numbers; they are counted from 1 in the file's order"
                )
            self._numbers[kind] = {t: int(t) if whole else k + 1 for k, t in enumerate(texts)}
            self._nodes[kind] = sorted(nodes, key=lambda node: self._numbers[kind][node.text("id")])

    def nodes(self, kind: Kind) -> list[Node]:
        """All elements of a kind in ascending order of number."""
        return self._nodes[kind]

    def known(self, kind: Kind, text: str) -> bool:
        return text in self._numbers[kind]

    def of(self, kind: Kind, node: Node, attribute: str = "id") -> int:
        """The number that an attribute of a node refers to; SpecError if there is none such."""
        text = node.text(attribute)
        if text not in self._numbers[kind]:
            hint = did_you_mean(text, self._numbers[kind]) if len(self._numbers[kind]) <= 50 else ""
            raise node.error(f'{attribute} is "{text[:60]}", but there is no such {kind}. {hint}'.rstrip())
        return self._numbers[kind][text]


def _unique(kind: Kind, nodes: list[Node]) -> list[str]:
    """The ids' texts; no two alike."""
    lines: dict[str, int] = {}
    for node in nodes:
        text = node.text("id")
        if text in lines:
            raise node.error(f"a {kind} of this id stands in line {lines[text]} already; give each its own")
        lines[text] = node.line
    return list(lines)


def _is_number(text: str) -> bool:
    """Whether it is a number as we would write it, so that no two texts become one number."""
    return len(text) <= 9 and text.lstrip("-").isdecimal() and str(int(text)) == text
