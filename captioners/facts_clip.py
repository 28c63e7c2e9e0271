"""What happened in the clip, told at its last keyframe."""

from __future__ import annotations

from pairforge.captioners import policy
from pairforge.captioners.facts_events import argument_of
from pairforge.captioners.facts_list import FactList, Scene
from pairforge.sample import Happening


def clip_facts(scene: Scene, found: FactList) -> None:
    """``happened`` for what has ended or is under way, ``happened_when`` for what lies in one part of the clip; of
    the ego and of what is seen or hit. Only a happening alone of its kind, argument and subjects is told."""
    times = _times(scene)
    if times is None:
        return
    alike: dict[tuple[str, tuple[int, ...]], list[Happening]] = {}
    for happening in scene.record.happenings:
        alike.setdefault((argument_of(happening), happening.subjects), []).append(happening)
    for (argument, subjects), happenings in alike.items():
        one = subjects[0]
        if len(happenings) == 1 and (one == scene.ego_id or one in scene.told):
            _add(found, scene.frame.time_ns, argument, happenings[0], times)


def _times(scene: Scene) -> tuple[int, int] | None:
    """When the first and this last keyframe are; None where this is not the last, or the only one."""
    concrete, frame = scene.record.concrete, scene.frame
    if "keyframe_rate_hz" not in concrete:
        return None
    rate = float(concrete["keyframe_rate_hz"])
    count = round(float(concrete["duration_s"]) * rate)
    if frame.frame_index != count - 1 or count < 2:
        return None
    return frame.time_ns - round((count - 1) * 1e9 / rate), frame.time_ns


def _add(found: FactList, now_ns: int, argument: str, happening: Happening, times: tuple[int, int]) -> None:
    span = (happening.t0_ns, now_ns)
    if happening.t0_ns > now_ns:
        return
    found.add(
        "happened",
        *happening.subjects,
        argument=argument,
        frame="world",
        value=(now_ns - happening.t0_ns) * 1e-9,
        unit="s",
        threshold=0.0,
        span_ns=span,
        evidence=("happenings",),
    )
    share = (_moment_ns(happening) - times[0]) / (times[1] - times[0])
    early, late = share <= policy.CLIP_START, share >= policy.CLIP_END
    if early or late:
        found.add(
            "happened_when",
            *happening.subjects,
            argument=f"{argument}@{'start' if early else 'end'}",
            frame="world",
            value=share,
            unit="share",
            threshold=policy.CLIP_START if early else policy.CLIP_END,
            at_most=early,
            span_ns=span,
            evidence=("happenings", "frames"),
        )


def _moment_ns(happening: Happening) -> float:
    """When one would say it happened: a blow when it falls, however long the two then touch; else its middle."""
    if happening.kind in ("landing", "hitting"):
        return happening.t0_ns
    return (happening.t0_ns + happening.t1_ns) / 2
