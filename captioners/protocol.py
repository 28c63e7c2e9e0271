"""What every captioner does: choose what to say of a keyframe. The registry names them all."""

from __future__ import annotations

from typing import Protocol, cast

from pairforge.captioners.meanings import Message
from pairforge.captioners.references import Told
from pairforge.registry import Registry


class Captioner(Protocol):
    """Chooses messages, in order, from the facts as one camera tells them; an empty list says nothing at all.

    It makes no draw and reads no array: words come from templates, truth from facts. ``every_camera``: it speaks for
    each camera, not for the forward one alone.
    """

    kind: str
    every_camera: bool

    def messages(self, told: Told) -> list[Message]: ...


CAPTIONERS = Registry(
    "captioner",
    {
        "short": "pairforge.captioners.short:ShortCaptioner",
        "dense": "pairforge.captioners.dense:DenseCaptioner",
        "inspection": "pairforge.captioners.inspection:InspectionCaptioner",
        "clip": "pairforge.captioners.clips:ClipCaptioner",
        "tags": "pairforge.captioners.tags:TagsCaptioner",
        "region": "pairforge.captioners.regions:RegionCaptioner",
        "narration": "pairforge.captioners.narration:NarrationCaptioner",
        "driving": "pairforge.captioners.driving:DrivingCaptioner",
    },
)


class Grouping(Protocol):
    """A captioner that writes several captions of one picture: a list of messages each."""

    def groups(self, told: Told) -> list[list[Message]]: ...


def groups_of(made: Captioner, told: Told) -> list[list[Message]]:
    """The messages of each caption that a captioner writes."""
    # Whether it is a Grouping: asking the protocol itself would cost more than most messages do.
    return cast(Grouping, made).groups(told) if hasattr(made, "groups") else [made.messages(told)]


def captioner(name: str) -> Captioner:
    """The captioner of that name or in that file ("tour.py:Tour"); SpecError with a suggestion when there is none."""
    from pairforge.captioners.author import is_authored, load  # as its function does this module

    made: Captioner = load(name) if is_authored(name) else CAPTIONERS.load(name)()
    return made


def names() -> tuple[str, ...]:
    return CAPTIONERS.names()


def check_captioner(made: Captioner, told: Told) -> None:
    """Raises AssertionError where a captioner breaks the protocol on these facts: unknown facts or templates,
    another answer the second time, facts of a camera it does not speak for."""
    from pairforge.captioners.realise import phrasings  # for who checks alone

    first = groups_of(made, told)
    assert groups_of(made, replace_told(told)) == first, f"{made.kind}: a second call says something else"
    for message in (m for group in first for m in group):
        assert phrasings(message.template, told.language), (
            f"{made.kind}: {message.template}.j2 has no phrasing"
        )
        for fact_id in message.all_fact_ids:
            assert 1 <= fact_id <= len(told.facts), f"{made.kind}: fact {fact_id} does not exist"
            fact = told.facts[fact_id - 1]
            ours = fact.sensor in ("", told.sensor) or fact.predicate == "lidar_hits"
            assert ours, f"{made.kind}: fact {fact_id} was measured in {fact.sensor}"


def replace_told(told: Told) -> Told:
    """The same facts, opened afresh."""
    return Told(
        told.record, told.sensor, told.facts, told.unsure, told.forward, told.language, lost=told.lost
    )
