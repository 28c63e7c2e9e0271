from __future__ import annotations

import pytest

from pairforge.captioners.questions.ask import ask
from pairforge.captioners.questions.registry import chosen
from pairforge.datasets.question_table import Question
from tests.captioners.questions.hand_dataset import HandDataset


@pytest.fixture(scope="session")
def hand_made() -> HandDataset:
    return HandDataset()


@pytest.fixture(scope="session")
def asked(hand_made: HandDataset) -> list[Question]:
    return ask(hand_made, chosen(), seed=1, per_frame=12)
