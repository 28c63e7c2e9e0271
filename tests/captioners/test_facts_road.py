"""People on the road, light and weather, on streets made by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pairforge.captioners.caption import write
from pairforge.captioners.facts import measure
from pairforge.datasets.claims import prove
from pairforge.sample import Keyframe, SceneRecord
from pairforge.seeding import Stream
from tests.captioners.hand_made import PERSON, Thing, street
from tests.captioners.random_scenes import told


def walker(x: float, y: float, vy: float, colour: str = "red") -> Thing:
    place = (x, y, PERSON[2] / 2)
    return Thing("pedestrian", "pedestrian", place, PERSON, colour, velocity=(0.0, vy, 0.0))


@pytest.mark.parametrize(("y", "vy", "side"), [(-1.0, 1.3, "right"), (1.0, -1.3, "left")])
def test_who_crosses_ahead_comes_first_with_our_braking(y: float, vy: float, side: str) -> None:
    frame, record = told(street([walker(12.0, y, vy)], brake=0.4, acceleration=-1.5), 1)
    assert prove(frame, record) == []
    found = [(f.predicate, f.argument) for f in frame.facts if f.predicate == "crossing"]
    assert found == [("crossing", side)]
    driving = next(c for c in frame.captions if c.kind == "driving")
    first = driving.text[driving.statements[0].start : driving.statements[0].end]
    assert "pedestrian in red" in first
    assert f"from the {side}" in first
    assert "and we are braking" in first
    assert "because" not in driving.text
    assert driving.text.count("braking") == 1


def test_two_who_cross_are_told_together() -> None:
    frame, record = told(
        street([walker(12.0, -1.0, 1.3), walker(13.0, -2.0, 1.3, "blue"), walker(18.0, 6.0, 0.0)]), 1
    )
    assert prove(frame, record) == []
    assert all("wo pedestrians" in c.text for c in frame.captions)


def test_no_braking_is_told_when_the_pedal_is_up() -> None:
    frame, record = told(street([walker(12.0, -1.0, 1.3)]), 1)
    assert prove(frame, record) == []
    assert all("braking" not in c.text for c in frame.captions)


@pytest.mark.parametrize(
    ("y", "vy", "predicate"),
    [
        (-5.2, 1.3, "heading_for_road"),
        (-5.2, -1.3, ""),
        (-12.0, 1.3, ""),
        (-2.0, 0.0, ""),
        (5.2, -1.3, "heading_for_road"),
    ],
)
def test_only_who_walks_at_the_road_heads_for_it(y: float, vy: float, predicate: str) -> None:
    frame, record = told(street([walker(14.0, y, vy)]), 1)
    assert prove(frame, record) == []
    assert [f.predicate for f in frame.facts if f.predicate in ("crossing", "heading_for_road")] == [
        *([predicate] if predicate else [])
    ]


@pytest.mark.parametrize(
    ("sky", "word"),
    [
        ({}, "sunny"),
        ({"sun_elevation": 0.1}, "low sun"),
        ({"sun_elevation": 0.23}, ""),
        ({"cloudiness": 0.5}, "cloudy"),
        ({"cloudiness": 0.38}, ""),
        ({"cloudiness": 0.62}, ""),
        ({"cloudiness": 0.9}, "overcast"),
        ({"fog_per_m": 0.02, "cloudiness": 0.9}, "foggy"),
        ({"fog_per_m": 0.006}, ""),
    ],
)
def test_the_sky_is_named_outside_its_dead_bands(sky: dict[str, float], word: str) -> None:
    frame, record = told(street([walker(12.0, -6.0, 0.0)], sky=sky), 1)
    assert prove(frame, record) == []
    assert [f.argument for f in frame.facts if f.predicate == "weather"] == [*([word] if word else [])]
    told_of = word.split(" ")[0] if word else "sun"
    said = any(
        told_of in c.text or "sunshine" in c.text for c in frame.captions if c.kind in ("short", "dense")
    )
    assert said == bool(word)


@pytest.mark.parametrize(
    ("sky", "words"),
    [
        ({"rain_mm_h": 5.0, "wetness": 1.0, "cloudiness": 1.0}, ["rainy", "wet"]),
        ({"rain_mm_h": 0.5, "cloudiness": 1.0}, []),
        ({"snow_mm_h": 2.0, "snow_cover": 0.9, "cloudiness": 1.0}, ["snowy", "snow-covered"]),
        ({"snow_cover": 0.9, "wetness": 1.0}, ["sunny", "snow-covered"]),
        ({"snow_cover": 0.35, "wetness": 1.0}, ["sunny"]),
        ({"dust_per_m": 0.02}, ["dusty"]),
        ({"sun_elevation": -0.4, "sun_strength": 0.0, "cloudiness": 0.9}, ["night"]),
        ({"sun_elevation": -0.14, "sun_strength": 0.0}, []),
        ({"sun_elevation": -0.06, "sun_strength": 0.0}, ["twilight"]),
        ({"sun_elevation": -0.01, "sun_strength": 0.0}, []),
        ({"sun_elevation": -0.4, "rain_mm_h": 5.0, "sun_strength": 0.0}, ["rainy", "night"]),
    ],
)
def test_what_falls_floats_and_lies_is_named_outside_its_dead_bands(
    sky: dict[str, float], words: list[str]
) -> None:
    frame, record = told(street([walker(12.0, -6.0, 0.0)], sky=sky), 1)
    assert prove(frame, record) == []
    assert [f.argument for f in frame.facts if f.predicate == "weather"] == words
    said = " ".join(c.text for c in frame.captions if c.kind in ("short", "dense"))
    shown = {"rainy": "rain", "snowy": "snow", "dusty": "dust", "wet": "", "snow-covered": "snow"}
    assert all(shown.get(word, word.split(" ")[0]) in said.replace("sunshine", "sunny") for word in words)
    for lie in ("sunny", "night", "rainy", "snowy", "foggy", "dusty", "twilight", "snow-covered"):
        fact = next((f for f in frame.facts if f.predicate == "weather"), None)
        if fact is not None and lie not in words:
            forged = replace(
                frame, facts=tuple(replace(f, argument=lie) if f is fact else f for f in frame.facts)
            )
            assert prove(forged, record), lie


def _at_a_fork(x: float, y: float) -> tuple[Keyframe, SceneRecord]:
    """A car ahead at (x, y), where our lane forks 18 m ahead: straight on, and to the left."""
    car = Thing("sedan", "car", (x, y, 0.75), (4.4, 1.8, 1.5), "blue", velocity=(8.0, 0.0, 0.0))
    here, ahead, turn = (
        np.linspace(-50.0, 18.0, 35),
        np.linspace(18.0, 120.0, 52),
        np.linspace(0.0, np.pi / 2, 25),
    )
    ours, on = (np.stack([s, np.full(len(s), -1.6), np.zeros(len(s))], 1) for s in (here, ahead))
    left = np.stack([18.0 + 12.0 * np.sin(turn), 10.4 - 12.0 * np.cos(turn), np.zeros(25)], 1)
    return told(replace(street([car], speed=8.0), lanes=((0, 3.2, ours), (1, 3.2, on), (2, 3.2, left))), 1)


@pytest.mark.parametrize(
    ("x", "y", "said"),
    [
        (12.0, -1.6, True),  # before the fork: in our lane wherever we go
        (40.0, -1.6, False),  # beyond it, straight on: in our lane only if we go straight on
        (28.5, 4.0, False),  # beyond it, on the left
    ],
)
def test_a_car_beyond_a_fork_is_not_said_to_be_in_our_lane(x: float, y: float, said: bool) -> None:
    frame, record = _at_a_fork(x, y)
    assert any(f.predicate == "same_lane_ahead" for f in frame.facts) is said
    assert prove(frame, record) == []
    # Nor is the lane called clear while the car may be in it.
    assert not any(f.predicate == "lane_clear" and (f.value or 0.0) > x for f in frame.facts)


@pytest.mark.parametrize(
    ("buildings", "limit", "opposing", "word"),
    [(0, 8.0, 1, "road"), (3, 8.0, 1, "street"), (3, 30.0, None, "motorway"), (0, 30.0, 1, "road")],
)
def test_what_we_are_on_is_told_from_lanes_and_buildings(
    buildings: int, limit: float, opposing: int | None, word: str
) -> None:
    houses = [
        Thing("building", "building", (20.0 + 12.0 * k, 14.0, 4.0), (9.0, 9.0, 8.0), "red")
        for k in range(buildings)
    ]
    frame, record = told(street(houses), 1)
    lane = {"lane_id": 0, "speed_limit_mps": limit, "left": 2, "right": None, "opposing": opposing}
    record = replace(record, concrete={**record.concrete, "lanes": [lane]})
    frame = replace(frame, facts=measure(frame, record))
    frame = replace(frame, captions=write(frame, record, ("dense", "short"), Stream(3)))
    assert [f.argument for f in frame.facts if f.predicate == "place"] == [word]
    assert prove(frame, record) == []
    assert all(word in c.text for c in frame.captions)
    wrong = "motorway" if word == "road" else "road"
    lie = tuple(replace(f, argument=wrong) if f.predicate == "place" else f for f in frame.facts)
    assert prove(replace(frame, facts=lie), record) != []
    unsaid = tuple(replace(c, text=c.text.replace(word, wrong)) for c in frame.captions)
    assert prove(replace(frame, captions=unsaid), record) != []
