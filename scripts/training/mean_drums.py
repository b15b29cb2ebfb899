"""Make one network of several states: `python -m scripts.training.mean_drums FOLDER early.pt=0.35 late.pt=0.65`.

The mean of what a training passed through is often better than where it ended. The states are those that `train_drums` keeps in
FOLDER, copied aside under other names; FOLDER/drums.onnx is what comes of them.
"""

import argparse
from pathlib import Path

import torch
from torch import Tensor

from bot.studio.transcriber import kit
from scripts.training.drum_net import DrumNet
from scripts.training.train_drums import export


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("states", nargs="+", help="a file in it, and its share")
    asked = parser.parse_args()
    states = [state.rpartition("=") for state in asked.states]
    shares = [(_averaged(torch.load(asked.folder / name)), float(share)) for name, _, share in states]
    net = DrumNet()
    net.load_state_dict(mean(shares))
    export(net, asked.folder / kit.DRUMS.name)


def _averaged(state: dict[str, dict[str, Tensor]]) -> dict[str, Tensor]:
    """The weights that `train_drums` would export there: the mean of its last steps, not where it stands."""
    named = state["mean"].items()
    return {name.removeprefix("module."): value for name, value in named if name.startswith("module.")}


def mean(shares: list[tuple[dict[str, Tensor], float]]) -> dict[str, Tensor]:
    """Each weight as the mean of those that the states have, by their shares; what is counted is as in the last one."""
    last, total = shares[-1][0], sum(share for _, share in shares)
    return {
        name: torch.stack([state[name] * (share / total) for state, share in shares]).sum(dim=0)
        if value.is_floating_point()
        else value
        for name, value in last.items()
    }


if __name__ == "__main__":
    main()
