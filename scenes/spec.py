"""The scene language: all that a scene author reads and writes.

Every field takes a value or a distribution. A ``Scene`` is random; ``pairforge.scenes.resolve`` draws it into a
``ConcreteScene`` (see ``concrete.py``) that holds no distribution, is JSON, and is stored with every sample.

    MUG = Prop(name="mug", shape="mug", colour=Choice("red", "blue"), size_m=Uniform(0.08, 0.12), place=On("table"))
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self

from pairforge.scenes.beams import Beam, Doppler, Pattern, Receiver, Surfaces
from pairforge.scenes.calibration import CalibrationError
from pairforge.scenes.distributions import Uniform, Value, Vector
from pairforge.scenes.joints import JointMotion
from pairforge.scenes.optics import CameraModel, Imager, Lens, Shutter, StereoEye
from pairforge.scenes.placement import Anywhere, Placement
from pairforge.scenes.policies import LaneKeeping, Policy
from pairforge.scenes.requirements import Requirement
from pairforge.scenes.scripts import Turn, When
from pairforge.scenes.settings import Empty, Setting
from pairforge.scenes.splits import Split
from pairforge.scenes.typecheck import Checked

if TYPE_CHECKING:
    from pairforge.scenes.draws import Draws
    from pairforge.scenes.world import Shape


@dataclass(frozen=True, kw_only=True)
class Prop(Checked):
    """A thing. ``shape`` names a shape family (``pairforge list shapes``); ``params`` overrides its draws.

    ``size_m`` is the largest extent (None: the family's own draw); ``extent_m`` stretches the shape to a box of that
    length, width and height; ``count`` > 1 makes name_0, name_1, ….
    ``moves`` False bolts it to the world; True lets physics have it. ``joints``: joint name -> ``Hold``, ``Swing`` or
    ``Through`` (see ``joints.py``), for a shape that has joints.
    """

    name: str
    shape: Value[str]
    colour: Value[str] | None = None
    material: Value[str] | None = None
    size_m: Value[float] | None = None
    extent_m: Value[Vector] | None = None
    mass_kg: Value[float] | None = None
    place: Placement = field(default_factory=Anywhere)
    moves: bool = True
    count: Value[int] = 1
    params: Mapping[str, Value[object]] = field(default_factory=dict)
    joints: Mapping[str, JointMotion] = field(default_factory=dict)


BehaviourKind = Literal["drive", "park", "walk", "stand", "cycle", "pull_out", "replay"]


@dataclass(frozen=True, kw_only=True)
class Behaviour(Checked):
    """What an actor does. ``kind``: "drive" follows its lane, keeps distance, stops; "park" stands; "walk" walks
    along its pavement or path; "stand" stays; "cycle" rides its lane's edge; "pull_out" stands parked and drives
    off into the lane beside it once that is free, not before ``starts_at_s``; "replay" is where its ``policy``, a
    ``Replay``, says, whatever is in the way.

    ``stop_at_s_m``: brakes to a halt at that distance along its lane. ``turns``: which way it takes at the
    junctions it comes to, straight on after the last. ``script``: what it does when (see ``scripts.py``);
    ``policy``: who drives (see ``policies.py``).
    """

    EXAMPLE = 'Behaviour(kind="walk")'

    kind: BehaviourKind = "drive"
    speed_mps: Value[float] | None = None
    stop_at_s_m: Value[float] | None = None
    starts_at_s: Value[float] = 0.0
    turns: tuple[Value[Turn], ...] | list[Value[Turn]] = ()
    script: tuple[When, ...] | list[When] = ()
    policy: Policy = field(default_factory=LaneKeeping)


@dataclass(frozen=True, kw_only=True)
class Actor(Prop):
    """A thing that acts: a vehicle, a cyclist, a pedestrian."""

    behaviour: Behaviour = field(default_factory=Behaviour)


@dataclass(frozen=True, kw_only=True)
class Sensor(Checked):
    """Base of all sensors: a name, and what carries it: an actor's or prop's body ("ego"), a part of one
    ("arm:hand", for what is on a link of a robot), or None for a sensor that is fixed in the world.

    ``calibration_error``: what is told of its calibration is off by this; what it senses is not.

    A subclass says in ``KIND`` which model of ``sensors.protocol.SENSORS`` senses for it, and in ``BOUNDS`` what the
    least and most of its plain numbers are (field -> (least, most)).
    """

    KIND: ClassVar[str] = ""
    BOUNDS: ClassVar[Mapping[str, tuple[float, float]]] = {}

    name: str
    mount: str | None = None
    calibration_error: CalibrationError | None = None

    @classmethod
    def like(cls, model: str, **changed: Any) -> Self:
        """A sensor as a real one, by its name in the catalogue (``pairforge list catalogue``), with fields changed.

        ``Lidar.like("velodyne_hdl_32e", name="top", mount="ego")``. Raises SpecError for a model that is not there
        or is no sensor of this kind.
        """
        from pairforge.sensors.catalogue import fields_of  # sensors are written with these words

        return cls(**{**fields_of(model, cls.KIND), **changed})

    def check(self, scene: Scene) -> None:
        """Raises SpecError for what can be known to be wrong before anything is drawn, beyond ``BOUNDS``."""

    def settings(self, draw: Draws) -> dict[str, Any]:
        """``ConcreteSensor.settings``: plain JSON, every choice made through ``draw`` (its names are the fields')."""
        raise NotImplementedError(f"{type(self).__name__} does not say its settings")

    def settings_on(self, shape: Shape, part: str) -> dict[str, Any]:
        """What more its settings hold once it is mounted on a thing of ``shape`` ("" or the name of its ``part``);
        SpecError when it cannot be."""
        return {}


@dataclass(frozen=True, kw_only=True)
class Device(Sensor):
    """Base of sensors with axes x forward, y left, z up at a pose on their mount: all but cameras.

    ``position_m`` in the mount's body frame (or the world). Turned by ``yaw_deg`` about z, then ``pitch_deg`` (up is
    positive), then ``roll_deg`` about x. Settings are all other fields, each a draw of its own name.
    """

    position_m: Value[Vector] = (0.0, 0.0, 0.0)
    yaw_deg: Value[float] = 0.0
    pitch_deg: Value[float] = 0.0
    roll_deg: Value[float] = 0.0

    def settings(self, draw: Draws) -> dict[str, Any]:
        placed = {f.name for f in fields(Device)}  # by ``aim``, as the calibration error is
        return {f.name: draw(f.name, getattr(self, f.name)) for f in fields(self) if f.name not in placed}


@dataclass(frozen=True, kw_only=True)
class Framed(Sensor):
    """Base of sensors that take one frame after another, ``rate_hz`` of them a second.

    ``phase_s`` None: triggered, so that a frame falls on every keyframe, the others 1 / rate_hz apart before it. A
    number: free-running, with frames at warm_up_s + phase_s + j / rate_hz; a keyframe holds the last one that is not
    after it. ``sweeps``: the frames between keyframes are kept too.
    """

    rate_hz: float = 10.0
    phase_s: float | None = None
    sweeps: bool = False


@dataclass(frozen=True, kw_only=True)
class Aimed(Sensor):
    """Base of sensors that form an image: cameras of every kind. Their axes are OpenCV's: x right, y down, z forward.

    Where it looks: ``look_at`` (a prop, actor or surface name, or a point) with ``distance_m``, ``azimuth_deg``
    and ``elevation_deg`` around it, or ``position_m`` with ``yaw_deg`` and ``pitch_deg`` (pitch up positive) in the
    mount's frame, or the world's; then ``roll_deg`` (its right side down) about its optical axis. ``fov_deg`` is
    horizontal. Settings are its lens and all fields of its own.
    """

    # Blender makes no picture that is less than 4 pixels wide or high.
    BOUNDS: ClassVar[Mapping[str, tuple[float, float]]] = {"width_px": (4, 8192), "height_px": (4, 8192)}

    position_m: Value[Vector] | None = None
    yaw_deg: Value[float] = 0.0
    pitch_deg: Value[float] = 0.0
    roll_deg: Value[float] | None = None
    look_at: str | Vector | None = None
    distance_m: Value[float] = 2.0
    azimuth_deg: Value[float] = field(default_factory=lambda: Uniform(0.0, 360.0))
    elevation_deg: Value[float] = 30.0
    width_px: int = 640
    height_px: int = 360
    fov_deg: Value[float] = 70.0

    def settings(self, draw: Draws) -> dict[str, Any]:
        aimed = {f.name for f in fields(Aimed)}
        return {f.name: draw(f.name, getattr(self, f.name)) for f in fields(self) if f.name not in aimed}


@dataclass(frozen=True, kw_only=True)
class Camera(Aimed, Framed):
    """A camera. Mounted on ``mount`` (an actor's body frame) or, when None, fixed in the world.

    ``model`` and ``distortion`` say how rays bend (see ``optics.DISTORTION_TERMS``); ``fov_deg`` is the horizontal
    angle of view of the undistorted pinhole, or of the whole image of a fisheye or equirectangular camera. For a
    calibrated camera give ``focal_px`` (fx, fy) instead, and ``principal_px`` (cx, cy) (the middle when None); both
    in pixels, per radian for the last two models. ``circle_deg``: the full cone that a fisheye (kannala_brandt) sees;
    outside it the image is black and has no labels. ``stereo``: see ``stereo.stereo``.
    ``labels`` names arrays beyond those that every camera gives (``pairforge list labels``), or is "all".
    """

    KIND: ClassVar[str] = "camera"
    # Flow reaches a frame ahead, and motion is known for a quarter of a second after the last keyframe.
    BOUNDS: ClassVar[Mapping[str, tuple[float, float]]] = {
        "width_px": (4, 8192),
        "height_px": (4, 8192),
        "rate_hz": (4.0, 1000.0),
    }

    rate_hz: float = 12.0
    model: CameraModel = "pinhole"
    distortion: tuple[float, ...] = ()
    focal_px: Value[tuple[float, float]] | None = None
    principal_px: Value[tuple[float, float]] | None = None
    circle_deg: Value[float] | None = None
    shutter: Shutter | None = None
    lens: Lens | None = None
    imager: Imager | None = None
    stereo: StereoEye | None = None
    labels: tuple[str, ...] | list[str] | Literal["all"] = ()


@dataclass(frozen=True, kw_only=True)
class Lidar(Framed):
    """A LiDAR. ``position_m`` in the mount's body frame (or the world); x forward, y left, z up, turned
    by ``yaw_deg`` about z, then ``pitch_deg`` (up is positive), then ``roll_deg`` about x.

    It spins: ``elevation_deg`` spans ``beams`` evenly from lowest to highest; ``columns`` firings a revolution,
    ``rate_hz`` revolutions a second. A ``pattern`` replaces ``beams`` and ``elevation_deg`` by a table, or the
    spinning by another way to scan (see ``beams.py``), of which ``rate_hz`` frames are made a second.
    ``beam``, ``receiver``, ``surfaces`` and ``doppler`` are left out until given (see there as well). ``labels`` of
    ``beams.LIDAR_LABELS`` asks for more arrays.
    """

    KIND: ClassVar[str] = "lidar"
    # Ring numbers are 8 bits wide, hence 256 beams.
    BOUNDS: ClassVar[Mapping[str, tuple[float, float]]] = {
        "beams": (1, 256),
        "columns": (1, 20_000),
        "rate_hz": (0.1, 1000.0),
        "max_range_m": (0.1, 10_000.0),
        "range_noise_m": (0.0, 10.0),
        "dropout": (0.0, 1.0),
    }

    position_m: Value[Vector] = (0.0, 0.0, 1.8)
    yaw_deg: Value[float] = 0.0
    pitch_deg: Value[float] = 0.0
    roll_deg: Value[float] = 0.0
    beams: int = 32
    elevation_deg: tuple[float, float] = (-30.67, 10.67)
    columns: int = 1080
    rate_hz: float = 20.0
    max_range_m: float = 100.0
    range_noise_m: float = 0.02
    dropout: float = 0.02
    pattern: Pattern | None = None
    beam: Beam | None = None
    receiver: Receiver | None = None
    surfaces: Surfaces | None = None
    doppler: Doppler | None = None
    labels: tuple[str, ...] | list[str] = ()


@dataclass(frozen=True, kw_only=True)
class Weather(Checked):
    """Sun and air. Azimuth is measured from world +x towards +y.

    The sun stands at ``sun_elevation_deg`` (25..60 when None) and ``sun_azimuth_deg`` (any); with ``hour`` it stands
    where it does at that place, day and hour instead (``sun.sun_position_deg``). Below the horizon it is twilight,
    then night, and lamps are lit. ``fog_per_m`` and ``dust_per_m`` are extinction coefficients, ``rain_mm_h`` and
    ``snow_mm_h`` (as water) fall; ``wetness`` and ``snow_cover`` (0..1) of the ground follow from what falls when
    None. docs/weather.md says what each does to every sensor. The scene lies at ``latitude_deg``, ``longitude_deg``
    and ``altitude_m`` (above the ellipsoid), world +x at the compass bearing ``x_bearing_deg``, whatever the hour.
    """

    EXAMPLE = "Weather(rain_mm_h=5.0), or one of pairforge.scenes.conditions"

    sun_elevation_deg: Value[float] | None = None
    sun_azimuth_deg: Value[float] | None = None
    hour: Value[float] | None = None
    day_of_year: Value[float] = 172.0
    latitude_deg: Value[float] = 48.1
    longitude_deg: Value[float] = 11.6
    utc_offset_h: Value[float] | None = None
    altitude_m: Value[float] = 560.0
    x_bearing_deg: Value[float] = 90.0
    cloudiness: Value[float] = 0.1
    fog_per_m: Value[float] = 0.0
    wetness: Value[float] | None = None
    rain_mm_h: Value[float] = 0.0
    snow_mm_h: Value[float] = 0.0
    snow_cover: Value[float] | None = None
    dust_per_m: Value[float] = 0.0


@dataclass(frozen=True, kw_only=True)
class Scene(Checked):
    """A world to draw from: where (``setting``), what (``props``, ``actors``), seen by what (``sensors``)."""

    name: str
    setting: Setting = field(default_factory=Empty)
    props: tuple[Prop, ...] | list[Prop] = ()
    actors: tuple[Actor, ...] | list[Actor] = ()
    sensors: tuple[Sensor, ...] | list[Sensor] = ()
    weather: Weather = field(default_factory=Weather)
    require: tuple[Requirement, ...] | list[Requirement] = ()
    duration_s: float = 5.0
    keyframe_rate_hz: float = 2.0
    warm_up_s: float = 1.0
    captions: tuple[str, ...] | list[str] = ("short", "dense")
    languages: tuple[str, ...] | list[str] = ("en",)
    max_redraws: int = 50
    split: Split | None = None
    causes: bool = False

    def plus(self, *things: Prop | Actor | Sensor | Requirement) -> Scene:
        """This scene with more in it."""
        return replace(
            self,
            props=(*self.props, *(t for t in things if isinstance(t, Prop) and not isinstance(t, Actor))),
            actors=(*self.actors, *(t for t in things if isinstance(t, Actor))),
            sensors=(*self.sensors, *(t for t in things if isinstance(t, Sensor))),
            require=(*self.require, *(t for t in things if isinstance(t, Requirement))),
        )
