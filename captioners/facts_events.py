"""What is under way at a keyframe, and what has just ended, of the happenings on record."""

from __future__ import annotations

from pairforge.captioners import policy
from pairforge.captioners.facts_list import FactList, Scene
from pairforge.sample import Happening


def event_facts(scene: Scene, found: FactList) -> None:
    """under_way and just_ended, of whoever is the ego, seen or hit; the same said twice is said of the later one."""
    told: dict[tuple[str, tuple[int, ...], str], Happening] = {}
    for happening in scene.record.happenings:
        one = happening.subjects[0]
        if one == scene.ego_id or one in scene.told:
            kind = _kind(scene.frame.time_ns, happening)
            if kind:
                told[kind, happening.subjects, argument_of(happening)] = happening
    for (kind, subjects, argument), happening in told.items():
        since_ns = happening.t0_ns if kind == "under_way" else happening.t1_ns
        found.add(
            kind,
            *subjects,
            argument=argument,
            frame="world",
            value=(scene.frame.time_ns - since_ns) * 1e-9,
            unit="s",
            threshold=0.0 if kind == "under_way" else policy.JUST_ENDED_S,
            at_most=kind == "just_ended",
            span_ns=(happening.t0_ns, scene.frame.time_ns),
            evidence=("happenings",),
        )


def argument_of(happening: Happening) -> str:
    """The kind, with its own argument where there is one: "lane_change|left"."""
    return f"{happening.kind}|{happening.argument}" if happening.argument else happening.kind


def _kind(now_ns: int, happening: Happening) -> str:
    if happening.t0_ns <= now_ns <= happening.t1_ns:
        return "under_way"
    ended = 0 < now_ns - happening.t1_ns <= policy.JUST_ENDED_S * 1e9
    return "just_ended" if ended else ""


def cause_facts(scene: Scene, found: FactList) -> None:
    """Why what is under way, or has just ended, comes about, where the scene's record proves it."""
    happenings = {h.happening_id: h for h in scene.record.happenings}
    told = scene.told | {scene.ego_id}
    for cause in scene.record.causes:
        effect, own = happenings[cause.effect_id], happenings.get(cause.cause_id)
        if not _kind(scene.frame.time_ns, effect) or not {effect.subjects[0], cause.subject} <= told:
            continue
        found.add(
            "caused_by",
            effect.subjects[0],
            cause.subject,
            argument=f"{effect.kind}|{own.kind if own else 'presence'}",
            frame="world",
            value=cause.value_without,
            unit=cause.unit,
            threshold=cause.threshold,
            at_most=True,
            span_ns=(effect.t0_ns, scene.frame.time_ns),
            evidence=("causes", "happenings"),
        )
