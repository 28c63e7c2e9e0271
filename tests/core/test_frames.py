"""Transforms obey the axioms of the rigid group; tracks give one answer however they are asked."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from pairforge.frames import CAMERA_AXES_IN_BODY, Intrinsics, Pose, Track, look_at, rotation, wxyz
from pairforge.frames import times as product
from pairforge.seeding import Stream

metres = st.floats(-100.0, 100.0, allow_nan=False)
vectors = st.tuples(metres, metres, metres)
unit = st.floats(-1.0, 1.0, allow_nan=False)
quaternions = st.tuples(unit, unit, unit, unit).filter(lambda q: np.linalg.norm(q) > 0.1)
poses = st.builds(Pose.of, vectors, quaternions)
quick = settings(max_examples=60, deadline=None)


def same(a: Pose, b: Pose) -> bool:
    return bool(np.allclose(a.matrix, b.matrix, atol=1e-9))


@quick
@given(poses, poses, poses)
def test_composition_is_associative(a: Pose, b: Pose, c: Pose) -> None:
    assert same((a @ b) @ c, a @ (b @ c))


@quick
@given(poses)
def test_identity_and_inverse(a: Pose) -> None:
    assert same(a @ Pose.of(), a)
    assert same(Pose.of() @ a, a)
    assert same(a @ a.inverse, Pose.of())
    assert same(a.inverse @ a, Pose.of())


@quick
@given(poses, poses, vectors)
def test_poses_act_on_points_as_their_matrices_do(
    a: Pose, b: Pose, point: tuple[float, float, float]
) -> None:
    assert np.allclose((a @ b).points(point), a.points(b.points(point)), atol=1e-8)
    assert np.allclose((a.matrix @ [*point, 1.0])[:3], a.points(point), atol=1e-9)
    assert np.allclose(a.vectors(point), a.points(point) - a.position_m, atol=1e-8)


@quick
@given(poses, poses)
def test_poses_turn_invert_and_compose_as_scipy_does_to_the_last_bit(a: Pose, b: Pose) -> None:
    ra, rb = rotation(a.quaternion_wxyz), rotation(b.quaternion_wxyz)
    assert np.array_equal(a.rotation, ra.as_matrix())
    assert np.array_equal(a.inverse.position_m, -ra.inv().apply(a.position_m))
    assert np.array_equal(a.inverse.quaternion_wxyz, wxyz(ra.inv()))
    assert np.array_equal((a @ b).position_m, ra.apply(b.position_m) + a.position_m)
    assert np.array_equal((a @ b).quaternion_wxyz, wxyz(ra * rb))


def test_a_quaternion_of_zeros_turns_nothing() -> None:
    with pytest.raises(ValueError, match="zeros"):
        _ = Pose(np.zeros(3), np.zeros(4)).rotation


@quick
@given(poses)
def test_matrices_and_quaternions_round_trip(a: Pose) -> None:
    assert same(Pose.from_matrix(a.matrix), a)
    assert np.linalg.det(a.rotation) == pytest.approx(1.0)
    assert wxyz(rotation(a.quaternion_wxyz))[0] >= 0.0


def test_quaternion_order_is_wxyz() -> None:
    quarter = Pose.of(quaternion_wxyz=(np.sqrt(0.5), 0.0, 0.0, np.sqrt(0.5)))
    assert quarter.vectors([1.0, 0.0, 0.0]) == pytest.approx([0.0, 1.0, 0.0])
    assert quarter.yaw == pytest.approx(np.pi / 2)
    assert same(quarter, Pose.of(yaw=np.pi / 2))


def test_camera_axes_and_look_at() -> None:
    assert CAMERA_AXES_IN_BODY[:, 2] == pytest.approx([1.0, 0.0, 0.0])
    world_from_camera = look_at([0.0, 0.0, 1.0], [5.0, 0.0, 1.0])
    assert world_from_camera.rotation == pytest.approx(CAMERA_AXES_IN_BODY)
    camera = Intrinsics.from_fov(640, 360, 90.0)
    seen = camera.project(world_from_camera.inverse.points([5.0, 0.0, 1.0]))
    assert seen == pytest.approx([320.0, 180.0])
    left = camera.project(world_from_camera.inverse.points([5.0, 5.0, 1.0]))
    assert left == pytest.approx([0.0, 180.0])
    assert camera.project(camera.rays()[10, 20]) == pytest.approx([20.5, 10.5])


def spiral(knots: int = 40, epoch_ns: int = 0) -> Track:
    t = np.arange(knots)
    turns = np.stack([np.cos(t / 9), 0.1 * np.sin(t), 0 * t, np.sin(t / 9)], axis=1)
    turns /= np.linalg.norm(turns, axis=1, keepdims=True)
    return Track(epoch_ns + t * 10_000_000, np.stack([np.cos(t), np.sin(t), t / 10], axis=1), turns)


times = st.lists(st.integers(0, 390_000_000), min_size=1, max_size=20)


@quick
@given(times)
def test_a_track_gives_the_same_bits_alone_and_in_any_batch(asked: list[int]) -> None:
    track = spiral()
    positions, turns = track.sample(np.array(asked, dtype=np.int64))
    for k, time_ns in enumerate(asked):
        alone = track.at(time_ns)
        assert alone.position_m.tobytes() == positions[k].tobytes()
        assert alone.quaternion_wxyz.tobytes() == turns[k].tobytes()


def test_at_its_knots_a_track_is_its_knots() -> None:
    track = spiral()
    positions, turns = track.sample(track.times_ns)
    assert positions == pytest.approx(track.positions_m, abs=1e-12)
    assert np.abs((turns * track.quaternions_wxyz).sum(axis=1)) == pytest.approx(1.0)


def test_between_knots_it_is_linear_and_slerps_at_even_speed() -> None:
    ends = np.array([[1.0, 0.0, 0.0, 0.0], [np.cos(0.5), 0.0, 0.0, np.sin(0.5)]])
    track = Track(np.array([0, 100]), np.array([[0.0, 0.0, 0.0], [10.0, 0.0, -4.0]]), ends)
    assert track.at(25).position_m == pytest.approx([2.5, 0.0, -1.0])
    assert track.at(25).yaw == pytest.approx(0.25)
    assert track.at(75).yaw == pytest.approx(0.75)


def test_the_clock_may_start_at_an_epoch() -> None:
    epoch = 1_760_000_000_000_000_000
    near, far = spiral(), spiral(epoch_ns=epoch)
    for time_ns in (0, 1, 3_333_333, 389_999_999):
        assert same(near.at(time_ns), far.at(epoch + time_ns))


@pytest.mark.parametrize("time_ns", [-1, 390_000_001])
def test_outside_its_knots_a_track_refuses(time_ns: int) -> None:
    with pytest.raises(ValueError, match="outside the track"):
        spiral().at(time_ns)


def test_a_track_of_one_knot_answers_there() -> None:
    one = Track(np.array([5]), np.array([[1.0, 2.0, 3.0]]), np.array([[1.0, 0.0, 0.0, 0.0]]))
    assert one.at(5).position_m == pytest.approx([1.0, 2.0, 3.0])


@pytest.mark.parametrize("shapes", [((200, 4), (200, 4)), ((200, 4), (4,)), ((4,), (200, 4)), ((4,), (4,))])
def test_rotations_multiply_as_scipy_multiplies_them_to_the_last_bit(
    shapes: tuple[tuple[int, ...], tuple[int, ...]],
) -> None:
    rng = Stream(7).rng()
    a, b = (Rotation.from_quat(rng.normal(size=shape)) for shape in shapes)
    assert np.array_equal(product(a, b).as_quat(), (a * b).as_quat())
