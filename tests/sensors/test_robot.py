"""A robot's joints, forces and touches against closed forms: weights, levers, encoders, and an arm's kinematics."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest

from pairforge.errors import SpecError
from pairforge.frames import F64
from pairforge.pipeline import Stage, _asked, prepare
from pairforge.scenes.joints import Hold, Through, body_from_links
from pairforge.scenes.library.robot import PICK
from pairforge.scenes.library.tabletop import SLIDE
from pairforge.scenes.link_mass import link_masses
from pairforge.scenes.placement import On
from pairforge.scenes.reach import At, reach, through
from pairforge.scenes.settings import Empty
from pairforge.scenes.shapes.robot_arm import ROBOT_ARM
from pairforge.scenes.spec import Prop, Scene
from pairforge.sensors.contact import ContactSensor
from pairforge.sensors.force_torque import ForceTorque
from pairforge.sensors.joint_states import JointStates
from pairforge.sensors.protocol import SENSORS

G = 9.81


def readings(ready: Stage, k: int) -> dict[str, dict[str, Any]]:
    """Sensor -> arrays at a keyframe, of all but cameras."""
    return {
        s.name: dict(SENSORS.load(s.kind).sense(_asked(ready, s, k)).arrays)
        for s in ready.concrete.sensors
        if s.kind in ("contact", "force_torque", "joint_states")
    }


def arm(joints: dict[str, Any], *sensors: Any) -> Stage:
    """An arm alone on a floor."""
    scene = Scene(
        name="arm",
        setting=Empty(size_m=6.0),
        props=[
            Prop(
                name="arm", shape="robot_arm", place=On("floor", x_m=0.0, y_m=0.0), moves=False, joints=joints
            )
        ],
        sensors=sensors,
        duration_s=1.0,
        keyframe_rate_hz=2.0,
        warm_up_s=0.5,
    )
    return prepare(scene, seed=1, index=0)


STRETCHED = {name: Hold(at=0.0) for name in ("waist", "roll", "tool", "finger_left", "finger_right")} | {
    "shoulder": Hold(at=np.pi / 2 - 0.2),
    "elbow": Hold(at=-np.pi / 2),
    "wrist": Hold(at=0.2),
}
"""The upper arm leans forward, forearm and tool point up with it and then ahead: nothing moves."""


def test_reach_has_the_finger_tips_where_it_says() -> None:
    shape = ROBOT_ARM.build({}, None)
    for tip in ((0.40, 0.12, 0.05), (0.3, -0.2, 0.2), (0.40, 0.0, 0.26)):
        for pitch_deg in (90.0, 60.0):
            at = At(0.0, tip, open_m=0.01, pitch_deg=pitch_deg, roll_deg=20.0)
            poses = body_from_links(shape.links, reach(at))
            hand = next(p for p, link in zip(poses, shape.links, strict=True) if link.name == "hand")
            tips = np.concatenate([p.points(x.colliders[0].points) for p, x in zip(poses, shape.links, strict=True)
                                   if x.name.startswith("finger")])  # fmt: skip
            ahead = hand.rotation[:, 0]
            farthest = (tips @ ahead).max()
            assert farthest == pytest.approx(float(np.array(tip) @ ahead), abs=0.004)
            assert ahead[2] == pytest.approx(-np.sin(np.radians(pitch_deg)), abs=1e-9)
            across = tips.mean(axis=0) - np.array(tip)
            across -= ahead * (across @ ahead)
            assert np.linalg.norm(across) < 0.004


def test_a_point_out_of_reach_is_refused() -> None:
    with pytest.raises(SpecError, match="it reaches from"):
        through([At(0.0, (1.2, 0.0, 0.2))])


def test_a_still_arms_wrist_feels_the_weight_of_its_hand_and_its_motors_hold_the_levers() -> None:
    ready = arm(
        STRETCHED,
        JointStates(name="joints", mount="arm", effort_noise=0.0),
        ForceTorque(name="wrist", mount="arm:hand"),
    )
    shape = ready.world.instances[0].shape
    poses = body_from_links(shape.links, {j: m.at for j, m in STRETCHED.items()})
    weights = link_masses(shape.links, ready.world.instances[0].mass_kg, max(shape.size_m))
    names = [link.name for link in shape.links]
    hand = names.index("hand")
    hanging = [names.index(n) for n in ("hand", "finger_left", "finger_right")]
    made = readings(ready, 1)
    force = made["wrist"]["true_force_n"][-1]
    total = sum(weights[k].mass_kg for k in hanging) * G
    np.testing.assert_allclose(poses[hand].vectors(force), [0.0, 0.0, -total], atol=0.01 * total)
    lever = sum(
        np.cross(
            poses[k].points(weights[k].centre_m) - poses[hand].position_m, [0.0, 0.0, -weights[k].mass_kg * G]
        )
        for k in hanging
    )
    torque = poses[hand].vectors(made["wrist"]["true_torque_nm"][-1])
    np.testing.assert_allclose(torque, lever, atol=0.02 * float(np.linalg.norm(lever)) + 1e-3)
    for joint in ("shoulder", "elbow", "wrist"):
        link = next(k for k, x in enumerate(shape.links) if x.joint == joint)
        due = _holding(shape, poses, weights, link)
        got = made["joints"]["effort"][-1, _column(ready, joint)]
        assert got == pytest.approx(due, abs=0.02 * abs(due) + 0.02), joint


def _holding(shape: Any, poses: Any, weights: Any, link: int) -> float:
    """N m about its axis with which a joint must hold what is beyond it against its weight."""
    beyond = [link]
    for k, x in enumerate(shape.links):
        if x.parent in beyond:
            beyond.append(k)
    axis = poses[link].vectors(np.array(shape.links[link].axis))
    pull = [
        np.cross(
            poses[k].points(weights[k].centre_m) - poses[link].position_m, [0.0, 0.0, -weights[k].mass_kg * G]
        )
        for k in beyond
    ]
    return -float(np.sum(pull, axis=0) @ axis)


def _column(ready: Stage, joint: str) -> int:
    sensor = next(s for s in ready.concrete.sensors if s.kind == "joint_states")
    return list(sensor.settings["joints"]).index(joint)


def test_encoders_count_in_steps_and_noise_has_its_spread() -> None:
    sensor = JointStates(
        name="joints", mount="arm", rate_hz=1000.0, resolution_rad=0.01, velocity_noise=0.3, effort_noise=2.0
    )
    ready = arm({**STRETCHED, "waist": Through(times_s=(0.4, 1.2), values=(0.0, 1.0))}, sensor)
    made = readings(ready, 1)["joints"]
    waist = made["position"][:, _column(ready, "waist")]
    np.testing.assert_allclose(waist, np.rint(waist / 0.01) * 0.01, atol=1e-12)
    assert np.ptp(waist) > 0.3
    still = made["velocity"][:, _column(ready, "elbow")]
    assert still.std() == pytest.approx(0.3, rel=4 / np.sqrt(2 * len(still)))
    # A smoothstep's rate: 6 s (1 - s) / T over its T = 0.8 s.
    share = (made["times_ns"] * 1e-9 - 0.4) / 0.8
    due = np.where((share > 0) & (share < 1), 6 * share * (1 - share) / 0.8, 0.0)
    error = made["velocity"][:, _column(ready, "waist")] - due
    assert abs(error.mean()) < 0.05


@cache
def sliding() -> Stage:
    """Blocks of rubber, wood and metal on a slope; the rubber one grips."""
    feel = [
        ContactSensor(name=f"on_{m}", mount=f"{m}_block", threshold_n=0.0)
        for m in ("rubber", "wood", "metal")
    ]
    return prepare(
        replace(SLIDE, sensors=[*SLIDE.sensors, *feel], require=[], duration_s=1.5), seed=4, index=0
    )


def test_on_a_slope_normal_force_and_friction_hold_the_weight_of_what_grips() -> None:
    ready = sliding()
    block = next(i for i in ready.world.instances if i.name == "rubber_block")
    made = readings(ready, 8)["on_rubber"]
    weight = block.mass_kg * G
    np.testing.assert_allclose(made["force_n"].mean(axis=0), [0.0, 0.0, weight], atol=0.03 * weight)
    normal = made["normal_force_n"].sum() / len(made["times_ns"])
    friction = np.linalg.norm(made["friction_n"].sum(axis=0)) / len(made["times_ns"])
    assert normal == pytest.approx(weight * np.cos(np.radians(21.0)), rel=0.03)
    assert friction == pytest.approx(weight * np.sin(np.radians(21.0)), rel=0.05)
    ramp = next(i.instance_id for i in ready.world.instances if i.name == "ramp")
    assert set(made["other_instance"].tolist()) == {ramp}


def test_friction_of_what_slides_is_its_coefficient_of_the_normal_force_against_its_way() -> None:
    ready = sliding()
    block = next(i for i in ready.world.instances if i.name == "metal_block")
    track = ready.timeline.bodies[block.instance_id]
    for k in range(len(ready.concrete.keyframe_times_ns)):
        made = readings(ready, k)["on_metal"]
        times = made["times_ns"]
        ahead = track.sample(times[-1:])[0][0] - track.sample(times[:1])[0][0]
        if np.linalg.norm(ahead) > 0.02 and len(made["touch_sample"]) >= len(times):
            along = made["friction_n"].mean(axis=0) @ ahead / np.linalg.norm(ahead)
            assert along < 0.0
            ramp = next(i for i in ready.world.instances if i.name == "ramp")
            mu = block.shape.friction * ramp.shape.friction
            assert -along == pytest.approx(mu * made["normal_force_n"].mean(), rel=0.1)
            return
    pytest.fail("the metal block never slides")


@cache
def picking() -> Stage:
    return prepare(replace(PICK, require=[], duration_s=3.0), seed=3, index=0)


def _lifted(ready: Stage) -> tuple[dict[str, dict[str, Any]], float]:
    """Readings of the last keyframe, when the block is in the air, and its weight."""
    block = next(i for i in ready.world.instances if i.name == "block")
    last = len(ready.concrete.keyframe_times_ns) - 1
    height = ready.timeline.bodies[block.instance_id].at(ready.concrete.keyframe_times_ns[last]).position_m[2]
    assert height > block.world_from_body.position_m[2] + 0.1
    return readings(ready, last), block.mass_kg * G


def test_fingers_squeeze_as_hard_as_their_motors_and_carry_the_block() -> None:
    made, weight = _lifted(picking())
    left, right = (made[n]["normal_force_n"].mean() for n in ("touch_left", "touch_right"))
    assert left == pytest.approx(25.0, rel=0.1), "the fingers' motors give 25 N"
    assert right == pytest.approx(left, rel=0.1)
    carried: F64 = -(made["touch_left"]["force_n"] + made["touch_right"]["force_n"]).mean(axis=0)
    assert carried[2] == pytest.approx(weight, rel=0.15)
    assert np.abs(carried[:2]).max() < 0.5 * weight + 0.3, "the squeeze cancels"


def test_the_wrist_feels_the_block_it_lifts() -> None:
    made, weight = _lifted(picking())
    shape = picking().world.instances[1].shape
    hand = [w.mass_kg for w, link in zip(link_masses(shape.links, 14.0, max(shape.size_m)), shape.links, strict=True)
            if link.name in ("hand", "finger_left", "finger_right")]  # fmt: skip
    wrist, timeline = made["wrist_force"], picking().timeline
    block = next(i.instance_id for i in picking().world.instances if i.name == "block")
    start, stop = int(wrist["times_ns"][0]), int(wrist["times_ns"][-1])
    gained = timeline.velocity(block, stop) - timeline.velocity(block, start)
    pull = G + float(gained[2]) / ((stop - start) * 1e-9)  # the hand goes up and down with the block
    down = wrist["true_force_n"][:, 0].mean()  # it points down
    assert down == pytest.approx((sum(hand) + weight / G) * pull, rel=0.02)
    assert down > (sum(hand) + 0.5 * weight / G) * pull


@pytest.mark.parametrize(
    ("sensor", "says"),
    [
        (ForceTorque(name="ft", mount="arm"), "name the part behind the joint"),
        (ForceTorque(name="ft", mount="arm:base"), 'part "base" hangs on no joint'),
        (ForceTorque(name="ft", mount="arm:hnd"), 'Did you mean "hand"'),
        (JointStates(name="js"), "has no mount"),
        (ContactSensor(name="c"), "has no mount"),
    ],
)
def test_a_sensor_that_cannot_be_there_is_refused_with_a_remedy(sensor: Any, says: str) -> None:
    with pytest.raises(SpecError, match=says):
        arm(STRETCHED, sensor)


def test_who_asks_for_no_contact_forces_gets_the_same_world_without_them() -> None:
    quiet = prepare(replace(SLIDE, require=[], duration_s=0.5), seed=4, index=0)
    assert quiet.timeline.touches is None
    same = sliding().timeline.bodies
    for number, track in quiet.timeline.bodies.items():
        n = len(track.times_ns)
        np.testing.assert_array_equal(track.positions_m, same[number].positions_m[:n])
