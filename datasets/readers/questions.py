"""Reads a question twice, by its words and by its program, and compares what each of them asks.

Two files are the grammar. ``question_programs.txt`` has the SQL of everything that can be asked,
``question_english.txt`` the sentences that ask it; both name the same slots. A question is right when its program is
one of the forms, one of that form's sentences reads its text, and every slot holds the same in both: the red mug is
``noun = 'mug' AND colour = 'red'``, "to the left" is ``left_of``, "brake" is ``braking``. Nothing here is shared with
the families and templates that questions are made by.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files

from pairforge.datasets.claims_words import WEARERS
from pairforge.datasets.readers.question_programs import Form, Place, Slot, forms, sections, stripped
from pairforge.datasets.readers.question_words import WORDS, Kind, kinds_of, kinds_of_many, rightly_articled
from pairforge.sample import Phrase

LANGUAGES = {"en": "question_english.txt"}
"""Languages whose questions have a grammar."""
_UNITS = {
    "m": ("metre", "metres"),
    "cm": ("centimetre", "centimetres"),
    "mm": ("millimetre", "millimetres"),
    "s": ("second", "seconds"),
}
_CLOSE = 1e-6
_SLOT = re.compile(r"\{(?:(a) )?([A-Z])([+-]?)\}|<(a )?([a-z]+)>")
_PHRASE = re.compile(r"‹(\d+)›")
_MANY = "KL"
"""Letters of kinds in the plural; N is one of the kind K."""


def question_problems(
    text: str, phrases: Sequence[Phrase], sql: str, unit: str, place: Place, language: str
) -> Iterator[str]:
    """Why the program is not what the text asks, or its number not in that unit; nothing when all is well."""
    bare = stripped(sql, place)
    if bare is None:
        yield "its program looks elsewhere than at its keyframe, clip and camera"
        return
    found = [(f, slots) for f in forms() if (slots := f.read(bare)) is not None and f.clip == (not place.key)]
    if not found:
        yield "its program is none that the verifier knows a question for"
        return
    tokens, said = _with_tokens(text, phrases)
    reasons = []
    for form, slots in found:
        for sentence in _sentences(language).get(form.name, ()):
            if read := sentence.fullmatch(tokens):
                wrong = _difference(form, read.groupdict(), slots, said, unit)
                if wrong is None:
                    return
                reasons.append(wrong)
    names = " or ".join(dict.fromkeys(f'"{form.name}"' for form, _ in found))
    yield reasons[0] if reasons else f"its text does not ask what its program answers: {names}"


def answer_means(answer: str, value: object, unit: str) -> bool:
    """Whether an answer's words say what a program gave.

    >>> answer_means("2.5 seconds", 2.5, "s"), answer_means("1 metres", 1.0, "m"), answer_means("no", True, "")
    (True, False, False)
    """
    if isinstance(value, bool):
        return answer == ("yes" if value else "no")
    if not isinstance(value, int | float):
        return answer == value
    number, _, measure = answer.partition(" ")
    one, several = _UNITS.get(unit, (unit, unit))
    if not re.fullmatch(r"[0-9]+(?:\.[0-9])?", number) or abs(float(number) - value) > _CLOSE:
        return False
    return measure == (one if number == "1" else several)


@cache
def _sentences(language: str) -> Mapping[str, tuple[re.Pattern[str], ...]]:
    text = files("pairforge.datasets.readers").joinpath(LANGUAGES[language]).read_text("utf-8")
    return {
        name: tuple(re.compile(_expression(line)) for line in body.splitlines())
        for name, _, body in sections(text)
    }


def _expression(sentence: str) -> str:
    """The regular expression of a sentence. A group's name is the slot's, then what is asked of its words."""
    parts, at = [], 0
    for slot in _SLOT.finditer(sentence):
        article, letter, who, indefinite, word = slot.groups()
        parts.append(re.escape(sentence[at : slot.start()]))
        if letter and letter not in f"{_MANY}N":
            parts.append(f"(?P<{letter}__{_ASKS[who]}>‹[0-9]+›)")
        elif letter:
            asks = "many" if letter in _MANY else ("an" if article else "one") + _ASKS[who]
            parts.append(f"(?P<{'K' if letter == 'N' else letter}__{asks}>[A-Za-z' -]+?)")
        else:
            parts.append(f"(?P<{word}__{'an' if indefinite else ''}>{_words_of(word, bool(indefinite))})")
        at = slot.end()
    return "".join((*parts, re.escape(sentence[at:])))


def _words_of(slot: str, indefinite: bool) -> str:
    """The expression of what may stand in a slot: its own words where they are known, so that it takes none of its
    neighbour's ("any traffic light right of" is not a traffic to the light right)."""
    if slot not in WORDS:
        return "[A-Za-z0-9_' -]+?"
    said = "|".join(map(re.escape, sorted(WORDS[slot], key=lambda w: (-len(w), w))))
    return f"{'an? ' if indefinite else ''}(?:{said})"


_ASKS = {"": "", "+": "person", "-": "nobody"}


def _with_tokens(text: str, phrases: Sequence[Phrase]) -> tuple[str, list[str]]:
    """The text with "‹0›", "‹1›" … for its phrases, and the words of each."""
    said: list[str] = []
    parts: list[str] = []
    at = 0
    for k, phrase in enumerate(sorted(phrases, key=lambda p: p.start)):
        parts += [text[at : phrase.start], f"‹{k}›"]
        said.append(text[phrase.start : phrase.end])
        at = phrase.end
    return "".join((*parts, text[at:])), said


def _difference(
    form: Form, read: Mapping[str, str], slots: Mapping[str, Slot], said: Sequence[str], unit: str
) -> str | None:
    """What text and program do not agree in; None when they do."""
    left = dict(slots)
    for group, words in read.items():
        name, _, asks = group.partition("__")
        place = _PHRASE.fullmatch(words)
        spoken = said[int(place[1])] if place else words
        meant = left.pop(name, None)
        fits = _thing_fits(spoken, asks, meant) if len(name) == 1 else _word_fits(name, spoken, asks, meant)
        if not fits:
            return f'its text says "{spoken}", its program "{meant}"'
        answer = left.pop(f"{name}_said", spoken)
        if answer != spoken:
            return f'its text says "{spoken}", its program answers with "{answer}"'
    if left:
        return f"its text does not say what its program asks for: {', '.join(map(str, left.values()))}"
    if form.unit != unit:
        return f'its program gives "{form.unit}", it is said to be in "{unit}"'
    return None


def _thing_fits(spoken: str, asks: str, meant: Slot | None) -> bool:
    """Whether words name the kind that the program means: with its article, as one or many, of a person or not."""
    if not isinstance(meant, Kind):
        return False
    if asks.endswith(("person", "nobody")) and (meant.word in WEARERS) != asks.endswith("person"):
        return False
    if asks == "many":
        return meant in kinds_of_many(spoken)
    if asks.startswith("an"):
        return rightly_articled(spoken) and meant in kinds_of(spoken.partition(" ")[2])
    return meant in kinds_of(spoken if asks.startswith("one") else spoken.removeprefix("the "))


def _word_fits(name: str, spoken: str, asks: str, meant: Slot | None) -> bool:
    if asks == "an" and not rightly_articled(spoken):
        return False
    said = spoken.partition(" ")[2] if asks == "an" else spoken
    return WORDS[name].get(said) == meant if name in WORDS else said == meant
