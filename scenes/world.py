"""The built world: triangles, materials, instances, parts. Every renderer, sensor and label reads only this."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from pairforge.frames import Pose
from pairforge.scenes.keypoints import Keypoint

Rgb = tuple[float, float, float]
Vector = tuple[float, float, float]


@dataclass(frozen=True)
class Texture:
    """A picture on a surface, laid on by a mesh's ``uv``: (h, w, 3) uint8 sRGB, row 0 at v = 1; it repeats.

    ``mean`` is its mean linear colour where it is used. ``sha256`` is that of the pixels.
    """

    sha256: str
    mean: Rgb
    pixels: NDArray[np.uint8] = field(compare=False, repr=False)


@dataclass(frozen=True)
class Material:
    """A surface, the same for Cycles, the preview renderer and LiDAR.

    ``colour`` is linear RGB in 0..1. ``pattern`` names a procedural look the Blender renderer knows ("plain",
    "asphalt", "concrete", "brick", "plaster", "grass", "bark", "leaves", "wood", "fabric", "skin", "hair",
    "paint", "glass", "rubber", "metal", "emissive", "citrus", "fruit", "crust", "terrazzo", and from near "brushed",
    "turned", "milled", "cast", "blasted", "powder", "moulded", "solder_mask"); the preview renderer shades it flat
    with a little noise.
    ``lidar_reflectivity`` is the diffuse reflectance at 905 nm in 0..1; ``retro_cd_lx_m2`` the coefficient of
    retro-reflection R_A of sheeting, 0 for all else. ``emission_w_m2`` > 0 glows always. A
    ``texture`` is multiplied by the colour. ``lamp`` says what glows when it is dark: "street", "head" and "tail"
    (the lenses of lamps that light what is around them), "window" and "shop" (panes of rooms, of which some are lit),
    "" for all else.
    """

    name: str
    colour: Rgb
    pattern: str = "plain"
    roughness: float = 0.6
    metallic: float = 0.0
    transmission: float = 0.0
    ior: float = 1.45
    coat: float = 0.0
    emission_w_m2: float = 0.0
    lidar_reflectivity: float = 0.3
    retro_cd_lx_m2: float = 0.0
    scale_m: float = 1.0
    texture: Texture | None = None
    lamp: str = ""

    @property
    def mean_colour(self) -> Rgb:
        """Linear RGB of the whole surface, its texture included."""
        if self.texture is None:
            return self.colour
        r, g, b = (c * t for c, t in zip(self.colour, self.texture.mean, strict=True))
        return r, g, b


@dataclass(frozen=True, eq=False)
class Mesh:
    """Triangles in the part's own frame.

    vertices (V, 3) float32 metres; faces (F, 3) int32, counter-clockwise seen from outside; face_material (F,)
    uint8 indices into ``materials``. ``smooth`` faces (F,) bool interpolate normals when rendered; labels always
    use geometric normals. ``uv`` (F, 3, 2) float32: texture
    coordinates of each face's corners, v upwards.
    """

    vertices: NDArray[np.float32]
    faces: NDArray[np.int32]
    face_material: NDArray[np.uint8]
    materials: tuple[Material, ...]
    smooth: NDArray[np.bool_]
    uv: NDArray[np.float32] | None = None


@dataclass(frozen=True, eq=False)
class Collider:
    """A collision shape in the body frame, convex but for "mesh", which only things that never move may have.

    ``size_m``: box full extents (x, y, z); sphere (radius,); cylinder or capsule (radius, length) along its local z.
    hull: the hull of ``points`` (N, 3). mesh: triangles ``faces`` (F, 3) int of ``points``."""

    kind: Literal["box", "sphere", "cylinder", "capsule", "hull", "mesh"]
    body_from_collider: Pose
    size_m: tuple[float, ...] = ()
    points: NDArray[np.float64] | None = None
    faces: NDArray[np.int32] | None = None


@dataclass(frozen=True)
class Wheel:
    """A wheel part: its centre in the body frame (its part frame has the axle along y), radius and duties."""

    part: str
    centre_m: tuple[float, float, float]
    radius_m: float
    width_m: float
    steered: bool
    driven: bool


@dataclass(frozen=True)
class Limb:
    """A part that swings about its own y axis through its part origin as the body walks or pedals.

    angle(phase) = bias + amplitude * sin(phase + offset) in radians, or phase + offset when ``spins``;
    phase = 2 pi * distance travelled / the shape's stride. ``parent`` names another part whose motion carries
    this one (a shin hangs on a thigh); empty hangs on the body.
    """

    part: str
    amplitude: float
    offset: float
    bias: float = 0.0
    spins: bool = False
    parent: str = ""


@dataclass(frozen=True)
class Lamp:
    """A part that shines by standing before its lens, and is dark by waiting inside its housing.

    ``lit_in``: the signal states (see ``signals.py``) in which it is lit.
    """

    part: str
    lit_in: tuple[str, ...]
    body_from_dark: Pose
    body_from_lit: Pose

    def pose(self, state: str) -> Pose:
        """body_from_part in a signal state."""
        return self.body_from_lit if state in self.lit_in else self.body_from_dark


@dataclass(frozen=True, eq=False)
class ShapeLink:
    """A rigid link of an articulated shape and the joint that it hangs on; links come after their parents.

    ``parent`` indexes the shape's links (-1: the body itself). The link's frame stands at
    ``parent_from_joint`` with the joint at 0. ``kind`` is "fixed", "revolute", "continuous" or "prismatic";
    ``lower``, ``upper`` and ``position`` (as the shape is posed) are radians or metres, ``effort`` the most N m or N
    that its motor gives. ``part`` names the shape's
    part that shows it ("" when nothing does); colliders are in the link's own frame.
    """

    name: str
    parent: int
    joint: str
    kind: str
    parent_from_joint: Pose
    axis: tuple[float, float, float] = (0.0, 0.0, 1.0)
    lower: float = 0.0
    upper: float = 0.0
    position: float = 0.0
    part: str = ""
    colliders: tuple[Collider, ...] = ()
    effort: float = math.inf

    @property
    def moves(self) -> bool:
        return self.kind != "fixed"


@dataclass(frozen=True, eq=False)
class ShapePart:
    """One rigid piece of a shape: mesh in its part frame, rest pose in the body frame.

    ``semantic`` overrides the family's class (a road has lane markings and kerbs); "" keeps it."""

    name: str
    mesh: Mesh
    body_from_part: Pose
    semantic: str = ""


@dataclass(frozen=True, eq=False)
class Shape:
    """What a shape family builds, in a body frame whose origin stands on the ground.

    ``size_m`` (length x, width y, height z) and ``centre_m`` are the tight upright 3D box in the body frame.
    ``keypoints`` are its named points. ``notes`` is what else is on record of it, as JSON: an inspected part's
    features and defects.
    """

    parts: tuple[ShapePart, ...]
    size_m: tuple[float, float, float]
    centre_m: tuple[float, float, float]
    mass_kg: float
    colliders: tuple[Collider, ...] = ()
    wheels: tuple[Wheel, ...] = ()
    limbs: tuple[Limb, ...] = ()
    lamps: tuple[Lamp, ...] = ()
    links: tuple[ShapeLink, ...] = ()
    stride_m: float = 1.0
    friction: float = 0.8
    restitution: float = 0.1
    keypoints: tuple[Keypoint, ...] = ()
    notes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Part:
    """A rigid piece of the world. ``part_id`` 1..65535; 0 means nothing was hit. ``world_from_part`` is its pose
    at rest; a moving part's pose comes from the timeline."""

    part_id: int
    name: str
    instance_id: int
    semantic_id: int
    mesh: Mesh
    world_from_part: Pose
    moves: bool


@dataclass(frozen=True, eq=False)
class Instance:
    """A thing one can point at. ``instance_id`` 1..65535 names it in masks, points, boxes, events and words.

    ``size_m`` and ``centre_m`` are its 3D box in the body frame, one for the whole scene: of limbs that swing it
    holds every phase of the gait, of joints that move every pose; else it is the shape's own.
    """

    instance_id: int
    name: str
    family: str
    semantic_id: int
    noun: str
    colour: str
    colour_rgb: Rgb
    material: str
    size_m: tuple[float, float, float]
    centre_m: tuple[float, float, float]
    has_front: bool
    moves: bool
    mass_kg: float
    world_from_body: Pose
    part_ids: tuple[int, ...]
    shape: Shape
    behaviour: Mapping[str, object] = field(default_factory=dict)

    @property
    def bulk(self) -> tuple[Vector, Vector]:
        """Size and centre, in the body frame, of what others keep clear of: its box, but of what has limbs that of
        the figure at rest, since nobody keeps clear of a stride."""
        if self.shape.limbs:
            return self.shape.size_m, self.shape.centre_m
        return self.size_m, self.centre_m


@dataclass(frozen=True, eq=False)
class Lane:
    """A lane: centre line (N, 3) metres in driving direction, width, speed limit, and its place in the lane graph.

    The other fields mean what ``concrete.ConcreteLane`` says of them.
    """

    lane_id: int
    centre_m: NDArray[np.float64]
    width_m: float
    speed_limit_mps: float
    kind: str = "driving"
    successors: tuple[int, ...] = ()
    left: int | None = None
    right: int | None = None
    opposing: int | None = None
    junction: int | None = None
    turn: str = ""
    yields_to: tuple[int, ...] = ()
    signal: str | None = None
    stop_m: float | None = None
    crossings_m: tuple[tuple[float, float], ...] = ()
    must_stop: bool = False


@dataclass(frozen=True)
class Sky:
    """Light and weather, one truth for every renderer, sensor and sentence.

    Angles in radians: ``sun_elevation`` above the horizon, ``sun_azimuth`` from +x towards +y. Strengths are
    relative (1 = clear noon). ``fog_per_m`` and ``dust_per_m`` are extinction coefficients; ``wetness`` of the
    ground 0 dry .. 1 wet, ``snow_cover`` 0 bare .. 1 closed; ``rain_mm_h`` and ``snow_mm_h`` (of water) fall.
    """

    sun_elevation: float = 0.8
    sun_azimuth: float = 0.6
    sun_strength: float = 1.0
    sky_strength: float = 1.0
    cloudiness: float = 0.0
    fog_per_m: float = 0.0
    wetness: float = 0.0
    rain_mm_h: float = 0.0
    snow_mm_h: float = 0.0
    snow_cover: float = 0.0
    dust_per_m: float = 0.0


@dataclass(frozen=True, eq=False)
class World:
    """Everything that exists. Parts are ordered by id (``parts[i].part_id == i + 1``), instances likewise."""

    parts: tuple[Part, ...]
    instances: tuple[Instance, ...]
    lanes: tuple[Lane, ...]
    sky: Sky
    gravity_mps2: float = 9.81

    def instance(self, instance_id: int) -> Instance:
        return self.instances[instance_id - 1]

    def part(self, part_id: int) -> Part:
        return self.parts[part_id - 1]

    @cached_property
    def materials(self) -> tuple[Material, ...]:
        """The distinct materials of all parts, in order of the parts."""
        return tuple(dict.fromkeys(m for p in self.parts for m in p.mesh.materials))

    @cached_property
    def instance_of_part(self) -> NDArray[np.uint16]:
        """(P + 1,) lookup from part id to instance id; entry 0 is 0."""
        return np.array([0, *(p.instance_id for p in self.parts)], dtype=np.uint16)

    @cached_property
    def semantic_of_part(self) -> NDArray[np.uint8]:
        """(P + 1,) lookup from part id to semantic class id; entry 0 is 0 (sky)."""
        return np.array([0, *(p.semantic_id for p in self.parts)], dtype=np.uint8)
