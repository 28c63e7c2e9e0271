"""One group of contrasts as a unit of work: a base scene, its twins, and the quads that they make."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import combinations
from pathlib import Path
from typing import Any

from pairforge.captioners.contrasts.axis import Axis, Base
from pairforge.captioners.contrasts.protocol import Kind, kind
from pairforge.contrast_texts import Seen, Texts, texts_of
from pairforge.datasets.contrast_tables import FOLDER, Quad, rows_of, write_table
from pairforge.datasets.manifest import slug_of
from pairforge.datasets.store import write_scene
from pairforge.errors import DatasetError, RequirementError, SimulationError, SpecError
from pairforge.farm.job import load_spec
from pairforge.farm.protocol import Done
from pairforge.pipeline import Stage, keyframes, scene_seed, staged
from pairforge.renderers.protocol import Quality, Renderer
from pairforge.sample import Keyframe
from pairforge.scenes.candidate import Candidate
from pairforge.scenes.concrete import ConcreteItem, ConcreteScene
from pairforge.scenes.resolve import Family, resolve_family
from pairforge.scenes.spec import Scene
from pairforge.seeding import Stream
from pairforge.stopwatch import Stopwatch

STRIDE = 100
"""Scene numbers set aside for a group: its base and at most 99 twins."""
Values = tuple[tuple[Any, ...], tuple[Any, ...]]
"""Two values of an axis, each with a value a draw."""
VALUES, TWINS_A_KIND, QUADS_A_KIND = 5, 5, 10
"""Of one kind in one group, at most: values of one draw, twins that no kind before it made, and quads."""


def part_path(root: Path, group: int, name: str) -> Path:
    return root / FOLDER / "parts" / f"{name}-{group:06d}.parquet"


@dataclass(frozen=True)
class GroupJob:
    """Make group ``index`` of the contrasts at ``root``, of these kinds in these languages. See ``farm.job.Job``."""

    spec: str
    spec_sha256: str
    settings: Mapping[str, str]
    seed: int
    index: int
    root: Path
    renderer: str
    quality: Quality
    kinds: tuple[str, ...]
    languages: tuple[str, ...]

    def run(self, renderer: Renderer, on_frame: Callable[[], None]) -> Done:
        """Scenes first, then their quads: a group is made when its table of quads is there."""
        scene, _, sha256 = load_spec(self.spec, self.settings)
        if sha256 != self.spec_sha256:
            raise DatasetError(f'the spec "{self.spec}" changed while contrasts were being made; start anew')
        watch = Stopwatch()
        group = Group(self, scene, renderer, watch)
        quads = group.quads()
        used = sorted({int(key[:6]) for quad in quads for key in quad.keys})
        for number in used:
            world = group.made[number]
            with watch.stage("store"):
                write_scene(self.root, slug_of(scene.name, number), world.ready.record, world.frames)
        rows, texts = rows_of(quads)
        write_table(self.root, part_path(self.root, self.index, "texts"), "texts", texts)
        kinds = {"kinds": ",".join(self.kinds)}
        write_table(self.root, part_path(self.root, self.index, "quads"), "quads", rows, kinds)
        on_frame()
        frames = sum(len(group.made[number].frames) for number in used)
        gc.collect()
        return Done(self.index, frames, dict(watch.seconds))


@dataclass(frozen=True, eq=False)
class World:
    """A scene that was made: sensed at all its keyframes."""

    ready: Stage
    frames: tuple[Keyframe, ...]

    @cached_property
    def seen(self) -> tuple[Seen, ...]:
        return tuple(Seen(f, self.ready.record) for f in self.frames)


@dataclass(eq=False)
class Group:
    """A base scene and the twins made of it so far, by scene number and by what was replaced."""

    job: GroupJob
    scene: Scene
    renderer: Renderer
    watch: Stopwatch
    made: dict[int, World] = field(default_factory=dict)
    twins: dict[str, World | None] = field(default_factory=dict)

    @cached_property
    def stream(self) -> Stream:
        return Stream(self.job.seed) / "contrast" / self.job.index

    @property
    def first(self) -> int:
        return self.job.index * STRIDE

    @cached_property
    def family(self) -> Family:
        with self.watch.stage("resolve"):
            return resolve_family(self.scene, scene_seed(self.job.seed, self.job.index))

    @cached_property
    def base(self) -> World:
        return self._made(self.family.base, self.first)

    def quads(self) -> list[Quad]:
        """Those of every kind, in the order of the kinds; none where no scene can be drawn from the group's seed."""
        try:
            bases = self._bases()
        except (RequirementError, SimulationError):
            return []
        return [quad for name in self.job.kinds for quad in self._of_kind(kind(name), bases)]

    def _bases(self) -> Base:
        # Draws are chosen by what the middle keyframe shows, in the first language: languages see the same things.
        middle = self.base.seen[len(self.base.frames) // 2]
        concrete = self.base.ready.concrete
        return Base(self.scene, concrete, middle.side(self.job.languages[0]), self._probe)

    def _of_kind(self, made: Kind, base: Base) -> list[Quad]:
        with self.watch.stage("axes"):
            axes = made.axes(base)
        stream, found = self.stream / made.name, list[Quad]()
        wanted, budget = QUADS_A_KIND * len(self.job.languages), len(self.twins) + TWINS_A_KIND
        for axis, pair, own in self._pairs(axes, stream):
            if len(found) < wanted and len(self.twins) + self._missing(axis, pair) <= budget:
                found += self._of_pair(made, axis, pair, own)
        return found

    def _pairs(self, axes: Sequence[Axis], stream: Stream) -> Iterator[tuple[Axis, Values, Stream]]:
        """Every two values of every axis, by lot; first those of which both worlds are there already."""
        found = []
        for k in (stream / "axes").rng().permutation(len(axes)):
            axis = self._narrowed(axes[int(k)], stream / "values" / int(k))
            pairs = list(combinations(axis.values, 2))
            for n in (stream / "pairs" / int(k)).rng().permutation(len(pairs)):
                found.append((axis, pairs[int(n)], stream / int(k) / int(n)))
        missing = [self._missing(axis, pair) > 0 for axis, pair, _ in found]
        yield from (f for f, new in zip(found, missing, strict=True) if not new)
        yield from (f for f, new in zip(found, missing, strict=True) if new)

    def _missing(self, axis: Axis, pair: Values) -> int:
        """How many twins would have to be made for two values."""
        return sum(bool(do) and _key(do) not in self.twins for do in (self._do(axis, v) for v in pair))

    def _narrowed(self, axis: Axis, stream: Stream) -> Axis:
        """At most so many values: first those whose worlds are there (the base's own is), then others by lot."""
        here = [v for v in axis.values if not (do := self._do(axis, v)) or _key(do) in self.twins]
        others = [v for v in axis.values if v not in here]
        order = [others[int(n)] for n in stream.rng().permutation(len(others))]
        return replace(axis, values=tuple([*here, *order][:VALUES]))

    def _of_pair(self, made: Kind, axis: Axis, pair: Values, stream: Stream) -> list[Quad]:
        """The quad of two values, in each language that can tell it; the toss of a coin says which comes first."""
        values = pair if (stream / "first").rng().random() < 0.5 else pair[::-1]
        worlds = [self._world(self._do(axis, v)) for v in values]
        if worlds[0] is None or worlds[1] is None:
            return []
        single = len(axis.draws) == 1
        shown = tuple(v[0] if single else list(v) for v in values)
        found = []
        with self.watch.stage("texts"):
            for k in (stream / "keyframe").rng().permutation(len(self.base.frames)):
                seen = (worlds[0].seen[int(k)], worlds[1].seen[int(k)])
                texts = [texts_of(made, axis, seen, code, stream / "words") for code in self.job.languages]
                if any(texts):
                    found = [self._quad(made, axis, seen, t, shown) for t in texts if t is not None]
                    break
        return found

    def _quad(
        self, made: Kind, axis: Axis, seen: tuple[Seen, Seen], texts: Texts, values: tuple[Any, ...]
    ) -> Quad:
        return Quad(
            kind=made.name,
            label="counterfactual",
            group=self.first,
            keys=(seen[0].frame.key, seen[1].frame.key),
            texts=texts,
            draw="+".join(axis.draws),
            values=(values[0], values[1]),
        )

    def _do(self, axis: Axis, values: tuple[Any, ...]) -> dict[str, Any]:
        """What must be replaced in the base to have these values."""
        own = self.family.base.concrete.draws
        return {d: v for d, v in zip(axis.draws, values, strict=True) if own.get(d) != v}

    def _world(self, do: Mapping[str, Any]) -> World | None:
        """The twin, made once; None where it cannot be, or the group is full."""
        if not do:
            return self.base
        key = _key(do)
        if key not in self.twins:
            number = self.first + len(self.twins) + 1
            self.twins[key] = self._twin(do, number) if number < self.first + STRIDE else None
        return self.twins[key]

    def _twin(self, do: Mapping[str, Any], number: int) -> World | None:
        try:
            with self.watch.stage("resolve"):
                candidate = self.family.twin(do)
            base = self.family.base
            if _moves_alike(base.concrete, candidate.concrete):
                # What differs in colour alone moves as the base does: it need not be simulated again.
                vars(candidate)["timeline"] = base.timeline
            return self._made(candidate, number)
        except (SpecError, SimulationError):
            return None

    def _probe(self, do: Mapping[str, Any]) -> ConcreteScene | None:
        try:
            with self.watch.stage("probe"):
                return self.family.twin(do).concrete
        except SpecError:
            return None

    def _made(self, candidate: Candidate, number: int) -> World:
        ready = staged(candidate, number, self.watch)
        frames = tuple(keyframes(ready, self.renderer, self.job.quality, watch=self.watch))
        self.made[number] = World(ready, frames)
        return self.made[number]


def _key(do: Mapping[str, Any]) -> str:
    return repr(sorted(do.items()))


def _moves_alike(a: ConcreteScene, b: ConcreteScene) -> bool:
    """Whether two scenes differ in nothing but colours."""

    def plain(item: ConcreteItem) -> ConcreteItem:
        return replace(item, colour=None)

    return [plain(i) for i in a.items] == [plain(i) for i in b.items] and a.sky == b.sky
