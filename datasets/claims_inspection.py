"""Defects derived once more from the stored part image, depth and poses; severity by this module's own rule; and how
a defect is read back from words."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pairforge.datasets.claims_checks import Derived, check, need, need_sure, shot_of
from pairforge.datasets.claims_scene import F64, Proof, matrix_of
from pairforge.sample import CameraFrame, Fact

SPEAK_PX, GLIMPSE_PX = 15, 4
PLANE_MM = 3.0
CLEARER_BY, CLEARER_MM = 0.15, 0.5
AGREE_SHARE, AGREE_PX = 0.06, 2.0
GRADES: dict[str, tuple[float, float]] = {
    "scratch": (5.0, 15.0),
    "dent": (3.0, 8.0),
    "crack": (0.0, 6.0),
    "burr": (6.0, 20.0),
    "missing_hole": (0.0, 0.0),
    "stain": (12.0, np.inf),
    "chip": (2.0, 5.0),
    "misprint": (4.0, np.inf),
}
"""Kind -> mm from which a defect is major, and critical."""


def grade_of(kind: str, size_mm: float) -> str:
    """The severity of a defect by the rule."""
    return ("minor", "major", "critical")[int(np.searchsorted(GRADES[kind], size_mm, side="right"))]


def points_of(defects: list[dict[str, Any]]) -> int:
    """One for each minor defect, three for each worse one; three reject a part."""
    return sum(1 if grade_of(d["kind"], float(d["size_mm"])) == "minor" else 3 for d in defects)


def notes_of(proof: Proof, instance_id: int) -> dict[str, Any]:
    """What is on record of an inspected part; refutes when it is none."""
    notes = proof.record.extra.get("notes", {}).get(str(instance_id))
    need(notes is not None, "it is no inspected part")
    assert notes is not None
    return dict(notes)


def defect_parts(proof: Proof, instance_id: int) -> dict[str, int]:
    """Defect name -> part id, from the rows of parts."""
    start = f"{proof.row(instance_id).name}."
    return {
        p.name.removeprefix(start): p.part_id
        for p in proof.record.parts
        if p.instance_id == instance_id and p.semantic == "defect"
    }


def mask_points(
    proof: Proof, camera: CameraFrame, instance_id: int, part_id: int
) -> tuple[F64, NDArray[np.int64], NDArray[np.int64]]:
    """Masked surface points (N, 3) in the part's frame in mm, with their rows and columns (N,), row by row."""
    rows, columns = (a.astype(np.int64) for a in np.where(camera.part == part_id))
    k, z = camera.intrinsics, camera.depth[rows, columns].astype(np.float64)
    local = np.column_stack([(columns + 0.5 - k.cx) / k.fx * z, (rows + 0.5 - k.cy) / k.fy * z, z])
    if not k.is_pinhole:
        local = k.depth_rays()[rows, columns] * z[:, None]
    world = (
        local @ matrix_of(camera.world_from_camera.quaternion_wxyz).T + camera.world_from_camera.position_m
    )
    at, turn = proof.pose(instance_id, camera.time_ns)
    return (world - at) @ matrix_of(turn) * 1e3, rows, columns


def _place(proof: Proof, fact: Fact) -> tuple[dict[str, Any], str, F64, NDArray[np.int64], NDArray[np.int64]]:
    """The recorded defect that a fact's camera shows at the place it names; refutes when there is none."""
    camera, one = shot_of(proof, fact).camera, fact.subjects[0]
    notes, parts = notes_of(proof, one), defect_parts(proof, one)
    said = "|".join(fact.argument.split("|")[:3])
    there = []
    for record in notes["defects"]:
        need(record["part"] in parts, f"no part is called {record['part']}")
        points, rows, columns = mask_points(proof, camera, one, parts[record["part"]])
        if len(points) < SPEAK_PX or not _flush(points, notes["faces"].get(record["face"])):
            continue
        place = f"{record['kind']}|{record['face']}|{_beside(points, notes['features'], record['near'])}"
        there.append(place)
        if place == said:
            return record, place, points, rows, columns
    need(False, f"it shows {there}")
    raise AssertionError


def _flush(points: F64, face: dict[str, Any] | None) -> bool:
    if face is None:
        return True
    return bool(np.median(np.abs((points - face["point_mm"]) @ np.array(face["normal"]))) <= PLANE_MM)


def _beside(points: F64, features: dict[str, Any], recorded: str) -> str:
    middle = points.mean(axis=0)
    away = sorted((float(np.sqrt(((np.array(p) - middle) ** 2).sum())), n) for n, p in features.items())
    if not away or recorded not in features:
        return ""
    own = next(d for d, n in away if n == recorded)
    rival = next((d for d, n in away if n != recorded), np.inf)
    return recorded if rival >= own * (1 + CLEARER_BY) + CLEARER_MM else ""


def span_mm(points: F64, rows: NDArray[np.int64]) -> float:
    """The largest distance between two points that begin or end a row of the mask."""
    ends = np.unique(
        np.concatenate(
            [np.searchsorted(rows, np.unique(rows)), np.searchsorted(rows, np.unique(rows), side="right") - 1]
        )
    )
    p = points[ends]
    return max(float(np.sqrt(((p[k:] - p[k]) ** 2).sum(axis=1)).max()) for k in range(len(p)))


def pixel_mm(camera: CameraFrame, rows: NDArray[np.int64], columns: NDArray[np.int64]) -> float:
    """A pixel's width at the mean depth of the mask."""
    return float(camera.depth[rows, columns].astype(np.float64).mean()) * 1e3 / camera.intrinsics.fx


@check("defect")
def _defect(proof: Proof, fact: Fact) -> Derived:
    need_sure(proof, fact, 1)
    _, place, points, _, _ = _place(proof, fact)
    return Derived(len(points), SPEAK_PX, unit="px", argument=place)


@check("defect_size")
def _defect_size(proof: Proof, fact: Fact) -> Derived:
    need_sure(proof, fact, 1)
    record, place, points, rows, columns = _place(proof, fact)
    camera = shot_of(proof, fact).camera
    h, w = camera.part.shape
    need(
        bool(rows[0] > 0 and rows[-1] < h - 1 and columns.min() > 0 and columns.max() < w - 1),
        "the image cuts it",
    )
    wide, size = pixel_mm(camera, rows, columns), float(record["size_mm"])
    measured = span_mm(points, rows) + wide
    slack = max(AGREE_SHARE * size, AGREE_PX * wide)
    need(abs(measured - size) <= slack, f"{measured:.2f} mm are seen of {size:.2f} mm")
    step = 0.5 if size < 10 else 1.0
    spoken = max(step, step * round(size / step))
    return Derived(abs(measured - spoken), slack + step / 2, True, "mm", f"{place}|{spoken:g}")


@check("defect_severity")
def _defect_severity(proof: Proof, fact: Fact) -> Derived:
    need(len(fact.subjects) == 1, f"subjects {fact.subjects}")
    parts = fact.argument.split("|")
    need(len(parts) == 4, "it names no place")
    kind, face, near, said = parts
    for record in notes_of(proof, fact.subjects[0])["defects"]:
        size = float(record["size_mm"])
        if (
            (record["kind"], record["face"]) == (kind, face)
            and near in ("", record["near"])
            and grade_of(kind, size) == said
        ):
            major, critical = GRADES[kind]
            return Derived(
                size, critical if said == "critical" else major, said == "minor", "mm", fact.argument
            )
    need(False, "no defect there is so")
    raise AssertionError


@check("defect_unseen")
def _defect_unseen(proof: Proof, fact: Fact) -> Derived:
    need_sure(proof, fact, 1)
    parts = defect_parts(proof, fact.subjects[0])
    shown = np.bincount(shot_of(proof, fact).camera.part.ravel(), minlength=65536)
    hidden = sum(1 for part_id in parts.values() if shown[part_id] < GLIMPSE_PX)
    need(hidden > 0, "all of them show")
    return Derived(hidden, 1, argument=str(hidden))


@check("defect_free")
def _defect_free(proof: Proof, fact: Fact) -> Derived:
    need(len(fact.subjects) == 1, f"subjects {fact.subjects}")
    one = fact.subjects[0]
    count = max(len(notes_of(proof, one)["defects"]), len(defect_parts(proof, one)))
    need(count == 0, f"{count} defects")
    return Derived(0, 0, True)


@check("verdict")
def _verdict(proof: Proof, fact: Fact) -> Derived:
    need(len(fact.subjects) == 1, f"subjects {fact.subjects}")
    points = points_of(notes_of(proof, fact.subjects[0])["defects"])
    return Derived(points, 3, argument="reject") if points >= 3 else Derived(points, 2, True, argument="pass")


def unsaid_defects(proof: Proof) -> list[str]:
    """Defects in view, on their face, that no fact tells of."""
    lost = []
    for key, notes in proof.record.extra.get("notes", {}).items():
        one = int(key)
        for sensor, shot in sorted(proof.shots.items()):
            if one not in proof.sure(sensor):
                continue
            told = sum(
                f.predicate == "defect" and f.subjects == (one,) and f.sensor == sensor
                for f in proof.frame.facts
            )
            parts = defect_parts(proof, one)
            due = set()
            for record in notes["defects"]:
                points, _, _ = mask_points(proof, shot.camera, one, parts.get(record["part"], -1))
                if len(points) >= SPEAK_PX and _flush(points, notes["faces"].get(record["face"])):
                    due.add(
                        f"{record['kind']}|{record['face']}|{_beside(points, notes['features'], record['near'])}"
                    )
            if told != len(due):
                lost.append(f"{sensor} shows {len(due)} defects of instance {one}, facts tell of {told}")
    return lost


# ---------------------------------------------------------------- read back

_KINDS = "|".join(k.replace("_", " ") for k in GRADES)
_ACROSS = ("dent", "stain", "missing hole", "misprint")
FLAW = (
    rf"(?P<flaw>an? (?:(?:minor|major|critical) )?(?:{_KINDS})(?:, [0-9]+(?:\.5)? mm (?:long|across),)?"
    r" on (?:\w|'| )+)"
)
"""A defect in words, as a group of a sentence."""
_FLAW = re.compile(
    rf"(?P<article>an?) (?:(?P<grade>minor|major|critical) )?(?P<kind>{_KINDS})"
    r"(?:, (?P<size>[0-9]+(?:\.5)?) mm (?P<how>long|across),)? on (?P<face>the .+?|a tooth|tooth [0-9]+)"
    r"(?: (?P<at>near|in place of|in) (?P<the>the )?(?P<near>.+))?"
)
CLAIMS = ("defect", "defect_size", "defect_severity")


def read_flaw(predicate: str, words: str) -> str | None:
    """The argument of a claim about a defect told in words; None when they do not make that claim, or are no English
    that this grammar knows (then "?", which no fact has)."""
    found = _FLAW.fullmatch(words)
    if found is None:
        return "?"
    kind, face, near = found["kind"], found["face"], found["near"] or ""
    at = {"missing hole": "in place of", "misprint": "in"}.get(kind, "near")
    odd = found["article"] != "a" or (
        near and (found["at"] != at or bool(found["the"]) == near[-1].isdigit())
    )
    if odd or (found["size"] and (found["how"] == "across") != (kind in _ACROSS)) or found["size"] == "0":
        return "?"
    if face.startswith("tooth "):
        face, near = "tooth", face if not near else "?"
    place = f"{kind.replace(' ', '_')}|{'tooth' if face == 'a tooth' else face.removeprefix('the ')}|{near}"
    if predicate == "defect":
        return place
    last = found["size"] if predicate == "defect_size" else found["grade"]
    return f"{place}|{last}" if last else None
