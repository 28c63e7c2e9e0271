"""Captions of a keyframe: messages chosen from its facts, phrased by draws from a named stream."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

from pairforge.captioners import policy
from pairforge.captioners.facts import measure
from pairforge.captioners.haze import lost_in_air
from pairforge.captioners.meanings import Message
from pairforge.captioners.protocol import Captioner, captioner, groups_of
from pairforge.captioners.realise import caption_of, has_words, opening, phrasings, realise
from pairforge.captioners.references import Told, in_discourse
from pairforge.captioners.view import Eye, ego_id_of
from pairforge.sample import Caption, Fact, Keyframe, SceneRecord
from pairforge.seeding import Stream


def write(
    frame: Keyframe,
    record: SceneRecord,
    kinds: Sequence[str],
    stream: Stream,
    languages: Sequence[str] = ("en",),
) -> tuple[Caption, ...]:
    """One caption of each kind and language that has something to say, in the order asked for.

    Captions speak for the forward camera; short ones are made for every other camera as well. Uses ``frame.facts``,
    or measures them when there are none. SpecError for an unknown kind or language.
    """
    if not frame.cameras:
        return ()
    facts, forward = frame.facts or measure(frame, record), forward_camera(frame)
    captions, tellers = [], dict[str, Told]()
    for name in kinds:
        made = captioner(name)
        kind = made.kind
        for sensor in (forward, *(n for n in sorted(frame.cameras) if made.every_camera and n != forward)):
            draws = stream / "captions" / kind
            draws = draws if sensor == forward else draws / sensor
            if sensor not in tellers:
                tellers[sensor] = tell(frame, record, facts, sensor)
            chosen: dict[tuple[str, tuple[bool, ...]], list[list[Message]]] = {}
            for code in languages:
                told = tellers[sensor].speaking(code)
                spoken = draws if code == "en" else draws / code
                for n, messages in enumerate(_chosen(made, told, chosen)):
                    if messages:
                        captions.append(phrase(kind, told, messages, spoken / n if n else spoken))
    return tuple(captions)


def _chosen(
    made: Captioner, told: Told, known: dict[tuple[str, tuple[bool, ...]], list[list[Message]]]
) -> list[list[Message]]:
    """The messages of each caption, chosen once for all languages that can say the same (``known``); without those
    that someone added in other languages alone."""
    if (told.kin, ()) not in known:
        known[told.kin, ()] = groups_of(made, told)
    groups = known[told.kin, ()]
    sayable = tuple(has_words(m.template, told.language) for group in groups for m in group)
    if (told.kin, sayable) not in known or not sayable:
        known[told.kin, sayable] = [
            in_discourse(told, [m for m in group if has_words(m.template, told.language)]) for group in groups
        ]
    return known[told.kin, sayable]


def tell(
    frame: Keyframe, record: SceneRecord, facts: tuple[Fact, ...], sensor: str = "", code: str = "en"
) -> Told:
    """The facts as one camera may tell them in a language, the forward camera unless another is named."""
    sensor = sensor or forward_camera(frame)
    eye = Eye(frame.cameras[sensor])
    seen = {f.subjects[0] for f in facts if f.predicate == "visible" and f.sensor == sensor}
    unsure = eye.showing(policy.NOTICE_PX) - seen - {ego_id_of(record)}
    lost = lost_in_air(eye.camera, record)
    return Told(record, sensor, facts, unsure | lost, sensor == forward_camera(frame), code, lost=lost)


def forward_camera(frame: Keyframe) -> str:
    """The camera whose name says "front" alone, else one that says it, else the first by name."""
    names = sorted(frame.cameras)
    return min(
        names, key=lambda n: ("front" not in n.lower(), "left" in n.lower() or "right" in n.lower(), n)
    )


def phrase(kind: str, told: Told, messages: Sequence[Message], stream: Stream) -> Caption:
    """Messages in words; which phrasing each takes is drawn, none twice in a caption while others are left, and none
    that begins as the sentence before it did where another does not."""
    sentences: list[tuple[str, tuple[int, ...]]] = []
    used: list[str] = []
    before = ""
    for k, message in enumerate(messages):
        options = phrasings(message.template, told.language)
        every = range(len(options))
        fresh = [n for n in every if f"{message.template}.{n}" not in used] if used else every
        fresh = fresh or every
        at = int((stream / k).rng().integers(len(fresh))) if len(fresh) > 1 else 0
        turn = [fresh[(at + n) % len(fresh)] for n in range(len(fresh))]
        # In words one after another, for the first mostly does.
        spoken = ((n, realise(options[n], message.slots, told.language)) for n in turn)
        first = next(spoken)
        fitting = (one for one in chain([first], spoken) if opening(one[1], told.language) != before)
        pick, said = next(fitting, first)
        before = opening(said, told.language)
        used.append(f"{message.template}.{pick}")
        sentences.append((said, message.all_fact_ids))
    return caption_of(kind, told.sensor, sentences, "+".join(used), told.language)
