"""Poison scenes: set aside with their reason and the command that shows it, so that later runs leave them out."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from pairforge.datasets.files import names, read_bytes, remove, sizes, write_atomic
from pairforge.datasets.manifest import Identity
from pairforge.datasets.records import dumped
from pairforge.errors import DatasetError, RequirementError, SimulationError, first_fault
from pairforge.farm.protocol import Failure, Limits, Reason

FOLDER = "quarantine"
MAX_BYTES = 64 << 10
ERROR_CHARACTERS = 2000


class Poison(BaseModel):
    """``quarantine/<slug>.json``: a scene that cannot be made, why, how often that was tried, and a command line that
    fails the same way."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    scene: int = Field(ge=0)
    slug: str = Field(pattern=r"^[A-Za-z0-9_-]{1,80}$")
    reason: Reason
    tries: int = Field(ge=0)
    error: str = Field(max_length=ERROR_CHARACTERS)
    reproducer: str = Field(max_length=4000)

    @field_validator("reproducer")
    @classmethod
    def _one_harmless_command(cls, text: str) -> str:
        """Someone will paste it into a shell: it must be one call of pairforge, every word quoted."""
        try:
            words = shlex.split(text)
        except ValueError as error:
            raise ValueError(f"reproducer: {error}") from None
        if words[:2] != ["pairforge", "generate"] or shlex.join(words) != text or not text.isprintable():
            raise ValueError("the reproducer is no plain `pairforge generate` command")
        return text


def reproducer(spec: str, identity: Identity, scenes: int, limits: Limits, failure: Failure) -> str:
    """A command that makes this one scene by itself in a folder of its own, and fails as it did. It keeps the limit
    that was passed; where that is not known to have happened it has none."""
    words = ["pairforge", "generate", spec, "--scenes", str(scenes), "--only", str(failure.index)]
    words += ["--seed", str(identity.seed), "--renderer", identity.renderer, "--quality", identity.quality]
    for name, value in identity.overrides.items():
        words += ["--set", f"{name}={value}"]
    if failure.reason == "hung" and limits.seconds is not None:
        words += ["--time-limit", f"{limits.seconds:.3f}s"]
    if failure.reason == "memory" and limits.memory_bytes is not None:
        words += ["--memory-limit", str(limits.memory_bytes)]
    return shlex.join([*words, "--tries", "1", "--out", f"poison-{failure.index:06d}"])


def surely_at_fault(failure: Failure) -> bool:
    """Whether a scene would fail alike on any machine: what it drew decides, and nothing else."""
    return isinstance(failure.error, RequirementError | SimulationError)


def at_fault(failures: Sequence[Failure], made: int) -> tuple[Failure, ...]:
    """The failures that speak against their scene, when ``made`` others were made in the same run.

    Requirements that cannot be met always do, a store's refusals never. Anything else (a crash, a hang, memory, a
    renderer that says no, a file that is not there) does only where something could be made, or where one scene
    alone was lost: a broken machine would else poison them all.
    """
    suspects = [f for f in failures if f.reason != "storage" and not surely_at_fault(f)]
    machine = not made and len(suspects) > 1
    return tuple(f for f in failures if surely_at_fault(f) or (f in suspects and not machine))


def path_of(root: Path, slug: str) -> Path:
    return root / FOLDER / f"{slug}.json"


def put(root: Path, failure: Failure, slug: str, reproducer: str) -> Poison:
    """Set a scene aside. Raises MachineError when the store refuses."""
    poison = Poison(
        scene=failure.index,
        slug=slug,
        reason=failure.reason,
        tries=failure.tries,
        error=str(failure.error).encode("utf-8", "backslashreplace").decode()[:ERROR_CHARACTERS],
        reproducer=reproducer,
    )
    write_atomic(root, path_of(root, slug), dumped(poison))
    return poison


def read(root: Path) -> tuple[Poison, ...]:
    """All scenes that are set aside, by number; DatasetError for a file that is none of ours."""
    folder = root / FOLDER
    found = [_read(folder / name) for name in names(folder) if name.endswith(".json")]
    return tuple(sorted((p for p in found if p), key=lambda p: p.scene))


def release(root: Path, scenes: Collection[int] | None = None) -> tuple[Poison, ...]:
    """Let scenes (None: all) be tried again; returns those that were set aside. DatasetError when one was not."""
    held = read(root)
    freed = tuple(p for p in held if scenes is None or p.scene in scenes)
    if unknown := sorted(set(scenes or ()) - {p.scene for p in freed}):
        known = ", ".join(str(p.scene) for p in held) or "none"
        raise DatasetError(f"scene {unknown[0]} is not in quarantine. There: {known}.")
    for poison in freed:
        remove(path_of(root, poison.slug))
    return freed


def _read(path: Path) -> Poison | None:
    """None when somebody released it meanwhile."""
    (size,) = sizes([path])
    if size < 0:
        return None
    if size > MAX_BYTES:
        raise DatasetError(f"{path} is too large for a quarantined scene. Delete it.")
    try:
        poison = Poison.model_validate_json(read_bytes(path))
    except ValidationError as error:
        raise DatasetError(
            f"{path} is no quarantined scene of this pairforge ({first_fault(error)[1]}). "
            "Delete it: the scene is tried again."
        ) from error
    if path.name != f"{poison.slug}.json":
        raise DatasetError(f"{path} speaks of {poison.slug}. Delete it.")
    return poison
