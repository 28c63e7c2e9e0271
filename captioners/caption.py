"""Captions of a keyframe: messages chosen from its facts, phrased by draws from a named stream."""

from __future__ import annotations

from collections.abc import Sequence

from pairforge.captioners import policy
from pairforge.captioners.facts import measure
from pairforge.captioners.protocol import captioner
from pairforge.captioners.realise import Message, caption_of, phrasings, realise
from pairforge.captioners.references import Told, in_discourse
from pairforge.captioners.view import Eye, ego_id_of
from pairforge.sample import Caption, Fact, Keyframe, SceneRecord
from pairforge.seeding import Stream


def write(frame: Keyframe, record: SceneRecord, kinds: Sequence[str], stream: Stream) -> tuple[Caption, ...]:
    """One caption of each kind that has something to say, in the order asked for.

    Captions speak for the forward camera; short ones are made for every other camera as well. Uses ``frame.facts``,
    or measures them when there are none. SpecError for an unknown kind.
    """
    if not frame.cameras:
        return ()
    facts, forward = frame.facts or measure(frame, record), forward_camera(frame)
    captions = []
    for kind in kinds:
        made = captioner(kind)
        for sensor in (forward, *(n for n in sorted(frame.cameras) if made.every_camera and n != forward)):
            told = tell(frame, record, facts, sensor)
            messages = in_discourse(told, made.messages(told))
            draws = stream / "captions" / kind
            if messages:
                captions.append(
                    _phrase(kind, sensor, messages, draws if sensor == forward else draws / sensor)
                )
    return tuple(captions)


def tell(frame: Keyframe, record: SceneRecord, facts: tuple[Fact, ...], sensor: str = "") -> Told:
    """The facts as one camera may tell them, the forward one unless another is named."""
    sensor = sensor or forward_camera(frame)
    eye = Eye(frame.cameras[sensor])
    seen = {f.subjects[0] for f in facts if f.predicate == "visible" and f.sensor == sensor}
    unsure = {i for i, m in eye.masks.items() if m.px >= policy.NOTICE_PX} - seen - {ego_id_of(record)}
    ahead = sensor == forward_camera(frame)
    return Told(record, sensor, facts, frozenset(i for i in unsure if i is not None), ahead)


def forward_camera(frame: Keyframe) -> str:
    """The camera whose name says "front" alone, else one that says it, else the first by name."""
    names = sorted(frame.cameras)
    return min(
        names, key=lambda n: ("front" not in n.lower(), "left" in n.lower() or "right" in n.lower(), n)
    )


def _phrase(kind: str, sensor: str, messages: Sequence[Message], stream: Stream) -> Caption:
    sentences, used = [], []
    for k, message in enumerate(messages):
        options = phrasings(message.template)
        fresh = [n for n in range(len(options)) if f"{message.template}.{n}" not in used] or list(
            range(len(options))
        )
        pick = fresh[int((stream / k).rng().integers(len(fresh)))]
        used.append(f"{message.template}.{pick}")
        sentences.append((realise(options[pick], message.slots), message.all_fact_ids))
    return caption_of(kind, sensor, sentences, "+".join(used))
