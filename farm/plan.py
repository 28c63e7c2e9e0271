"""A plan: what a dataset is to be, frozen, and how its scenes are divided into jobs. Data, never code.

``plan.json`` stands at the dataset's root. Whoever can write it decides what is made, and must not thereby decide
what is *run*: it names a library scene, or the hash of a file that the one who works it hands over; its settings
cannot name files or modules; nothing in it is a path.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from pairforge.datasets.files import read_bytes, sizes, write_atomic
from pairforge.datasets.manifest import Identity, slug_of
from pairforge.datasets.place import place_of
from pairforge.datasets.records import dumped
from pairforge.errors import DatasetError, SpecError, first_fault
from pairforge.farm.cost import Estimate, Measured, estimate
from pairforge.farm.indices import Indices, Ranges
from pairforge.farm.protocol import Limits
from pairforge.units import printable

PLAN = "plan.json"
MAX_BYTES = 4 << 20
MAX_SCENES, MAX_JOB_SCENES = 10_000_000, 100_000
LIBRARY_SCENE = r"(?!.*\.py)[a-z][a-z0-9_]{0,63}\.[a-z][a-z0-9_]{0,63}"
SPEC_FILE = r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,120}\.py:[A-Za-z_][A-Za-z0-9_]{0,63}"
_SPEC = re.compile(f"{LIBRARY_SCENE}|{SPEC_FILE}")
_SCENE_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,63}")
_SETTING_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,200}")
_SETTING_VALUE = re.compile(r"[^\x00-\x1f\x7f-\x9f/\\]{0,1000}")
_NAMES_CODE = re.compile(r"\.py\b|:\s*[A-Za-z_]|\.\.")
Seconds = Annotated[float, Field(gt=0, le=30 * 86400, allow_inf_nan=False)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class PlanLimits(_Strict):
    """What one scene may use. ``seconds``: "measured" is what the plan's figures propose; None is no limit."""

    seconds: Seconds | Literal["measured"] | None = "measured"
    memory_bytes: Annotated[int, Field(ge=1 << 20, le=1 << 50)] | None = None
    tries: int = Field(default=3, ge=1, le=20)


class Plan(_Strict):
    """``plan.json``. ``identity`` is what dataset.json must say too; ``only`` (first, last) ranges of scenes that are
    wanted, None: all of them; job K makes the K-th block of ``scenes_per_job`` of the wanted scenes. All but
    ``measured`` follows from what was asked for."""

    format: Literal["pairforge-plan"] = "pairforge-plan"
    format_version: Literal[1] = 1
    identity: Identity
    scenes: int = Field(ge=1, le=MAX_SCENES)
    only: tuple[tuple[int, int], ...] | None = Field(default=None, max_length=10_000)
    minutes_per_job: Annotated[float, Field(gt=0, le=1e6, allow_inf_nan=False)] | None = None
    scenes_per_job: int = Field(ge=1, le=MAX_JOB_SCENES)
    limits: PlanLimits = PlanLimits()
    measured: Measured | None = None

    @field_validator("identity")
    @classmethod
    def _harmless(cls, identity: Identity) -> Identity:
        check_identity(identity)
        return identity

    @model_validator(mode="after")
    def _ranges(self) -> Plan:
        before = -1
        for first, last in self.only or ():
            if not before < first <= last < self.scenes:
                raise ValueError(f"only: {first}-{last} is out of order, or beyond {self.scenes} scenes")
            before = last
        if self.only == ():
            raise ValueError("only: it names no scene")
        return self

    @property
    def wanted(self) -> Indices:
        """The scenes that the plan makes."""
        return Indices(self.only or ((0, self.scenes - 1),))

    @property
    def jobs(self) -> int:
        """How many jobs there are, numbered from 0."""
        return -(-len(self.wanted) // self.scenes_per_job)

    @property
    def id(self) -> str:
        """Twelve hexadecimal digits that name the request and its division; the same for the same arguments."""
        said = self.model_dump(mode="json", exclude={"measured", "limits"})
        return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:12]

    @property
    def time_limit_s(self) -> float | None:
        """The time limit of one scene; None: none."""
        if self.limits.seconds == "measured":
            return self.measured.time_limit_s if self.measured else None
        return self.limits.seconds

    @property
    def estimate(self) -> Estimate | None:
        """Totals, where scenes were measured."""
        return estimate(self.measured, len(self.wanted), self.scenes_per_job) if self.measured else None

    def scenes_of(self, job: int) -> tuple[int, ...]:
        """The scenes of job ``job``; SpecError when there is no such job."""
        if not 0 <= job < self.jobs:
            raise SpecError(f"there is no job {job}: the plan has jobs 0 to {self.jobs - 1}")
        return self.wanted[job * self.scenes_per_job : (job + 1) * self.scenes_per_job]

    def job_of(self, scene: int) -> int:
        """The job that makes a wanted scene."""
        return self.wanted.index(scene) // self.scenes_per_job

    def slug(self, scene: int) -> str:
        """What the files of a scene are called."""
        return slug_of(self.identity.scene, scene)

    def executor_limits(self) -> Limits:
        """As executors take them."""
        return Limits(self.time_limit_s, self.limits.memory_bytes, self.limits.tries)

    @property
    def spec_is_file(self) -> bool:
        """Whether the spec is someone's file rather than a scene of the library."""
        return ":" in self.identity.spec_source


def check_identity(identity: Identity) -> None:
    """Refuse, as ValueError, whatever could lead a worker to run or read what nobody named."""
    if not _SPEC.fullmatch(identity.spec_source):
        raise ValueError(
            f"spec {identity.spec_source!r:.80} is neither folder.scene nor file.py:NAME without folders"
        )
    if not re.fullmatch(r"[0-9a-f]{64}", identity.spec_sha256):
        raise ValueError("spec_sha256 is no sha256")
    if not _SCENE_NAME.fullmatch(identity.scene):
        raise ValueError(f"scene name {identity.scene!r:.80} is no name")
    if identity.renderer not in _renderers():
        raise ValueError(f"unknown renderer {identity.renderer!r:.80}")
    if identity.quality not in ("draft", "standard", "high"):
        raise ValueError(f"unknown quality {identity.quality!r:.80}")
    if not -(2**63) <= identity.seed < 2**63:
        raise ValueError("the seed has more than 63 bits")
    if len(identity.overrides) > 1000:
        raise ValueError("there are more than 1000 settings")
    check_settings(identity.overrides)


def check_settings(settings: Mapping[str, Any]) -> None:
    """Refuse, as ValueError, settings that name files or Python: those belong into the spec, whose hash is known."""
    for name, value in settings.items():
        if not _SETTING_NAME.fullmatch(name):
            raise ValueError(f"setting {name!r:.80} is no dotted name")
        if not isinstance(value, str) or not _SETTING_VALUE.fullmatch(value) or _NAMES_CODE.search(value):
            raise ValueError(
                f"setting {name} = {value!r:.80}: settings of a plan are short plain text and name no file and no "
                "Python. Put it into the spec"
            )


def _renderers() -> tuple[str, ...]:
    from pairforge.registry import RENDERERS

    return RENDERERS.names()


def locate(where: str | Path) -> tuple[Path, Path]:
    """(dataset root, plan file) of a plan file, a dataset's root, or a URL of either."""
    place = place_of(where)
    if place.name.endswith(".json"):
        return place.parent, place
    return place, place / PLAN


def read(where: str | Path) -> tuple[Path, Plan]:
    """(dataset root, plan); DatasetError when it is missing, too large, or anything but a plan."""
    root, path = locate(where)
    (size,) = sizes([path])
    if size < 0:
        raise DatasetError(
            f"there is no plan at {path}. Make one: pairforge plan SCENE --scenes N --out {root}"
        )
    if size > MAX_BYTES:
        raise DatasetError(f"{path} has {size} bytes; a plan has at most {MAX_BYTES}. It is refused.")
    return root, parse(read_bytes(path), str(path))


def parse(data: bytes, path: str) -> Plan:
    """The plan of these bytes, read from ``path``; DatasetError when they are none."""
    if len(data) > MAX_BYTES:
        raise DatasetError(f"{path} has {len(data)} bytes; a plan has at most {MAX_BYTES}. It is refused.")
    try:
        return Plan.model_validate_json(data)
    except ValidationError as error:
        raise DatasetError(
            f"{path} is refused as a plan: {_first(error)}. Make it anew with pairforge plan."
        ) from error


def made(**fields: Any) -> Plan:
    """A new plan; SpecError, with what is wrong, for a request that no plan can hold."""
    try:
        return Plan(**fields)
    except ValidationError as error:
        raise SpecError(f"no plan can be made of this: {_first(error)}.") from error


def limits_made(**fields: Any) -> PlanLimits:
    """Limits; SpecError for what none can be."""
    try:
        return PlanLimits(**fields)
    except ValidationError as error:
        raise SpecError(f"limits: {_first(error)}") from error


def write(root: Path, plan: Plan) -> None:
    """Put the plan at the dataset's root; the same plan gives the same bytes. Raises MachineError."""
    write_atomic(root, root / PLAN, dumped(plan))


def whole_range(only: Ranges | None, scenes: int) -> Ranges | None:
    """None for ranges that leave nothing out: two ways of asking for all give one plan."""
    return None if only == ((0, scenes - 1),) else only


def _first(error: ValidationError) -> str:
    """The first thing that is wrong, printable whatever stands in the file."""
    where, said = first_fault(error)
    said = said.removeprefix("Value error, ")
    text = f"{where}: {said}" if where else said
    return printable(text)[:400]
