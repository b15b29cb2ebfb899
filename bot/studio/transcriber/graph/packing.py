"""Kernels that give 16 values of one place at once, because onnxruntime computes 16 outputs whatever is asked for."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]

WIDTH: Final = 16
"""Outputs of one of onnxruntime's blocked kernels on AVX-512; two of them on AVX2."""

SQUARE: Final = 4
"""16 outputs of one are a square of 4 frames and 4 pitches."""

TOOM: Final = np.array([[1, 0, 0], [0.5, 0.5, 0.5], [0.5, -0.5, 0.5], [0, 0, 1]])
"""Winograd's F(2,3): two outputs of a kernel of three taps out of four products where six were."""


def in_sequence(taps: Array, step: int) -> Array:
    """`taps` [n] as [16, 1, 1, n + 15 * step]: the outputs of 16 places that lie `step` apart."""
    packed = np.zeros((WIDTH, 1, 1, taps.size + step * (WIDTH - 1)), np.float32)
    for place in range(WIDTH):
        packed[place, 0, 0, step * place : step * place + taps.size] = taps
    return packed


def in_square(weight: Array) -> Array:
    """[1, inputs, h, w] as [16, inputs, h + 3, w + 3]: the outputs of 4 frames and 4 pitches, frames first."""
    _, inputs, height, width = weight.shape
    packed = np.zeros((SQUARE, SQUARE, inputs, height + SQUARE - 1, width + SQUARE - 1), np.float32)
    for frame in range(SQUARE):
        for pitch in range(SQUARE):
            packed[frame, pitch, :, frame : frame + height, pitch : pitch + width] = weight[0]
    return packed.reshape(WIDTH, *packed.shape[2:])


def in_four_products(weight: Array) -> list[Array]:
    """[8, inputs, 3, w] as the four [16, inputs, 1, w + 1] of Winograd along time, each for two bins beside each other.

    Output 2 c + p is channel c at the bin p of the two.
    """
    products = np.einsum("tk,oikw->toiw", TOOM, weight.astype(np.float64)).astype(np.float32)
    outputs, inputs, _, width = weight.shape
    packed = np.zeros((len(TOOM), outputs, 2, inputs, 1, width + 1), np.float32)
    for place in range(2):
        packed[:, :, place, :, 0, place : place + width] = products
    return list(packed.reshape(len(TOOM), 2 * outputs, inputs, 1, width + 1))


def of_even_and_odd(weight: Array) -> tuple[Array, Array]:
    """[1, 8, 5, 5] as two [16, 16, 3, 6], for the even and the odd frames of what `in_four_products` leads to.

    The outputs are 2 frames and 8 bins, frames first; the sum of both kernels' results is the whole.
    """
    channels, height, width = weight.shape[1:]
    packed = np.zeros((2, 2, 8, channels, 2, 3, 6), np.float32)
    for frame, place, tap, bin_tap in np.ndindex(2, 8, height, width):
        late, odd = divmod(tap + frame, 2)
        pair, side = divmod(place + bin_tap - width // 2, 2)
        packed[odd, frame, place, :, side, late, pair + 1] += weight[0, :, tap, bin_tap]
    even, odd_frames = packed.reshape(2, WIDTH, 2 * channels, 3, 6)
    return even, odd_frames
