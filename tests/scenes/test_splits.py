"""A part of a split shows its own assets and compositions, and every option belongs to one part."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pairforge.errors import SpecError
from pairforge.scenes.concrete import ConcreteItem, ConcreteScene
from pairforge.scenes.distributions import Choice, Integer
from pairforge.scenes.placement import On
from pairforge.scenes.resolve import resolve
from pairforge.scenes.settings import Empty
from pairforge.scenes.spec import Prop, Scene
from pairforge.scenes.splits import PARTS, HeldOut, Split, deal, things_of

SHAPES = ("mug", "bowl", "can", "apple", "book", "box", "sphere", "cylinder", "cone", "plate")
COLOURS = ("red", "green", "blue", "yellow")
THING = Prop(
    name="thing", shape=Choice(*SHAPES), colour=Choice(*COLOURS), place=On("floor"), count=Integer(2, 3)
)
BLOCK = Prop(name="block", shape=Choice("box", "sphere", "cone"), colour=Choice(*COLOURS), place=On("floor"))
SCENE = Scene(name="split", setting=Empty(size_m=6.0), props=[THING, BLOCK], duration_s=0.5)


def part(name: Any, **more: Any) -> Scene:
    return replace(SCENE, split=Split(part=name, **more))


def things(concrete: ConcreteScene) -> list[ConcreteItem]:
    return [i for i in concrete.items if i.name.startswith(("thing", "block"))]


def test_every_option_belongs_to_one_part_and_every_thing_has_one_in_each():
    dealt = deal(Split(divide=("shape",)), things_of(SCENE.props))["shape"]
    assert set(dealt) == set(SHAPES)
    for prop in SCENE.props:
        assert {dealt[o] for o in prop.shape.options} == set(PARTS)


@pytest.mark.parametrize("name", PARTS)
def test_a_part_draws_its_own_shapes_alone(name):
    dealt = deal(Split(divide=("shape",)), things_of(SCENE.props))["shape"]
    seen = {i.family for seed in range(8) for i in things(resolve(part(name, divide=("shape",)), seed))}
    assert seen <= {option for option, owner in dealt.items() if owner == name}


def test_shares_are_met_as_nearly_as_whole_options_allow():
    many = replace(THING, shape=Choice(*(f"s{k}" for k in range(100))))
    values = {"thing": {"shape": many.shape, "colour": many.colour, "material": None}}
    dealt = Counter(deal(Split(divide=("shape",), train=8, validation=1, test=1), values)["shape"].values())
    assert dealt == {"train": 80, "validation": 10, "test": 10}


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.lists(st.sampled_from(SHAPES), min_size=3, unique=True), min_size=1, max_size=4), st.randoms()
)
def test_dealing_does_not_depend_on_the_order_things_or_options_are_written_in(sets, shuffler):
    def values(of: list[list[str]]) -> dict[str, dict[str, Any]]:
        return {f"t{k}": {"shape": Choice(*s), "colour": None, "material": None} for k, s in enumerate(of)}

    def attempt(of: dict[str, dict[str, Any]]) -> Any:
        try:
            return deal(Split(divide=("shape",)), of)
        except SpecError:
            return None

    first = attempt(values(sets))
    mixed = values([shuffler.sample(s, len(s)) for s in sets])
    names = shuffler.sample(list(mixed), len(mixed))
    assert attempt({n: mixed[n] for n in names}) == first


TWO = replace(BLOCK, shape=Choice("box", "cone"))
RED_BLOCK = HeldOut(shape="box", colour="red")


def shows(concrete: ConcreteScene) -> bool:
    return any((i.family, i.colour) == ("box", "red") for i in things(concrete))


def test_a_held_out_composition_is_never_seen_in_training_and_always_in_its_own_part():
    train, test = part("train", held_out=(RED_BLOCK,)), part("test", held_out=(RED_BLOCK,))
    free = [resolve(SCENE, seed) for seed in range(30)]
    assert any(shows(c) for c in free), "the oracle itself must be able to fail"
    assert not any(shows(resolve(train, seed)) for seed in range(30))
    assert all(shows(resolve(test, seed)) for seed in range(10))


def test_its_attributes_are_still_seen_apart_in_training():
    drawn = [i for seed in range(30) for i in things(resolve(part("train", held_out=(RED_BLOCK,)), seed))]
    assert "red" in {i.colour for i in drawn if i.family != "box"}
    assert "box" in {i.family for i in drawn}


def test_parts_are_not_each_other_in_other_colours():
    a, b = (resolve(part(name, divide=("shape",)), 3) for name in ("train", "test"))
    assert {i.position_m for i in things(a)}.isdisjoint({i.position_m for i in things(b)})


def test_a_counterfactual_holds_everything_else_in_a_split_too():
    scene = part("test", divide=("shape",), held_out=(HeldOut(colour="red", material="metal"),))
    scene = replace(scene, props=[replace(p, material=Choice("metal", "plastic")) for p in scene.props])
    base = resolve(scene, 5)
    twin = resolve(scene, 5, do={"block.colour": "blue"})
    changed = {a.name for a, b in zip(base.items, twin.items, strict=True) if a != b}
    assert changed <= {"block"}
    assert twin.split == base.split


def test_the_split_is_stored_and_comes_back():
    concrete = resolve(part("test", divide=("shape",), held_out=(RED_BLOCK,)), 1)
    assert ConcreteScene.from_json(concrete.to_json()) == concrete
    assert concrete.split["part"] == "test"


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: Split(part="tests"), 'Did you mean "test"'),
        (lambda: Split(divide=("shapes",)), 'Did you mean "shape"'),
        (lambda: Split(part="test", test=0.0), "share 0"),
        (lambda: Split(train=-1.0), "0 or more"),
        (lambda: HeldOut(shape="box"), "two attributes"),
        (lambda: resolve(part("test", divide=("blok.shape",)), 1), 'Did you mean "block"'),
        (lambda: resolve(part("test", divide=("block.shape",)), 1), 'Divide "thing.shape" as well'),
        (lambda: resolve(part("test", held_out=(HeldOut(shape="bus", colour="red"),)), 1), "no thing of the scene"),
        (
            lambda: resolve(replace(part("test", divide=("shape",)), props=[TWO]), 1),
            "has 2 options, but 3 parts",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_split_is_said_with_its_remedy(make, says):
    with pytest.raises(SpecError, match=says):
        make()
