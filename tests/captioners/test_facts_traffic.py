"""Lanes, lights and rules on a straight street of two lanes, where every answer is plain arithmetic."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from pairforge.captioners.facts import measure
from pairforge.datasets.claims import prove
from pairforge.frames import Pose
from pairforge.sample import Fact, Keyframe, PartRow, SceneRecord
from tests.captioners.hand_made import CAR, NOW_NS, PERSON, VAN, Thing, make, street

_OURS, _THEIRS = -1.6, 1.6


def rules(lane_id: int, **more: Any) -> dict[str, Any]:
    """A row of the lane graph."""
    row = {"lane_id": lane_id, "speed_limit_mps": 8.33, "left": None, "right": None, "opposing": 1 - lane_id}
    row |= {"junction": None, "yields_to": [], "signal": None}
    return {**row, "stop_m": None, "crossings_m": [], "must_stop": False, **more}


def told(
    things: list[Thing], ours: dict[str, Any] | None = None, items: tuple[Any, ...] = (), **more: Any
) -> tuple[dict[str, list[Fact]], Keyframe, SceneRecord]:
    """Facts by predicate of a street whose own lane has these rules, all of them proved."""
    frame, record = make(street(things, **more))
    graph = [rules(0, **(ours or {})), rules(1)]
    record = replace(record, concrete={**record.concrete, "lanes": graph, "items": list(items)})
    frame = replace(frame, facts=measure(frame, record))
    assert [str(f) for f in prove(frame, record)] == []
    found: dict[str, list[Fact]] = {}
    for fact in frame.facts:
        found.setdefault(fact.predicate, []).append(fact)
    return found, frame, record


def car(x: float, y: float, speed: float, yaw: float = 0.0) -> Thing:
    way = (float(np.cos(yaw)) * speed, float(np.sin(yaw)) * speed, 0.0)
    return Thing("hatchback", "car", (x, y, 0.75), CAR, "blue", yaw=yaw, velocity=way)


def test_a_car_ahead_is_in_our_lane_and_one_beside_that_faces_us_is_oncoming() -> None:
    found, *_ = told([car(20.0, _OURS, 5.0), car(30.0, _THEIRS, 5.0, np.pi)])
    assert [(f.subjects, f.argument) for f in found["in_lane"]] == [((2, 1), "ours"), ((3, 1), "oncoming")]
    assert "wrong_way" not in found


def test_who_drives_against_their_lane_is_on_the_wrong_way_and_who_stands_there_is_not() -> None:
    found, *_ = told([car(40.0, _OURS, 5.0, np.pi)])
    assert [f.subjects for f in found["wrong_way"]] == [(2,)]
    assert found["wrong_way"][0].value == pytest.approx(1.0)
    found, *_ = told([car(40.0, _OURS, 0.0, np.pi)])
    assert "wrong_way" not in found


def test_a_car_that_stands_in_the_lane_is_stalled_unless_it_waits_in_a_queue_or_at_a_line() -> None:
    alone, *_ = told([car(25.0, _OURS, 0.0)])
    assert [f.subjects for f in alone["stalled"]] == [(2,)]
    queue, *_ = told([car(25.0, _OURS, 0.0), car(32.0, _OURS, 0.0)])
    assert [f.subjects for f in queue["stalled"]] == [(3,)]
    line, *_ = told([car(25.0, _OURS, 0.0)], {"stop_m": 90.0})
    assert "stalled" not in line


def test_the_limit_is_told_and_whether_we_keep_it_with_nothing_between() -> None:
    slow, *_ = told([], speed=7.0)
    assert slow["speed_limit"][0].argument == "30"
    assert "over_limit" not in slow
    assert slow["within_limit"][0].value == pytest.approx((7.0 - 8.33) * 3.6)
    between, *_ = told([], speed=8.8)
    assert not {"within_limit", "over_limit"} & set(between)
    fast, *_ = told([], speed=10.0)
    assert fast["over_limit"][0].subjects == (1,)


LIGHT = {
    "name": "light",
    "motion": "signal",
    "behaviour": {"kind": "signal", "programme": [["red", 4.0], ["green", 6.0]], "offset_s": 0.0},
}


def light_thing() -> Thing:
    return Thing("traffic light", "traffic_light", (26.0, -4.0, 1.5), (0.3, 0.3, 3.0), name="light")


def with_lamps(record: SceneRecord, frame: Keyframe, lit: str) -> tuple[Keyframe, SceneRecord]:
    """The light, instance 2, with its lamps as parts: one stands out, and shows in half of the light's pixels."""
    colours, seen = ("red", "yellow", "green"), frame.cameras["front"]
    parts = tuple(PartRow(k + 1, 2, "traffic_light", f"light.glow_{c}") for k, c in enumerate(colours))
    home = record.instance_tracks[2].at(NOW_NS)
    tracks = {}
    for k, colour in enumerate(colours):
        track = record.instance_tracks[2]
        step = 0.05 if colour == lit else 0.0
        tracks[k + 1] = replace(track, positions_m=track.positions_m + np.array([step, 0.0, 0.0]))
    mine = np.flatnonzero(seen.instance == 2)
    part = np.zeros(seen.instance.size, dtype=np.uint16)
    part[mine[::2]] = colours.index(lit) + 1
    camera = replace(seen, part=part.reshape(seen.instance.shape))
    record = replace(
        record,
        parts=parts,
        part_tracks=tracks,
        instance_poses={2: Pose.of(home.position_m)},
        instance_tracks={i: t for i, t in record.instance_tracks.items() if i != 2},
    )
    return replace(frame, cameras={"front": camera}, facts=()), record


def test_the_light_of_our_lane_is_told_by_its_programme_and_shown_by_its_lamp() -> None:
    ours = {"signal": "light", "stop_m": 75.0}
    found, frame, record = told([light_thing()], ours, (LIGHT,))
    (state,) = found["signal_state"]
    assert (state.subjects, state.argument) == ((2, 1), "red")
    assert state.value == pytest.approx(1.5), "the cycle began 1.5 s ago, and red came with it"
    assert found["stop_line"][0].value == pytest.approx(25.0 - 2.1)
    assert "signal_shows" not in found
    frame, record = with_lamps(record, frame, "red")
    frame = replace(frame, facts=measure(frame, record))
    assert [str(f) for f in prove(frame, record)] == []
    assert [(f.subjects, f.argument) for f in frame.facts if f.predicate == "signal_shows"] == [((2,), "red")]
    frame, record = with_lamps(record_of(frame, record), frame, "green")
    assert "signal_shows" not in {f.predicate for f in measure(frame, record)}, "its programme says red"


def record_of(frame: Keyframe, record: SceneRecord) -> SceneRecord:
    """The record with the light's track back."""
    track = replace(record.part_tracks[2])
    return replace(record, instance_tracks={**record.instance_tracks, 2: track})


def test_who_stands_first_at_a_red_line_waits_there_and_nobody_behind_does() -> None:
    ours = {"signal": "light", "stop_m": 75.0}
    first = Thing("van", "van", (21.5, _OURS, 1.1), VAN, "white")
    things = [light_thing(), first, car(14.0, _OURS, 0.0)]
    found, *_ = told(things, ours, (LIGHT,), speed=0.0)
    assert [f.subjects for f in found["waits_at_red"]] == [(3, 2)]
    green = {**LIGHT, "behaviour": {**LIGHT["behaviour"], "offset_s": 5.0}}  # type: ignore[dict-item]
    found, *_ = told(things, ours, (green,), speed=0.0)
    assert "waits_at_red" not in found


def test_somebody_on_a_crossing_is_not_at_it_and_the_other_way_round() -> None:
    marked = {"crossings_m": [[70.0, 74.0]]}
    walker = Thing("pedestrian", "pedestrian", (22.0, -2.0, 0.875), PERSON, velocity=(0.0, 1.2, 0.0))
    found, *_ = told([walker], marked)
    assert [f.subjects for f in found["on_crossing"]] == [(2,)]
    assert "at_crossing" not in found
    found, *_ = told([replace(walker, centre=(22.0, -4.2, 0.875))], marked)
    assert found["at_crossing"][0].value == pytest.approx(1.0)
    assert "on_crossing" not in found
    found, *_ = told([replace(walker, centre=(40.0, -2.0, 0.875))], marked)
    assert not {"on_crossing", "at_crossing"} & set(found)


def test_before_a_van_that_faces_us_is_nearer_in_view_and_behind_one_that_drives_away() -> None:
    walker = Thing("pedestrian", "pedestrian", (14.0, 4.4, 0.875), PERSON)
    facing = Thing("van", "van", (20.0, 4.4, 1.1), VAN, "white", yaw=np.pi)
    found, _frame, record = told([walker, facing])
    front = {i: r.has_front for i, r in ((r.instance_id, r) for r in record.instances)}
    assert front[3], "a van has a front"
    assert [f.subjects for f in found["ahead_of"] if f.subjects[1] == 3] == [(2, 3)]
    assert ((2, 3), "ahead_of") in [(f.subjects, f.argument) for f in found["same_in_view"]]
    found, *_ = told([walker, replace(facing, yaw=0.0)])
    assert (2, 3) in [f.subjects for f in found["to_rear_of"]]
    assert ((2, 3), "to_rear_of") in [(f.subjects, f.argument) for f in found["opposite_in_view"]]


def test_bearings_and_closing_speeds_are_those_of_the_ego() -> None:
    found, *_ = told([car(30.0, _THEIRS, 6.0, np.pi), car(20.0, _OURS, 9.0)], speed=9.0)
    bearing = {f.subjects[0]: f.argument for f in found["bearing"]}
    assert bearing == {2: "ahead", 3: "ahead"}
    (closing,) = found["closing_speed"]
    assert closing.subjects == (2, 1)
    assert closing.value == pytest.approx(15.0 * 3.6 * 30.0 / np.hypot(30.0, 3.2))


def test_a_forged_fact_about_rules_is_refuted() -> None:
    _, frame, record = told(
        [light_thing(), car(22.0, _OURS, 0.0)], {"signal": "light", "stop_m": 75.0}, (LIGHT,)
    )
    for place, fact in enumerate(frame.facts):
        if fact.predicate in ("signal_state", "waits_at_red", "speed_limit", "in_lane", "stop_line"):
            other = {"signal_state": "green", "in_lane": "left"}.get(fact.predicate, "99")
            forged = replace(fact, argument=other)
            facts = (*frame.facts[:place], forged, *frame.facts[place + 1 :])
            assert prove(replace(frame, facts=facts), record) != [], fact.predicate


def test_a_stop_sign_asks_for_a_halt_at_its_line_unless_a_light_rules_there() -> None:
    ours = {"must_stop": True, "stop_m": 75.0}
    found, frame, record = told([], ours)
    (fact,) = found["must_stop"]
    assert (fact.subjects, fact.unit) == ((1,), "m")
    assert fact.value == pytest.approx(25.0 - 2.1)
    ruled, *_ = told([light_thing()], {**ours, "signal": "light"}, (LIGHT,))
    assert "must_stop" not in ruled
    free, *_ = told([], {"stop_m": 75.0})
    assert "must_stop" not in free
    no_sign = replace(record, concrete={**record.concrete, "lanes": [rules(0, stop_m=75.0), rules(1)]})
    assert any("must_stop" in str(f) for f in prove(frame, no_sign))


def cone(x: float, y: float) -> Thing:
    return Thing("traffic_cone", "street_furniture", (x, y, 0.35), (0.35, 0.35, 0.7), "orange")


def test_three_cones_in_our_lane_are_ahead_and_two_or_those_beside_it_are_not() -> None:
    row = [cone(8.0, -2.6), cone(10.5, -1.6), cone(13.0, -0.6)]
    found, frame, record = told([*row, cone(9.0, -4.4), cone(11.0, 1.4)])
    (fact,) = found["cones_ahead"]
    assert (fact.subjects, fact.value, fact.sensor) == ((2, 3, 4), 3.0, "front")
    fewer, *_ = told([*row[:2], cone(9.0, -4.4)])
    assert "cones_ahead" not in fewer
    for lie in (replace(fact, subjects=(2, 3, 5)), replace(fact, subjects=(2, 3)), replace(fact, value=4.0)):
        facts = tuple(lie if f == fact else f for f in frame.facts)
        assert prove(replace(frame, facts=facts), record)
