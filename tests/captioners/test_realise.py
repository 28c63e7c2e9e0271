"""Templates give text with exact spans, reach nothing but their slots, and read like English."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest

from pairforge.captioners.caption import tell
from pairforge.captioners.meanings import Mention, Mentions
from pairforge.captioners.nouns import article, number, plural
from pairforge.captioners.protocol import captioner, check_captioner, names
from pairforge.captioners.realise import (
    caption_of,
    compile_phrasing,
    phrasings,
    realise,
)
from pairforge.captioners.sandbox import CaptionTemplateError
from pairforge.sample import Keyframe, SceneRecord
from tests.captioners.random_scenes import random_street, random_table, told

HOSTILE = [
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ who.__class__.__init__.__globals__ }}",
    "{{ who.word.__class__.__base__ }}",
    "{{ who.tongue.__class__.__init__.__globals__ }}",
    "{{ who.tongue.phrase.__func__.__globals__ }}",
    "{{ (who|attr('__class__')) }}",
    "{% include '/etc/passwd' %}",
    "{% import 'os' as os %}",
    "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
    "{{ self._TemplateReference__context }}",
    "{{ open('/etc/passwd').read() }}",
    "{{ lipsum.__globals__ }}",
    "{{ who.meant.instance_ids.append(1) }}",
    "{{ range(10) }}",
    "{{ nobody }}",
    "{% for x in 'abc' %}{{ x }}{% endfor %}",
    "{% for x in who.word %}{% for y in who.word %}{{ y }}{% endfor %}{% endfor %}",
    "{{ 'a' * 1000000000 }}",
    "{{ 9 ** 9 ** 9 }}",
    "{{ [0] * 10 ** 9 }}",
    "{% set a = who ~ who %}{% set b = a ~ a %}{{ b }}",
    "{% set a = 'x' %}{% set a = a ~ a %}{{ a }}",
    "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    "{% set a %}{{ who }}{% endset %}{{ a }}",
    "{% call(x) who() %}{% endcall %}",
    "{% filter upper %}x{% endfilter %}",
    "{% block b %}{{ self.b() }}{% endblock %}",
    "{{ who.word.upper() }}",
    "{{ 'a'.join(['b', 'c']) }}",
    "{{ '{0.__class__}'.format(who) }}",
    "{{ '%1000000000s' % who }}",
    "{{ who.meant }}",
    "{{ who.tongue }}",
    "{{ who['tongue'] }}",
    "{{ who['__class__'] }}",
    "{{ {}.get.__globals__ }}",
    "{{ {}.__class__ }}",
    "{{ who is callable }}",
    "{{ who|string }}",
    "{{ who|map(attribute='x')|list }}",
    "{{ joiner }}{{ namespace }}{{ dict }}",
    "{{ " + "(" * 900 + "who" + ")" * 900 + " }}",
    "{{ who }}" * 400,
]


@pytest.mark.parametrize("source", HOSTILE)
def test_a_hostile_template_reaches_nothing(source: str) -> None:
    with pytest.raises(CaptionTemplateError):
        realise(compile_phrasing(source), {"who": Mention((1,), form="a", word="mug")})


def test_spans_are_those_of_the_words() -> None:
    two = Mentions((Mention((2,), (7,), "a", (), "mug"), Mention((3, 4, 5), (8,), "count", ("red",), "cube")))
    line = "{{ who|does('rests', 'rest') }} on {{ table }}."
    marked = realise(compile_phrasing(line), {"who": two, "table": Mention((1,), form="the", word="table")})
    caption = caption_of("dense", "front", [(marked, (7, 8)), (marked, (7,))], "rest.0")
    assert caption.text == "A mug and three red cubes rest on the table. " * 1 + caption.text[:44]
    assert [caption.text[p.start : p.end] for p in caption.phrases[:3]] == [
        "A mug",
        "three red cubes",
        "the table",
    ]
    assert caption.phrases[1].instance_ids == (3, 4, 5)
    assert [caption.text[s.start : s.end] for s in caption.statements] == [caption.text[:44]] * 2


def test_every_template_file_parses_and_offers_a_phrasing() -> None:
    found = [
        f.name
        for f in (files("pairforge.captioners") / "templates" / "en").iterdir()
        if f.name.endswith(".j2")
    ]
    assert len(found) > 25
    assert all(phrasings(name.removesuffix(".j2")) for name in found)


@pytest.mark.parametrize("name", names())
@pytest.mark.parametrize("seed", range(4))
def test_every_captioner_keeps_the_protocol(name: str, seed: int) -> None:
    for scene in (random_street(seed, 160), random_table(seed, 160)):
        frame, record = told(scene, seed)
        check_captioner(captioner(name), tell(frame, record, frame.facts))


def test_words_agree() -> None:
    assert [article(w) for w in ("umbrella", "SUV", "hatchback", "orange cube")] == ["an", "an", "a", "an"]
    assert [plural(w) for w in ("bus", "SUV", "lamp post", "mug")] == ["buses", "SUVs", "lamp posts", "mugs"]
    assert [number(n) for n in (2, 12, 13)] == ["two", "twelve", "13"]


_BAD = (
    (r"\b[Aa] [aeio]", "a before a vowel"),
    (r"\b[Aa]n [^aeioSuh]", "an before a consonant"),
    (r"  | [.,:]|\.\.|,,", "spacing or doubled stops"),
    (
        r"\b(two|three|four|five|six|seven|eight) (?:other |parked |\w+ )?\w*[^s ] (?:are|is|rest|on)\b",
        "no plural",
    ),
    (r"\b(\w+) \1\b", "a word twice"),
    (r"\b1 (metres|seconds|centimetres)|\b1 \w+s\b", "one in the plural"),
)


@pytest.mark.parametrize("seed", range(12))
def test_text_is_fluent(seed: int) -> None:
    for scene in (random_street(seed, 240), random_table(seed, 240)):
        frame, _ = told(scene, seed)
        for caption in frame.captions:
            for pattern, fault in _BAD:
                assert not re.search(pattern, caption.text), f"{fault}: {caption.text}"
            sentences = re.findall(r"[^.]+(?:\.\d[^.]*)*\.", caption.text)
            assert len(sentences) == len(caption.statements) <= 7
            assert all(s.strip()[0].isupper() for s in sentences), caption.text
            assert len(set(sentences)) == len(sentences), caption.text


def test_nothing_invisible_is_named(street: tuple[Keyframe, SceneRecord]) -> None:
    frame, _ = street
    seen = {f.subjects[0] for f in frame.facts if f.predicate in ("visible", "unseen")}
    assert {i for c in frame.captions for p in c.phrases for i in p.instance_ids} <= seen
