"""The one table of all benchmarks: cells are read as numbers, and every source is one that is there."""

from __future__ import annotations

import json
from importlib import import_module

import pytest

from benchmarks.__main__ import as_markdown, cells, gathered, shown
from benchmarks.figures import ALL, QUICK, Figure, as_json, number


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2,506,000", 2_506_000.0),
        ("24x", 24.0),
        ("46 %", 46.0),
        ("1.07 (0.98)", 1.07),
        ("-3.5", -3.5),
        ("1e-05", 1e-5),
    ],
)
def test_cells_are_read_as_their_numbers(text: str, value: float):
    assert number(text) == value


def test_a_cell_without_a_number_says_so():
    with pytest.raises(ValueError, match="holds no number"):
        number("none")


def test_a_row_shows_value_unit_and_ratio():
    assert cells(Figure("rays", 2_506_000.4, "rays/CPU s", 24.0, "PyBullet")) == (
        "rays",
        "2,506,000",
        "rays/CPU s",
        "24.00x",
        "PyBullet",
    )
    assert cells(Figure("labels", 0.1304, "CPU s"))[1:4] == ("0.13", "CPU s", "")
    assert shown(34.0) == "34"


def test_every_figure_is_a_json_line_and_a_row():
    figures = (Figure("a", 1.0, "s"), Figure("b", 2.0, "s", 2.0, "a"))
    assert [json.loads(line)["name"] for line in as_json(figures).splitlines()] == ["a", "b"]
    page = as_markdown([("some", figures, 3.0)])
    assert page.count("\n") == 5
    assert "| b | 2 | s | 2.00x | a |" in page


def test_a_source_that_fails_is_named_and_the_others_go_on(monkeypatch, capsys):
    def broken():
        yield Figure("first", 1.0, "s")
        raise RuntimeError("no Blender here")

    monkeypatch.setitem(ALL, "broken", broken)
    monkeypatch.setitem(ALL, "fine", lambda: [Figure("x", 1.0, "s")])
    groups = gathered(["broken", "fine"])
    assert [[f.name for f in figures] for _, figures, _ in groups] == [["first"], ["x"]]
    assert "broken failed: no Blender here" in capsys.readouterr().err


def test_the_quick_sources_ask_functions_that_exist():
    asked = {
        "rays": ("against_bullet", "sensors"),
        "lidar": ("costs",),
        "movers": ("rows",),
        "labels": ("shares",),
        "cameras": ("costs",),
        "worlds": ("drawn",),
        "physics": ("measure",),
        "captions": ("make", "opened", "said_and_proved"),
        "loading": ("compare", "TASKS"),
        "presets": ("measure",),
        "preset_worlds": ("SIGHTS", "seen"),
    }
    assert QUICK.keys() < ALL.keys()
    for module, names in asked.items():
        of = import_module(f"benchmarks.{module}")
        assert all(hasattr(of, name) for name in names), module
