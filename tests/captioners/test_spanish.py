"""Spanish says what English says and is read back; genders, articles, contractions and "hay" agree; scenes are
proved; lies are caught; the vocabulary covers all that library worlds can name."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from importlib.resources import files

import pytest
from jinja2 import Template

from pairforge.captioners.caption import write
from pairforge.captioners.facts import measure
from pairforge.captioners.languages import spanish_words
from pairforge.captioners.languages.spanish import Spanish
from pairforge.captioners.languages.spanish_flaws import feature
from pairforge.captioners.languages.spanish_forms import gender_of, noun, plural_of
from pairforge.captioners.meanings import Flaw, Mention, Mentions, Slot
from pairforge.captioners.nouns import CLASS_WORD, PLAIN_SOLIDS, STANDING, TILTABLE, VESSELS
from pairforge.captioners.realise import caption_of, has_words, phrasings, realise
from pairforge.datasets.claims import prove
from pairforge.datasets.claims_scene import Proof
from pairforge.datasets.claims_text import caption_findings
from pairforge.datasets.readers import spanish_words as read_words
from pairforge.datasets.readers.protocol import Noun, UnreadableError, reader
from pairforge.datasets.readers.spanish import SpanishReader, read_phrase
from pairforge.datasets.readers.spanish_flaws import read_flaw
from pairforge.sample import Caption, Keyframe, SceneRecord
from pairforge.scenes.colours import PALETTE
from pairforge.scenes.families import FAMILIES, family
from pairforge.seeding import Stream
from tests.captioners.hand_made import make
from tests.captioners.mutate import edited
from tests.captioners.random_scenes import scene_named
from tests.captioners.test_grammar import SLOTS, STREETS, _fillings

KNOWN = frozenset(read_words.NOUNS)
NOUNS = frozenset({"mug", "table", "ball", "cone", "cube", "pedestrian", "cyclist", "car", "van", "object"})
Claims = frozenset[tuple[str, tuple[tuple[int, ...], ...], str]]


def read(template: Template, filled: dict[str, Slot], code: str) -> tuple[str, Claims]:
    """The sentence, and its claims with instances in place of letters."""
    caption = caption_of("dense", "front", [(realise(template, filled, code), ())], "", code)
    spans = [(p.start, p.end) for p in caption.phrases]
    _, sentence = reader(code).read(caption.text, spans, NOUNS)

    def ids(letter: str) -> tuple[int, ...]:
        return tuple(i for k in sentence.slots.get(letter, ()) for i in caption.phrases[k].instance_ids)

    made = {(p, tuple(ids(x) for x in letters), argument) for p, letters, argument in sentence.claims}
    return caption.text, frozenset(made)


def thinned(fillings: Sequence[dict[str, Slot]]) -> Sequence[dict[str, Slot]]:
    """Every one while few, else a steady sample."""
    return fillings[:: max(1, len(fillings) // 60)]


@pytest.mark.parametrize("name", SLOTS)
def test_every_phrasing_says_just_what_the_english_one_says(name: str) -> None:
    assert has_words(name, "es"), f"no {name}.j2"
    assert len(phrasings(name, "es")) >= 3
    fillings = [*thinned(_fillings(name))]
    if name.startswith("clip_") and "other" in fillings[0] and (None in SLOTS[name]["who"]):
        # What was done to us.
        fillings += [{**f, "other": None} for f in fillings if f["who"] and name != "clip_ran_red"]
    for filled in fillings:
        english = {read(t, filled, "en")[1] for t in phrasings(name)}
        for template in phrasings(name, "es"):
            text, claims = read(template, filled, "es")
            assert claims in english, text


def test_no_template_lacks_a_twin() -> None:
    folders = [files("pairforge.captioners") / "templates" / code for code in ("en", "es")]
    assert {f.name for f in folders[0].iterdir()} == {f.name for f in folders[1].iterdir()}


def test_tags_are_read_one_by_one() -> None:
    tags = Mentions((Mention((1, 2), form="tag", word="van"), Mention((3,), form="tag", word="table")))
    for street in (None, *STREETS[::4]):
        for template in phrasings("tags", "es"):
            text, claims = read(template, {"things": tags, "street": street}, "es")
            assert claims == read(phrasings("tags")[0], {"things": tags, "street": street}, "en")[1], text
    with pytest.raises(UnreadableError):
        SpanishReader().read("furgoneta, azul", [(0, 9)], NOUNS)


# ---------------------------------------------------------------- words


def test_every_thing_of_the_library_has_a_word() -> None:
    nouns = {family(n).noun for n in FAMILIES.names() if not family(n).stuff}
    nouns |= {"vehicle", *CLASS_WORD.values(), *PLAIN_SOLIDS, *STANDING, *TILTABLE, *VESSELS}
    assert [n for n in sorted(nouns) if not Spanish().knows(n)] == []
    assert set(PALETTE) == set(spanish_words.COLOURS) == set(read_words.COLOURS)


def test_the_reader_knows_the_same_nouns_each_by_one_word() -> None:
    known = {*spanish_words.MASCULINE, *spanish_words.FEMININE}
    assert {n: (gender_of(n), noun(n), plural_of(noun(n))) for n in known} == read_words.NOUNS
    forms = [form for _, *both in read_words.NOUNS.values() for form in set(both)]
    assert len(set(forms)) == len(forms)


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    ["machined_plate", "sheet_bracket", "spur_gear", "cast_housing", "bottle_closure", "circuit_board"],
)
def test_every_face_and_place_of_inspected_parts_is_said_and_read(name: str) -> None:
    part, faces, places = family(name), set[str](), set[str]()
    for seed in range(1 if name == "circuit_board" else 2):
        notes = part.build(part.draw(Stream(seed, name)), None).notes
        faces |= set(notes["faces"])
        places |= set(notes["features"])
    assert faces <= set(spanish_words.FACES)
    corners = ("upper left", "lower right", "upper middle", "middle left", "front left", "rear right", "left")
    places |= {f"{corner} hole" for corner in corners} | {"2 o'clock hole", "12 o'clock hole", "left slot"}
    assert not [p for p in places if "\N{LEFT-POINTING DOUBLE ANGLE QUOTATION MARK}" in feature(p)]
    flaw = Spanish().filters["flaw"]
    for kind, grade, size in (("burr", "", ""), ("dent", "critical", "2.5"), ("misprint", "major", "8")):
        for face, near in [*((f, "") for f in faces), *(("top face", p) for p in places)]:
            words = flaw(Flaw(kind, face, near, size, grade))
            assert read_flaw("defect", words) == f"{kind}|{face}|{near}", words
            assert read_flaw("defect_size", words) == (f"{kind}|{face}|{near}|{size}" if size else None)


# Written by hand: gender, number, colour's ending, contraction and order, against a native's ear.
@pytest.mark.parametrize(
    ("words", "form", "word", "qualities", "count", "total"),
    [
        ("una furgoneta blanca", "a", "van", ("white",), 1, 0),
        ("un cubo rojo de goma", "a", "cube", ("red", "rubber"), 1, 0),
        ("un peatón vestido de verde", "a", "pedestrian", ("green",), 1, 0),
        ("dos ciclistas vestidos de negro", "count", "cyclist", ("black",), 2, 0),
        ("tres camiones azules", "count", "truck", ("blue",), 3, 0),
        ("cuatro autobuses grises", "count", "bus", ("grey",), 4, 0),
        ("dos monovolúmenes rosa", "count", "minivan", ("pink",), 2, 0),
        ("dos berlinas azul marino", "count", "sedan", ("navy",), 2, 0),
        ("dos cajas de cereales naranja", "count", "cereal box", ("orange",), 2, 0),
        ("dos sartenes marrones", "count", "pan", ("brown",), 2, 0),
        ("un coche familiar verde", "a", "estate car", ("green",), 1, 0),
        ("la mesa de madera", "the", "table", ("wooden",), 1, 0),
        ("otra taza morada", "another", "mug", ("purple",), 1, 0),
        ("la más cercana de las dos furgonetas blancas", "nearest", "van", ("white",), 1, 2),
        ("uno de los tres coches", "one_of", "car", (), 1, 3),
        ("una de las tres señales", "one_of", "sign", (), 1, 3),
        ("dos de los cinco peatones", "some_of", "pedestrian", (), 2, 5),
        ("al menos dos vehículos aparcados", "at_least", "vehicle", ("parked",), 2, 0),
        ("otras cuatro señales de tráfico", "others", "traffic sign", (), 4, 0),
        ("furgonetas aparcadas", "row", "van", ("parked",), 3, 0),
        ("ningún coche", "none", "car", (), 1, 0),
        ("ninguna botella de cristal", "none", "bottle", ("glass",), 1, 0),
        ("13 relojes", "count", "clock", (), 13, 0),
    ],
)
def test_phrases_are_as_a_native_would_say_them(
    words: str, form: str, word: str, qualities: tuple[str, ...], count: int, total: int
) -> None:
    mention = Mention(tuple(range(1, count + 1)), (), form, qualities, word, total)
    assert Spanish().phrase(mention, "") == words
    read = read_phrase(words, KNOWN)
    assert (read.start.removesuffix("_of"), read.qualities, read.word) == (
        form.removesuffix("_of"),
        qualities,
        word,
    )
    assert read.count == (count if form != "row" else 1)


def test_prepositions_melt_into_el_alone() -> None:
    def told(form: str, word: str, who: str = "the") -> str:
        slots: dict[str, Slot] = {
            "who": Mention((1,), form=who, word="ball"),
            "other": Mention((2,), form=form, word=word),
        }
        caption = caption_of("dense", "front", [(realise(phrasings("behind", "es")[0], slots, "es"), ())], "")
        assert caption.text[caption.phrases[1].start : caption.phrases[1].end] in caption.text
        return caption.text

    assert told("the", "cube") == "La bola está detrás del cubo."
    assert told("the", "box") == "La bola está detrás de la caja."
    assert told("a", "cube") == "La bola está detrás de un cubo."
    assert told("the", "cube", "a") == "Hay una bola detrás del cubo.", (
        "there is what is new, what is known is there"
    )
    wrong = (("La bola está detrás de el cubo.", 23), ("La bola está detrás del caja.", 20))
    for text, start in (*wrong, ("Una bola está detrás del cubo.", 21)):
        with pytest.raises(UnreadableError):
            SpanishReader().read(
                text, [(0, text.index(" está")), (start, len(text) - 1)], frozenset({"ball", "cube", "box"})
            )


def test_and_is_e_before_the_sound_of_i() -> None:
    assert Spanish().listed(["un coche", "una imagen", "imanes"]) == "un coche, una imagen e imanes"
    assert Spanish().listed(["agua", "hielo"]) == "agua y hielo"


@pytest.mark.parametrize(
    "words",
    [
        *("un furgoneta blanca", "una furgoneta blanco", "una blanca furgoneta", "una furgonetas blancas"),
        *(
            "dos furgoneta blanca",
            "dos furgonetas blanca",
            "unas furgonetas",
            "un peatón verde",
            "un peatóns",
        ),
        *("un peatón vestida de verde", "un peatón vestido de verdes", "dos peatones vestido de verde"),
        *("la más cercano de las dos mesas", "el más cercano de los dos mesas", "uno de las dos mesas"),
        *(
            "una de las una mesas",
            "dos de las dos mesas",
            "ninguno coche",
            "un cubo de goma rojo",
            "tres mesa",
        ),
        *("dos berlinas azules marinos", "dos berlinas rosas", "al menos una mesa", "13 mesa", "uno mesa"),
        *(
            "un mesa",
            "el mesa",
            "otro mesa",
            "otras mesas",
            "una mesa de maderas",
            "doce mesas rojos",
            "2 mesas",
        ),
    ],
)
def test_a_phrase_that_does_not_agree_is_not_read(words: str) -> None:
    with pytest.raises(UnreadableError):
        read_phrase(words, KNOWN)


def test_a_pronoun_has_the_gender_of_its_noun() -> None:
    fits = SpanishReader().pronoun_fits
    van, truck = (read_phrase(words, KNOWN) for words in ("una furgoneta", "un camión"))
    pronouns = {
        words: read_phrase(words, KNOWN) for words in ("lo", "la", "él", "ella", "este", "esta", "le")
    }
    assert [w for w, p in pronouns.items() if fits(p, van)] == ["la", "ella", "esta", "le"]
    assert [w for w, p in pronouns.items() if fits(p, truck)] == ["lo", "él", "este", "le"]
    assert not fits(pronouns["la"], Noun("count", (), "van", 2))


@pytest.mark.parametrize(
    "text",
    [
        "[Una mesa] está aparcado a la izquierda.",
        "[Dos mesas] está aparcadas a la izquierda.",
        "A la izquierda hay [la mesa] aparcada.",
        "A la izquierda está [una mesa] aparcada.",
        "A la izquierda vemos [un peatón] caminar por la acera.",
        "A la izquierda vemos a [una mesa] caminar por la acera.",
        "[Lo] se aleja de nosotros.",
        "Nos estamos acercando a [lo].",
        "[una mesa] está cayendo.",
        "a la izquierda hay [una mesa] aparcada.",
        "[Una mesa] está cayendo",
        "[Una mesa]  está cayendo.",
        "Sobre [la mesa] reposa [una taza] y [una lata].",
        "Dos defectos de [la mesa] queda fuera de la vista.",
        "Un defectos de [la mesa] quedan fuera de la vista.",
    ],
)
def test_a_sentence_that_does_not_agree_is_not_read(text: str) -> None:
    spans = []
    while found := re.search(r"\[(.+?)\]", text):
        spans.append((found.start(), found.end() - 2))
        text = text[: found.start()] + found[1] + text[found.end() :]
    with pytest.raises(UnreadableError):
        SpanishReader().read(text, spans, KNOWN)


# ---------------------------------------------------------------- scenes


KINDS = ("short", "dense", "driving", "tags", "region", "narration")
SCENES = (*(f"street {seed}" for seed in range(8)), *(f"table {seed}" for seed in range(6)))
SCENES += ("busy street", "busy table", "busy yard")


@cache
def told(name: str) -> tuple[Keyframe, SceneRecord]:
    frame, record = make(scene_named(name))
    frame = replace(frame, facts=measure(frame, record))
    captions = write(frame, record, KINDS, Stream(2, "test"), ("en", "es"))
    return replace(frame, captions=captions), record


@pytest.mark.parametrize("name", SCENES)
def test_scenes_are_told_and_proved(name: str) -> None:
    frame, record = told(name)
    spoken = Counter(c.language for c in frame.captions)
    assert spoken["es"] == spoken["en"] > 0
    assert [str(f) for f in prove(frame, record)] == []


_FEMININE = "|".join(form for gender, *both in read_words.NOUNS.values() for form in both if gender == "f")
_MASCULINE = "|".join(form for gender, *both in read_words.NOUNS.values() for form in both if gender == "m")
_BAD = (
    (r"  |\s[,.;:]|,(?! |5)|[.,]{2}|\( |^\s", "spaces or commas"),
    (r"\b(?:de|a) el\b", "a contraction that was not made"),
    (rf"\b(?:un|el|los|unos|otro|otros|al|del) (?:{_FEMININE})\b", "an article of the wrong gender"),
    (rf"\b(?:una|la|las|otra|otras) (?:{_MASCULINE})\b", "an article of the wrong gender"),
    (r"\b(?:hay|Hay) (?:el|la|los|las)\b", "hay before what is known"),
    (r"\by (?:i|hi(?!e))", "y before the sound of i"),
    (r"\b1 (?:metros|segundos|centímetros)|[0-9]\.[0-9]", "a number and its unit"),
    (r"\b(?:vemos|seguimos) (?:un|una|dos) (?:peat|ciclist)", "people without a"),
    (r"\b(\w+) \1\b", "a word twice"),
    (r"\b(?:the|and|with|left|right|None|street|mug|van)\b", "a foreign word"),
)


@pytest.mark.parametrize("name", SCENES)
def test_text_is_fluent(name: str) -> None:
    for caption in (c for c in told(name)[0].captions if c.language == "es"):
        for pattern, fault in _BAD:
            assert not re.search(pattern, caption.text, re.IGNORECASE), f"{fault}: {caption.text}"
        if caption.kind != "tags":
            assert caption.text[0].isupper()
            assert len(set(re.findall(r"[^.]+\.", caption.text))) == len(caption.statements) <= 7


# ---------------------------------------------------------------- lies


_SWAPS = (
    ("another side", ("izquierda", "derecha")),
    ("another side", ("izquierdo", "derecho")),
    ("another colour", ("rojo", "negro", "blanco", "verde", "plateado", "gris", "amarillo", "azul")),
    ("another colour", ("roja", "negra", "blanca", "verde", "plateada", "gris", "amarilla", "azul")),
    ("another noun", ("furgoneta", "berlina", "camioneta", "caja", "taza", "bola")),
    (
        "another noun",
        ("coche", "camión", "autobús", "todoterreno", "utilitario", "cubo", "cilindro", "cuenco"),
    ),
    ("another noun", ("peatón", "ciclista")),
    ("another count", ("dos", "tres", "cuatro", "cinco")),
    ("another article", ("un", "una")),
    ("another article", ("el", "la", "un", "una", "los", "las")),
    ("another ending", ("aparcado", "aparcada", "aparcados", "aparcadas")),
    ("another ending", ("está", "están", "hay")),
    ("another pronoun", ("lo", "la", "él", "ella", "le", "este", "esta")),
    ("another weather", ("en un día soleado", "bajo la niebla", "bajo la lluvia", "bajo un cielo nublado")),
    ("another surface", ("mojada", "cubierta de nieve")),
    ("another place", ("calle", "autopista", "carretera")),
    ("another ground", ("acera", "calzada")),
    ("another material", ("madera", "goma", "metal")),
    ("another motion", ("caminando", "circulando", "esperando")),
    ("a preposition", ("por", "en", "a", "de", "con")),
)


def lies(caption: Caption) -> Iterator[tuple[str, Caption]]:
    """(kind, wrong caption)."""
    text = caption.text
    for kind, words in _SWAPS:
        for word in words:
            for found in re.finditer(rf"\b{word}\b", text, re.IGNORECASE):
                for other in words:
                    if other != word:
                        said = other.capitalize() if found[0][0].isupper() else other
                        yield kind, edited(caption, *found.span(), said)
    for found in re.finditer(r"[0-9]+", text):
        yield "another number", edited(caption, *found.span(), str(int(found.group()) + 1))
    for found in re.finditer(r"\w+", text):
        start, end = found.span()
        yield "a word less", edited(caption, start, end + 1, "")
        yield "a word twice", edited(caption, start, end, f"{found[0]} {found[0]}")
        yield "another case", edited(caption, start, end, found[0].swapcase())
        yield "an ending more", edited(caption, start, end, found[0] + ("a" if found[0][-1] == "o" else "s"))


@pytest.mark.slow
def test_every_lie_is_caught() -> None:
    tried, missed = Counter[str](), []
    for name in ("busy street", "busy table", "busy yard", "street 1", "street 4", "table 2"):
        frame, record = told(name)
        proof = Proof(frame, record)
        for caption in (c for c in frame.captions if c.language == "es"):
            for kind, wrong in lies(caption):
                if wrong.text == caption.text:
                    continue
                tried[kind] += 1
                if not any(caption_findings(proof, wrong)):
                    missed.append(f"{kind}: {caption.text} -> {wrong.text}")
    assert missed == []
    assert len(tried) >= 15, tried
    assert sum(tried.values()) > 2000


def test_sentences_of_an_author_agree_too() -> None:
    made = reader("es", (("mira {A!}, que {hay B} al lado.", ("visible A",)),))
    text = "Mira a un peatón, que está la mesa al lado."
    spans = [(7, 16), (text.index("la mesa"), text.index(" al lado"))]
    assert made.read(text, spans, KNOWN)[1].claims == (("visible", ("A",), ""),)
    with pytest.raises(UnreadableError):
        made.read(text.replace("a un", "un"), [(5, 14), (spans[1][0] - 2, spans[1][1] - 2)], KNOWN)


def _reading(text: str, spans: Sequence[tuple[int, int]]) -> object:
    """What a sentence says, None when it cannot be read."""
    try:
        nouns, sentence = reader("es").read(text, spans, KNOWN)
    except UnreadableError:
        return None
    return nouns, frozenset(sentence.claims), dict(sentence.slots)


def test_walkers_walk_and_riders_ride() -> None:
    for who, does, other in (("Un peatón", "camina", "circula"), ("Un ciclista", "circula", "camina")):
        span = (0, len(who))
        assert _reading(f"{who} {does} por la acera.", [span]) is not None
        assert _reading(f"{who} {other} por la acera.", [span]) is None


@pytest.mark.parametrize("name", SLOTS)
def test_no_word_of_a_sentence_can_change_and_say_the_same(name: str) -> None:
    fillings = _fillings(name)
    for filled in fillings[:: max(1, len(fillings) // 3)]:
        for template in phrasings(name, "es"):
            caption = caption_of("dense", "front", [(realise(template, filled, "es"), ())], "", "es")
            true = _reading(caption.text, [(p.start, p.end) for p in caption.phrases])
            assert true is not None
            # Without its verb a list is a caption too, and a mug neither walks nor rides.
            same = {re.sub(r"\b(?:está|están) ", "", caption.text)}
            for kind, wrong in lies(caption):
                if wrong.text not in {caption.text, *same} and kind != "another motion":
                    read_as = _reading(wrong.text, [(p.start, p.end) for p in wrong.phrases])
                    assert read_as != true, f"{kind}: {caption.text} -> {wrong.text}"
