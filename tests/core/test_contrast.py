"""Counterfactual quads end to end: made, resumed, alike for any number of workers, proved; every lie is found out."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pairforge.captioners.contrasts.protocol import KINDS, kind, names
from pairforge.contrast import ContrastRequest, contrast
from pairforge.contrast_negatives import negatives
from pairforge.datasets.claims_difference import SHAPES
from pairforge.datasets.contrast_tables import EDITS, FOLDER, MISFITS, NEGATIVES, read_table, write_table
from pairforge.datasets.contrast_worlds import Worlds
from pairforge.datasets.files import sha256_file
from pairforge.datasets.finding import Finding
from pairforge.datasets.reader import Dataset
from pairforge.datasets.verify import verify
from pairforge.datasets.verify_contrasts import DRAWS, Contrasts
from pairforge.errors import DatasetError, SpecError
from pairforge.farm.local import LocalExecutor
from pairforge.generate import Request, generate
from tests.farm.here import Here

pytestmark = pytest.mark.slow
TOLD = ("attribute", "relation", "negation", "weather", "order", "frame", "swap", "role")
SMALL = {"front.width_px": "192", "front.height_px": "144"}


def request(out: Path, kinds: tuple[str, ...] = TOLD, **changes: Any) -> ContrastRequest:
    return ContrastRequest("yard.things", out, kinds=kinds, seed=5, settings=SMALL, **{"pairs": 2, **changes})


def proved(root: Path) -> list[Finding]:
    """What is found wrong with the contrasts at ``root``."""
    return list(findings(root))


def refuted(root: Path) -> bool:
    """Whether anything is wrong: nothing more is proved once something is."""
    return next(findings(root), None) is not None


def findings(root: Path) -> Iterator[Finding]:
    contrasts, worlds = Contrasts(root), Worlds(Dataset(root))
    yield from contrasts.faults
    for group in contrasts.groups:
        yield from contrasts.prove(worlds, group)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("contrasts") / "set"
    counts = contrast(request(out), Here()).quads
    assert counts == dict.fromkeys(TOLD, 2)
    return out


def test_every_kind_says_what_it_needs_and_can_be_verified() -> None:
    assert set(names()) == set(KINDS.rows) == set(SHAPES) == set(DRAWS)
    for name in names():
        assert kind(name).name == name
        assert len(kind(name).needs) > 20


def test_the_whole_dataset_proves_clean(made: Path) -> None:
    report = verify(made)
    assert not report.findings, [str(f) for f in report.findings][:5]
    assert "contrasts" in report.checks


def test_two_workers_and_a_kill_half_way_give_the_same_bytes_as_one_process(
    made: Path, tmp_path: Path
) -> None:
    again = tmp_path / "again"
    contrast(request(again, kinds=("attribute", "swap")), Here())
    half = tmp_path / "half"
    contrast(request(half, kinds=("attribute", "swap")), LocalExecutor(2))
    # What a kill leaves: scenes without their group's tables, and no merged table.
    parts = sorted((half / FOLDER / "parts").glob("quads-*.parquet"))
    parts[-1].unlink()
    (half / FOLDER / "quads.parquet").unlink()
    contrast(request(half, kinds=("attribute", "swap")), Here())
    files = sorted(p.relative_to(again) for p in again.rglob("*") if p.is_file())
    assert files == sorted(p.relative_to(half) for p in half.rglob("*") if p.is_file())
    different = [str(f) for f in files if sha256_file(again / f) != sha256_file(half / f)]
    assert not different


def test_bad_requests_are_told_in_one_sentence(made: Path, tmp_path: Path) -> None:
    run = Here()
    with pytest.raises(SpecError, match='unknown kind of contrast "atribute"'):
        contrast(request(tmp_path / "a", kinds=("atribute",)), run)
    with pytest.raises(SpecError, match="--pairs must be at least 1"):
        contrast(request(tmp_path / "a", pairs=0), run)
    with pytest.raises(SpecError, match="unknown language"):
        contrast(request(tmp_path / "a", languages=("eng",)), run)
    assert not (tmp_path / "a").exists()
    with pytest.raises(DatasetError, match="contrasts of other kinds"):
        contrast(request(made, kinds=("attribute",)), run)


Forge = Callable[[list[dict[str, Any]], list[dict[str, Any]]], None]


def _swap_texts(quads: list[dict[str, Any]], texts: list[dict[str, Any]]) -> None:
    q = quads[0]
    q["text_0"], q["text_1"] = q["text_1"], q["text_0"]
    q["positives_0"], q["positives_1"] = q["positives_1"], q["positives_0"]
    for t in texts:
        if t["quad_id"] == 0:
            t["side"] = 1 - t["side"]


def _of(quads: list[dict[str, Any]], name: str) -> dict[str, Any]:
    return next(q for q in quads if q["kind"] == name)


def _rows(texts: list[dict[str, Any]], quad: dict[str, Any], side: int = 0) -> list[dict[str, Any]]:
    return [t for t in texts if t["quad_id"] == quad["quad_id"] and t["side"] == side]


def _set(name: str, field: str, value: Any) -> Forge:
    def forge(quads: list[dict[str, Any]], texts: list[dict[str, Any]]) -> None:
        _of(quads, name)[field] = value(_of(quads, name)) if callable(value) else value

    return forge


def _false_paraphrase(quads: list[dict[str, Any]], texts: list[dict[str, Any]]) -> None:
    """A positive of one side is stored as one of the other."""
    quad = _of(quads, "frame")
    mine, yours = (_rows(texts, quad, side)[1] for side in (0, 1))
    for field in ("text", "phrases", "statements", "template"):
        mine[field] = yours[field]
    quad["positives_0"][0] = mine["text"]


def _another_truth(quads: list[dict[str, Any]], texts: list[dict[str, Any]]) -> None:
    """A positive made of the sentence that its longer one adds: true where it should be, and about something else."""
    for quad in quads:
        rows = _rows(texts, quad)
        longer = next((t for t in rows if len(t["statements"]) == 2), None)
        if longer is not None and longer["rank"] > 0:
            start = longer["statements"][1]["start"]
            old = longer["text"]
            longer["text"] = old[start:]
            for name in ("phrases", "statements"):
                kept = [s for s in longer[name] if s["start"] >= start]
                longer[name] = [{**s, "start": s["start"] - start, "end": s["end"] - start} for s in kept]
            at = quad["positives_0"].index(old)
            quad["positives_0"][at] = longer["text"]
            return
    raise AssertionError("no quad has a longer positive")


def _another_scene(quads: list[dict[str, Any]], texts: list[dict[str, Any]]) -> None:
    """The keyframe of another quad's twin, which differs in another draw."""
    quad = _of(quads, "weather")
    quad["key_1" if quad["key_0"].endswith(f"{quad['group']:06d}-000000") else "key_0"] = _of(quads, "frame")[
        "key_0"
    ]


def _drop_text(quads: list[dict[str, Any]], texts: list[dict[str, Any]]) -> None:
    texts.remove(_rows(texts, quads[0])[-1])


def _shift_phrase(quads: list[dict[str, Any]], texts: list[dict[str, Any]]) -> None:
    _rows(texts, _of(quads, "attribute"))[0]["phrases"][0]["end"] -= 1


def _relink(quads: list[dict[str, Any]], texts: list[dict[str, Any]]) -> None:
    phrase = _rows(texts, _of(quads, "frame"))[0]["phrases"][0]
    phrase["instance_ids"] = [i + 1 for i in phrase["instance_ids"]]


def _score(quads: list[dict[str, Any]], texts: list[dict[str, Any]]) -> None:
    _rows(texts, quads[0])[0]["own"] += 0.01


def _renumber(quads: list[dict[str, Any]], texts: list[dict[str, Any]]) -> None:
    quads.reverse()


def _one_word(quads: list[dict[str, Any]], texts: list[dict[str, Any]]) -> None:
    """ "left" and "right" exchanged in the text itself: it is read, and it is false."""
    quad = _of(quads, "relation")
    row = _rows(texts, quad)[0]
    pairs = (("left", "right"), ("right", "left"), ("in front of", "behind"), ("behind", "in front of"))
    old, new = next(p for p in pairs if p[0] in row["text"])
    at, by = row["text"].index(old), len(new) - len(old)
    row["text"] = quad["text_0"] = row["text"].replace(old, new)
    for span in (*row["phrases"], *row["statements"]):
        for end in ("start", "end"):
            span[end] += by if span[end] > at else 0


LIES: dict[str, Forge] = {
    "texts swapped": _swap_texts,
    "keys swapped": lambda q, t: q[0].update(key_0=q[0]["key_1"], key_1=q[0]["key_0"]),
    "one keyframe twice": lambda q, t: q[0].update(key_1=q[0]["key_0"]),
    "a keyframe that is not there": _set("attribute", "key_0", "999999-000000"),
    "another twin": _another_scene,
    "another draw": _set("attribute", "draw", "left_0.size_m"),
    "another thing's draw": _set("weather", "draw", "weather.altitude_m"),
    "another value": _set("attribute", "value_0", '"pink"'),
    "values swapped": lambda q, t: q[0].update(value_0=q[0]["value_1"], value_1=q[0]["value_0"]),
    "wrong kind": _set("attribute", "kind", "material"),
    "wrong kind of one draw": _set("attribute", "kind", "negation"),
    "wrong kind of one predicate": _set("order", "kind", "motion"),
    "unknown kind": _set("attribute", "kind", "atribute"),
    "unknown label": _set("attribute", "label", "twin"),
    "no counterfactual": _set("frame", "label", "mild_misalignment"),
    "another language": _set("attribute", "language", "de"),
    "no such language": _set("attribute", "language", "xx"),
    "another camera": _set("attribute", "sensor", "back"),
    "another group": _set("attribute", "group", lambda q: q["group"] + 100),
    "a greater margin": _set("attribute", "margin_0", lambda q: q["margin_0"] + 0.05),
    "a greater score": _score,
    "a text that one table lacks": _drop_text,
    "a phrase cut short": _shift_phrase,
    "a phrase linked to another thing": _relink,
    "a false paraphrase": _false_paraphrase,
    "one word of a text": _one_word,
    "quads out of order": _renumber,
    "positives left out": _set("attribute", "positives_0", []),
    "another truth for a paraphrase": _another_truth,
}


@pytest.mark.parametrize("lie", LIES)
def test_a_forged_quad_is_found_out(made: Path, tmp_path: Path, lie: str) -> None:
    root = tmp_path / "forged"
    root.mkdir()
    for entry in made.iterdir():
        if entry.name != FOLDER:
            (root / entry.name).symlink_to(entry)
    shutil.copytree(made / FOLDER, root / FOLDER)
    tables = {name: read_table(root / FOLDER / f"{name}.parquet", name) for name in ("quads", "texts")}
    LIES[lie](tables["quads"], tables["texts"])
    for name, rows in tables.items():
        write_table(root, root / FOLDER / f"{name}.parquet", name, rows)
    data = json.loads((root / FOLDER / "request.json").read_text())
    data["sha256"] = {n: sha256_file(root / FOLDER / f"{n}.parquet") for n in tables}
    (root / FOLDER / "request.json").write_text(json.dumps(data))
    assert refuted(root), lie


def test_true_tables_have_no_findings_and_changed_bytes_do(made: Path, tmp_path: Path) -> None:
    assert not proved(made)
    root = tmp_path / "changed"
    shutil.copytree(made, root)
    rows = read_table(root / FOLDER / "quads.parquet", "quads")
    write_table(root, root / FOLDER / "quads.parquet", "quads", rows, {"note": "same rows, other bytes"})
    assert [f.message for f in proved(root)] == ["its sha256 is not that of request.json"]


def test_the_coin_puts_the_base_on_either_side(made: Path) -> None:
    rows = read_table(made / FOLDER / "quads.parquet", "quads")
    base_first = {r["key_0"] == f"{r['group']:06d}-000000" for r in rows}
    assert base_first == {True, False}
    assert all(r["margin_0"] > 0.0 and r["margin_1"] > 0.0 and r["text_0"] != r["text_1"] for r in rows)


def test_positives_say_the_same_in_other_words_in_fewer_and_with_more(made: Path) -> None:
    rows = read_table(made / FOLDER / "texts.parquet", "texts")
    by_side: dict[tuple[int, int], list[dict[str, Any]]] = {}
    for row in rows:
        by_side.setdefault((row["quad_id"], row["side"]), []).append(row)
    text = {key: rows[0]["text"] for key, rows in by_side.items()}
    positives = [(text[key], row) for key, of_side in by_side.items() for row in of_side[1:]]
    assert any(len(row["text"]) < len(first) and len(row["statements"]) == 1 for first, row in positives)
    assert any(len(row["statements"]) == 2 for _, row in positives)


def test_exchanged_roles_use_the_same_words(made: Path) -> None:
    pairs = [
        (r["text_0"], r["text_1"])
        for r in read_table(made / FOLDER / "quads.parquet", "quads")
        if r["kind"] == "role"
    ]
    assert pairs
    for one, other in pairs:
        assert sorted(one.lower().strip(".").split()) == sorted(other.lower().strip(".").split())
        assert one != other


@pytest.fixture(scope="module")
def single(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same dataset with negatives of its keyframes beside its quads."""
    root = tmp_path_factory.mktemp("negatives") / "set"
    shutil.copytree(made, root)
    counts = negatives(root, pairs=3)
    assert {k.partition(" ")[2] for k in counts} >= {"attribute", "relation", "role"}
    assert {k.partition(" ")[0] for k in counts} == {"mirrored", "one_sided"}
    return root


@pytest.fixture(scope="module")
def swept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four scenes that are no twins, with negatives and without quads."""
    root = tmp_path_factory.mktemp("swept") / "set"
    generate(Request("yard.things", root, scenes=4, seed=3, renderer="raycast", settings=SMALL), Here())
    counts = negatives(root, pairs=3)
    assert counts["mirrored sweep_of_another_scene"] == 2
    assert counts["one_sided boxes_jittered"]
    assert not proved(root)
    return root


def test_negatives_prove_clean_and_are_the_same_again(single: Path) -> None:
    assert not proved(single)
    before = [sha256_file(single / FOLDER / f"{n}.parquet") for n in (EDITS, MISFITS)]
    negatives(single, pairs=3)
    assert before == [sha256_file(single / FOLDER / f"{n}.parquet") for n in (EDITS, MISFITS)]


def test_every_sweep_of_another_scene_fits_as_often_as_it_does_not(swept: Path) -> None:
    rows = [r for r in read_table(swept / FOLDER / f"{MISFITS}.parquet", MISFITS) if r["side"] == "mirrored"]
    assert {r["kind"] for r in rows} == {"sweep_of_another_scene"}
    assert sorted(r["key"] for r in rows) == sorted(r["other_key"] for r in rows)


def _edit(where: Callable[[dict[str, Any]], bool], field: str, value: Any) -> Callable[[Tables], None]:
    def forge(tables: Tables) -> None:
        rows = [r for rows in tables.values() for r in rows if field in r and where(r)]
        rows[0][field] = value(rows[0]) if callable(value) else value

    return forge


def _exchange(tables: Tables) -> None:
    row = tables[EDITS][0]
    for a, b in (("text", "edited"), ("phrases", "edited_phrases"), ("statements", "edited_statements")):
        row[a], row[b] = row[b], row[a]


Tables = dict[str, list[dict[str, Any]]]
MIRRORED = {"where": lambda r: r["side"] == "mirrored" and "text" in r}
BOX = {"where": lambda r: r["kind"] == "boxes_jittered"}
SWEEP = {"where": lambda r: r["kind"] == "sweep_of_another_scene"}
OF_SWEEPS = frozenset(
    [
        *("another kind of misfit", "a keyframe that is not there", "its own sweep", "a share made up"),
        *("another degree", "a box that is right", "another true box", "a box of another thing"),
        *("another overlap", "another group"),
    ]
)
FORGED: dict[str, Callable[[Tables], None]] = {
    "texts exchanged": _exchange,
    "another kind of edit": _edit(lambda r: r["kind"] == "attribute", "kind", "material"),
    "another kind of misfit": _edit(SWEEP["where"], "kind", "sweep_shifted_in_time"),
    "one-sided called mirrored": _edit(
        lambda r: r["side"] == "one_sided" and "text" in r, "side", "mirrored"
    ),
    "mirrored called one-sided": _edit(MIRRORED["where"], "side", "one_sided"),
    "true of another keyframe": _edit(MIRRORED["where"], "other_key", lambda r: r["key"]),
    "another score": _edit(lambda r: "text" in r, "other", lambda r: r["other"] / 2),
    "another score elsewhere": _edit(MIRRORED["where"], "other_own", lambda r: r["other_own"] / 2),
    "a keyframe that is not there": _edit(SWEEP["where"], "other_key", "999999-000000"),
    "its own sweep": _edit(SWEEP["where"], "other_key", lambda r: r["key"]),
    "a share made up": _edit(SWEEP["where"], "other", lambda r: r["other"] - 0.01),
    "another degree": _edit(
        SWEEP["where"], "degree", lambda r: "mild" if r["degree"] == "gross" else "gross"
    ),
    "a box that is right": _edit(BOX["where"], "box", lambda r: r["true_box"]),
    "another true box": _edit(
        BOX["where"], "true_box", lambda r: [r["true_box"][0] + 1.0, *r["true_box"][1:]]
    ),
    "a box of another thing": _edit(BOX["where"], "instance_id", 999),
    "another overlap": _edit(BOX["where"], "iou", lambda r: r["iou"] - 0.01),
    "another group": _edit(BOX["where"], "group", lambda r: r["group"] + 1),
}


@pytest.mark.parametrize("lie", FORGED)
def test_a_forged_negative_is_found_out(single: Path, swept: Path, tmp_path: Path, lie: str) -> None:
    root, source = tmp_path / "forged", swept if lie in OF_SWEEPS else single
    root.mkdir()
    for entry in source.iterdir():
        if entry.name != FOLDER:
            (root / entry.name).symlink_to(entry)
    tables = {name: read_table(source / FOLDER / f"{name}.parquet", name) for name in (EDITS, MISFITS)}
    FORGED[lie](tables)
    for name, rows in tables.items():
        write_table(root, root / FOLDER / f"{name}.parquet", name, rows)
    hashes = {n: sha256_file(root / FOLDER / f"{n}.parquet") for n in tables}
    (root / FOLDER / NEGATIVES).write_text(json.dumps({"sha256": hashes}))
    assert refuted(root), lie
