"""Lamps: who has lights on, where they hang and shine, which rooms are lit, and that both renderers show it."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from pairforge.frames import Intrinsics, look_at
from pairforge.renderers.blender_sky import daylight
from pairforge.renderers.darkness import LUX, headlights_on, lamps_on, raised, twilight_lux
from pairforge.renderers.lamps import beams, glow, metered, panes, room_light
from pairforge.renderers.protocol import View
from pairforge.renderers.raycast import preview
from pairforge.scenes.build import build
from pairforge.scenes.conditions import CLEAR, NIGHT
from pairforge.scenes.library.driving import STREET
from pairforge.scenes.resolve import resolve
from pairforge.scenes.world import Sky, World

NIGHT_SKY = Sky(sun_elevation=-0.5, sun_strength=0.0)


@cache
def street(night: bool = True) -> World:
    return build(resolve(replace(STREET, weather=NIGHT if night else CLEAR), 3))


@pytest.mark.parametrize(("degrees", "lux"), [(-18.0, 6.51e-4), (-6.0, 3.4), (-0.8, 453.0)])
def test_twilight_is_as_bright_as_tabled(degrees: float, lux: float) -> None:
    assert twilight_lux(np.radians(degrees)) == pytest.approx(lux)


@pytest.mark.parametrize("degrees", [-5.0, -3.0, -1.5])
def test_the_sky_after_sunset_gives_the_tabled_light(degrees: float) -> None:
    sky = Sky(sun_elevation=float(np.radians(degrees)), sun_strength=0.0)
    assert daylight(sky, 256).horizontal * LUX == pytest.approx(twilight_lux(sky.sun_elevation), rel=0.15)


def test_lights_go_on_at_dusk_and_headlights_in_rain_too() -> None:
    day, dusk = Sky(), Sky(sun_elevation=-0.02)
    assert not lamps_on(day)
    assert not headlights_on(day)
    assert lamps_on(dusk)
    assert headlights_on(dusk)
    for weather in (Sky(rain_mm_h=3.0), Sky(snow_mm_h=1.0), Sky(fog_per_m=0.02)):
        assert headlights_on(weather)
        assert not lamps_on(weather)


def test_by_day_no_lamp_lights_anything() -> None:
    assert beams(street(night=False)) == ()
    assert raised(metered(Sky(), 4.0, ())) == 1.0


def test_every_driven_vehicle_and_every_lamp_post_shines_and_parked_cars_do_not() -> None:
    world = street()
    lit = {world.part(b.part_id).instance_id for b in beams(world)}
    for i in world.instances:
        drives = i.behaviour.get("kind") in ("drive", "cycle")
        assert (i.instance_id in lit) == (drives or i.family == "lamp_post"), i.name
    shown = glow(world)
    for i in world.instances:
        if i.behaviour.get("kind") == "park":
            assert not shown.lit[list(i.part_ids)].any(), i.name


def test_street_lamps_hang_above_the_road_and_look_down_headlights_look_ahead() -> None:
    world = street()
    for beam in beams(world):
        part = world.part(beam.part_id)
        at, towards = part.world_from_part.points(beam.at_m), part.world_from_part.vectors(beam.towards)
        instance = world.instance(part.instance_id)
        if instance.family == "lamp_post":
            assert at[2] > 6.0
            assert towards[2] == pytest.approx(-1.0, abs=1e-6)
        else:
            ahead = instance.world_from_body.vectors([1.0, 0.0, 0.0])
            assert 0.3 < at[2] < 1.6
            assert towards @ ahead > 0.99
            assert (at - instance.world_from_body.position_m) @ ahead > instance.centre_m[0]


def test_a_room_is_lit_as_a_whole_and_about_a_third_are() -> None:
    world = street()
    numbers = [(panes(p.mesh), glow(world).seed[p.part_id]) for p in world.parts]
    rooms = [np.unique((n[n > 0] + s) % 1.0) for n, s in numbers if n.any()]
    assert len(rooms) > 5
    drawn = np.concatenate(rooms)
    assert 0.2 < (room_light(drawn.astype(np.float32), 0.0, 0.3) > 0).mean() < 0.4
    assert len({round(float(s), 6) for n, s in numbers if n.any()}) == len(rooms), "houses share their rooms"


def test_a_night_street_has_bright_lamps_and_a_dark_sky() -> None:
    world = street()
    ego = next(i for i in world.instances if i.name == "ego")
    eye = ego.world_from_body.points([1.7, 0.0, 1.55])
    seen = View(
        Intrinsics.from_fov(160, 90, 70.0), look_at(eye, eye + ego.world_from_body.vectors([9, 0, -1])), {}
    )
    picture = preview(world, seen, "draft").astype(float).mean(axis=2)
    road = picture[70:, 40:120].mean()
    assert 15.0 < road < 130.0, "the road in headlights is dark but readable"
    assert picture.max() > 200.0, "lamps and windows shine"
    assert (picture > 200).mean() < 0.03
    np.testing.assert_array_equal(preview(world, seen, "draft"), preview(world, seen, "draft"))
