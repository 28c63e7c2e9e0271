"""Object coordinates, materials and base colours against closed forms."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from pairforge.frames import Pose, Track, wxyz
from pairforge.record import scene_record
from pairforge.scenes.world import Material, Mesh, Shape, ShapePart, Texture
from pairforge.sensors.timeline import Timeline
from tests.sensors.camera_labels.shooting import asking, shoot
from tests.worlds import (
    FLOOR,
    Thing,
    ball_shape,
    box_shape,
    gliding_timeline,
    make_concrete,
    make_world,
    person_shape,
)

TIMES = np.arange(0, 11, dtype=np.int64) * 100_000_000


def test_nocs_of_a_turned_ball_is_its_own_unit_sphere() -> None:
    """A point p of a ball about c with diameter D: R^T (p - c) / D + 1/2, p found by hand along each ray."""
    turn = Rotation.from_euler("xyz", [0.4, -0.7, 1.1])
    body = Pose.of((6.0, 0.3, 0.2), wxyz(turn))
    ball = Thing("ball", ball_shape(2.0, "red"), (6.0, 0.3, 0.2), tuple(wxyz(turn)), motion="dynamic")
    world = make_world([FLOOR, ball])
    timeline = Timeline(world, TIMES, {2: still(body)}, {1: still(body)}, {}, {})
    frame = shoot(world, asking("nocs", width_px=160, height_px=90), timeline)
    seen = frame.instance == 1
    centre = body.points(ball.shape.centre_m)
    d = frame.world_from_camera.vectors(frame.intrinsics.rays()[seen])
    d /= np.linalg.norm(d, axis=1, keepdims=True)
    to = centre - frame.world_from_camera.position_m
    b = d @ to
    root = b * b - to @ to + 1.0
    steep = root > 0.25  # elsewhere the ball's facets are not near the sphere along the ray
    points = frame.world_from_camera.position_m + (b[steep] - np.sqrt(root[steep]))[:, None] * d[steep]
    want = turn.inv().apply(points - centre) / 2.0 + 0.5
    assert len(want) > 500
    np.testing.assert_allclose(frame.extra["nocs"][seen][steep], want, atol=0.02)
    assert np.isnan(frame.extra["nocs"][~seen]).all()


def still(pose: Pose) -> Track:
    return Track(TIMES, np.tile(pose.position_m, (11, 1)), np.tile(pose.quaternion_wxyz, (11, 1)))


def test_a_swung_leg_keeps_the_coordinates_it_has_at_rest() -> None:
    """Seen from its own side, the front face of a leg has the same x in the box however far it has swung."""
    person = Thing("walker", person_shape(), (4.0, 0.0, 0.0), motion="walker", semantic="pedestrian")
    world = make_world([person])
    back = Pose.of((4.0, 0.0, 0.0), yaw=np.pi)  # it faces the camera
    swung = back @ Pose.of((0.0, 0.1, 0.85), wxyz(Rotation.from_euler("y", -0.5)))
    parts = {1: still(back), 2: still(swung), 3: still(back @ Pose.of((0.0, -0.1, 0.85)))}
    timeline = Timeline(world, TIMES, parts, {1: still(back)}, {}, {})
    frame = shoot(world, asking("nocs", height_m=0.5, width_px=320, height_px=180), timeline)
    nocs = frame.extra["nocs"].astype(float)
    walker = world.instance(1)
    (length_m, _, height_m), (x_m, _, z_m) = walker.size_m, walker.centre_m
    assert length_m > 2 * 0.85 * np.sin(0.5), "the box holds the stride"
    for part in (2, 3):
        own = frame.part == part
        inner = own & np.roll(own, 3, 1) & np.roll(own, -3, 1) & np.roll(own, 9, 0) & np.roll(own, -9, 0)
        assert inner.sum() > 100
        np.testing.assert_allclose(nocs[inner][:, 0], (0.07 - x_m) / length_m + 0.5, atol=4e-3)
        low, high = nocs[own].min(axis=0), nocs[own].max(axis=0)
        assert (low > -0.02).all()
        assert (high < 1.02).all()
        assert high[2] == pytest.approx((0.85 - z_m) / height_m + 0.5, abs=0.02)


def two_faced(materials: tuple[Material, Material], uv: bool = False) -> Shape:
    """A square wall in the plane x = 0, its left half (y > 0) of one material, its right half of another."""
    xyz = [(0, 2, -2), (0, 0, -2), (0, 0, 2), (0, 2, 2), (0, 0, -2), (0, -2, -2), (0, -2, 2), (0, 0, 2)]
    faces = np.array([[0, 1, 2], [0, 2, 3], [4, 5, 6], [4, 6, 7]], dtype=np.int32)
    at = np.array([[(2 - xyz[v][1]) / 4, (xyz[v][2] + 2) / 4] for f in faces for v in f], dtype=np.float32)
    mesh = Mesh(
        np.array(xyz, dtype=np.float32),
        faces,
        np.array([0, 0, 1, 1], np.uint8),
        materials,
        np.zeros(4, bool),
        at.reshape(4, 3, 2) if uv else None,
    )
    return Shape((ShapePart("wall", mesh, Pose.of()),), (0.0, 4.0, 4.0), (0.0, 0.0, 0.0), 1.0)


RED, GREEN = Material("red", (0.5, 0.02, 0.01)), Material("green", (0.0, 1.0, 0.2))


@pytest.mark.parametrize("motion", ["static", "dynamic"])
def test_materials_and_base_colours_of_two_halves(motion: str) -> None:
    world = make_world([Thing("wall", two_faced((RED, GREEN)), (4.0, 0.0, 1.0), motion=motion)])
    frame = shoot(world, asking("material", "albedo"), gliding_timeline(world, (0.0, 0.0, 0.0)))
    material = frame.extra["material"]
    assert [m.name for m in world.materials] == ["red", "green"]
    on = frame.instance == 1
    np.testing.assert_array_equal(material[:, :32], np.where(on[:, :32], 1, 0))
    np.testing.assert_array_equal(material[:, 32:], np.where(on[:, 32:], 2, 0))
    # 0.5 -> 188, 0.02 -> 39, 0.01 -> 25; 0.2 -> 124: the sRGB curve, rounded.
    np.testing.assert_array_equal(frame.extra["albedo"][18, 30], [188, 39, 25])
    np.testing.assert_array_equal(frame.extra["albedo"][18, 34], [0, 255, 124])
    assert not frame.extra["albedo"][~on].any()


@pytest.mark.parametrize("motion", ["static", "dynamic"])
def test_a_texture_shows_its_own_pixels_the_right_way_up(motion: str) -> None:
    """Four quarters: the picture's top left shows at the wall's top left, as one who looks at it sees it."""
    pixels = np.zeros((8, 8, 3), np.uint8)
    pixels[:4, :4], pixels[:4, 4:], pixels[4:, :4], pixels[4:, 4:] = 250, 180, 90, 30
    white = replace(RED, colour=(1.0, 1.0, 1.0), texture=Texture("0" * 64, (0.2, 0.2, 0.2), pixels))
    world = make_world([Thing("wall", two_faced((white, white), uv=True), (4.0, 0.0, 1.0), motion=motion)])
    albedo = shoot(world, asking("albedo"), gliding_timeline(world, (0.0, 0.0, 0.0))).extra["albedo"]
    k = np.array([[albedo[10, 24, 0], albedo[10, 40, 0]], [albedo[26, 24, 0], albedo[26, 40, 0]]])
    np.testing.assert_array_equal(k, [[250, 180], [90, 30]])


def test_the_scene_record_names_the_materials_when_a_camera_asks_for_them() -> None:
    things = [FLOOR, Thing("box", box_shape(1.0, "red"), (3.0, 0.0, 0.0))]
    world = make_world(things)
    for labels, due in (((), None), (("material",), ["floor", "red plastic"])):
        concrete = make_concrete(things, sensors=(asking(*labels),))
        rows = scene_record(0, concrete, world, gliding_timeline(world)).extra.get("materials")
        assert (rows and [r["name"] for r in rows]) == due
