"""What there is to say on a road, one message at a time."""

from __future__ import annotations

from pairforge.captioners.meanings import Measure, Mention, Mentions, Message, Slot, Street
from pairforge.captioners.nouns import ROAD_USERS
from pairforge.captioners.references import Told, alike, group, parked_row, pronoun, refer, single
from pairforge.sample import Fact

_MOST_NAMED, _PASSING = 3, 0.9


def measured(fact: Fact) -> Measure:
    """A rounded number with its unit: "14 metres"."""
    return Measure(fact.argument, fact.unit)


def near_first(told: Told, ids: list[int]) -> list[int]:
    """By distance to the ego, nearest first."""

    def key(instance_id: int) -> tuple[float, int]:
        fact = told.of("distance", instance_id)
        return (fact.value if fact is not None and fact.value is not None else float("inf"), instance_id)

    return sorted(ids, key=key)


_WEATHER = frozenset({"sunny", "low sun", "cloudy", "overcast", "foggy", "rainy", "snowy", "dusty"})
_GROUNDS = ("wet", "snow-covered")
_TIMES = ("night", "twilight")


def street_of(told: Told) -> tuple[Street, tuple[int, ...]]:
    """What we are on, in what light, and the facts of it. That a road is wet in the rain goes without saying."""
    found = {f.argument: f for f in told.all("weather")}
    ground = [found[w] for w in _GROUNDS if w in found and not (w == "wet" and "rainy" in found)][:1]
    time = [found[w] for w in _TIMES if w in found][:1]
    weather = [f for w, f in found.items() if w in _WEATHER][:1]
    lined, place = told.all("scenery"), told.all("place")[:1]
    word = [f[0].argument if f else "" for f in (weather, time, ground)]
    on = place[0].argument if place else "road"
    street = Street(word[0], word[1], word[2], tuple(f.argument for f in lined), on)
    return street, tuple(f.fact_id for f in (*weather, *time, *ground, *lined, *place))


def setting(told: Told) -> Message:
    """The street, its light and what lines it."""
    street, facts = street_of(told)
    return Message("street", {"street": street}, facts)


def lead(told: Told) -> list[Message]:
    """Who is ahead in our lane, how far, and how the gap is changing; or that the lane is clear.

    Where somebody is crossing the road, clear of our lane or not, the two would seem to contradict each other."""
    found = told.all("lead")
    if not found:
        clear = told.all("lane_clear") if not told.all("crossing") else []
        return (
            [Message("lane_clear", {"reach": Measure(clear[0].argument, "m")}, (clear[0].fact_id,))]
            if clear
            else []
        )
    ahead = found[0]
    instance_id = ahead.subjects[0]
    if instance_id not in told.visible:
        return []
    who = single(told, instance_id, apart_by=("lead",))
    motion = (
        told.of("still", instance_id) or told.of("slowing", instance_id) or told.of("moving", instance_id)
    )
    lane, gap = told.of("same_lane_ahead", instance_id), told.of("distance", instance_id)
    if who is None or motion is None or lane is None or gap is None:
        return []
    stated: tuple[int, ...] = (ahead.fact_id, motion.fact_id, lane.fact_id, gap.fact_id)
    if motion.predicate == "slowing" and (moving := told.of("moving", instance_id)):
        stated = (*stated, moving.fact_id)
    first = Message(f"lead_{motion.predicate}", {"who": who, "gap": measured(gap)}, stated)
    return [first, *_gap_change(told, who)]


def _gap_change(told: Told, who: Mention) -> list[Message]:
    instance_id, it = who.instance_ids[0], pronoun(who)
    for predicate in ("closing", "pulling_away", "same_speed"):
        fact = told.of(predicate, instance_id)
        if fact is None:
            continue
        soon = told.of("time_to_collision", instance_id) if predicate == "closing" else None
        if soon is not None:
            return [Message("closing_soon", {"it": it, "ttc": measured(soon)}, (fact.fact_id, soon.fact_id))]
        return [Message(predicate, {"it": it}, (fact.fact_id,))]
    return []


def ego(told: Told, braking_told: bool = False) -> list[Message]:
    """What our own vehicle does; braking is not told twice."""
    still = told.all("ego_still")
    if still:
        return [Message("ego_still", {}, (still[0].fact_id,))]
    speed = told.all("ego_speed")
    if not speed:
        return []
    change = [*(() if braking_told else told.all("ego_braking")), *told.all("ego_accelerating")]
    turning = told.all("ego_turning")
    slots: dict[str, Slot] = {
        "speed": measured(speed[0]),
        "change": change[0].predicate.removeprefix("ego_") if change else None,
        "turn": turning[0].argument if turning else None,
    }
    return [Message("ego", slots, tuple(f.fact_id for f in (*speed[:1], *change[:1], *turning[:1])))]


def entering(told: Told) -> list[Message]:
    """Who comes into our lane ahead, the nearest first."""
    messages = []
    for instance_id in near_first(told, [f.subjects[0] for f in told.all("entering_lane")]):
        fact, moving = told.of("entering_lane", instance_id), told.of("moving", instance_id)
        gap, who = told.of("distance", instance_id), single(told, instance_id, apart_by=("entering_lane",))
        if instance_id not in told.visible or fact is None or moving is None or gap is None or who is None:
            continue
        slots: dict[str, Slot] = {"who": who, "side": fact.argument, "gap": measured(gap)}
        messages.append(Message("entering_lane", slots, (fact.fact_id, moving.fact_id, gap.fact_id)))
    return messages


def moving_over(told: Told) -> list[Message]:
    """That we leave the middle of our lane, to which side."""
    return [
        Message("ego_moving_over", {"side": f.argument}, (f.fact_id,)) for f in told.all("ego_moving_over")
    ]


def _passing(told: Told, instance_id: int) -> bool:
    """Whether it is beside us rather than coming: nearly all of it has left the picture."""
    cut = told.of("cut_off", instance_id)
    return cut is not None and (cut.value or 0.0) >= _PASSING


def oncoming(told: Told) -> list[Message]:
    """Who comes the other way."""
    ids = [f.subjects[0] for f in told.all("oncoming") if f.subjects[0] in told.visible]
    ids = [i for i in ids if not _passing(told, i)]
    if not ids:
        return []
    facts = [f for i in ids for f in (told.of("oncoming", i), told.of("moving", i)) if f is not None]
    if len(ids) == 1:
        who, gap = (
            single(told, ids[0], apart_by=("oncoming",)),
            told.of("distance", ids[0]),
        )
        if who is None or gap is None:
            return []
        return [
            Message(
                "oncoming",
                {"who": who, "gap": measured(gap)},
                (*(f.fact_id for f in facts), gap.fact_id),
            )
        ]
    many = alike(told, near_first(told, ids)[:_MOST_NAMED], apart_by=("oncoming",), partly=True)
    if many is None:
        return []
    named = {i for m in many.members for i in m.instance_ids}
    return [
        Message(
            "oncoming", {"who": many, "gap": None}, tuple(f.fact_id for f in facts if f.subjects[0] in named)
        )
    ]


def parked(told: Told) -> list[Message]:
    """Vehicles parked by the roadside: named while few, else as rows."""
    ids = [f.subjects[0] for f in told.all("parked") if f.subjects[0] in told.visible]
    sides: dict[str, list[int]] = {}
    for instance_id in near_first(told, ids):
        beside = told.of("roadside", instance_id)
        if beside is not None:
            sides.setdefault(beside.argument, []).append(instance_id)
    placed = [i for some in sides.values() for i in some]
    fewest = min(len(ids) for ids in sides.values()) if len(sides) == 2 else 0
    if fewest > 1 and len(placed) > _MOST_NAMED and (whole := parked_row(told, placed)) is not None:
        return [_parked(told, "parked_lines" if fewest > 2 else "parked_both", whole, None, placed)]
    messages = []
    for side, members in sides.items():
        row = parked_row(told, members) if len(members) > _MOST_NAMED else None
        who = row or alike(told, members, apart_by=("parked", "roadside"), partly=True)
        if who is not None:
            named = [
                i for m in (who.members if isinstance(who, Mentions) else (who,)) for i in m.instance_ids
            ]
            messages.append(_parked(told, "parked_row" if row else "parked", who, side, named))
    return messages


def _parked(told: Told, template: str, who: Mention | Mentions, side: str | None, ids: list[int]) -> Message:
    facts = [f for i in ids for f in (told.of("parked", i), told.of("roadside", i)) if f is not None]
    gap = told.of("distance", ids[0]) if len(ids) == 1 else None
    slots: dict[str, Slot] = {"who": who, "side": side, "gap": measured(gap) if gap else None}
    return Message(template, slots, tuple(f.fact_id for f in (*facts, *([gap] if gap else []))))


def crossing(told: Told) -> list[Message]:
    """People on foot on the road ahead or on their way to it, with our own braking beside them."""
    braking = told.all("ego_braking")
    messages: list[Message] = []
    for predicate in ("crossing", "heading_for_road"):
        ids = [f.subjects[0] for f in told.all(predicate) if f.subjects[0] in told.visible]
        bundles: dict[str, list[int]] = {}
        for instance_id in near_first(told, ids):
            fact = told.of(predicate, instance_id)
            bundles.setdefault(fact.argument if fact else "", []).append(instance_id)
        for side, members in bundles.items():
            who = group(told, members, apart_by=(predicate,)) or single(
                told, members[0], apart_by=(predicate,)
            )
            if who is None:
                continue
            stated = [f for i in who.instance_ids if (f := told.of(predicate, i)) is not None]
            stated += [f for i in who.instance_ids if (f := told.of("moving", i)) is not None]
            gap = told.of("distance", who.instance_ids[0]) if len(who.instance_ids) == 1 else None
            slots: dict[str, Slot] = {
                "who": who,
                "side": side,
                "gap": measured(gap) if gap else None,
                "braking": "braking" if braking and not messages else None,
            }
            stated += [*([gap] if gap else []), *(braking[:1] if slots["braking"] else [])]
            messages.append(Message(predicate, slots, tuple(f.fact_id for f in stated)))
    return messages


def people(told: Told) -> list[Message]:
    """Pedestrians and cyclists, told together when they do the same in the same place."""
    bundles: dict[tuple[str, str, str], list[int]] = {}
    for instance_id in near_first(told, list(told.visible)):
        semantic = told.record.instance(instance_id).semantic
        if semantic not in ("pedestrian", "cyclist"):
            continue
        motion = (
            "moving" if told.of("moving", instance_id) else "still" if told.of("still", instance_id) else ""
        )
        beside = told.of("roadside", instance_id)
        if any(told.of(p, instance_id) for p in ("lead", "oncoming", "crossing", "heading_for_road")):
            continue
        bundles.setdefault((semantic, motion, beside.argument if beside else ""), []).append(instance_id)
    messages = []
    for (semantic, motion, side), ids in bundles.items():
        under = {f.argument if (f := told.of("stands_on", i)) else "" for i in ids}
        ground = under.pop() if len(under) == 1 else ""
        if motion and (ground or side):
            messages += _person(told, semantic, motion, ground, side, ids)
    return messages


def _person(told: Told, semantic: str, motion: str, ground: str, side: str, ids: list[int]) -> list[Message]:
    predicates = [motion, *(["stands_on"] if ground else []), *(["roadside"] if side else [])]
    who = group(told, ids, apart_by=predicates)
    if who is None:
        return []
    facts = [f for i in ids for p in predicates if (f := told.of(p, i)) is not None]
    gap = told.of("distance", ids[0]) if len(ids) == 1 else None
    facts += [gap] if gap else []
    slots: dict[str, Slot] = {
        "who": who,
        "ground": ground or None,
        "side": side or None,
        "gap": measured(gap) if gap else None,
    }
    name = f"{semantic}_{motion}"
    return [Message(name, slots, tuple(f.fact_id for f in facts))]


def hidden(told: Told) -> list[Message]:
    """Who is partly hidden behind whom, the larger in the picture first."""
    messages = []
    for fact in sorted(told.all("hidden_behind"), key=lambda f: (-told.px(f.subjects[0]), f.fact_id)):
        one, cover = fact.subjects
        if told.record.instance(one).semantic not in (*ROAD_USERS, "object"):
            continue
        partly = told.of("partly_hidden", one)
        who, by = refer(told, one), refer(told, cover)
        if who is not None and by is not None and partly is not None:
            messages.append(Message("hidden", {"who": who, "cover": by}, (fact.fact_id, partly.fact_id)))
    return messages


def unseen(told: Told) -> list[Message]:
    """Road users that LiDAR hits and the camera cannot see."""
    messages = []
    for fact in told.all("unseen"):
        instance_id = fact.subjects[0]
        hits = told.of("lidar_hits", instance_id)
        row = told.record.instance(instance_id)
        if hits is None or hits.value is None or row.semantic not in ROAD_USERS:
            continue
        word = told.words(instance_id)[0]
        who = Mention((instance_id,), (told.category(instance_id, word).fact_id,), "unseen", (), word)
        slots: dict[str, Slot] = {"who": who, "returns": str(int(hits.value))}
        messages.append(Message("unseen", slots, (fact.fact_id, hits.fact_id)))
    return messages
