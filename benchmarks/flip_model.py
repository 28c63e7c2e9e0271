"""A small dual encoder: pictures by convolutions, sentences by a recurrent net, one space for both."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional

WIDTH = 64


class Learner:
    """Learns that a picture and its sentence belong together. One thread, so that figures can be had again."""

    def __init__(self, words: tuple[str, ...], seed: int) -> None:
        torch.set_num_threads(1)
        torch.manual_seed(seed)
        self._place = {w: k for k, w in enumerate(words, start=1)}
        self._eye = nn.Sequential(
            *(_layer(a, b) for a, b in ((3, 16), (16, 32), (32, 64))),
            nn.Flatten(),
            nn.Linear(64 * 4 * 4, 128),
            nn.ReLU(),
            nn.Linear(128, WIDTH),
        )
        self._words = nn.Embedding(len(words) + 1, 32, padding_idx=0)
        self._ear = nn.GRU(32, 96, batch_first=True)
        self._last = nn.Linear(96, WIDTH)
        self._heat = nn.Parameter(torch.tensor(2.0))
        modules = (self._eye, self._words, self._ear, self._last)
        self._parameters = [p for m in modules for p in m.parameters()] + [self._heat]
        self._steps = torch.optim.AdamW(self._parameters, weight_decay=1e-3)

    def step(
        self,
        pictures: NDArray[np.float32],
        texts: Sequence[str],
        others: Sequence[str],
        meanings: Sequence[object],
        rate: float,
    ) -> None:
        """One step of a contrastive loss over a batch; sentences of one meaning belong to each other's pictures, and
        ``others``, which say the other side, to none."""
        self._eye.train()
        same = torch.tensor([[a == b for b in meanings] for a in meanings], dtype=torch.float32)
        wanted = same / same.sum(dim=1, keepdim=True)
        seen, heat = self._seen(pictures), self._heat.exp()
        told, untrue = self._heard(texts), self._heard(others)
        logits, against = seen @ told.T * heat, (seen * untrue).sum(dim=1, keepdim=True) * heat
        to_text = torch.cat([logits, against], dim=1)
        padded = torch.cat([wanted, torch.zeros(len(wanted), 1)], dim=1)
        pair = torch.cat([logits.diagonal()[:, None], against], dim=1)
        first = torch.zeros(len(wanted), dtype=torch.long)
        loss = functional.cross_entropy(to_text, padded) + functional.cross_entropy(logits.T, wanted)
        loss = loss + functional.cross_entropy(pair, first)
        self._steps.param_groups[0]["lr"] = rate
        self._steps.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        self._steps.step()

    @torch.no_grad()
    def scores(self, pictures: NDArray[np.float32], texts: Sequence[str]) -> NDArray[np.float32]:
        """(N,) cosine between each picture and its sentence."""
        self._eye.eval()
        found: NDArray[np.float32] = (self._seen(pictures) * self._heard(texts)).sum(dim=1).numpy()
        return found

    def _seen(self, pictures: NDArray[np.float32]) -> torch.Tensor:
        return functional.normalize(self._eye(torch.from_numpy(np.ascontiguousarray(pictures)) - 0.5), dim=1)

    def _heard(self, texts: Sequence[str]) -> torch.Tensor:
        rows = [[self._place[w] for w in t.lower().strip(".").split()] for t in texts]
        lengths = torch.tensor([len(r) for r in rows])
        padded = torch.zeros(len(rows), int(lengths.max()), dtype=torch.long)
        for k, row in enumerate(rows):
            padded[k, : len(row)] = torch.tensor(row)
        states, _ = self._ear(self._words(padded))
        ends = states[torch.arange(len(rows)), lengths - 1]
        return functional.normalize(self._last(ends), dim=1)


def _layer(inward: int, outward: int) -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(inward, outward, 3, stride=2, padding=1), nn.BatchNorm2d(outward), nn.ReLU()
    )
