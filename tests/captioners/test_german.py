"""Every German phrasing is read back to what the same message says in English; wrong endings are not read at all."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from importlib.resources import files

import pytest

from pairforge.captioners.caption import write
from pairforge.captioners.facts import measure
from pairforge.captioners.languages.german import German, described
from pairforge.captioners.languages.german_words import NOUNS
from pairforge.captioners.meanings import Flaw, Mention, Mentions, Slot
from pairforge.captioners.nouns import CLASS_WORD, PLAIN_SOLIDS, STANDING, TILTABLE, VESSELS
from pairforge.captioners.realise import caption_of, phrasings, realise
from pairforge.datasets.claims import prove
from pairforge.datasets.claims_scene import Proof
from pairforge.datasets.claims_text import caption_findings
from pairforge.datasets.readers import german_words
from pairforge.datasets.readers.german import GermanReader
from pairforge.datasets.readers.german_flaws import read_flaw
from pairforge.datasets.readers.german_phrases import read_phrase
from pairforge.datasets.readers.protocol import Noun, UnreadableError
from pairforge.sample import Caption, Keyframe, SceneRecord
from pairforge.scenes.colours import PALETTE
from pairforge.scenes.families import FAMILIES, ShapeFamily
from pairforge.seeding import Stream
from tests.captioners.hand_made import make
from tests.captioners.mutate import edited
from tests.captioners.random_scenes import scene_named
from tests.captioners.readings import read
from tests.captioners.test_grammar import SLOTS, STREETS, _fillings, _words

EVERYTHING = frozenset(NOUNS)


def test_german_has_every_template() -> None:
    root = files("pairforge.captioners") / "templates"
    names = [{f.name for f in (root / code).iterdir()} for code in ("en", "de")]
    assert names[0] == names[1]


@pytest.mark.parametrize("name", SLOTS)
def test_every_phrasing_says_what_english_says(name: str) -> None:
    english, german = phrasings(name)[0], phrasings(name, "de")
    for filled in _fillings(name):
        nouns, claims = read(english, filled, "en")
        for template in german:
            told, said = read(template, filled, "de")
            assert said == claims
            assert [replace(n, grammar="") for n in told] == list(nouns)


@pytest.mark.parametrize("name", SLOTS)
def test_phrasings_are_many_and_different(name: str) -> None:
    assert 3 <= len(set(phrasings(name, "de"))) <= 5


def test_tags_are_read_one_by_one() -> None:
    tags = Mentions((Mention((1, 2), form="tag", word="van"), Mention((3,), form="tag", word="SUV")))
    told = set()
    for street in (None, *STREETS):
        for template in phrasings("tags", "de"):
            slots = {"things": tags, "street": street}
            caption = caption_of("tags", "front", [(realise(template, slots, "de"), ())], "", "de")
            spans = [(p.start, p.end) for p in caption.phrases]
            nouns, sentence = GermanReader().read(caption.text, spans, frozenset({"van", "SUV"}))
            assert {(n.start, n.word) for n in nouns} == {("tag", "van"), ("tag", "SUV")}
            said = [argument for _, _, argument in sentence.claims]
            assert said == ([] if street is None else [w for w in _words(street) if w])
            told.add(caption.text)
    assert "Lieferwagen, SUV, Straße, tief stehende Sonne" in told


# ---------------------------------------------------------------- words and their agreement


def family(name: str) -> ShapeFamily:
    found: ShapeFamily = FAMILIES.load(name)
    return found


def test_every_thing_of_the_library_has_a_word() -> None:
    nouns = {family(n).noun for n in FAMILIES.names() if not family(n).stuff}
    nouns |= {"vehicle", *CLASS_WORD.values(), *(PLAIN_SOLIDS - {"sphere"}), *STANDING, *TILTABLE, *VESSELS}
    assert [n for n in sorted(nouns) if not German().knows(n)] == []
    assert all(described((c,), "mug", "mixed", "m", "nom") for c in PALETTE)


def test_the_reader_knows_the_same_nouns_each_by_one_word() -> None:
    gender = {"m": "m", "f": "f", "n": "u"}
    assert {key: (gender[g], one, many) for key, (g, one, many) in NOUNS.items()} == german_words.NOUNS
    assert len({one for _, one, _ in NOUNS.values()}) == len(NOUNS)


def test_genders_follow_the_rules_of_thumb() -> None:
    """Nouns in -e and -ung are feminine, but for collectives in Ge-; -chen is neuter; plurals are never their stem
    with an English s but in foreign and short words."""
    for gender, one, many in NOUNS.values():
        if one.endswith(("e", "ung")) and not one.startswith("Ge"):
            assert gender == "f", one
        if one.endswith("chen"):
            assert gender == "n", one
        if gender == "f" and one.endswith("e"):
            assert many == f"{one}n", one
        if many.endswith("s"):
            assert one in ("Auto", "Taxi", "Kombi", "SUV", "Minivan", "Pick-up"), many


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    ["machined_plate", "sheet_bracket", "spur_gear", "cast_housing", "bottle_closure", "circuit_board"],
)
def test_every_face_and_place_of_inspected_parts_is_said_and_read(name: str) -> None:
    part, faces, places = family(name), {"tooth"}, set[str]()
    for seed in range(1 if name == "circuit_board" else 3):
        notes = part.build(part.draw(Stream(seed, name)), None).notes
        faces |= set(notes["faces"])
        places |= set(notes["features"])
    corners = ("upper left", "lower right", "upper middle", "middle left", "front left", "rear right", "left")
    places |= {f"{corner} hole" for corner in corners} | {"2 o'clock hole", "12 o'clock hole", "left slot"}
    for kind, near in (
        ("scratch", ""),
        *((k, p) for p in sorted(places) for k in ("dent", "missing_hole", "misprint")),
    ):
        for face in sorted(faces):
            found = Flaw(
                kind, face, near if face != "tooth" or near.startswith("tooth") else "", "2.5", "major"
            )
            words = German().flaw(found)
            assert read_flaw("defect", words) == f"{kind}|{face}|{found.near}", words
            assert read_flaw("defect_size", words) == f"{kind}|{face}|{found.near}|2.5", words
            assert read_flaw("defect_severity", words) == f"{kind}|{face}|{found.near}|major", words
            said = words.split(" ")
            for k in range(len(said)):  # what a forger leaves out is no reason to break down
                assert (read_flaw("defect", " ".join((*said[:k], *said[k + 1 :]))) or "?").startswith(
                    (kind, "?")
                )


def phrase(form: str, word: str, *qualities: str, case: str = "", count: int = 1, total: int = 0) -> str:
    mention = Mention(tuple(range(1, count + 1)), (), form, qualities, word, total)
    return German().phrase(mention, case)


def test_phrases_are_as_a_native_would_say_them() -> None:
    assert phrase("a", "van", "white") == "ein weißer Lieferwagen"
    assert phrase("a", "van", "white", case="acc") == "einen weißen Lieferwagen"
    assert phrase("a", "car", "grey", case="dat") == "einem grauen Auto"
    assert phrase("a", "bowl", "navy", case="dat") == "einer dunkelblauen Schüssel"
    assert phrase("a", "pedestrian", "green") == "ein Fußgänger in Grün"
    assert phrase("a", "cube", "red", "wooden", case="acc") == "einen roten Holzwürfel"
    assert phrase("a", "worktop", "wooden") == "eine Arbeitsplatte aus Holz"
    assert phrase("the", "book", "orange") == "das orangefarbene Buch"
    assert phrase("the", "table", case="dat in") == "im Tisch"
    assert phrase("the", "bowl", case="dat von") == "der Schüssel"
    assert phrase("another", "van", "white") == "ein weiterer weißer Lieferwagen"
    assert phrase("nearest", "van", "white", total=2) == "der nähere von zwei weißen Lieferwagen"
    assert phrase("nearest", "car", case="dat", total=3) == "dem nächstgelegenen von drei Autos"
    assert phrase("one_of", "mug", case="acc", total=12) == "einen von zwölf Bechern"
    assert phrase("some_of", "tree", count=2, total=5) == "zwei von fünf Bäumen"
    assert phrase("at_least", "pedestrian", case="dat", count=14) == "mindestens 14 Fußgängern"
    assert phrase("count", "pedestrian", "yellow", count=2) == "zwei Fußgänger in Gelb"
    assert phrase("others", "object", count=4) == "vier weitere Gegenstände"
    assert phrase("others", "object", count=1, case="acc") == "einen weiteren Gegenstand"
    assert phrase("row", "vehicle", "parked", case="dat", count=3) == "geparkten Fahrzeugen"
    assert phrase("none", "mug", case="acc") == "keinen Becher"
    assert [phrase("it", w) for w in ("van", "sedan", "car")] == ["er", "sie", "es"]
    assert [phrase("it", w, case="dat") for w in ("van", "sedan", "car")] == ["ihm", "ihr", "ihm"]


@pytest.mark.parametrize(
    "form", ["a", "another", "the", "nearest", "one_of", "count", "at_least", "some_of", "others", "none"]
)
@pytest.mark.parametrize("qualities", [(), ("red",), ("cyan", "wooden"), ("glass",)])
@pytest.mark.parametrize("case", ["", "acc", "dat"])
def test_every_noun_is_read_back_in_every_form_and_case(
    form: str, qualities: tuple[str, ...], case: str
) -> None:
    for word in NOUNS:
        if word in ("pedestrian", "cyclist") and set(qualities) - {"red"}:
            continue
        count, total = (2 if form in ("count", "at_least", "some_of", "others") else 1), 3
        total = total if form in ("nearest", "one_of", "some_of") else 0
        told = read_phrase(phrase(form, word, *qualities, case=case, count=count, total=total), EVERYTHING)
        start = {"nearest": "nearest_of"}.get(form, form)
        assert (told.noun.start, told.noun.qualities, told.noun.word) == (start, qualities, word)
        assert (told.noun.count, told.noun.total) == (count, total or 1)
        assert (case[:1] or "n") in told.features
        assert ("p" if count > 1 else "s") in told.features


@pytest.mark.parametrize(
    "words",
    [
        *("ein Schüssel", "eine Becher", "einen Buch", "der Auto", "das Schüssel", "dem Tasse", "den Buch"),
        *("ein rote Becher", "ein roter Buch", "eine rotes Schüssel", "einem rotem Becher", "der roter Becher"),
        *("das rotes Buch", "die roten Schüssel", "zwei roten Bücher", "zwei rote Büchern", "zwei Buch"),
        *("zwei Bechers", "zwei Tischen Bücher", "ein Bücher", "2 Bücher", "eins Buch", "ein becher", "Becher"),
        *("einer von einem Bechern", "eine von drei Bechern", "einer von drei Becher", "einer von eins Bechern"),
        *("der nähere von drei Bechern", "der nächstgelegene von zwei Bechern", "die nähere von zwei Bechern"),
        *("ein grüner Fußgänger", "ein Becher in Grün", "ein Würfel aus Holz", "ein Holzbuch"),
        *("ein rot Becher", "ein roter blauer Becher", "ein weitere Becher", "der weitere Becher"),
        *("mindestens zwei von drei Bechern", "geparkte Auto", "rote Autos", "ein Ufo", "keine Becher"),
        *("vier von drei Bechern", "ein Holztisch aus Holz"),
    ],
)  # fmt: skip
def test_a_phrase_that_does_not_agree_is_not_read(words: str) -> None:
    with pytest.raises(UnreadableError):
        read_phrase(words, EVERYTHING)


def test_articles_are_fused_with_their_prepositions() -> None:
    def said(text: str, *phrases: str) -> Noun:
        spans = [(text.index(p), text.index(p) + len(p)) for p in phrases]
        return GermanReader().read(text, spans, EVERYTHING)[0][1]

    assert said("Ein Apfel ist vom Tisch gefallen.", "Ein Apfel", "vom Tisch").start == "the"
    assert said("Ein Apfel ist von einem Tisch gefallen.", "Ein Apfel", "einem Tisch").start == "a"
    for text, phrases in (
        ("Ein Apfel ist von dem Tisch gefallen.", ("Ein Apfel", "dem Tisch")),
        ("Ein Apfel ist vom Schüssel gefallen.", ("Ein Apfel", "vom Schüssel")),
        ("Ein Apfel ist zum Tisch gefallen.", ("Ein Apfel", "zum Tisch")),
        ("Ein Apfel ist vom gefallen.", ("Ein Apfel", "vom")),
    ):
        with pytest.raises(UnreadableError):
            said(text, *phrases)


def test_pronouns_have_the_gender_of_their_noun() -> None:
    fits = GermanReader().pronoun_fits
    told = {w: read_phrase(phrase("a", w), EVERYTHING).noun for w in ("van", "sedan", "car")}
    for words, fitting in (("er", ["van"]), ("sie", ["sedan"]), ("es", ["car"]), ("ihm", ["van", "car"])):
        pronoun = read_phrase(words, EVERYTHING).noun
        assert [w for w, noun in told.items() if fits(pronoun, noun)] == fitting


# ---------------------------------------------------------------- scenes


KINDS = ("short", "dense", "driving", "tags", "region", "narration")
SCENES = (*(f"street {seed}" for seed in range(20, 30)), *(f"table {seed}" for seed in range(20, 28)))
SCENES += ("busy street", "busy table", "busy yard")


@cache
def told(name: str) -> tuple[Keyframe, SceneRecord]:
    frame, record = make(scene_named(name))
    frame = replace(frame, facts=measure(frame, record))
    captions = write(frame, record, KINDS, Stream(1, "test"), ("en", "de"))
    return replace(frame, captions=captions), record


def german(name: str) -> list[Caption]:
    return [c for c in told(name)[0].captions if c.language == "de"]


@pytest.mark.parametrize("name", SCENES)
def test_scenes_are_told_and_proved(name: str) -> None:
    frame, record = told(name)
    stated = {
        code: [
            (c.kind, c.sensor, [s.fact_ids for s in c.statements])
            for c in frame.captions
            if c.language == code
        ]
        for code in ("en", "de")
    }
    assert stated["de"] == stated["en"] != []
    assert [str(f) for f in prove(frame, record)] == []


_NEUTER = "Auto|Fahrzeug|Taxi|Buch|Glas|Brett|Tier|Gebäude|Regalbrett|Messer|Brot|Bild"
_FEM = (
    "Limousine|Kugel|Schüssel|Tasse|Flasche|Getränkedose|Straße|Landstraße|Autobahn|Fahrbahn|Spur|Luft|Seite"
)
_MASC = (
    "Lieferwagen|Lastwagen|Bus|SUV|Kombi|Kompaktwagen|Fußgänger|Radfahrer|Tisch|Becher|Würfel|Zylinder|Kasten"
)
_A = r"(?: \w+(?:er|e|es|en),?)*"
_BAD = (
    (r"  | [.,;:]|[.,;:]{2}|,[^ 5]|;[^ ]", "spacing or doubled stops"),
    (rf"\b[Ee]ine{_A} (?:\w*)?(?:{_MASC}|{_NEUTER})\b", "a feminine article before another noun"),
    (rf"\b[Ee]in{_A} (?:{_FEM})\b", "no feminine article"),
    (rf"\b[Dd]as{_A} (?:{_MASC}|{_FEM})\b", "a neuter article before another noun"),
    (r"\b(?:[Zz]wei|[Dd]rei|[Vv]ier|[Ff]ünf) (?:\w+e )?(?:Auto|Fahrzeug|Bus|Tisch|Kugel)\b", "no plural"),
    (r"\b(?:in|an|von|zu) dem [A-Z]", "a preposition apart from its article"),
    (r"\b(\w+) \1\b", "a word twice"),
    (r"\b1 \w+en\b", "one in the plural"),
    (r"[0-9]\.[0-9]", "a decimal point"),
    (r"\b(?:und|sowie)[,.;]|, und (?!wir|auch|wird|fällt|fallen|eine?|der|die|das)", "a comma where none is"),
    (r"\bwährend [^,;.]* (?:[a-zäöü]+(?:t|en)) [A-Z]\w+$", "no verb at the end"),
)  # fmt: skip


@pytest.mark.parametrize("name", SCENES)
def test_text_is_fluent(name: str) -> None:
    for caption in german(name):
        for pattern, fault in _BAD:
            assert not re.search(pattern, caption.text), f"{fault}: {caption.text}"
        if caption.kind == "tags":
            continue
        sentences = re.findall(r"[^.]+\.", caption.text)
        assert "".join(sentences) == caption.text
        assert len(sentences) == len(caption.statements) <= 7
        assert len(set(sentences)) == len(sentences)
        assert all(s.strip()[0].isupper() for s in sentences), caption.text


# ---------------------------------------------------------------- lies


_SWAPS = (
    ("another side", ("links", "rechts")),
    ("another side", ("linken", "rechten")),
    ("another article", ("ein", "eine", "einen", "einem", "einer", "der", "die", "das", "dem", "den")),
    ("another preposition", ("vom", "zum", "im", "am")),
    ("another noun", ("Lieferwagen", "Lastwagen", "Bus", "SUV", "Kompaktwagen", "Becher", "Würfel", "Zylinder")),
    ("another noun", ("Limousine", "Kugel", "Schüssel", "Getränkedose")),
    ("another person", ("Fußgänger", "Radfahrer")),
    ("another count", ("zwei", "drei", "vier", "fünf", "sechs")),
    ("another pronoun", ("ihn", "sie", "es")),
    ("another pronoun", ("er", "sie", "es")),
    ("another pronoun", ("ihm", "ihr", "ihn")),
    ("another weather", ("im Regen", "im Nebel", "im Schneefall", "bei Sonnenschein", "unter bedecktem Himmel")),
    ("another weather", ("die Sonne scheint", "es regnet", "es schneit", "es ist neblig")),
    ("another time", ("bei Nacht", "in der Dämmerung")),
    ("another surface", ("nassen", "verschneiten")),
    ("another place", ("Straße", "Landstraße", "Autobahn")),
    ("another ground", ("dem Gehweg", "der Fahrbahn")),
    ("another number", ("fährt", "fahren")),
    ("another number", ("ist", "sind")),
    ("another verb", ("fährt", "steht", "geht", "wartet", "parkt")),
    ("another order", ("nähere", "nächstgelegene")),
)  # fmt: skip
_COLOURS = ("rot", "blau", "weiß", "schwarz", "grün", "silbern", "grau", "gelb", "violett", "orangefarben")
_WORD = re.compile(r"[\wÄÖÜäöüß/-]+(?:,\d)?")


def lies(caption: Caption) -> Iterator[tuple[str, Caption]]:
    """(kind, wrong caption)."""
    text = caption.text
    for kind, words in _SWAPS:
        for word in words:
            for found in re.finditer(rf"\b{word}\b", text, re.IGNORECASE):
                for other in words:
                    if other != word:
                        like = other[0].upper() + other[1:] if found.group()[0].isupper() else other
                        yield kind, edited(caption, *found.span(), like)
    for colour in _COLOURS:
        for found in re.finditer(rf"\b{colour}(?=e[rsn]?\b)", text):
            for other in _COLOURS[:4]:
                if other != colour:
                    yield "another colour", edited(caption, *found.span(), other)
        for found in re.finditer(rf"\b{colour}(e[rsn]?)\b", text):
            for ending in ("e", "er", "es", "en", "em", ""):
                if ending != found.group(1):
                    yield "another ending", edited(caption, *found.span(1), ending)
    for found in re.finditer(r"[0-9]+", text):
        yield "another figure", edited(caption, *found.span(), str(int(found.group()) + 1))
    for found in _WORD.finditer(text):
        start, end = found.span()
        yield "a word less", edited(caption, start, end + text.startswith(" ", end), "")
        yield "a word twice", edited(caption, start, end, f"{found.group()} {found.group()}")
        if found.group().swapcase() != found.group():
            yield "another case", edited(caption, start, end, found.group().swapcase())
        yield "a letter more", edited(caption, end, end, "n")
    for comma in re.finditer(r"[,;]", text):
        yield "no comma", edited(caption, *comma.span(), "")


@pytest.mark.slow
def test_every_lie_is_caught() -> None:
    tried, missed = Counter[str](), []
    for name in ("busy street", "busy table", "busy yard", "street 1", "street 4", "street 7", "table 2"):
        frame, record = told(name)
        proof = Proof(frame, record)
        for caption in german(name):
            for kind, wrong in lies(caption):
                tried[kind] += 1
                if not any(caption_findings(proof, wrong)):
                    missed.append(f"{kind}: {caption.text} -> {wrong.text}")
    assert missed == [], "\n".join(missed)
    assert len(tried) >= 18, tried


def test_what_made_us_do_it_may_be_over_while_we_are_at_it() -> None:
    slots: dict[str, Slot] = {
        "what": "braking",
        "side": None,
        "ongoing": "yes",
        "now": "yes",
        "who": Mention((1,), form="a", word="van"),
        "act": "braking",
    }
    spoken = [
        caption_of("narration", "front", [(realise(phrasings("why", "de")[0], s, "de"), ())], "", "de").text
        for s in (slots, {**slots, "now": None})
    ]
    assert spoken == [
        "Wir bremsen, weil ein Lieferwagen langsamer wird.",
        "Wir bremsen, weil ein Lieferwagen langsamer wurde.",
    ]
