"""The classes of things, with stable ids. Only ever append: ids are on disk."""

from __future__ import annotations

from dataclasses import dataclass

from pairforge.errors import SpecError, did_you_mean


@dataclass(frozen=True)
class SemanticClass:
    """``thing`` classes have countable instances; ``boxed`` ones get 2D/3D boxes and may be captioned."""

    semantic_id: int
    name: str
    thing: bool
    boxed: bool
    colour: tuple[int, int, int]


_ROWS: tuple[tuple[str, bool, bool, tuple[int, int, int]], ...] = (
    ("sky", False, False, (112, 160, 205)),
    ("road", False, False, (96, 76, 112)),
    ("lane_marking", False, False, (230, 230, 230)),
    ("kerb", False, False, (180, 165, 150)),
    ("pavement", False, False, (232, 130, 190)),
    ("terrain", False, False, (152, 220, 130)),
    ("building", True, False, (95, 95, 95)),
    ("vegetation", True, False, (90, 140, 40)),
    ("pole", True, False, (170, 150, 110)),
    ("traffic_sign", True, False, (220, 200, 0)),
    ("car", True, True, (30, 60, 200)),
    ("van", True, True, (40, 130, 220)),
    ("truck", True, True, (20, 20, 120)),
    ("bus", True, True, (0, 90, 110)),
    ("bicycle", True, True, (130, 20, 40)),
    ("cyclist", True, True, (255, 80, 60)),
    ("pedestrian", True, True, (220, 30, 80)),
    ("table", True, True, (150, 100, 60)),
    ("object", True, True, (80, 180, 180)),
    ("floor", False, False, (140, 120, 120)),
    ("wall", False, False, (200, 195, 180)),
    ("street_furniture", True, True, (190, 110, 30)),
    ("traffic_light", True, True, (250, 170, 30)),
    ("defect", True, False, (255, 0, 120)),
    ("shelf", True, True, (170, 120, 90)),
    ("furniture", True, True, (120, 80, 50)),
    ("animal", True, True, (150, 75, 0)),
)

CLASSES: tuple[SemanticClass, ...] = tuple(SemanticClass(i, *row) for i, row in enumerate(_ROWS))
BY_NAME: dict[str, SemanticClass] = {c.name: c for c in CLASSES}


def semantic(name: str) -> SemanticClass:
    """The class of that name; SpecError with a suggestion when there is none."""
    try:
        return BY_NAME[name]
    except KeyError:
        raise SpecError(f'unknown semantic class "{name}". {did_you_mean(name, BY_NAME)}') from None
