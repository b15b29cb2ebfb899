"""Train what judges notes, from rendered items: `python -m scripts.training.train_notes FOLDER`.

Four networks (`bot.studio.transcriber.layers`) learn which candidates are notes, by a few numbers, by the grids around them and then
again among what else was found, and until when their keys are held. FOLDER is the one of `scripts.training.render`. What the studio's network sees
of each item is kept in FOLDER/seen and each network in FOLDER/notes.npz once it is learned, so a run that was ended goes on.
"""

import argparse
import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Final, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from bot.studio.transcriber import candidates, context, endings
from bot.studio.transcriber.activity import LOWEST_PITCH, Activity
from bot.studio.transcriber.decode import RATE_HZ
from bot.studio.transcriber.layers import NOTES, Layers
from bot.studio.transcriber.model import Model, seconds_of
from scripts.training import look
from scripts.training.items import load, loud, split
from scripts.training.whole import written

log = logging.getLogger(__name__)

SEED: Final = 1877

LATE_SECONDS: Final = 0.012
"""How much later than the note the network's peaks are, in the middle."""
NEAR_SECONDS: Final = 0.055
UNISON_SECONDS: Final = 0.05

SEEN: Final = ("sounding", "beginning", "loudness", "level")
"""Of an `Activity`, in its own order."""

MOST_FRAMES: Final = 1_500_000
"""Of the frames of endings that many are learned from: more did not help."""

JUDGE_SIZES: Final = (64, 32)
AGAIN_SIZES: Final = (128, 64)
ENDING_SIZES: Final = (32, 16)
TONES_PART: Final = 6
"""One of bare tones for so many items of music."""
TONES_SECONDS: Final = 10.0

BATCH: Final = 1024
LEARNING_RATE: Final = 2e-3
DECAY: Final = 1e-4

Truth = list[tuple[float, float, int]]
Trained = tuple[NDArray[np.float32], NDArray[np.float32], nn.Sequential]
"""The mean and the scale of what goes into a network, and the network."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """What to learn from: numbers, the answer (0 or 1) and how much each counts."""

    numbers: NDArray[np.float32]
    answers: NDArray[np.float32]
    counts: NDArray[np.float32]

    def thinned(self, chance: np.random.Generator, most: int) -> Self:
        """At most so many of it, drawn by lot."""
        if len(self.answers) <= most:
            return self
        some = np.sort(chance.permutation(len(self.answers))[:most])
        return replace(self, numbers=self.numbers[some], answers=self.answers[some], counts=self.counts[some])


@dataclass(frozen=True, slots=True)
class Heard:
    """What was seen of a sound, the candidates, which of them are notes (0 or 1), and the notes."""

    activity: Activity
    found: candidates.Candidates
    answers: NDArray[np.float32]
    truth: Truth


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument(
        "--items", type=int, default=5_000, help="at the most; the held out are never among them"
    )
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--minutes", type=float, default=look.MINUTES, help="of the processor, for `look`")
    asked = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    torch.manual_seed(SEED)
    torch.set_num_threads(1)
    kept, heard = asked.folder / NOTES.name, partial(_heard, asked.folder, asked.items)
    _learn("judge", kept, (_judged(each) for each in heard()), JUDGE_SIZES, asked.rounds)
    chance = np.random.default_rng(SEED)
    most = MOST_FRAMES // max(asked.items, 1)
    _learn(
        "held",
        kept,
        (_held(each).thinned(chance, most) for each in heard() if each.answers.any()),
        ENDING_SIZES,
        asked.rounds // 2,
    )
    judge = Layers.load("judge", kept)
    _keep(
        "look",
        kept,
        lambda: look.learned(look.Lessons(_looked_at(judge, each) for each in heard()), SEED, asked.minutes),
    )
    _learn("again", kept, (_again(judge, each) for each in heard()), AGAIN_SIZES, asked.rounds // 2)


def _learn(name: str, kept: Path, lessons: Iterable[Lesson], sizes: tuple[int, ...], rounds: int) -> None:
    """Train the network `name` of a few numbers, unless `kept` has it, and add it there."""
    _keep(name, kept, lambda: _trained(_joined(list(lessons)), sizes, rounds))


def _keep(name: str, kept: Path, trained: Callable[[], Trained]) -> None:
    """Train the network `name`, unless `kept` has it, and add it there."""
    weights: dict[str, NDArray[np.floating]] = {}
    if kept.exists():
        with np.load(kept) as before:
            weights = dict(before)
    if f"{name}.mean" not in weights:
        log.info("%s", name)
        weights |= _named(name, *trained())
        with written(kept) as file:
            np.savez_compressed(file, allow_pickle=False, **weights)


def _heard(folder: Path, count: int) -> Iterator[Heard]:
    model = Model(folder)
    paths = split(folder)[0][:count]
    for path in paths:
        yield from _candidates(*_seen(folder / "seen" / path.name, model, partial(_mixed, path)))
    for number in range(len(paths) // TONES_PART):
        yield from _candidates(*_seen(folder / f"seen/tones-{number:05}.npz", model, partial(_tones, number)))


def _candidates(activity: Activity, truth: Truth) -> Iterator[Heard]:
    found = candidates.candidates(activity)
    if len(found) and truth:
        yield Heard(activity, found, _answers(found, truth), truth)


def _judged(heard: Heard) -> Lesson:
    numbers = np.concatenate(list(candidates.numbers(heard.activity, heard.found)))
    return Lesson(numbers, heard.answers, _counts(heard.found, heard.truth))


def _looked_at(judge: Layers, heard: Heard) -> look.Seen:
    lesson = _judged(heard)
    likely = judge(lesson.numbers) > look.LEAST_ODDS
    return look.Seen(
        heard.activity,
        heard.found.only(likely),
        lesson.numbers[likely],
        heard.answers[likely],
        len(heard.truth),
    )


def _again(judge: Layers, heard: Heard) -> Lesson:
    lesson = _judged(heard)
    # By the odds of `judge` alone, though it is asked with those of `look` in them: learned from the latter it was worse by the gate.
    around = np.concatenate(list(context.numbers(heard.found, judge(lesson.numbers))))
    return replace(lesson, numbers=np.column_stack([lesson.numbers, around]))


def _counts(found: candidates.Candidates, truth: Truth) -> NDArray[np.float32]:
    return np.full(len(found), len(truth) ** -0.5, np.float32)


def _seen(
    kept: Path, model: Model, made: Callable[[], tuple[NDArray[np.float32], Truth]]
) -> tuple[Activity, Truth]:
    """What the studio's network sees of a sound, and the truth about it: made once and kept."""
    if not _is_kept(kept):
        sound, truth = made()
        activity = model.activity([sound])
        kept.parent.mkdir(exist_ok=True)
        seen = {name: getattr(activity, name) for name in SEEN}
        with written(kept) as file:
            np.savez(file, allow_pickle=False, truth=np.array(truth).reshape(-1, 3), **seen)
    with np.load(kept) as found:
        activity = Activity(*(found[name] for name in SEEN))
        return activity, [(start, end, int(pitch)) for start, end, pitch in found["truth"].tolist()]


def _is_kept(path: Path) -> bool:
    """Whether it is there with all that is read of it: an earlier version kept something else."""
    if not path.exists():
        return False
    with np.load(path) as found:
        return {"truth", *SEEN} <= set(found.files)


def _tones(number: int) -> tuple[NDArray[np.float32], Truth]:
    """Bare tones with silence around them, which no rendered music has: a test tone is a note too."""
    chance = np.random.default_rng([SEED, number])
    sound = np.zeros(round(TONES_SECONDS * RATE_HZ), np.float32)
    truth: Truth = []
    start = chance.choice([0.0, chance.uniform(0, 1)])
    lowest = int(chance.integers(28, 72))
    while start < TONES_SECONDS - 1.2:
        length = chance.choice([0.2, 0.3, 0.45, 0.9]) * chance.uniform(0.9, 1.1)
        for pitch in set(chance.integers(lowest, lowest + 24, chance.choice([1, 1, 1, 2, 3])).tolist()):
            tone = _tone(chance, pitch, length) * chance.uniform(0.1, 1.0)
            first = round(start * RATE_HZ)
            sound[first : first + tone.size] += tone
            truth.append((start, start + length, pitch))
        start += length + chance.choice([0.0, 0.0, chance.uniform(0, 0.6)])
    sound += chance.normal(0, 10 ** chance.uniform(-6, -3), sound.size).astype(np.float32)
    return (sound * 0.5 / np.abs(sound).max()).astype(np.float32), truth


def _tone(chance: np.random.Generator, pitch: int, length: float) -> NDArray[np.float32]:
    seconds = np.arange(round(length * RATE_HZ)) / RATE_HZ
    slope, decay = chance.uniform(0.8, 2.5), chance.choice([0.0, chance.uniform(0.5, 5)])
    hz = 440 * 2 ** ((pitch - 69) / 12)
    partials = [n for n in range(1, chance.integers(2, 14)) if n * hz < RATE_HZ / 2]
    waves = sum(np.sin(2 * np.pi * n * hz * seconds + chance.uniform(0, 6)) * n**-slope for n in partials)
    swell = np.minimum(seconds / chance.uniform(0.003, 0.03), 1)
    fade = np.minimum((length - seconds) / chance.uniform(0.005, 0.03), 1)
    tone: NDArray[np.float32] = (waves * swell * fade * np.exp(-decay * seconds)).astype(np.float32)
    return tone


def _mixed(path: Path) -> tuple[NDArray[np.float32], Truth]:
    """An item's pitched parts, with its drums where it has them."""
    item = load(path)
    chance = np.random.default_rng(int(path.stem))
    sound = item.pitched
    if item.drummed:
        gain = loud(item.pitched) / loud(item.drums) * 10 ** (chance.uniform(-9, 5) / 20)
        sound = sound + item.drums * gain
    mixed: NDArray[np.float32] = (sound * 0.7 / (np.abs(sound).max() + 1e-9)).astype(np.float32)
    return mixed, _truth(item.notes)


def _truth(notes: NDArray[np.float32]) -> Truth:
    """(start, end, pitch) of each note on the keyboard; what is doubled in unison counts once."""
    kept: list[tuple[float, float, int]] = []
    for start, end, pitch, *_ in sorted(notes.tolist(), key=lambda note: (note[2], note[0])):
        if not LOWEST_PITCH <= pitch < LOWEST_PITCH + 88:
            continue
        if kept and kept[-1][2] == pitch and start - kept[-1][0] < UNISON_SECONDS:
            kept[-1] = (kept[-1][0], max(kept[-1][1], end), int(pitch))
        else:
            kept.append((start, end, int(pitch)))
    return kept


def _answers(found: candidates.Candidates, truth: Truth) -> NDArray[np.float32]:
    """1 for the candidate that is nearest to each note."""
    begin = seconds_of(found.frame) - LATE_SECONDS
    of_pitch: dict[int, list[int]] = defaultdict(list)
    for place, row in enumerate(found.row.tolist()):
        of_pitch[row + LOWEST_PITCH].append(place)
    answers = np.zeros(len(found), np.float32)
    for start, _, pitch in truth:
        near = [
            place
            for place in of_pitch[pitch]
            if not answers[place] and abs(begin[place] - start) <= NEAR_SECONDS
        ]
        if near:
            answers[min(near, key=lambda place: abs(begin[place] - start))] = 1
    return answers


def _held(heard: Heard) -> Lesson:
    activity, real = heard.activity, heard.answers > 0
    row, frame = heard.found.row[real], heard.found.frame[real]
    last = endings.spans(activity, row, frame)
    begin = seconds_of(frame) - LATE_SECONDS
    ends = np.array(
        [
            min(
                (note for note in heard.truth if note[2] == pitch + LOWEST_PITCH),
                key=lambda note: abs(note[0] - seconds),
            )[1]
            for pitch, seconds in zip(row.tolist(), begin.tolist(), strict=True)
        ]
    )
    size = last - frame
    now = np.repeat(frame, size) + np.arange(size.sum()) - np.repeat(np.cumsum(size) - size, size)
    answers = (seconds_of(now) < np.repeat(ends, size)).astype(np.float32)
    counts = np.repeat(size**-0.5, size).astype(np.float32)
    return Lesson(endings.numbers(activity, candidates.quietest(activity), row, frame, last), answers, counts)


def _joined(lessons: list[Lesson]) -> Lesson:
    return Lesson(
        np.concatenate([lesson.numbers for lesson in lessons]),
        np.concatenate([lesson.answers for lesson in lessons]),
        np.concatenate([lesson.counts for lesson in lessons]),
    )


def _trained(lesson: Lesson, sizes: tuple[int, ...], rounds: int) -> Trained:
    numbers, answers, counts = lesson.numbers, lesson.answers, lesson.counts
    mean, scale = numbers.mean(axis=0), numbers.std(axis=0) + 1e-3
    inputs = torch.from_numpy(((numbers - mean) / scale).astype(np.float32))
    wanted, counting = torch.from_numpy(answers), torch.from_numpy(counts / counts.mean())
    layers: list[nn.Module] = []
    for before, after in zip((numbers.shape[1], *sizes), sizes, strict=False):
        layers += [nn.Linear(before, after), nn.ReLU()]
    network = nn.Sequential(*layers, nn.Linear(sizes[-1], 1))
    optimiser = torch.optim.AdamW(network.parameters(), LEARNING_RATE, weight_decay=DECAY)
    steps = rounds * -(-len(numbers) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, LEARNING_RATE * 2, total_steps=steps)
    for number in range(rounds):
        total = 0.0
        for batch in torch.randperm(len(numbers)).split(BATCH):
            loss = nn.functional.binary_cross_entropy_with_logits(
                network(inputs[batch])[:, 0], wanted[batch], counting[batch]
            )
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
            total += loss.item() * len(batch)
        log.info("round %d: loss %.4f", number + 1, total / len(numbers))
    return mean, scale, network


def _named(
    name: str, mean: NDArray[np.float32], scale: NDArray[np.float32], network: nn.Sequential
) -> dict[str, NDArray[np.float32]]:
    found = {f"{name}.mean": mean, f"{name}.scale": scale}
    linear = [layer for layer in network if isinstance(layer, nn.Linear)]
    for place, layer in enumerate(linear):
        found[f"{name}.weight{place}"] = layer.weight.detach().numpy()
        found[f"{name}.bias{place}"] = layer.bias.detach().numpy()
    return found


if __name__ == "__main__":
    main()
