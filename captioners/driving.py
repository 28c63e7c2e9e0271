"""The driving caption: what matters to whoever drives the ego."""

from __future__ import annotations

from pairforge.captioners import road_messages as road
from pairforge.captioners.realise import Message
from pairforge.captioners.references import Told


class DrivingCaptioner:
    """Lead vehicle and gap, our own motion, oncoming traffic, people, who is hidden, what only LiDAR sees."""

    kind = "driving"

    def messages(self, told: Told) -> list[Message]:
        if told.record.ego is None:
            return []
        chosen = [*road.lead(told), *road.ego(told), *road.oncoming(told), *road.people(told)[:2]]
        chosen += road.hidden(told, road.named_in(chosen))[:1]
        return [*chosen, *road.unseen(told)[:1]][:7]
