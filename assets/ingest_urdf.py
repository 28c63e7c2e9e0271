"""URDF robots and things: links, visual geometry, joints and masses, at rest. No plugins, nothing executed.

https://wiki.ros.org/urdf/XML; link frames, masses and visual poses are compared with PyBullet's own loader in tests.
"""

from __future__ import annotations

import math
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import cast, get_args
from xml.parsers import expat

import numpy as np
import trimesh

from pairforge.assets.ingest_colour import GREY, srgb_to_linear
from pairforge.assets.ingest_files import Files, normal
from pairforge.assets.ingest_mesh import AXES, MAX_TRIANGLES, joined_uv, read_mesh
from pairforge.assets.ingest_model import I64, Joint, Kind, Link, Model, Surface, Triangles, Verdict
from pairforge.errors import AssetError
from pairforge.frames import F64

MAX_LINKS = 500
MAX_DEPTH = 32
_KINDS: dict[str, Kind] = {k: k for k in get_args(Kind)}
_EMPTY = Triangles(np.zeros((0, 3)), np.zeros((0, 3), np.int64), np.zeros(0, np.int64))


def read_urdf(files: Files, path: str) -> Model:
    """The URDF at ``path`` below the root of ``files``, with every mesh it shows. AssetError."""
    reader = _Reader(files, path)
    links = reader.links()
    if not any(len(link.triangles.faces) for link in links):
        wrong = "; ".join(v.text for v in reader.notes)[:300] or "no link has a visual"
        raise AssetError(f'"{path}" shows nothing: {wrong}')
    mass_kg = reader.mass_kg()
    return Model(
        links, tuple(reader.surfaces), "z", "x", True, mass_kg if mass_kg > 0 else None, tuple(reader.notes)
    )


class _Reader:
    """One URDF file while it is read."""

    def __init__(self, files: Files, path: str) -> None:
        self.files, self.path = files, path
        self.root = _xml(files.bytes_of(path), path)
        self.surfaces: dict[Surface, int] = {}
        self.notes: list[Verdict] = []
        self._meshes: dict[str, Model | None] = {}
        self._named = {
            m.get("name", ""): m
            for m in (*self.root.iterfind("link/visual/material"), *self.root.iterfind("material"))
            if m.find("color") is not None
        }
        self._triangles = 0

    def links(self) -> tuple[Link, ...]:
        """All links, parents first."""
        named = {link.get("name", ""): link for link in self.root.iterfind("link")}
        if len(named) > MAX_LINKS:
            raise self.wrong(f"has {len(named)} links; {MAX_LINKS} is the most")
        joints = {joint.child: joint for joint in self._joints(named)}
        roots = [name for name in named if name not in joints]
        if len(roots) != 1:
            raise self.wrong(f"needs one link without a parent, not {len(roots)}: {', '.join(roots)[:120]}")
        below: dict[str, list[str]] = {}
        for child, joint in joints.items():
            below.setdefault(joint.parent, []).append(child)
        order = [roots[0]]
        for name in order:
            order += below.get(name, [])
        if len(order) != len(named):
            raise self.wrong("has joints that go round in a circle")
        at = {name: k for k, name in enumerate(order)}
        return tuple(
            Link(
                name,
                self._visuals(named[name]),
                at[joints[name].parent] if name in joints else -1,
                joints[name].joint if name in joints else None,
            )
            for name in order
        )

    def mass_kg(self) -> float:
        return sum(max(0.0, self._number(m, "value", 0.0)) for m in self.root.iterfind("link/inertial/mass"))

    def wrong(self, what: str) -> AssetError:
        return AssetError(f'"{self.path}" {what}')

    def _joints(self, links: dict[str, ET.Element]) -> Iterator[_Hung]:
        seen: set[str] = set()
        for element in self.root.iterfind("joint"):
            name = element.get("name", "")
            parent, child = (self._link_of(element, tag) for tag in ("parent", "child"))
            if not {parent, child} <= set(links):
                raise self.wrong(f'joint "{name}" hangs "{child}" on "{parent}", which are not both links')
            if child in seen:
                raise self.wrong(f'link "{child}" hangs on two joints')
            seen.add(child)
            yield _Hung(parent, child, self._joint(element, name))

    @staticmethod
    def _link_of(joint: ET.Element, tag: str) -> str:
        found = joint.find(tag)
        return "" if found is None else found.get("link", "")

    def _joint(self, element: ET.Element, name: str) -> Joint:
        kind = _KINDS.get(element.get("type", ""))
        if kind is None:
            self.notes.append(
                Verdict("joints", "note", f'joint "{name}" is {element.get("type")!r}: held at rest')
            )
            kind = "fixed"
        axis = self._numbers(element.find("axis"), "xyz", (1.0, 0.0, 0.0))
        length = math.hypot(*axis)
        if kind != "fixed" and length < 1e-9:
            raise self.wrong(f'joint "{name}" has no axis')
        limit = element.find("limit")
        lower, upper = (self._number(limit, key, 0.0) for key in ("lower", "upper"))
        if kind == "continuous" or (kind == "revolute" and lower == upper):
            lower, upper = -math.pi, math.pi
        if lower > upper:
            raise self.wrong(f'joint "{name}" has limits {lower:g} to {upper:g}')
        unit = tuple(a / length for a in axis) if length > 0 else (1.0, 0.0, 0.0)
        return Joint(
            name,
            kind,
            self._pose(element.find("origin")),
            cast("tuple[float, float, float]", unit),
            lower,
            upper,
        )

    def _visuals(self, link: ET.Element) -> Triangles:
        """All visuals of a link in its frame."""
        pieces = [p for p in map(self._visual, link.iterfind("visual")) if p is not None]
        if not pieces:
            return _EMPTY
        starts = np.cumsum([0, *(len(p.vertices) for p in pieces[:-1])])
        self._triangles += sum(len(p.faces) for p in pieces)
        if self._triangles > MAX_TRIANGLES:
            raise self.wrong(f"has more than {MAX_TRIANGLES} triangles. Reduce its meshes.")
        return Triangles(
            np.concatenate([p.vertices for p in pieces]),
            np.concatenate([p.faces + s for p, s in zip(pieces, starts, strict=True)]),
            np.concatenate([p.surface for p in pieces]),
            joined_uv([p.faces for p in pieces], [p.uv for p in pieces]),
        )

    def _visual(self, visual: ET.Element) -> Triangles | None:
        geometry = visual.find("geometry")
        shape = None if geometry is None else next(iter(geometry), None)
        if shape is None:
            return None
        colour = self._colour(visual)
        pose = self._pose(visual.find("origin"))
        if shape.tag == "mesh":
            return self._mesh(shape, pose, colour)
        solid = self._solid(shape)
        slot = self._slot(colour or Surface("plain", GREY))
        faces = np.asarray(solid.faces, dtype=np.int64)
        return _moved(np.asarray(solid.vertices), faces, np.full(len(faces), slot), pose)

    def _solid(self, shape: ET.Element) -> trimesh.Trimesh:
        if shape.tag == "box":
            return trimesh.creation.box(extents=self._positive(self._numbers(shape, "size", None)))
        radius, *_ = self._positive((self._number(shape, "radius", 0.0),))
        if shape.tag == "sphere":
            return trimesh.creation.icosphere(subdivisions=3, radius=radius)
        if shape.tag in ("cylinder", "capsule"):
            height, *_ = self._positive((self._number(shape, "length", 0.0),))
            if shape.tag == "cylinder":
                return trimesh.creation.cylinder(radius=radius, height=height, sections=32)
            return trimesh.creation.capsule(radius=radius, height=height, count=(16, 32))
        raise self.wrong(f'has a visual of unknown geometry "{shape.tag}"')

    def _mesh(self, shape: ET.Element, pose: F64, colour: Surface | None) -> Triangles | None:
        scale = self._numbers(shape, "scale", (1.0, 1.0, 1.0))
        if any(abs(s) < 1e-9 for s in scale):
            raise self.wrong(f"scales a mesh by {scale}")
        path = self._path(shape.get("filename", ""))
        model = self._read(path)
        if model is None:
            return None
        t = model.links[0].triangles
        mirrored = -1 if np.prod(scale) < 0 else 1
        faces, uv = t.faces[:, ::mirrored], None if t.uv is None else t.uv[:, ::mirrored]
        plain = len(model.surfaces) == 1 and model.surfaces[0].colour == GREY
        # A colour given in the URDF stands in for a mesh that has none.
        looks = [colour if colour is not None and plain else s for s in model.surfaces]
        slots = np.array([self._slot(s) for s in looks])
        return _moved(t.vertices * np.asarray(scale), faces, slots[t.surface], pose, uv)

    def _read(self, path: str) -> Model | None:
        """A mesh once; None with a note when it cannot be read, so that the rest still stands."""
        if path not in self._meshes:
            try:
                self._meshes[path] = mesh = read_mesh(self.files, path)
                self.notes += mesh.notes
            except AssetError as error:
                if "leads out" in str(error):
                    raise
                self._meshes[path] = None
                self.notes.append(Verdict("files", "note", f"left out: {error}"[:240]))
        return self._meshes[path]

    def _path(self, filename: str) -> str:
        """Where a mesh stands below the root: beside the URDF, or in a ROS package that is the root or in it."""
        name = filename.strip().replace("\\", "/")
        if name.startswith("package://"):
            package, _, rest = name.removeprefix("package://").partition("/")
            root = self.files.root.resolve()
            choices = [f"{package}/{rest}", rest]
            found = next((c for c in choices if _is_file(root, c)), rest)
            return normal(found)
        name = name.removeprefix("file://")
        path = normal((PurePosixPath(self.path).parent / name).as_posix())
        for suffix in AXES if PurePosixPath(path).suffix.lower() == ".dae" else ():
            # COLLADA is not read; packs often bring the same mesh in another form.
            other = str(PurePosixPath(path).with_suffix(suffix))
            if _is_file(self.files.root.resolve(), other):
                return other
        return path

    def _colour(self, visual: ET.Element) -> Surface | None:
        material = visual.find("material")
        if material is None:
            return None
        name = material.get("name", "")
        colour = material.find("color")
        if colour is None:
            named = self._named.get(name)
            colour = None if named is None else named.find("color")
        if colour is None:
            return None
        r, g, b, *_ = (float(c) for c in srgb_to_linear(self._numbers(colour, "rgba", None)))
        return Surface(name[:80] or "plain", (round(r, 5), round(g, 5), round(b, 5)))

    def _slot(self, surface: Surface) -> int:
        return self.surfaces.setdefault(surface, len(self.surfaces))

    def _pose(self, origin: ET.Element | None) -> F64:
        """(4, 4) of <origin xyz rpy>: fixed-axis roll, pitch, yaw."""
        roll, pitch, yaw = self._numbers(origin, "rpy", (0.0, 0.0, 0.0))
        matrix: F64 = trimesh.transformations.euler_matrix(roll, pitch, yaw, "sxyz")
        matrix[:3, 3] = self._numbers(origin, "xyz", (0.0, 0.0, 0.0))
        return matrix

    def _number(self, element: ET.Element | None, key: str, default: float) -> float:
        text = None if element is None else element.get(key)
        return default if text is None else self._finite(text, key)

    def _numbers(
        self, element: ET.Element | None, key: str, default: tuple[float, ...] | None
    ) -> tuple[float, ...]:
        text = None if element is None else element.get(key)
        if text is None:
            if default is None:
                raise self.wrong(f'lacks "{key}" in <{"?" if element is None else element.tag}>')
            return default
        values = tuple(self._finite(word, key) for word in text.split())
        count = len(default) if default is not None else (4 if key == "rgba" else 3)
        if len(values) == 1 and key == "scale":
            values *= 3
        if len(values) != count:
            raise self.wrong(f'has {key}="{text[:60]}", which is not {count} numbers')
        return values

    def _finite(self, text: str, key: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not abs(value) < 1e6:
            raise self.wrong(f'has {key}="{text[:60]}", which is not a number below a million')
        return value

    def _positive(self, values: tuple[float, ...]) -> tuple[float, ...]:
        if any(v <= 0 for v in values):
            raise self.wrong(f"has a solid of size {values}; sizes must be above 0")
        return values


class _Hung:
    """A child link hung on its parent."""

    def __init__(self, parent: str, child: str, joint: Joint) -> None:
        self.parent, self.child, self.joint = parent, child, joint


_PREFIX = re.compile(rb"[<\s/]([A-Za-z][\w.-]*):[A-Za-z]")


def _with_prefixes(content: bytes) -> bytes:
    """Robots use simulators' prefixes (drake:, xacro:) that they never declare, and every robot tool lets them."""
    said = re.search(rb"<robot\b", content)
    if said is None:
        return content
    used = sorted(set(_PREFIX.findall(content)) - {b"xml", b"xmlns"})
    missing = [p for p in used if b"xmlns:" + p + b"=" not in content]
    declared = b"".join(b' xmlns:%s="undeclared:%s"' % (p, p) for p in missing)
    return content[: said.end()] + declared + content[said.end() :]


def _moved(vertices: F64, faces: I64, surface: I64, pose: F64, uv: F64 | None = None) -> Triangles:
    return Triangles(vertices @ pose[:3, :3].T + pose[:3, 3], np.ascontiguousarray(faces), surface, uv)


def _is_file(root: Path, path: str) -> bool:
    found = (root / path).resolve()
    return found.is_relative_to(root) and found.is_file()


def _xml(content: bytes, path: str) -> ET.Element:
    """The <robot> element. Document types are refused (they can grow without end), and so is deep nesting."""
    depth = 0

    def refuse(*_: object) -> None:
        raise AssetError(f'"{path}" has a document type (<!DOCTYPE>); delete it')

    def enter(*_: object) -> None:
        nonlocal depth
        depth += 1
        if depth > MAX_DEPTH:
            raise AssetError(f'"{path}" nests its elements deeper than {MAX_DEPTH}')

    def leave(*_: object) -> None:
        nonlocal depth
        depth -= 1

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    parser.StartElementHandler, parser.EndElementHandler = enter, leave
    try:
        parser.Parse(content, True)
        root = ET.fromstring(_with_prefixes(content))
    except (expat.ExpatError, ET.ParseError, ValueError, LookupError) as error:
        raise AssetError(f'"{path}" is no XML: {error}') from None
    if root.tag != "robot":
        raise AssetError(f'"{path}" is no URDF: its first element is <{root.tag[:40]}>, not <robot>')
    return root
