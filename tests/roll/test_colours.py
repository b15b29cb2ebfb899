from itertools import combinations

import numpy as np
import pytest
from numpy.typing import NDArray

from bot.music.roll.colours import GROUND, HUES, LEVELS, Rgb, note_colour, palette

# Machado, Oliveira and Fernandes 2009, severity 1, for linear light.
SIGHTS = {
    "all colours": np.eye(3),
    "no red": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "no green": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "no blue": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}

# Ottosson's Oklab.
CONES = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)
LIGHTNESS_WEIGHT = 0.6
"""Velocity moves lightness, so it tells instruments apart less than hue does."""


def seen(colour: Rgb, sight: NDArray[np.float64]) -> NDArray[np.float64]:
    share = np.array(colour) / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    lab = LAB @ np.cbrt(CONES @ np.clip(sight @ linear, 0, 1))
    return np.asarray(lab * np.array([LIGHTNESS_WEIGHT, 1, 1]), np.float64)


@pytest.mark.parametrize("sight", SIGHTS)
@pytest.mark.parametrize(("instruments", "apart"), [(4, 0.09), (7, 0.07), (16, 0.04)])
def test_the_hues_of_a_song_stay_apart_for_every_eye(instruments: int, apart: float, sight: str) -> None:
    colours = [seen(hue.rgb, SIGHTS[sight]) for hue in HUES[:instruments]]
    nearest = min(np.linalg.norm(one - other) for one, other in combinations(colours, 2))
    assert nearest > apart


def test_sixteen_instruments_are_told_apart() -> None:
    colours = [seen(hue.rgb, SIGHTS["all colours"]) for hue in HUES]
    assert len(colours) == 16
    assert min(np.linalg.norm(one - other) for one, other in combinations(colours, 2)) > 0.1


def test_the_ground_is_discords_dark_and_the_loudest_note_is_its_hue() -> None:
    entries = np.frombuffer(palette(), np.uint8).reshape(256, 3).tolist()
    assert entries[GROUND] == [0x1E, 0x1F, 0x22]
    assert [tuple(entries[note_colour(hue)]) for hue in range(len(HUES))] == [hue.rgb for hue in HUES]
    assert LEVELS == 8
