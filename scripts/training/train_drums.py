"""Train the network for drums: `python -m scripts.training.train_drums FOLDER --minutes 30`.

Every example is mixed anew, in the loudness of bands: the drums of one item or kit over the notes of others, or alone, each in
another tone; some are whole mixes with all that production does to them. The state is kept every minute, and a run that
was ended goes on from there; the learning rate falls over the whole time. What is exported is the mean of the last steps'
weights, which is better than where any of them stood.
"""

import argparse
import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from numpy.random import Generator
from torch import nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from bot.studio.transcriber import bands, kit
from scripts.training import items
from scripts.training.drum_net import DrumNet, Sure
from scripts.training.music.piece import PIECES_OF_KIT, chance, pick
from scripts.training.sound.production import produced
from scripts.training.sound.sounds import RATE_HZ
from scripts.training.whole import written

SEED: Final = 1877
FRAMES: Final = 430
"""5 s."""
BATCH: Final = 8
FASTEST: Final = 3e-3
KEPT_SECONDS: Final = 60.0
REMEMBERED: Final = 0.999
"""How much of the mean stays at each step: about as much as the last 1 000 steps, three CPU minutes, count."""
RARE: Final = (1.5, 1.5, 1.5, 2.0, 2.0, 2.0, 2.0)
"""How much more a stroke counts than its absence."""

SHAKEN: Final = 0.25
"""How much it counts when a shaker or a tambourine is taken for a cymbal: many a drum machine's hat sounds like them."""

WHOLE_MIXES: Final = 2
"""Every so many items are also made into a whole mix, which costs more than all else."""

_POWERS = (10 ** ((np.arange(256) / bands.STEPS_A_DB + bands.QUIETEST_DB) / 10)).astype(np.float32)


@dataclass(frozen=True, slots=True)
class Take:
    """An item as the network may see it: its drums, its notes and (of some) both, each [frames, 64]; the strokes' targets.

    `shaken` tells for each frame whether there is something like a hat that is none.
    """

    drums: bands.Loudness
    pitched: bands.Loudness
    joint: bands.Loudness
    struck: np.ndarray
    shaken: np.ndarray


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--minutes", type=float, default=30.0, help="CPU minutes in all")
    parser.add_argument("--name", default="drums", help="what the files are called")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(SEED)
    net = train(asked.folder, asked.folder / f"{asked.name}.pt", asked.minutes * 60)
    export(net, asked.folder / f"{asked.name}.onnx")


def train(folder: Path, kept: Path, seconds: float) -> DrumNet:
    """Train for so many CPU seconds in all."""
    # A step takes a fifth less with them in this order.
    net = DrumNet().to(memory_format=torch.channels_last)
    optimiser = torch.optim.AdamW(net.parameters(), FASTEST, weight_decay=1e-3)
    mean = AveragedModel(net, multi_avg_fn=get_ema_multi_avg_fn(REMEMBERED), use_buffers=True)
    state: dict[str, Any] = {"spent": 0.0, "step": 0}
    if kept.exists():
        state = torch.load(kept)
        net.load_state_dict(state["net"])
        mean.load_state_dict(state["mean"])
        optimiser.load_state_dict(state["optimiser"])
    last_kept = state["spent"]
    rare = torch.tensor(RARE)
    losses: list[float] = []
    takes = [take(folder, path) for path in items.split(folder)[0]]
    drums = takes + [_kit(path) for path in sorted((folder / "kits").glob("*.npz"))]
    print(f"{len(takes)} items, {len(drums) - len(takes)} kits", flush=True)
    began = time.process_time() - state["spent"]
    net.train()
    while (spent := time.process_time() - began) < seconds:
        done = spent / seconds
        for group in optimiser.param_groups:
            group["lr"] = (
                FASTEST * min(1.0, done / 0.03 + 0.02) * (0.5 + 0.5 * math.cos(math.pi * done)) + 1e-5
            )
        state["step"] += 1
        rng = np.random.default_rng([SEED, state["step"]])
        batch = zip(*(example(rng, takes, drums) for _ in range(BATCH)), strict=True)
        seen, struck, counts = (torch.from_numpy(np.stack(each)) for each in batch)
        loss = nn.functional.binary_cross_entropy_with_logits(net(seen), struck, counts, pos_weight=rare)
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimiser.step()
        mean.update_parameters(net)
        losses.append(loss.item())
        if spent - last_kept > KEPT_SECONDS:
            last_kept = spent
            _keep(kept, net, mean, optimiser, state | {"spent": spent})
            print(f"{spent:.0f} s, step {state['step']}, loss {np.mean(losses[-200:]):.4f}", flush=True)
    _keep(kept, net, mean, optimiser, state | {"spent": seconds})
    averaged = DrumNet()
    averaged.load_state_dict(mean.module.state_dict())
    averaged.eval()
    return averaged


def example(
    rng: Generator, takes: Sequence[Take], drums: Sequence[Take]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """([frames, 64], twice [frames, 7]): what the network sees, where it should see strokes, and how much each place counts."""
    take, kind = pick(rng, drums), rng.random()
    first = int(rng.integers(len(take.drums) - FRAMES))
    window = slice(first, first + FRAMES)
    struck = take.struck[window]
    counts = np.ones_like(struck)
    for place in kit.CYMBALS:
        counts[take.shaken[window] & (struck[:, place] == 0), place] = SHAKEN
    if kind < 0.4 and len(take.joint) > FRAMES:
        seen = _power(take.joint[window])
    elif kind < 0.25:
        seen = _toned(rng, _power(take.drums[window]))
    else:
        seen = _toned(rng, _bed(rng, takes))
        if kind < 0.94:
            seen += 10 ** (rng.uniform(-9, 8) / 10) * _toned(rng, _power(take.drums[window]))
        else:
            struck, counts = np.zeros_like(struck), np.ones_like(struck)
    seen = seen / max(float(seen.max()), 1e-12) + 10 ** (rng.uniform(-9, -4.5) if chance(rng, 0.5) else -9)
    heard = np.clip((10 * np.log10(seen) - bands.QUIETEST_DB) * bands.STEPS_A_DB, 0, 255).astype(np.uint8)
    # Some seconds of a song are not as loud as its loudest.
    top = kit.loudest(heard) + abs(rng.normal(0, 5))
    return kit.normal(heard, top), struck, counts


def _bed(rng: Generator, takes: Sequence[Take]) -> np.ndarray:
    """What sounds beside the drums: one item's notes, or two items'."""
    bed = np.zeros((FRAMES, bands.BANDS), np.float32)
    for loud in (1.0, rng.uniform(0.1, 1)) if chance(rng, 0.3) else (1.0,):
        other = pick(rng, takes).pitched
        first = int(rng.integers(len(other) - FRAMES))
        power = _power(other[first : first + FRAMES])
        bed += loud * power / max(float(power.mean()), 1e-12)
    return bed


def _power(heard: bands.Loudness) -> np.ndarray:
    return _POWERS[heard]


def _toned(rng: Generator, power: np.ndarray) -> np.ndarray:
    """`power` through a tilt and a hump, its mean 1: powers of two sounds add up nearly as the sounds do."""
    place = np.linspace(-1, 1, bands.BANDS, dtype=np.float32)
    decibels = rng.normal(0, 4) * place + rng.normal(0, 5) * np.exp(
        -(((place - rng.uniform(-1, 1)) / rng.uniform(0.1, 0.6)) ** 2)
    )
    toned = power * 10 ** (np.float32(0.1) * decibels.astype(np.float32))
    return np.asarray(toned / max(float(toned.mean()), 1e-12))


def take(folder: Path, path: Path) -> Take:
    """The take of the item at `path`, made once and kept."""
    kept = folder / "takes" / path.name
    if not kept.exists():
        kept.parent.mkdir(exist_ok=True)
        with written(kept) as file:
            np.savez(file, allow_pickle=False, **_made(path))
    with np.load(kept) as found:
        return _taken(found, found["pitched"], found["joint"])


def _kit(path: Path) -> Take:
    """Drums without notes, as `render.struck` made them."""
    none = np.zeros((0, bands.BANDS), np.uint8)
    with np.load(path) as found:
        return _taken(found, none, none)


def _taken(found: Mapping[str, np.ndarray], pitched: bands.Loudness, joint: bands.Loudness) -> Take:
    frames = len(found["drums"])
    struck = targets(found["strokes"][:, 0], found["strokes"][:, 1], frames)
    shaken = targets(found["shaken"], np.zeros(found["shaken"].size), frames)[:, 0] > 0
    return Take(found["drums"], pitched, joint, struck, shaken)


def _made(path: Path) -> dict[str, np.ndarray]:
    item = items.load(path)
    rng = np.random.default_rng([SEED, int(path.stem)])
    louder = 10 ** (rng.uniform(-8, 8) / 20)
    joint = item.pitched / items.loud(item.pitched) + louder * item.drums / items.loud(item.drums)
    whole = int(path.stem) % WHOLE_MIXES == 0
    return {
        "drums": bands.of([item.drums]),
        "pitched": bands.of([item.pitched]),
        "joint": bands.of([produced(rng, joint)]) if whole else np.zeros((0, bands.BANDS), np.uint8),
        "strokes": item.strokes,
        "shaken": item.shaken,
    }


def targets(times: np.ndarray, places: np.ndarray, frames: int) -> np.ndarray:
    """1 where a piece is struck, 0.5 in the frames beside it."""
    struck = np.zeros((frames + 2, len(PIECES_OF_KIT)), np.float32)
    inside = (times >= 0) & (times < (frames - 1) * bands.HOP / RATE_HZ)
    for frame, place in zip(
        np.round(times[inside] * RATE_HZ / bands.HOP).astype(int) + 1, places[inside].astype(int), strict=True
    ):
        struck[frame - 1 : frame + 2, place] = np.maximum(
            struck[frame - 1 : frame + 2, place], (0.5, 1.0, 0.5)
        )
    return struck[1:-1]


def export(net: DrumNet, path: Path) -> None:
    """Write the network for onnxruntime, for any number of frames."""
    torch.onnx.export(
        Sure(net).eval(),
        (torch.zeros(1, 400, bands.BANDS),),
        path,
        input_names=["loudness"],
        output_names=["struck"],
        dynamic_axes={"loudness": {1: "frames"}, "struck": {1: "frames"}},
        opset_version=17,
        dynamo=False,
    )


def _keep(
    path: Path, net: DrumNet, mean: AveragedModel, optimiser: torch.optim.Optimizer, state: dict[str, Any]
) -> None:
    weights = {"net": net.state_dict(), "mean": mean.state_dict()}
    with written(path) as file:
        torch.save(state | weights | {"optimiser": optimiser.state_dict()}, file)


if __name__ == "__main__":
    main()
