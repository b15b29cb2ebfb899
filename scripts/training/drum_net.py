"""The network for drums: [batch, frames, 64] of loudness to [batch, frames, 7], how likely each piece is struck."""

from typing import Final

import torch
from torch import Tensor, nn

from scripts.training.music.piece import PIECES_OF_KIT

WIDTH: Final = 64


def _seen(before: int, after: int) -> nn.Sequential:
    """What neighbouring bands and frames have in common, for every other band."""
    return nn.Sequential(
        nn.Conv2d(before, after, (3, 5), stride=(1, 2), padding=(1, 2), bias=False),
        nn.BatchNorm2d(after),
        nn.ReLU(),
    )


class _Around(nn.Module):
    """Adds what is so many frames before and after."""

    def __init__(self, apart: int) -> None:
        super().__init__()
        self.step = nn.Sequential(
            nn.Conv1d(WIDTH, WIDTH, 5, padding=2 * apart, dilation=apart, bias=False),
            nn.BatchNorm1d(WIDTH),
            nn.ReLU(),
        )

    def forward(self, x: Tensor) -> Tensor:
        return x + self.step(x)


class DrumNet(nn.Module):
    """130 000 weights; it sees 30 frames (0.35 s) to either side."""

    def __init__(self) -> None:
        """With weights at random."""
        super().__init__()
        self.see = nn.Sequential(_seen(1, 16), _seen(16, 24), _seen(24, 32))
        self.gather = nn.Sequential(
            nn.Conv1d(256, WIDTH, 3, padding=1, bias=False), nn.BatchNorm1d(WIDTH), nn.ReLU()
        )
        self.around = nn.Sequential(_Around(1), _Around(4), _Around(8), nn.Dropout(0.1))
        self.say = nn.Conv1d(WIDTH, len(PIECES_OF_KIT), 1)
        nn.init.constant_(self.say.bias, -3.0)

    def forward(self, x: Tensor) -> Tensor:
        seen = self.see(x[:, None])
        batch, channels, frames, bands = seen.shape
        flat = seen.permute(0, 1, 3, 2).reshape(batch, channels * bands, frames)
        said: Tensor = self.say(self.around(self.gather(flat))).transpose(1, 2)
        return said


class Sure(nn.Module):
    """The network as it is used: probabilities instead of logits."""

    def __init__(self, net: DrumNet) -> None:
        """Around a trained network."""
        super().__init__()
        self.net = net

    def forward(self, x: Tensor) -> Tensor:
        return torch.sigmoid(self.net(x))
