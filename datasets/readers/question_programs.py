"""Reads a question's program: which of the things that can be asked it answers, and of what.

``question_programs.txt`` lists them; its head says how they are written.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from pairforge.datasets.readers.question_words import Kind

_KIND = r"(?:noun|semantic) (?:= '[^']*'|IN \([^()]*\))(?: AND colour = '[^']*')?(?: AND material = '[^']*')?"
_WHERE = re.compile(
    r"(?:noun|semantic) (?:= '([^']*)'|IN \(([^()]*)\))(?: AND colour = '([^']*)')?(?: AND material = '([^']*)')?"
)
_VEHICLES = "'bus', 'car', 'truck', 'van'"
_TOKEN = re.compile(r"\{([A-Z])\}|\[([A-Z])\]|<([A-Z])>|<([A-Z])\.word>|<([a-z]+)\.said>|<([a-z]+)>")
_CLEAR = "b.visible_px >= 40 AND b.visible_px >= 0.15 * b.solo_px"
_ITS = "i.instance_id, i.noun, i.semantic, i.colour, i.material, i.size_m, i.has_front,"
_BOX = "b.visible_px, b.visible_box, b.full_box, b.occlusion, b.truncation"
_PLACED = ", p.centre_m AS at_m, p.velocity_mps, p.quaternion_wxyz AS turn, p.lidar_points"
_FROM = "FROM boxes2d AS b JOIN instances AS i USING (scene_index, instance_id)"
_PLACES = " JOIN boxes3d AS p USING (scene_index, frame_index, instance_id)"
_HERE = f"WHERE b.key = @ AND b.sensor = $ AND i.name <> EGO AND {_CLEAR}"
_PICTURE = (
    f"WITH seen AS (SELECT {_ITS} {_BOX} {_FROM} {_HERE})",
    f"WITH seen AS (SELECT {_ITS} {_BOX}{_PLACED} {_FROM}{_PLACES} {_HERE})",
)
_CLIP = (
    "WITH seen AS (SELECT instance_id, noun, semantic, colour, material, size_m, has_front FROM instances "
    f"WHERE scene_index = # AND instance_id IN (SELECT i.instance_id {_FROM} "
    f"WHERE b.scene_index = # AND b.sensor = $ AND i.name <> EGO AND {_CLEAR}))",
)
Slot = Kind | str


@dataclass(frozen=True)
class Place:
    """Where a question is asked; ``key`` is empty for a whole clip. ``ego``: name and instance id of ourselves."""

    key: str
    scene_index: int
    sensor: str
    ego: str = ""
    ego_id: int = 0


@dataclass(frozen=True)
class Form:
    """One thing that can be asked."""

    name: str
    pattern: re.Pattern[str]
    unit: str
    clip: bool
    fixed: Mapping[str, str]

    def read(self, program: str) -> dict[str, Slot] | None:
        """Slot -> what the program has there; None when it is another program."""
        found = self.pattern.fullmatch(program)
        if found is None:
            return None
        slots: dict[str, Slot] = dict(self.fixed)
        for name, text in found.groupdict().items():
            slots[name] = _kind(text) if len(name) == 1 else text
        for name in [n for n in slots if n.endswith("_word")]:
            of, word = slots[name.removesuffix("_word")], slots.pop(name)
            if not isinstance(of, Kind) or of.word != word:
                return None
        return slots


def _kind(where: str) -> Kind:
    found = _WHERE.fullmatch(where)
    assert found is not None, where
    word, several, colour, material = (g or "" for g in found.groups())
    if several:
        word = "vehicle" if several == _VEHICLES else several
    return Kind("thing" if where.startswith("semantic = 'object'") else word, colour, material)


@cache
def forms() -> tuple[Form, ...]:
    """Everything that can be asked, in the order of the file."""
    text = files("pairforge.datasets.readers").joinpath("question_programs.txt").read_text("utf-8")
    return tuple(_form(name, head, body) for name, head, body in sections(text))


def sections(text: str) -> list[tuple[str, str, str]]:
    """(name, what stands behind it, the lines below it) of a grammar file; lines that begin with # are remarks."""
    kept = "\n".join(line for line in text.splitlines() if not line.startswith("# "))
    parts = re.split(r"^\[([a-z ]+)\](.*)$", kept, flags=re.MULTILINE)[1:]
    return [(name, head.strip(), body.strip()) for name, head, body in zip(*[iter(parts)] * 3, strict=True)]


def _form(name: str, head: str, body: str) -> Form:
    words = head.split()
    fixed = dict(w.split("=") for w in words if "=" in w)
    unit = "".join(w for w in words if "=" not in w and w != "clip")
    return Form(name, re.compile(_expression(" ".join(body.split()))), unit, "clip" in words, fixed)


def _expression(program: str) -> str:
    """The regular expression of a program; what is named twice must be the same twice."""
    parts, at, met = [], 0, set[str]()

    def group(name: str, expression: str) -> str:
        if name in met:
            return f"(?P={name})"
        met.add(name)
        return f"(?P<{name}>{expression})"

    for token in _TOKEN.finditer(program):
        thing, row, named, word, said, value = token.groups()
        parts.append(re.escape(program[at : token.start()]))
        if thing:
            parts.append(rf"\(SELECT instance_id FROM seen WHERE {group(thing, _KIND)}\)")
        elif row:
            parts.append(group(row, _KIND))
        elif named or word or said:
            parts.append(group(f"{named or word or said}_{'word' if word else 'said'}", "[^']*"))
        else:
            parts.append(group(value, r"[^' ]+(?: [^' ]+)*"))
        at = token.end()
    return "".join((*parts, re.escape(program[at:])))


def stripped(program: str, place: Place) -> str | None:
    """A program without what says where it looks; None when it looks anywhere else than at the question's place."""
    text = " ".join(program.split()).replace("( ", "(").replace(" )", ")")
    if place.key:
        text = re.sub(rf"\bkey = '{re.escape(place.key)}'", "key = @", text)
    text = re.sub(rf"\bscene_index = {place.scene_index}(?!\d)", "scene_index = #", text)
    if place.sensor:
        text = re.sub(rf"\bsensor = '{re.escape(place.sensor)}'", "sensor = $", text)
    if place.ego:
        text = text.replace(f"i.name <> '{place.ego}'", "i.name <> EGO")
        text = re.sub(rf"subjects\[1\] = {place.ego_id}(?!\d)", "subjects[1] = EGO", text)
    elsewhere = " AND i.name <> EGO"
    for scope in _PICTURE if place.key else _CLIP:
        for said in (scope, scope.replace(elsewhere, ""))[:: 1 if place.ego else -1]:
            if text.startswith(said):
                return text.removeprefix(said).strip()
    return None if text.startswith("WITH seen AS") else text
