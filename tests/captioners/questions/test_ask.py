"""Asking is repeatable and balanced; what is stored stands on its own."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from dataclasses import replace

import duckdb
import pytest

from pairforge.captioners.questions.ask import ask
from pairforge.captioners.questions.balance import Balance, dropped
from pairforge.captioners.questions.registry import chosen
from pairforge.captioners.questions.stage import Request, ask_dataset
from pairforge.datasets import verify_files
from pairforge.datasets.manifest import read_manifest
from pairforge.datasets.question_table import question_path, read_questions
from pairforge.datasets.text_to_sql import export
from tests.datasets.conftest import make


def test_the_same_seed_asks_the_same_and_another_seed_otherwise(hand_made):
    families = chosen(["counting", "attributes.colour"])
    first, again, other = (ask(hand_made, families, seed=s, per_frame=2) for s in (1, 1, 2))
    assert first == again
    assert [q.question for q in first] != [q.question for q in other]


def test_no_keyframe_has_more_questions_than_asked_for(hand_made):
    found = ask(hand_made, chosen(["attributes", "existence"]), seed=1, per_frame=2)
    assert found
    assert max(Counter(q.key for q in found).values()) <= 2


def test_yes_and_no_are_even_in_every_family(asked):
    by_family = defaultdict(Counter)
    for q in asked:
        if q.answers == "yes_no":
            by_family[q.family][q.answer] += 1
    assert len(by_family) > 4
    for family, counts in by_family.items():
        assert abs(counts["yes"] - counts["no"]) <= 1, family


def test_no_answer_has_most_of_a_family(asked):
    by_family = defaultdict(list)
    for q in asked:
        if q.answers in ("word", "count", "number"):
            by_family[q.family].append(q.answer)
    for family, answers in by_family.items():
        most = Counter(answers).most_common(1)[0][1]
        assert most <= max(0.5 * len(answers), 2), family


def test_the_right_option_stands_anywhere(asked):
    places = Counter(q.position for q in asked if len(q.options) == 4)
    assert set(places) == {0, 1, 2, 3}
    assert max(places.values()) < 0.45 * sum(places.values())


def test_balance_drops_the_last_of_what_there_is_too_much_of():
    assert dropped([True] * 5 + [False] * 2, 2) == {2, 3, 4}
    assert dropped(["a", "b", "c", "d", "e"], 9) == set()


def test_an_ordinary_connection_gives_the_same_answers_over_all_scenes_at_once(hand_made, asked):
    """Programs stand on their own: no view of ours, no scene opened alone."""
    connection = duckdb.connect()
    names = (
        "scenes",
        "frames",
        "sensors",
        "instances",
        "boxes2d",
        "boxes3d",
        "events",
        "facts",
        "trajectories",
    )
    for name in names:
        import pyarrow as pa

        table = pa.concat_tables([hand_made.table(name, i) for i in hand_made.scenes])
        connection.register(f"{name}_given", table)
        connection.execute(f"CREATE TABLE {name} AS SELECT * FROM {name}_given")
    for q in asked:
        ((value,),) = connection.execute(q.sql).fetchall()
        assert (
            value == pytest.approx(json.loads(q.value))
            if q.answers == "number"
            else value == json.loads(q.value)
        )


def test_words_that_always_have_one_answer_are_not_asked_about_again_and_again():
    balance, kept = Balance(), []
    for answer in [True] * 6 + [False] * 3:
        if balance.takes(answer, answer, "truck", 2):
            balance.keep(answer, answer, "truck")
            kept.append(answer)
    assert kept == [True, False, False], "one more of either at most"


def test_of_many_possible_answers_none_is_given_most_often():
    balance, kept = Balance(), []
    for answer in ["red"] * 8 + ["blue", "green", "white"] * 4:
        if balance.takes(answer, answer, "mug", 9):
            balance.keep(answer, answer, "mug")
            kept.append(answer)
    assert max(Counter(kept).values()) <= 0.5 * len(kept)


def test_questions_are_written_once_and_kept(tmp_path):
    root = make(tmp_path / "dataset", scenes=(0,), keyframes=2)
    first = ask_dataset(root, Request(per_frame=4))
    data = question_path(root).read_bytes()
    again = ask_dataset(root, Request(per_frame=4))
    assert first.questions > 0
    assert not first.kept
    assert again.kept
    assert question_path(root).read_bytes() == data
    question_path(root).unlink()
    ask_dataset(root, Request(per_frame=4))
    assert question_path(root).read_bytes() == data, "the same request gives the same bytes"
    assert ask_dataset(root, Request(per_frame=1)).questions < first.questions
    assert not list(verify_files.whole(root, read_manifest(root))), (
        "the questions' file belongs to the dataset"
    )


def test_a_file_beside_the_questions_is_still_found(tmp_path):
    root = make(tmp_path / "dataset", scenes=(0,), keyframes=1)
    ask_dataset(root, Request(per_frame=1))
    (question_path(root).parent / "more.txt").write_text("x")
    assert [f.check for f in verify_files.whole(root, read_manifest(root))] == ["extra file"]


def test_text_to_sql_lines_hold_question_schema_program_and_answer(tmp_path):
    root = make(tmp_path / "dataset", scenes=(0,), keyframes=1)
    ask_dataset(root, Request(per_frame=4))
    assert export(root, tmp_path / "pairs.jsonl") == len(read_questions(root)[0])
    for line in (tmp_path / "pairs.jsonl").read_text().splitlines():
        pair = json.loads(line)
        connection = duckdb.connect()
        connection.execute(pair["schema"])  # the schema is SQL
        connection.execute(f"EXPLAIN {pair['sql']}")  # and the program fits it
        assert pair["question"].endswith("?")
        assert pair["answer"]


def test_reading_back_gives_the_very_questions(tmp_path, asked):
    from pairforge.datasets.question_table import write_questions

    write_questions(tmp_path, asked, {"seed": 1})
    found, made_from = read_questions(tmp_path)
    assert found == [replace(q) for q in asked]
    assert made_from == {"seed": 1}
