"""What the ego will have done two seconds on: known, since the clip is simulated to its end."""

from __future__ import annotations

import numpy as np

from pairforge.captioners import policy
from pairforge.captioners.facts_list import FactList, Scene
from pairforge.captioners.nouns import KMH, rounded

_EVIDENCE = ("boxes3d", "trajectories")


def next_facts(scene: Scene, found: FactList) -> None:
    """``ego_next``, ``ego_next_speed`` and ``ego_next_turn`` from the ego's stored box and track; none where the
    track ends before."""
    assert scene.ego_id is not None
    track = scene.record.instance_tracks.get(scene.ego_id)
    now, then = scene.frame.time_ns, scene.frame.time_ns + policy.NEXT_NS
    if track is None or then > track.times_ns[-1]:
        return
    positions, _ = track.sample(np.array([then - policy.NEXT_STEP_NS, then], dtype=np.int64))
    after = float(np.linalg.norm((positions[1] - positions[0])[:2])) / (policy.NEXT_STEP_NS / 1e9)
    before = float(np.linalg.norm(scene.bodies[scene.ego_id].velocity[:2]))
    span = (now, then)
    said = _change(before, after)
    if said is not None:
        word, value, threshold, at_most = said
        found.add(
            "ego_next",
            scene.ego_id,
            argument=word,
            frame="world",
            value=value,
            unit="m/s",
            threshold=threshold,
            at_most=at_most,
            span_ns=span,
            evidence=_EVIDENCE,
        )
        if word in ("slow", "speed_up", "set_off"):
            spoken, tolerance = rounded(after * 3.6, KMH)
            found.add_rounded(
                "ego_next_speed",
                scene.ego_id,
                value=after * 3.6,
                spoken=spoken,
                tolerance=tolerance,
                unit="km/h",
                frame="world",
                evidence=_EVIDENCE,
                span_ns=span,
            )
    headings = [track.at(t).rotation[:2, 0] for t in span]
    turned = float(np.arctan2(np.cross(headings[0], headings[1]), headings[0] @ headings[1]))
    if abs(turned) >= policy.NEXT_TURN_RAD:
        found.add(
            "ego_next_turn",
            scene.ego_id,
            argument="left" if turned > 0 else "right",
            frame="ego",
            value=abs(turned),
            unit="rad",
            threshold=policy.NEXT_TURN_RAD,
            span_ns=span,
            evidence=("trajectories",),
        )


def _change(before: float, after: float) -> tuple[str, float, float, bool] | None:
    """(word, value, threshold, value stays below it), in m/s; None in between."""
    if before <= policy.STILL_MPS:
        return ("set_off", after, policy.MOVING_MPS, False) if after >= policy.MOVING_MPS else None
    if before < policy.MOVING_MPS:
        return None
    if after <= policy.STILL_MPS:
        return "stop", after, policy.STILL_MPS, True
    if before - after >= policy.NEXT_CHANGE_MPS:
        return "slow", before - after, policy.NEXT_CHANGE_MPS, False
    if after - before >= policy.NEXT_CHANGE_MPS:
        return "speed_up", after - before, policy.NEXT_CHANGE_MPS, False
    same = abs(after - before)
    return ("keep", same, policy.NEXT_SAME_MPS, True) if same <= policy.NEXT_SAME_MPS else None
