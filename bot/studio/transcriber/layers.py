"""The small networks that judge beginnings and endings: a few layers over dozens or hundreds of numbers, in NumPy alone."""

from pathlib import Path
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from bot.studio.transcriber.candidates import Numbers

NOTES: Final = Path(__file__).parent / "weights/notes.npz"

AT_ONCE: Final = 8192


class Layers:
    """One network: numbers in, the logarithm of the odds out."""

    def __init__(self, mean: Numbers, scale: Numbers, layers: list[tuple[Numbers, Numbers]]) -> None:
        """`mean` and `scale` are of the numbers that it was trained on; each layer has weights [out, in] and biases."""
        (weight, bias), *others = layers
        # What is done to all numbers is done to the first weights once.
        weight = weight / scale
        self._layers = [(weight, bias - weight @ mean), *others]

    @classmethod
    def load(cls, name: str, weights: Path) -> Self:
        """The network `name` of the weights in a file."""
        with np.load(weights) as kept:
            parts = {
                key.removeprefix(name + "."): kept[key].astype(np.float32)
                for key in kept.files
                if key.startswith(name + ".")
            }
        count = sum(key.startswith("weight") for key in parts)
        layers = [(parts[f"weight{layer}"], parts[f"bias{layer}"]) for layer in range(count)]
        return cls(parts["mean"], parts["scale"], layers)

    def __call__(self, numbers: Numbers) -> NDArray[np.float32]:
        """The logarithm of the odds for each row of `numbers`."""
        parts = [self._some(numbers[start : start + AT_ONCE]) for start in range(0, len(numbers), AT_ONCE)]
        return np.concatenate(parts) if parts else np.zeros(0, np.float32)

    def _some(self, numbers: Numbers) -> NDArray[np.float32]:
        values = numbers
        for weight, bias in self._layers[:-1]:
            values = np.maximum(values @ weight.T + bias, 0.0)
        weight, bias = self._layers[-1]
        found: NDArray[np.float32] = (values @ weight.T + bias)[:, 0]
        return found
