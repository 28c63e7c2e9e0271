"""The tables of contrasts, in DIR/contrasts: ``quads``, and every text of them with its phrases, ``texts``; of
single-frame negatives ``edits`` (texts made false) and ``misfits`` (sweeps and boxes that do not fit)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from pairforge.datasets.files import is_file, read_bytes, write_atomic
from pairforge.datasets.parquet import table_of
from pairforge.errors import DatasetError
from pairforge.sample import Caption, Phrase, Statement

FOLDER = "contrasts"
LABELS = ("counterfactual", "mirrored", "mild_misalignment")

_STR, _F64 = pa.string(), pa.float64()
_SPANS = pa.list_(
    pa.struct([("start", pa.int32()), ("end", pa.int32()), ("instance_ids", pa.list_(pa.int32()))])
)


def _column(name: str, kind: pa.DataType, description: str) -> pa.Field:
    return pa.field(name, kind, nullable=False, metadata={"description": description})


QUADS = pa.schema(
    [
        _column("quad_id", pa.int64(), "from 0, in order"),
        _column("kind", _STR, "kind of contrast (`pairforge list contrasts`)"),
        _column("label", _STR, "counterfactual, mirrored or mild_misalignment"),
        _column("language", _STR, "of both texts"),
        _column("group", pa.int32(), "scene index of the base scene: what shares one belongs in one split"),
        _column("sensor", _STR, "camera that the texts speak of"),
        _column("key_0", _STR, "keyframe of which text_0 is true and text_1 false"),
        _column("key_1", _STR, "keyframe of which text_1 is true and text_0 false"),
        _column("text_0", _STR, "true of key_0, false of key_1"),
        _column("text_1", _STR, "true of key_1, false of key_0"),
        _column("positives_0", pa.list_(_STR), "other words for text_0, shorter or longer, proved alike"),
        _column("positives_1", pa.list_(_STR), "other words for text_1"),
        _column(
            "draw", _STR, 'named draw that differs between the scenes; two joined by "+" where it takes two'
        ),
        _column("value_0", _STR, "its value in the scene of key_0, as JSON (a list for two draws)"),
        _column("value_1", _STR, "its value in the scene of key_1"),
        _column("margin_0", _F64, "the lesser score of text_0 being true of key_0 and false of key_1, 0..1"),
        _column("margin_1", _F64, "the same of text_1"),
        _column("template", _STR, "templates of both texts and the number of the phrasing"),
        _column("detail", _STR, "what is off, where the label is mild_misalignment"),
    ],
    metadata={"table": "quads", "version": "1"},
)
TEXTS = pa.schema(
    [
        _column("quad_id", pa.int64(), "the quad"),
        _column("side", pa.int8(), "0 or 1"),
        _column("rank", pa.int8(), "0: text_0 or text_1 itself, then its positives in order"),
        _column("text", _STR, ""),
        _column(
            "phrases",
            _SPANS,
            "characters [start, end) that name instances of the side's own keyframe; id 0: none",
        ),
        _column("statements", _SPANS, "characters [start, end) of each sentence"),
        _column("template", _STR, ""),
        _column("own", _F64, "score before its own keyframe, above 0: true"),
        _column("other", _F64, "score before the other keyframe, below 0: false"),
    ],
    metadata={"table": "texts", "version": "1"},
)
EDITS, MISFITS, NEGATIVES = "edits", "misfits", "negatives.json"
SIDES = ("one_sided", "mirrored")
"""A negative is mirrored where it is true (or fits) elsewhere, and what is true here is false there; a one-sided one
may be told by its looks."""
_EDITED = pa.schema(
    [
        _column("edit_id", pa.int64(), "from 0, in order"),
        _column("kind", _STR, "what the edit changes, named as kinds of contrast are"),
        _column("side", _STR, "mirrored: true of other_key; one_sided: nothing is said of where it is true"),
        _column("language", _STR, "of both texts"),
        _column("group", pa.int32(), "scene index of key: what shares one belongs in one split"),
        _column("sensor", _STR, "camera that the texts speak of"),
        _column("key", _STR, "keyframe of which text is true and edited false"),
        _column("other_key", _STR, 'keyframe of which edited is true and text false; "" where one_sided'),
        _column("text", _STR, ""),
        _column("edited", _STR, "the same with one thing said otherwise"),
        _column("phrases", _SPANS, "of text: characters [start, end) that name instances of key"),
        _column("statements", _SPANS, "of text: characters of each sentence"),
        _column("edited_phrases", _SPANS, "of edited; its ids are those of what it was made from"),
        _column("edited_statements", _SPANS, "of edited"),
        _column("own", _F64, "score of text before key, above 0: true"),
        _column("other", _F64, "score of edited before key, below 0: false"),
        _column("other_own", _F64, "score of edited before other_key, above 0; 0 where one_sided"),
        _column("other_other", _F64, "score of text before other_key, below 0; 0 where one_sided"),
    ],
    metadata={"table": EDITS, "version": "1"},
)
_MISFITTING = pa.schema(
    [
        _column("misfit_id", pa.int64(), "from 0, in order"),
        _column("kind", _STR, "sweep_of_another_scene, sweep_shifted_in_time or boxes_jittered"),
        _column("side", _STR, "mirrored: the sweep fits other_key, and key's own does not; one_sided"),
        _column("degree", _STR, "mild: more fits than does not; gross"),
        _column("group", pa.int32(), "scene index of key (the lesser of both)"),
        _column(
            "sensor", _STR, "camera whose picture the sweep is laid on; the one that sees most of the thing"
        ),
        _column("lidar", _STR, ""),
        _column("key", _STR, "keyframe of the picture"),
        _column("other_key", _STR, "keyframe of the sweep; of jittered boxes the same as key"),
        _column("offset_s", _F64, "how much later the sweep is; 0 between scenes and for boxes"),
        _column("instance_id", pa.int32(), "thing whose box is moved; 0 for sweeps"),
        _column(
            "true_box",
            pa.list_(_F64),
            "centre x, y, z, length, width, height, yaw in the world; [] for sweeps",
        ),
        _column("box", pa.list_(_F64), "the moved one"),
        _column(
            "own", _F64, "share of its own sweep that lies on the picture's depth; of its returns in its box"
        ),
        _column("other", _F64, "the same share of the other sweep, or in the moved box"),
        _column("iou", _F64, "of both boxes; 0 for sweeps"),
    ],
    metadata={"table": MISFITS, "version": "1"},
)
SCHEMAS = {"quads": QUADS, "texts": TEXTS, EDITS: _EDITED, MISFITS: _MISFITTING}


@dataclass(frozen=True)
class Text:
    """A text of one side, with its scores before its own and the other keyframe."""

    caption: Caption
    own: float
    other: float

    @property
    def margin(self) -> float:
        return min(self.own, -self.other)


@dataclass(frozen=True)
class Quad:
    """Two keyframes and two texts. ``texts``: of each side the text itself, then its positives. See ``QUADS``."""

    kind: str
    label: str
    group: int
    keys: tuple[str, str]
    texts: tuple[tuple[Text, ...], tuple[Text, ...]]
    draw: str
    values: tuple[Any, Any]
    detail: str = ""

    def rows(self, quad_id: int) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """Its row of ``quads`` and its rows of ``texts``."""
        first, second = (side[0] for side in self.texts)
        row = {
            "quad_id": quad_id,
            "kind": self.kind,
            "label": self.label,
            "language": first.caption.language,
            "group": self.group,
            "sensor": first.caption.sensor,
            "key_0": self.keys[0],
            "key_1": self.keys[1],
            "text_0": first.caption.text,
            "text_1": second.caption.text,
            "positives_0": [t.caption.text for t in self.texts[0][1:]],
            "positives_1": [t.caption.text for t in self.texts[1][1:]],
            "draw": self.draw,
            "value_0": json.dumps(self.values[0]),
            "value_1": json.dumps(self.values[1]),
            "margin_0": first.margin,
            "margin_1": second.margin,
            "template": f"{first.caption.template}/{second.caption.template}",
            "detail": self.detail,
        }
        texts = [
            _text_row(quad_id, side, rank, text)
            for side, of_side in enumerate(self.texts)
            for rank, text in enumerate(of_side)
        ]
        return row, texts


def spans_of(caption: Caption, prefix: str) -> dict[str, Any]:
    """Its phrases and statements as columns of ``_SPANS``."""
    statements = [{"start": s.start, "end": s.end, "instance_ids": []} for s in caption.statements]
    return {f"{prefix}phrases": [asdict(p) for p in caption.phrases], f"{prefix}statements": statements}


def _text_row(quad_id: int, side: int, rank: int, text: Text) -> dict[str, Any]:
    caption = text.caption
    return {
        "quad_id": quad_id,
        "side": side,
        "rank": rank,
        "text": caption.text,
        **spans_of(caption, ""),
        "template": caption.template,
        "own": text.own,
        "other": text.other,
    }


def caption_of_row(row: dict[str, Any], language: str, sensor: str) -> Caption:
    """The caption that a row of ``texts`` holds."""
    phrases = tuple(Phrase(p["start"], p["end"], tuple(p["instance_ids"])) for p in row["phrases"])
    statements = tuple(Statement(s["start"], s["end"], ()) for s in row["statements"])
    return Caption("contrast", language, sensor, row["text"], phrases, statements, row["template"])


T = TypeVar("T")


def rows_of(quads: Iterable[Quad]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Rows of both tables, quads numbered from 0."""
    first: list[dict[str, Any]] = []
    second: list[dict[str, Any]] = []
    for quad_id, quad in enumerate(quads):
        row, texts = quad.rows(quad_id)
        first.append(row)
        second += texts
    return first, second


def write_table(
    root: Path, path: Path, name: str, rows: Sequence[dict[str, Any]], notes: Mapping[str, str] | None = None
) -> None:
    """A table of ``SCHEMAS`` as Parquet, whole or not at all; the same rows give the same bytes. ``notes`` go into
    the file's metadata."""
    sink = pa.BufferOutputStream()
    schema = SCHEMAS[name]
    table = pa.Table.from_pylist(
        list(rows), schema=schema.with_metadata({**schema.metadata, **(notes or {})})
    )
    pq.write_table(
        table, sink, version="2.6", compression="zstd", compression_level=9, row_group_size=1 << 17
    )
    write_atomic(root, path, sink.getvalue().to_pybytes())


def note_of(path: Path, name: str) -> str:
    """A note of ``write_table``; "" where there is none, or no file."""
    try:
        found = (pq.read_schema(path).metadata or {}).get(name.encode(), b"")
    except (pa.ArrowException, OSError, ValueError):
        return ""
    return str(found.decode("utf-8", "replace"))


class ByKey:
    """The rows of a table by what one of its columns of whole numbers says, each with its place in the table."""

    def __init__(self, table: pa.Table, column: str) -> None:
        self._table = table
        said = table[column].to_numpy()
        self._order = np.argsort(said, kind="stable")
        self._keys, starts = np.unique(said[self._order], return_index=True)
        self._ends = [*starts.tolist(), len(said)]

    @property
    def keys(self) -> list[int]:
        """What the column says, rising."""
        return [int(k) for k in self._keys]

    def count(self, key: int) -> int:
        """How many rows there are of a key."""
        return len(self._places(key))

    def rows(self, key: int) -> list[tuple[int, dict[str, Any]]]:
        """The rows of a key in the table's order; none of one that there is not."""
        places = self._places(key)
        return list(zip(places.tolist(), self._table.take(pa.array(places)).to_pylist(), strict=True))

    def _places(self, key: int) -> NDArray[np.int64]:
        at = int(np.searchsorted(self._keys, key))
        if at == len(self._keys) or self._keys[at] != key:
            return np.empty(0, np.int64)
        return np.asarray(self._order[self._ends[at] : self._ends[at + 1]], np.int64)


def read_table(path: Path, name: str) -> list[dict[str, Any]]:
    """The rows of a table; DatasetError when it is missing, damaged or of other columns."""
    rows: list[dict[str, Any]] = arrow_table(path, name).to_pylist()
    return rows


def arrow_table(path: Path, name: str) -> pa.Table:
    """A table; DatasetError when it is missing, damaged or of other columns."""
    if not is_file(path):
        raise DatasetError(f"{path} is missing; run `pairforge contrast` again to go on")
    try:
        table = table_of(read_bytes(path))
    except (pa.ArrowException, OSError, ValueError) as error:
        raise DatasetError(f"{path} is damaged ({error}). Make the contrasts again.") from error
    if not table.schema.equals(SCHEMAS[name]):
        raise DatasetError(f"{path}: its columns are not those of table {name}. Make the contrasts again.")
    return table
