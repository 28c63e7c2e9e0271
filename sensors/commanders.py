"""Who gives an actor orders: its script, its policy, or nobody."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pairforge.scenes.world import Instance, World
from pairforge.sensors.policy import Follower, UserController
from pairforge.sensors.script import Script
from pairforge.sensors.traffic.commander import Commander


def commander_of(world: World, instance: Instance) -> Commander | None:
    """The commander that the instance's behaviour asks for. Raises SimulationError."""
    behaviour: Mapping[str, Any] = instance.behaviour
    if "script" in behaviour:
        return Script(behaviour["script"], world)
    policy = behaviour.get("policy")
    if policy is None:
        return None
    if policy["kind"] == "waypoints":
        pose = instance.world_from_body
        start = (float(pose.position_m[0]), float(pose.position_m[1]), pose.yaw)
        return Follower(policy, world, start, behaviour.get("lane_id"))
    return UserController(policy, world, instance.name)


def fired(commanders: Mapping[str, Commander | None]) -> dict[str, int]:
    """Rule ("cutter.cut_in") -> when it fired, ns, over the commanders of actors by name."""
    return {
        f"{name}.{rule}": time_ns
        for name, commander in commanders.items()
        if isinstance(commander, Script)
        for rule, time_ns in commander.fired_ns.items()
    }
