"""What is said about an asset before it is let in: a verdict for every check, with its remedy."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pairforge.assets.ingest_model import Model, Verdict, extent
from pairforge.assets.manifest import LICENCES
from pairforge.assets.repair import Findings

UNITS_M = {"m": 1.0, "mm": 0.001, "cm": 0.01, "in": 0.0254, "ft": 0.3048}
"""Unit -> metres, in the order in which they are tried."""
SIZES_M: dict[str, tuple[float, float]] = {
    "car": (2.5, 6.5),
    "van": (3.5, 8.0),
    "truck": (4.0, 20.0),
    "bus": (5.0, 20.0),
    "bicycle": (1.2, 2.2),
    "cyclist": (1.2, 2.4),
    "pedestrian": (0.8, 2.3),
    "table": (0.3, 4.0),
    "object": (0.02, 5.0),
    "street_furniture": (0.2, 12.0),
    "pole": (1.0, 20.0),
    "traffic_sign": (0.3, 8.0),
    "traffic_light": (0.5, 12.0),
    "building": (3.0, 200.0),
    "vegetation": (0.1, 50.0),
}
"""Largest extents that are plausible for a class."""
SMALLEST_M, LARGEST_M = 0.001, 500.0
MANY_TRIANGLES = 100_000
MAX_SURFACES = 255
NOUN = re.compile(r"[A-Za-z]+(?: [A-Za-z]+){0,2}")


def unit_of(largest: float, semantic: str, metres: bool, given: str | None) -> tuple[str, Verdict]:
    """The unit a file is in: given, fixed by its format, or the first that makes its class a plausible size."""
    low, high = SIZES_M[semantic]
    fits = [u for u, m in UNITS_M.items() if low <= largest * m <= high]
    unit = given or ("m" if metres else (fits[0] if fits else "m"))
    size = largest * UNITS_M[unit]
    said = f"largest extent {largest:.4g} {unit} = {size:.4g} m"
    why = "as given" if given else ("its format is in metres" if metres else "guessed")
    odd = not low <= size <= high
    if odd:
        remedy = f"--unit {fits[0]} would give {largest * UNITS_M[fits[0]]:.3g} m" if fits else "check --unit"
        text = f"{said} ({why}): odd for {semantic} ({low:g} to {high:g} m); {remedy}"
        return unit, Verdict("size", "note", text)
    others = [f"{largest * UNITS_M[u]:.3g} m if {u}" for u in fits if u != unit and not given and not metres]
    text = f"{said} ({why}{'; or ' + ', '.join(others) + ': set --unit' if others else ''})"
    return unit, Verdict("size", "note" if others else "ok", text)


def verdicts(model: Model, found: Findings, size_m: float) -> Iterator[Verdict]:
    """Everything about the geometry and its surfaces, after the repairs."""
    yield _triangles(model)
    if not SMALLEST_M <= size_m <= LARGEST_M:
        yield Verdict(
            "extent",
            "refused",
            f"{size_m:.3g} m is outside {SMALLEST_M:g} to {LARGEST_M:g} m. Give the right --unit.",
        )
    yield from _repairs(found)
    yield _closed(found)
    if model.triangle_count:
        yield from _thin(model)
    yield from model.notes
    yield _surfaces(model)
    if model.joints:
        yield Verdict("joints", "ok", f"{len(model.joints)} that move: params joint_NAME in a spec")


def _triangles(model: Model) -> Verdict:
    count = model.triangle_count
    if not count:
        return Verdict("triangles", "refused", "none is left after the repairs: all were without area")
    if count > MANY_TRIANGLES:
        text = f"{count}: many; every scene pays for them. Blender's Decimate modifier reduces them."
        return Verdict("triangles", "note", text)
    return Verdict("triangles", "ok", str(count))


def _repairs(found: Findings) -> Iterator[Verdict]:
    done = (
        ("vertices", found.merged, "vertices at the same place merged"),
        ("degenerate", found.degenerate, "faces without area dropped"),
        ("duplicate", found.duplicate, "faces that were there twice dropped"),
        ("winding", found.rewound, "faces wound against their neighbours turned"),
        ("normals", found.turned, "faces of pieces that were inside out turned"),
    )
    for check, count, text in done:
        yield Verdict(check, "repaired", f"{count} {text}") if count else Verdict(check, "ok", "none")


def _closed(found: Findings) -> Verdict:
    if not found.open_edges and not found.crowded_edges:
        return Verdict("watertight", "ok", "closed")
    parts = [f"{found.open_edges} open edges"] if found.open_edges else []
    parts += [f"{found.crowded_edges} edges with more than two faces"] if found.crowded_edges else []
    text = f"{' and '.join(parts)}: drawn as it is; a mass that must be guessed is that of its hull"
    return Verdict("watertight", "note", text)


def _thin(model: Model) -> Iterator[Verdict]:
    low, high = extent(model)
    size = high - low
    if size.min() < 1e-3 * size.max():
        text = f"a sheet: next to nothing along {'xyz'[int(size.argmin())]}; see that --up is right"
        yield Verdict("thickness", "note", text)


def _surfaces(model: Model) -> Verdict:
    count = len(model.surfaces)
    if count > MAX_SURFACES:
        return Verdict("materials", "refused", f"{count}; {MAX_SURFACES} is the most. Join some.")
    bases = list(dict.fromkeys(s.base for s in model.surfaces))
    grey = all(s.colour == model.surfaces[0].colour for s in model.surfaces)
    names = ", ".join(bases[:6]) + (", …" if len(bases) > 6 else "")
    if grey:
        text = f"one colour for all ({names}): give the prop a colour in the spec if it should have another"
        return Verdict("materials", "note", text)
    return Verdict("materials", "ok", f"{count} colours of {len(bases)} materials ({names})")


def noun_verdict(noun: str, guessed: bool) -> Verdict:
    """Whether the words for it are words that the writer and the verifier of captions both inflect alike."""
    from pairforge.captioners.nouns import article, plural  # for this verdict alone
    from pairforge.datasets.claims_words import plural_of, takes_an

    if not NOUN.fullmatch(noun):
        return Verdict("noun", "refused", f'"{noun}" is not one to three plain words; give --noun')
    if plural(noun) != plural_of(noun):
        text = f'the plural of "{noun}" is "{plural(noun)}", which is too irregular to prove; give another --noun'
        return Verdict("noun", "refused", text)
    if (article(noun) == "an") != takes_an(noun):
        return Verdict("noun", "refused", f'"a" or "an" {noun}? It cannot be proved; give another --noun')
    said = f"{article(noun)} {noun}, {plural(noun)}"
    if guessed:
        return Verdict(
            "noun", "note", f"{said}: from the file's name; --noun says better what captions call it"
        )
    return Verdict("noun", "ok", said)


def licence_verdict(licence: str, files: int) -> Verdict:
    """Whether renders of it may be passed on is the user's to judge; a licence beyond ours is worth a look."""
    beside = f", {files} licence files kept" if files else ""
    if licence in LICENCES:
        return Verdict("licence", "ok", licence + beside)
    return Verdict("licence", "note", f"{licence}{beside}: see that it allows what you do with the renders")
