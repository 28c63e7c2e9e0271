"""Which of the proved questions are kept, so that neither a family nor its words give the answer away."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field

MOST_SHARE = 0.4
"""No answer has more than this share of a family, once it has as many questions as ``AMONG``; of the answers that
come in twos or threes none has more than half."""
AMONG = 5
BLIND_LEAD = 1
"""By how much one of two answers may lead among questions of the same words."""
SLACK = 2
_FEW = 3


def most_share(answers: int) -> float:
    """The largest share that one of so many possible answers may have."""
    return 0.5 if answers <= _FEW else MOST_SHARE


@dataclass(eq=False)
class Balance:
    """What has been kept of one family so far: in all, and by what the words give away."""

    overall: Counter[Hashable] = field(default_factory=Counter)
    by_words: dict[str, Counter[Hashable]] = field(default_factory=lambda: defaultdict(Counter))

    def takes(self, label: Hashable, answer: Hashable, words: str, possible: int) -> bool:
        """Whether one more leaves the family balanced: by its ``label``, and by what its words let one bet on."""
        if possible == 2:
            even = 2 * self.overall[label] - sum(self.overall.values()) < SLACK
        else:
            share = most_share(possible) * (sum(self.overall.values()) + 1)
            even = self.overall[label] + 1 <= max(share, SLACK)
        return even and self._blind(answer, words, possible)

    def _blind(self, answer: Hashable, words: str, possible: int) -> bool:
        own = self.by_words[words]
        if possible == 2:
            return 2 * own[answer] - sum(own.values()) < BLIND_LEAD
        return own[answer] + 1 <= max(most_share(possible) * max(sum(own.values()) + 1, AMONG), 1)

    def keep(self, label: Hashable, answer: Hashable, words: str) -> None:
        self.overall[label] += 1
        self.by_words[words][answer] += 1


def dropped(answers: Sequence[Hashable], possible: int) -> set[int]:
    """Places to drop, last first, until no answer has more than its share of the family."""
    left, share = list(range(len(answers))), most_share(possible)
    floor = 2 if possible <= _FEW else AMONG
    while left:
        counts = Counter(answers[i] for i in left)
        most, n = max(counts.items(), key=lambda item: (item[1], str(item[0])))
        if n <= max(share * max(len(left), floor), 1):
            break
        left.remove(max(i for i in left if answers[i] == most))
    return set(range(len(answers))) - set(left)


def shares(answers: Iterable[Hashable]) -> dict[str, float]:
    """Answer -> its share."""
    counts = Counter(str(a) for a in answers)
    total = sum(counts.values())
    return {a: n / total for a, n in sorted(counts.items())}
