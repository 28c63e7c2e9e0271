"""People on the road, light and weather, on streets made by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pairforge.datasets.claims import prove
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
