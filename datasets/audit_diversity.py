"""How varied captions are: figures to look at, no aim in themselves.

distinct-n: different n-grams over all n-grams (Li et al., "A diversity-promoting objective function", NAACL 2016).
self-BLEU: BLEU of a caption against others, by sacrebleu (Zhu et al., "Texygen", SIGIR 2018). Compression ratio:
bytes over bytes after zlib (Shaib et al., "Standardizing the measurement of text diversity", 2024). All three depend
on how much text there is, so that they are taken of at most ``SAMPLE`` captions, drawn.
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pairforge.datasets.audit_balance import Balance, balance
from pairforge.datasets.audit_text import tokens
from pairforge.datasets.reader import Dataset
from pairforge.seeding import Stream

SAMPLE = 500
BLEU_SAMPLE = 100
_TOKENIZER = {"zh": "zh", "ja": "char"}


@dataclass(frozen=True)
class Diversity:
    """One kind of caption in one language.

    ``distinct``: of 1-, 2- and 3-grams; ``self_bleu`` 0..100; ``phrasings``: how often each template's phrasing was
    used; ``lengths``: (upper end in words, captions).
    """

    kind: str
    language: str
    captions: int
    different: int
    sampled: int
    vocabulary: int
    words_each: float
    distinct: tuple[float, float, float]
    self_bleu: float
    compression: float
    phrasings: Balance
    lengths: tuple[tuple[int, int], ...]


def diversity(dataset: Dataset, stream: Stream) -> list[Diversity]:
    """Of every kind and language in the captions of the dataset."""
    cells: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for index in dataset.scenes:
        table = dataset.table("captions", index).select(["kind", "language", "text", "template"])
        for row in table.to_pylist():
            cells.setdefault((row["kind"], row["language"]), []).append((row["text"], row["template"]))
    return [_of(*cell, rows, stream / cell[0] / cell[1]) for cell, rows in sorted(cells.items())]


def _of(kind: str, language: str, rows: Sequence[tuple[str, str]], stream: Stream) -> Diversity:
    texts = [text for text, _ in rows]
    some = drawn(texts, SAMPLE, stream / "sample")
    said = [tokens(t) for t in some]
    lengths = [len(tokens(t)) for t in texts]
    used = Counter(name for _, template in rows for name in template.split("+"))
    raw = "\n".join(some).encode()
    return Diversity(
        kind=kind,
        language=language,
        captions=len(texts),
        different=len(set(texts)),
        sampled=len(some),
        vocabulary=len({w for t in said for w in t}),
        words_each=float(np.mean(lengths)),
        distinct=(distinct(said, 1), distinct(said, 2), distinct(said, 3)),
        self_bleu=self_bleu(drawn(texts, BLEU_SAMPLE, stream / "bleu"), language),
        compression=len(raw) / len(zlib.compress(raw, 9)),
        phrasings=balance("phrasings", used),
        lengths=histogram(lengths),
    )


def drawn(texts: Sequence[str], most: int, stream: Stream) -> list[str]:
    """At most so many of them, in their order."""
    return [texts[k] for k in sorted(stream.rng().permutation(len(texts))[:most].tolist())]


def distinct(said: Sequence[Sequence[str]], n: int) -> float:
    """Different n-grams over all n-grams; 0 where there is none."""
    grams = [tuple(t[k : k + n]) for t in said for k in range(len(t) - n + 1)]
    return len(set(grams)) / len(grams) if grams else 0.0


def self_bleu(texts: Sequence[str], language: str) -> float:
    """Mean sentence BLEU of each text against all others, 0..100; 0 for a lone text."""
    from sacrebleu.metrics.bleu import BLEU

    if len(texts) < 2:
        return 0.0
    bleu = BLEU(effective_order=True, tokenize=_TOKENIZER.get(language, "13a"))
    scores = [
        bleu.sentence_score(t, [o for k, o in enumerate(texts) if k != at]).score
        for at, t in enumerate(texts)
    ]
    return float(np.mean(scores))


def histogram(lengths: Sequence[int]) -> tuple[tuple[int, int], ...]:
    """(upper end, how many) in at most a dozen steps of equal width."""
    step = max(1, -(-(max(lengths, default=0) + 1) // 12))
    counts = Counter(n // step for n in lengths)
    return tuple(((k + 1) * step, counts[k]) for k in range(max(counts, default=-1) + 1))
