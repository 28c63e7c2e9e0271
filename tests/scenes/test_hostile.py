"""Specs no world can hold: one clear error that names the value and the remedy, before anything is made."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pairforge.errors import PairforgeError, RequirementError, SpecError
from pairforge.scenes.distributions import Choice, Constant, Integer, Normal, Uniform, UniformVector
from pairforge.scenes.load import load_scene
from pairforge.scenes.overrides import overrides
from pairforge.scenes.placement import Above, Anywhere, At, LeftOf, On, OnLane, OnPavement, Parked
from pairforge.scenes.requirements import Apart, AtRest, Count, Holds, Visible
from pairforge.scenes.resolve import resolve
from pairforge.scenes.settings import Empty
from pairforge.scenes.spec import Actor, Behaviour, Camera, Lidar, Prop, Scene, Weather
from pairforge.scenes.street import Street

NAN, INF = math.nan, math.inf
BOX = Prop(name="box", shape="box", size_m=0.3, place=At((0.0, 0.0, 0.0)))
FRONT = Camera(name="front", look_at="box", width_px=32, height_px=32)
SCENE = Scene(name="s", props=[BOX], sensors=[FRONT], duration_s=0.5, warm_up_s=0.1, max_redraws=2)


def prop(**fields: Any) -> Scene:
    return SCENE.plus(Prop(**{"name": "p", "shape": "box", "place": At((1.0, 1.0, 0.0)), **fields}))


def camera(**fields: Any) -> Scene:
    return replace(SCENE, sensors=[Camera(**{"name": "c", "look_at": "box", **fields})])


def lidar(**fields: Any) -> Scene:
    return replace(SCENE, sensors=[Lidar(**{"name": "l", **fields})])


def actor(**fields: Any) -> Scene:
    town = Street(length_m=80.0, lanes=2, parking="none", building_density=0.0)
    made = Actor(**{"name": "a", "shape": "sedan", "place": OnLane(lane=0, s_m=30.0), **fields})
    return Scene(name="t", setting=town, actors=[made])


def require(requirement: Any) -> Scene:
    return replace(SCENE, require=[requirement])


def crash(candidate: Any) -> bool:
    raise KeyError("colour")


def leave(candidate: Any) -> bool:
    raise SystemExit(3)


CASES: list[tuple[Callable[[], Any], str]] = [
    # things
    (lambda: prop(size_m=NAN), "p.size_m is nan; it must be finite"),
    (lambda: prop(size_m=1e-12), "things are 0.001 to 1000 m large"),
    (lambda: prop(size_m=Normal(-1.0, 0.01)), "size_m: -1.0 must be above 0"),
    (lambda: prop(params={"size_m": -1.0}), "size_m is -1.0; it must be a number above 0"),
    (lambda: prop(params={"height_ratio": 0.0}), "never flat"),
    (lambda: prop(params=[1]), "it must be a mapping"),
    (lambda: prop(params={"size_m": object()}), "it must be text, a number"),
    (lambda: prop(mass_kg=0), "mass_kg: 0 must be above 0"),
    (lambda: prop(mass_kg=1e30), "mass_kg is 1e+30; it must lie in 1e-06..1e+06"),
    (lambda: prop(count=-1), "count is -1; it must lie in 0..10000"),
    (lambda: prop(count=10**12, place=Anywhere()), "it must lie in 0..10000"),
    (lambda: prop(count=True), "it must be a whole number"),
    (lambda: prop(count=Uniform(1, 2)), "it must be a whole number"),
    (lambda: prop(size_m=Choice(0.1, "big")), "it must be a number"),
    (lambda: prop(size_m=Constant(NAN)), "it must be finite"),
    (lambda: prop(shape="road"), '"road" is ground or land'),
    (lambda: prop(material="woood"), 'Did you mean "wood"?'),
    (lambda: UniformVector(1, 2), "low and high must be (x, y, z)"),  # type: ignore[arg-type]
    # places
    (lambda: prop(place="floor"), "place is 'floor'; it must be a Placement, as in On(\"table\")"),
    (lambda: prop(place=OnLane(lane=0, s_m=3.0)), "the setting has no lanes; take one with a road"),
    (lambda: prop(place=At((NAN, 0.0, 0.0))), "p.place.position_m is nan"),
    (lambda: prop(place=At((1e12, 0.0, 0.0))), "a world reaches 10000 m"),
    (lambda: prop(place=At((0.0, 0.0))), "it must be (a number, a number, a number)"),  # type: ignore[arg-type]
    (lambda: prop(place=Above("floor", height_m=-3.0)), "p.place.height_m is -3; it must be 0 or more"),
    (lambda: prop(place=LeftOf("box", gap_m=-3.0)), "p.place.gap_m is -3; it must be 0 or more"),
    (lambda: prop(place=LeftOf("p")), 'in a circle: "p" -> "p"'),
    (lambda: prop(place=On("flor")), 'Did you mean "floor"?'),
    # names
    *(
        (lambda n=n: prop(name=n), "a name is a letter")
        for n in ("a b", "a.b", "größe", "", "3a", "a\n", "a" * 65)
    ),
    *(
        (lambda n=n: replace(SCENE, name=n), "scene's name")
        for n in ("a b", "../../x", "", "größe", "a" * 65)
    ),
    (lambda: prop(name="setting"), "reserved"),
    (lambda: SCENE.plus(Prop(name="p", shape="box", count=2), Prop(name="p_0", shape="box")), 'named "p_0"'),
    (lambda: SCENE.plus(replace(FRONT, name="Front")), "differ in case alone"),
    (
        lambda: replace(SCENE, props=SCENE.props[0]),
        'props is the Prop "box"; put it into a list, as in props=[',
    ),
    (lambda: replace(SCENE, props=[*SCENE.props, "mug"]), "props[1] is 'mug'; it must be a Prop"),
    (
        lambda: replace(SCENE, sensors=[FRONT, SCENE.props[0]]),
        'sensors[1] is the Prop "box"; it must be a Sensor',
    ),
    # the clock
    *((lambda d=d: replace(SCENE, duration_s=d), "duration_s is") for d in (0, NAN, INF, 1e9)),
    *((lambda d=d: replace(SCENE, warm_up_s=d), "warm_up_s is") for d in (-1, NAN, INF)),
    *((lambda d=d: replace(SCENE, keyframe_rate_hz=d), "keyframe_rate_hz is") for d in (0, NAN, INF, 1e9)),
    (lambda: replace(SCENE, duration_s=3600, keyframe_rate_hz=100.0), "100000 is the most"),
    (lambda: replace(SCENE, max_redraws=-1), "max_redraws is -1"),
    # cameras
    *((lambda w=w: camera(width_px=w), f"width_px is {w}; it must") for w in (0, -1, 3, 100000, 64.0)),
    *((lambda r=r: camera(rate_hz=r), "rate_hz is") for r in (0, NAN, 1e-9, 2.0)),
    *((lambda f=f: camera(fov_deg=f), "it must lie in 1..170") for f in (0, 180, 179.99)),
    *((lambda d=d: camera(distance_m=d), "it must be above 0") for d in (0, -2)),
    (lambda: camera(elevation_deg=200.0), "elevation_deg is 200; it must lie in -90..90"),
    (lambda: camera(look_at=(NAN, 0.0, 0.0)), "look_at is"),
    (lambda: camera(labels=("depth",)), 'every camera has "depth" without asking'),
    (lambda: camera(distance_m=0.05), 'Camera "c" is inside "box"'),
    (lambda: camera(elevation_deg=-80.0), 'Camera "c" is below "floor"'),
    (lambda: camera(look_at=None, position_m=(1e9, 0.0, 0.0)), "10000 m is the most"),
    (
        lambda: camera(mount="boxx", position_m=(0.0, 0.0, 1.0)),
        'mounted on "boxx", which is not in the scene',
    ),
    (
        lambda: camera(mount="floor", position_m=(0.0, 0.0, 1.0)),
        'mounted on "floor", which is not in the scene',
    ),
    # LiDARs
    *((lambda b=b: lidar(beams=b), "it must lie in 1..256") for b in (0, 300)),
    *((lambda d=d: lidar(dropout=d), "it must lie in 0..1") for d in (1.5, NAN, -0.1)),
    *((lambda r=r: lidar(rate_hz=r), "rate_hz is") for r in (0, NAN, INF, 0.001)),
    (lambda: lidar(rate_hz=5.0), "a sweep takes 0.2 s"),
    *((lambda r=r: lidar(max_range_m=r), "max_range_m is") for r in (0, NAN, INF)),
    *((lambda r=r: lidar(range_noise_m=r), "range_noise_m is") for r in (NAN, INF, -1)),
    (lambda: lidar(columns=10**9), "columns is"),
    (lambda: lidar(elevation_deg=(10.0, -10.0)), "must rise within -90..90"),
    (lambda: lidar(position_m=(0.0, 0.0, -5.0)), 'Lidar "l" is below "floor"'),
    # weather and settings
    (lambda: replace(SCENE, weather=Weather(fog_per_m=-1)), "fog_per_m is -1; it must lie in"),
    (lambda: replace(SCENE, weather=Weather(sun_elevation_deg=91)), "it must lie in -90..90"),
    (lambda: replace(SCENE, weather=Weather(wetness="wet")), "it must be a number"),  # type: ignore[arg-type]
    *((lambda z=z: replace(SCENE, setting=Empty(size_m=z)), "0.1 to 10000 m") for z in (0, -1, 1e9)),
    (lambda: replace(SCENE, setting=Empty), "it must be a Setting"),
    (lambda: Scene(name="t", setting=Street(lanes=3)), "2 or 4 lanes"),
    (lambda: Scene(name="t", setting=Street(speed_limit_mps=0)), "give 1 to 70 m/s"),
    # captions
    (lambda: replace(SCENE, captions=["shrt"]), 'Did you mean "short"?'),
    (lambda: replace(SCENE, captions=["short", "short"]), "twice"),
    (lambda: replace(SCENE, captions="short"), "put it into a list, as in captions=["),
    (lambda: replace(SCENE, captions=["driving"]), 'name an actor "ego"'),
    # requirements
    (lambda: require(Visible("box", at_least_px=5000)), '3 times, at last because "box" covers'),
    (lambda: require(Visible("box", at_least_px=-3)), "at_least_px must be 1 or more"),
    (lambda: require(Visible("box", camera="fornt")), 'Did you mean "front"?'),
    (lambda: require(Visible("box", camera="box")), 'no camera "box"'),
    (lambda: replace(require(Visible("box")), sensors=[]), "no camera to see anything with"),
    (lambda: require(Apart("box", "box", NAN)), "at_least_m must be 0 or more"),
    (lambda: require(Count("bx")), 'Did you mean "box"?'),
    (lambda: require(Count("box", at_least=3, at_most=1)), "at_most must be 3 or more"),
    (lambda: require(AtRest("box", below_mps=NAN)), "below_mps must be a number above 0"),
    (lambda: require(Holds(crash, "it is red")), "Holds('it is red'): its function raised KeyError"),
    (lambda: require(Holds(leave, "it stays")), "its function raised SystemExit"),
    (lambda: require("visible"), "Requirement"),
    # behaviour
    (lambda: actor(place=At((0.0, 0.0, 0.0))), "place it OnLane, or let it park"),
    (lambda: actor(place=OnLane(lane=9)), "no lane 9. Lanes: 0, 1."),
    (lambda: actor(place=OnLane(lane=0, s_m=900.0)), "lies beyond its ends"),
    (lambda: actor(behaviour=Behaviour(speed_mps=1e6)), "it must lie in 0..70"),
    (lambda: actor(shape="pedestrian"), 'is to drive, which shape "pedestrian" cannot'),
    (lambda: actor(place=OnPavement("left"), behaviour=Behaviour(kind="walk")), "is to walk"),
    (lambda: actor(place=Parked("left"), behaviour=Behaviour(kind="park")), "no parking"),
    (lambda: actor(place=On("left_pavement"), behaviour=Behaviour(kind="park")), "use OnPavement"),
]


@pytest.mark.parametrize(
    ("make", "says"), CASES, ids=[f"{k}-{says[:30]}" for k, (_, says) in enumerate(CASES)]
)
def test_an_impossible_spec_is_refused_with_its_value(make: Callable[[], Any], says: str) -> None:
    with pytest.raises(PairforgeError) as caught:
        resolve(make(), 0)
    assert says in str(caught.value)
    assert len(str(caught.value)) < 700


def test_a_camera_inside_a_table_is_refused_unless_another_draw_is_outside() -> None:
    table = Prop(name="table", shape="table", moves=False, place=At((0.0, 0.0, 0.0)))
    inside = Camera(name="c", look_at=(5.0, 0.0, 0.7), position_m=(0.0, 0.0, 0.7))
    scene = Scene(
        name="s", props=[replace(table, params={"height_m": 0.72})], sensors=[inside], max_redraws=0
    )
    with pytest.raises(RequirementError, match='Camera "c" is inside "table"'):
        resolve(scene, 0)
    either = replace(inside, position_m=Choice((0.0, 0.0, 0.7), (0.0, 0.0, 1.7)))
    again = replace(scene, sensors=[either], max_redraws=20)
    drawn = [resolve(again, seed) for seed in range(6)]
    assert {c.sensors[0].position_m[2] for c in drawn} == {1.7}
    assert max(c.attempt for c in drawn) > 0


@pytest.mark.parametrize(
    ("do", "says"),
    [
        ({"box.size_m": NAN}, 'do["box.size_m"] is nan'),
        ({"box.size_m": Uniform(1, 2)}, "it must be text, a number"),
        ({"box.size_m": -1.0}, "it must be a number above 0"),
        ({"p.count": 10**7}, "it must lie in 0..10000"),
        ({"front.fov_deg": 500.0}, "it must lie in 1..170"),
        ({"front.distance_m": 0.05}, "cannot be: Camera"),
        ({3: 1}, "it must map names of draws to values"),
        ("box.size_m", "it must map names of draws to values"),
    ],
)
def test_an_impossible_do_is_refused(do: Any, says: str) -> None:
    with pytest.raises(SpecError) as caught:
        resolve(prop(count=Integer(1, 2), place=Anywhere()), 0, do=do)
    assert says in str(caught.value)


@pytest.mark.parametrize("seed", ["x", 1.5, None, True])
def test_a_seed_is_a_whole_number(seed: Any) -> None:
    with pytest.raises(SpecError, match="it must be a whole number"):
        resolve(SCENE, seed)


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("duration_s", "nan", "duration_s is nan"),
        ("duration_s", "", "it must be a number"),
        ("front.width_px", "1e3", "it must be a whole number"),
        ("front.width_px", "0", "width_px is 0"),
        ("front.look_at", "0,nan,0", "look_at is"),
        ("front.position_m", "1,2", "front.position_m"),
        ("box.moves", "maybe", "it must be True or False"),
        ("box.colour", "rde", 'Did you mean "red"?'),
        ("box.count", "-1", "count is -1"),
        ("box.place", "floor", "it must be a Placement"),
        ("box.place.position_m", "0,0", "position_m"),
        ("box.place.x_m", "1", 'At has no field "x_m"'),
        ("box.params.hight_ratio", "2", 'Did you mean "height_ratio"?'),
        ("box", "3", "name one of its fields"),
        ("box.", "3", "name one of its fields"),
        (".", "3", "the scene has no"),
        ("setting.size_m", "big", "it must be a number"),
        ("setting.lanes", "4", 'Empty has no field "lanes"'),
        ("weather.wetness", "7", "wetness is 7; it must lie in 0..1"),
        ("captions", "shrt", 'Did you mean "short"?'),
        ("sensors", "front", 'the scene has no "sensors"'),
        ("name", "x", 'the scene has no "name"'),
    ],
)
def test_a_bad_override_is_refused(name: str, value: str, says: str) -> None:
    with pytest.raises(SpecError) as caught:
        resolve(overrides(SCENE, {name: value}), 0)
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (b"import nosuchmodule", ':1: the spec needs the module "nosuchmodule"'),
        (b"import sys\nsys.exit()", ":2: the spec raised SystemExit"),
        (b"from pairforge.scenes.spec import Scene\nX = Scene(nme='x')", 'Scene has no field "nme"'),
        (b"def f(): f()\nf()", "RecursionError"),
        (b"\xff\xfe\x00", "is not UTF-8 text"),
        (b"X = 'a\x00b'", "null bytes"),
        (b"", 'has no "X"'),
        (b"from pairforge.scenes.spec import Weather\nWeather(fog=1)", 'Weather has no field "fog"'),
        (b"import pairforge.scenes.spec as s\ns.Weather(wet=1)", 'Did you mean "wetness"?'),
        (b"from pairforge.scenes.street import Street\nStreet(lenght_m=1)", 'Did you mean "length_m"?'),
        (b"from pairforge.scenes.placement import On\nOn('t', xm=1)", 'Did you mean "x_m"?'),
    ],
)
def test_a_hostile_file_is_explained(tmp_path: Path, text: bytes, says: str) -> None:
    file = tmp_path / "mine.py"
    file.write_bytes(text)
    with pytest.raises(SpecError) as caught:
        load_scene(f"{file}:X")
    assert says in str(caught.value)
    assert [p.name for p in tmp_path.iterdir()] == ["mine.py"]


def test_a_folder_is_no_spec(tmp_path: Path) -> None:
    (tmp_path / "dir.py").mkdir()
    for spec in (f"{tmp_path / 'dir.py'}:X", f"{tmp_path}:X", f"{tmp_path / 'dir.py'}"):
        with pytest.raises(SpecError, match="cannot be read"):
            load_scene(spec)
