"""A scene's author writes captions of their own in one file; they are proved like all others, without that file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pairforge.captioners.author import load
from pairforge.captioners.caption import tell
from pairforge.captioners.protocol import captioner, check_captioner
from pairforge.datasets.claims import prove
from pairforge.datasets.readers.authored import faults
from pairforge.errors import SpecError
from pairforge.pipeline import Stage, keyframes, prepare
from pairforge.renderers.raycast import RaycastRenderer
from pairforge.sample import Caption, Keyframe
from pairforge.scenes.concrete import ConcreteScene
from pairforge.scenes.load import load_scene

FILE = Path(__file__).parent / "tour.py"


@pytest.fixture(scope="module")
def toured() -> tuple[Stage, Keyframe]:
    ready = prepare(load_scene(f"{FILE}:TABLE").scene, 1, 0)
    renderer = RaycastRenderer()
    return ready, next(iter(keyframes(ready, renderer, "draft")))


def _tour(frame: Keyframe) -> Caption:
    return next(c for c in frame.captions if c.kind == "tour")


def test_an_authors_captions_are_written_and_proved(toured: tuple[Stage, Keyframe]) -> None:
    ready, frame = toured
    assert "a red mug" in _tour(frame).text.lower()
    assert [str(f) for f in prove(frame, ready.record)] == []
    check_captioner(captioner(f"{FILE}:Tour"), tell(frame, ready.record, frame.facts))


def test_a_false_one_is_caught(toured: tuple[Stage, Keyframe]) -> None:
    ready, frame = toured
    true = _tour(frame)
    false = replace(true, text=true.text.replace("red", "tan").replace("tan", "raw"))
    forged = replace(frame, captions=(replace(false, text=true.text.replace("red mug", "red cup")),))
    assert prove(forged, ready.record)
    assert prove(replace(frame, captions=(false,)), ready.record)


def test_the_sentences_travel_with_the_scene(toured: tuple[Stage, Keyframe]) -> None:
    ready, frame = toured
    stored = ConcreteScene.from_json(ready.concrete.to_json())
    assert stored.sentences["en"][0] == ["look at {A}.", ["visible A"]]
    bare = dict(ready.record.concrete) | {"sentences": {}}
    findings = prove(frame, replace(ready.record, concrete=bare))
    assert findings
    assert all("cannot be read back" in str(f) for f in findings)


@pytest.mark.parametrize(
    "row",
    [
        ("(a+)+b.", ("visible A",)),
        ("(?:a*)*.", ("visible A",)),
        ("a{A}.", ()),
        ("a{A}.", ("visibel A",)),
        ("a" * 500, ("visible A",)),
        ("(?=x).", ("visible A",)),
        ("\\w.", ("visible A",)),
        # Claims that are never made, words that may be anything, words that no claim says: a lie could hide there.
        ("look at {A}.", ("visible B",)),
        ("{A} is (?P<colour>red|blue).", ("visible A",)),
        ("{A} is <distance> away.", ("visible A",)),
        ("{A} is near.", ("distance A ego $distance",)),
        ("{A} is red.", ("visible A",)),
        ("{A} is left of {B}.", ("visible A", "visible B")),
        ("{A} is not here.", ("visible A",)),
        "no pair",
        (3, ("visible A",)),
    ],
)
def test_a_sentence_that_could_hang_or_claims_nothing_is_refused(
    row: object, toured: tuple[Stage, Keyframe]
) -> None:
    assert list(faults(row))
    ready, frame = toured
    bad = dict(ready.record.concrete) | {"sentences": {"en": [row]}}
    findings = [str(f) for f in prove(frame, replace(ready.record, concrete=bad))]
    assert any("author's sentences" in f for f in findings)


@pytest.mark.parametrize(
    "row",
    [
        ("{A} {A is|are} on the (?P<side>left|right).", ("side A $side",)),
        ("left of {B} {is|are A}.", ("left_of A B",)),
        ("{A} is <distance> away.", ("distance A ego $distance",)),
        ("{A}[, the red one].", ("colour A =red",)),
        ("(?P<most>most) of all {A}.", ("visible A ?most",)),
    ],
)
def test_a_sentence_whose_every_word_is_claimed_is_sound(row: object) -> None:
    assert list(faults(row)) == []


def _written(folder: Path, **changed: Any) -> str:
    body = "\n".join(f"    {k} = {v!r}" for k, v in changed.items())
    (folder / "mine.py").write_text(f"class Mine:\n{body}\n    def messages(self, told): return []\n")
    return f"{folder / 'mine.py'}:Mine"


GOOD: dict[str, Any] = {
    "kind": "mine",
    "every_camera": False,
    "templates": {"en": {"a": ("{{ who }}.",)}},
    "sentences": {"en": (("{A}.", ("visible A",)),)},
}


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"kind": "short"}, "choose another"),
        ({"kind": None}, "must be a str"),
        ({"templates": {"en": {"a": ("{% for a in b %}x{% endfor %}",)}}}, "may only choose"),
        ({"templates": {"xx": {}}, "sentences": {"xx": ()}}, 'unknown language "xx"'),
        ({"sentences": {"en": (("x{A}.", ("visibel A",)),)}}, 'Did you mean "visible"'),
        ({"sentences": {}}, "go together"),
    ],
)
def test_a_captioner_that_breaks_the_rules_says_how(
    tmp_path: Path, changed: dict[str, Any], says: str
) -> None:
    with pytest.raises(SpecError, match=says):
        load(_written(tmp_path, **{**GOOD, **changed}))


def test_a_file_or_class_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="there is no"):
        load(f"{tmp_path}/nowhere.py:Tour")
    with pytest.raises(SpecError, match='Did you mean "Tour"'):
        load(f"{FILE}:Tuor")
