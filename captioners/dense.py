"""The dense caption: everything worth seeing in one picture, in at most six sentences."""

from __future__ import annotations

from pairforge.captioners import road_messages as road
from pairforge.captioners import table_messages as table
from pairforge.captioners.realise import Message
from pairforge.captioners.references import Told


class DenseCaptioner:
    """Setting, then traffic or things, then people, then who hides whom and how things stand to each other."""

    kind = "dense"

    def messages(self, told: Told) -> list[Message]:
        if told.record.ego is None:
            chosen = table.rest(told)
            chosen += table.motion(told, road.named_in(chosen))
            chosen += table.lying(told, road.named_in(chosen))
            return [*chosen, *table.relations(told, road.named_in(chosen), 5 - len(chosen))][:6]
        chosen = [road.setting(told), *road.lead(told)[:1], *road.oncoming(told), *road.parked(told)]
        chosen += road.people(told)[:2]
        return [*chosen[:5], *road.hidden(told, road.named_in(chosen[:5]))[:1]]
