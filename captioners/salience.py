"""What is worth saying: a number for each thing in view, and the scene graph pruned to what it makes of them.

The score adds up what draws a person's eye and what a driver must know: how much of the picture a thing fills, how
near it is, what it does. The weights are a choice, not a measurement; no truth rests on them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from pairforge.captioners.references import Told
from pairforge.sample import Fact
from pairforge.scenes.taxonomy import BY_NAME

DOES: Mapping[str, float] = {
    **dict.fromkeys(("crossing",), 4.0),
    **dict.fromkeys(("lead", "entering_lane", "heading_for_road"), 3.0),
    **dict.fromkeys(("falling", "just_landed", "just_hit", "just_bumped", "fallen_off"), 2.0),
    **dict.fromkeys(("inside", "leans_on", "on_its_side", "across", "stirring"), 1.0),
    **dict.fromkeys(("oncoming", "moving", "partly_hidden"), 0.5),
    **dict.fromkeys(("parked", "cut_off"), -0.5),
}
"""What being the subject of a fact adds."""
LIVING = ("pedestrian", "cyclist", "animal")
_LIVING, _SIZE, _NEAR, _NEAR_M = 1.0, 2.0, 1.0, 10.0
RELATIONS = (
    *("inside", "on_top_of", "leans_on", "across", "hidden_behind"),
    *("left_of", "right_of", "in_front_of", "behind"),
)
"""Edges of the graph, the more telling first; of one pair only the first is kept."""


@dataclass(frozen=True)
class Graph:
    """The pruned scene graph: ``nodes`` (instance ids) and ``edges`` (facts of two), the most salient first."""

    nodes: tuple[int, ...]
    edges: tuple[Fact, ...]


def salience(told: Told, instance_id: int) -> float:
    """How much a visible thing asks to be mentioned; 0 for what is not to be mentioned at all."""
    if instance_id not in told.salient:
        told.salient[instance_id] = _salience(told, instance_id)
    return told.salient[instance_id]


def _salience(told: Told, instance_id: int) -> float:
    px = told.px(instance_id)
    if not px:
        return 0.0
    most = max(
        told.px(i)
        for i in told.visible
        if BY_NAME[told.record.instance(i).semantic].boxed or i == instance_id
    )
    score = _SIZE * math.sqrt(px / most)
    score += sum(weight for does, weight in DOES.items() if told.of(does, instance_id) is not None)
    score += _LIVING * (told.record.instance(instance_id).semantic in LIVING)
    away = told.of("distance", instance_id)
    if away is not None and away.value is not None:
        score += _NEAR / (1.0 + away.value / _NEAR_M)
    return max(score, 1e-3)


def ranked(told: Told) -> list[int]:
    """Everything boxed that may be mentioned, the most salient first."""
    boxed = [i for i in told.visible if BY_NAME[told.record.instance(i).semantic].boxed]
    return sorted(boxed, key=lambda i: (-salience(told, i), i))


def graph(told: Told, most: int) -> Graph:
    """The ``most`` salient things, and for each pair of them the most telling relation."""
    nodes = ranked(told)[:most]
    scores = {i: salience(told, i) for i in nodes}
    kept: dict[frozenset[int], Fact] = {}
    for predicate in RELATIONS:
        for fact in told.all(predicate):
            pair = frozenset(fact.subjects)
            if pair <= scores.keys() and pair not in kept:
                kept[pair] = fact
    edges = sorted(kept.values(), key=lambda f: (-sum(scores[i] for i in f.subjects), f.fact_id))
    return Graph(tuple(nodes), tuple(edges))
