"""What readers share: patterns of sentences, and how a match becomes claims. No word of any language is here.

A pattern is literal text with ``{A}`` for a phrase, ``{A is|are}`` for a phrase with the verb that agrees with it,
``{is|are A}`` for the verb before it, ``{is|are ^A}`` for one that agrees with the next to it ("there is a cup and
two mugs": features "o" and "m", whether the first of a list is one or many), ``<distance>`` and its like for
numbers with their unit, ``[...]`` for what may be left out and ``(?P<name>...)`` as in ``re``. A phrase has features,
one lower-case letter each: "s" or "p" for its number and what else the language's parser finds (the cases that its
ending may be); ``{A/d}`` wants a feature and ``{A/n ist|sind}`` agrees too. A claim is "predicate subject...
[argument]": subjects are letters or ``ego``; ``$name`` takes a group's text (the claim is dropped when it is missing;
``$name+other`` joins two with a plus), ``=word`` is that word, ``?name`` asks that a group be there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import copy
from functools import lru_cache

from pairforge.datasets.readers.protocol import Sentence, UnreadableError

Row = tuple[str, tuple[str, ...]]
_LETTERS = "ABCDEF"
_PHRASE = re.compile(r"@(\d+)([a-z]+);")


def rows(claims: tuple[str, ...], *patterns: str) -> tuple[Row, ...]:
    """Several ways to say the same."""
    return tuple((pattern, claims) for pattern in patterns)


def token(place: int, features: str) -> str:
    """What stands for a phrase in a sentence: "@0s;"."""
    return f"@{place}{features};"


def wanted(features: str = "") -> str:
    """The regular expression of a phrase that has all of these features."""
    return r"@\d+" + "".join(f"(?=[a-z]*{f})" for f in features) + "[a-z]+;"


def compile_sentence(pattern: str, numbers: Mapping[str, str], stop: str = ".") -> re.Pattern[str]:
    """The regular expression over a sentence whose phrases are tokens; ``numbers``: what ``<name>`` stands for."""
    pattern = pattern.removesuffix(stop) + re.escape(stop)
    kept: list[str] = []

    def keep(found: re.Match[str]) -> str:
        kept.append(found.group(0))
        return f"\0{len(kept) - 1}\0"

    # Classes of `re` are set aside while the pattern's own brackets are translated.
    pattern = re.sub(r"\[0-9\]", keep, pattern)
    pattern = re.sub(r"\[([^\[\]]*)\]", r"(?:\1)?", pattern)
    pattern = re.sub(r"\0(\d+)\0", lambda m: kept[int(m.group(1))], pattern)
    pattern = re.sub(
        r"\{([A-F])(?:/(\w+))? ([^|{}]+)\|([^{}]+)\}",
        lambda m: f"(?P<{m[1]}>{wanted((m[2] or '') + 's')} {m[3]}|{wanted((m[2] or '') + 'p')} {m[4]})",
        pattern,
    )
    pattern = re.sub(
        r"\{([^|{}]+)\|([^{}]+) \^([A-F])\}",
        lambda m: f"(?P<{m[3]}>{m[1]} {wanted('o')}|{m[2]} {wanted('m')})",
        pattern,
    )
    pattern = re.sub(
        r"\{([^|{}]+)\|([^{}]+) ([A-F])(?:/(\w+))?\}",
        lambda m: f"(?P<{m[3]}>{m[1]} {wanted((m[4] or '') + 's')}|{m[2]} {wanted((m[4] or '') + 'p')})",
        pattern,
    )
    pattern = re.sub(r"\{([A-F])(?:/(\w+))?\}", lambda m: f"(?P<{m[1]}>{wanted(m[2] or '')})", pattern)
    for name, number in numbers.items():
        pattern = number.join(re.split(f"(?<!P)<{name}>", pattern))
    return re.compile(pattern)


def common(features: Sequence[str]) -> str:
    """Features of a list: those of all its members, and that it is many."""
    return "p" + "".join(f for f in features[0] if f not in "sp" and all(f in other for other in features))


class Grammar:
    """The sentences of a language.

    ``numbers``: regular expressions of ``<name>``. ``comma``, ``last``: regular expressions of what stands between
    members of a list. ``arguments(predicate, words)``: the keys that words of a ``$name`` mean, none when they make
    no such claim. ``joined``: features of a list from those of its members. ``cased``: a sentence begins with a
    capital letter; patterns do not. ``stop``: what ends a sentence.
    """

    def __init__(
        self,
        sentences: Sequence[Row],
        *,
        numbers: Mapping[str, str],
        comma: str,
        last: str,
        arguments: Callable[[str, str], Iterable[str]],
        joined: Callable[[Sequence[str]], str] = common,
        cased: bool = True,
        stop: str = ".",
    ) -> None:
        self._numbers, self._stop = numbers, stop
        self._rows = self._compiled(sentences)
        one = r"@\d+[a-z]+;"
        self._list = re.compile(f"{one}(?:(?:{comma}){one})*(?:{last}){one}")
        self._arguments, self._joined, self._cased = arguments, joined, cased
        # Without its phrases a sentence is one of few: what it says is found out once.
        self._known = lru_cache(maxsize=1 << 15)(self._matched)

    def _compiled(self, sentences: Sequence[Row]) -> list[tuple[re.Pattern[str], tuple[str, ...]]]:
        return [(compile_sentence(p, self._numbers, self._stop), claims) for p, claims in sentences]

    def plus(self, more: Sequence[Row]) -> Grammar:
        """The same with more sentences, tried after its own; ``re.error`` for a pattern that is none."""
        wider = copy(self)
        wider._rows = [*self._rows, *self._compiled(more)]
        wider._known = lru_cache(maxsize=1 << 15)(wider._matched)
        return wider

    def read(self, text: str, spans: Sequence[tuple[int, int]], features: Sequence[str]) -> Sentence:
        """Matches a sentence whose phrases lie at ``spans`` (offsets in it, in order) and have these features;
        raises UnreadableError."""
        skeleton, at = "", 0
        for k, (start, end) in enumerate(spans):
            skeleton += text[at:start] + token(k, features[k])
            at = end
        skeleton += text[at:]
        if self._cased and (not spans or spans[0][0] > 0):
            skeleton = uncapitalised(skeleton)
        sentence = self._known(skeleton)
        if sentence is None:
            raise UnreadableError(f"no sentence I know: {text!r}")
        return sentence

    def _matched(self, skeleton: str) -> Sentence | None:
        skeleton, lists = self._fold_lists(skeleton)
        for pattern, claims in self._rows:
            found = pattern.fullmatch(skeleton)
            if found:
                return self._claims(found, claims, lists)
        return None

    def _fold_lists(self, skeleton: str) -> tuple[str, dict[str, tuple[int, ...]]]:
        """ "@0s;, @1p; and @2s;" -> "@0p;" that stands for all three."""
        lists: dict[str, tuple[int, ...]] = {}

        def fold(found: re.Match[str]) -> str:
            members = _PHRASE.findall(found.group(0))
            places = tuple(int(place) for place, _ in members)
            lists[str(places[0])] = places
            return token(places[0], self._joined([f for _, f in members]))

        return self._list.sub(fold, skeleton), lists

    def _claims(
        self, found: re.Match[str], claims: Sequence[str], lists: Mapping[str, tuple[int, ...]]
    ) -> Sentence:
        groups = found.groupdict()
        slots = {}
        for letter in _LETTERS:
            place = _PHRASE.search(groups.get(letter) or "")
            if place:
                slots[letter] = lists.get(place.group(1), (int(place.group(1)),))
        made = []
        for claim in claims:
            predicate, *said = claim.split(" ")
            condition = next((w[1:] for w in said if w[0] == "?"), None)
            source = next((w for w in said if w[0] in "$="), "")
            subjects = tuple(w for w in said if w[0] not in "?$=")
            words = _words(groups, source[1:]) if source[:1] == "$" else source[1:]
            absent = condition is not None and not groups.get(condition)
            if absent or words is None or any(w in _LETTERS and w not in slots for w in subjects):
                continue
            meant = self._arguments(predicate, words) if source[:1] == "$" else (words,)
            made += [(predicate, subjects, argument) for argument in meant]
        return Sentence(tuple(made), slots)


def _words(groups: Mapping[str, str | None], names: str) -> str | None:
    """The text of a group; of several ("what+act") with a plus between; None when the first is missing."""
    first, *others = names.split("+")
    if groups.get(first) is None:
        return None
    return "+".join([groups[first] or "", *(groups.get(name) or "" for name in others)])


def uncapitalised(text: str) -> str:
    """The beginning of a sentence with its first letter in lower case; UnreadableError when it is so already. A digit
    is neither."""
    if not text or text[0].islower():
        raise UnreadableError(f"no capital letter: {text!r}")
    return text[:1].lower() + text[1:]
