"""What a plan's scenes are loaded from: the library, or a file that the one who works the plan has named."""

from __future__ import annotations

from pairforge.errors import DatasetError, SpecError
from pairforge.farm.plan import Plan


def named_spec(plan: Plan, named: str | None) -> str:
    """What to load: the library scene of the plan, or the file that the one who works it has named.

    A plan alone never leads to code. SpecError when a file is needed and none is named, or the other way round.
    """
    source = plan.identity.spec_source
    if not plan.spec_is_file:
        if named is not None:
            raise SpecError(f'the plan makes the library\'s scene "{source}"; leave --spec away')
        return source
    file, _, name = source.rpartition(":")
    if named is None:
        raise SpecError(
            f"the plan was made from a file {file} (sha256 {plan.identity.spec_sha256[:12]}…). A plan never runs "
            f"code by itself: say where you have that file, as in --spec path/{file}"
        )
    path, colon, other = named.rpartition(":")
    if colon and other != name:
        raise SpecError(f'the plan makes the scene "{name}" of {file}, not "{other}"')
    return f"{path if colon else named}:{name}"


def check_loaded(plan: Plan, scene: str, sha256: str) -> None:
    """DatasetError when what was loaded is not what the plan says."""
    if sha256 != plan.identity.spec_sha256:
        raise DatasetError(
            f'"{plan.identity.spec_source}" is not what it was when the plan was made: its sha256 is {sha256[:12]}…, '
            f"not {plan.identity.spec_sha256[:12]}…. Install the pairforge of the plan, or make a new plan."
        )
    if scene != plan.identity.scene:
        raise DatasetError(f'the spec makes the scene "{scene}", the plan says "{plan.identity.scene}"')
