"""Spec + seed -> concrete scene: every draw made, named and recorded.

A draw named "mug.colour" has a stream of its own, seeded from (seed, attempt, name), so an added object never shifts
another's draws. A counterfactual is the same attempt with named draws replaced and everything else held.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pairforge.errors import RequirementError, SpecError, did_you_mean
from pairforge.scenes.aim import aim, draws_of
from pairforge.scenes.arrange import arrange
from pairforge.scenes.candidate import Candidate
from pairforge.scenes.check import check
from pairforge.scenes.concrete import ConcreteScene
from pairforge.scenes.draws import LOOKS, Draws, plain
from pairforge.scenes.place import place
from pairforge.scenes.sky import sky
from pairforge.scenes.spec import Scene
from pairforge.scenes.stage import MisfitError
from pairforge.seeding import Stream
from pairforge.units import times


def resolve(scene: Scene, seed: int, do: Mapping[str, Any] | None = None) -> ConcreteScene:
    """Draws a scene: the first attempt whose things fit and whose requirements hold.

    ``do`` replaces named draws of that attempt ({"mug.colour": "green"}) and holds all others; it says what the world
    shall be, so requirements are not checked again. Raises SpecError for a spec or ``do`` that makes no sense, and
    RequirementError when ``scene.max_redraws`` redraws did not do.
    """
    return resolve_candidate(scene, seed, do).concrete


def resolve_candidate(scene: Scene, seed: int, do: Mapping[str, Any] | None = None) -> Candidate:
    """What ``resolve`` draws, with the world, timeline and rays that its requirements asked for, so that a scene
    which was simulated to be judged is not simulated again to be sensed. Raises what ``resolve`` does."""
    if do is not None and not (isinstance(do, Mapping) and all(isinstance(name, str) for name in do)):
        raise SpecError(
            f'do is {do!r}; it must map names of draws to values, as {{"mug.colour": "green"}} does'
        )
    family = resolve_family(scene, seed)
    return family.twin(do) if do else family.base


@dataclass(frozen=True)
class Family:
    """A drawn scene and its counterfactuals: the base is searched for once, however many twins are asked for."""

    scene: Scene
    seed: int
    base: Candidate
    tries: Mapping[str, int]

    def twin(self, do: Mapping[str, Any]) -> Candidate:
        """The base with named draws replaced and all others held, as ``resolve`` gives it; raises what that does."""
        base = self.base.concrete
        replaced = {
            name: _like(name, base.draws[name], value) for name, value in do.items() if name in base.draws
        }
        replaced |= {name: value for name, value in do.items() if name not in base.draws}
        try:
            twin, _ = _draw(self.scene, self.seed, base.attempt, replaced, self.tries, base.draws)
        except MisfitError as misfit:
            remedy = "Replace its place too, or choose another value."
            raise SpecError(f"do={dict(do)!r} cannot be: {misfit}. {remedy}") from None
        if unused := sorted(set(do) - set(twin.concrete.draws)):
            known = did_you_mean(unused[0], twin.concrete.draws)
            raise SpecError(f'do names "{unused[0]}", which is not a draw of this scene. {known}')
        return twin


def resolve_family(scene: Scene, seed: int) -> Family:
    """A scene drawn as ``resolve`` draws it, ready to be varied."""
    check(scene)
    if isinstance(seed, bool) or not isinstance(seed, int):
        raise SpecError(f"the seed is {seed!r}; it must be a whole number")
    return Family(scene, seed, *_first_that_holds(scene, seed))


def _first_that_holds(scene: Scene, seed: int) -> tuple[Candidate, dict[str, int]]:
    failures: Counter[str] = Counter()
    latest: dict[str, str] = {}
    for attempt in range(scene.max_redraws + 1):
        try:
            candidate, tries = _draw(scene, seed, attempt, {}, None, {})
        except MisfitError as misfit:
            failures[str(misfit)] += 1
            continue
        broken = _broken(scene, candidate)
        if broken is None:
            return candidate, tries
        requirement, reason = broken
        failures[requirement] += 1
        latest[requirement] = reason
    raise RequirementError(_explain(scene, seed, failures, latest))


def _broken(scene: Scene, candidate: Candidate) -> tuple[str, str] | None:
    """The first requirement that does not hold, and why."""
    for requirement in sorted(scene.require, key=lambda r: r.simulated):
        reason = requirement.check(candidate)
        if reason is not None:
            return repr(requirement), reason
    return None


def _explain(scene: Scene, seed: int, failures: Counter[str], latest: Mapping[str, str]) -> str:
    """What failed how often, and why it last did."""
    counts = "; ".join(
        f"{what} ({times(count)}{f', at last because {latest[what]}' if what in latest else ''})"
        for what, count in failures.most_common(5)
    )
    return (
        f'scene "{scene.name}", seed {seed}: no draw of {scene.max_redraws + 1} held. Failed: {counts}. '
        "Loosen what failed most, make room, or raise max_redraws."
    )


def _draw(
    scene: Scene,
    seed: int,
    attempt: int,
    do: Mapping[str, Any],
    tries: Mapping[str, int] | None,
    held: Mapping[str, Any],
) -> tuple[Candidate, dict[str, int]]:
    """One draw of the scene, and which try placed each thing. Given ``tries`` and ``held`` draws are kept."""
    # Parts of a split share no stream: a scene of the test part is never a training scene in other colours.
    root = Stream(seed) / f"split_{scene.split.part}" if scene.split else Stream(seed)
    draws = Draws(root / f"attempt_{attempt}", do, held=held)
    arranged = arrange(scene, draws, tries)
    concrete = ConcreteScene(
        scene=scene.name,
        seed=seed,
        attempt=attempt,
        do={name: plain(value) for name, value in do.items()},
        draws=draws.record,
        items=arranged.items,
        sensors=tuple(aim(sensor, draws_of(sensor, draws), arranged.stage) for sensor in scene.sensors),
        lanes=arranged.lanes,
        sky=sky(scene.weather, draws.under("weather")),
        duration_s=float(scene.duration_s),
        keyframe_rate_hz=float(scene.keyframe_rate_hz),
        warm_up_s=float(scene.warm_up_s),
        captions=tuple(scene.captions),
        causes=scene.causes,
        languages=tuple(scene.languages),
        sentences=_sentences(scene.captions),
        split=arranged.split,
        place=place(scene.weather, draws.under("weather")),
    )
    return Candidate(concrete, arranged.stage.shapes), arranged.tries


def _sentences(captions: Sequence[str]) -> dict[str, Any]:
    from pairforge.captioners.author import sentences_of  # captioners read worlds, which scenes build

    return {
        code: [[pattern, list(claims)] for pattern, claims in rows]
        for code, rows in sentences_of(captions).items()
    }


def _like(name: str, base: Any, value: Any) -> Any:
    """``value`` as the kind of thing the draw gave; SpecError when it is another kind."""
    value = plain(value, f'do["{name}"]')
    if base is None:
        return _where_open(name, value)
    if type(value) is type(base):
        if isinstance(base, list) and len(base) != len(value):
            raise SpecError(
                f'do sets "{name}" to {value!r}, which has not {len(base)} entries as {base!r} has'
            )
        return (
            [_like(name, b, v) for b, v in zip(base, value, strict=True)] if isinstance(base, list) else value
        )
    if isinstance(base, float) and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    raise SpecError(
        f'do sets "{name}" to {value!r} ({_kind(value)}), but it draws {_kind(base)}, as {base!r}'
    )


def _where_open(name: str, value: Any) -> Any:
    """``value`` for a draw that gave None; SpecError unless it is a number. Names of looks are checked as drawn."""
    look = name.rpartition(".")[2] in LOOKS
    if look or value is None or (isinstance(value, int | float) and not isinstance(value, bool)):
        return value
    raise SpecError(
        f'do sets "{name}" to {value!r} ({_kind(value)}), but it takes a number, or None to leave it open'
    )


def _kind(value: Any) -> str:
    return {str: "text", float: "a number", int: "a whole number", bool: "true or false", list: "a list"}.get(
        type(value), type(value).__name__
    )
