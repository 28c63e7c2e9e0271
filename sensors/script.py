"""Scripts at work: rules that fire once and order a driver about, from what is simulated alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from pairforge.scenes.concrete import Json
from pairforge.scenes.scripts import SORTS
from pairforge.scenes.world import World
from pairforge.sensors.orders import Orders
from pairforge.sensors.script_actions import DOINGS, Doing, KeepLane, Wait
from pairforge.sensors.script_conditions import holds
from pairforge.sensors.script_sight import Ground, Past, Sight
from pairforge.sensors.traffic.commander import View


class Script:
    """A commander that follows rules compiled by ``scenes.script_rules``. ``fired_ns``: rule -> when it fired."""

    def __init__(self, rules: Sequence[Json], world: World) -> None:
        self._rules = tuple(rules)
        self._ground = Ground(world)
        self._past = Past()
        self._spoken_of = sorted({name for rule in rules for name in _names(rule["when"])})
        waits = any(then["kind"] == "walk" for rule in rules for then in rule["then"])
        self._doing: dict[str, Doing] = {"side": KeepLane(), **({"speed": Wait()} if waits else {})}
        self.fired_ns: dict[str, int] = {}

    def orders(self, view: View) -> Orders:
        sight = Sight(view, self._ground, self._past)
        # At the very start nobody moves yet: that is no standing still.
        for name in self._spoken_of if view.time_ns else ():
            self._past.see(name, sight.time_s, float(np.linalg.norm(sight.velocity(name))))
        for rule in self._rules:
            if rule["name"] not in self.fired_ns and holds(rule["when"], sight, self.fired_ns):
                self._fire(rule, sight)
        orders = Orders()
        for sort in SORTS:
            if sort in self._doing:
                orders = self._doing[sort].orders(sight, orders)
        return orders

    def _fire(self, rule: Json, sight: Sight) -> None:
        self.fired_ns[rule["name"]] = sight.view.time_ns
        for action in rule["then"]:
            self._doing[action["sort"]] = DOINGS[action["kind"]](action, sight)


def _names(condition: Json) -> Iterator[str]:
    """The things whose motion a condition speaks of."""
    for part in condition.get("of", ()):
        yield from _names(part)
    if isinstance(condition.get("name"), str) and condition["kind"] != "signal_is":
        yield condition["name"]
