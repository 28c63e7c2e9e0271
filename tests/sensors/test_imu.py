"""What an accelerometer and a gyroscope must read of motions with closed forms, and what is wrong with real ones."""

from __future__ import annotations

from dataclasses import replace

import allantools
import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from pairforge.frames import F64
from pairforge.scenes.distributions import NormalVector
from pairforge.seeding import Stream
from pairforge.sensors.imu import Imu
from pairforge.sensors.imu_errors import Triad, biases
from tests.sensors.motions import about_z, cart_world, concrete_sensor, sensed, timeline, upright

PERFECT = Imu(
    name="imu",
    mount="cart",
    gyro_noise_deg_s_sqrt_hz=0.0,
    gyro_bias_instability_deg_h=0.0,
    gyro_bias_walk_deg_h_sqrt_h=0.0,
    gyro_turn_on_bias_deg_s=0.0,
    gyro_scale=0.0,
    gyro_misalignment=0.0,
    gyro_range_deg_s=0.0,
    gyro_resolution_deg_s=0.0,
    accelerometer_noise_mps2_sqrt_hz=0.0,
    accelerometer_bias_instability_mps2=0.0,
    accelerometer_bias_walk_mps2_sqrt_s=0.0,
    accelerometer_turn_on_bias_mps2=0.0,
    accelerometer_scale=0.0,
    accelerometer_misalignment=0.0,
    accelerometer_range_mps2=0.0,
    accelerometer_resolution_mps2=0.0,
)
G = 9.81


def still(t: F64) -> F64:
    return np.tile([0.0, 0.0, 1.0], (len(t), 1))


def test_at_rest_the_accelerometer_reads_g_upwards_however_it_is_tilted() -> None:
    world = cart_world()
    rest = timeline(world, still, upright)
    level = sensed(world, rest, concrete_sensor(PERFECT))
    np.testing.assert_allclose(level["specific_force_mps2"], [[0.0, 0.0, G]] * 200, atol=1e-10)
    nose_up = sensed(world, rest, concrete_sensor(replace(PERFECT, pitch_deg=30.0)))
    want = [G * np.sin(np.pi / 6), 0.0, G * np.cos(np.pi / 6)]  # x looks up by 30 degrees and feels half of g
    np.testing.assert_allclose(nose_up["specific_force_mps2"], [want] * 200, atol=1e-10)
    np.testing.assert_allclose(nose_up["turn_rate_radps"], 0.0, atol=1e-12)
    bolted = sensed(world, rest, concrete_sensor(replace(PERFECT, mount=None)))
    np.testing.assert_allclose(bolted["specific_force_mps2"], [[0.0, 0.0, G]] * 200, atol=1e-12)


def test_in_free_fall_it_reads_nothing() -> None:
    world = cart_world()
    fall = timeline(world, lambda t: np.stack([2.0 * t, 0 * t, 50.0 - G / 2 * t * t], 1), upright)
    found = sensed(world, fall, concrete_sensor(PERFECT))
    np.testing.assert_allclose(found["specific_force_mps2"], 0.0, atol=1e-8)


@pytest.mark.parametrize("rate_hz", [50.0, 100.0, 1000.0])
def test_a_circle_at_constant_speed_reads_its_centripetal_acceleration(rate_hz: float) -> None:
    world, radius, speed = cart_world(), 20.0, 8.0
    rate = speed / radius

    def position(t: F64) -> F64:
        return radius * np.stack([np.sin(rate * t), 1.0 - np.cos(rate * t), 0 * t], 1)

    circle = timeline(world, position, lambda t: about_z(rate * t))
    found = sensed(world, circle, concrete_sensor(replace(PERFECT, rate_hz=rate_hz)), since_s=0.5)
    want = [0.0, speed**2 / radius, G]
    np.testing.assert_allclose(
        found["specific_force_mps2"], np.tile(want, (len(found["times_ns"]), 1)), atol=1e-4
    )
    np.testing.assert_allclose(
        found["turn_rate_radps"], np.tile([0.0, 0.0, rate], (len(found["times_ns"]), 1)), atol=1e-9
    )
    np.testing.assert_allclose(np.linalg.norm(found["velocity_mps"], axis=1), speed, atol=1e-6)


def test_a_lever_arm_on_a_spinning_body_feels_omega_squared_r_and_alpha_r() -> None:
    world, arm, alpha = cart_world(), 0.5, 3.0
    spin = timeline(world, still, lambda t: about_z(alpha * t * t / 2))
    found = sensed(
        world, spin, concrete_sensor(replace(PERFECT, rate_hz=500.0, position_m=(arm, 0.0, 0.0))), since_s=0.5
    )
    middle = found["times_ns"] * 1e-9 - 0.001
    want = np.stack(
        [-arm * (alpha * middle) ** 2, np.full(len(middle), arm * alpha), np.full(len(middle), G)], 1
    )
    np.testing.assert_allclose(found["specific_force_mps2"], want, atol=2e-3)
    np.testing.assert_allclose(found["turn_rate_radps"][:, 2], alpha * middle, atol=1e-6)


def tumble(t: F64) -> Rotation:
    return Rotation.from_rotvec(np.stack([np.sin(3 * t), 0.7 * np.cos(2 * t), 0.5 * t], 1))


def weave(t: F64) -> F64:
    return np.stack([5.0 * t, np.sin(2 * t), 1.0 + 0.2 * np.cos(5 * t)], 1)


@pytest.mark.parametrize("rate_hz", [37.0, 100.0, 400.0])
def test_the_samples_integrate_back_to_the_motion(rate_hz: float) -> None:
    """Strapdown by hand, against the closed form of the motion itself."""
    world = cart_world()
    spec = replace(PERFECT, rate_hz=rate_hz, position_m=(0.3, -0.2, 0.1), yaw_deg=40.0, roll_deg=10.0)
    sensor = concrete_sensor(spec)
    found = sensed(world, timeline(world, weave, tumble), sensor, until_s=2.5, since_s=0.2)
    turn = Rotation.from_quat(found["quaternion_wxyz"][0, [1, 2, 3, 0]])
    v, p = found["velocity_mps"][0], found["position_m"][0]
    for k in range(1, len(found["times_ns"])):
        dt = (found["times_ns"][k] - found["times_ns"][k - 1]) * 1e-9
        w, f = found["turn_rate_radps"][k], found["specific_force_mps2"][k]
        gain = ((turn * Rotation.from_rotvec(w * dt / 2)).apply(f) - [0.0, 0.0, G]) * dt
        p, v, turn = p + (v + gain / 2) * dt, v + gain, turn * Rotation.from_rotvec(w * dt)
    end = found["times_ns"][-1:] * 1e-9
    body = tumble(end)
    want = weave(end)[0] + body.apply(sensor.position_m)[0]
    assert np.linalg.norm(p - want) < 1e-3 * (100.0 / rate_hz) ** 2
    own = Rotation.from_quat(np.array(sensor.quaternion_wxyz)[[1, 2, 3, 0]])
    assert (turn.inv() * body[0] * own).magnitude() < 1e-5
    np.testing.assert_allclose(found["position_m"][-1], want, atol=1e-4)


def test_a_unit_on_one_part_feels_what_one_on_the_whole_body_feels() -> None:
    world = cart_world()
    motion = timeline(world, weave, tumble)
    (part,) = next(i for i in world.instances if i.name == "cart").shape.parts
    spec = replace(PERFECT, position_m=(0.3, 0.0, 0.1))
    body, link = (
        sensed(world, motion, concrete_sensor(replace(spec, mount=m))) for m in ("cart", f"cart:{part.name}")
    )
    np.testing.assert_allclose(link["specific_force_mps2"], body["specific_force_mps2"], atol=1e-9)
    np.testing.assert_allclose(link["turn_rate_radps"], body["turn_rate_radps"], atol=1e-9)


def test_a_keyframe_alone_gives_what_the_whole_clip_gives() -> None:
    world = cart_world()
    motion, sensor = timeline(world, weave, tumble), concrete_sensor(Imu(name="imu", mount="cart"))
    whole = sensed(world, motion, sensor, until_s=2.0)
    late = sensed(world, motion, sensor, until_s=2.0, since_s=1.5)
    np.testing.assert_array_equal(late["times_ns"], whole["times_ns"][150:])
    for name in ("gyro_bias_radps", "accelerometer_bias_mps2"):
        np.testing.assert_array_equal(late[name], whole[name][150:])
    np.testing.assert_allclose(
        late["true_specific_force_mps2"], whole["true_specific_force_mps2"][150:], atol=1e-9
    )


def test_constant_errors_range_and_steps_do_what_they_say() -> None:
    world = cart_world()
    spec = replace(
        PERFECT,
        accelerometer_turn_on_bias_mps2=0.5,
        accelerometer_scale=0.01,
        accelerometer_misalignment=0.01,
        accelerometer_range_mps2=9.0,
        accelerometer_resolution_mps2=0.25,
        gyro_g_sensitivity_deg_s_g=0.1,
    )
    sensor = concrete_sensor(spec)
    found = sensed(world, timeline(world, still, upright), sensor)
    s = sensor.settings
    x = s["accelerometer_axis_error"][1] * G + s["accelerometer_bias_mps2"][0]  # z leaks into x
    np.testing.assert_allclose(found["specific_force_mps2"][:, 0], np.rint(x / 0.25) * 0.25, atol=1e-12)
    assert (found["specific_force_mps2"][:, 2] == 9.0).all()
    leak = np.array(s["gyro_g_error_deg_s_g"])[[2, 5, 8]] * G / 9.80665
    np.testing.assert_allclose(np.degrees(found["turn_rate_radps"][0]), leak, atol=1e-9)


def test_noise_density_is_recovered_from_an_allan_deviation() -> None:
    """200,000 samples at rest; N is the Allan deviation at 1 s. Read by allantools, which shares nothing with us."""
    rate, density = 100.0, 0.0123
    triad = Triad(np.eye(3), density, 0.0, 0.0)
    white = triad.measured(np.zeros((200_000, 3)), np.zeros(3), rate, Stream(11, "white"))
    for axis in range(3):
        _, deviation, _, _ = allantools.oadev(white[:, axis], rate=rate, data_type="freq", taus=[0.1, 1.0])
        # Overlapped estimate of 2000 s by 1 s: about 2000 independent pairs, so a standard error of 1.9 %.
        assert abs(deviation[0] * np.sqrt(0.1) / density - 1.0) < 4 * 0.008
        assert abs(deviation[1] / density - 1.0) < 4 * 0.019


def test_bias_walk_and_instability_are_recovered_from_allan_deviations() -> None:
    settings = dict(concrete_sensor(PERFECT).settings)
    walk, floor, correlation = 0.002, 0.05, 20.0
    settings |= {"accelerometer_bias_walk_mps2_sqrt_s": walk, "bias_correlation_s": correlation}
    walked = biases(settings, 400_000, 0.1, Stream(12, "walk"))[:, 3:]
    settings |= {"accelerometer_bias_walk_mps2_sqrt_s": 0.0, "accelerometer_bias_instability_mps2": floor}
    wandered = biases(settings, 400_000, 0.1, Stream(13, "floor"))[:, 3:]
    tau = 10.0
    of_walk = [allantools.oadev(x, rate=10.0, data_type="freq", taus=[tau])[1][0] for x in walked.T]
    of_floor = [
        allantools.oadev(x, rate=10.0, data_type="freq", taus=[1.89 * correlation])[1][0] for x in wandered.T
    ]
    # K sqrt(tau / 3) for a random walk; 40,000 s hold some 4,000 and 1,000 independent pairs, three axes each.
    assert abs(np.mean(of_walk) / (walk * np.sqrt(tau / 3.0)) - 1.0) < 4 * 0.012
    assert abs(np.mean(of_floor) / floor - 1.0) < 4 * 0.025
    assert biases(settings, 100, 0.1, Stream(12, "walk"))[:, :3].max() == 0.0


def test_a_longer_run_of_biases_begins_like_a_shorter_one() -> None:
    settings = concrete_sensor(Imu(name="imu")).settings
    short, long = (biases(settings, n, 0.01, Stream(4, "b")) for n in (50, 5000))
    np.testing.assert_array_equal(short, long[:50])


def test_a_vector_of_errors_has_the_deviation_it_says() -> None:
    drawn = np.array([NormalVector(2.0).draw(Stream(k, "v")) for k in range(2000)])
    assert abs(drawn.std() - 2.0) < 4 * 2.0 / np.sqrt(2 * 6000)
    assert NormalVector(0.0, 2).draw(Stream(1, "v")) == (0.0, 0.0)
