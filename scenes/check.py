"""What can be known to be wrong with a spec before anything is drawn."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable
from typing import Any

from pairforge.errors import SpecError, did_you_mean
from pairforge.scenes.beams import LIDAR_LABELS, check_bounds, check_pattern, check_returns
from pairforge.scenes.colours import colour_rgb
from pairforge.scenes.distributions import Distribution
from pairforge.scenes.families import family
from pairforge.scenes.materials import material
from pairforge.scenes.mounts import split_mount
from pairforge.scenes.optics import DISTORTION_TERMS, StereoEye
from pairforge.scenes.policies import LaneKeeping, Replay
from pairforge.scenes.script_rules import check_script
from pairforge.scenes.spec import Actor, Aimed, Camera, Framed, Lidar, Prop, Scene, Sensor
from pairforge.scenes.splits import compositions, things_of, work_out
from pairforge.scenes.typecheck import label
from pairforge.sensors.camera_labels.protocol import LABELS, chosen

RESERVED = ("scene", "setting", "weather", "split")
"""First words of other named draws; no thing or sensor may be called so."""

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")
_SCENE_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,63}")

MAX_KEYFRAMES = 100_000
MOTION_AHEAD_S = 0.25
"""Motion is simulated this far past the last keyframe."""
EGO = "ego"
OF_THE_EGO = ("driving", "narration")
"""Kinds of captions that speak for the ego."""

_BOUNDS: dict[type, dict[str, tuple[float, float]]] = {
    Scene: {
        "duration_s": (0.001, 3600.0),
        "keyframe_rate_hz": (0.001, 1000.0),
        "warm_up_s": (0.0, 3600.0),
        "max_redraws": (0, 10_000),
    },
}
"""Least and most of plain numbers; sensors say their own."""


def check(scene: Scene) -> None:
    """Raises SpecError naming the first thing that is wrong."""
    if not isinstance(scene, Scene):
        raise SpecError(f"a Scene is needed, not {type(scene).__name__}")
    things = [*scene.props, *scene.actors]
    if not _SCENE_NAME.fullmatch(scene.name):
        raise SpecError(
            f"{label(scene)}: a scene's name is a letter of a to z, then up to 63 of letters, digits and . _ -"
        )
    _check_names(scene, [*things, *scene.sensors])
    _check_clock(scene)
    _check_captions(scene)
    for thing in things:
        _check_thing(thing)
        if isinstance(thing, Actor):
            _check_behaviour(thing)
    if scene.split is not None:
        of = things_of(things)
        compositions(scene.split, work_out(scene.split, of), of)
    _check_pairs(scene)
    for sensor in scene.sensors:
        _within_bounds(sensor)
        if isinstance(sensor, Aimed):
            _check_aim(sensor)
        if isinstance(sensor, Camera):
            _check_camera(sensor)
            _check_labels(sensor, scene.warm_up_s)
            _check_shutter(sensor, scene.warm_up_s)
        elif isinstance(sensor, Lidar):
            _check_lidar(sensor, scene.warm_up_s)
        if isinstance(sensor, Framed):
            _check_phase(sensor, scene)
        sensor.check(scene)


def check_references(scene: Scene, known: Iterable[str], bodies: Iterable[str]) -> None:
    """Raises SpecError for a name that is not in the scene. ``known``: surfaces and things; ``bodies``: things."""
    known, bodies = set(known), set(bodies)
    for thing in (*scene.props, *scene.actors):
        for name in thing.place.references():
            _known(f"{label(thing)} is placed by", name, known)
        for rule in thing.behaviour.script if isinstance(thing, Actor) else ():
            for name in rule.references():
                _known(f"The script of {label(thing)} speaks of", name, bodies)
    for sensor in scene.sensors:
        if sensor.mount is not None:
            _known(f"{label(sensor)} is mounted on", split_mount(sensor.mount)[0], bodies)
        if isinstance(sensor, Aimed) and isinstance(sensor.look_at, str):
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
            raise SpecError(
                f"{label(thing)}: a name is a letter of a to z, then up to 63 such letters, digits and underscores"
            )
        if thing.name in RESERVED:
            raise SpecError(f'{label(thing)}: the name "{thing.name}" is reserved; choose another')
        if thing.name in seen:
            raise SpecError(
                f'scene "{scene.name}" has two things named "{thing.name}" ({type(seen[thing.name]).__name__} and '
                f"{type(thing).__name__}); names must be unique. Rename one, or use count="
            )
        seen[thing.name] = thing
    files: dict[str, str] = {}
    for sensor in scene.sensors:
        other = files.setdefault(sensor.name.lower(), sensor.name)
        if other != sensor.name:
            raise SpecError(
                f'sensors "{other}" and "{sensor.name}" differ in case alone, and files are named in lower case; '
                "rename one"
            )


def _check_clock(scene: Scene) -> None:
    _within_bounds(scene)
    number = round(scene.duration_s * scene.keyframe_rate_hz)
    if not 1 <= number <= MAX_KEYFRAMES:
        raise SpecError(
            f"{label(scene)}: duration_s {scene.duration_s:g} at keyframe_rate_hz {scene.keyframe_rate_hz:g} gives "
            + (
                "no keyframe; raise either"
                if number < 1
                else f"{number} keyframes; {MAX_KEYFRAMES} is the most"
            )
        )


def _check_captions(scene: Scene) -> None:
    """Kinds and languages that there are, each once; kinds that speak for the ego need one."""
    from pairforge.captioners.author import is_authored, load  # as below
    from pairforge.captioners.languages.protocol import codes  # as below
    from pairforge.captioners.protocol import names  # captioners read worlds, which scenes build

    for index, code in enumerate(scene.languages):
        if code not in codes():
            raise SpecError(
                f'{label(scene)}: languages: unknown language "{code}". {did_you_mean(code, codes())}'
            )
        if code in scene.languages[:index]:
            raise SpecError(f'{label(scene)}: languages name "{code}" twice; once is enough')

    for index, kind in enumerate(scene.captions):
        if is_authored(kind):
            load(kind)
        elif kind not in names():
            raise SpecError(f'{label(scene)}: captions: unknown kind "{kind}". {did_you_mean(kind, names())}')
        if kind in scene.captions[:index]:
            raise SpecError(f'{label(scene)}: captions name "{kind}" twice; once is enough')
        if kind in OF_THE_EGO and all(thing.name != EGO for thing in (*scene.props, *scene.actors)):
            raise SpecError(
                f'{label(scene)}: captions of kind "{kind}" speak for the ego, but there is none; '
                f'name an actor "{EGO}", or leave them out'
            )


def _check_thing(thing: Prop) -> None:
    _each(thing, "shape", _thing_shape)
    _each(thing, "colour", colour_rgb)
    _each(thing, "material", lambda kind: material(kind, "white"))
    for name in ("size_m", "mass_kg"):
        _each(thing, name, _positive)


def _check_behaviour(actor: Actor) -> None:
    behaviour = actor.behaviour
    check_script(label(actor), behaviour.kind, behaviour.script)
    if (behaviour.kind == "replay") != isinstance(behaviour.policy, Replay):
        raise SpecError(
            f"{label(actor)} is to {behaviour.kind}, with {type(behaviour.policy).__name__}; "
            'kind "replay" and policy Replay go together'
        )
    if behaviour.kind == "replay":
        return
    if isinstance(behaviour.policy, LaneKeeping):
        return
    policy = type(behaviour.policy).__name__
    if behaviour.kind != "drive":
        raise SpecError(f'{label(actor)} is to {behaviour.kind}; {policy} is for who is to "drive"')
    if behaviour.script:
        raise SpecError(
            f"{label(actor)} has both a script and {policy}; a script is for LaneKeeping. Keep one"
        )


def _thing_shape(name: str) -> None:
    if family(name).stuff:
        raise SpecError(
            f'"{name}" is ground or land, which is for settings, not for things; see pairforge list shapes'
        )


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
    terms = DISTORTION_TERMS[camera.model]
    if len(camera.distortion) not in terms:
        raise SpecError(
            f"{label(camera)}: a {camera.model} camera takes {' or '.join(map(str, terms))} distortion coefficients, "
            f"not {len(camera.distortion)}"
        )
    if camera.stereo is None and "disparity" in _names(camera.labels):
        raise SpecError(
            f"{label(camera)}: disparity is of stereo pairs alone; make the pair with stereo(...)"
        )
    if camera.stereo is not None:
        _check_stereo(camera, camera.stereo)
    if camera.circle_deg is not None and camera.model != "kannala_brandt":
        raise SpecError(
            f"{label(camera)}: circle_deg is of fisheyes alone; leave it out, or make the model kannala_brandt"
        )
    for part in (camera.shutter, camera.lens, camera.imager):
        if part is not None:
            check_bounds(label(camera), part)


def _names(labels: Iterable[str] | str) -> Iterable[str]:
    return (labels,) if isinstance(labels, str) else labels


def _check_stereo(camera: Camera, eye: StereoEye) -> None:
    if camera.model != "pinhole":
        raise SpecError(
            f"{label(camera)}: the images of a {camera.model} camera have no common rows; a stereo pair is pinhole"
        )
    value: Any = eye.baseline_m
    options: Iterable[Any] = value.examples() if isinstance(value, Distribution) else (value,)
    if not all(0.0 < option < math.inf for option in options):
        raise SpecError(f"{label(camera)}: baseline_m is {value!r}; it must be above 0")


def _check_pairs(scene: Scene) -> None:
    """Each stereo camera stands beside its other, and no pair is called like anything else."""
    eyes = {s.name: s.stereo for s in scene.sensors if isinstance(s, Camera) and s.stereo is not None}
    names = {thing.name for thing in (*scene.props, *scene.actors, *scene.sensors)}
    for name, eye in eyes.items():
        other = eyes.get(eye.other)
        if other is None or (other.other, other.pair, other.right) != (name, eye.pair, not eye.right):
            raise SpecError(
                f'camera "{name}" has no other eye "{eye.other}"; put both of stereo(...) into the scene'
            )
        if eye.pair in names | set(RESERVED):
            raise SpecError(
                f'the stereo pair "{eye.pair}" is called like something else; give it a name of its own'
            )


def _check_aim(camera: Aimed) -> None:
    if camera.look_at is None and camera.position_m is None:
        raise SpecError(
            f"{label(camera)} does not say where it is; give look_at, or position_m (with a mount or not)"
        )
    if isinstance(camera.look_at, tuple) and not all(map(math.isfinite, camera.look_at)):
        raise SpecError(f"{label(camera)}: look_at is {camera.look_at}; it must be finite")


def _check_phase(sensor: Framed, scene: Scene) -> None:
    if sensor.phase_s is None:
        return
    period_s, sweeping = 1.0 / sensor.rate_hz, isinstance(sensor, Lidar)
    if not 0.0 <= sensor.phase_s < period_s:
        raise SpecError(
            f"{label(sensor)}: phase_s is {sensor.phase_s:g}; it must lie in 0..{period_s:g}, below one period"
        )
    if scene.warm_up_s < (2.0 if sweeping else 1.0) * period_s:
        raise SpecError(
            f"{label(sensor)} runs free, and its last frame before the first keyframe may begin before the clock "
            f"does: raise warm_up_s to {(2.0 if sweeping else 1.0) * period_s:g} at least"
        )


def _check_shutter(camera: Camera, warm_up_s: float) -> None:
    """While the shutter is open, now and a frame ahead, motion must be known."""
    if camera.shutter is None:
        return
    longest = {}
    for name in ("exposure_s", "readout_s"):
        value = getattr(camera.shutter, name)
        options: Iterable[Any] = value.examples() if isinstance(value, Distribution) else (value,)
        longest[name] = max(options)
    half_s = sum(longest.values()) / 2
    before_s = half_s + (0.0 if camera.phase_s is None else 1.0 / camera.rate_hz)
    if before_s > warm_up_s:
        raise SpecError(
            f"{label(camera)}: its shutter may open {before_s:g} s before a keyframe, but the first is at warm_up_s "
            f"{warm_up_s:g}; raise warm_up_s, or shorten the shutter"
        )
    if 1.0 / camera.rate_hz + half_s > MOTION_AHEAD_S:
        raise SpecError(
            f"{label(camera)}: flow looks a frame and half a shutter ahead, {1.0 / camera.rate_hz + half_s:g} s, but "
            f"motion is known for {MOTION_AHEAD_S:g} s; raise rate_hz, or shorten the shutter"
        )


def _check_labels(camera: Camera, warm_up_s: float) -> None:
    """Labels that there are, and time enough before the first keyframe for those that look back."""
    try:
        names = chosen(camera.labels)
    except SpecError as error:
        raise SpecError(f"{label(camera)}: {error}") from None
    readout: Any = camera.shutter.readout_s if camera.shutter else 0.0
    options: Iterable[Any] = readout.examples() if isinstance(readout, Distribution) else (readout,)
    slowest_s = max(options)
    needed_s = (1 if camera.phase_s is None else 2) / camera.rate_hz + slowest_s / 2
    for name in names:
        if LABELS.load(name).looks_back and warm_up_s < needed_s:
            raise SpecError(
                f'{label(camera)}: the label "{name}" looks {1 / camera.rate_hz:g} s back, but the first keyframe is '
                f"at warm_up_s {warm_up_s:g}; raise it to {needed_s:g} at least"
            )


def _check_lidar(lidar: Lidar, warm_up_s: float) -> None:
    low, high = lidar.elevation_deg
    if not -90 <= low <= high <= 90:
        raise SpecError(f"{label(lidar)}: elevation_deg {lidar.elevation_deg} must rise within -90..90")
    if lidar.pattern is not None:
        check_pattern(label(lidar), lidar.pattern)
    for part in (lidar.beam, lidar.receiver, lidar.surfaces, lidar.doppler):
        if part is not None:
            check_bounds(label(lidar), part)
    if lidar.beam is not None:
        check_returns(label(lidar), lidar.beam)
    for name in lidar.labels:
        if name not in LIDAR_LABELS:
            raise SpecError(f'{label(lidar)}: unknown label "{name}". {did_you_mean(name, LIDAR_LABELS)}')
    if warm_up_s * lidar.rate_hz < 1:
        raise SpecError(
            f"{label(lidar)}: a sweep takes {1 / lidar.rate_hz:g} s, but the first keyframe is at warm_up_s "
            f"{warm_up_s:g}; raise warm_up_s or rate_hz"
        )


def _within_bounds(spec: Any) -> None:
    bounds = spec.BOUNDS if isinstance(spec, Sensor) else _BOUNDS[type(spec)]
    for name, (low, high) in bounds.items():
        value: Any = getattr(spec, name)
        options: Iterable[Any] = value.examples() if isinstance(value, Distribution) else (value,)
        for option in options:
            if not low <= option <= high:
                raise SpecError(f"{label(spec)}: {name} is {option!r}; it must lie in {low:g}..{high:g}")
