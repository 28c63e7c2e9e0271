"""The tags: what is in the picture, by single words."""

from __future__ import annotations

from pairforge.captioners.meanings import Mention, Mentions, Message, Slot
from pairforge.captioners.references import Told
from pairforge.captioners.road_messages import street_of
from pairforge.captioners.salience import ranked

_MOST = 8


class TagsCaptioner:
    """The nouns of the most salient things, each once, then the street, its light and what lines it."""

    kind = "tags"
    every_camera = True

    def messages(self, told: Told) -> list[Message]:
        words = list(dict.fromkeys(told.words(i)[0] for i in ranked(told)))[:_MOST]
        nouns = tuple(_tag(told, word) for word in words)
        street, facts = street_of(told) if told.record.ego is not None else (None, ())
        slots: dict[str, Slot] = {"things": Mentions(nouns) if nouns else None, "street": street}
        return [Message("tags", slots, facts)] if nouns or street else []


def _tag(told: Told, word: str) -> Mention:
    """One noun, standing for everything in view that it may be said of."""
    ids = tuple(i for i in told.visible if word in told.words(i))
    facts = [f for i in ids for f in (told.of("visible", i), told.category(i, word)) if f is not None]
    return Mention(ids, tuple(f.fact_id for f in facts), "tag", (), word)
