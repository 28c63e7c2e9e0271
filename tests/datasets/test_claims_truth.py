"""A text stands alone before a keyframe: true, false beyond its dead band, or open. Worlds are laid out by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pairforge.captioners.meanings import Measure, Mention, Mentions, Message
from pairforge.captioners.realise import caption_of, phrasings, realise
from pairforge.datasets.claims_scene import Proof
from pairforge.datasets.claims_truth import FALSE, TRUE, read_text, truth
from pairforge.pipeline import keyframes, prepare
from pairforge.renderers.raycast import RaycastRenderer
from pairforge.scenes.placement import Above, At
from pairforge.scenes.settings import Empty
from pairforge.scenes.spec import Camera, Prop, Scene, Weather

FIXED = {"moves": False, "size_m": 0.6}
THINGS = [
    Prop(name="left", shape="sphere", colour="red", place=At((4.0, 1.2, 0.0)), **FIXED),
    Prop(name="right", shape="box", colour="blue", place=At((4.0, -1.2, 0.0)), **FIXED),
    Prop(name="one", shape="traffic_cone", moves=False, place=At((4.4, 2.2, 0.0))),
    Prop(name="two", shape="traffic_cone", moves=False, place=At((4.4, -2.2, 0.0))),
    Prop(name="low", shape="sphere", colour="white", size_m=0.4, place=Above("floor", 0.3, 5.0, 0.3)),
    Prop(name="high", shape="cylinder", colour="yellow", size_m=0.5, place=Above("floor", 1.6, 5.0, -0.4)),
    Prop(name="dog", shape="dog", colour="brown", moves=False, place=At((3.4, 0.0, 0.0), 180.0)),
]
SCENE = Scene(
    name="laid.out",
    setting=Empty(size_m=200.0),
    props=THINGS,
    sensors=[Camera(name="eye", position_m=(0.0, 0.0, 1.5), pitch_deg=-10.0, width_px=160, height_px=120)],
    weather=Weather(sun_elevation_deg=45.0, sun_azimuth_deg=200.0),
    warm_up_s=0.45,
    duration_s=0.5,
)


@pytest.fixture(scope="module")
def proof() -> Proof:
    ready = prepare(SCENE, 1, 0)
    renderer = RaycastRenderer()
    (frame,) = keyframes(ready, renderer, "draft")
    return Proof(frame, ready.record)


def test_nothing_may_rest_on_what_fog_hides(proof: Proof) -> None:
    """The ball at 4 m is hidden beyond ln(10) / 0.7 = 3.3 m, the dog before it is not."""
    sky = {**proof.record.concrete["sky"], "fog_per_m": 0.7}
    foggy = Proof(proof.frame, replace(proof.record, concrete={**proof.record.concrete, "sky": sky}))
    told = {"there": a("ball", "red"), "none": a("ball", "red", form="none")}
    assert score(proof, "presence", thing=told["there"]) > TRUE
    assert score(proof, "presence", thing=told["none"]) < FALSE
    for thing in told.values():
        assert score(foggy, "presence", thing=thing) == 0.0
    assert score(foggy, "presence", thing=a("dog")) > TRUE
    assert score(foggy, "presence", thing=a("mug")) < FALSE


def score(proof: Proof, template: str, **slots: object) -> float:
    """The least and the greatest score over all phrasings must agree: they say the same."""
    nouns = frozenset(n for r in proof.record.instances for n in proof.names(r.instance_id)) | {"mug", "cone"}
    found = set()
    for phrasing in phrasings(template):
        caption = caption_of("contrast", "eye", [(realise(phrasing, slots), ())], template)  # type: ignore[arg-type]
        found.add(truth(proof, "eye", read_text(caption, nouns)))
    assert len(found) == 1, found
    return found.pop()


def a(word: str, *qualities: str, form: str = "a") -> Mention:
    return Mention((0,), form=form, qualities=qualities, word=word)


BALL, BOX = a("ball", "red", "rubber"), a("box", "blue")


def test_presence_is_true_false_and_its_negation_the_other_way_round(proof: Proof) -> None:
    for there in (a("ball", "red"), a("dog"), a("box", "blue"), a("traffic cone")):
        assert score(proof, "presence", thing=there) > TRUE
        assert score(proof, "presence", thing=replace(there, form="none")) < FALSE
    for absent in (a("ball", "green"), a("box", "red"), a("mug"), a("dog", "white")):
        assert score(proof, "presence", thing=absent) < FALSE
        assert score(proof, "presence", thing=replace(absent, form="none")) > TRUE


@pytest.mark.parametrize(("count", "true"), [(1, False), (2, True), (3, False)])
def test_a_number_is_exact(proof: Proof, count: int, true: bool) -> None:
    some = Mention(tuple(range(1, count + 1)), form="count", word="traffic cone")
    if count == 1:
        assert score(proof, "in_view", things=a("traffic cone")) > TRUE, "there is one, and another"
        return
    assert (score(proof, "in_view", things=some) > TRUE) == true
    assert (score(proof, "in_view", things=some) < FALSE) == (not true)


def test_sides_are_those_of_the_camera(proof: Proof) -> None:
    ball, box = a("ball", "red"), a("box", "blue")
    assert score(proof, "left_of", who=ball, other=box) > TRUE
    assert score(proof, "right_of", who=ball, other=box) < FALSE
    assert score(proof, "left_of", who=box, other=ball) < FALSE
    # There are two cones, one on either side: "a cone" is left of the box, and right of it too.
    assert score(proof, "left_of", who=a("traffic cone"), other=ball) > TRUE
    assert score(proof, "right_of", who=a("traffic cone"), other=ball) > TRUE


def test_a_list_is_true_of_different_things(proof: Proof) -> None:
    both = Mentions((a("traffic cone"), a("traffic cone", form="another")))
    assert score(proof, "in_view", things=both) > TRUE
    assert score(proof, "in_view", things=Mentions((a("dog"), a("dog", form="another")))) < FALSE


def test_nothing_but_names_all_there_is(proof: Proof) -> None:
    two = Mention((3, 4), form="count", word="traffic cone")
    rest = (a("ball", "red"), a("box", "blue"), two, a("ball", "white"), a("cylinder"))
    assert score(proof, "nothing_but", things=Mentions((*rest, a("dog")))) > TRUE
    assert score(proof, "nothing_but", things=Mentions(rest)) < FALSE


def test_falling_landing_and_their_order(proof: Proof) -> None:
    white, yellow = a("ball", "white"), a("cylinder", "yellow")
    assert score(proof, "falling_free", who=yellow) > TRUE
    assert score(proof, "falling_free", who=a("ball", "red")) < FALSE
    assert score(proof, "on_ground", things=yellow, ground="ground") < FALSE
    assert score(proof, "landed_before", first=white, second=yellow) > TRUE
    assert score(proof, "landed_before", first=yellow, second=white) < FALSE
    assert score(proof, "landed_before", first=a("ball", "red"), second=white) < FALSE, "it never fell"


def test_a_dog_that_faces_us_has_our_left_on_its_right(proof: Proof) -> None:
    assert score(proof, "left_of", who=a("ball", "red"), other=a("dog")) > TRUE
    assert score(proof, "own_side", whose=a("dog"), who=a("ball", "red"), side="right") > TRUE
    assert score(proof, "own_side", whose=a("dog"), who=a("ball", "red"), side="left") < FALSE
    assert score(proof, "own_side", whose=a("box"), who=a("ball", "red"), side="left") < FALSE, "no front"


def test_distances_have_a_dead_band_of_two_roundings(proof: Proof) -> None:
    away = {m: score(proof, "camera_distance", who=a("box", "blue"), gap=Measure(m, "m")) for m in "345679"}
    assert away["4"] > TRUE, "the box is 4.18 m away, level"
    assert away["5"] == 0.0, "off by less than one metre of rounding: open"
    assert away["6"] < FALSE
    assert away["9"] <= away["7"] < FALSE


def test_weather_is_told_by_the_sky_alone(proof: Proof) -> None:
    assert score(proof, "weather", weather="sunny", time="day") > TRUE
    for weather, time in (("foggy", "day"), ("rainy", "day"), ("overcast", "day"), (None, "night")):
        assert score(proof, "weather", weather=weather, time=time) < FALSE


def test_two_sentences_are_as_true_as_the_weaker(proof: Proof) -> None:
    nouns = frozenset({"dog", "mug", "ball"})
    said = [(realise(phrasings("presence")[0], {"thing": a(w)}), ()) for w in ("dog", "mug")]
    both = caption_of("contrast", "eye", said, "presence+presence")
    assert truth(proof, "eye", read_text(both, nouns)) < FALSE
    assert truth(proof, "eye", read_text(caption_of("contrast", "eye", said[:1], "presence"), nouns)) > TRUE


def test_messages_need_no_links() -> None:
    assert Message("presence", {"thing": a("dog")}).all_fact_ids == ()
