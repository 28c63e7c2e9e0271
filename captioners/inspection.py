"""The inspection caption: each defect that the camera shows, what is out of view, and the verdict."""

from __future__ import annotations

from pairforge.captioners.meanings import Flaw, Mention, Message, Slot
from pairforge.captioners.references import Told, single
from pairforge.sample import Fact

_MOST = 4


class InspectionCaptioner:
    """What an inspector notes down of each part in view; nothing where there are no inspected parts."""

    kind = "inspection"
    every_camera = True

    def messages(self, told: Told) -> list[Message]:
        judged = [f for f in told.all("verdict") if f.subjects[0] in told.visible][:_MOST]
        return [m for verdict in judged for m in _of_part(told, verdict)]


def _of_part(told: Told, verdict: Fact) -> list[Message]:
    one = verdict.subjects[0]
    who = single(told, one)
    if who is None:
        return []
    messages = [_defect(told, who, fact) for fact in told.every("defect", one)]
    unseen = told.of("defect_unseen", one)
    if unseen is not None:
        slots: dict[str, Slot] = {"who": who, "count": int(unseen.argument)}
        messages.append(Message("inspection_unseen", slots, (unseen.fact_id,)))
    free = told.of("defect_free", one)
    if free is not None:
        messages.append(Message("inspection_free", {"who": who}, (free.fact_id,)))
    return [*messages, Message(f"inspection_{verdict.argument}", {"who": who}, (verdict.fact_id,))]


def _defect(told: Told, who: Mention, fact: Fact) -> Message:
    kind, face, near = fact.argument.split("|")
    one = fact.subjects[0]
    size = _about(told, "defect_size", one, fact.argument)
    grade = _about(told, "defect_severity", one, fact.argument)
    said = [f.argument.rsplit("|", 1)[1] if f else "" for f in (size, grade)]
    facts = (fact.fact_id, *(f.fact_id for f in (size, grade) if f is not None))
    return Message("inspection_defect", {"who": who, "flaw": Flaw(kind, face, near, *said)}, facts)


def _about(told: Told, predicate: str, one: int, place: str) -> Fact | None:
    """The fact about the same defect, if there is just one."""
    found = [f for f in told.every(predicate, one) if f.argument.rsplit("|", 1)[0] == place]
    return found[0] if len(found) == 1 else None
