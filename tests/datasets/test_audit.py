"""The leakage report: leaks made on purpose are found, sound sets pass, small ones get no verdict."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from scipy import stats

from pairforge.datasets import audit_images, audit_sweeps, audit_text
from pairforge.datasets.audit_balance import balance
from pairforge.datasets.audit_blind import SENSES, Kind, blind_kinds, taken
from pairforge.datasets.audit_diversity import distinct, histogram, self_bleu
from pairforge.datasets.audit_quads import Quad
from pairforge.datasets.audit_questions import families
from pairforge.datasets.audit_trial import (
    ALPHA,
    Items,
    Model,
    accuracy,
    blocks,
    choices,
    holm,
    verdict,
    wilson,
)
from pairforge.seeding import Stream
from tests.core.test_cli import pairforge, refused

COLOURS = ("red", "blue", "green", "white", "black", "yellow")
MANY, SOME = 600, 240


def quads(n: int = MANY, seed: int = 0, swapped: bool = True, kind: str = "attribute") -> list[Quad]:
    """Vans of two colours, two quads a scene; which comes first is drawn (``swapped``), else the dictionary says."""
    rng, made = Stream(seed, "quads").rng(), []
    for k in range(n):
        pair = sorted(rng.choice(len(COLOURS), 2, replace=False).tolist(), key=lambda c: COLOURS[c])
        if swapped and rng.random() < 0.5:
            pair.reverse()
        side, far = ("left", "right")[int(rng.integers(2))], int(rng.integers(3, 12))
        texts = tuple(f"A {COLOURS[c]} van is parked on the {side}, {far} metres away." for c in pair)
        keys = (f"{k:06d}-000000", f"{k:06d}-000001")
        made.append(Quad(k, kind, "counterfactual", "en", k // 2, "front", keys, (texts[0], texts[1])))
    return made


def look(shown: tuple[str, str]) -> np.ndarray:
    """A picture of noise, another for every key."""
    rng = Stream(0, shown[0]).rng()
    return rng.integers(0, 255, (36, 64, 3), dtype=np.uint8) // 2 + np.uint8(rng.integers(0, 100))


def sweep(key: str) -> np.ndarray:
    """The statistics of a sweep of noise; those of every tenth scene's two keyframes are alike."""
    scene, _ = key.split("-")
    rng = Stream(1, key if int(scene) % 10 else scene).rng()
    points = rng.normal(0.0, 8.0, (200, 3))
    return audit_sweeps.statistics(points, rng.random(200))


@pytest.fixture(autouse=True)
def plain_embedding(monkeypatch: pytest.MonkeyPatch) -> None:
    """Latent semantics, which are quick, in place of the encoder."""
    monkeypatch.setattr(audit_text, "find_spec", lambda name: None)


def only(found: list[Kind]) -> Kind:
    assert len(found) == 1
    return found[0]


def leaking(kind: Kind) -> set[tuple[str, str]]:
    return {(t.model, t.way) for t in kind.trials if t.verdict == "leaks"}


def test_a_sound_set_passes_and_its_canaries_are_found() -> None:
    kind = only(blind_kinds(quads(), look, Stream(0), sweep=sweep)[0])
    assert kind.verdict == "sound", kind.why
    assert {(t.sense, t.verdict) for t in kind.canaries} == {(s, "leaks") for s in SENSES}
    both = [t for t in kind.trials if t.way == "both"]
    assert {t.accuracy.share for t in both} == {0.5}
    assert both[0].accuracy.tested == 2 * MANY * 5 // 6
    assert kind.swept == MANY * 9 // 10


def test_a_one_sided_canary_forged_from_a_sound_set_fails_the_same_check() -> None:
    kind = only(blind_kinds(quads(SOME), look, Stream(0), forge=True, sweep=sweep)[0])
    assert kind.verdict == "leaks"
    assert {t.sense for t in kind.trials if t.verdict == "leaks"} == {"text", "picture", "sweep"}


def test_a_first_member_that_is_longer_is_told_by_its_length() -> None:
    longer = [
        replace(q, texts=(q.texts[0].replace("parked", "parked there, quite still,"), q.texts[1]))
        for q in quads(SOME)
    ]
    kind = only(blind_kinds(longer, look, Stream(0))[0])
    assert kind.verdict == "leaks"
    assert ("length", "stored") in leaking(kind)
    assert not {way for _, way in leaking(kind)} & {"both", "lot"}


def test_words_that_come_first_too_often_are_told_by_the_words_and_not_by_the_length() -> None:
    kind = only(blind_kinds(quads(SOME, swapped=False), look, Stream(0))[0])
    assert kind.verdict == "leaks"
    assert {("words", "stored"), ("sentence embedding", "stored")} <= leaking(kind)


def test_a_twin_that_is_brighter_is_told_by_its_picture() -> None:
    def brighter(shown: tuple[str, str]) -> np.ndarray:
        return look(shown) + np.uint8(30 * shown[0].endswith("1"))

    kind = only(blind_kinds(quads(SOME), brighter, Stream(0))[0])
    assert kind.verdict == "leaks"
    assert {model for model, _ in leaking(kind)} == {"picture statistics", "picture statistics, trees"}


def test_a_twin_whose_sweep_is_nearer_is_told_by_the_sweep_and_by_nothing_else() -> None:
    def nearer(key: str) -> np.ndarray:
        rng = Stream(1, key).rng()
        return audit_sweeps.statistics(
            rng.normal(0.0, 9.0 - 2.0 * key.endswith("1"), (200, 3)), rng.random(200)
        )

    kind = only(blind_kinds(quads(SOME), look, Stream(0), sweep=nearer)[0])
    assert {(model, way) for model, way in leaking(kind)} == {
        ("sweep statistics", "stored"),
        ("sweep statistics, trees", "stored"),
    }


def test_sweeps_that_are_alike_or_not_there_make_no_trial() -> None:
    for nothing in (lambda key: None, lambda key: sweep("000000-000000")):
        kind = only(blind_kinds(quads(30), look, Stream(0), sweep=nothing)[0])
        assert kind.swept == 0
        assert {t.sense for t in (*kind.trials, *kind.canaries)} == {"text", "picture"}


def test_sweep_statistics_see_range_direction_and_brightness() -> None:
    ahead, aside = np.array([[10.0, 0.1, -1.0]] * 8), np.array([[0.1, 10.0, -1.0]] * 8)
    a, b = (audit_sweeps.statistics(p, np.full(8, 0.25)) for p in (ahead, aside))
    cells = 48
    assert len(a) == 160
    assert np.flatnonzero(a[:cells]).tolist() == [12], "straight ahead, in the second band"
    assert np.flatnonzero(b[:cells]).tolist() == [14], "to the left"
    assert a[cells + 12] == pytest.approx(1 / (1 + np.hypot(10.0, 1.0) / 10), abs=1e-3)
    assert a[2 * cells + 12] == 0.25
    assert len(audit_sweeps.statistics(np.zeros((0, 3)), np.zeros(0))) == 160


def test_too_few_quads_get_no_verdict_unless_they_leak_for_all_to_see() -> None:
    few = only(blind_kinds(quads(90), look, Stream(0))[0])
    assert few.verdict == "too few"
    assert "too few" in few.why
    assert only(blind_kinds(quads(90), look, Stream(0), forge=True)[0]).verdict == "leaks"


def test_every_kind_and_language_is_judged_by_itself() -> None:
    german = [replace(q, language="de") for q in quads(60)]
    found, _ = blind_kinds([*quads(60), *german, *quads(60, kind="count")], look, Stream(0))
    assert [(k.kind, k.language, k.quads) for k in found] == [
        ("attribute", "de", 60),
        ("attribute", "en", 60),
        ("count", "en", 60),
    ]


def test_the_same_seed_gives_the_same_report() -> None:
    assert blind_kinds(quads(60), look, Stream(3))[0] == blind_kinds(quads(60), look, Stream(3))[0]


def test_a_sound_set_is_seldom_outside_its_interval_even_where_all_quads_have_the_same_two_texts() -> None:
    """The case in which cross-validation errs: what was right more often in training is so less often in the rest."""
    model = Model("one word", np.array([[1.0, 0.0], [0.0, 1.0]]))
    pairs, group = np.tile([[0, 1]], (240, 1)), np.arange(240)
    outside = 0
    for k in range(200):
        items = taken("lot", pairs, group, np.zeros(2), Stream(k))
        outside += accuracy(*choices(model, items, Stream(k, "blocks"))).p < 0.05
    assert stats.binomtest(outside, 200, 0.05).pvalue > 0.01
    assert stats.binomtest(outside, 200, 0.17).pvalue < 0.001


def test_items_that_share_their_luck_widen_the_interval() -> None:
    rng = Stream(1).rng()
    covered = 0
    for _ in range(300):
        luck = rng.integers(0, 2, 60).astype(float)
        credit, group = np.repeat(luck, 10), np.repeat(np.arange(60), 10)
        found = accuracy(credit, group)
        covered += found.low <= 0.5 <= found.high
        assert found.effective == pytest.approx(60, rel=0.1)
    assert covered / 300 > 0.9


def test_no_scene_is_on_both_sides_and_blocks_are_even() -> None:
    group = np.repeat(np.arange(30), 4)
    dealt = blocks(group, Stream(0))
    assert all(len(set(dealt[group == g].tolist())) == 1 for g in range(30))
    assert np.bincount(dealt).tolist() == [20] * 6


def test_wilson_and_holm_agree_with_scipy_and_the_textbook() -> None:
    low, high = wilson(0.7, 50)
    said = stats.binomtest(35, 50).proportion_ci(method="wilson")
    assert (low, high) == pytest.approx((said.low, said.high))
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])


def test_a_verdict_needs_groups_and_a_narrow_interval() -> None:
    coin = np.tile([0.0, 1.0], 1000)
    assert verdict(accuracy(coin, np.arange(2000)), 1.0) == "sound"
    assert verdict(accuracy(coin, np.arange(2000) % 10), 1.0) == "too few"
    assert verdict(accuracy(coin[:100], np.arange(100)), 1.0) == "too few"
    assert verdict(accuracy(np.ones(100), np.arange(100)), ALPHA / 2) == "leaks"


def test_ties_are_half_right() -> None:
    alike = Model("nothing", np.ones((2, 3)))
    items = Items(np.zeros(60, np.int64), np.ones(60, np.int64), np.arange(60))
    assert set(choices(alike, items, Stream(0))[0].tolist()) == {0.5}


def test_words_are_split_in_every_script() -> None:
    assert audit_text.tokens("A van, 3.5 m.") == ["a", "van", ",", "3", ".", "5", "m", "."]
    assert audit_text.tokens("左边有红车。") == ["左", "边", "有", "红", "车", "。"]
    assert audit_text.tokens("Größe") == ["größe"]


def test_latent_semantics_stand_in_where_no_encoder_is_installed() -> None:
    vectors, name = audit_text.embedded([q.texts[0] for q in quads(40)])
    assert vectors.shape[0] == 40
    assert "latent" in name


def test_the_installed_encoder_knows_meanings_and_languages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    texts = ["A red van is parked.", "Ein roter Lieferwagen parkt.", "Two apples lie on a table."]
    (english, german, apples), name = audit_text.embedded(texts)
    assert "USE" in name
    assert english @ german > 2 * (english @ apples)


def test_picture_statistics_see_brightness_colour_and_edges() -> None:
    dark, light = (np.full((36, 64, 3), v, np.uint8) for v in (10, 200))
    edge = dark.copy()
    edge[:, 32:] = 200
    a, b, c = (audit_images.statistics(p) for p in (dark, light, edge))
    assert len(a) == 88
    assert b[:3] == pytest.approx(200 / 255)
    assert a[-9:].max() == 0.0
    assert c[-9:].max() > 0.02


def test_balance_and_diversity_of_known_texts() -> None:
    even = balance("colour", {"red": 4, "blue": 4, "green": 4, "white": 4})
    assert (even.entropy, even.evenness, even.total) == (2.0, 1.0, 16)
    assert balance("colour", {"red": 4}).evenness == 0.0
    assert distinct([["a", "b", "a"]], 1) == pytest.approx(2 / 3)
    assert distinct([["a", "b", "a"]], 2) == 1.0
    assert self_bleu(["the same words again and again"] * 3, "en") == pytest.approx(100.0)
    assert self_bleu(["a red van", "zwei Hunde dort"], "en") < 5.0
    assert histogram([0, 1, 1, 5]) == ((1, 1), (2, 2), (3, 0), (4, 0), (5, 0), (6, 1))


def question(scene: int, text: str, answer: str, position: int = 0) -> dict[str, object]:
    return {
        "family": "colour.what",
        "scene_index": scene,
        "language": "en",
        "question": text,
        "answer": answer,
        "options": ["red", "blue"],
        "position": position,
    }


def test_answers_that_the_question_gives_away_are_seen_beside_the_majority() -> None:
    rng = Stream(2).rng()
    drawn = [("red", "blue")[int(rng.integers(2))] for _ in range(240)]
    told = [question(k // 2, f"Is the {a}berry red or blue?", a, k % 2) for k, a in enumerate(drawn)]
    untold = [question(k // 2, "Is the van red or blue?", a, k % 2) for k, a in enumerate(drawn)]
    gives, keeps = families(told, Stream(0))[0], families(untold, Stream(0))[0]
    assert gives.guessing is not None
    assert keeps.guessing is not None
    assert gives.guessing.words == 1.0
    assert gives.guessing.low > 0.3
    assert keeps.guessing.lead == 0.0
    assert gives.positions.evenness == 1.0
    assert families(told[:20], Stream(0))[0].guessing is None


def write_quads(root: Path, rows: list[Quad]) -> None:
    (root / "contrasts").mkdir(exist_ok=True)
    table = pa.Table.from_pylist(
        [
            {
                **{n: getattr(q, n) for n in ("quad_id", "kind", "label", "language", "sensor")},
                "group": np.int32(q.group),
                "key_0": q.keys[0],
                "key_1": q.keys[1],
                "text_0": q.texts[0],
                "text_1": q.texts[1],
            }
            for q in rows
        ]
    )
    pq.write_table(table, root / "contrasts" / "quads.parquet")


@pytest.fixture
def with_quads(tmp_path: Path) -> Path:
    """A real little dataset, with quads about its few pictures."""
    from tests.datasets.conftest import make

    root = make(tmp_path / "data")
    keys = [("000000-000000", "000001-000000"), ("000000-000002", "000001-000002")]
    write_quads(root, [replace(q, keys=keys[q.quad_id % 2], sensor="cam.Front") for q in quads(120)])
    return root


def test_the_command_writes_a_page_and_json_and_says_by_its_exit_how_it_went(with_quads: Path) -> None:
    done = pairforge("audit", str(with_quads), "--json")
    found = json.loads(done.stdout)
    assert done.returncode == {"leaks": 1, "too few": 3}[found["verdict"]]
    assert json.loads((with_quads / "audit" / "audit.json").read_text()) == found
    page = (with_quads / "audit" / "index.html").read_text()
    assert "Leakage report" in page
    assert "http" not in page.replace("http-equiv", "")
    assert {b["name"] for b in found["attributes"]} >= {"class", "colour"}
    assert found["diversity"][0]["captions"] > 0
    assert found["kinds"][0]["swept"] == 120
    assert {t["sense"] for t in found["kinds"][0]["trials"]} == set(SENSES)
    forged = pairforge("audit", str(with_quads), "--canary", "--out", str(with_quads / "elsewhere"))
    assert forged.returncode == 1
    assert (with_quads / "elsewhere" / "index.html").is_file()


def test_a_dataset_without_contrasts_has_nothing_to_judge(tiny_dataset: Path, tmp_path: Path) -> None:
    done = pairforge("audit", str(tiny_dataset), "--out", str(tmp_path / "audit"))
    assert done.returncode == 0
    assert "no contrasts" in done.stdout


def test_bad_input_is_refused_in_words(
    with_quads: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused(pairforge("audit", str(tmp_path / "nothing")), "nothing")
    write_quads(with_quads, [replace(q, sensor="rear") for q in quads(4)])
    refused(pairforge("audit", str(with_quads)), "rear")
    (with_quads / "contrasts" / "quads.parquet").write_bytes(b"PAR1")
    refused(pairforge("audit", str(with_quads)), "damaged")
    pq.write_table(pa.table({"kind": ["a"]}), with_quads / "contrasts" / "quads.parquet")
    refused(pairforge("audit", str(with_quads)), "quad_id")
    monkeypatch.setattr("pairforge.datasets.audit.find_spec", lambda name: None)
    refused(pairforge("audit", str(with_quads)), "scikit-learn", "pairforge[audit]")
