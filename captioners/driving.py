"""The driving caption: what matters to whoever drives the ego."""

from __future__ import annotations

from pairforge.captioners import road_messages as road
from pairforge.captioners.meanings import Message
from pairforge.captioners.references import Told


class DrivingCaptioner:
    """People on the road, the vehicle ahead, our own motion, people beside the road, oncoming traffic, the hidden."""

    kind = "driving"
    every_camera = False

    def messages(self, told: Told) -> list[Message]:
        if told.record.ego is None:
            return []
        chosen = [*road.crossing(told)[:2], *road.entering(told)[:1], *road.lead(told)]
        braking_told = any(m.slots.get("braking") for m in chosen)
        chosen += [*road.ego(told, braking_told), *road.moving_over(told)]
        chosen += [*road.people(told)[:2], *road.oncoming(told)]
        chosen = [*chosen[:6], *road.hidden(told)[:1]]
        return [*chosen[: 7 - bool(road.unseen(told))], *road.unseen(told)[:1]]
