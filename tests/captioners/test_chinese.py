"""Chinese: every phrasing says what the English one says and is read back; measure words, 两 and 的 agree; scenes are
proved; lies are caught; the vocabulary covers all that library worlds can name."""

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
from pairforge.captioners.languages.chinese import Chinese
from pairforge.captioners.languages.chinese_parts import _FACES, feature
from pairforge.captioners.languages.chinese_words import NOUNS, described, number
from pairforge.captioners.meanings import Mention, Mentions, Slot
from pairforge.captioners.nouns import CLASS_WORD, PLAIN_SOLIDS, STANDING, TILTABLE, VESSELS
from pairforge.captioners.realise import caption_of, phrasings, realise
from pairforge.datasets.claims import prove
from pairforge.datasets.claims_scene import Proof
from pairforge.datasets.claims_text import caption_findings
from pairforge.datasets.readers.chinese import ChineseReader, read_phrase
from pairforge.datasets.readers.chinese_words import MEASURES, NOUN_KEYS, read_flaw
from pairforge.datasets.readers.protocol import Noun, UnreadableError, reader
from pairforge.sample import Caption, Keyframe, Phrase, SceneRecord
from pairforge.scenes.colours import PALETTE
from pairforge.scenes.families import FAMILIES, family
from pairforge.seeding import Stream
from tests.captioners.hand_made import make
from tests.captioners.mutate import edited
from tests.captioners.random_scenes import scene_named
from tests.captioners.test_grammar import SLOTS, STREETS, _fillings

EVERYDAY = frozenset({*NOUNS})
KNOWN = {
    "the": Mention((1,), form="the", word="mug"),
    "nearest": Mention((1,), form="nearest", word="mug", qualities=("red",), total=2),
    "one_of": Mention((1,), form="one_of", word="mug", total=3),
}
Claim = tuple[str, tuple[object, ...], str]


def said(name: str, code: str, k: int, slots: dict[str, Slot]) -> Caption:
    return caption_of("dense", "front", [(realise(phrasings(name, code)[k], slots, code), ())], name, code)


def claimed(caption: Caption) -> tuple[set[Claim], set[tuple[tuple[int, ...], Noun]]]:
    """What a sentence claims of instances, and how it names them; by the reader of its language."""
    spans = [(p.start, p.end) for p in caption.phrases]
    nouns, sentence = reader(caption.language).read(caption.text, spans, EVERYDAY)
    claims: set[Claim] = set()
    for predicate, letters, argument in sentence.claims:
        subjects: list[tuple[int, ...]] = [
            (0,)
            if letter == "ego"
            else tuple(i for k in sentence.slots[letter] for i in caption.phrases[k].instance_ids)
            for letter in letters
        ]
        for one in subjects[0] if subjects else (None,):
            claims.add((predicate, (one, *map(frozenset, subjects[1:])), argument))
    # Spoken of as "it", a noun is not there to be read.
    named = {(p.instance_ids, replace(n, grammar="")) for p, n in zip(caption.phrases, nouns, strict=True)}
    return claims, named


def spoken_of(slots: dict[str, Slot]) -> Iterator[dict[str, Slot]]:
    """The slots as they are, and with one thing that is no longer new, or one of several."""
    yield slots
    for key, slot in slots.items():
        if isinstance(slot, Mention) and slot.form == "a":
            for known in KNOWN.values():
                yield {**slots, key: replace(known, instance_ids=slot.instance_ids, word=slot.word)}
        if isinstance(slot, Mentions):
            yield {**slots, key: Mentions((KNOWN["the"], *slot.members[1:]))}


def test_no_template_lacks_a_twin() -> None:
    here, english = (
        {f.name for f in (files("pairforge.captioners") / "templates" / code).iterdir()}
        for code in ("zh", "en")
    )
    assert here == english


@pytest.mark.parametrize("name", SLOTS)
def test_every_phrasing_claims_what_the_english_claims(name: str) -> None:
    assert len(phrasings(name, "zh")) >= 3
    filled = _fillings(name)
    for slots in filled[:: max(1, len(filled) // 60)]:
        for now in spoken_of(slots):
            due = claimed(said(name, "en", 0, now))
            for k in range(len(phrasings(name, "zh"))):
                caption = said(name, "zh", k, now)
                assert claimed(caption) == due, caption.text


def test_tags_are_read_one_by_one() -> None:
    things = Mentions((Mention((1, 2), form="tag", word="van"), Mention((3,), form="tag", word="SUV")))
    for street in (None, *STREETS):
        for k in range(len(phrasings("tags", "zh"))):
            caption = said("tags", "zh", k, {"things": things, "street": street})
            assert caption.text.count("、") == caption.text.count("、", 1) > 0
            assert claimed(caption) == claimed(said("tags", "en", k, {"things": things, "street": street}))


@pytest.mark.parametrize("text", ["卡车、卡车", "卡车,轿车", "卡车、", "飞碟", "卡车。", "卡车、蓝色", "晴"])
def test_what_is_no_row_of_tags_is_refused(text: str) -> None:
    with pytest.raises(UnreadableError):
        ChineseReader().read(text, [(0, 2)] if text.startswith("卡车") else [], EVERYDAY)


# ---------------------------------------------------------------- words and their agreement


def test_every_thing_of_the_library_has_a_word() -> None:
    nouns = {family(n).noun for n in FAMILIES.names() if not family(n).stuff}
    nouns |= {"vehicle", *CLASS_WORD.values(), *PLAIN_SOLIDS, *STANDING, *TILTABLE, *VESSELS}
    assert [n for n in sorted(nouns) if not Chinese().knows(n)] == []
    assert all(described((colour,), "mug") != described((), "mug") for colour in PALETTE)


def test_the_reader_knows_the_same_nouns_each_by_one_word() -> None:
    assert {key: (word, MEASURES[key]) for word, key in NOUN_KEYS.items()} == NOUNS
    assert len(NOUN_KEYS) == len(NOUNS)


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    ["machined_plate", "sheet_bracket", "spur_gear", "cast_housing", "bottle_closure", "circuit_board"],
)
def test_every_face_and_place_of_inspected_parts_is_said_and_read(name: str) -> None:
    part, faces, places = family(name), set[str](), set[str]()
    for seed in range(1 if name == "circuit_board" else 3):
        notes = part.build(part.draw(Stream(seed, name)), None).notes
        faces |= set(notes["faces"])
        places |= set(notes["features"])
    assert faces <= _FACES.keys()
    corners = ("upper left", "lower right", "upper middle", "middle left", "front left", "rear right", "left")
    places |= {f"{corner} hole" for corner in corners} | {"2 o'clock hole", "12 o'clock hole", "left slot"}
    for place in places:
        assert not re.search(r"[a-z]", feature(place)), place
        words = f"一处毛刺，位于顶面的{feature(place)}附近"
        assert read_flaw("defect", words) == f"burr|top face|{place}"


def phrase(form: str, word: str, *qualities: str, count: int = 1, total: int = 0) -> str:
    mention = Mention(tuple(range(1, count + 1)), (), form, qualities, word, total)
    return Chinese().phrase(mention, "")


def test_phrases_are_as_a_native_would_say_them() -> None:
    assert phrase("a", "van", "white") == "一辆白色面包车"
    assert phrase("count", "pedestrian", count=2) == "两名行人"
    assert phrase("count", "pedestrian", "yellow", count=2) == "两名穿黄色衣服的行人"
    assert phrase("a", "bowl", "red") == "一个红色的碗"
    assert phrase("a", "ball", "yellow", "wooden") == "一个黄色木球"
    assert phrase("a", "cone", "purple", "wooden") == "一个紫色木制圆锥体"
    assert phrase("a", "box", "purple", "wooden") == "一个紫色木盒"
    assert phrase("a", "bottle", "blue", "glass") == "一个蓝色玻璃瓶"
    assert phrase("a", "cup", "glass") == "一个玻璃杯子", "a 玻璃杯 is a glass"
    assert phrase("the", "book") == "书", "what is known needs no 这"
    assert phrase("the", "bowl", "red") == "红色的碗"
    assert phrase("another", "loaf") == "另一条面包"
    assert phrase("nearest", "van", "white", total=2) == "两辆白色面包车中较近的一辆"
    assert phrase("nearest", "van", total=3) == "三辆面包车中最近的一辆"
    assert phrase("one_of", "mug", total=12) == "十二个马克杯中的一个"
    assert phrase("some_of", "tree", count=2, total=5) == "五棵树中的两棵"
    assert phrase("at_least", "pedestrian", count=14) == "至少14名行人"
    assert phrase("others", "object", count=4) == "另外四个物体"
    assert phrase("row", "vehicle", "parked", count=3) == "多辆停放的车"
    assert phrase("it", "cyclist") == "对方"
    assert phrase("it", "van") == "它"


@pytest.mark.parametrize(
    "form", ["a", "another", "the", "nearest", "one_of", "count", "at_least", "some_of", "others"]
)
@pytest.mark.parametrize("qualities", [(), ("red",), ("red", "wooden"), ("glass",)])
def test_every_noun_is_read_back_in_every_form(form: str, qualities: tuple[str, ...]) -> None:
    for word in NOUNS:
        if word in ("pedestrian", "cyclist") and set(qualities) - {"red"}:
            continue
        count, total = (2 if form in ("count", "at_least", "some_of", "others") else 1), 3
        total = total if form in ("nearest", "one_of", "some_of") else 0
        noun = read_phrase(phrase(form, word, *qualities, count=count, total=total), EVERYDAY)
        start = {"nearest": "nearest_of"}.get(form, form)
        assert (noun.start, noun.qualities, noun.word) == (start, qualities, word)
        assert (noun.count, noun.total) == (count, total or 1)


@pytest.mark.parametrize(
    "words",
    [
        "二辆面包车",
        "2辆面包车",
        "一个面包车",
        "一辆书",
        "两面包车",
        "一红色的碗",
        "一个红色碗",
        "一辆白色的面包车",
        "一个木盒子",
        "一个木制盒子",
        "一个塑料盒子",
        "一个玻璃瓶子",
        "这辆面包车",
        "一个木制球",
        "一名红色行人",
        "一辆穿红色衣服的面包车",
        "两辆面包车中最近的一辆",
        "三辆面包车中较近的一辆",
        "三辆面包车中的一个",
        "一辆面包车中的一辆",
        "一辆 面包车",
        "飞碟",
        "一辆飞碟",
    ],
)
def test_a_phrase_that_does_not_agree_is_not_read(words: str) -> None:
    with pytest.raises(UnreadableError):
        read_phrase(words, EVERYDAY)


def test_numbers_stand_before_measure_words() -> None:
    assert [number(n) for n in (1, 2, 10, 11, 12, 13)] == ["一", "两", "十", "十一", "十二", "13"]


def test_pronouns_tell_people_from_things() -> None:
    fits = ChineseReader().pronoun_fits
    it, them = read_phrase("它", EVERYDAY), read_phrase("对方", EVERYDAY)
    assert fits(it, Noun("a", (), "van"))
    assert fits(them, Noun("a", (), "cyclist"))
    assert not fits(it, Noun("a", (), "cyclist"))
    assert not fits(them, Noun("a", (), "van"))


def test_sentences_of_an_author_are_read_beside_its_own() -> None:
    tongue = ChineseReader((("请看{A}。", ("visible A",)),))
    nouns, sentence = tongue.read("请看一本书。", [(2, 5)], EVERYDAY)
    assert nouns[0].word == "book"
    assert sentence.claims == (("visible", ("A",), ""),)
    with pytest.raises(UnreadableError):
        tongue.read("请看任何书。", [(2, 5)], EVERYDAY)
    with pytest.raises(UnreadableError):
        ChineseReader().read("请看一本书。", [(2, 5)], EVERYDAY)


# ---------------------------------------------------------------- scenes


KINDS = ("short", "dense", "driving", "tags", "region", "narration", "clip")
SCENES = (*(f"street {seed}" for seed in range(8)), *(f"table {seed}" for seed in range(6)))
SCENES += ("busy street", "busy table", "busy yard")


@cache
def told(name: str) -> tuple[Keyframe, SceneRecord]:
    frame, record = make(scene_named(name))
    frame = replace(frame, facts=measure(frame, record))
    captions = write(frame, record, KINDS, Stream(1, "test"), ("en", "zh"))
    return replace(frame, captions=captions), record


@pytest.mark.parametrize("name", SCENES)
def test_scenes_are_told_and_proved(name: str) -> None:
    frame, record = told(name)
    spoken = Counter(c.language for c in frame.captions)
    assert spoken["zh"] == spoken["en"] > 0
    assert [str(f) for f in prove(frame, record)] == []


_BAD = (
    (r"\s", "a space"),
    (r"[,.;:!?](?!5)", "punctuation of another script"),
    (r"[，。、：；]{2}", "doubled punctuation"),
    (r"二[^层]", "二 before a measure word"),
    (r"[一两三四五六七八九十]个(?:行人|骑车人|\w*车|书|桌子|树)", "个 where another measure word is due"),
    (r"有[^。，]{0,4}它", "有 before what is known"),
    (r"(?:画面中|[左右]侧|上面|前方|路边)有(?![一两三四五六七八九十0-9另至多])", "有 before what is known"),
    (r"的的|了了|在在|正正|上上|有有", "a particle twice"),
    (r"[A-Za-z]{4,}", "a foreign word"),
)


@pytest.mark.parametrize("name", SCENES)
def test_text_is_fluent(name: str) -> None:
    for caption in (c for c in told(name)[0].captions if c.language == "zh"):
        for pattern, fault in _BAD:
            assert not re.search(pattern, caption.text), f"{fault}: {caption.text}"
        if caption.kind == "tags":
            continue
        sentences = re.findall("[^。]+。", caption.text)
        assert "".join(sentences) == caption.text
        assert len(sentences) == len(caption.statements) <= 7
        assert len(set(sentences)) == len(sentences)


# ---------------------------------------------------------------- lies


_SWAPS = (
    ("another side", ("左", "右")),
    ("another colour", ("红色", "蓝色", "白色", "黑色", "绿色", "银色", "灰色", "黄色")),
    ("another noun", ("面包车", "卡车", "公交车", "轿车", "两厢车", "SUV")),
    ("another noun", ("马克杯", "立方体", "圆柱体")),
    ("another noun", ("碗", "球")),
    ("another person", ("行人", "骑车人")),
    ("another count", ("两", "三", "四", "五")),
    ("another measure word", ("辆", "名", "个", "张", "本", "条")),
    ("another reference", ("一辆", "另一辆", "两辆面包车中的一辆")),
    ("another reference", ("一个", "另一个")),
    ("another pronoun", ("它", "对方")),
    ("another weather", ("天气晴朗", "太阳低垂", "天色阴沉", "雾气弥漫", "正下着雨", "正下着雪")),
    ("another weather", ("阳光明媚", "阳光斜照", "多云天空下", "沙尘弥漫")),
    ("another time", ("夜间", "晨昏时分")),
    ("another surface", ("路面潮湿", "路面积雪")),
    ("another place", ("街道", "高速公路")),
    ("another ground", ("人行道", "马路")),
    ("another material", ("木", "金属", "橡胶")),
    ("another motion", ("行驶", "骑行", "行走", "减速")),
)


def lies(caption: Caption) -> Iterator[tuple[str, Caption]]:
    """(kind, wrong caption)."""
    text = caption.text
    for kind, words in _SWAPS:
        for word in words:
            for found in re.finditer(re.escape(word), text):
                for other in words:
                    if other != word and not text.startswith(other, found.start()):
                        yield kind, edited(caption, *found.span(), other)
    for found in re.finditer(r"一[辆名个本]", text):
        yield "nothing new", edited(caption, *found.span(), "")
    for found in re.finditer(r"[0-9]+", text):
        yield "another number", edited(caption, *found.span(), str(int(found.group()) + 1))
    for k in range(len(text)):
        yield "a character less", edited(caption, k, k + 1, "")
        yield "a character twice", edited(caption, k, k + 1, text[k] * 2)
        if k and text[k] != text[k - 1]:
            yield "two characters swapped", edited(caption, k - 1, k + 1, text[k] + text[k - 1])


def _sentences(caption: Caption) -> Iterator[Caption]:
    """Each of its statements by itself."""
    for one in caption.statements:
        phrases = tuple(
            Phrase(p.start - one.start, p.end - one.start, p.instance_ids)
            for p in caption.phrases
            if one.start <= p.start < one.end
        )
        yield replace(caption, text=caption.text[one.start : one.end], phrases=phrases)


def _another_phrasing(right: Caption, wrong: Caption) -> bool:
    """Whether each sentence claims the same of the same things."""
    pairs = zip(_sentences(right), _sentences(wrong), strict=True)
    return all(claimed(a) == claimed(b) for a, b in pairs)


@pytest.mark.slow
def test_every_lie_is_caught() -> None:
    tried, missed, true = Counter[str](), [], 0
    for name in ("busy street", "busy table", "busy yard", "street 1", "street 4", "table 2"):
        frame, record = told(name)
        proof = Proof(frame, record)
        for caption in (c for c in frame.captions if c.language == "zh"):
            for n, (kind, wrong) in enumerate(lies(caption)):
                if n % 3 and kind.startswith(("a char", "two char")):
                    continue
                tried[kind] += 1
                if any(caption_findings(proof, wrong)):
                    continue
                # 叠放在 without 叠 is another true phrasing; words of meaning have none.
                if kind.startswith(("a char", "two char")) and _another_phrasing(caption, wrong):
                    true += 1
                    continue
                missed.append(f"{kind}: {caption.text} -> {wrong.text}")
    assert missed == []
    assert len(tried) >= 14, tried
    assert true < 0.005 * tried.total()
