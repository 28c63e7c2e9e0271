"""Does everything that is said to happen come about, nothing else, and in the relations that are stored?"""

from __future__ import annotations

from collections.abc import Iterator

from pairforge.datasets.claims_happenings import scene_findings
from pairforge.datasets.claims_relations import relation_findings
from pairforge.datasets.finding import Problem
from pairforge.datasets.verify_scene_view import SceneView


def happenings(scene: SceneView) -> Iterator[Problem]:
    """All that happens is found again in tracks and contacts, and nothing is stored that does not."""
    for message in scene_findings(scene.record):
        yield Problem(scene.table("happenings"), message)


def happening_relations(scene: SceneView) -> Iterator[Problem]:
    """Allen's relations of all pairs whose ends are clearly apart or clearly one."""
    rows = scene.dataset.table("happening_relations", scene.index).to_pylist()
    for message in relation_findings(scene.record.happenings, rows):
        yield Problem(scene.table("happening_relations"), message)


CHECKS = (happenings, happening_relations)
