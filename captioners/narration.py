"""The narration of a drive: what we do, why, what matters around us, and what we do next."""

from __future__ import annotations

from pairforge.captioners import road_messages as road
from pairforge.captioners.meanings import Message, Slot
from pairforge.captioners.references import Told


class NarrationCaptioner:
    """At most six sentences; only with an ego. Nothing is said of what comes where the clip ends before."""

    kind = "narration"
    every_camera = False

    def messages(self, told: Told) -> list[Message]:
        if told.record.ego is None:
            return []
        around = [*road.crossing(told)[:1], *road.entering(told)[:1], *road.lead(told)]
        braking_told = any(m.slots.get("braking") for m in around)
        return [*road.ego(told, braking_told), *road.moving_over(told), *around[:3], *coming(told)]


def coming(told: Told) -> list[Message]:
    """What we do within the next two seconds."""
    what, speed, turn = (told.all(p)[:1] for p in ("ego_next", "ego_next_speed", "ego_next_turn"))
    if not what and not turn:
        return []
    slots: dict[str, Slot] = {
        "what": what[0].argument if what else None,
        "speed": road.measured(speed[0]) if speed else None,
        "turn": turn[0].argument if turn else None,
    }
    return [Message("next", slots, tuple(f.fact_id for f in (*what, *speed, *turn)))]
