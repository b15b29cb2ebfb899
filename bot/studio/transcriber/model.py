"""The basic-pitch network, run window by window over blocks of samples."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import distribution
from pathlib import Path
from typing import Final

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from bot.studio.transcriber.decode import RATE_HZ, Samples

HOP: Final = 256
"""Samples from one frame to the next: 11.6 ms."""
WINDOW: Final = 43_844
STRIDE: Final = 36_164
EDGE_FRAMES: Final = 15
"""Frames dropped on both sides of a window, where the network lacks context."""
KEPT_FRAMES: Final = 142
LOWEST_PITCH: Final = 21
PITCHES: Final = 88

MODEL: Final = "basic_pitch/saved_models/icassp_2022/nmp.onnx"
INPUT: Final = "serving_default_input_2:0"
NOTE_OUTPUT: Final = "StatefulPartitionedCall:1"
ONSET_OUTPUT: Final = "StatefulPartitionedCall:2"

Grid = NDArray[np.float16]


@dataclass(frozen=True, slots=True)
class Activity:
    """What the network saw: how likely each pitch sounds, and begins, in each frame.

    `sounding` and `beginning` are [88, frames] (pitch 21 first) in 0..1; `level` is each frame's RMS, linear.
    Half precision: 30 minutes are 27 MB a grid.
    """

    sounding: Grid
    beginning: Grid
    level: NDArray[np.float32]

    @property
    def frames(self) -> int:
        """Number of frames."""
        return self.level.size


def seconds_of(frame: NDArray[np.int64]) -> NDArray[np.float64]:
    """When frames begin. Windows do not overlap by a whole number of frames, so the grid is not quite even."""
    window, within = np.divmod(frame, KEPT_FRAMES)
    seconds: NDArray[np.float64] = (window * STRIDE + within * HOP) / RATE_HZ
    return seconds


def model_path() -> Path:
    """The network inside the installed basic-pitch package; it is not copied anywhere."""
    return Path(str(distribution("basic-pitch").locate_file(MODEL)))


class Model:
    """A loaded network; about 30 MB and 0.1 s."""

    def __init__(self) -> None:
        """Load it for one window at a time: larger batches cost hundreds of MB and win nothing."""
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = min(2, os.cpu_count() or 1)
        options.inter_op_num_threads = 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(
            str(model_path()), options, providers=["CPUExecutionProvider"]
        )

    def activity(self, blocks: Iterable[Samples]) -> Activity:
        """Run over a whole song."""
        sounding, beginning, level = [], [], []
        for window in _windows(blocks):
            notes, onsets = self._session.run([NOTE_OUTPUT, ONSET_OUTPUT], {INPUT: window[None, :, None]})
            kept = slice(EDGE_FRAMES, EDGE_FRAMES + KEPT_FRAMES)
            sounding.append(notes[0, kept].T.astype(np.float16))
            beginning.append(onsets[0, kept].T.astype(np.float16))
            level.append(_levels(window))
        if not level:
            empty = np.zeros((PITCHES, 0), np.float16)
            return Activity(empty, empty, np.zeros(0, np.float32))
        return Activity(np.hstack(sounding), np.hstack(beginning), np.concatenate(level))


def _levels(window: Samples) -> NDArray[np.float32]:
    start = EDGE_FRAMES * HOP
    frames = window[start : start + KEPT_FRAMES * HOP].reshape(KEPT_FRAMES, HOP)
    level: NDArray[np.float32] = np.sqrt(np.mean(frames**2, axis=1))
    return level


def _windows(blocks: Iterable[Samples]) -> Iterator[Samples]:
    """Overlapping windows, with silence before the start and after the end so that every sample is kept once."""
    waiting = [np.zeros(EDGE_FRAMES * HOP, np.float32)]
    size = waiting[0].size
    fresh = 0
    for block in blocks:
        waiting.append(block)
        size += block.size
        fresh += block.size
        if size < WINDOW:
            continue
        joined = np.concatenate(waiting)
        while joined.size >= WINDOW:
            yield joined[:WINDOW]
            joined = joined[STRIDE:]
            fresh -= STRIDE
        waiting, size = [joined], joined.size
    while fresh > 0:
        joined = np.concatenate([*waiting, np.zeros(WINDOW, np.float32)])
        yield joined[:WINDOW]
        waiting = [joined[STRIDE:WINDOW]]
        fresh -= STRIDE
