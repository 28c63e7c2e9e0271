"""Are single-frame negatives told from what is true without looking? They are labelled one-sided where they may be:
then a leak is a warning, not a fault of the dataset."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from pairforge.datasets import audit_text
from pairforge.datasets.audit_trial import Accuracy, Items, Model, Verdict, accuracy, choices, holm, verdict
from pairforge.datasets.contrast_tables import EDITS, FOLDER, MISFITS, read_table
from pairforge.datasets.files import is_file
from pairforge.seeding import Stream


@dataclass(frozen=True)
class NegativeTrial:
    """One blind model on one kind of negative."""

    model: str
    accuracy: Accuracy
    adjusted_p: float = 1.0
    verdict: Verdict = "too few"


@dataclass(frozen=True)
class Negatives:
    """All negatives of a kind, side and language ("" for sweeps and boxes). ``verdict``: that of the best model."""

    kind: str
    side: str
    language: str
    sees: str
    rows: int
    groups: int
    trials: tuple[NegativeTrial, ...]

    @property
    def verdict(self) -> Verdict:
        found = {t.verdict for t in self.trials}
        return "leaks" if "leaks" in found else "too few" if "too few" in found else "sound"


Row = dict[str, Any]
Cell = tuple[str, str, str]


def negatives(root: Path, stream: Stream) -> list[Negatives]:
    """Every cell of the tables of negatives; none where there are none. DatasetError for a damaged table."""
    tables = {n: root / FOLDER / f"{n}.parquet" for n in (EDITS, MISFITS)}
    edits = read_table(tables[EDITS], EDITS) if is_file(tables[EDITS]) else []
    misfits = read_table(tables[MISFITS], MISFITS) if is_file(tables[MISFITS]) else []
    found = [
        _of_texts(cell, rows, stream) for cell, rows in _cells(edits, ("kind", "side", "language")).items()
    ]
    for cell, rows in _cells(misfits, ("kind", "side")).items():
        found.append(_of_boxes(cell, rows, stream) if cell[0].startswith("boxes") else _of_sweeps(cell, rows))
    return _adjusted(found)


def _cells(rows: Sequence[Row], names: tuple[str, ...]) -> dict[Cell, list[Row]]:
    cells: dict[Cell, list[Row]] = {}
    for row in rows:
        a, b, c = (*(row[n] for n in names), "")[:3]
        cells.setdefault((a, b, c), []).append(row)
    return dict(sorted(cells.items()))


def _of_texts(cell: Cell, rows: Sequence[Row], stream: Stream) -> Negatives:
    """Which of two texts is true? Of mirrored ones each is true of its own keyframe, so that both ways are asked."""
    texts = sorted({r[n] for r in rows for n in ("text", "edited")})
    at = {text: k for k, text in enumerate(texts)}
    right, wrong = ([at[r[n]] for r in rows] for n in ("text", "edited"))
    items = _items(right, wrong, [r["group"] for r in rows], mirrored=cell[1] == "mirrored")
    models, _ = audit_text.models(texts)
    return _judged(cell, "text", rows, models, items, stream)


def _of_boxes(cell: Cell, rows: Sequence[Row], stream: Stream) -> Negatives:
    """Which of two boxes fits? By the boxes alone, as they stand in the world."""
    things = np.array([_box(r["true_box"]) for r in rows] + [_box(r["box"]) for r in rows])
    n = len(rows)
    items = _items(list(range(n)), list(range(n, 2 * n)), [r["group"] for r in rows], mirrored=False)
    models = [Model("box", things), Model("box, trees", things, "trees")]
    return _judged(cell, "box", rows, models, items, stream)


def _of_sweeps(cell: Cell, rows: Sequence[Row]) -> Negatives:
    """Each sweep fits once and does not fit once, so that a model which sees sweeps alone is right in half of them;
    that is counted, not tried."""
    fits, misfits = (sorted(r[n] for r in rows) for n in ("key", "other_key"))
    share = 0.5 if fits == misfits else float("nan")
    group = np.array([r["group"] for r in rows], np.int64)
    if share != 0.5:
        return Negatives(*cell, "sweep", len(rows), len(set(group.tolist())), ())
    credit = np.tile([0.0, 1.0], len(rows))
    trial = NegativeTrial("any: each sweep fits as often as not", accuracy(credit, np.repeat(group, 2)))
    return Negatives(*cell, "sweep", len(rows), len(set(group.tolist())), (trial,))


def _box(values: Sequence[float]) -> list[float]:
    """Place, size, heading (twice and four times, as a box has no front) and how far from the origin it is."""
    x, y, z, length, width, height, yaw = values
    turns = [f(k * yaw) for k in (2.0, 4.0) for f in (np.cos, np.sin)]
    return [x, y, z, z - height / 2, length, width, height, *turns, float(np.hypot(x, y))]


def _items(right: list[int], wrong: list[int], group: list[int], mirrored: bool) -> Items:
    if mirrored:
        right, wrong, group = right + wrong, wrong + right, group + group
    return Items(np.array(right, np.int64), np.array(wrong, np.int64), np.array(group, np.int64))


def _judged(
    cell: Cell, sees: str, rows: Sequence[Row], models: Sequence[Model], items: Items, stream: Stream
) -> Negatives:
    here = stream / cell[0] / cell[1] / cell[2]
    trials = tuple(NegativeTrial(m.name, accuracy(*choices(m, items, here))) for m in models)
    return Negatives(*cell, sees, len(rows), len(set(items.group.tolist())), trials)


def _adjusted(found: Sequence[Negatives]) -> list[Negatives]:
    ps = iter(holm([t.accuracy.p for n in found for t in n.trials]))
    return [
        replace(
            n,
            trials=tuple(
                replace(t, adjusted_p=(p := next(ps)), verdict=verdict(t.accuracy, p)) for t in n.trials
            ),
        )
        for n in found
    ]
