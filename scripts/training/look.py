"""The network `look`: which candidates are notes, learned from the grids around them."""

import logging
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from bot.studio.transcriber.activity import PITCHES, Activity
from bot.studio.transcriber.candidates import Candidates
from bot.studio.transcriber.patches import ATTACK_FRAMES, DISTANCES, LAGS, Patches, above_quiet

log = logging.getLogger(__name__)

SIZES: Final = (128, 48)
LEAST_ODDS: Final = -4.5
"""By `judge`: a wider choice than what is looked at later, to learn from."""

MINUTES: Final = 15.0
BATCH: Final = 1024
LEARNING_RATE: Final = 2e-3
WARM_STEPS: Final = 300
DECAY: Final = 1e-3
LEFT_OUT: Final = 0.05
"""So many of the rows that are seen are not, each time: none shall be leaned on."""

CHANNELS: Final = (255.0, 255.0, 20.0)
"""What makes each of a patch's three numbers one of about 1."""

Numbers = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Seen:
    """Of an item: what the studio's network saw, candidates, their numbers, which of them are notes (0 or 1), and its count of notes."""

    activity: Activity
    found: Candidates
    numbers: Numbers
    answers: Numbers
    notes: int


class Lessons:
    """All candidates of all items: the grids one after the other, with silence between them."""

    def __init__(self, items: Iterable[Seen]) -> None:
        """They are read once."""
        gap = np.zeros((PITCHES, max(LAGS) - min(LAGS) + ATTACK_FRAMES), np.uint8)
        grids: tuple[list[NDArray[np.uint8]], ...] = ([], [], [])
        rows, frames, numbers, answers, counts = [], [], [], [], []
        frame = 0
        for item in items:
            activity = item.activity
            parts = (activity.sounding, activity.beginning, above_quiet(activity))
            for grid, part in zip(grids, parts, strict=True):
                grid += [part, gap]
            rows.append(item.found.row)
            frames.append(item.found.frame + frame)
            numbers.append(item.numbers.astype(np.float16))
            answers.append(item.answers)
            counts.append(np.full(len(item.found), item.notes**-0.5, np.float32))
            frame += activity.frames + gap.shape[1]
        self._patches = Patches(*(np.concatenate(grid, axis=1) for grid in grids))
        self._row, self._frame = np.concatenate(rows), np.concatenate(frames)
        self._numbers = np.concatenate(numbers)
        self.answers = torch.from_numpy(np.concatenate(answers))
        every = np.concatenate(counts)
        self.counts = torch.from_numpy(every / every.mean())

    def __len__(self) -> int:
        """How many candidates there are."""
        return len(self._row)

    def scales(self) -> tuple[Numbers, Numbers]:
        """Mean and scale of all that a candidate is judged by."""
        places = len(LAGS) * len(DISTANCES)
        some = self._numbers[::7].astype(np.float32)
        mean = np.concatenate([np.zeros(places * len(CHANNELS)), some.mean(axis=0)])
        scale = np.concatenate([np.tile(CHANNELS, places), some.std(axis=0) + 1e-3])
        return mean.astype(np.float32), scale.astype(np.float32)

    def inputs(self, some: NDArray[np.int64]) -> Numbers:
        """[candidates, numbers] of some."""
        return np.column_stack([self._patches.at(self._row[some], self._frame[some]), self._numbers[some]])


def learned(lessons: Lessons, seed: int, minutes: float = MINUTES) -> tuple[Numbers, Numbers, nn.Sequential]:
    """Mean and scale of what goes in, and the network after so many minutes of the processor."""
    chance = np.random.default_rng(seed)
    mean, scale = lessons.scales()
    sizes = (mean.size, *SIZES)
    layers = [
        part
        for size, after in zip(sizes, SIZES, strict=False)
        for part in (nn.Linear(size, after), nn.ReLU())
    ]
    network = nn.Sequential(*layers, nn.Linear(SIZES[-1], 1))
    optimiser = torch.optim.AdamW(network.parameters(), LEARNING_RATE, weight_decay=DECAY)
    began, step, order = time.process_time(), 0, np.zeros(0, np.int64)
    while (done := (time.process_time() - began) / (60 * minutes)) < 1:
        for group in optimiser.param_groups:
            group["lr"] = LEARNING_RATE * min(1, step / WARM_STEPS) * (1 + np.cos(np.pi * done)) / 2
        if order.size < min(BATCH, len(lessons)):
            order = chance.permutation(len(lessons))
        some, order = np.sort(order[:BATCH]), order[BATCH:]
        shown = torch.from_numpy((lessons.inputs(some) - mean) / scale) * _kept(len(some), mean.size)
        loss = nn.functional.binary_cross_entropy_with_logits(
            network(shown)[:, 0], lessons.answers[some], lessons.counts[some]
        )
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        step += 1
        if step % 1000 == 0:
            log.info("%.0f %%: loss %.4f", 100 * done, loss.item())
    return mean, scale, network


def _kept(count: int, size: int) -> torch.Tensor:
    """0 for the rows of a patch that are left out, 1 for all else."""
    rows = torch.rand(count, 1, len(DISTANCES) * len(CHANNELS)) > LEFT_OUT
    patch = rows.expand(-1, len(LAGS), -1).flatten(1)
    return torch.cat([patch, torch.ones(count, size - patch.shape[1], dtype=torch.bool)], dim=1)
