"""Things of a spec -> concrete items at their places: counts, looks, order, fitting, behaviour."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial

from pairforge.errors import PairforgeError, SpecError
from pairforge.frames import Pose
from pairforge.scenes.act import act
from pairforge.scenes.build import shape_of
from pairforge.scenes.check import check_references
from pairforge.scenes.concrete import ConcreteItem, ConcreteLane, Json
from pairforge.scenes.distributions import Integer
from pairforge.scenes.draws import Draws, Look, floats, unit
from pairforge.scenes.families import family
from pairforge.scenes.footprint import Body
from pairforge.scenes.settings import SettingPlan
from pairforge.scenes.spec import Actor, Prop, Scene
from pairforge.scenes.splits import Dealt, compositions, rows, things_of, work_out
from pairforge.scenes.stage import MisfitError, Spot, Stage
from pairforge.scenes.typecheck import label

MAX_TRIES = 100
"""Draws of one thing's place before the whole scene is redrawn."""
MAX_COUNT = 10_000
SIZES_M = (1e-3, 1e3)
MASSES_KG = (1e-6, 1e6)
WORLD_M = 1e4
"""Bounds within which float32 triangles and rigid bodies behave: sizes, masses, distance from the origin."""
MARGIN_M = 0.002
ACTOR_MARGIN_M = 0.25
"""Least gap in plan between a thing (an actor) and any other when the scene starts."""


@dataclass(frozen=True)
class Arranged:
    items: tuple[ConcreteItem, ...]
    lanes: tuple[ConcreteLane, ...]
    stage: Stage
    tries: dict[str, int]
    """Name of a thing -> which draw of its place fitted."""
    split: Json


def arrange(scene: Scene, draws: Draws, held: Mapping[str, int] | None) -> Arranged:
    """Draws the setting, every thing's look and place. ``held`` tries are kept rather than searched for.

    Raises MisfitError when something fits nowhere, SpecError when the spec makes no sense.
    """
    plan = scene.setting.expand(draws.under("setting"))
    things = _counted(scene, draws)
    fixed = [_body(item) for item in plan.items if not family(item.family).stuff]
    _check_known(scene, plan, things)
    dealt, draws = _split(scene, things, draws)
    stage = Stage(plan, fixed)
    placed: dict[str, ConcreteItem] = {}
    tries: dict[str, int] = {}
    for name in _in_order(things):
        placed[name], tries[name] = _placed(
            name, things[name], draws.under(name), stage, (held or {}).get(name), dealt
        )
    items = (*plan.items, *(placed[name] for name in things))
    split = rows(scene.split, dealt) if scene.split and dealt else {}
    return Arranged(items, plan.lanes, stage, tries, split)


def _split(scene: Scene, things: Mapping[str, Prop], draws: Draws) -> tuple[Dealt | None, Draws]:
    """The scene's split, and the draws with a composition forced on one thing where the part must show one."""
    if scene.split is None:
        return None, draws
    of = things_of((*scene.props, *scene.actors))
    dealt = work_out(scene.split, of)
    first = {thing.name: name for name, thing in reversed(list(things.items()))}
    can = compositions(scene.split, dealt, of)
    here = [{**c, "thing": first[c["thing"]]} for c in can if c["thing"] in first]
    if can and not here:
        raise MisfitError("none of the things that can show a held-out composition is in this draw")
    if not here:
        return dealt, draws
    chosen = here[draws.under("split")("composition", Integer(0, len(here) - 1))]
    forced = {f"{chosen['thing']}.{field}": value for field, value in chosen.items() if field != "thing"}
    return dealt, replace(draws, forced=forced)


def _counted(scene: Scene, draws: Draws) -> dict[str, Prop]:
    """Every single thing by its own name: name_0, name_1, … where a count is given."""
    things: dict[str, Prop] = {}
    for thing in (*scene.props, *scene.actors):
        if thing.count == 1:
            names = [thing.name]
        else:
            number = draws.under(thing.name)("count", thing.count)
            if not 0 <= number <= MAX_COUNT:
                raise SpecError(f"{label(thing)}: count is {number}; it must lie in 0..{MAX_COUNT}")
            names = [f"{thing.name}_{k}" for k in range(number)]
        for name in names:
            if name in things:
                raise SpecError(f'two things are named "{name}": rename one of them')
            things[name] = thing
    return things


def _check_known(scene: Scene, plan: SettingPlan, things: Mapping[str, Prop]) -> None:
    fixed = [item.name for item in plan.items]
    if both := sorted(set(fixed) & set(things)):
        raise SpecError(f'the setting already has a thing named "{both[0]}"; choose another name')
    bodies = [*(item.name for item in plan.items if not family(item.family).stuff), *things]
    check_references(scene, [*(s.name for s in plan.surfaces), *bodies], bodies)


def _in_order(things: Mapping[str, Prop]) -> list[str]:
    """Names so that what a place refers to comes first, otherwise as written; SpecError names a cycle."""
    done: dict[str, None] = {}

    def visit(name: str, path: tuple[str, ...]) -> None:
        if name in path:
            cycle = " -> ".join(f'"{n}"' for n in (*path[path.index(name) :], name))
            raise SpecError(f"places refer to each other in a circle: {cycle}. Place one of them by itself.")
        if name in done or name not in things:
            return
        for other in things[name].place.references():
            visit(other, (*path, name))
        done[name] = None

    for name in things:
        visit(name, ())
    return list(done)


def _placed(
    name: str, thing: Prop, draw: Draws, stage: Stage, held: int | None, dealt: Dealt | None
) -> tuple[ConcreteItem, int]:
    """The thing at the first place that fits, and which draw that was."""
    item = _looking(name, thing, draw, dealt)
    place = draw.under("place")
    before: Pose | None = None
    reason = ""
    for attempt in range(MAX_TRIES) if held is None else (held,):
        trial = place.again(attempt)
        spot = thing.place.propose(trial, stage, shape_of(item))
        _check_near(name, thing, spot)
        body = Body(name, shape_of(item), spot.pose)
        margin_m = ACTOR_MARGIN_M if isinstance(thing, Actor) else MARGIN_M
        found = stage.conflict(body, spot, margin_m)
        if found is None:
            place.record.update(trial.record)
            stage.place(body, spot, family(item.family).has_front)
            return _standing(item, thing, spot, draw, stage), attempt
        reason = found
        if before is not None and _same(before, spot.pose):
            break  # nothing random about this place: another draw is the same draw
        before = spot.pose
    raise MisfitError(f"{label(replace(thing, name=name))} {reason}")


def _looking(name: str, thing: Prop, draw: Draws, dealt: Dealt | None) -> ConcreteItem:
    """The item at the world's origin, checked to be buildable."""
    who = label(replace(thing, name=name))
    try:
        look = _look(thing, draw, dealt)
        mass_kg = draw("mass_kg", thing.mass_kg)
        item = ConcreteItem(
            name=name,
            family=look.family,
            params=look.params,
            colour=look.colour,
            material=look.material,
            position_m=(0.0, 0.0, 0.0),
            quaternion_wxyz=(1.0, 0.0, 0.0, 0.0),
            mass_kg=None if mass_kg is None else float(mass_kg),
        )
        _check_body(item)
    except PairforgeError as error:
        raise SpecError(f"{who}: {error}") from None
    except (TypeError, ValueError, KeyError, ArithmeticError) as error:
        raise SpecError(
            f"{who}: shape {thing.shape!r} cannot be built: {type(error).__name__}: {error}"
        ) from error
    return item


def _look(thing: Prop, draw: Draws, dealt: Dealt | None) -> Look:
    """How it looks: the first draw that shows no composition held out for another part of the split."""
    given = (thing.shape, thing.colour, thing.material, thing.size_m, thing.params)
    if dealt is None:
        return draw.look(*given, extent_m=thing.extent_m)
    for attempt in range(MAX_TRIES):
        trial = draw.again(attempt)
        look = trial.look(*given, left=partial(dealt.options, thing.name), extent_m=thing.extent_m)
        # A counterfactual says itself what the thing shall be.
        if draw.held or not dealt.forbids(look.family, look.colour, look.material):
            draw.record.update(trial.record)
            return look
    raise MisfitError(f"{label(thing)} shows nothing but compositions held out for other parts")


def _check_body(item: ConcreteItem) -> None:
    """Raises SpecError for a body that no world can hold."""
    size = shape_of(item).size_m
    if min(size) <= 0 or not SIZES_M[0] <= max(size) <= SIZES_M[1]:
        says = " x ".join(f"{side:g}" for side in size)
        least, most = SIZES_M
        raise SpecError(f"it would measure {says} m; things are {least:g} to {most:g} m large, never flat")
    mass_kg = item.mass_kg
    if mass_kg is not None and not MASSES_KG[0] <= mass_kg <= MASSES_KG[1]:
        raise SpecError(f"mass_kg is {mass_kg:g}; it must lie in {MASSES_KG[0]:g}..{MASSES_KG[1]:g}")


def _check_near(name: str, thing: Prop, spot: Spot) -> None:
    """Raises SpecError for a place beyond the world's bounds."""
    far = float(abs(spot.pose.position_m).max())
    if far > WORLD_M:
        raise SpecError(
            f"{label(replace(thing, name=name))} is placed {far:g} m from the origin; "
            f"a world reaches {WORLD_M:g} m"
        )


def _standing(item: ConcreteItem, thing: Prop, spot: Spot, draw: Draws, stage: Stage) -> ConcreteItem:
    motion, behaviour = act(thing, shape_of(item), spot, draw, stage)
    return replace(
        item,
        position_m=floats(spot.pose.position_m),
        quaternion_wxyz=unit(spot.pose),
        motion=motion,
        behaviour=behaviour,
    )


def _body(item: ConcreteItem) -> Body:
    return Body(item.name, shape_of(item), Pose.of(item.position_m, item.quaternion_wxyz))


def _same(a: Pose, b: Pose) -> bool:
    return bool((a.position_m == b.position_m).all() and (a.quaternion_wxyz == b.quaternion_wxyz).all())
