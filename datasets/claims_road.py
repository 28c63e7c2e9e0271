"""Traffic predicates, derived once more."""

from __future__ import annotations

import numpy as np

from pairforge.datasets import claims_policy as policy
from pairforge.datasets.claims_checks import Derived, check, need
from pairforge.datasets.claims_lanes import OnLane, Track, clearance, tracks
from pairforge.datasets.claims_scene import Proof, Solid, matrix_of
from pairforge.sample import Fact

_VEHICLES = ("car", "van", "truck", "bus")


def _ego(proof: Proof) -> Solid:
    need(proof.ego is not None, "there is no ego")
    return proof.solids[proof.ego or 0]


def _body(proof: Proof, fact: Fact, others: int = 0) -> Solid:
    """The first subject, which must be boxed and not the ego; with ``others`` the ego must follow it."""
    need(len(fact.subjects) == 1 + others, f"subjects {fact.subjects}")
    one = fact.subjects[0]
    need(one in proof.solids and one != proof.ego, f"no such road user: {one}")
    need(one in proof.noticed, f"no sensor notices instance {one}")
    need(not others or fact.subjects[1] == proof.ego, f"{fact.subjects[1:]} is not the ego")
    return proof.solids[one]


def nearest_step(value: float, steps: tuple[tuple[float, float], ...]) -> float:
    return next(step for limit, step in steps if value < limit)


METRES = ((3.0, 0.5), (30.0, 1.0), (np.inf, 5.0))


def spoken(value: float, step: float, unit: str, frame: str) -> Derived:
    """A number rounded to a step: what is said, and by how much it may be off."""
    said = np.round(value / step) * step
    text = f"{said:.0f}" if float(said).is_integer() else f"{said:.1f}"
    return Derived(value, step / 2, unit=unit, argument=text, frame=frame, exact=True)


@check("distance")
def _distance(proof: Proof, fact: Fact) -> Derived:
    _body(proof, fact, 1)
    gap = proof.gap(fact.subjects[0], fact.subjects[1])
    return spoken(gap, nearest_step(gap, METRES), "m", "ego")


@check("still")
def _still(proof: Proof, fact: Fact) -> Derived:
    return Derived(_body(proof, fact).ground_speed, policy.STILL_MPS, True, "m/s", frame="world")


@check("moving")
def _moving(proof: Proof, fact: Fact) -> Derived:
    return Derived(_body(proof, fact).ground_speed, policy.MOVING_MPS, unit="m/s", frame="world")


@check("speed")
def _speed(proof: Proof, fact: Fact) -> Derived:
    speed = _body(proof, fact).ground_speed
    need(speed >= policy.MOVING_MPS, "it hardly moves")
    return spoken(speed * 3.6, 1.0, "km/h", "world")


@check("roadside")
def _roadside(proof: Proof, fact: Fact) -> Derived:
    ego, body = _ego(proof), _body(proof, fact)
    local = ego.turn.T @ (body.centre - ego.centre)
    flat = np.hypot(*ego.turn[:2, 0])
    offset = (body.centre - ego.centre)[:2]
    left = float(np.cross(ego.heading, offset))
    need(float(offset @ ego.heading) > 0 and local[0] * flat > -np.inf, "it is not ahead")
    return Derived(
        abs(left), policy.ROADSIDE_M, unit="m", argument="left" if left > 0 else "right", frame="ego"
    )


def lane_clearance(proof: Proof, instance_id: int) -> float:
    """Metres from the centre of a body to the nearest lane's edge; negative inside a lane."""
    return clearance(proof, proof.solids[instance_id].centre[:2])


def is_parked(proof: Proof, instance_id: int) -> bool:
    """A vehicle that stands outside every lane."""
    if instance_id not in proof.parked:
        proof.parked[instance_id] = _is_parked(proof, instance_id)
    return proof.parked[instance_id]


def _is_parked(proof: Proof, instance_id: int) -> bool:
    return (
        bool(proof.record.lanes)
        and proof.ego is not None
        and proof.row(instance_id).semantic in _VEHICLES
        and instance_id in proof.solids
        and proof.solids[instance_id].ground_speed <= policy.STILL_MPS
        and lane_clearance(proof, instance_id) > policy.OFF_LANE_M
    )


@check("parked")
def _parked(proof: Proof, fact: Fact) -> Derived:
    _body(proof, fact)
    one = fact.subjects[0]
    need(is_parked(proof, one), "it is not parked")
    return Derived(lane_clearance(proof, one), policy.OFF_LANE_M, unit="m", frame="world")


@check("crossing", "heading_for_road")
def _on_foot_across(proof: Proof, fact: Fact) -> Derived:
    ego, body = _ego(proof), _body(proof, fact)
    need(
        body.row.semantic in ("pedestrian", "animal") and len(proof.record.lanes) > 0,
        f"a {body.row.semantic}",
    )
    need(body.ground_speed >= policy.MOVING_MPS, "it stands")
    offset, step = (body.centre - ego.centre)[:2], body.velocity[:2] / body.ground_speed
    need(float(offset @ ego.heading) > 0, "it is not ahead")
    need(abs(float(step @ ego.heading)) <= policy.CROSSING_COS, "it walks along the road")
    side = "right" if np.cross(ego.heading, step) > 0 else "left"
    beside = lane_clearance(proof, fact.subjects[0])
    if fact.predicate == "crossing":
        return Derived(-beside, policy.CROSSING_M, unit="m", argument=side, frame="ego")
    here = "left" if np.cross(ego.heading, offset) > 0 else "right"
    need(here == side and beside >= policy.CROSSING_M, "it walks away from the road or on it")
    return Derived(beside, policy.KERB_M, True, "m", side, "ego")


def _beside_ego_lane(proof: Proof, instance_id: int) -> tuple[float, float]:
    """(metres beside our lane's centre, its half width less the margin) on the way where it is furthest out; refutes
    when the body is not ahead in our lane on every one."""
    body, ways = proof.solids[instance_id], tracks(proof)
    need(len(ways) > 0, "there is no telling which lane is ours")
    found = []
    for way in ways:
        here = way.at(body.centre[:2])
        limit = way.width(here.along) / 2 - policy.LANE_MARGIN_M
        need(way.before_us(here.along), "it is not ahead")
        need(abs(here.left) <= limit, "it is not in our lane, whichever that is")
        need(float(body.heading @ here.direction) >= policy.ALIGNED_COS, "it does not face along our lane")
        found.append((abs(here.left), limit))
    return max(found)


@check("same_lane_ahead")
def _same_lane_ahead(proof: Proof, fact: Fact) -> Derived:
    body = _body(proof, fact)
    need(body.row.semantic in (*_VEHICLES, "cyclist") and len(proof.record.lanes) > 0, "no vehicle in a lane")
    need(not is_parked(proof, fact.subjects[0]), "it is parked")
    offset, limit = _beside_ego_lane(proof, fact.subjects[0])
    return Derived(offset, limit, True, "m", frame="ego")


@check("lead")
def _lead(proof: Proof, fact: Fact) -> Derived:
    _body(proof, fact)
    _same_lane_ahead(proof, fact)
    offset, limit = _beside_ego_lane(proof, fact.subjects[0])
    need(offset <= limit, "it is not in our lane")
    rivals = [
        f.subjects[0]
        for f in proof.frame.facts
        if f.predicate == "same_lane_ahead" and f.subjects[0] in proof.solids
    ]
    gap = proof.gap(fact.subjects[0], proof.ego or 0)
    need(all(gap <= proof.gap(i, proof.ego or 0) for i in rivals), "another is nearer in our lane")
    return Derived(gap, unit="m", frame="ego")


@check("oncoming")
def _oncoming(proof: Proof, fact: Fact) -> Derived:
    ego, body = _ego(proof), _body(proof, fact)
    need(body.row.semantic in (*_VEHICLES, "cyclist"), f"a {body.row.semantic}")
    need(body.ground_speed >= policy.MOVING_MPS, "it stands")
    need(float((body.centre - ego.centre)[:2] @ ego.heading) > 0, "it is behind us")
    return Derived(-float(body.heading @ ego.heading), policy.ALIGNED_COS, unit="cosine", frame="ego")


def _closing_speed(proof: Proof, fact: Fact) -> float:
    ego, body = _ego(proof), _body(proof, fact, 1)
    lead = [f.subjects[0] for f in proof.frame.facts if f.predicate == "lead"]
    need(lead == [fact.subjects[0]], "it is not the vehicle ahead")
    return float((ego.velocity - body.velocity)[:2] @ ego.heading)


@check("closing")
def _closing(proof: Proof, fact: Fact) -> Derived:
    return Derived(_closing_speed(proof, fact), policy.CLOSING_MPS, unit="m/s", frame="ego")


@check("pulling_away")
def _pulling_away(proof: Proof, fact: Fact) -> Derived:
    return Derived(-_closing_speed(proof, fact), policy.CLOSING_MPS, unit="m/s", frame="ego")


@check("same_speed")
def _same_speed(proof: Proof, fact: Fact) -> Derived:
    closing = abs(_closing_speed(proof, fact))
    moving = min(proof.solids[i].ground_speed for i in fact.subjects)
    need(moving >= policy.MOVING_MPS, "one of them stands")
    return Derived(closing, policy.SAME_SPEED_MPS, True, "m/s", frame="ego")


@check("time_to_collision")
def _time_to_collision(proof: Proof, fact: Fact) -> Derived:
    closing = _closing_speed(proof, fact)
    need(closing >= policy.CLOSING_MPS, "it is not closing")
    left = proof.gap(*fact.subjects) / closing
    need(0 < left <= policy.TTC_LIMIT_S, f"{left:.1f} s")
    return spoken(left, 0.5 if left < 5.0 else 1.0, "s", "ego")


def _straddles(way: Track, body: Solid) -> bool:
    """Whether a corner of it, or what lies between two, is in the way ahead."""
    half = way.width(way.at(body.centre[:2]).along) / 2
    places: list[OnLane] = [way.at(np.array(xy)) for xy in body.outline.exterior.coords[:-1]]
    across = min(p.left for p in places) <= half and max(p.left for p in places) >= -half
    return across and any(way.before_us(p.along) for p in places)


@check("lane_clear")
def _lane_clear(proof: Proof, fact: Fact) -> Derived:
    need(fact.subjects == (proof.ego,) and len(proof.record.lanes) > 0, "no lane of ours")
    ways, gaps = tracks(proof), [policy.LANE_LOOK_M]
    need(len(ways) > 0, "there is no telling which lane is ours")
    for i, body in proof.solids.items():
        if i != proof.ego and any(_straddles(way, body) for way in ways):
            gaps.append(proof.gap(i, proof.ego or 0))
    return Derived(
        min(gaps), policy.LANE_CLEAR_M, unit="m", argument=f"{policy.LANE_CLEAR_M:.0f}", frame="ego"
    )


def _bend(proof: Proof, instance_id: int) -> tuple[float, float]:
    """(acceleration along the heading, yaw rate) by central differences of the stored track over 0.2 s."""
    need(instance_id in proof.record.instance_tracks, "it has no track")
    now, step = proof.frame.time_ns, policy.DIFFERENCE_NS
    poses = [proof.pose(instance_id, now + k * step) for k in (-1, 0, 1)]
    axes = [matrix_of(q)[:2, 0] for _, q in poses]
    seconds = step * 1e-9
    before, after = (poses[1][0] - poses[0][0]) / seconds, (poses[2][0] - poses[1][0]) / seconds
    along = ((after - before) / seconds)[:2] @ (axes[1] / np.linalg.norm(axes[1]))
    turned = np.arctan2(np.cross(axes[0], axes[2]), axes[0] @ axes[2])
    return float(along), float(turned / (2 * seconds))


@check("slowing")
def _slowing(proof: Proof, fact: Fact) -> Derived:
    body = _body(proof, fact)
    need(float(np.linalg.norm(body.velocity)) >= policy.MOVING_MPS, "it stands")
    return Derived(-_bend(proof, fact.subjects[0])[0], policy.SLOWING_MPS2, unit="m/s^2", frame="world")


def _own(proof: Proof, fact: Fact) -> Solid:
    need(fact.subjects == (proof.ego,), f"{fact.subjects} is not the ego")
    return _ego(proof)


@check("ego_still")
def _ego_still(proof: Proof, fact: Fact) -> Derived:
    return Derived(_own(proof, fact).ground_speed, policy.STILL_MPS, True, "m/s", frame="world")


@check("ego_speed")
def _ego_speed(proof: Proof, fact: Fact) -> Derived:
    speed = _own(proof, fact).ground_speed
    need(speed >= policy.MOVING_MPS, "we hardly move")
    return spoken(speed * 3.6, 1.0, "km/h", "world")


@check("ego_accelerating", "ego_braking")
def _ego_pedals(proof: Proof, fact: Fact) -> Derived:
    need(_own(proof, fact).ground_speed >= policy.MOVING_MPS, "we hardly move")
    along, _ = _bend(proof, fact.subjects[0])
    braking = proof.frame.controls is not None and proof.frame.controls.brake >= policy.BRAKE_PEDAL
    need(braking == (fact.predicate == "ego_braking"), f"the brake is {'on' if braking else 'off'}")
    if fact.predicate == "ego_braking":
        return Derived(-along, policy.SLOWING_MPS2, unit="m/s^2", frame="world")
    return Derived(along, policy.SPEEDING_UP_MPS2, unit="m/s^2", frame="world")


@check("ego_turning")
def _ego_turning(proof: Proof, fact: Fact) -> Derived:
    need(_own(proof, fact).ground_speed >= policy.MOVING_MPS, "we hardly move")
    _, rate = _bend(proof, fact.subjects[0])
    ways = tracks(proof) if proof.record.lanes else []
    need(not proof.record.lanes or len(ways) > 0, "there is no telling which lane is ours")
    need(all(_lane_turns(proof, way, rate) for way in ways), "the lane does not bend so")
    side = "left" if rate > 0 else "right"
    return Derived(abs(rate), policy.YAW_RATE_RADPS, unit="rad/s", argument=side, frame="ego")


def _lane_turns(proof: Proof, track: Track, rate: float) -> bool:
    """Whether a way turns to the same side, fast enough at the ego's speed."""
    ego = _ego(proof)
    points = [ego.centre[:2] + way * policy.BEND_M * ego.heading for way in (-1, 1)]
    before, after = (track.at(point).direction for point in points)
    angle = float(np.arctan2(np.cross(before, after), np.dot(before, after)))
    if float(np.dot(before, ego.heading)) < 0.0:
        angle = -angle
    turning = angle / (2 * policy.BEND_M) * ego.ground_speed
    return bool(turning * rate > 0 and abs(turning) >= policy.BEND_SHARE * abs(rate))


@check("ego_moving_over")
def _ego_moving_over(proof: Proof, fact: Fact) -> Derived:
    ego = _own(proof, fact)
    need(len(proof.record.lanes) > 0, "there are no lanes")
    need(abs(_bend(proof, fact.subjects[0])[1]) <= policy.TURNING_RADPS, "we turn off")
    drifts = []
    for track in tracks(proof):
        way = np.array(track.at(ego.centre[:2]).direction)
        way *= np.sign(way @ ego.heading)
        need(float(way @ ego.heading) >= policy.ALIGNED_COS, "we do not drive along the lanes")
        drifts.append(float(np.cross(way, ego.velocity[:2])))
    need(len(drifts) > 0, "there is no telling which lane is ours")
    need(min(drifts) > 0 or max(drifts) <= 0, "we move to one side of one lane, to the other of another")
    side = "left" if drifts[0] > 0 else "right"
    return Derived(float(np.abs(drifts).min()), policy.SIDEWAYS_MPS, unit="m/s", argument=side, frame="ego")


@check("entering_lane")
def _entering_lane(proof: Proof, fact: Fact) -> Derived:
    body = _body(proof, fact)
    need(body.row.semantic in _VEHICLES and len(proof.record.lanes) > 0, "no vehicle beside a lane")
    found = [_inwards(track, body) for track in tracks(proof)]
    need(len(found) > 0, "there is no telling which lane is ours")
    sides = {side for _, side in found}
    need(len(sides) == 1, "it is on either side of what may be our lane")
    slowest = min(speed for speed, _ in found)
    return Derived(slowest, policy.SIDEWAYS_MPS, unit="m/s", argument=sides.pop(), frame="ego")


def _inwards(track: Track, body: Solid) -> tuple[float, str]:
    """How fast a body beside a way nears its middle, and its side; refutes when it is not beside it, ahead."""
    here = track.at(body.centre[:2])
    width = track.width(here.along)
    need(track.before_us(here.along), "it is not ahead")
    need(abs(here.left) > width / 2 - policy.LANE_MARGIN_M, "it is in our lane already")
    need(abs(here.left) <= policy.BESIDE_SHARE_OF_LANE * width, "it is not beside our lane")
    way = np.array(here.direction)
    need(float(body.heading @ way) >= policy.ALIGNED_COS, "it does not drive along our lane")
    return -float(np.sign(here.left) * np.cross(way, body.velocity[:2])), "left" if here.left > 0 else "right"
