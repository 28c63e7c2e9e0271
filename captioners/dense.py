"""The dense caption: everything worth seeing in one picture, in at most seven sentences."""

from __future__ import annotations

from pairforge.captioners import road_messages as road
from pairforge.captioners import room_messages as rooms
from pairforge.captioners import scene_messages as scene
from pairforge.captioners import table_messages as table
from pairforge.captioners.meanings import Message
from pairforge.captioners.references import Told
from pairforge.captioners.rule_messages import grips, rules


class DenseCaptioner:
    """Setting, then traffic or things, then people, then who hides whom and how things stand to each other."""

    kind = "dense"
    every_camera = False

    def messages(self, told: Told) -> list[Message]:
        if told.record.ego is None:
            return _at_table(told) or _on_shelves(told) or scene.dense(told)
        first = [*road.crossing(told)[:1], *road.lead(told)[:1]]
        people = road.people(told)[:2]
        rest = [*road.oncoming(told), *road.parked(told)]
        chosen = [*first, *rules(told)[:2], *people[:1], *rest, *people[1:]]
        chosen = [road.setting(told), *chosen[:5]]
        return [*chosen, *road.hidden(told)[:1]][:6]


def _at_table(told: Told) -> list[Message]:
    """The things on the one table in view; empty when there is none, or nothing to say of it."""
    if table.table_of(told) is None:
        return []
    lost = rooms.fallen(told, table.table_of(told))
    chosen = [*lost, *grips(told), *table.held(told), *table.motion(told), *table.lying(told)]
    return [*chosen[:6], *table.relations(told, chosen, max(1, 7 - len(chosen)))][:7]


def _on_shelves(told: Told) -> list[Message]:
    """Shelf by shelf, then what is in and on what; empty where there are no shelves above each other."""
    rows = rooms.shelf_rows(told)
    if not rows:
        return []
    chosen = [*rows[:4], *table.stacked(told), *table.lying(told)]
    return [*chosen[:6], *table.relations(told, chosen, max(1, 7 - len(chosen)))][:7]
