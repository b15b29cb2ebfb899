"""Writes the cheap graph, in a process of its own: `python -m bot.studio.transcriber.graph ORIGINAL RESULT`.

What it needs for that (the onnx package, 60 MB) is gone when it ends. What it wrote is tried against the original first.
"""

import sys
from pathlib import Path
from typing import Final

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from bot.studio.transcriber.graph import original, rewrite
from bot.studio.whole import write_whole

MOST_DIFFERENCE: Final = 1e-3
"""Measured: 1e-5 to 8e-5. A threshold away from a decision is 1e-2."""

ORIGINAL_INPUT: Final = "serving_default_input_2:0"
ORIGINAL_OUTPUTS: Final = ["StatefulPartitionedCall:1", "StatefulPartitionedCall:2"]


def main(source: Path, result: Path) -> None:
    """Write `result`, whole or not at all."""
    model = rewrite.rewritten(original.read(source)).SerializeToString()
    difference = _difference(source.read_bytes(), model)
    if not difference <= MOST_DIFFERENCE:
        raise original.UnknownGraphError(f"the rewritten graph differs by {difference:.2g}")
    result.parent.mkdir(parents=True, exist_ok=True)
    write_whole(result, model)


def _difference(before: bytes, after: bytes) -> float:
    sound = _try_out()
    kept = slice(*rewrite.KEPT)
    expected = _session(before).run(ORIGINAL_OUTPUTS, {ORIGINAL_INPUT: sound})
    found = _session(after).run([rewrite.NOTES, rewrite.ONSETS], {rewrite.INPUT: sound})
    return max(float(np.abs(one[:, kept] - other).max()) for one, other in zip(expected, found, strict=True))


def _try_out() -> NDArray[np.float32]:
    """A window of struck chords over noise."""
    seconds = np.arange(rewrite.WINDOW) / 22_050
    noise = np.random.default_rng(0).normal(0, 0.01, seconds.size)
    chord = sum(np.sin(2 * np.pi * hz * seconds) for hz in (55.0, 220.5, 331.0, 1046.5))
    sound: NDArray[np.float32] = (noise + 0.2 * chord * np.exp(-4 * (seconds % 0.45))).astype(np.float32)
    return sound[None, :, None]


def _session(model: bytes) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
