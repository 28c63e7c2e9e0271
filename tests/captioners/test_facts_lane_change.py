"""Changing lanes in words: said when it happens, to the right side, and never of a straight drive or a bend."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pairforge.datasets.claims import prove
from pairforge.sample import Keyframe
from tests.captioners.hand_made import CAR, HandScene, Thing, lanes, street
from tests.captioners.random_scenes import told


def car(x: float, y: float, vy: float) -> Thing:
    return Thing("sedan", "car", (x, y, CAR[2] / 2), CAR, "blue", velocity=(9.0, vy, 0.0))


def said(frame: Keyframe, predicate: str) -> list[str]:
    return [f.argument for f in frame.facts if f.predicate == predicate]


def driving(frame: Keyframe) -> str:
    return next(c.text for c in frame.captions if c.kind == "driving")


@pytest.mark.parametrize(
    ("y", "vy", "side"),
    [
        (0.2, -1.0, "left"),
        (-3.4, 1.0, "right"),
        (0.2, 1.0, ""),  # leaves
        (0.2, -0.3, ""),  # hardly moves over
        (-1.6, -1.0, ""),  # is in our lane already
        (6.0, -1.0, ""),  # is two lanes away
    ],
)
def test_who_comes_into_our_lane_ahead_is_told_with_the_side_he_comes_from(
    y: float, vy: float, side: str
) -> None:
    frame, record = told(street([car(14.0, y, vy)]), 1)
    assert prove(frame, record) == []
    assert said(frame, "entering_lane") == [*([side] if side else [])]
    assert ("our lane from the" in driving(frame) or "over into our lane" in driving(frame)) == bool(side)
    if side:
        assert f"rom the {side}" in driving(frame)
        assert "sedan" in driving(frame)


def test_who_is_behind_us_is_not_told_to_come_into_our_lane() -> None:
    frame, record = told(street([car(-9.0, 0.2, -1.0)]), 1)
    assert prove(frame, record) == []
    assert said(frame, "entering_lane") == []


def sideways(vy: float) -> HandScene:
    scene = street([car(30.0, -1.6, 0.0)])
    scene.things[0].velocity = (9.0, vy, 0.0)
    return scene


@pytest.mark.parametrize(("vy", "side"), [(1.0, "left"), (-1.0, "right"), (0.3, ""), (0.0, "")])
def test_we_move_over_when_we_go_sideways_over_the_lanes(vy: float, side: str) -> None:
    frame, record = told(sideways(vy), 1)
    assert prove(frame, record) == []
    assert said(frame, "ego_moving_over") == [*([side] if side else [])]
    assert f"over to the {side}" in driving(frame) if side else "over to the" not in driving(frame)


def test_who_turns_off_does_not_move_over() -> None:
    scene = street([car(30.0, -1.6, 0.0)], yaw_rate=0.5)
    scene.things[0].velocity = (8.5, 1.5, 0.0)
    frame, record = told(scene, 1)
    assert prove(frame, record) == []
    assert said(frame, "ego_moving_over") == []


def test_turning_on_a_straight_lane_is_no_bend() -> None:
    frame, record = told(street([car(30.0, -1.6, 0.0)], yaw_rate=0.2), 1)
    assert prove(frame, record) == []
    assert said(frame, "ego_turning") == []


@pytest.mark.parametrize(("radius_m", "side"), [(45.0, "left"), (-45.0, "right")])
def test_turning_with_a_lane_that_bends_is_a_bend(radius_m: float, side: str) -> None:
    scene = street([car(30.0, -1.6, 0.0)], yaw_rate=9.0 / radius_m)
    x = np.linspace(-30.0, 30.0, 61)
    arc = np.stack([x, -1.6 + x**2 / (2 * radius_m), 0 * x], axis=1)
    scene = replace(scene, lanes=((0, lanes()[0][1], arc),))
    frame, record = told(scene, 1)
    assert prove(frame, record) == []
    assert said(frame, "ego_turning") == [side]


@pytest.mark.parametrize("wrong", ["side", "still", "gone"])
def test_a_false_word_about_moving_over_is_caught(wrong: str) -> None:
    frame, record = told(sideways(1.0), 1)
    fact = next(f for f in frame.facts if f.predicate == "ego_moving_over")
    lie = (
        replace(fact, argument="right") if wrong == "side" else replace(fact, value=0.1 * (fact.value or 0.0))
    )
    if wrong == "gone":
        frame, record = told(sideways(0.0), 1)
        lie = replace(fact, fact_id=max(f.fact_id for f in frame.facts) + 1)
        assert prove(replace(frame, facts=(*frame.facts, lie)), record) != []
        return
    facts = tuple(lie if f is fact else f for f in frame.facts)
    assert prove(replace(frame, facts=facts), record) != []
