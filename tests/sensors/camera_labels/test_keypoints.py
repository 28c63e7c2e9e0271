"""Keypoints on the right joints, of the right side, seen or hidden as one would say by eye."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from pairforge.frames import Pose
from pairforge.sample import CameraFrame
from pairforge.scenes.families import family
from pairforge.scenes.keypoints import PERSON, SKELETONS, VEHICLE
from pairforge.scenes.world import Shape
from pairforge.seeding import Stream
from tests.sensors.camera_labels.shooting import asking, shoot
from tests.worlds import FLOOR, Thing, box_shape, make_world

AHEAD = (1.0, 0.0, 0.0, 0.0)
TOWARDS = (0.0, 0.0, 0.0, 1.0)
BIG = {"height_m": 1.0, "width_px": 240, "height_px": 240}
VEHICLES = ("hatchback", "sedan", "suv", "estate", "minivan", "pickup", "taxi", "van", "truck", "bus")


def built(name: str, seed: int = 3) -> Shape:
    made = family(name)
    return made.build(made.draw(Stream(seed, name)), None)


def person(turn: tuple[float, float, float, float], x: float = 3.5) -> Thing:
    return Thing("someone", built("pedestrian"), (x, 0.0, 0.0), turn, semantic="pedestrian", noun="person")


def points_of(frame: CameraFrame, row: int = 0) -> dict[str, NDArray[Any]]:
    kind = SKELETONS[frame.extra["keypoints_kind"][row]]
    return dict(zip(kind.keypoints, frame.extra["keypoints"][row], strict=False))


def at_rest(shape: Shape) -> dict[str, NDArray[np.float64]]:
    """Keypoints in the body frame."""
    pose = {p.name: p.body_from_part for p in shape.parts}
    return {k.name: pose[k.part].points(k.at_m) for k in shape.keypoints}


def test_names_are_cocos_in_cocos_order() -> None:
    assert PERSON.keypoints[:5] == ("nose", "left_eye", "right_eye", "left_ear", "right_ear")
    assert PERSON.keypoints[-2:] == ("left_ankle", "right_ankle")
    assert len(PERSON.keypoints) == 17
    assert len(PERSON.edges) == 19
    assert (15, 13) in PERSON.edges


@pytest.mark.parametrize("name", ["pedestrian", "cyclist"])
@pytest.mark.parametrize("seed", range(4))
def test_a_body_has_all_joints_in_their_places(name: str, seed: int) -> None:
    at = at_rest(built(name, seed))
    assert set(at) == set(PERSON.keypoints)
    for joint in ("eye", "ear", "shoulder", "hip"):
        assert at[f"left_{joint}"][1] > 0.02
        assert at[f"left_{joint}"][1] == pytest.approx(-at[f"right_{joint}"][1], abs=1e-6)
    order = ["left_eye", "left_shoulder", "left_hip", "left_knee", "left_ankle"]
    heights = [at[j][2] for j in order]
    assert heights == sorted(heights, reverse=True)
    assert at["nose"][0] > at["left_eye"][0] > at["left_ear"][0]
    tall = np.linalg.norm(at["left_knee"] - at["left_ankle"]) / np.linalg.norm(
        at["left_hip"] - at["left_knee"]
    )
    assert 0.9 < tall < 1.2


def test_joints_are_where_two_limbs_meet() -> None:
    """A joint lies inside both limbs' bounds, so no turn of either takes it off the body."""
    shape = built("pedestrian")
    at = at_rest(shape)
    for joint, limbs in {"knee": ("thigh", "shin"), "elbow": ("upper_arm", "forearm")}.items():
        for side in ("left", "right"):
            for limb in limbs:
                piece = next(p for p in shape.parts if p.name == f"{limb}_{side}")
                v = piece.body_from_part.points(piece.mesh.vertices)
                assert (v.min(axis=0) - 0.02 < at[f"{side}_{joint}"]).all()
                assert (at[f"{side}_{joint}"] < v.max(axis=0) + 0.02).all()


def test_the_left_of_one_who_faces_the_camera_is_on_the_right_of_the_image() -> None:
    frame = shoot(make_world([FLOOR, person(TOWARDS)]), asking("keypoints", **BIG))
    k = points_of(frame)
    for joint in ("eye", "shoulder", "hip", "ankle"):
        assert k[f"left_{joint}"][0] > k[f"right_{joint}"][0]
    seen = [n for n, p in k.items() if p[2] == 2]
    assert set(PERSON.keypoints) - set(seen) <= {"left_ear", "right_ear"}


def test_a_face_that_is_turned_away_is_hidden_and_the_joints_are_not() -> None:
    k = points_of(shoot(make_world([FLOOR, person(AHEAD)]), asking("keypoints", **BIG)))
    assert {n for n, p in k.items() if p[2] == 1} >= {"nose", "left_eye", "right_eye"}
    assert all(
        k[f"{side}_{joint}"][2] == 2 for side in ("left", "right") for joint in ("knee", "ankle", "elbow")
    )
    assert k["left_shoulder"][0] < k["right_shoulder"][0]


def test_what_a_box_stands_before_is_hidden_and_keeps_its_place() -> None:
    """A box as high as the hips hides the legs."""
    box = Thing("box", box_shape(1.0, "red", 1.0, 0.8), (2.0, 0.0, 0.0))
    alone = points_of(shoot(make_world([FLOOR, person(TOWARDS)]), asking("keypoints", **BIG)))
    k = points_of(shoot(make_world([FLOOR, person(TOWARDS), box]), asking("keypoints", **BIG)))
    for name in ("left_knee", "right_knee", "left_ankle", "right_ankle"):
        assert (k[name][2], alone[name][2]) == (1, 2)
        np.testing.assert_allclose(k[name][:2], alone[name][:2], atol=1e-4)
    assert k["nose"][2] == k["left_shoulder"][2] == 2


def test_what_is_outside_the_image_is_not_labelled() -> None:
    k = points_of(shoot(make_world([FLOOR, person(TOWARDS, 1.2)]), asking("keypoints", **BIG)))
    assert not k["left_ankle"].any()
    assert k["left_hip"][2] == 2


def test_a_keypoint_projects_as_its_part_stands() -> None:
    shape = built("pedestrian")
    frame = shoot(make_world([FLOOR, person(TOWARDS)]), asking("keypoints", **BIG))
    body = Pose.of((3.5, 0.0, 0.0), TOWARDS)
    k, xyz = points_of(frame), frame.extra["keypoints_xyz"][0]
    for n, (name, at) in enumerate(
        sorted(at_rest(shape).items(), key=lambda x: PERSON.keypoints.index(x[0]))
    ):
        p = frame.world_from_camera.inverse.points(body.points(at))
        np.testing.assert_allclose(xyz[n], p, atol=1e-5)
        if k[name][2]:
            np.testing.assert_allclose(k[name][:2], frame.intrinsics.project(p), atol=1e-3)
    assert np.isnan(xyz[17:]).all()
    assert not frame.extra["keypoints"][0, 17:].any()


@pytest.mark.parametrize("name", VEHICLES)
def test_a_vehicle_has_every_keypoint_on_both_sides_and_on_its_surface(name: str) -> None:
    shape = built(name)
    at = at_rest(shape)
    assert set(at) == set(VEHICLE.keypoints), set(VEHICLE.keypoints) ^ set(at)
    for key in at:
        if "left" in key:
            mirror = at[key.replace("left", "right")] * [1, -1, 1]
            np.testing.assert_allclose(at[key], mirror, atol=0.03)
            assert at[key][1] > 0.3
    assert (
        at["left_headlamp"][0]
        > at["front_left_wheel"][0]
        > at["rear_left_wheel"][0]
        > at["left_tail_lamp"][0]
    )
    assert at["front_plate"][0] > at["front_left_wheel"][0]
    assert at["rear_plate"][0] < at["rear_left_wheel"][0]
    assert abs(at["front_plate"][1]) < 0.05
    assert at["front_left_contact"][2] == pytest.approx(0.0, abs=1e-6)
    assert at["roof_front_left"][2] > 0.8 * shape.size_m[2]
    body = shape.parts[0].mesh
    corners = body.vertices[body.faces]
    for key, lamp in (("left_headlamp", "head"), ("right_tail_lamp", "tail")):
        own = corners[[body.materials[m].lamp == lamp for m in body.face_material]]
        inside = (own.min(axis=1) - 2e-3 <= at[key]) & (at[key] <= own.max(axis=1) + 2e-3)
        assert inside.all(axis=1).any(), key


def test_from_the_front_left_one_sees_the_front_and_the_left_of_a_car() -> None:
    car = Thing("car", built("sedan"), (8.0, 1.0, 0.0), (0.0, 0.0, 0.0, 1.0), semantic="car", noun="car")
    k = points_of(
        shoot(make_world([FLOOR, car]), asking("keypoints", height_m=1.6, width_px=320, height_px=180))
    )
    seen = {n for n, p in k.items() if p[2] == 2}
    assert {"left_headlamp", "right_headlamp", "front_plate", "roof_front_left", "roof_front_right"} <= seen
    assert not seen & {"left_tail_lamp", "right_tail_lamp", "rear_plate"}
