"""Safe repairs: those that change how triangles are stored, never where a surface is."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import trimesh
from numpy.typing import NDArray
from trimesh.graph import connected_component_labels

from pairforge.assets.ingest_model import I64, Model, Triangles
from pairforge.frames import F64

MAX_WINDING = 60_000
"""Faces of ill-wound pieces above which they stay as they are (a search through neighbours in Python)."""


@dataclass(frozen=True)
class Findings:
    """What was found, summed over the links. ``open_edges`` bound one face, ``crowded_edges`` more than two."""

    merged: int = 0
    degenerate: int = 0
    duplicate: int = 0
    rewound: int = 0
    turned: int = 0
    open_edges: int = 0
    crowded_edges: int = 0

    def __add__(self, other: Findings) -> Findings:
        return Findings(*(getattr(self, f) + getattr(other, f) for f in self.__dataclass_fields__))


def repaired(model: Model) -> tuple[Model, Findings]:
    """The model with vertices merged, faces without area and double faces dropped, and normals turned outward."""
    links, total = [], Findings()
    for link in model.links:
        triangles, found = _link(link.triangles)
        links.append(replace(link, triangles=triangles))
        total += found
    return replace(model, links=tuple(links)), total


def _link(t: Triangles) -> tuple[Triangles, Findings]:
    if not len(t.faces):
        return t, Findings()
    before = len(np.unique(t.faces))
    vertices, faces = _merged(t)
    area = np.linalg.norm(
        np.cross(
            vertices[faces[:, 1]] - vertices[faces[:, 0]], vertices[faces[:, 2]] - vertices[faces[:, 0]]
        ),
        axis=1,
    )
    sound = area > 1e-14 * float(np.ptp(vertices, axis=0).max()) ** 2
    first = _first_of_each(faces, sound)
    kept, surface = faces[first], t.surface[first]
    corners = kept
    rewound, turned = 0, 0
    if len(kept):
        kept, rewound = _wound(vertices, kept)
        kept, turned = _outward(vertices, kept)
    uv = None if t.uv is None else _turned_uv(t.uv[first], corners, kept)
    open_edges, crowded = _edges(kept)
    vertices, kept = _compact(vertices, kept)
    found = Findings(
        merged=before - len(vertices),
        degenerate=int((~sound).sum()),
        duplicate=int(sound.sum()) - len(kept),
        rewound=rewound,
        turned=turned,
        open_edges=open_edges,
        crowded_edges=crowded,
    )
    return Triangles(vertices, kept, surface, uv), found


def _turned_uv(uv: F64, before: I64, after: I64) -> F64:
    """Texture coordinates (F, 3, 2) that stay with their corners when faces are wound the other way."""
    where = (after[:, :, None] == before[:, None, :]).argmax(axis=2)
    return np.take_along_axis(uv, where[..., None], axis=1)


def _merged(t: Triangles) -> tuple[F64, I64]:
    """Vertices within a millionth of the extent of each other as one (those that no face uses too)."""
    step = max(float(np.ptp(t.vertices[t.faces].reshape(-1, 3), axis=0).max()) * 1e-6, 1e-12)
    keys = np.rint(np.clip(t.vertices / step, -9e15, 9e15)).astype(np.int64)
    _, first, inverse = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    return t.vertices[first], inverse.reshape(-1)[t.faces]


def _first_of_each(faces: I64, sound: NDArray[np.bool_]) -> I64:
    """Indices of sound faces, each set of three corners once, in the order of the file."""
    alive = np.flatnonzero(sound)
    _, first = np.unique(np.sort(faces[alive], axis=1), axis=0, return_index=True)
    return alive[np.sort(first)]


def _wound(vertices: F64, faces: I64) -> tuple[I64, int]:
    """Neighbours wound alike in those pieces where they are not; and how many faces that turned."""
    solid = trimesh.Trimesh(vertices, faces, process=False)
    pairs, shared = np.asarray(solid.face_adjacency), np.asarray(solid.face_adjacency_edges)
    alike = _along(faces[pairs[:, 0]], shared) == _along(faces[pairs[:, 1]], shared)
    if not alike.any():
        return faces, 0
    label = connected_component_labels(pairs, node_count=len(faces))
    ill = np.isin(label, label[pairs[alike, 0]])
    if ill.sum() > MAX_WINDING:
        return faces, 0
    piece = trimesh.Trimesh(vertices, faces[ill], process=False)
    trimesh.repair.fix_winding(piece)
    made = faces.copy()
    made[ill] = np.asarray(piece.faces, dtype=np.int64)
    return made, int((_turns(made) != _turns(faces)).sum())


def _along(faces: I64, edges: I64) -> NDArray[np.bool_]:
    """Whether each face (n, 3) runs through its edge (n, 2) from the first to the second end."""
    ahead = np.roll(faces, -1, axis=1)
    found: NDArray[np.bool_] = ((faces == edges[:, :1]) & (ahead == edges[:, 1:])).any(axis=1)
    return found


def _turns(faces: I64) -> NDArray[np.bool_]:
    """Whether each face runs upwards from its lowest corner; the same for all three ways to write it down."""
    start = faces.argmin(axis=1)[:, None]
    ahead = np.take_along_axis(faces, (start + 1) % 3, axis=1)
    behind = np.take_along_axis(faces, (start + 2) % 3, axis=1)
    return (ahead < behind).reshape(-1)


def _outward(vertices: F64, faces: I64) -> tuple[I64, int]:
    """Closed pieces that are inside out turned, but for hollows inside another piece; and how many faces."""
    solid = trimesh.Trimesh(vertices, faces, process=False)
    label = connected_component_labels(solid.face_adjacency, node_count=len(faces))
    corners = vertices[faces]
    volume = np.bincount(label, np.einsum("ij,ij->i", corners[:, 0], np.cross(corners[:, 1], corners[:, 2])))
    closed = _closed(faces, label)
    count = len(volume)
    low, high = np.full((count, 3), np.inf), np.full((count, 3), -np.inf)
    np.minimum.at(low, label, corners.min(axis=1))
    np.maximum.at(high, label, corners.max(axis=1))
    turn = np.zeros(count, dtype=np.bool_)
    for k in np.flatnonzero(closed & (volume < 0))[:2000]:
        around = closed & (volume > 0) & (low < low[k]).all(axis=1) & (high > high[k]).all(axis=1)
        turn[k] = not around.any()
    wrong = turn[label]
    made = faces.copy()
    made[wrong] = made[wrong][:, ::-1]
    return made, int(wrong.sum())


def _closed(faces: I64, label: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which pieces have two faces at every edge."""
    edges = np.sort(faces[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2), axis=1)
    _, inverse, counts = np.unique(edges, axis=0, return_inverse=True, return_counts=True)
    bad = counts[inverse.reshape(-1)] != 2
    closed = np.ones(int(label.max(initial=-1)) + 1, dtype=np.bool_)
    closed[np.repeat(label, 3)[bad]] = False
    return closed


def _edges(faces: I64) -> tuple[int, int]:
    """Counts of edges with one face, and with more than two."""
    edges = np.sort(faces[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2), axis=1)
    _, counts = np.unique(edges, axis=0, return_counts=True)
    return int((counts == 1).sum()), int((counts > 2).sum())


def _compact(vertices: F64, faces: I64) -> tuple[F64, I64]:
    """Without vertices that no face uses."""
    used, inverse = np.unique(faces, return_inverse=True)
    return vertices[used], inverse.reshape(-1, 3)
