"""Happenings in tracks made by formula, whose beginnings and ends are plain arithmetic; and forged ones found out."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from pairforge.captioners.facts_clip import clip_facts
from pairforge.captioners.facts_list import FactList, Scene
from pairforge.captioners.happenings import happenings_of
from pairforge.datasets.claims_happenings import all_that_happens, differences, scene_findings
from pairforge.datasets.claims_relations import relation_findings
from pairforge.datasets.scene_tables import relation_rows
from pairforge.frames import F64, Pose, Track
from pairforge.intervals import RELATIONS
from pairforge.sample import Contact, Happening, InstanceRow, SceneRecord
from tests.captioners.mutate_happenings import happening_lists, relation_lists

T_NS = np.arange(0, 8_000_000_001, 10_000_000, dtype=np.int64)
S = T_NS * 1e-9
UP = np.array([1.0, 0.0, 0.0, 0.0])


def row(i: int, name: str, semantic: str, size: tuple[float, float, float]) -> InstanceRow:
    return InstanceRow(
        i,
        name,
        name,
        semantic,
        name,
        "red",
        (1.0, 0.0, 0.0),
        "",
        size,
        (0.0, 0.0, size[2] / 2),
        True,
        True,
        1.0,
        "",
    )


def track(x: Any, y: Any = 0.0, z: Any = 0.0, yaw: Any = 0.0) -> Track:
    ones = np.ones(len(S))
    place = np.stack([ones * x, ones * y, ones * z], axis=1)
    half = ones * yaw / 2
    return Track(T_NS, place, np.stack([np.cos(half), 0 * half, 0 * half, np.sin(half)], axis=1))


def lane(lane_id: int, y: float, back: bool = False) -> tuple[int, float, F64]:
    x = np.linspace(-200.0, 300.0, 51)
    x = x[::-1] if back else x
    return lane_id, 3.2, np.stack([x, np.full(51, y), np.zeros(51)], axis=1)


def record(
    tracks: dict[str, tuple[str, Track]],
    contacts: tuple[Contact, ...] = (),
    ego: str | None = "ego",
    **concrete: Any,
) -> SceneRecord:
    """A scene of these bodies on two lanes of one direction (y -1.6 and 1.6) and one of the other (y 4.8)."""
    sizes = {"car": (4.0, 1.8, 1.5), "pedestrian": (0.5, 0.5, 1.7), "object": (0.1, 0.1, 0.1)}
    rows = tuple(
        row(k, name, kind, sizes[kind]) for k, (name, (kind, _)) in enumerate(tracks.items(), start=1)
    )
    lanes = (lane(0, -1.6), lane(1, 1.6), lane(2, 4.8, back=True)) if ego else ()
    return SceneRecord(
        scene_index=0,
        scene="hand",
        seed=0,
        concrete=concrete,
        instances=rows,
        parts=(),
        part_tracks={},
        instance_tracks={k: t for k, (_, t) in enumerate(tracks.values(), start=1)},
        part_poses={},
        instance_poses={},
        lanes=lanes,
        contacts=contacts,
        ego=ego,
    )


def proved(scene: SceneRecord) -> dict[str, list[Happening]]:
    """Its happenings by kind, none of them refuted, none left out."""
    found = happenings_of(scene)
    assert scene_findings(replace(scene, happenings=found)) == []
    kinds: dict[str, list[Happening]] = {}
    for happening in found:
        kinds.setdefault(happening.kind, []).append(happening)
    return kinds


def span_s(happening: Happening) -> tuple[float, float]:
    return happening.t0_ns * 1e-9, happening.t1_ns * 1e-9


def braked(from_s: float, mps2: float = 4.0, mps: float = 10.0) -> F64:
    """Metres of one who drives at a speed, brakes from a time on until it stands, and stays."""
    u = np.clip(S - from_s, 0.0, mps / mps2)
    return np.asarray(mps * np.minimum(S, from_s) + mps * u - mps2 * u**2 / 2)


def test_braking_to_a_halt_lasts_as_long_as_the_formula_says() -> None:
    found = proved(record({"ego": ("car", track(braked(2.0), -1.6))}))
    (braking,), (stopping,) = found["braking"], found["stopping"]
    assert span_s(braking) == pytest.approx((2.0, 4.5), abs=0.15)
    assert braking.value == pytest.approx(10.0, abs=0.3)
    assert span_s(stopping) == pytest.approx((4.5 - 0.7 / 4.0, 4.5), abs=0.06)
    assert stopping.value == pytest.approx(8.0 - 4.5, abs=0.06)
    assert "starting" not in found


def test_one_who_stood_and_drives_off_starts() -> None:
    u = np.maximum(S - 3.0, 0.0)
    (starting,) = proved(record({"ego": ("car", track(u**2, -1.6))}))["starting"]
    assert span_s(starting) == pytest.approx((3.0 + 0.15 / 2, 3.0 + 0.7 / 2), abs=0.06)
    assert starting.value == pytest.approx(3.07, abs=0.06)


def eased(at_s: float, over_s: float) -> F64:
    u = np.clip((S - at_s) / over_s, 0.0, 1.0)
    return np.asarray(10 * u**3 - 15 * u**4 + 6 * u**5)


def test_a_lane_change_before_us_is_one_and_cuts_in() -> None:
    cutter = track(12.0 + 10.0 * S, 1.6 - 3.2 * eased(2.0, 3.0))
    found = proved(record({"ego": ("car", track(10.0 * S, -1.6)), "cutter": ("car", cutter)}))
    (change,), (cut,) = found["lane_change"], found["cutting_in"]
    assert (change.subjects, change.argument) == ((2,), "right")
    assert 2.0 < span_s(change)[0] < 3.3 < 3.7 < span_s(change)[1] < 5.0
    assert (cut.subjects, cut.argument) == ((2, 1), "left")
    assert cut.value == pytest.approx(12.0 - 4.0)
    assert span_s(cut) == span_s(change)


def test_who_swerves_and_comes_back_does_not_change_lanes() -> None:
    y = -1.6 + 1.2 * (eased(2.0, 1.5) - eased(4.0, 1.5))
    assert "lane_change" not in proved(record({"ego": ("car", track(10.0 * S, y))}))


def test_overtaking_is_from_front_at_rear_to_rear_at_front_and_meeting_is_passing_by() -> None:
    tracks = {
        "ego": ("car", track(15.0 * S, 1.6)),
        "slow": ("car", track(30.0 + 5.0 * S, -1.6)),
        "other": ("car", track(80.0 - 5.0 * S, 4.8, yaw=np.pi)),
    }
    found = proved(record(tracks))
    (over,), (by,) = found["overtaking"], found["passing_by"]
    assert over.subjects == (1, 2)
    assert span_s(over) == pytest.approx((2.6, 3.4), abs=0.011)
    assert over.value == pytest.approx(3.2)
    assert by.subjects == (1, 3)
    assert span_s(by) == pytest.approx((3.8, 4.2), abs=0.011)


def test_somebody_walks_across_and_who_walks_along_the_lane_does_not_cross() -> None:
    ego = ("car", track(0.0 * S, -1.6))
    across = ("pedestrian", track(20.0, -5.0 + 1.25 * S))
    (cross,) = proved(record({"ego": ego, "walker": across}))["crossing_road"]
    assert span_s(cross) == pytest.approx(((1.8 + 0.1) / 1.25, 8.0), abs=0.06)
    along = ("pedestrian", track(20.0 + 1.25 * S, -2.0))
    assert "crossing_road" not in proved(record({"ego": ego, "walker": along}))


@pytest.mark.parametrize(("offset_s", "ran"), [(0.0, True), (5.0, False)])
def test_over_the_line_at_red_is_run_and_at_green_is_not(offset_s: float, ran: bool) -> None:
    programme = [["red", 5.0], ["green", 5.0]]
    light = {"name": "light", "motion": "signal", "behaviour": {"programme": programme, "offset_s": offset_s}}
    lanes = [{"lane_id": 0, "signal": "light", "stop_m": 222.0}]
    scene = record(
        {"ego": ("car", track(10.0 * S, -1.6)), "light": ("object", track(30.0))}, lanes=lanes, items=[light]
    )
    found = proved(scene)
    assert ("ran_red" in found) == ran
    if ran:
        (run,) = found["ran_red"]
        assert run.subjects == (1, 2)
        assert span_s(run) == pytest.approx((2.0, 2.4), abs=0.011)
        assert run.value == pytest.approx(10.0)


def dropped() -> SceneRecord:
    """A cube falls 0.5 m from 1 s on, lands on another and stays."""
    fall_s = float(np.sqrt(2 * 0.5 / 9.81))
    u = np.clip(S - 1.0, 0.0, fall_s)
    ball = track(0.0, 0.0, 0.6 - 9.81 * u**2 / 2)
    land_ns = round((1.0 + fall_s) * 1e9)
    contact = Contact(1, 2, land_ns, int(T_NS[-1]), 9.0)
    hold = Contact(0, 2, 0, 990_000_000, 1.0)
    floor = Contact(0, 1, 0, int(T_NS[-1]), 1.0)
    return record(
        {"base": ("object", track(0.0)), "cube": ("object", ball)}, (contact, hold, floor), ego=None
    )


def test_a_thing_falls_lands_at_the_speed_of_its_fall_and_comes_to_rest() -> None:
    found = proved(dropped())
    (fall,), (land,), (rest,) = found["falling"], found["landing"], found["coming_to_rest"]
    fall_s = float(np.sqrt(2 * 0.5 / 9.81))
    assert span_s(fall) == pytest.approx((1.0 + 0.5 / 9.81, 1.0 + fall_s), abs=0.06)
    assert land.subjects == (2, 1)
    assert land.value == pytest.approx(9.81 * (fall_s - 0.015), rel=0.03), (
        "the mean speed over the 20 ms before"
    )
    assert rest.subjects == (2,)
    assert span_s(rest)[1] == pytest.approx(1.0 + fall_s, abs=0.07)


def rolling(degrees_a_second: float) -> SceneRecord:
    turn = np.radians(degrees_a_second) * np.minimum(S, 4.0) / 2
    quaternions = np.stack([np.cos(turn), 0 * turn, np.sin(turn), 0 * turn], axis=1)
    centre = np.stack([0.5 * np.minimum(S, 4.0), 0 * S, np.full(len(S), 0.05)], axis=1)
    turned = Track(T_NS, centre, quaternions)
    middle = turned.positions_m - np.array([turned.at(int(t)).vectors([0.0, 0.0, 0.05]) for t in T_NS])
    ball = replace(turned, positions_m=middle)
    return record({"ball": ("object", ball)}, (Contact(0, 1, 0, int(T_NS[-1]), 1.0),), ego=None)


def test_a_ball_that_turns_as_fast_as_it_moves_rolls_and_one_that_slides_does_not() -> None:
    (roll,) = proved(rolling(np.degrees(0.5 / 0.05)))["rolling"]
    assert span_s(roll) == pytest.approx((0.0, 4.0), abs=0.1)
    assert roll.value == pytest.approx(4.0 * np.degrees(10.0), rel=0.03)
    assert "rolling" not in proved(rolling(0.0))


def overtaken() -> SceneRecord:
    """We brake to a halt while a faster one overtakes us, and somebody comes towards us."""
    return record(
        {
            "ego": ("car", track(braked(3.0), -1.6)),
            "fast": ("car", track(16.0 * S - 15.0, 1.6)),
            "meets": ("car", track(90.0 - 10.0 * S, 4.8, yaw=np.pi)),
        }
    )


def test_every_lie_about_happenings_is_found_out() -> None:
    scene = overtaken()
    found, derived = happenings_of(scene), list(all_that_happens(scene))
    assert {h.kind for h in found} == {"braking", "stopping", "overtaking", "passing_by"}
    told = Counter[str]()
    for kind, lie in happening_lists(found, [1, 2, 3]):
        told[kind] += 1
        assert differences(lie, derived), (kind, lie)
    assert len(told) == 21, told


def test_every_lie_about_the_relations_of_happenings_is_found_out() -> None:
    scene = overtaken()
    found = happenings_of(scene)
    rows = relation_rows(replace(scene, happenings=found))
    assert rows
    assert not list(relation_findings(found, rows))
    told = Counter[str]()
    for kind, lie in relation_lists(rows, found):
        told[kind] += 1
        assert list(relation_findings(found, lie)), (kind, lie)
    assert len(told) >= 7, told


def test_of_too_many_happenings_those_of_one_subject_alone_are_related() -> None:
    times = [(k * 10**9, k * 10**9 + 5 * 10**8) for k in range(1002)]
    many = tuple(
        replace(happening(k, *span), subjects=(k % 334 + 1, 500)[: 1 + (k == 7)])
        for k, span in enumerate(times, 1)
    )
    rows = relation_rows(replace(overtaken(), happenings=many))
    assert len(rows) == 3 * 334  # each subject has three, and nobody shares the second of the seventh
    assert all((r["second_id"] - r["first_id"]) % 334 == 0 for r in rows)
    assert not list(relation_findings(many, rows))
    assert list(relation_findings(many, rows[:-1]))
    assert len(relation_rows(replace(overtaken(), happenings=many[:50]))) == 50 * 49 // 2


@pytest.mark.parametrize("relation", RELATIONS)
def test_each_of_allens_relations_is_told_from_every_other(relation: str) -> None:
    (one, other) = ENDS[relation]
    held = (happening(1, *one), happening(2, *other))
    (row,) = relation_rows(replace(overtaken(), happenings=held))
    assert row["relation"] == relation
    assert not list(relation_findings(held, [row]))
    for wrong in set(RELATIONS) - {relation}:
        assert list(relation_findings(held, [{**row, "relation": wrong}])), wrong


ENDS = {
    "before": ((0, 1), (2, 3)),
    "after": ((2, 3), (0, 1)),
    "meets": ((0, 1), (1, 3)),
    "met_by": ((1, 3), (0, 1)),
    "overlaps": ((0, 2), (1, 3)),
    "overlapped_by": ((1, 3), (0, 2)),
    "starts": ((0, 1), (0, 3)),
    "started_by": ((0, 3), (0, 1)),
    "during": ((1, 2), (0, 3)),
    "contains": ((0, 3), (1, 2)),
    "finishes": ((2, 3), (0, 3)),
    "finished_by": ((0, 3), (2, 3)),
    "equals": ((0, 3), (0, 3)),
}


@pytest.mark.parametrize(
    ("one", "other", "relation"),
    [((0, 2), (2, 2), "meets"), ((2, 2), (0, 2), "met_by"), ((0, 0), (0, 2), "starts"),
     ((0, 2), (0, 0), "started_by"), ((1, 1), (1, 1), "equals"), ((1, 1), (0, 2), "during")],
)  # fmt: skip
def test_an_instant_has_one_relation_to_what_it_touches(
    one: tuple[int, int], other: tuple[int, int], relation: str
) -> None:
    held = (happening(1, *one), happening(2, *other))
    (row,) = relation_rows(replace(overtaken(), happenings=held))
    assert row["relation"] == relation
    right = [r for r in RELATIONS if not list(relation_findings(held, [{**row, "relation": r}]))]
    assert right == [relation]


def happening(number: int, begins_s: int, ends_s: int) -> Happening:
    ns = 1_000_000_000
    return Happening(
        number, "braking", (number,), "", begins_s * ns, ends_s * ns, 2.0, "m/s", 1.5, 0.5, ("trajectories",)
    )


def test_a_still_thing_is_passed_by_where_it_stands() -> None:
    scene = record({"ego": ("car", track(10.0 * S, -1.6)), "parked": ("car", track(40.0, -5.0))})
    still = replace(
        scene, instance_tracks={1: scene.instance_tracks[1]}, instance_poses={2: Pose.of((40.0, -5.0, 0.0))}
    )
    (by,) = proved(still)["passing_by"]
    assert span_s(by) == pytest.approx((3.6, 4.4), abs=0.011)


def test_a_landing_is_told_of_when_it_lands_however_long_the_two_touch() -> None:
    clip = replace(dropped(), happenings=happenings_of(dropped()))
    clip = replace(clip, concrete={"duration_s": 8.0, "keyframe_rate_hz": 1.0})
    last = SimpleNamespace(frame_index=7, time_ns=7_000_000_000)
    found = FactList(last.time_ns)
    clip_facts(cast(Scene, SimpleNamespace(record=clip, frame=last, ego_id=None, told={1, 2})), found)
    when = {f.argument for f in found.facts if f.predicate == "happened_when"}
    assert "landing@start" in when
    assert "landing@end" not in when
