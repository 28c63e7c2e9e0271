"""Questions as text-to-SQL pairs: JSON lines of question, schema, SQL, answer and tables."""

from __future__ import annotations

import json
from pathlib import Path

from pairforge.datasets.files import disk_errors, write_atomic
from pairforge.datasets.question_table import Question, read_questions
from pairforge.datasets.schema import TABLES


def schema_sql(tables: tuple[str, ...]) -> str:
    """CREATE TABLE statements of these tables, each column with what it holds as a comment.

    >>> print(schema_sql(("events",)).splitlines()[1])
      scene_index INTEGER, -- scene of the dataset
    """
    return "\n".join(_create(name) for name in sorted(tables))


def _create(name: str) -> str:
    lines = []
    for field in TABLES[name]:
        told = {k.decode(): v.decode() for k, v in (field.metadata or {}).items()}
        unit = f" ({told['unit']})" if told.get("unit") not in (None, "id", "1") else ""
        lines.append(f"  {field.name} {_sql_type(str(field.type))}, -- {told['description']}{unit}")
    return f"CREATE TABLE {name} (\n" + "\n".join(lines) + "\n);"


_TYPES = {"int32": "INTEGER", "int64": "BIGINT", "double": "DOUBLE", "string": "VARCHAR", "bool": "BOOLEAN"}


def _sql_type(arrow: str) -> str:
    """The SQL type that a column of Parquet is read as.

    >>> _sql_type("fixed_size_list<item: double>[3]"), _sql_type("list<item: struct<a: int32, b: string>>")
    ('DOUBLE[]', 'STRUCT(a INTEGER, b VARCHAR)[]')
    """
    if arrow in _TYPES:
        return _TYPES[arrow]
    head, _, rest = arrow.partition("<")
    inner = rest.rpartition(">")[0]
    if head == "struct":
        parts = (p.partition(": ") for p in _split(inner))
        return f"STRUCT({', '.join(f'{n} {_sql_type(t)}' for n, _, t in parts)})"
    return f"{_sql_type(inner.partition(': ')[2].removesuffix(' not null'))}[]"


def _split(inner: str) -> list[str]:
    parts, depth = [""], 0
    for letter in inner:
        depth += (letter == "<") - (letter == ">")
        if letter == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += letter
    return [p.strip() for p in parts]


def line(question: Question) -> str:
    """One question as a JSON line."""
    return json.dumps(
        {
            "id": question.question_id,
            "family": question.family,
            "question": question.question,
            "schema": schema_sql(question.tables),
            "sql": question.sql,
            "answer": question.answer,
            "value": json.loads(question.value),
            "tables": list(question.tables),
            "key": question.key,
            "sensor": question.sensor,
        },
        ensure_ascii=False,
    )


def export(root: Path | str, path: Path) -> int:
    """Write a dataset's questions to a file as a whole; returns how many.

    Raises DatasetError without questions, MachineError when the disk refuses.
    """
    questions, _ = read_questions(root)
    data = "".join(line(q) + "\n" for q in questions).encode()
    with disk_errors(f"write {path}"):
        path.parent.mkdir(parents=True, exist_ok=True)
    write_atomic(path.parent, path, data)
    return len(questions)
