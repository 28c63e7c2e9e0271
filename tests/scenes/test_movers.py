"""Vehicles, people and cyclists: what a renderer, a physics engine and a reader of boxes may rely on."""

from __future__ import annotations

import json
from functools import cache

import numpy as np
import open3d as o3d
import pytest
import trimesh

from pairforge.frames import Pose
from pairforge.scenes.families import ShapeFamily, family
from pairforge.scenes.materials import material
from pairforge.scenes.shapes import meshing
from pairforge.scenes.shapes.vehicle_shell import carve, prism
from pairforge.scenes.world import Material, Mesh, Shape
from pairforge.seeding import Stream

CARS = ("hatchback", "sedan", "suv", "estate", "minivan", "pickup", "taxi")
VEHICLES = (*CARS, "van", "truck", "bus")
ANIMALS = ("dog", "cat", "horse", "cow", "sheep", "deer")
MOVERS = (*VEHICLES, *ANIMALS, "pedestrian", "cyclist")
CASES = [(name, seed) for name in MOVERS for seed in (1, 2)]

# (length, width without regard to mirrors, height) in metres that nobody would call odd.
REALISTIC = {
    "hatchback": ((3.7, 4.4), (1.6, 2.2), (1.38, 1.58), (1000, 1500)),
    "sedan": ((4.4, 5.1), (1.7, 2.3), (1.35, 1.55), (1300, 1800)),
    "suv": ((4.3, 5.0), (1.75, 2.4), (1.55, 1.85), (1600, 2300)),
    "estate": ((4.4, 5.1), (1.7, 2.3), (1.4, 1.6), (1350, 1850)),
    "minivan": ((4.6, 5.2), (1.8, 2.4), (1.7, 2.0), (1800, 2300)),
    "pickup": ((5.1, 5.6), (1.8, 2.5), (1.7, 1.95), (1900, 2300)),
    "taxi": ((4.4, 5.1), (1.7, 2.3), (1.45, 1.7), (1300, 1800)),
    "van": ((4.6, 6.2), (1.8, 2.7), (1.7, 2.8), (1800, 2900)),
    "truck": ((6.5, 8.6), (2.3, 3.0), (3.1, 3.8), (6000, 9000)),
    "bus": ((10.0, 12.4), (2.4, 3.0), (2.9, 3.4), (9500, 12500)),
    "dog": ((0.8, 1.6), (0.15, 0.45), (0.6, 1.1), (10, 60)),
    "cat": ((0.5, 0.95), (0.1, 0.2), (0.3, 0.6), (2, 8)),
    "horse": ((2.2, 3.4), (0.4, 0.8), (1.7, 2.5), (300, 800)),
    "cow": ((2.2, 3.4), (0.5, 1.0), (1.3, 2.0), (400, 1100)),
    "sheep": ((1.0, 1.8), (0.3, 0.6), (0.7, 1.1), (40, 140)),
    "deer": ((1.2, 2.2), (0.25, 0.7), (1.2, 2.2), (40, 160)),
    "pedestrian": ((0.2, 0.7), (0.35, 0.8), (1.45, 2.0), (75, 75)),
    "cyclist": ((1.5, 1.95), (0.55, 0.95), (1.4, 2.0), (90, 90)),
}


@cache
def built(name: str, seed: int) -> Shape:
    made = family(name)
    return made.build(made.draw(Stream(seed, f"item/{name}")), paint_of(made))


def paint_of(made: ShapeFamily) -> Material:
    return material(made.materials[0], made.colours[0])


def vertices(shape: Shape) -> np.ndarray:
    return np.concatenate([p.body_from_part.points(p.mesh.vertices) for p in shape.parts])


@pytest.mark.parametrize(("name", "seed"), CASES)
def test_params_survive_json_and_give_the_same_bytes(name: str, seed: int) -> None:
    made = family(name)
    params = made.draw(Stream(seed, f"item/{name}"))
    assert params == made.draw(Stream(seed, f"item/{name}"))
    again = made.build(json.loads(json.dumps(params)), paint_of(made))
    for a, b in zip(built(name, seed).parts, again.parts, strict=True):
        assert a.name == b.name
        for field in ("vertices", "faces", "face_material", "smooth"):
            assert getattr(a.mesh, field).tobytes() == getattr(b.mesh, field).tobytes(), field
        assert a.mesh.materials == b.mesh.materials
    assert again.limbs == built(name, seed).limbs


@pytest.mark.parametrize(("name", "seed"), CASES)
def test_the_box_is_tight_and_dimensions_are_realistic(name: str, seed: int) -> None:
    shape = built(name, seed)
    points = vertices(shape)
    half, centre = np.array(shape.size_m) / 2, np.array(shape.centre_m)
    np.testing.assert_allclose(points.min(axis=0), centre - half, atol=1e-6)
    np.testing.assert_allclose(points.max(axis=0), centre + half, atol=1e-6)
    *ranges, mass = REALISTIC[name]
    for size, (low, high) in zip(shape.size_m, ranges, strict=True):
        assert low <= size <= high
    assert mass[0] <= shape.mass_kg <= mass[1]


@pytest.mark.parametrize(("name", "seed"), CASES)
def test_it_stands_on_the_ground(name: str, seed: int) -> None:
    assert abs(vertices(built(name, seed))[:, 2].min()) < 1e-3


@pytest.mark.parametrize(("name", "seed"), [c for c in CASES if c[0] in (*VEHICLES, "cyclist")])
def test_wheels_are_round_touch_the_ground_and_sit_at_their_part(name: str, seed: int) -> None:
    shape = built(name, seed)
    parts = {p.name: p for p in shape.parts}
    assert len(shape.wheels) == (2 if name == "cyclist" else 4)
    for wheel in shape.wheels:
        part = parts[wheel.part]
        np.testing.assert_allclose(part.body_from_part.position_m, wheel.centre_m, atol=1e-9)
        reach = np.hypot(part.mesh.vertices[:, 0], part.mesh.vertices[:, 2]).max()
        assert reach == pytest.approx(wheel.radius_m, abs=1e-3)
        assert part.body_from_part.points(part.mesh.vertices)[:, 2].min() == pytest.approx(0.0, abs=1e-3)
    assert any(w.steered for w in shape.wheels)
    assert any(w.driven for w in shape.wheels)


@pytest.mark.parametrize("name", VEHICLES)
def test_the_rear_axle_is_the_origin_and_the_front_steers(name: str) -> None:
    shape = built(name, 1)
    assert {w.centre_m[0] for w in shape.wheels if not w.steered} == {0.0}
    assert all(w.centre_m[0] > 1.5 for w in shape.wheels if w.steered)
    left = {w.part: w.centre_m[1] for w in shape.wheels}
    assert all((y > 0) == part.endswith("left") for part, y in left.items())


@pytest.mark.parametrize(("name", "seed"), CASES)
def test_rays_from_outside_meet_faces_that_look_at_them(name: str, seed: int) -> None:
    shape = built(name, seed)
    mesh = meshing.combine(meshing.moved(p.mesh, p.body_from_part) for p in shape.parts)
    scene = o3d.t.geometry.RaycastingScene()
    scene.add_triangles(mesh.vertices, mesh.faces.astype(np.uint32))
    rng = np.random.Generator(np.random.PCG64(5))
    ways = rng.normal(size=(150, 3))
    ways[:, 2] = np.abs(ways[:, 2]) * 0.4
    ways /= np.linalg.norm(ways, axis=1, keepdims=True)
    centre, size = np.array(shape.centre_m), np.array(shape.size_m)
    targets = centre + (rng.random((150, 3)) - 0.5) * size * 0.7
    rays = np.concatenate([targets + ways * 30, -ways], axis=1).astype(np.float32)
    hits = scene.cast_rays(o3d.core.Tensor(rays))
    hit = np.isfinite(hits["t_hit"].numpy())
    assert hit.sum() > 40
    faces = mesh.faces[hits["primitive_ids"].numpy()[hit]]
    a, b, c = mesh.vertices[faces].astype(np.float64).transpose(1, 0, 2)
    facing = (np.cross(b - a, c - a) * ways[hit]).sum(axis=1) > -1e-9
    assert facing.mean() > 0.97


@pytest.mark.parametrize(("name", "seed"), CASES)
def test_meshes_are_sound_and_within_the_triangle_budget(name: str, seed: int) -> None:
    shape = built(name, seed)
    total = 0
    for part in shape.parts:
        m = part.mesh
        assert m.vertices.dtype == np.float32
        assert m.faces.dtype == np.int32
        assert np.isfinite(m.vertices).all()
        assert m.faces.min() >= 0
        assert m.faces.max() < len(m.vertices)
        assert m.face_material.max() < len(m.materials)
        assert len(m.faces) == len(m.face_material) == len(m.smooth)
        total += len(m.faces)
    assert total < {"pedestrian": 10_000, "cyclist": 16_000, "bus": 24_000}.get(name, 21_000)


@pytest.mark.parametrize(("name", "seed"), CASES)
def test_paint_is_the_colour_one_sees(name: str, seed: int) -> None:
    made, shape = family(name), built(name, seed)
    paint = paint_of(made)
    area = {True: 0.0, False: 0.0}
    for part in shape.parts:
        triangles = part.mesh.vertices[part.mesh.faces]
        size = np.linalg.norm(
            np.cross(triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0]), axis=1
        )
        painted = np.array([m == paint for m in part.mesh.materials])[part.mesh.face_material]
        area[True] += float(size[painted].sum())
        area[False] += float(size[~painted].sum())
    assert area[True] / (area[True] + area[False]) > 0.12


@pytest.mark.parametrize(("name", "seed"), CASES)
def test_parts_limbs_and_colliders_fit_together(name: str, seed: int) -> None:
    shape = built(name, seed)
    names = [p.name for p in shape.parts]
    assert len(set(names)) == len(names)
    for limb in shape.limbs:
        assert limb.part in names
        assert limb.parent in ("", *names)
        assert limb.parent != limb.part
    assert shape.colliders
    assert shape.stride_m > (0.2 if name in ANIMALS else 0.5)
    low = np.array(shape.centre_m) - np.array(shape.size_m) / 2 - 0.02
    high = np.array(shape.centre_m) + np.array(shape.size_m) / 2 + 0.02
    for collider in shape.colliders:
        if collider.kind == "box":
            half = np.array(collider.size_m) / 2
            assert (half > 0).all()
            assert (collider.body_from_collider.position_m - half >= low).all()
            assert (collider.body_from_collider.position_m + half <= high).all()
            if name in VEHICLES:
                assert collider.body_from_collider.position_m[2] - half[2] > 0.1, "wheels carry the body"


def foot_and_lift(shape: Shape, phase: float) -> tuple[float, float]:
    """(x of the left foot, height of its sole) by the definition in ``world.Limb``."""
    parts = {p.name: p for p in shape.parts}
    limbs = {limb.part: limb for limb in shape.limbs}

    def swung(name: str) -> np.ndarray:
        limb = limbs[name]
        angle = limb.bias + limb.amplitude * np.sin(phase + limb.offset)
        turn = Pose.of((0, 0, 0), (np.cos(angle / 2), 0, np.sin(angle / 2), 0)).matrix
        return parts[name].body_from_part.matrix @ turn

    thigh = swung("thigh_left")
    shin = thigh @ parts["thigh_left"].body_from_part.inverse.matrix @ swung("shin_left")
    foot = shin @ parts["shin_left"].body_from_part.inverse.matrix @ swung("foot_left")
    v = parts["foot_left"].mesh.vertices.astype(np.float64)
    sole = v[v[:, 2] < v[:, 2].min() + 0.03] @ foot[:3, :3].T + foot[:3, 3]
    return float(sole[:, 0].mean()), float(sole[:, 2].min())


def test_a_standing_foot_travels_back_as_fast_as_the_walker_travels_on() -> None:
    shape = built("pedestrian", 1)
    phases = np.linspace(-0.4 * np.pi, 0.4 * np.pi, 17)
    x = np.array([foot_and_lift(shape, f)[0] for f in phases])
    ground = x + shape.stride_m * phases / (2 * np.pi)
    assert np.ptp(ground) < 0.08 * shape.stride_m, "the foot slides in its stance"
    lifts = [foot_and_lift(shape, f)[1] for f in (0.0, np.pi)]
    assert lifts[1] > lifts[0] + 0.01, "the swinging foot must clear the ground"


def test_a_rider_keeps_hands_on_the_bar_and_feet_on_the_pedals() -> None:
    from pairforge.scenes.shapes import cyclists
    from pairforge.scenes.shapes.cyclist_bicycle import Bicycle

    params = cyclists.draw(Stream(1, "item/cyclist"))
    bike = Bicycle(params["wheel_radius_m"], params["wheelbase_m"], params["height_m"])
    shape = built("cyclist", 1)
    parts = {p.name: p for p in shape.parts}
    hand = parts["forearm_left"].body_from_part.points(parts["forearm_left"].mesh.vertices)
    assert np.linalg.norm(hand - bike.grip, axis=1).min() < 0.05
    for phase in np.linspace(0, 2 * np.pi, 8, endpoint=False):
        foot, _ = foot_and_lift(shape, phase)
        pedal = bike.bottom[0] - bike.crank * np.sin(phase)
        assert abs(foot - pedal) < 0.12


_SEEN_FROM_NEAR = (
    "belly",
    "hair_volume",
    "fringe",
    "tied",
    "beard",
    "neck",
    "fastened",
    "under",
    "slung",
    "hat",
)


def test_a_person_drawn_before_people_had_details_still_builds_with_the_same_joints() -> None:
    made = family("pedestrian")
    params = made.draw(Stream(8, "item/pedestrian"))
    before = {k: v for k, v in params.items() if k not in _SEEN_FROM_NEAR}
    assert len(before) == len(params) - len(_SEEN_FROM_NEAR)
    shape, plain = made.build(params, paint_of(made)), made.build(before, paint_of(made))
    for a, b in zip(shape.parts, plain.parts, strict=True):
        assert a.name == b.name
        np.testing.assert_array_equal(a.body_from_part.matrix, b.body_from_part.matrix)
    assert shape.keypoints == plain.keypoints


RED = Material("red", (1.0, 0.0, 0.0))
BLUE = Material("blue", (0.0, 0.0, 1.0))


@pytest.mark.parametrize(
    ("made", "volume"),
    [
        (meshing.box((1, 2, 3), RED), 6.0),
        (meshing.cylinder(1.0, 2.0, RED, segments=200, axis="x"), 2 * np.pi),
        (meshing.cylinder(1.0, 3.0, RED, top_radius_m=0.0, segments=200), np.pi),
        (meshing.ellipsoid((1, 2, 3), RED, segments=96, rings=64), 8 * np.pi),
        (meshing.extrude([(0, 0), (2, 0), (2, 1), (0, 1)], 3.0, RED, axis="y"), 6.0),
        (meshing.tube([(0, 0, 0), (0, 0, 2)], 0.5, RED, sides=200), np.pi / 2),
        (meshing.mirrored(meshing.box((1, 1, 2), RED, (3, 3, 3))), 2.0),
    ],
)
def test_primitives_wind_outward_and_enclose_their_volume(made: Mesh, volume: float) -> None:
    solid = trimesh.Trimesh(made.vertices, made.faces)
    assert solid.volume == pytest.approx(volume, rel=5e-3)
    assert trimesh.Trimesh(*_arrays(meshing.creased(made))).volume == pytest.approx(solid.volume, rel=1e-5)


def _arrays(m: Mesh) -> tuple[np.ndarray, np.ndarray]:
    return m.vertices, m.faces


def test_carving_keeps_the_area_and_recolours_exactly_the_region() -> None:
    plate = meshing.grid(
        np.stack(np.meshgrid(np.linspace(0, 2, 7), np.linspace(0, 2, 5), [0.0]), -1)[:, :, 0], RED
    )
    region = prism("z", [(0.3, 0.4), (1.5, 0.4), (1.1, 1.7), (0.3, 1.7)])
    cut = carve(plate, region, material=BLUE)
    triangles = cut.vertices[cut.faces].astype(np.float64)
    area = (
        np.linalg.norm(np.cross(triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0]), axis=1)
        / 2
    )
    blue = np.array([m == BLUE for m in cut.materials])[cut.face_material]
    assert area.sum() == pytest.approx(4.0, rel=1e-5)
    assert area[blue].sum() == pytest.approx((1.2 + 0.8) / 2 * 1.3, rel=1e-5)
    hole = carve(plate, region, remove=True)
    assert len(hole.faces) == (~blue).sum()
