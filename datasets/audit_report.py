"""The leakage report as files: JSON for a machine, one HTML page that needs nothing else for a person."""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined

from pairforge import __version__
from pairforge.datasets.audit import AUDIT, Audit
from pairforge.datasets.audit_blind import SENSES, WAYS, Kind, Trial
from pairforge.datasets.audit_trial import ALPHA, BLOCKS, FEWEST_GROUPS, WIDEST
from pairforge.datasets.files import write_atomic

MOST_VALUES = 24
"""Values of an attribute or answers of a family that the page shows; the JSON has all."""


def write_report(found: Audit, root: Path, out: Path | None = None) -> Path:
    """Writes ``audit.json`` and ``index.html`` to ``out`` (by default ``audit`` in the dataset, which the verifier
    leaves alone) and returns the page's path. Raises MachineError when the disk refuses."""
    folder = out if out is not None else root / AUDIT
    page = folder / "index.html"
    text = json.dumps(found.to_json(), indent=1, sort_keys=True, ensure_ascii=False)
    write_atomic(folder, folder / "audit.json", (text + "\n").encode())
    write_atomic(folder, page, rendered(found).encode())
    return page


def rendered(found: Audit) -> str:
    """The page."""
    source = (files("pairforge.datasets") / "templates" / "audit.html.j2").read_text(encoding="utf-8")
    page = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    page.filters["percent"] = lambda share: f"{100 * share:.1f} %"
    trials = [t for k in found.kinds for t in k.trials]
    return page.from_string(source).render(
        audit=found,
        version=__version__,
        kinds=[
            {"kind": k, "rows": _rows(k), "judged_sweeps": any(t.sense == "sweep" for t in k.trials)}
            for k in found.kinds
        ],
        ways=WAYS,
        outside=sum(not t.accuracy.low <= 0.5 <= t.accuracy.high for t in trials),
        trials=len(trials),
        alpha=ALPHA,
        blocks=BLOCKS,
        widest=WIDEST,
        fewest=FEWEST_GROUPS,
        most_values=MOST_VALUES,
    )


def _rows(kind: Kind) -> list[dict[str, Any]]:
    """Trials of a kind, a row each, with the places of bar and interval on a scale from 0 to 200."""
    return [_row(t) for t in _ordered((*kind.trials, *kind.canaries))]


def _ordered(trials: Sequence[Trial]) -> list[Trial]:
    order = list(WAYS)
    return sorted(trials, key=lambda t: (SENSES.index(t.sense), order.index(t.way), t.model))


def _row(trial: Trial) -> dict[str, Any]:
    at = trial.accuracy
    return {
        "trial": trial,
        "from": round(200 * at.low, 1),
        "wide": round(max(200 * (at.high - at.low), 1.0), 1),
        "middle": round(200 * at.share, 1),
        "state": _state(trial),
    }


def _state(trial: Trial) -> str:
    """What colours a row. A canary that leaks is as it should be."""
    if trial.way == "canary":
        return {"leaks": "found", "sound": "missed", "too few": "few"}[trial.verdict]
    return {"leaks": "leaks", "sound": "sound", "too few": "few"}[trial.verdict]
