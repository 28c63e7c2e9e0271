"""The columns of a Hugging Face dataset, as its ``features`` and as an Arrow schema that carries them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from pairforge.scenes.taxonomy import CLASSES

Features = dict[str, Any]


def features(images: Sequence[str] = (), *, embedded: bool = True) -> Features:
    """Column -> feature, in the JSON form that the library keeps in Parquet files. ``embedded``: the rows of a table,
    where a class is a number with names; else as JSON lines are read, where it is a word."""
    category: Any = _value("string")
    if embedded:
        category = {"names": [c.name for c in CLASSES], "_type": "ClassLabel"}
    return {
        "image": {"_type": "Image"},
        "key": _value("string"),
        "scene_index": _value("int64"),
        "frame_index": _value("int64"),
        "sensor": _value("string"),
        "time_ns": _value("int64"),
        "width": _value("int64"),
        "height": _value("int64"),
        "camera_model": _value("string"),
        "fx_fy_cx_cy": _list(_value("float64")),
        "distortion": _list(_value("float64")),
        "camera_position_m": _list(_value("float64")),
        "camera_quaternion_wxyz": _list(_value("float64")),
        "captions": _list({k: _value("string") for k in ("kind", "language", "text")}),
        "objects": _list(
            {
                "instance_id": _value("int64"),
                "category": category,
                "noun": _value("string"),
                "colour": _value("string"),
                "bbox": _list(_value("float64")),
                "area": _value("int64"),
                "occlusion": _value("float64"),
                "truncation": _value("float64"),
            }
        ),
        **{name: {"_type": "Image"} for name in images},
    }


def schema(of: Features) -> pa.Schema:
    """The Arrow schema of a table of these features, which stand in its metadata."""
    told = json.dumps({"info": {"features": of}})
    return pa.schema([(name, _arrow(one)) for name, one in of.items()], metadata={"huggingface": told})


def said(one: Any) -> str:
    """A feature in words, for a card."""
    kind = one.get("_type")
    if kind == "Value":
        return str(one["dtype"])
    if kind == "List":
        return f"list of {said(one['feature'])}"
    if kind is None:
        return "(" + ", ".join(f"{k}: {said(v)}" for k, v in one.items()) + ")"
    return "class label" if kind == "ClassLabel" else str(kind).lower()


def _value(dtype: str) -> Features:
    return {"dtype": dtype, "_type": "Value"}


def _list(feature: Features) -> Features:
    return {"feature": feature, "_type": "List"}


def _arrow(one: Any) -> pa.DataType:
    kind = one.get("_type")
    if kind is None:
        return pa.struct([(name, _arrow(part)) for name, part in one.items()])
    if kind == "List":
        return pa.list_(_arrow(one["feature"]))
    if kind == "Image":
        return pa.struct([("bytes", pa.binary()), ("path", pa.string())])
    return pa.int64() if kind == "ClassLabel" else pa.type_for_alias(one["dtype"])
