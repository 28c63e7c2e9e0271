"""What a kind of contrast sees of a scene, and the named draws that it would change."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from pairforge.captioners.caption import forward_camera, tell
from pairforge.captioners.meanings import Mention
from pairforge.captioners.references import Told, single
from pairforge.captioners.view import Body, bodies_of
from pairforge.frames import F64
from pairforge.sample import Keyframe, SceneRecord
from pairforge.scenes.concrete import ConcreteItem, ConcreteScene
from pairforge.scenes.distributions import Choice
from pairforge.scenes.spec import Prop, Scene


@dataclass(frozen=True)
class Axis:
    """Worlds that differ in ``draws`` alone, one world for each of ``values`` (a value for each draw).

    Any two of them make a contrast. Most kinds have one draw; ``swap`` needs two. ``things``: names of what the
    contrast is about, the changed one first.
    """

    draws: tuple[str, ...]
    values: tuple[tuple[Any, ...], ...]
    things: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Side:
    """One world of a contrast, sensed at a keyframe and told of in a language."""

    frame: Keyframe
    record: SceneRecord
    told: Told

    @staticmethod
    def of(frame: Keyframe, record: SceneRecord, language: str = "en") -> Side:
        """As the forward camera may tell it."""
        return Side(frame, record, tell(frame, record, frame.facts, forward_camera(frame), language))

    def id_of(self, name: str) -> int | None:
        """The instance id of a thing in view by its name in the scene; None when it is not seen well enough."""
        found = next((r.instance_id for r in self.record.instances if r.name == name), None)
        return found if found in self.told.visible else None

    def named(self, name: str) -> Mention | None:
        """The thing with an article and whatever singles it out ("a red ball"); None where that takes more words."""
        one = self.id_of(name)
        mention = single(self.told, one) if one is not None else None
        return mention if mention is not None and mention.form == "a" else None

    @cached_property
    def bodies(self) -> dict[int, Body]:
        return bodies_of(self.frame, self.record)

    @cached_property
    def camera_axes(self) -> tuple[F64, F64, F64]:
        """Position (3,), and level unit vectors (2,) to the right and forward, of the camera that is told of."""
        pose = self.frame.cameras[self.told.sensor].world_from_camera
        right, forward = pose.rotation[:2, 0], pose.rotation[:2, 2]
        return pose.position_m, right / np.linalg.norm(right), forward / np.linalg.norm(forward)


@dataclass(frozen=True, eq=False)
class Base:
    """A drawn scene that kinds may vary. ``probe(do)`` draws the twin and builds nothing; None where it cannot be."""

    scene: Scene
    concrete: ConcreteScene
    side: Side
    probe: Callable[[Mapping[str, Any]], ConcreteScene | None]

    @property
    def draws(self) -> Mapping[str, Any]:
        return self.concrete.draws

    @cached_property
    def seen(self) -> tuple[str, ...]:
        """Names of the author's things that are in view."""
        names = (i.name for i in self.concrete.items if f"{i.name}.shape" in self.draws)
        return tuple(n for n in names if self.side.id_of(n) is not None)

    def shown(self, least_px: float) -> tuple[str, ...]:
        """Those of them that so many pixels show, enough to see what they look like."""
        ids = {n: self.side.id_of(n) for n in self.seen}
        return tuple(n for n, i in ids.items() if i is not None and self.side.told.px(i) >= least_px)

    def item(self, name: str) -> ConcreteItem:
        return next(i for i in self.concrete.items if i.name == name)

    def prop(self, name: str) -> Prop | None:
        """The thing of the spec that an item is one of: "cone" for "cone_2"."""
        things: Sequence[Prop] = (*self.scene.props, *self.scene.actors)
        plain = re.sub(r"_\d+$", "", name)
        exact = next((t for t in things if t.name == name), None)
        return exact or next((t for t in things if t.name == plain and t.count != 1), None)

    def options(self, name: str, field: str) -> tuple[Any, ...]:
        """What the spec lets a field of a thing be; () where it gives one value or leaves it to the shape."""
        thing = self.prop(name)
        value = getattr(thing, field, None) if thing is not None else None
        if isinstance(value, Choice):
            return tuple(dict.fromkeys(value.examples()))
        return ()

    def towards(self, name: str, draw: str, step: float) -> F64 | None:
        """Metres (2,) on the ground that a thing moves by for each unit of a draw of its place; None where it
        cannot be moved so."""
        moved = self.probe({draw: float(self.draws[draw]) + step})
        if moved is None:
            return None
        there = next(i for i in moved.items if i.name == name)
        by: F64 = np.subtract(there.position_m, self.item(name).position_m)[:2] / step
        return by

    def shows(self, name: str, by: F64) -> bool:
        """Whether a thing would still be well inside the picture, moved by metres (2,) on the ground."""
        one = self.side.id_of(name)
        if one is None or one not in self.side.bodies:
            return False
        camera = self.side.frame.cameras[self.side.told.sensor]
        moved = self.side.bodies[one].corners + np.array([*by, 0.0])
        seen = camera.world_from_camera.inverse.points(moved)
        if not (seen[:, 2] > 0.5).all():
            return False
        uv, k = camera.intrinsics.project(seen), camera.intrinsics
        return bool((uv >= 0).all() and (uv <= (k.width_px, k.height_px)).all())

    def places(self, name: str) -> list[str]:
        """The draws of a thing's place that are numbers, by name: "mug.place.x_m"."""
        ending = ("x_m", "y_m", "s_m", "lateral_m", "gap_m", "offset_m", "distance_m")
        return [d for e in ending if isinstance(self.draws.get(d := f"{name}.place.{e}"), float)]
