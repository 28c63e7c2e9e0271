"""Behaviour of a spec -> what physics' controllers are told."""

from __future__ import annotations

from typing import Any

import numpy as np
from shapely import LineString, Point

from pairforge.errors import SpecError
from pairforge.frames import Pose
from pairforge.scenes.concrete import Json
from pairforge.scenes.distributions import Uniform, Value
from pairforge.scenes.draws import Draws, floats, unit
from pairforge.scenes.gait import body_box
from pairforge.scenes.itinerary import check_lane_change, route_of
from pairforge.scenes.joints import compiled_joints
from pairforge.scenes.policies import setting_out_mps
from pairforge.scenes.script_rules import compiled
from pairforge.scenes.spec import Actor, Prop
from pairforge.scenes.stage import Spot, Stage
from pairforge.scenes.typecheck import label
from pairforge.scenes.world import Shape

MOTION = {
    "drive": "vehicle",
    "pull_out": "vehicle",
    "cycle": "cyclist",
    "walk": "walker",
    "stand": "static",
    "park": "static",
    "replay": "replay",
}
"""What moves a thing of each kind of behaviour."""
OFF_ROAD_MPS = Uniform(6.0, 10.0)
WALK_MPS = Uniform(1.0, 1.6)
CYCLE_MPS = Uniform(3.5, 6.0)
SHARE_OF_LIMIT = (0.8, 1.0)
MAX_MPS = 70.0
BESIDE_M = 6.0
PATH_M = 30.0
"""How far a walker without a pavement goes, straight ahead."""


def act(thing: Prop, shape: Shape, spot: Spot, draw: Draws, stage: Stage) -> tuple[str, Json]:
    """The motion and the behaviour mapping of a thing at its spot. Raises SpecError."""
    if thing.joints:
        moved = compiled_joints(thing.joints, shape, draw.under("joints"), label(thing))
        return "jointed", {"kind": "joints", "bolted": not thing.moves, "joints": moved}
    if not isinstance(thing, Actor):
        return ("dynamic" if thing.moves else "static"), {}
    kind = thing.behaviour.kind
    _check_able(thing, shape)
    behaviour, drawn = thing.behaviour, draw.under("behaviour")
    told: Json = {"kind": kind}
    if kind == "cycle" or (kind == "drive" and (behaviour.policy.needs_lane or "lane_id" in spot.facts)):
        told |= _lane(thing, spot)
    if kind == "pull_out":
        told |= {"lane_id": _lane_beside(thing, spot, stage), "starts_at_s": _starts_at_s(thing, drawn)}
    if kind == "walk":
        told["path"] = spot.facts.get("path") or _straight_ahead(spot)
    if kind in ("stand", "park"):
        return MOTION[kind], told
    if kind == "replay":
        return MOTION[kind], told | {"track": _track(behaviour.policy.compiled(drawn.under("policy")), shape)}
    policy = behaviour.policy.compiled(drawn.under("policy"))
    told |= _pace(thing, drawn, told | {"policy": policy}, stage)
    if policy:
        told["policy"] = policy
    if behaviour.turns:
        told["route"] = _route(thing, drawn, told, stage)
    if behaviour.script:
        told["script"] = _script(thing, drawn, told, stage)
    return MOTION[kind], told


def _track(replay: Json, shape: Shape) -> list[list[float]]:
    """Rows (ns, position, quaternion) of the body's origin in the world."""
    if replay["of"] == "body":
        rows: list[list[float]] = replay["track"]
        return rows
    box_from_body = Pose.of(body_box(shape, "replay")[1]).inverse
    poses = [(row[0], Pose.of(row[1:4], row[4:]) @ box_from_body) for row in replay["track"]]
    return [[time_ns, *floats(pose.position_m), *unit(pose)] for time_ns, pose in poses]


def _starts_at_s(thing: Actor, draw: Draws) -> float:
    starts_at_s = float(draw("starts_at_s", thing.behaviour.starts_at_s))
    if not 0.0 <= starts_at_s <= 3600.0:
        raise SpecError(f"{label(thing)}: starts_at_s is {starts_at_s:g}; it must lie in 0..3600")
    return starts_at_s


def _lane_beside(thing: Actor, spot: Spot, stage: Stage) -> int:
    """The nearest lane that runs the way the thing points. Raises SpecError when none is near."""
    near: list[tuple[float, int]] = []
    for lane in stage.lanes.values():
        line = LineString([point[:2] for point in lane.centre_m])
        here = Point(spot.pose.position_m[:2])
        at = line.project(here)
        a, b = (np.array(line.interpolate(s).coords[0]) for s in (at - 0.5, at + 0.5))
        ahead = (b - a) / max(float(np.linalg.norm(b - a)), 1e-9)
        if lane.kind == "driving" and ahead @ spot.pose.vectors([1.0, 0.0, 0.0])[:2] > 0.7:
            near.append((float(line.distance(here)), lane.lane_id))
    if not near or min(near)[0] > BESIDE_M:
        raise SpecError(
            f"{label(thing)} is to pull out, but no lane of its direction is within {BESIDE_M:g} m; place it Parked"
        )
    return min(near)[1]


def _route(thing: Actor, draw: Draws, told: Json, stage: Stage) -> list[int]:
    """The lanes that lead over the turns it is to make."""
    if "lane_id" not in told:
        raise SpecError(f"{label(thing)} is to turn at junctions, but is on no lane; place it on one")
    turns = [draw(f"turns.{k}", turn) for k, turn in enumerate(thing.behaviour.turns)]
    try:
        return route_of(stage.lanes, told["lane_id"], turns)
    except SpecError as error:
        raise SpecError(f"{label(thing)}: {error}") from None


def _script(thing: Actor, draw: Draws, told: Json, stage: Stage) -> list[Json]:
    """The script with its numbers drawn; SpecError for a lane that is not there."""
    script = compiled(thing.behaviour.script, draw)
    changes = [then for rule in script for then in rule["then"] if then["kind"] == "change_lane"]
    if changes:
        try:
            check_lane_change(stage.lanes, told["lane_id"], changes[0]["to"])
        except SpecError as error:
            raise SpecError(f"{label(thing)}: ChangeLane: {error}") from None
    return script


def _check_able(thing: Actor, shape: Shape) -> None:
    """Raises SpecError for a body that cannot do what it is told."""
    wheels, limbs = len(shape.wheels), len(shape.limbs)
    can = {
        "drive": wheels > 2,
        "pull_out": wheels > 2,
        "cycle": wheels == 2 and limbs > 0,
        "walk": wheels == 0 and limbs > 0,
    }
    kind = thing.behaviour.kind
    if not can.get(kind, True):
        able = ", ".join([f'"{word}"' for word, so in can.items() if so] + ['"stand"', '"park"'])
        raise SpecError(
            f'{label(thing)} is to {kind}, which shape "{thing.shape}" cannot; behaviours it has: {able}. '
            "Say which, as in behaviour=Behaviour(kind=…)."
        )


def _lane(thing: Actor, spot: Spot) -> Json:
    if "lane_id" not in spot.facts:
        raise SpecError(
            f"{label(thing)} is to {thing.behaviour.kind}, but {type(thing.place).__name__} is no lane; "
            "place it OnLane, or let it park"
        )
    return {key: spot.facts[key] for key in ("lane_id", "s_m", "lateral_m")}


def _pace(thing: Actor, draw: Draws, told: Json, stage: Stage) -> Json:
    behaviour = thing.behaviour
    usual = behaviour.speed_mps
    if usual is None:
        usual = _usual_mps(behaviour.kind, told, stage)
    speed_mps = float(draw("speed_mps", usual))
    if not 0 <= speed_mps <= MAX_MPS:
        raise SpecError(f"{label(thing)}: speed_mps is {speed_mps:g}; it must lie in 0..{MAX_MPS:g}")
    pace: Json = {"speed_mps": speed_mps}
    stop_at_s_m = draw("stop_at_s_m", behaviour.stop_at_s_m)
    if stop_at_s_m is not None:
        pace["stop_at_s_m"] = float(stop_at_s_m)
    return pace


def _usual_mps(kind: str, told: Json, stage: Stage) -> Value[float]:
    if kind == "walk":
        return WALK_MPS
    if kind == "cycle":
        return CYCLE_MPS
    if (policy := told["policy"]).get("kind") == "waypoints":
        return setting_out_mps(policy["points"])
    if "lane_id" not in told:
        return OFF_ROAD_MPS
    limit = stage.speed_limit_mps(told["lane_id"])
    return Uniform(SHARE_OF_LIMIT[0] * limit, SHARE_OF_LIMIT[1] * limit)


def _straight_ahead(spot: Spot) -> list[list[float]]:
    ahead: Any = spot.pose.points([[0.0, 0.0, 0.0], [PATH_M, 0.0, 0.0]]).tolist()
    path: list[list[float]] = ahead
    return path
