"""Every family keeps the protocol, and what comes out agrees with counting by hand."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from dataclasses import replace

import numpy as np
import pytest

from pairforge.captioners.questions.ask import ask
from pairforge.captioners.questions.conformance import check_family
from pairforge.captioners.questions.moment import Moment, Stage
from pairforge.captioners.questions.proof import Rejected, prove
from pairforge.captioners.questions.registry import FAMILIES, chosen, family
from pairforge.datasets.sql import Tables
from pairforge.datasets.verify_questions import Judge
from pairforge.errors import SpecError
from pairforge.seeding import Stream
from tests.captioners.hand_made import VAN, Thing, street
from tests.captioners.questions.hand_dataset import HandDataset
from tests.captioners.random_scenes import told


@pytest.fixture(scope="module")
def stages(hand_made):
    found = {i: Stage(Tables.of(hand_made, [i])) for i in hand_made.scenes[:3]}
    yield found
    for stage in found.values():
        stage.tables.close()


@pytest.mark.parametrize("name", FAMILIES.names())
def test_every_family_keeps_the_protocol(name, stages):
    for scene_index, stage in stages.items():
        check_family(family(name), stage, scene_index, most=2)


def test_there_are_at_least_forty_families_of_every_subject():
    assert len(FAMILIES.names()) >= 40
    assert {family(n).about for n in FAMILIES.names()} == {
        "image", "lidar", "driving", "clip", "inspection", "sensors"
    }  # fmt: skip


def test_a_misspelt_family_is_named_with_the_nearest():
    with pytest.raises(SpecError, match=r"counting\.of_kind"):
        chosen(["counting.of_knd"])


def counted(frame, record, word: str) -> int:
    """Things that a mask shows 40 pixels of, counted without any table."""
    (camera,) = frame.cameras.values()
    px = Counter(camera.instance.ravel().tolist())
    return sum(
        px[row.instance_id] >= 40
        for row in record.instances
        if word in (row.noun, row.semantic) and row.name != record.ego
    )


def proved(name: str, stages):
    """(scene, question, value) of every candidate of a family that holds, whatever the balance."""
    for scene_index, stage in stages.items():
        for row in stage.candidates(family(name).candidates):
            asked = family(name).ask(Moment(stage, scene_index, row["key"], row["sensor"]), row)
            if asked is None:
                continue
            with suppress(Rejected):
                yield scene_index, row, prove(stage.tables, family(name), asked, Stream(0, "t").rng()).value


def test_counts_are_what_the_masks_show(hand_made, stages):
    found = [f for f in proved("counting.of_kind", stages) if f[1]["word"] != "vehicle"]
    assert len(found) > 5
    for scene_index, row, value in found:
        assert counted(*hand_made.held[scene_index], row["word"]) == value, row


def test_nobody_asks_whether_there_are_more_of_a_kind_than_of_its_own_kinds(hand_made, stages):
    for scene_index, stage in stages.items():
        _, record = hand_made.held[scene_index]
        for row in stage.candidates(family("comparison.more").candidates):
            called = [
                {r.instance_id for r in record.instances if word in (r.noun, r.semantic)}
                for word in (row["one"], row["other"])
            ]
            asked = family("comparison.more").ask(Moment(stage, scene_index, row["key"], row["sensor"]), row)
            assert asked is None or not called[0] & called[1], row


def test_left_and_right_are_what_the_mask_columns_say(hand_made, stages):
    found = list(proved("spatial.left_or_right", stages))
    assert len(found) > 5
    for scene_index, row, value in found:
        (camera,) = hand_made.held[scene_index][0].cameras.values()
        one, other = (np.nonzero(camera.instance == row[n])[1].mean() for n in "ab")
        assert value == ("left" if one < other else "right"), row


def test_answers_about_a_known_table(stages):
    stage = stages[1]  # busy_table: a red mug, a blue and a green cube, a yellow ball in the air
    key, sensor = stage.tables.rows("SELECT key, sensor FROM sensors WHERE kind = 'camera'")[0].values()
    ids = {r["noun"] + r["colour"]: r["instance_id"] for r in stage.tables.rows("SELECT * FROM instances")}
    at = Moment(stage, 1, key, sensor)

    def answer(name: str, **row: object) -> object:
        asked = family(name).ask(at, row)
        assert asked is not None, name
        return stage.tables.value(asked.sql)

    assert answer("attributes.colour", a=ids["mugred"]) == "red"
    assert answer("counting.of_kind", word="cube") == 2
    assert answer("counting.of_colour_and_kind", word="cube", colour="green") == 1
    assert answer("existence.of_kind", word="bottle") is False
    assert answer("motion.state", a=ids["ballyellow"]) == "falling"
    assert answer("comparison.same_colour", a=ids["mugred"], b=ids["ballyellow"]) is False
    assert family("attributes.colour").ask(at, {"a": ids["cubeblue"]}) is None, (
        "its name gives its colour away"
    )


def test_what_only_the_lidar_notices_is_asked_where_a_van_hides_a_truck() -> None:
    van = Thing("van", "van", (9.0, -1.6, 1.1), VAN, "white")
    truck = Thing("truck", "truck", (19.0, -1.6, 1.1), (5.0, 1.7, 2.2), "blue")
    dataset = HandDataset(0)
    frame, record = told(street([van, truck]), 0)
    dataset.held[0] = replace(frame, scene_index=0, frame_index=0), replace(record, scene_index=0)
    (question,) = ask(dataset, chosen(("lidar.unseen",)), seed=1)
    assert question.answer == "truck"
    assert not list(Judge(Tables.of(dataset, [0])).problems(question))
