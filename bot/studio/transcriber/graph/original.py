"""The weights of the network as its package has them, found by their shapes."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

Array = NDArray[np.float32]
T = TypeVar("T")

OCTAVES: Final = 9
OCTAVE_BINS: Final = 36
BINS: Final = 309
TAPS: Final = 256
"""Each octave's wavelets are this long, at half of the rate of the octave above."""


class UnknownGraphError(Exception):
    """This is not the graph that the rewriting knows."""


@dataclass(frozen=True, slots=True)
class Kernel:
    """A convolution: `weight` is [outputs, inputs, height, width]."""

    weight: Array
    bias: Array


@dataclass(frozen=True, slots=True)
class Weights:
    """All that the network has learned, and its constants.

    `wavelets` are the spectrum's (real, imaginary) parts, [36, 256] an octave, the highest first; `halving` are the low
    passes between the octaves. `gain` is each bin's. `scale` and `shift` are the batch norm of the loudness.
    """

    wavelets: list[tuple[Array, Array]]
    halving: list[Kernel]
    gain: Array
    least_power: float
    scale: float
    shift: float
    contour_inner: Kernel
    contour_outer: Kernel
    note_inner: Kernel
    note_outer: Kernel
    onset_inner: Kernel
    onset_outer: Kernel


def read(path: Path) -> Weights:
    """The weights in the file at `path`.

    Raises:
        UnknownGraphError: it has other parts than expected.
    """
    graph = onnx.load(str(path)).graph
    values = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    convolutions = [node for node in graph.node if node.op_type == "Conv"]
    kernels = [Kernel(values[node.input[1]], values[node.input[2]]) for node in convolutions]
    steps = [_attribute(node, "strides")[1] for node in convolutions]

    def kernel(*shape: int) -> Kernel:
        return _only([kernel for kernel in kernels if kernel.weight.shape == shape], f"kernels {shape}")

    def scalar(operation: str, *shape: int) -> float:
        found = [
            values[node.input[1]]
            for node in graph.node
            if node.op_type == operation and node.input[1] in values and values[node.input[1]].shape == shape
        ]
        return float(_only(found[:1], f"constants of {operation}").reshape(()))

    return Weights(
        wavelets=_wavelets(kernels, steps),
        halving=_counted(
            [k for k in kernels if k.weight.shape == (1, 1, 1, TAPS)], OCTAVES - 1, "low passes"
        ),
        gain=_only([v for v in values.values() if v.shape == (BINS, 1, 1)], "gains").reshape(BINS),
        least_power=scalar("Add"),
        scale=scalar("Mul", 1),
        shift=scalar("Add", 1),
        contour_inner=kernel(8, 8, 3, 39),
        contour_outer=kernel(1, 8, 5, 5),
        note_inner=kernel(32, 1, 7, 7),
        note_outer=kernel(1, 32, 7, 3),
        onset_inner=kernel(32, 8, 5, 5),
        onset_outer=kernel(1, 33, 3, 3),
    )


def _wavelets(kernels: list[Kernel], steps: list[int]) -> list[tuple[Array, Array]]:
    by_step: dict[int, list[Array]] = {}
    for kernel, step in zip(kernels, steps, strict=True):
        if kernel.weight.shape == (OCTAVE_BINS, 1, 1, TAPS):
            by_step.setdefault(step, []).append(kernel.weight[:, 0, 0])
    octaves = [by_step[step] for step in sorted(by_step, reverse=True)]
    if len(octaves) != OCTAVES or any(len(parts) != 2 for parts in octaves):
        raise UnknownGraphError(f"{len(octaves)} octaves")
    return [(real, imaginary) for real, imaginary in octaves]


def _attribute(node: onnx.NodeProto, name: str) -> Any:
    return next(helper.get_attribute_value(given) for given in node.attribute if given.name == name)


def _only(found: Iterable[T], what: str) -> T:
    return _counted(list(found), 1, what)[0]


def _counted(found: list[T], count: int, what: str) -> list[T]:
    if len(found) != count:
        raise UnknownGraphError(f"{len(found)} {what} where there should be {count}")
    return found
