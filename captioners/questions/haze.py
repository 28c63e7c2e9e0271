"""What fog and dust hide from questions: nothing that they hide is named, and no answer may rest on it."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence

from pairforge.captioners.haze import reach_m
from pairforge.captioners.questions.checks import Check
from pairforge.captioners.questions.query import inside
from pairforge.datasets.sql import Tables

_TOLD_OF = re.compile(
    r"\b(FROM|JOIN) (boxes2d|facts|happenings)\b(?! AS)|\b(FROM|JOIN) (boxes2d|facts|happenings) AS\b"
)
_NOTHING = "SELECT scene_index, key, sensor, instance_id FROM boxes2d WHERE FALSE"


def veiled(tables: Tables) -> str:
    """SQL of what each picture hides in thick air: (scene_index, key, sensor, instance_id) of all things whose middle
    is farther from the camera than one sees."""
    scenes = tables.rows("SELECT scene_index, concrete FROM scenes ORDER BY scene_index")
    reaches = [(r["scene_index"], reach_m(json.loads(r["concrete"]))) for r in scenes]
    foggy = ", ".join(f"({i}, {reach!r})" for i, reach in reaches if reach < math.inf)
    if not foggy:
        return _NOTHING
    off = " + ".join(f"pow(p.centre_m[{k}] - s.position_m[{k}], 2)" for k in (1, 2, 3))
    return f"""
        SELECT b.scene_index, b.key, b.sensor, b.instance_id
        FROM boxes2d AS b JOIN boxes3d AS p USING (scene_index, frame_index, instance_id)
        JOIN sensors AS s ON s.key = b.key AND s.sensor = b.sensor AND s.sweep = 0
        JOIN (VALUES {foggy}) AS air(scene_index, reach_m) ON air.scene_index = b.scene_index
        WHERE sqrt({off}) > air.reach_m"""


def unchanged(program: str, lost: Sequence[int]) -> Check:
    """That the program answers the same of a world without what is ``lost``."""
    return Check("sure", f"SELECT {inside(program)} IS NOT DISTINCT FROM {inside(_without(program, lost))}")


def _without(program: str, lost: Sequence[int]) -> str:
    ids = ", ".join(str(i) for i in lost)

    def narrowed(found: re.Match[str]) -> str:
        word, table = found[1] or found[3], found[2] or found[4]
        hides = f"instance_id IN ({ids})" if table == "boxes2d" else f"list_has_any(subjects, [{ids}])"
        return f"{word} (SELECT * FROM {table} WHERE NOT {hides}) AS{'' if found[3] else ' ' + table}"

    return _TOLD_OF.sub(narrowed, program)
