"""Wrong captions and wrong facts made on purpose, each with the name of what was done to it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from pairforge.sample import Caption, Fact, Phrase, Statement
from pairforge.scenes.colours import PALETTE

NUMBERS = ("two", "three", "four", "five", "six", "seven")
NOUNS = (
    "hatchback",
    "sedan",
    "SUV",
    "van",
    "truck",
    "bus",
    "pedestrian",
    "mug",
    "cube",
    "ball",
    "bowl",
    "table",
)
WEATHER = frozenset({"sunny", "overcast", "cloudy", "foggy", "wet", "sunshine", "fog"}) | frozenset(
    {"rainy", "rain", "snowy", "dusty", "snow-covered", "night", "twilight"}
)
_WORD = re.compile(r"[\u3400-\u9fff]|[^\W\u3400-\u9fff](?:[^\W\u3400-\u9fff]|['/])*(?:[.,]\d)?")
"""A word of a script with letters, or a Chinese character."""
SWAPS: dict[str, dict[str, tuple[tuple[str, ...], ...]]] = {
    "de": {
        "left for right": (("links", "rechts"), ("linken", "rechten"), ("linke", "rechte")),
        "another article": (
            ("ein", "eine", "einen", "einem", "einer"),
            ("der", "die", "das", "den", "dem"),
        ),
        "another weather": (
            ("sonnigen", "nebligen", "regnerischen", "verschneiten"),
            ("Nebel", "Regen", "Sonnenschein", "Schneefall"),
        ),
        "another colour": (
            ("rote", "blaue", "grüne", "weiße", "schwarze", "gelbe"),
            ("roter", "blauer", "grüner", "weißer", "schwarzer", "gelber"),
            ("rotes", "blaues", "grünes", "weißes", "schwarzes", "gelbes"),
            ("roten", "blauen", "grünen", "weißen", "schwarzen", "gelben"),
        ),
        "another count": (("zwei", "drei", "vier", "fünf", "sechs"),),
    },
    "es": {
        "left for right": (("izquierda", "derecha"), ("izquierdo", "derecho")),
        "another article": (("un", "una", "el", "la"), ("los", "las")),
        "another weather": (("niebla", "lluvia", "nieve"), ("soleada", "nublada", "lluviosa")),
        "another colour": (
            ("rojo", "azul", "verde", "blanco", "negro", "amarillo"),
            ("roja", "azul", "verde", "blanca", "negra", "amarilla"),
            ("rojos", "azules", "verdes", "blancos", "negros", "amarillos"),
        ),
        "another count": (("dos", "tres", "cuatro", "cinco", "seis"),),
    },
    "zh": {
        "left for right": (("左", "右"),),
        "another weather": (("雨", "雪", "雾", "晴"),),
        "another colour": (("红", "蓝", "绿", "白", "黑", "黄"),),
        "another count": (("两", "三", "四", "五", "六"),),
    },
}
"""Words of other languages that may stand for each other, by what is done to the text."""
MORE = {"de": "rot", "es": "rojo", "zh": "红"}


def edited(caption: Caption, start: int, end: int, words: str) -> Caption:
    """Replaces [start, end) and carries every span along, as a careful forger would."""
    shift = len(words) - (end - start)

    def move(at: int) -> int:
        return at if at <= start else (at + shift if at >= end else start + len(words))

    return replace(
        caption,
        text=caption.text[:start] + words + caption.text[end:],
        phrases=tuple(Phrase(move(p.start), move(p.end), p.instance_ids) for p in caption.phrases),
        statements=tuple(Statement(move(s.start), move(s.end), s.fact_ids) for s in caption.statements),
    )


def _cased(word: str, like: str) -> str:
    return word.capitalize() if like[:1].isupper() else word


def _swapped(caption: Caption, a: re.Match[str], b: re.Match[str]) -> Caption:
    return edited(edited(caption, b.start(), b.end(), a.group()), a.start(), a.end(), b.group())


def caption_mutations(caption: Caption) -> Iterator[tuple[str, Caption]]:
    """(kind, wrong caption); texts equal to the original are left out."""
    words = list(_WORD.finditer(caption.text))
    for made in (*_word_mutations(caption, words), *_foreign(caption, words), *_span_mutations(caption)):
        if made[1] != caption:
            yield made


def _foreign(caption: Caption, words: list[re.Match[str]]) -> Iterator[tuple[str, Caption]]:
    """What ``_word_mutations`` does by English words, by those of the caption's language."""
    for kind, groups in SWAPS.get(caption.language, {}).items():
        for group in groups:
            by_lower = {w.lower(): w for w in group}
            for word in words:
                if word.group().lower() in by_lower:
                    for other in group:
                        if other.lower() != word.group().lower():
                            said = _cased(other, word.group())
                            yield kind, edited(caption, word.start(), word.end(), said)


def _word_mutations(caption: Caption, words: list[re.Match[str]]) -> Iterator[tuple[str, Caption]]:
    for k, word in enumerate(words):
        said, a, b = word.group(), word.start(), word.end()
        for other in (*words[k + 1 : k + 3], *words[k + 7 : k + 8]):
            same = {other.group().lower(), said.lower()}
            if len(same) == 2 and same != {"hit", "struck"}:
                yield "swap two words", _swapped(caption, word, other)
        gap = 1 if caption.text[b : b + 1] == " " else 0
        apart = "" if caption.language == "zh" else " "
        yield "drop a word", edited(caption, a, b + gap, "")
        yield "say a word twice", edited(caption, a, b, f"{said}{apart}{said}")
        yield "add a word", edited(caption, a, b, f"{said}{apart}{MORE.get(caption.language, 'red')}")
        low = said.lower()
        if low in ("left", "right"):
            yield "left for right", edited(caption, a, b, {"left": "right", "right": "left"}[low])
        if caption.language == "en" and low in ("a", "an", "the", "another"):
            for other_article in {"a", "an", "the", "another"} - {low}:
                yield "another article", edited(caption, a, b, _cased(other_article, said))
        if low in WEATHER:
            for sky in sorted(WEATHER - {low})[:2]:
                yield "another weather", edited(caption, a, b, _cased(sky, said))
        if low in PALETTE:
            for colour in list(PALETTE)[:6]:
                if colour != low:
                    yield "another colour", edited(caption, a, b, colour)
        if low in NUMBERS:
            other_number = NUMBERS[(NUMBERS.index(low) + 1) % len(NUMBERS)]
            yield (
                "another count",
                edited(caption, a, b, other_number.title() if said[0].isupper() else other_number),
            )
        if said[0].isdigit():
            more = str(float(said.replace(",", ".")) + 1).removesuffix(".0")
            yield "another number", edited(caption, a, b, more.replace(".", "," if "," in said else "."))
        if said in NOUNS:
            for noun in NOUNS[:7]:
                if noun != said:
                    yield "another noun", edited(caption, a, b, noun)
        yield "another case", edited(caption, a, b, said.swapcase())
    end = len(caption.text)
    yield "no full stop", edited(caption, end - 1, end, "")
    later = words[min(1, len(words) - 1)].start()
    yield "two spaces", edited(caption, later, later, " ")
    yield (
        "an object nobody sees",
        replace(
            caption,
            text=f"{caption.text} A red bus is parked on the left.",
            phrases=(*caption.phrases, Phrase(end + 1, end + 10, (1,))),
            statements=(*caption.statements, Statement(end + 1, end + 35, caption.statements[0].fact_ids)),
        ),
    )


def _span_mutations(caption: Caption) -> Iterator[tuple[str, Caption]]:
    for k, phrase in enumerate(caption.phrases):

        def with_phrase(*new: Phrase, k: int = k) -> Caption:
            return replace(caption, phrases=(*caption.phrases[:k], *new, *caption.phrases[k + 1 :]))

        yield "a phrase without a link", with_phrase()
        yield "a phrase that starts late", with_phrase(replace(phrase, start=phrase.start + 1))
        yield "a phrase that ends early", with_phrase(replace(phrase, end=phrase.end - 2))
        yield "a phrase that ends late", with_phrase(replace(phrase, end=phrase.end + 3))
        moved = tuple(i + 1 for i in phrase.instance_ids)
        yield "a phrase of another instance", with_phrase(replace(phrase, instance_ids=moved))
        yield "a phrase of one more", with_phrase(replace(phrase, instance_ids=(*phrase.instance_ids, 99)))
        yield "a phrase of nothing", with_phrase(replace(phrase, instance_ids=()))
        other = caption.phrases[k - 1]
        words = caption.text[other.start : other.end]
        if words.lower() != caption.text[phrase.start : phrase.end].lower():
            yield "the words of another phrase", edited(caption, phrase.start, phrase.end, words)
    for k, statement in enumerate(caption.statements):

        def with_statement(*new: Statement, k: int = k) -> Caption:
            return replace(caption, statements=(*caption.statements[:k], *new, *caption.statements[k + 1 :]))

        yield "a statement without a span", with_statement()
        yield "a statement that ends early", with_statement(replace(statement, end=statement.end - 1))
        for n, fact_id in enumerate(statement.fact_ids):
            rest = statement.fact_ids[:n] + statement.fact_ids[n + 1 :]
            yield "a statement with a fact less", with_statement(replace(statement, fact_ids=rest))
            other = tuple(sorted({*rest, fact_id + 1}))
            if other != statement.fact_ids:
                yield "a statement of another fact", with_statement(replace(statement, fact_ids=other))


def fact_mutations(fact: Fact, ids: tuple[int, ...]) -> Iterator[tuple[str, Fact]]:
    """(kind, wrong fact)."""
    if fact.value is not None:
        yield "another value", replace(fact, value=fact.value * 1.02 + 0.01)
    if fact.threshold is not None:
        yield "another threshold", replace(fact, threshold=fact.threshold * 0.9 - 0.01)
    if fact.margin is not None:
        yield "another margin", replace(fact, margin=fact.margin + 0.01)
    for k, subject in enumerate(fact.subjects):
        other = ids[(ids.index(subject) + 1) % len(ids)]
        if other != subject:
            subjects = (*fact.subjects[:k], other, *fact.subjects[k + 1 :])
            yield "another subject", replace(fact, subjects=subjects)
    yield "one subject more", replace(fact, subjects=(*fact.subjects, 999))
    if fact.argument:
        yield (
            "another argument",
            replace(fact, argument={"left": "right", "right": "left"}.get(fact.argument, "pink")),
        )
    yield (
        "another predicate",
        replace(fact, predicate="behind" if fact.predicate != "behind" else "in_front_of"),
    )
    yield "another unit", replace(fact, unit=f"k{fact.unit}")
    yield "another frame", replace(fact, frame="moon")
    yield "another sensor", replace(fact, sensor="rear" if fact.sensor != "rear" else "front")
    yield "evidence that is not stored", replace(fact, evidence=(*fact.evidence, "front.pictures.png"))
    yield "evidence of another sensor", replace(fact, evidence=("rear.instance.png",))
    yield "no evidence", replace(fact, evidence=())
    yield "another time", replace(fact, t1_ns=fact.t1_ns + 1)
    yield "another number of its own", replace(fact, fact_id=fact.fact_id + 1)
