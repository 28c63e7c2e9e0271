"""What happens in a scene, and when: measured in its stored tracks and contacts alone.

``pairforge.datasets.claims_happenings`` finds every one again by code of its own.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from pairforge.captioners.clip import Clip
from pairforge.captioners.happenings_found import Found
from pairforge.captioners.happenings_grip import grip_happenings
from pairforge.captioners.happenings_lanes import lane_happenings
from pairforge.captioners.happenings_road import road_happenings
from pairforge.captioners.happenings_things import thing_happenings
from pairforge.sample import Happening, SceneRecord

BEFORE_NS = 500_000_000
"""What is over so long before the first keyframe is not told."""


def happenings_of(record: SceneRecord) -> tuple[Happening, ...]:
    """All happenings that reach into the scene's keyframes, in order of time, numbered from 1."""
    clip, found = Clip(record), Found()
    if clip.ego_id is not None:
        road_happenings(clip, found)
        lane_happenings(clip, found)
    else:
        thing_happenings(clip, found)
        grip_happenings(clip, found)
    first, last = _span(record)
    inside = (h for h in found.happenings if h.t1_ns >= first - BEFORE_NS and h.t0_ns <= last)
    return _numbered(inside)


def _span(record: SceneRecord) -> tuple[int, int]:
    """When the first and the last keyframe are; for ever where the concrete scene does not say."""
    concrete = record.concrete
    if "keyframe_rate_hz" not in concrete:
        return -(10**18), 10**18
    start, rate = round(concrete["warm_up_s"] * 1e9), float(concrete["keyframe_rate_hz"])
    count = round(concrete["duration_s"] * rate)
    return start, start + round((count - 1) * 1e9 / rate)


def _numbered(found: Iterable[Happening]) -> tuple[Happening, ...]:
    ordered = sorted(found, key=lambda h: (h.t0_ns, h.t1_ns, h.kind, h.subjects, h.argument))
    return tuple(replace(h, happening_id=k) for k, h in enumerate(ordered, start=1))
