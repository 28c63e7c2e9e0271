"""Patterns of Spanish sentences, where more agrees than ``patterns`` knows.

``{A está aparcad*|están aparcad*}`` agrees in gender too, ``{hay A}`` is "está" or "están" before what is known,
``{A!}`` has "a" before people, ``{A/sf}`` is one feminine thing, ``{A/a}`` a pronoun of that case, ``{A/z}`` what
there is none of; ``{A at}`` is "hay A" of what is new, "A está" or "A están" of what is known.
"""

from __future__ import annotations

import re

from pairforge.datasets.readers.patterns import Row
from pairforge.datasets.readers.patterns import rows as shared_rows

BENT = (("sm", "o"), ("sf", "a"), ("pm", "os"), ("pf", "as"))
"""Features and ending, where a participle stands apart from its phrase."""


def _token(features: str, known: str = "(?:d|i)") -> str:
    return r"@\d+" + "".join(rf"(?=\w*{f})" for f in (*features, known)) + r"\w+;"


def _forms(words: str, letter: str, number: str, known: str = "(?:d|i)") -> list[str]:
    """The words with their phrase, one regular expression a gender where they show it."""
    forms = []
    for gender in "mf" if "*" in words else ("",):
        said = words.replace("*", ("a" if gender == "f" else "o") + ("s" if number == "p" else ""))
        # A replacement would read the backslashes of the token: split and join.
        forms.append(_token(number + gender, known).join(re.split(rf"\b{letter}\b", said)))
    return forms


def _agreeing(found: re.Match[str]) -> str:
    """What stands between braces as a group over tokens."""
    words = found[1]
    letter = next(x for x in re.findall(r"\b[A-F]\b", words))
    forms = _phrase(words) or _placed(words) or _existing(words, letter) or _in_number(words, letter)
    return f"(?P<{letter}>{'|'.join(forms)})"


def _phrase(words: str) -> list[str]:
    """ "A", "A/sf", "A!", "A/a"."""
    plain = re.fullmatch(r"[A-F](?:/(\w+))?(!)?", words)
    if plain is None:
        return []
    features = plain[1] or ""
    if plain[2]:
        return [f"a {_token(features + 'h')}", _token(features + "t")]
    return [_token(features) if set(features) <= set("spmf") else _token("", features)]


def _placed(words: str) -> list[str]:
    """ "A at"."""
    if not re.fullmatch(r"[A-F] at", words):
        return []
    return [f"hay {_token('', 'i')}", f"{_token('s', 'd')} está", f"{_token('p', 'd')} están"]


def _existing(words: str, letter: str) -> list[str]:
    """ "hay A", "hay A aparcad*", "hay A/sf"."""
    if not words.startswith("hay "):
        return []
    if told := re.fullmatch(r"hay [A-F]/(\w+)", words):
        be = "están" if "p" in told[1] else "está"
        return [f"hay {_token(told[1], 'i')}", f"{be} {_token(told[1], 'd')}"]
    rest = words.removeprefix("hay ")
    forms = [f"hay {x}" for number in "sp" for x in _forms(rest, letter, number, "i")]
    known = (("s", "está"), ("p", "están"))
    return forms + [f"{be} {x}" for number, be in known for x in _forms(rest, letter, number, "d")]


def _in_number(words: str, letter: str) -> list[str]:
    """ "A está|están", "se ve A|se ven A": the phrase may stand on one side of the bar alone."""
    one, _, many = words.partition("|")
    many = many or one
    if not re.search(rf"\b{letter}\b", many):
        many = f"{letter} {many}"
    return [*_forms(one, letter, "s"), *_forms(many, letter, "p")]


def rows(claims: tuple[str, ...], *patterns: str) -> tuple[Row, ...]:
    return shared_rows(claims, *(re.sub(r"\{([^{}]+)\}", _agreeing, pattern) for pattern in patterns))
