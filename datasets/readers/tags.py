"""Tags read back: single words in a row, no sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pairforge.datasets.readers.protocol import Sentence, UnreadableError


def read_tags(
    text: str, spans: Sequence[tuple[int, int]], words: Mapping[str, tuple[str, str]], comma: str
) -> Sentence:
    """Words joined by ``comma``: those at ``spans`` are nouns, any other is in ``words`` (-> predicate, argument).
    Raises UnreadableError, also where a word stands twice."""
    claims, at, seen = [], 0, set()
    nouns = dict(spans)
    while at < len(text):
        end = nouns.get(at)
        if end is None:
            stop = text.find(comma, at)
            end = len(text) if stop < 0 else stop
            if text[at:end] not in words:
                raise UnreadableError(f"no tag: {text[at:end]!r}")
            claims.append(words[text[at:end]])
        if text[at:end] in seen:
            raise UnreadableError(f"a tag twice: {text[at:end]!r}")
        seen.add(text[at:end])
        if end < len(text) and (not text.startswith(comma, end) or end + len(comma) == len(text)):
            raise UnreadableError(f"no {comma!r} after {text[at:end]!r}")
        at = end + len(comma)
    return Sentence(tuple((predicate, (), argument) for predicate, argument in claims))
