"""A dual encoder of pictures and captions, trained on a CPU: where a training script of your own may start from.

pairforge generate examples/dual_encoder.py:PAIRS --scenes 40 --seed 0 --out out/pairs --renderer raycast
pairforge generate examples/dual_encoder.py:PAIRS --scenes 12 --seed 1 --out out/unseen --renderer raycast
python examples/dual_encoder.py out/pairs out/unseen

The data are two coloured things on the ground. Both encoders are tiny; the loss is that of CLIP (Radford et al.,
Learning Transferable Visual Models From Natural Language Supervision, 2021). It needs the extra `torch`.
"""

import sys
import zlib
from itertools import pairwise

import torch
from torch import nn
from torch.nn import functional

from pairforge.learning.dataset import KeyframeDataset
from pairforge.learning.loader import Loader
from pairforge.learning.selection import Selection
from pairforge.scenes.distributions import Choice, Uniform
from pairforge.scenes.placement import At, LeftOf
from pairforge.scenes.settings import Empty
from pairforge.scenes.spec import Camera, Prop, Scene

COLOURS = Choice("red", "yellow", "green", "blue", "white")
SHAPES = Choice("box", "sphere", "cylinder", "cone")

PAIRS = Scene(
    name="example.pairs",
    setting=Empty(size_m=6.0),
    props=[
        Prop(
            name="right", shape=SHAPES, colour=COLOURS, size_m=0.3, moves=False, place=At((0.0, -0.25, 0.0))
        ),
        Prop(
            name="left",
            shape=SHAPES,
            colour=COLOURS,
            size_m=0.3,
            moves=False,
            place=LeftOf("right", gap_m=Uniform(0.1, 0.3)),
        ),
    ],
    sensors=[Camera(name="front", look_at=(0.0, 0.0, 0.1), distance_m=1.6, width_px=64, height_px=48)],
    captions=("short",),
    duration_s=0.1,
    keyframe_rate_hz=10.0,
)
CAMERA, WORDS, WIDTH = "front", 512, 64


class DualEncoder(nn.Module):
    """A picture and a text as vectors of one space."""

    def __init__(self) -> None:
        super().__init__()
        self.seeing = nn.Sequential(
            nn.Conv2d(3, 32, 5, stride=2), nn.ReLU(), nn.Conv2d(32, 64, 5, stride=2), nn.ReLU(),
            nn.AdaptiveMaxPool2d(1), nn.Flatten(), nn.Linear(64, WIDTH),
        )  # fmt: skip
        self.words, self.reading = nn.EmbeddingBag(WORDS, WIDTH), nn.Linear(WIDTH, WIDTH)
        self.scale = nn.Parameter(torch.tensor(2.0))

    def forward(self, pictures: torch.Tensor, texts: tuple[str, ...]) -> torch.Tensor:
        """(B, B): how well the picture of each row, (B, H, W, 3) uint8, fits the text of each column."""
        bags = [hashed(text) for text in texts]
        starts = torch.tensor([0, *(len(bag) for bag in bags[:-1])]).cumsum(0)
        told = self.reading(self.words(torch.tensor([word for bag in bags for word in bag]), starts))
        seen = self.seeing(pictures.permute(0, 3, 1, 2).float() / 255 - 0.5)
        return self.scale.exp() * functional.normalize(seen) @ functional.normalize(told).T


def hashed(text: str) -> list[int]:
    """A text's words, and its pairs of neighbours, as numbers."""
    words = text.lower().rstrip(".").split()
    return [zlib.crc32(part.encode()) % WORDS for part in (*words, *map(" ".join, pairwise(words)))]


def pairs(root: str) -> KeyframeDataset:
    """Pictures with one of their captions, another one each epoch: nothing else is read."""
    select = Selection(arrays=("rgb",), boxes2d=False, boxes3d=False, captions=False, text="draw")
    return KeyframeDataset(root, select)


def train(root: str, epochs: int = 40, batch_size: int = 16) -> DualEncoder:
    torch.manual_seed(0)
    model, loader = DualEncoder(), Loader(pairs(root), batch_size, drop_last=True)
    optimiser = torch.optim.Adam(model.parameters(), 2e-3)
    while loader.epoch < epochs:
        for batch in loader:  # put loader.state_dict() into your checkpoints: it goes on from any step
            scores, same = model(batch[CAMERA, "rgb"], batch.text), torch.arange(len(batch))
            loss = functional.cross_entropy(scores, same) + functional.cross_entropy(scores.T, same)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
    return model


@torch.no_grad()
def found(model: DualEncoder, root: str) -> tuple[float, float]:
    """(share of captions whose own picture fits best of all in the dataset, that of guessing)."""
    data = pairs(root)
    batch = next(iter(Loader(data, len(data), shuffle=False)))
    best = model(batch[CAMERA, "rgb"], batch.text).argmax(0)
    return float((best == torch.arange(len(batch))).float().mean()), 1 / len(batch)


if __name__ == "__main__":
    right, guess = found(train(sys.argv[1]), sys.argv[2])
    print(f"{right:.0%} of the captions find their picture first; guessing would find {guess:.0%}")
