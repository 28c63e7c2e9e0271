from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from shapely import MultiPoint

from pairforge.errors import RequirementError
from pairforge.frames import Pose
from pairforge.scenes.build import build
from pairforge.scenes.distributions import Uniform
from pairforge.scenes.placement import Anywhere, At, Behind, InFrontOf, LeftOf, On, RightOf
from pairforge.scenes.resolve import resolve
from pairforge.scenes.settings import Empty
from pairforge.scenes.spec import Camera, Prop, Scene
from pairforge.scenes.surfaces import Strip

BASE = Prop(name="base", shape="cylinder", size_m=0.2, place=At((1.0, 2.0, 0.0), yaw_deg=30.0))


def vertices(scene: Scene, seed: int = 0) -> dict[str, Any]:
    """World vertices (N, 3) of every thing, from the built meshes."""
    world = build(resolve(scene, seed))
    return {
        i.name: np.concatenate(
            [world.part(p).world_from_part.points(world.part(p).mesh.vertices) for p in i.part_ids]
        )
        for i in world.instances
    }


@pytest.mark.parametrize(
    ("place", "axis", "sign"),
    [(LeftOf, 1, 1), (RightOf, 1, -1), (InFrontOf, 0, 1), (Behind, 0, -1)],
)
def test_the_gap_beside_a_thing_is_between_real_surfaces(place: Any, axis: int, sign: int) -> None:
    other = Prop(name="other", shape="box", place=place("base", gap_m=0.07, yaw_deg=20.0))
    found = vertices(Scene(name="s", props=[other, BASE]))
    along = {name: sign * v[:, axis] for name, v in found.items()}
    assert along["other"].min() - along["base"].max() == pytest.approx(0.07, abs=1e-6)
    assert found["other"][:, 2].min() == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize("seed", range(3))
def test_a_crowd_does_not_overlap_and_stays_on_the_floor(seed: int) -> None:
    crowd = Prop(name="b", shape="box", size_m=Uniform(0.2, 0.3), count=8, place=Anywhere())
    hulls = [
        MultiPoint(v[:, :2]).convex_hull
        for v in vertices(Scene(name="s", setting=Empty(size_m=1.6), props=[crowd]), seed).values()
    ]
    assert len(hulls) == 8
    for k, hull in enumerate(hulls):
        assert np.abs(hull.bounds).max() <= 0.8 + 1e-6
        assert all(hull.distance(other) > 0 for other in hulls[:k])


def test_a_thing_stands_on_the_table_top() -> None:
    table = Prop(name="table", shape="table", place=At((0.0, 0.0, 0.0)), moves=False)
    found = vertices(Scene(name="s", props=[table, Prop(name="ball", shape="sphere", place=On("table"))]))
    assert found["ball"][:, 2].min() == pytest.approx(found["table"][:, 2].max(), abs=1e-6)


def test_what_fits_nowhere_is_refused_with_a_count() -> None:
    scene = Scene(name="s", props=[BASE, Prop(name="twin", shape="box", place=BASE.place)], max_redraws=2)
    with pytest.raises(RequirementError, match=r'Prop "twin" overlaps "base" \(3 times\)'):
        resolve(scene, 0)


def test_a_camera_has_what_it_looks_at_in_its_middle() -> None:
    camera = Camera(name="c", look_at="base", distance_m=1.5, elevation_deg=20.0, azimuth_deg=77.0)
    concrete = resolve(Scene(name="s", props=[BASE], sensors=[camera]), 0)
    sensor = concrete.sensors[0]
    world_from_camera = Pose.of(sensor.position_m, sensor.quaternion_wxyz).matrix
    x, y, z, _ = np.linalg.inv(world_from_camera) @ [1.0, 2.0, 0.1, 1.0]
    assert (x, y) == pytest.approx((0.0, 0.0), abs=1e-6)
    assert z == pytest.approx(1.5)
    assert sensor.position_m[2] == pytest.approx(0.1 + 1.5 * np.sin(np.radians(20.0)))
    assert world_from_camera[2, 1] < 0  # the image's down points down


def test_a_mounted_camera_pitches_up_and_turns_left() -> None:
    camera = Camera(name="c", mount="base", position_m=(0.0, 0.0, 1.0), yaw_deg=90.0, pitch_deg=30.0)
    sensor = resolve(Scene(name="s", props=[BASE], sensors=[camera]), 0).sensors[0]
    forward = Pose.of(sensor.position_m, sensor.quaternion_wxyz).rotation[:, 2]
    assert forward == pytest.approx([0.0, np.cos(np.pi / 6), 0.5], abs=1e-6)
    assert sensor.mount == "base"


@pytest.mark.parametrize("lateral_m", [-2.5, 0.0, 2.5])
@pytest.mark.parametrize("ahead", [True, False])
def test_no_path_beside_a_bend_doubles_back(lateral_m: float, ahead: bool) -> None:
    angle = np.linspace(0.0, np.pi / 2, 10)
    bend = np.stack([10.0 + 1.5 * np.sin(angle), 1.5 - 1.5 * np.cos(angle), 0.0 * angle], axis=1)
    line = np.concatenate([[[0.0, 0.0, 0.0]], bend, [[11.5, 12.0, 0.0]]])
    strip = Strip("left_pavement", "pavement", "left", tuple((x, y, z) for x, y, z in line.tolist()), 6.0)
    first, last = (1.0, strip.length_m) if ahead else (strip.length_m - 1.0, 0.0)
    path = strip.path(first, lateral_m, ahead)
    steps = np.diff(path, axis=0)
    turns = np.einsum("nk,nk->n", steps[:-1], steps[1:]) / np.prod(
        [np.linalg.norm(s, axis=1) for s in (steps[:-1], steps[1:])], axis=0
    )
    assert turns.min() > -0.1, "no corner is sharper than the bend itself"
    way = [1.0, 1.0, 0.0] if ahead else [-1.0, -1.0, 0.0]
    assert (steps @ way).min() > 0.0
    for point, s_m in zip(path[[0, -1]], (first, last), strict=True):
        assert point == pytest.approx(strip.pose(s_m, lateral_m).position_m)
