"""Every German phrasing is read back to what the same message says in English; wrong endings are not read at all."""

from __future__ import annotations

from dataclasses import replace
from importlib.resources import files

import pytest

from pairforge.captioners.realise import phrasings
from tests.captioners.readings import read
from tests.captioners.test_grammar import SLOTS, _fillings


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
