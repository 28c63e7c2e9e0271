"""What can be known to be wrong with a spec before anything is drawn."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from pairforge.errors import SpecError, did_you_mean
from pairforge.scenes.colours import colour_rgb
from pairforge.scenes.distributions import Distribution
from pairforge.scenes.families import family
from pairforge.scenes.materials import material
from pairforge.scenes.spec import Camera, Lidar, Prop, Scene
from pairforge.scenes.typecheck import label

RESERVED = ("scene", "setting", "weather")
"""First words of other named draws; no thing or sensor may be called so."""

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


def check(scene: Scene) -> None:
    """Raises SpecError naming the first thing that is wrong."""
    if not isinstance(scene, Scene):
        raise SpecError(f"a Scene is needed, not {type(scene).__name__}")
    things = [*scene.props, *scene.actors]
    _check_names(scene, [*things, *scene.sensors])
    _check_clock(scene)
    for thing in things:
        _check_thing(thing)
    for sensor in scene.sensors:
        if isinstance(sensor, Camera):
            _check_camera(sensor)
        else:
            _check_lidar(sensor)


def check_references(scene: Scene, known: Iterable[str], bodies: Iterable[str]) -> None:
    """Raises SpecError for a name that is not in the scene. ``known``: surfaces and things; ``bodies``: things."""
    known, bodies = set(known), set(bodies)
    for thing in (*scene.props, *scene.actors):
        for name in thing.place.references():
            _known(f"{label(thing)} is placed by", name, known)
    for sensor in scene.sensors:
        if sensor.mount is not None:
            _known(f"{label(sensor)} is mounted on", sensor.mount, bodies)
        if isinstance(sensor, Camera) and isinstance(sensor.look_at, str):
            _known(f"{label(sensor)} looks at", sensor.look_at, known)
    for requirement in scene.require:
        for name in requirement.references():
            _known(f"{requirement!r} speaks of", name, bodies | {s.name for s in scene.sensors})


def _known(who: str, name: str, known: set[str]) -> None:
    if name not in known:
        raise SpecError(f'{who} "{name}", which is not in the scene. {did_you_mean(name, known)}')


def _check_names(scene: Scene, named: Iterable[Any]) -> None:
    seen: dict[str, Any] = {}
    for thing in named:
        if not _NAME.fullmatch(thing.name):
            raise SpecError(f"{label(thing)}: a name is a letter, then letters, digits and underscores")
        if thing.name in RESERVED:
            raise SpecError(f'{label(thing)}: the name "{thing.name}" is reserved; choose another')
        if thing.name in seen:
            raise SpecError(
                f'scene "{scene.name}" has two things named "{thing.name}" ({type(seen[thing.name]).__name__} and '
                f"{type(thing).__name__}); names must be unique. Rename one, or use count="
            )
        seen[thing.name] = thing


def _check_clock(scene: Scene) -> None:
    _above_zero(scene, "duration_s", "keyframe_rate_hz")
    _at_least_zero(scene, "warm_up_s", "max_redraws")
    if round(scene.duration_s * scene.keyframe_rate_hz) < 1:
        raise SpecError(
            f"{label(scene)}: duration_s {scene.duration_s:g} at keyframe_rate_hz {scene.keyframe_rate_hz:g} gives "
            "no keyframe; raise either"
        )


def _check_thing(thing: Prop) -> None:
    _each(thing, "shape", family)
    _each(thing, "colour", colour_rgb)
    _each(thing, "material", lambda kind: material(kind, "white"))
    for name in ("size_m", "mass_kg"):
        _each(thing, name, _positive)


def _each(thing: Prop, name: str, test: Callable[[Any], object]) -> None:
    """Tests every value a field may take."""
    value = getattr(thing, name)
    options = value.examples() if isinstance(value, Distribution) else (value,)
    for option in options:
        if option is None:
            continue
        try:
            test(option)
        except SpecError as error:
            raise SpecError(f"{label(thing)}: {name}: {error}") from None


def _positive(value: float) -> None:
    if value <= 0:
        raise SpecError(f"{value!r} must be above 0")


def _check_camera(camera: Camera) -> None:
    _above_zero(camera, "width_px", "height_px", "rate_hz")
    if camera.look_at is None and camera.position_m is None:
        raise SpecError(
            f"{label(camera)} does not say where it is; give look_at, or position_m (with a mount or not)"
        )


def _check_lidar(lidar: Lidar) -> None:
    _above_zero(lidar, "beams", "columns", "rate_hz", "max_range_m")
    _at_least_zero(lidar, "range_noise_m", "dropout")
    if lidar.dropout > 1:
        raise SpecError(f"{label(lidar)}: dropout is {lidar.dropout:g}; it is a probability, 0..1")
    low, high = lidar.elevation_deg
    if not -90 <= low <= high <= 90:
        raise SpecError(f"{label(lidar)}: elevation_deg {lidar.elevation_deg} must rise within -90..90")


def _above_zero(spec: Any, *names: str) -> None:
    for name in names:
        if not getattr(spec, name) > 0:
            raise SpecError(f"{label(spec)}: {name} is {getattr(spec, name)!r}; it must be above 0")


def _at_least_zero(spec: Any, *names: str) -> None:
    for name in names:
        if not getattr(spec, name) >= 0:
            raise SpecError(f"{label(spec)}: {name} is {getattr(spec, name)!r}; it must be 0 or more")
