"""The cheap graph: one window of sound in, note and onset of its 142 kept frames out.

Frames are counted as in the original, 0 to 171, of which 15 to 156 are kept. What each part computes is what the next
one needs: onsets and notes 14-157, from them and 13-158 of the onsets' inner layer, 11-160 of the notes' inner one,
8-163 of the contour, 6-165 of its inner layer, 5-166 of the spectrum.
"""

from typing import Final

import numpy as np
import onnx
from numpy.typing import ArrayLike

from bot.studio.transcriber.graph import packing
from bot.studio.transcriber.graph.original import OCTAVE_BINS, OCTAVES, TAPS, Weights
from bot.studio.transcriber.graph.writer import WHOLE, Writer

WINDOW: Final = 43_844
FRAMES: Final = 172
KEPT: Final = (15, 157)
PITCHES: Final = 88
CONTOUR_BINS: Final = 264

INPUT: Final = "sound"
NOTES: Final = "notes"
ONSETS: Final = "onsets"

HARMONIC_BINS: Final = (-36, 0, 36, 57, 72, 84, 93, 101)
"""How far the octave below and the second to seventh partial lie from a bin: three bins a semitone."""

DECIBELS: Final = 10 / np.log(10)


def rewritten(weights: Weights) -> onnx.ModelProto:
    """The whole network."""
    graph = Writer(INPUT)
    stacked = _harmonics(graph, _loudness(graph, weights, _power(graph, weights)))
    contour = _contour(graph, weights, stacked)
    notes = _notes(graph, weights, contour)
    _kept(graph, notes, NOTES)
    _kept(graph, _onsets(graph, weights, stacked, notes), ONSETS)
    shape = ["windows", KEPT[1] - KEPT[0], PITCHES]
    return graph.model({INPUT: ["windows", WINDOW, 1]}, {NOTES: shape, ONSETS: shape})


def _power(graph: Writer, weights: Weights) -> str:
    """[windows, 309, 1, 172]: the spectrum, an octave at a time, each from half of the samples of the one above."""
    sound, samples = graph.reshape(graph.input, -1, 1, 1, WINDOW), WINDOW
    octaves = []
    for octave, (real, imaginary) in enumerate(weights.wavelets):
        last = weights.gain.size - OCTAVE_BINS * octave
        gain = weights.gain[max(last - OCTAVE_BINS, 0) : last, None]
        # The gain is a factor of the amplitude; the lowest octave has fewer bins than the others.
        parts = np.concatenate([part[-gain.size :] * gain for part in (real, imaginary)])
        step = TAPS >> octave
        reflected = graph.pad(sound, TAPS // 2, TAPS // 2, mode="reflect")
        both = graph.conv(reflected, parts[:, None, None, :], strides=(1, step), pads=(0, 0, 0, 0))
        squares = graph.op("Mul", both, both)
        power = graph.op(
            "Add",
            graph.cut(squares, 0, gain.size, axis=1),
            graph.cut(squares, gain.size, 2 * gain.size, axis=1),
        )
        octaves.append(graph.cut(power, 0, FRAMES, axis=3))
        if octave < OCTAVES - 1:
            sound, samples = _halved(graph, weights, octave, sound, samples)
    return graph.op("Concat", *reversed(octaves), axis=1)


def _halved(graph: Writer, weights: Weights, octave: int, sound: str, samples: int) -> tuple[str, int]:
    """Every second sample of `sound` behind the low pass."""
    kernel = weights.halving[octave]
    packed = packing.in_sequence(kernel.weight[0, 0, 0], step=2)
    stride = 2 * packing.WIDTH
    before = TAPS // 2 - 1
    halved = (samples + 2 * before - TAPS) // 2 + 1
    groups = -(-halved // packing.WIDTH)
    after = (groups - 1) * stride + packed.shape[3] - samples - before
    packs = graph.conv(sound, packed, kernel.bias[0], strides=(1, stride), pads=(0, before, 0, after))
    joined = graph.reshape(graph.transpose(packs, 0, 2, 3, 1), -1, 1, 1, groups * packing.WIDTH)
    return graph.cut(joined, 0, halved, axis=3), halved


def _loudness(graph: Writer, weights: Weights, power: str) -> str:
    """[windows, 1, 172, 309]: decibels, from the window's quietest bin (0) to its loudest (1), and the batch norm."""
    power = graph.transpose(power, 0, 2, 3, 1)
    decibels = graph.op(
        "Mul",
        graph.op("Log", graph.op("Add", power, graph.numbers(weights.least_power))),
        graph.numbers(DECIBELS),
    )
    above = graph.op("Sub", decibels, graph.op("ReduceMin", decibels, axes=[2, 3], keepdims=1))
    highest = graph.op("ReduceMax", above, axes=[2, 3], keepdims=1)
    silent = graph.op("Equal", highest, graph.numbers(0.0))
    # Of silence all bins are 0, whatever they are divided by.
    divisor = graph.op("Where", silent, graph.numbers(1.0), highest)
    factor = graph.op("Div", graph.numbers(weights.scale), divisor)
    return graph.op("Add", graph.op("Mul", above, factor), graph.numbers(weights.shift))


def _harmonics(graph: Writer, loudness: str) -> str:
    """[windows, 8, 172, 264]: for each bin, the octave below it, itself and its partials."""
    lowest, highest = HARMONIC_BINS[0], HARMONIC_BINS[-1]
    padded = graph.pad(loudness, -lowest, highest)
    shifted = [
        graph.cut(padded, distance - lowest, distance - lowest + CONTOUR_BINS, axis=3)
        for distance in HARMONIC_BINS
    ]
    return graph.op("Concat", *shifted, axis=1)


def _contour(graph: Writer, weights: Weights, stacked: str) -> str:
    """[windows, 1, 156, 264]: frames 8-163."""
    inner = weights.contour_inner
    products = packing.in_four_products(inner.weight)
    used = graph.cut(stacked, 5, 167, axis=2)
    even, odd = (graph.cut(used, side, WHOLE, axis=2, step=2) for side in (0, 1))
    first, third = (graph.cut(even, start, start + 80, axis=2) for start in (0, 1))
    second, fourth = (graph.cut(odd, start, start + 80, axis=2) for start in (0, 1))
    rows = [
        graph.op("Sub", first, third),
        graph.op("Add", second, third),
        graph.op("Sub", third, second),
        graph.op("Sub", second, fourth),
    ]
    # The second product is in both sums with the same sign: it carries the bias.
    biases: list[ArrayLike] = [0.0, np.repeat(inner.bias, 2), 0.0, 0.0]
    found = [
        graph.conv(row, product, bias, strides=(1, 2), pads=(0, 19, 0, 19))
        for row, product, bias in zip(rows, products, biases, strict=True)
    ]
    even_frames = graph.op("Add", found[0], graph.op("Add", found[1], found[2]))
    odd_frames = graph.op("Sub", graph.op("Sub", found[1], found[2]), found[3])
    outer = weights.contour_outer
    for_even, for_odd = packing.of_even_and_odd(outer.weight)
    both = graph.op(
        "Add",
        graph.conv(graph.op("Relu", even_frames), for_even, outer.bias[0], strides=(1, 4), pads=(0, 1, 0, 1)),
        graph.conv(graph.op("Relu", odd_frames), for_odd, strides=(1, 4), pads=(0, 1, 0, 1)),
    )
    packs = graph.reshape(graph.op("Sigmoid", both), -1, 2, 8, 78, 33)
    return graph.reshape(graph.transpose(packs, 0, 3, 1, 4, 2), -1, 1, 156, CONTOUR_BINS)


def _notes(graph: Writer, weights: Weights, contour: str) -> str:
    """[windows, 1, 144, 88]: frames 14-157."""
    inner, outer = weights.note_inner, weights.note_outer
    layer = graph.op("Relu", graph.conv(contour, inner.weight, inner.bias, strides=(1, 3), pads=(0, 2, 0, 2)))
    square = graph.conv(
        layer, packing.in_square(outer.weight), outer.bias[0], strides=(4, 4), pads=(0, 1, 0, 1)
    )
    return _unpacked(graph, graph.op("Sigmoid", square))


def _onsets(graph: Writer, weights: Weights, stacked: str, notes: str) -> str:
    """[windows, 1, 144, 88]: frames 14-157, of which the first and last lack a neighbour."""
    inner, outer = weights.onset_inner, weights.onset_outer
    used = graph.cut(stacked, 11, 161, axis=2)
    layer = graph.op("Relu", graph.conv(used, inner.weight, inner.bias, strides=(1, 3), pads=(0, 1, 0, 1)))
    from_layer = graph.conv(
        layer, packing.in_square(outer.weight[:, 1:]), outer.bias[0], strides=(4, 4), pads=(0, 1, 0, 1)
    )
    from_notes = graph.conv(notes, packing.in_square(outer.weight[:, :1]), strides=(4, 4), pads=(1, 1, 1, 1))
    return _unpacked(graph, graph.op("Sigmoid", graph.op("Add", from_layer, from_notes)))


def _unpacked(graph: Writer, squares: str) -> str:
    side = packing.SQUARE
    packs = graph.reshape(squares, -1, side, side, 144 // side, PITCHES // side)
    return graph.reshape(graph.transpose(packs, 0, 3, 1, 4, 2), -1, 1, 144, PITCHES)


def _kept(graph: Writer, frames: str, name: str) -> None:
    inner = graph.cut(frames, 1, 143, axis=2)
    graph.reshape(inner, -1, KEPT[1] - KEPT[0], PITCHES, output=name)
