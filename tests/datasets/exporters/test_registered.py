"""No format is registered that is not held to what holds for every exporter."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pairforge.datasets.exporters.protocol import Exporter
from pairforge.registry import EXPORTERS


@pytest.mark.parametrize("name", EXPORTERS.names())
def test_every_format_says_what_it_is_and_has_its_own_test(name: str) -> None:
    kind: type[Exporter] = EXPORTERS.load(name)
    assert kind.name == name
    assert kind.__doc__
    assert kind.summary
    assert all(o.what and (not o.choices or o.default in o.choices) for o in kind.options.values())
    kind({option: o.default for option, o in kind.options.items()})
    tests = [p.read_text() for p in Path(__file__).parent.glob("test_*.py")]
    assert any("check_exporter(" in t and re.search(rf'"{name}"', t) for t in tests)
