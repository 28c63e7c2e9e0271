"""Behaviour of a spec -> what physics' controllers are told."""

from __future__ import annotations

from typing import Any

from pairforge.errors import SpecError
from pairforge.scenes.concrete import Json
from pairforge.scenes.distributions import Uniform, Value
from pairforge.scenes.draws import Draws
from pairforge.scenes.policies import setting_out_mps
from pairforge.scenes.scripts import compiled
from pairforge.scenes.spec import Actor, Prop
from pairforge.scenes.stage import Spot, Stage
from pairforge.scenes.typecheck import label
from pairforge.scenes.world import Shape

MOTION = {"drive": "vehicle", "cycle": "cyclist", "walk": "walker", "stand": "static", "park": "static"}
"""What moves a thing of each kind of behaviour."""
OFF_ROAD_MPS = Uniform(6.0, 10.0)
WALK_MPS = Uniform(1.0, 1.6)
CYCLE_MPS = Uniform(3.5, 6.0)
SHARE_OF_LIMIT = (0.8, 1.0)
MAX_MPS = 70.0
PATH_M = 30.0
"""How far a walker without a pavement goes, straight ahead."""


def act(thing: Prop, shape: Shape, spot: Spot, draw: Draws, stage: Stage) -> tuple[str, Json]:
    """The motion and the behaviour mapping of a thing at its spot. Raises SpecError."""
    if not isinstance(thing, Actor):
        return ("dynamic" if thing.moves else "static"), {}
    kind = thing.behaviour.kind
    _check_able(thing, shape)
    behaviour, drawn = thing.behaviour, draw.under("behaviour")
    told: Json = {"kind": kind}
    if kind == "cycle" or (kind == "drive" and (behaviour.policy.needs_lane or "lane_id" in spot.facts)):
        told |= _lane(thing, spot)
    if kind == "walk":
        told["path"] = spot.facts.get("path") or _straight_ahead(spot)
    if kind in ("stand", "park"):
        return MOTION[kind], told
    policy = behaviour.policy.compiled(drawn.under("policy"))
    told |= _pace(thing, drawn, told | {"policy": policy}, stage)
    if policy:
        told["policy"] = policy
    if behaviour.script:
        told["script"] = _script(thing, drawn, told, stage)
    return MOTION[kind], told


def _script(thing: Actor, draw: Draws, told: Json, stage: Stage) -> list[Json]:
    """The script with its numbers drawn; SpecError for a lane that is not there."""
    script = compiled(thing.behaviour.script, draw)
    changes = [then for rule in script for then in rule["then"] if then["kind"] == "change_lane"]
    if changes:
        try:
            stage.check_lane_change(told["lane_id"], changes[0]["to"])
        except SpecError as error:
            raise SpecError(f"{label(thing)}: ChangeLane: {error}") from None
    return script


def _check_able(thing: Actor, shape: Shape) -> None:
    """Raises SpecError for a body that cannot do what it is told."""
    wheels, limbs = len(shape.wheels), len(shape.limbs)
    can = {"drive": wheels > 2, "cycle": wheels == 2 and limbs > 0, "walk": wheels == 0 and limbs > 0}
    kind = thing.behaviour.kind
    if not can.get(kind, True):
        able = ", ".join([f'"{word}"' for word, so in can.items() if so] + ['"stand"', '"park"'])
        raise SpecError(
            f'{label(thing)} is to {kind}, which shape "{thing.shape}" cannot; behaviours it has: {able}'
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
